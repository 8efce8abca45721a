/** `diff`, which `apply --dry-run` is too: the changes on stdout, the sums on stderr. Never writes. */

import { dirname, isAbsolute, relative } from 'node:path';
import { diffJson } from '../report/json.ts';
import { styleFor } from '../report/style.ts';
import { summary } from '../report/summary.ts';
import { unifiedBytes, unifiedText } from '../report/unified.ts';
import type { Migration } from '../result.ts';
import { UsageError } from '../usage.ts';
import { isOn, lastValue, type ParsedArgs } from './flags.ts';
import { DONE, FAILED, showProblems, WOULD_CHANGE } from './problems.ts';
import { commandLine, requestOf } from './request.ts';
import { type Terminal, widthOf, writeLines } from './terminal.ts';

/** @returns the exit code */
export async function run(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  const context = contextLines(lastValue(argv, 'unified'));
  const migration = await terminal.engine.migrate(await requestOf(argv, terminal, 'hybrid'));
  return showDiff(migration, argv, terminal, context);
}

/**
 * Prints the diff, or the JSON report, of a migration.
 *
 * @param context unchanged lines around each change
 * @returns the exit code
 */
export function showDiff(
  migration: Migration,
  argv: ParsedArgs,
  terminal: Terminal,
  context?: number,
): number {
  if (isOn(argv, 'json')) {
    terminal.stdout.write(`${JSON.stringify(diffJson(migration, context), null, 2)}\n`);
  } else {
    writeDiff(migration, terminal, context);
    writeLines(terminal.stderr, closing(migration, argv, terminal, 'would'));
  }
  showProblems(migration.problems, terminal);
  if (migration.problems.length > 0) return FAILED;
  return isOn(argv, 'exit-code') && migration.changes.length > 0 ? WOULD_CHANGE : DONE;
}

/** The closing words of diff and apply; none where the problems say that no file was found. */
export function closing(
  migration: Migration,
  argv: ParsedArgs,
  terminal: Terminal,
  tense: 'would' | 'did',
): string[] {
  if (migration.filesSeen === 0 && migration.problems.length > 0) return [];
  const stream = tense === 'would' ? terminal.stderr : terminal.stdout;
  return summary(migration, {
    cwd: terminal.cwd,
    width: widthOf(stream),
    style: styleFor(stream, terminal.env),
    tense,
    verbose: isOn(argv, 'verbose'),
    planCommand: commandLine('plan', argv),
  });
}

function writeDiff(migration: Migration, terminal: Terminal, context: number | undefined): void {
  const { stdout } = terminal;
  const from = baseOf(migration, terminal);
  const options = { from, context, style: styleFor(stdout, terminal.env) };
  for (const change of migration.changes) {
    // A terminal reads UTF-8 whatever the file is in; a patch must have the file's own bytes.
    const show = stdout.isTTY === true ? unifiedText : unifiedBytes;
    stdout.write(show(change, options));
  }
}

/** The folder that the diff's names are relative to: this one where it can be. */
function baseOf(migration: Migration, terminal: Terminal): string {
  const paths = migration.changes.map((change) => change.path);
  if (paths.every((path) => isBelow(path, terminal.cwd))) return terminal.cwd;
  const base = commonFolder(paths, migration.root);
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

/** @throws UsageError unless `value` is a whole number */
function contextLines(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new UsageError(`--unified takes a number of lines, not '${value}'`);
}
