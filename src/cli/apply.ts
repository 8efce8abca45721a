/** `apply`: writes the new code, in a clean checkout, after a last look by Python. */

import { findStale } from '../files/write.ts';
import { plural } from '../report/layout.ts';
import type { FileChange, FileProblem, Migration } from '../result.ts';
import { UsageError } from '../usage.ts';
import { onlyWritten, report } from './apply-report.ts';
import { formatOf, isFromStdin, isOn, lastValue, type ParsedArgs } from './argv.ts';
import { checkCheckout, type GitWishes } from './checkout.ts';
import { compileCheck } from './compile-check.ts';
import { showDryRun } from './diff.ts';
import { DONE, FAILED } from './problems.ts';
import { commandLine, type Request, requestOf } from './request.ts';
import { commitModeOf, stepsOf, wholeStep } from './steps.ts';
import type { Terminal } from './terminal.ts';
import { type Step, writeSteps } from './write-run.ts';

/**
 * Everything that can refuse comes before the first byte is written.
 *
 * @returns the exit code
 * @throws UsageError for files with uncommitted changes, and flags that do not go together
 * @throws GitError when git refuses to branch or commit
 */
export async function run(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  if (isFromStdin(argv) && !isOn(argv, 'dry-run')) {
    return (await import('./apply-stdin.ts')).applyToStdin(argv, terminal);
  }
  const wishes = wishesOf(argv);
  formatOf(argv);
  const request = await requestOf(argv, terminal, 'hybrid');
  if (isOn(argv, 'dry-run')) {
    return showDryRun(await terminal.engine.migrate(request), argv, terminal);
  }
  const work = await workOut(request, argv, terminal);
  return (await write('apply', work, wishes, argv, terminal)).code;
}

/** What came of writing. */
export interface Ended {
  /** The exit code. */
  code: number;
  /** Absolute paths of the files that were written. */
  written: readonly string[];
}

/**
 * Writes what a command has worked out, in one commit or none, and says what was done.
 *
 * @param command whose line goes into the commit message, and is shown by `undo`
 * @throws as `run` does
 */
export async function writeMigration(
  command: string,
  migration: Migration,
  wishes: GitWishes,
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<Ended> {
  const work = { whole: migration, steps: wholeStep(command, migration, argv) };
  return write(command, work, wishes, argv, terminal);
}

async function write(
  command: string,
  { whole, steps }: Work,
  wishes: GitWishes,
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<Ended> {
  const changes = firstChanges(steps);
  const top = changes.length > 0 ? checkCheckout(changes, wishes, terminal) : undefined;
  const { planned, writable } = await fitToWrite(whole, steps, argv, terminal);
  const outcome = await terminal.uninterrupted(() =>
    writeSteps(writable, {
      root: whole.root,
      command: commandLine(command, argv),
      top,
      branch: wishes.branch,
      forgets: isOn(argv, 'no-undo'),
    }),
  );
  const problems = await report(planned, outcome, argv, terminal);
  const code = problems > 0 || outcome.failure ? FAILED : DONE;
  return { code, written: outcome.written };
}

/** @throws UsageError for flags that do not go together, or a word that is no way to commit */
export function wishesOf(argv: ParsedArgs): GitWishes {
  const mode = commitModeOf(argv);
  if (argv.message !== undefined && !mode) throw new UsageError('--message needs --commit');
  return {
    branch: lastValue(argv, 'branch'),
    commit: mode !== undefined,
    allowDirty: isOn(argv, 'allow-dirty'),
  };
}

interface Work {
  whole: Migration;
  steps: Step[];
}

async function workOut(request: Request, argv: ParsedArgs, { engine }: Terminal): Promise<Work> {
  const mode = commitModeOf(argv);
  if (mode === undefined || mode === 'once') {
    const whole = await engine.migrate(request);
    return { whole, steps: wholeStep('apply', whole, argv) };
  }
  const run = await engine.open(request);
  try {
    const whole = run.migration();
    return { whole, steps: stepsOf(run, whole, mode, argv, await engine.catalog()) };
  } finally {
    run.dispose();
  }
}

/** What is done first to each file: it holds what is on the disk now. */
function firstChanges(steps: readonly Step[]): FileChange[] {
  const first = new Map<string, FileChange>();
  for (const change of steps.flatMap(({ changes }) => changes)) {
    if (!first.has(change.path)) first.set(change.path, change);
  }
  return [...first.values()];
}

interface Fit {
  planned: Migration;
  writable: Step[];
}

/**
 * What may be written. Files share objects, so one that does not compile, or is no longer what was
 * read, keeps all of them from being written.
 */
async function fitToWrite(
  whole: Migration,
  steps: Step[],
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<Fit> {
  const broken = isOn(argv, 'no-compile-check') ? [] : await compile(whole, steps, argv, terminal);
  const problems = broken.length > 0 ? broken : findStale(firstChanges(steps));
  if (problems.length === 0) return { planned: whole, writable: steps };
  terminal.stderr.write('Nothing is written, since one file without the others could break:\n');
  return { planned: onlyWritten(whole, [], problems), writable: [] };
}

/** Compiles what every step makes of each file. */
async function compile(
  whole: Migration,
  steps: readonly Step[],
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<FileProblem[]> {
  const manifest = whole.dependency?.file;
  // Settings, which are no Python either, carry a note that says what was done to them.
  const changes = steps
    .flatMap((step) => step.changes)
    .filter(({ path, note }) => path !== manifest && note === undefined);
  const { python, problems } = await compileCheck(changes, terminal.env);
  if (isOn(argv, 'verbose') && changes.length > 0) {
    const count = new Set(changes.map(({ path }) => path)).size;
    const words = python
      ? `${plural(count, 'file')} compiled with ${python}.`
      : 'No Python at hand: the new code was not compiled.';
    terminal.stderr.write(`${words}\n`);
  }
  return problems;
}
