/** A throw-away worktree: the checkout as it is now, in another folder. */

import { cpSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runGit, splitZ } from '../files/run-git.ts';
import { ENVIRONMENT_MARK } from '../files/skip.ts';
import { GitError } from './git.ts';

export interface Worktree {
  /** Absolute. */
  top: string;
  /** Takes the worktree away, and what git knows of it. Does nothing when called again. */
  remove(): void;
}

/**
 * Makes a worktree at HEAD, and copies what the checkout has beside: changes that are not committed,
 * and files that git does not know and does not ignore. The checkout, its index and its branches
 * stay as they are.
 *
 * @param top the top of the user's own checkout
 * @param folder absolute; must not be there yet
 * @param links ignored files or folders that the worktree is to share, relative to the top
 * @throws {GitError} when there is no commit yet, or git refuses
 */
export function addWorktree(top: string, folder: string, links: readonly string[] = []): Worktree {
  const adding = ['worktree', 'add', '--quiet', '--detach', folder, 'HEAD'];
  // A post-checkout hook may install things, or take long; nobody is going to work there.
  const run = runGit(top, ['-c', 'core.hooksPath=/dev/null', ...adding]);
  if (run.status !== 0) {
    const reason = run.stderr.includes('invalid reference')
      ? 'the repository has no commit yet'
      : run.stderr.trim().split('\n').at(-1);
    throw new GitError(`cannot make a worktree: ${reason}`);
  }
  let isThere = true;
  const remove = () => {
    if (!isThere) return;
    isThere = false;
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    runGit(top, ['worktree', 'prune']);
  };
  try {
    for (const name of changedFiles(top)) copyOver(join(top, name), join(folder, name));
    for (const name of links) link(join(top, name), join(folder, name));
    return { top: folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Ignored folders of a checkout, relative to its top, that are virtual environments. */
export function environmentsOf(top: string): string[] {
  const ignored = ['--others', '--ignored', '--exclude-standard', '--directory', '-z'];
  return splitZ(runGit(top, ['ls-files', ...ignored]).stdout)
    .map((name) => name.replace(/\/$/, ''))
    .filter((name) => existsSync(join(top, name, ENVIRONMENT_MARK)));
}

/** Names, relative to the top, of what differs from HEAD or is not tracked; some may be gone. */
function changedFiles(top: string): string[] {
  const changed = runGit(top, ['diff', '--name-only', '-z', '--no-renames', 'HEAD']);
  const others = runGit(top, ['ls-files', '-z', '--others', '--exclude-standard']);
  return [...splitZ(changed.stdout), ...splitZ(others.stdout)];
}

function link(target: string, at: string): void {
  mkdirSync(dirname(at), { recursive: true });
  if (!lstatSync(at, { throwIfNoEntry: false })) symlinkSync(target, at, 'junction');
}

function copyOver(from: string, to: string): void {
  const stats = lstatSync(from, { throwIfNoEntry: false });
  rmSync(to, { recursive: true, force: true });
  // A repository within, which git does not look into, is not ours to copy.
  if (!stats || stats.isDirectory()) return;
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { verbatimSymlinks: true, preserveTimestamps: true });
}
