/** Which Python files a run is about. */

import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { FileProblem } from '../result.ts';
import type { Provided } from './chosen.ts';
import { isIgnoredByGit, listWithGit } from './git-listing.ts';
import { type Excluder, excluder, isIgnored, rulesAbove } from './ignore-rules.ts';
import { errorCode, isUndecodable, plainReason, reasonAt } from './reason.ts';
import { isWithin, nearestWith } from './root.ts';
import { isPythonName, isSkippedName } from './skip.ts';
import { type Listing, walkPython } from './walk.ts';

export interface DiscoverOptions {
  /** Absolute path that the given paths and the excludes are relative to. */
  cwd: string;
  /** Absolute path of the project's root, as `findRoot` gives it. */
  root: string;
  /** Patterns in gitignore syntax. */
  exclude: string[];
  /** More of them, relative to a folder of their own. */
  excludeBelow?: Excludes;
  /** Whether the patterns hold for files that are named outright as well. */
  forceExclude?: boolean;
  /** Files that a program listed; none are a choice too. */
  listed?: readonly string[];
  /** A file whose text is handed in. */
  provided?: Pick<Provided, 'path'>;
}

/** Patterns in gitignore syntax, and the absolute path that they are relative to. */
export interface Excludes {
  folder: string;
  patterns: string[];
}

/** What was found: files as sorted absolute paths, each once, and the paths that failed. */
export interface Discovery {
  files: string[];
  problems: FileProblem[];
}

/**
 * Finds the `*.py`, `*.pyi` and `*.ipynb` files at and below paths.
 *
 * A directory is searched the way git sees it (.gitignore is honoured, other checkouts below are
 * left out), without virtual environments, caches and installed packages. A directory named
 * outright is searched even if it is one of those, or is ignored. A file named outright is always
 * taken, whatever its name and whatever the rules say.
 *
 * A link found by the search stands for its target, if that is a file below `root`; a link named
 * outright stands for its target wherever that is. So no file comes twice.
 *
 * A file of a list is taken when it is there, its name says Python, and it is not excluded; others
 * are passed over, folders too. A file whose text is handed in need not exist.
 *
 * @param paths Absolute, or relative to `cwd`. None means `cwd`, unless files were chosen otherwise.
 */
export function discover(paths: readonly string[], options: DiscoverOptions): Discovery {
  const found = new Set<string>();
  const problems: FileProblem[] = [];
  const search = new Search(options);
  const { listed, provided } = options;
  if (provided) found.add(provided.path);
  for (const file of search.takeListed(listed ?? [])) found.add(file);
  for (const path of paths.length === 0 && !listed && !provided ? ['.'] : paths) {
    const named = search.takeNamed(path);
    for (const file of named.files) found.add(file);
    problems.push(...named.problems);
  }
  return { files: [...found].sort(), problems: uniqueProblems(problems) };
}

class Search {
  readonly #options: DiscoverOptions;
  readonly #realRoot: string;
  readonly #canonicalDirectories = new Map<string, string | undefined>();

  constructor(options: DiscoverOptions) {
    this.#options = options;
    this.#realRoot = realPath(options.root) ?? options.root;
  }

  takeNamed(path: string): Listing {
    const absolute = resolve(this.#options.cwd, path);
    // An unset shell variable must not stand for the whole project.
    if (path === '') return failed(absolute, 'not-found', 'the path is empty');
    let stats: Stats;
    try {
      stats = statSync(absolute);
    } catch (error) {
      const isGone = ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '');
      return failed(absolute, isGone ? 'not-found' : 'unreadable', plainReason(error));
    }
    const canonical = this.#canonical(absolute) ?? absolute;
    if (stats.isDirectory()) return this.#takeDirectory(canonical);
    if (stats.isFile())
      return { files: this.#isForcedOut(canonical) ? [] : [canonical], problems: [] };
    return failed(absolute, 'unreadable', 'not a regular file');
  }

  #isForcedOut(file: string): boolean {
    const { forceExclude, root } = this.#options;
    return forceExclude === true && this.#excluder(root)(file, false);
  }

  takeListed(paths: readonly string[]): string[] {
    const { cwd, root } = this.#options;
    const isExcluded = this.#excluder(root);
    return paths
      .map((path) => resolve(cwd, path))
      .filter((path) => isPythonName(path) && statSync(path, { throwIfNoEntry: false })?.isFile())
      .map((path) => this.#canonical(path) ?? path)
      .filter((path) => !isExcluded(path, false));
  }

  #takeDirectory(directory: string): Listing {
    const isExcluded = this.#excluder(directory);
    const listing = this.#list(directory, isExcluded);
    const kept = listing.files.filter((file) => !isExcluded(file, false));
    const taken = kept.map((file) => this.#takeFound(file, isExcluded));
    const files = taken.filter((file) => typeof file === 'string');
    const problems = [...listing.problems, ...taken.filter((file) => typeof file === 'object')];
    if (files.length === 0 && problems.length === 0) {
      problems.push({ path: directory, code: 'no-python', message: 'no Python files found here' });
    }
    return { files, problems };
  }

  #excluder(directory: string): Excluder {
    const { exclude, cwd, excludeBelow } = this.#options;
    const byFlag = excluder(exclude, cwd, directory);
    if (!excludeBelow) return byFlag;
    const others = excluder(excludeBelow.patterns, excludeBelow.folder, directory);
    return (path, isDirectory) => byFlag(path, isDirectory) || others(path, isDirectory);
  }

  /** Lists a directory: by git in a checkout, else by walking. */
  #list(directory: string, isExcluded: Excluder): Listing {
    const checkout = nearestWith(directory, ['.git']);
    const isBelow = checkout !== undefined && checkout !== directory;
    const isAskedFor = isBelow && isIgnoredByGit(directory);
    if (checkout !== undefined && !isAskedFor) {
      const files = listWithGit(directory);
      if (files !== undefined) return { files, problems: [] };
    }
    const above = rulesAbove(directory, checkout ?? this.#options.root);
    const rules = isAskedFor || isIgnored(above, directory, true) ? [] : above;
    const listCheckout = (other: string): Listing =>
      checkout === undefined ? this.#list(other, isExcluded) : { files: [], problems: [] };
    return walkPython(directory, { rules, isExcluded, listCheckout });
  }

  /** What a listed path stands for: a file, a problem, or nothing if it is gone or not ours. */
  #takeFound(file: string, isExcluded: Excluder): string | FileProblem | undefined {
    let stats: Stats;
    try {
      stats = lstatSync(file);
    } catch (error) {
      // Git lists tracked files that are gone.
      if (errorCode(error) === 'ENOENT' && !isUndecodable(file)) return undefined;
      return { path: file, code: 'unreadable', message: reasonAt(file, error) };
    }
    if (stats.isSymbolicLink()) return this.#followLink(file, isExcluded);
    const directory = this.#canonicalDirectory(dirname(file));
    return stats.isFile() && directory !== undefined ? join(directory, basename(file)) : undefined;
  }

  #followLink(link: string, isExcluded: Excluder): string | undefined {
    const target = this.#canonical(link);
    if (target === undefined || !isWithin(this.#options.root, target)) return undefined;
    const isOthers = relative(this.#options.root, dirname(target)).split(sep).some(isSkippedName);
    if (isOthers || isExcluded(target, false)) return undefined;
    return statSync(target, { throwIfNoEntry: false })?.isFile() ? target : undefined;
  }

  #canonicalDirectory(directory: string): string | undefined {
    if (!this.#canonicalDirectories.has(directory)) {
      this.#canonicalDirectories.set(directory, this.#canonical(directory));
    }
    return this.#canonicalDirectories.get(directory);
  }

  /**
   * The one path of a file: its real path, spelled from `root` where it lies below, so that paths
   * relative to the root can be shown even if the root was reached through a link.
   */
  #canonical(path: string): string | undefined {
    const real = realPath(path);
    if (real === undefined || !isWithin(this.#realRoot, real)) return real;
    return join(this.#options.root, relative(this.#realRoot, real));
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

function failed(path: string, code: FileProblem['code'], message: string): Listing {
  return { files: [], problems: [{ path, code, message }] };
}

function uniqueProblems(problems: FileProblem[]): FileProblem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
