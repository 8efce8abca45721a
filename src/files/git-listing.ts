/** Python files below a directory, by asking git: exact about what is ignored, and fast. */

import { join } from 'node:path';
import { runGit, splitZ } from './run-git.ts';
import { skipperBelow } from './skip.ts';

/**
 * Lists the Python files of a checkout below a directory, tracked or not, less those that git
 * ignores. Submodules and other checkouts below are left out: their files belong to another
 * history, so they are to be named outright. A listed file may be gone, or be a link.
 *
 * @param directory Absolute path inside a git checkout.
 * @returns Absolute paths in no order, or undefined where git is missing, refuses ("dubious
 *   ownership", a bare repository) or warns: a directory that git cannot open is a warning only,
 *   and the walk says which.
 */
export function listWithGit(directory: string): string[] | undefined {
  const run = runGit(directory, [
    ...['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    ...['--', '*.py', '*.pyi', '*.ipynb'],
  ]);
  if (run.status !== 0 || run.stderr !== '') return undefined;
  const isSkipped = skipperBelow(directory);
  return splitZ(run.stdout)
    .map((name) => join(directory, name))
    .filter((file) => !isSkipped(file));
}

/** Whether git ignores a directory as a whole, so that a listing of it is empty. */
export function isIgnoredByGit(directory: string): boolean {
  return runGit(directory, ['check-ignore', '--quiet', '.']).status === 0;
}
