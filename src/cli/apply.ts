/** `apply`: writes the new code, in a clean checkout, after a last look by Python. */

import { findStale, writeAll } from '../files/write.ts';
import { commitFiles, createBranch, GitError } from '../git/git.ts';
import { commitMessage } from '../report/commit-message.ts';
import { applyJson } from '../report/json.ts';
import { plural } from '../report/layout.ts';
import type { FileProblem, Migration } from '../result.ts';
import { UsageError } from '../usage.ts';
import { checkCheckout, type GitWishes } from './checkout.ts';
import { compileCheck } from './compile-check.ts';
import { closing, showDiff } from './diff.ts';
import { formatOf, isOn, lastValue, type ParsedArgs } from './flags.ts';
import { DONE, FAILED, showProblems } from './problems.ts';
import { commandLine, requestOf } from './request.ts';
import { type Terminal, writeLines } from './terminal.ts';

/**
 * Everything that can refuse comes before the first byte is written.
 *
 * @returns the exit code
 * @throws UsageError for files with uncommitted changes, and flags that do not go together
 * @throws GitError when git refuses to branch or commit
 */
export async function run(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  const wishes = wishesOf(argv);
  formatOf(argv);
  const migration = await terminal.engine.migrate(await requestOf(argv, terminal, 'hybrid'));
  if (isOn(argv, 'dry-run')) return showDiff(migration, argv, terminal);
  const isAny = migration.changes.length > 0;
  const top = isAny ? checkCheckout(migration.changes, wishes, terminal.cwd) : undefined;
  const fit = await fitToWrite(migration, argv, terminal);
  const outcome = await terminal.uninterrupted(() => write(fit, { ...wishes, top }, argv));
  report(outcome, argv, terminal);
  return outcome.migration.problems.length > 0 || outcome.failure ? FAILED : DONE;
}

function wishesOf(argv: ParsedArgs): GitWishes {
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

/** The migration when only some files, or none, were written. */
function onlyWritten(
  migration: Migration,
  written: readonly string[],
  problems: readonly FileProblem[],
): Migration {
  const paths = new Set(written);
  return {
    ...migration,
    changes: migration.changes.filter((change) => paths.has(change.path)),
    judged: migration.judged.map((judged) => ({
      ...judged,
      applied: judged.applied && paths.has(judged.use.file.path),
    })),
    problems: [...migration.problems, ...problems],
  };
}

interface Outcome {
  migration: Migration;
  written: string[];
  branch: string | undefined;
  commit: string | undefined;
  /** Why what was asked for was not done after the files were written. */
  failure?: string;
}

async function write(
  migration: Migration,
  wishes: GitWishes & { top: string | undefined },
  argv: ParsedArgs,
): Promise<Outcome> {
  const none = { migration, written: [], branch: undefined, commit: undefined };
  if (migration.changes.length === 0) return none;
  const { top, branch } = wishes;
  if (top !== undefined && branch !== undefined) createBranch(top, branch);
  const { written, problems } = await writeAll(migration.changes);
  const after = problems.length > 0 ? onlyWritten(migration, written, problems) : migration;
  const outcome: Outcome = { migration: after, written, branch, commit: undefined };
  if (top === undefined || !wishes.commit) return outcome;
  if (problems.length > 0) {
    return { ...outcome, failure: 'not all files were written, so nothing was committed' };
  }
  return { ...outcome, ...commit(top, outcome, argv) };
}

/** The files are written by now: a commit that fails must not hide that. */
function commit(top: string, { migration, written }: Outcome, argv: ParsedArgs): Partial<Outcome> {
  const subject = lastValue(argv, 'message');
  const command = commandLine('apply', argv);
  try {
    const message = commitMessage(migration, { subject, command });
    return { commit: commitFiles(top, written, message) };
  } catch (error) {
    if (error instanceof GitError) return { failure: error.message };
    throw error;
  }
}

function report(outcome: Outcome, argv: ParsedArgs, terminal: Terminal): void {
  const { migration, written, branch, commit, failure } = outcome;
  if (formatOf(argv) === 'json') {
    const json = applyJson(migration, { written, branch, commit });
    terminal.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  } else {
    writeLines(terminal.stdout, [
      ...(branch === undefined ? [] : [`On the new branch ${branch}.`]),
      ...closing(migration, argv, terminal, 'did'),
      ...(commit === undefined ? [] : [`Committed as ${commit}.`]),
    ]);
  }
  if (failure) terminal.stderr.write(`anyio-codemod: ${failure}\n`);
  showProblems(migration.problems, terminal);
}
