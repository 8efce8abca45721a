/** `apply`: writes the new code, in a clean checkout, after a last look by Python. */

import { findStale } from '../files/write.ts';
import { commitMessage } from '../report/commit-message.ts';
import { plural } from '../report/layout.ts';
import type { FileProblem, Migration } from '../result.ts';
import { UsageError } from '../usage.ts';
import { onlyWritten, report } from './apply-report.ts';
import { checkCheckout, type GitWishes } from './checkout.ts';
import { compileCheck } from './compile-check.ts';
import { showDiff } from './diff.ts';
import { formatOf, isFromStdin, isOn, lastValue, type ParsedArgs } from './flags.ts';
import { DONE, FAILED } from './problems.ts';
import { commandLine, requestOf } from './request.ts';
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
  const migration = await terminal.engine.migrate(await requestOf(argv, terminal, 'hybrid'));
  if (isOn(argv, 'dry-run')) return showDiff(migration, argv, terminal);
  return (await writeMigration('apply', migration, wishes, argv, terminal)).code;
}

/**
 * Writes what a command has worked out, and says what was done.
 *
 * @param command whose line goes into the commit message, and is shown by `undo`
 * @returns the exit code, and the absolute paths of the files that were written
 * @throws as `run` does
 */
export async function writeMigration(
  command: string,
  migration: Migration,
  wishes: GitWishes,
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<{ code: number; written: readonly string[] }> {
  const line = commandLine(command, argv);
  const isAny = migration.changes.length > 0;
  const top = isAny ? checkCheckout(migration.changes, wishes, terminal.cwd) : undefined;
  const fit = await fitToWrite(migration, argv, terminal);
  const outcome = await terminal.uninterrupted(() =>
    writeSteps(stepsOf(fit, wishes, line, argv), {
      root: migration.root,
      command: line,
      top,
      branch: wishes.branch,
      forgets: isOn(argv, 'no-undo'),
    }),
  );
  const problems = await report(fit, outcome, argv, terminal);
  const code = problems > 0 || outcome.failure ? FAILED : DONE;
  return { code, written: outcome.written };
}

/** @throws UsageError for flags that do not go together */
export function wishesOf(argv: ParsedArgs): GitWishes {
  const commit = isOn(argv, 'commit');
  if (argv.message !== undefined && !commit) throw new UsageError('--message needs --commit');
  return { branch: lastValue(argv, 'branch'), commit, allowDirty: isOn(argv, 'allow-dirty') };
}

/**
 * The migration as it may be written. Files share objects, so one that does not compile, or is no
 * longer what was read, keeps all of them from being written.
 */
async function fitToWrite(
  migration: Migration,
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<Migration> {
  const broken = isOn(argv, 'no-compile-check') ? [] : await compile(migration, argv, terminal);
  const problems = broken.length > 0 ? broken : findStale(migration.changes);
  if (problems.length === 0) return migration;
  terminal.stderr.write('Nothing is written, since one file without the others could break:\n');
  return onlyWritten(migration, [], problems);
}

async function compile(
  migration: Migration,
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<FileProblem[]> {
  const manifest = migration.dependency?.file;
  // Settings, which are no Python either, carry a note that says what was done to them.
  const changes = migration.changes.filter(
    ({ path, note }) => path !== manifest && note === undefined,
  );
  const { python, problems } = await compileCheck(changes, terminal.env);
  if (isOn(argv, 'verbose') && changes.length > 0) {
    const words = python
      ? `${plural(changes.length, 'file')} compiled with ${python}.`
      : 'No Python at hand: the new code was not compiled.';
    terminal.stderr.write(`${words}\n`);
  }
  return problems;
}

function stepsOf(
  migration: Migration,
  { commit }: GitWishes,
  command: string,
  argv: ParsedArgs,
): Step[] {
  const { changes } = migration;
  if (changes.length === 0) return [];
  const options = { subject: lastValue(argv, 'message'), command };
  const message = commit ? commitMessage(migration, options) : undefined;
  return [{ name: 'all', state: migration, changes, message }];
}
