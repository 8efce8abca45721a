/** Directories below a named one that never hold the project's own code, and other Python names. */

import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { STATE_FOLDER } from './state.ts';

const SKIPPED_DIRECTORIES: ReadonlySet<string> = new Set([
  '.git',
  'node_modules',
  '__pycache__',
  '.venv',
  '.tox',
  '.nox',
  '.mypy_cache',
  '.ipynb_checkpoints',
  '.eggs',
  'site-packages',
  STATE_FOLDER,
]);

/** The file that marks a virtual environment, whatever the directory is called (PEP 405). */
export const ENVIRONMENT_MARK = 'pyvenv.cfg';

/** Whether a directory is skipped for its name alone. */
export function isSkippedName(name: string): boolean {
  return SKIPPED_DIRECTORIES.has(name);
}

/** Whether a file's name says Python source, stub or notebook. */
export function isPythonName(name: string): boolean {
  return name.endsWith('.py') || name.endsWith('.pyi') || isNotebookName(name);
}

/** Whether a path is that of a Jupyter notebook, by its name. */
export function isNotebookName(path: string): boolean {
  return path.endsWith('.ipynb');
}

/**
 * Makes a test for files of a listing: whether one lies in a skipped directory or in a virtual
 * environment below `start`. `start` itself was asked for, so neither its name nor what it is
 * counts. Each directory is looked at once.
 *
 * @param start Absolute path of a directory.
 */
export function skipperBelow(start: string): (file: string) => boolean {
  const environments = new Map<string, boolean>();
  const isEnvironment = (directory: string): boolean => {
    const known = environments.get(directory);
    if (known !== undefined) return known;
    const inside =
      directory !== start &&
      (existsSync(join(directory, ENVIRONMENT_MARK)) || isEnvironment(dirname(directory)));
    environments.set(directory, inside);
    return inside;
  };
  return (file) =>
    relative(start, dirname(file)).split(sep).some(isSkippedName) || isEnvironment(dirname(file));
}
