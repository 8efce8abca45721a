/** The diff as a patch: which folder its names start from, and the file that `--patch` asks for. */

import { dirname, isAbsolute, relative } from 'node:path';
import { unifiedBytes } from '../report/unified.ts';
import type { FileChange, Migration } from '../result.ts';
import { type OutputFile, writeOutput } from './output-file.ts';
import type { Terminal } from './terminal.ts';

/** Writes the diff as `git apply` takes it: each file's lines in its own encoding. */
export function writePatch(
  migration: Migration,
  file: OutputFile,
  terminal: Terminal,
  context?: number,
): void {
  const from = baseOf(migration.changes, migration.root, terminal);
  const parts = migration.changes.map((change) => unifiedBytes(change, { from, context }));
  writeOutput(file, Buffer.concat(parts), terminal);
}

/** The folder that the diff's names are relative to: this one where it can be, else it is said. */
export function baseOf(changes: readonly FileChange[], root: string, terminal: Terminal): string {
  const paths = changes.map((change) => change.path);
  if (paths.every((path) => isBelow(path, terminal.cwd))) return terminal.cwd;
  const base = commonFolder(paths, root);
  terminal.stderr.write(`The names in this diff are relative to ${base}: apply it there.\n`);
  return base;
}

function commonFolder(paths: readonly string[], root: string): string {
  let folder = root;
  while (!paths.every((path) => isBelow(path, folder)) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return folder;
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way !== '..' && !/^\.\.[/\\]/.test(way);
}
