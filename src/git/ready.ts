/** Whether git can make a branch or a commit now, asked before anything is written. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { splitZ } from '../files/run-git.ts';
import { ask, chunks, currentBranch, GitError, literally, nameInTop } from './git.ts';

/** What git leaves in its folder while something is going on, and how that is given up. */
const GOING_ON = [
  ['rebase-merge', 'a rebase', 'git rebase --abort'],
  ['rebase-apply', 'a rebase', 'git rebase --abort'],
  ['MERGE_HEAD', 'a merge', 'git merge --abort'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick', 'git cherry-pick --abort'],
  ['REVERT_HEAD', 'a revert', 'git revert --abort'],
  ['BISECT_LOG', 'a bisect', 'git bisect reset'],
] as const;

/**
 * Makes sure, before anything is written, that `commitFiles` can make a commit.
 *
 * @throws {GitError} when git knows no author, when a merge, rebase or the like is going on, in which
 *   a commit of single files has no place, or when another git is at work
 */
export function assertCanCommit(top: string): void {
  for (const ident of ['GIT_AUTHOR_IDENT', 'GIT_COMMITTER_IDENT']) {
    const run = ask(top, ['var', ident]);
    if (run.status !== 0) {
      throw new GitError(
        'git does not know who commits: set user.name and user.email (git config --global …)',
        run.stderr,
      );
    }
  }
  assertNothingGoesOn(top, 'commit');
  const [lock] = pathsInGit(top, ['index.lock']);
  if (lock !== undefined && existsSync(lock)) {
    throw new GitError(
      `cannot commit: another git is at work here; wait for it, or remove ${lock} if none is`,
    );
  }
}

/**
 * @param what what is about to be done: "commit"
 * @throws {GitError} when a merge, rebase or the like is going on
 */
export function assertNothingGoesOn(top: string, what: string): void {
  const marks = pathsInGit(
    top,
    GOING_ON.map(([mark]) => mark),
  );
  const at = marks.findIndex((mark) => existsSync(mark));
  const found = GOING_ON[at];
  if (found === undefined) return;
  const [, name, abort] = found;
  throw new GitError(`cannot ${what}: ${name} is in progress; end it first (or ${abort})`);
}

/** @throws {GitError} when a commit would be on no branch, where it is easily lost */
export function assertOnBranch(top: string): void {
  if (currentBranch(top) !== undefined) return;
  throw new GitError('HEAD is detached, so a commit would be on no branch; add --branch NAME');
}

/**
 * @param files absolute paths in the checkout
 * @throws {GitError} when git is told not to look at one, so that it would not commit it
 */
export function assertSeen(top: string, files: readonly string[]): void {
  for (const chunk of chunks(files.map((file) => nameInTop(top, file)))) {
    const run = ask(top, ['ls-files', '-z', '-v', '--', ...chunk.map(literally)]);
    // A letter and a space stand before the name: S for skip-worktree, a small one for assume-unchanged.
    const hidden = splitZ(run.stdout).find((entry) => /^[Sa-z] /.test(entry));
    if (hidden === undefined) continue;
    const [flag, how] = hidden.startsWith('S')
      ? ['skip-worktree', '--no-skip-worktree']
      : ['assume-unchanged', '--no-assume-unchanged'];
    const name = hidden.slice(2);
    throw new GitError(
      `git is told not to look at ${name} (${flag}); let it: git update-index ${how} ${name}`,
    );
  }
}

/** The top of the checkout that has this one as a submodule. */
export function superproject(top: string): string | undefined {
  const run = ask(top, ['rev-parse', '--show-superproject-working-tree']);
  const path = run.stdout.replace(/\r?\n$/, '');
  return run.status === 0 && path !== '' ? resolve(path) : undefined;
}

/** Absolute paths of files in git's folder, which for a linked worktree is in several places. */
function pathsInGit(top: string, names: readonly string[]): string[] {
  const run = ask(top, ['rev-parse', ...names.flatMap((name) => ['--git-path', name])]);
  const lines = run.stdout.split('\n').slice(0, names.length);
  return lines.filter((line) => line !== '').map((line) => resolve(top, line));
}
