/** Writes what a command has worked out: with what `undo` needs, in steps, a commit for each. */

import { type Journal, type JournalGit, openJournal } from '../files/journal.ts';
import { encodeSource, isProblem, readBytes } from '../files/read.ts';
import { findStale, writeAll } from '../files/write.ts';
import { commitFiles, createBranch, currentBranch, GitError, headCommit } from '../git/git.ts';
import type { FileChange, FileProblem, Migration } from '../result.ts';
import { UsageError } from '../usage.ts';

/** What is written, and committed, at once. */
export interface Step {
  /** For messages: "scripts", "sleep". */
  name: string;
  /** What the tool makes of the project when all steps up to this one are taken. */
  state: Migration;
  /** From the state before to this one; at least one. */
  changes: readonly FileChange[];
  /** Of the commit; none is made without it. */
  message?: string;
}

export interface WriteOptions {
  /** Absolute path of the project's root. */
  root: string;
  /** The command line, for `undo`. */
  command: string;
  /** Top of the checkout that gets the branch and the commits. */
  top?: string;
  /** The branch to make first. */
  branch?: string;
  /** Nothing is kept for `undo`. */
  forgets?: boolean;
}

/** A commit that was made. */
export interface Commit {
  hash: string;
  subject: string;
}

/** Why not everything was done that was asked for. */
export interface Failure {
  /** The step that is written but not committed, if one is. */
  uncommitted?: Step;
  /** Steps that were not begun. */
  unwritten: readonly Step[];
  /** One line. */
  message: string;
  /** What git and the hooks printed. */
  output: string;
  /** Absolute paths of files that the hooks of this or of earlier commits changed. */
  changedByHooks: readonly string[];
}

export interface WriteOutcome {
  /** Absolute paths, each once. */
  written: string[];
  problems: FileProblem[];
  /** The branch that was made. */
  branch?: string;
  commits: Commit[];
  /** The last step that was begun. */
  reached: Step | undefined;
  failure?: Failure;
}

/**
 * Writes steps in their order, each file atomically; the first that fails is the last. Whoever calls
 * has checked before that all of it can be written, and that git takes branch and commits.
 *
 * @throws UsageError where the old files cannot be kept for `undo`; nothing is then written
 * @throws GitError where the branch cannot be made; nothing is then written
 */
export async function writeSteps(
  steps: readonly Step[],
  options: WriteOptions,
): Promise<WriteOutcome> {
  const outcome: WriteOutcome = { written: [], problems: [], commits: [], reached: undefined };
  if (steps.length === 0) return outcome;
  const journal = options.forgets ? undefined : keepOld(steps, options);
  try {
    const git = begin(options);
    if (git) journal?.note(git);
    if (options.branch !== undefined) outcome.branch = options.branch;
    await takeSteps(steps, outcome, { ...options, journal, git });
  } finally {
    journal?.finish();
  }
  return outcome;
}

function keepOld(steps: readonly Step[], options: WriteOptions): Journal {
  try {
    return openJournal(
      steps.map(({ changes }) => changes),
      options,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`nothing is written: ${reason}; --no-undo writes without`);
  }
}

/** Makes the branch, and notes where it was made. */
function begin({ top, branch }: WriteOptions): JournalGit | undefined {
  if (top === undefined) return undefined;
  const [from, start] = [currentBranch(top), headCommit(top)];
  if (branch !== undefined) createBranch(top, branch);
  return { branch: branch ?? from, from, start: start?.slice(0, 12), commits: [] };
}

async function takeSteps(
  steps: readonly Step[],
  outcome: WriteOutcome,
  { top, journal, git }: WriteOptions & { journal?: Journal; git?: JournalGit },
): Promise<void> {
  const written = new Set<string>();
  const changedByHooks: string[] = [];
  for (const [index, step] of steps.entries()) {
    const fail = (message: string, uncommitted?: Step, output = ''): void => {
      const unwritten = steps.slice(uncommitted ? index + 1 : index);
      outcome.failure = { uncommitted, unwritten, message, output, changedByHooks };
    };
    // A hook may have formatted what the step before wrote; half of a step would break the code.
    const stale = index > 0 ? findStale(step.changes) : [];
    if (stale.length > 0) {
      outcome.problems.push(...stale);
      return fail('what was committed is not what was written, so the rest is not written');
    }
    outcome.reached = step;
    const done = await (journal ? journal.write(step.changes) : writeAll(step.changes));
    for (const path of done.written) written.add(path);
    outcome.written = [...written];
    outcome.problems.push(...done.problems);
    if (top === undefined || step.message === undefined) {
      if (done.problems.length > 0) return;
      continue;
    }
    if (done.problems.length > 0) {
      return fail('not all files were written, so nothing was committed of them', step);
    }
    const commit = attempt(top, done.written, step.message);
    const changed = changedSince(step.changes);
    changedByHooks.push(...changed);
    journal?.adopt(changed);
    if (commit instanceof GitError) return fail(commit.message, step, commit.output);
    outcome.commits.push(commit);
    if (git) journal?.note({ ...git, commits: outcome.commits });
  }
}

/** The files are written by now: a commit that fails must not hide that. */
function attempt(top: string, files: string[], message: string): Commit | GitError {
  try {
    return { hash: commitFiles(top, files, message), subject: message.split('\n')[0] ?? '' };
  } catch (error) {
    if (error instanceof GitError) return error;
    throw error;
  }
}

function changedSince(changes: readonly FileChange[]): string[] {
  return changes
    .filter(({ path, after, encoding }) => {
      const now = readBytes(path);
      return !isProblem(now) && !now.equals(encodeSource(after, encoding));
    })
    .map(({ path }) => path);
}
