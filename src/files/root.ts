/** Where a project begins: facts (its anyio, its other files) are looked for from there down. */

import { existsSync, statSync } from 'node:fs';
import { dirname, join, parse, relative, resolve, sep } from 'node:path';

const MANIFESTS = ['pyproject.toml', 'setup.cfg', 'setup.py', 'requirements.txt'];

/**
 * Finds the project's root for paths as the command line gives them.
 *
 * It is the nearest directory, from the paths' common directory upwards, that holds `.git` (a
 * directory, or the file that a worktree or submodule has); else the nearest with a manifest of
 * Python packaging; else the common directory itself.
 *
 * @param paths Absolute, or relative to `cwd`; they need not exist. None means `cwd`.
 * @param cwd Absolute path.
 * @returns Absolute path of a directory, with symbolic links left as they are written.
 */
export function findRoot(paths: string[], cwd: string): string {
  const common = commonFolder(paths, cwd);
  return nearestWith(common, ['.git']) ?? nearestWith(common, MANIFESTS) ?? common;
}

/** The deepest directory that all the paths lie in; the parameters are those of `findRoot`. */
export function commonFolder(paths: readonly string[], cwd: string): string {
  const directories = paths.map((path) => directoryOf(resolve(cwd, path)));
  return directories.length === 0 ? resolve(cwd) : directories.reduce(commonDirectory);
}

/**
 * The nearest directory, `directory` itself first, that holds an entry with one of the names.
 *
 * @param directory Absolute path.
 */
export function nearestWith(directory: string, names: readonly string[]): string | undefined {
  const { root } = parse(directory);
  for (let at = directory; ; at = dirname(at)) {
    if (names.some((name) => existsSync(join(at, name)))) return at;
    if (at === root) return undefined;
  }
}

/** Whether an absolute path is `directory` or lies below it; by the text of the paths alone. */
export function isWithin(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && resolve(directory, way) === resolve(path);
}

function directoryOf(path: string): string {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isDirectory ? path : dirname(path);
}

function commonDirectory(a: string, b: string): string {
  let common = a;
  while (!isWithin(common, b) && common !== dirname(common)) common = dirname(common);
  return common;
}
