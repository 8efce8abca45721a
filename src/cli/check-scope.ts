/** Which part of the baseline a check is about: by the files that were named, and the phases. */

import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Discovery, discover } from '../files/discover.ts';
import { isWithin } from '../files/root.ts';
import type { MigrateOptions } from '../migrate.ts';
import type { Scope } from '../ratchet/compare.ts';
import type { TransformInfo } from '../report/explain.ts';
import type { FileProblem, Migration } from '../result.ts';

/** The files of a check. */
export interface Checked {
  scope: Scope;
  /** Absolute paths. */
  files: ReadonlySet<string>;
  /** Of those files and of the paths that were named. */
  problems: FileProblem[];
}

/** Problems with which a file was judged all the same. */
const JUDGED_ALL_THE_SAME: ReadonlySet<FileProblem['code']> = new Set([
  'validation',
  'compile',
  'write',
]);

/**
 * @param request its paths are those that were named
 * @param migration of the whole project
 * @param catalog all transforms
 */
export function scopeOf(
  request: MigrateOptions,
  migration: Migration,
  catalog: readonly TransformInfo[],
): Checked {
  const { root, problems } = migration;
  const { cwd, exclude, selection } = request;
  const named = discover(request.paths, { ...request, root });
  const whole = discover([root, ...request.paths], { cwd, root, exclude });
  const files = new Set(named.files);
  const unread = new Set(
    problems.filter(({ code }) => !JUDGED_ALL_THE_SAME.has(code)).map(({ path }) => path),
  );
  const read = new Set(whole.files.filter((path) => !unread.has(path)));
  const folders = request.paths.map((path) => resolve(cwd, path)).filter(isFolder);
  const scope: Scope = {
    phases: selection.phases.filter((phase) => phase !== 0),
    hasName: (name, phase) => {
      const owners = catalog.filter((each) => each.phase === phase && owns(each, name));
      return owners.length === 0 || owners.some(({ id }) => selection.transforms.has(id));
    },
    hasFile: (path) => {
      const file = resolve(root, path);
      return files.has(file) || (!existsSync(file) && folders.some((each) => isWithin(each, file)));
    },
    isKnown: (path) => {
      const file = resolve(root, path);
      return read.has(file) || !existsSync(file);
    },
  };
  return { scope, files, problems: problemsOf(named, problems, files) };
}

/** A transform that owns a module owns all that is read from it. */
function owns({ names }: TransformInfo, name: string): boolean {
  return names.includes(name) || names.includes(name.slice(0, name.indexOf('.')));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** What the search for the named files gave, and what reading them did. */
function problemsOf(
  named: Discovery,
  all: readonly FileProblem[],
  files: ReadonlySet<string>,
): FileProblem[] {
  const known = new Set(named.problems.map(({ path }) => path));
  return [...named.problems, ...all.filter(({ path }) => files.has(path) && !known.has(path))];
}
