/** `diff`, which `apply --dry-run` is too: the changes on stdout, the sums on stderr. Never writes. */

import { diffJson } from '../report/json.ts';
import { styleFor } from '../report/style.ts';
import { summary } from '../report/summary.ts';
import { unifiedBytes, unifiedText } from '../report/unified.ts';
import type { FileChange, Migration } from '../result.ts';
import { UsageError } from '../usage.ts';
import { formatOf, isFromStdin, isOn, lastValue, type ParsedArgs } from './argv.ts';
import { type NextStep, nextSteps } from './next-steps.ts';
import { outputFile } from './output-file.ts';
import { baseOf, writePatch } from './patch.ts';
import { DONE, FAILED, showNotes, showProblems, WOULD_CHANGE } from './problems.ts';
import { commandLine, requestOf } from './request.ts';
import { type Terminal, widthOf, writeLines } from './terminal.ts';

/** @returns the exit code */
export async function run(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  const context = contextLines(lastValue(argv, 'unified'));
  checkOutput(argv, terminal);
  const migration = await terminal.engine.migrate(await requestOf(argv, terminal, 'hybrid'));
  return showDryRun(migration, argv, terminal, context);
}

/**
 * Prints the diff, and how to have it written.
 *
 * @returns the exit code
 */
export function showDryRun(
  migration: Migration,
  argv: ParsedArgs,
  terminal: Terminal,
  context?: number,
): number {
  const code = showDiff(migration, argv, terminal, context);
  if (migration.changes.length > 0 && formatOf(argv) === 'text') {
    writeLines(terminal.stderr, nextSteps(nextOf(argv), widthOf(terminal.stderr)));
  }
  return code;
}

/** A text from stdin is written nowhere, and cannot be asked about. */
function nextOf(argv: ParsedArgs): NextStep[] {
  const apply: NextStep = [commandLine('apply', argv), 'write it'];
  if (isFromStdin(argv)) return [apply];
  return [apply, [commandLine('review', argv), 'or take it change by change']];
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
  const patch = outputFile(argv, 'patch', terminal);
  if (patch) writePatch(migration, patch, terminal, context);
  if (formatOf(argv) === 'json') {
    terminal.stdout.write(`${JSON.stringify(diffJson(migration, context), null, 2)}\n`);
  } else {
    if (!patch) writeDiff(migration.changes, migration.root, terminal, context);
    writeLines(terminal.stderr, closing(migration, argv, terminal, 'would'));
  }
  showNotes(migration.notes, terminal);
  showProblems(migration.problems, terminal);
  if (migration.problems.length > 0) return FAILED;
  return isOn(argv, 'exit-code') && migration.changes.length > 0 ? WOULD_CHANGE : DONE;
}

/** What is wrong with a flag for the output is said before the work begins. */
function checkOutput(argv: ParsedArgs, terminal: Terminal): void {
  formatOf(argv);
  outputFile(argv, 'patch', terminal);
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

/** Prints changes as a unified diff, with names as seen from the current folder where that can be. */
export function writeDiff(
  changes: readonly FileChange[],
  root: string,
  terminal: Terminal,
  context?: number,
): void {
  const { stdout } = terminal;
  const from = baseOf(changes, root, terminal);
  const options = { from, context, style: styleFor(stdout, terminal.env) };
  for (const change of changes) {
    // A terminal reads UTF-8 whatever the file is in; a patch must have the file's own bytes.
    const show = stdout.isTTY === true ? unifiedText : unifiedBytes;
    stdout.write(show(change, options));
  }
}

/** @throws UsageError unless `value` is a whole number */
function contextLines(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new UsageError(`--unified takes a number of lines, not '${value}'`);
}
