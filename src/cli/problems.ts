/** Files that could not be taken along: a line each, and the exit code. */

import { relativePath } from '../report/layout.ts';
import type { FileProblem, Note } from '../result.ts';
import { type Terminal, writeLines } from './terminal.ts';

/** Everything was done. */
export const DONE = 0;
/** Something would change, and a flag asked to be told so. */
export const WOULD_CHANGE = 1;
/** Wrong usage, or something failed. */
export const FAILED = 2;

/** Writes `path:line: message` for each on stderr, the path as seen from the current folder. */
export function showProblems(problems: readonly FileProblem[], terminal: Terminal): void {
  writeLines(
    terminal.stderr,
    problems.map((problem) => {
      const path = relativePath(terminal.cwd, problem.path) || '.';
      const cell = problem.cell === undefined ? '' : `:cell ${problem.cell}`;
      const line = problem.line === undefined ? '' : `:${problem.line}`;
      return `${path}${cell}${line}: ${problem.message}`;
    }),
  );
}

/** Writes `path:line: note: message` for each on stderr; a note is no failure. */
export function showNotes(notes: readonly Note[], terminal: Terminal): void {
  writeLines(
    terminal.stderr,
    notes.map(({ path, cell, line, message }) => {
      const inCell = cell === undefined ? '' : `cell ${cell}:`;
      return `${relativePath(terminal.cwd, path)}:${inCell}${line}: note: ${message}`;
    }),
  );
}
