import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commitFiles } from '../src/git/git.ts';
import {
  assertCanCommit,
  assertNothingGoesOn,
  assertOnBranch,
  assertSeen,
  superproject,
} from '../src/git/ready.ts';
import { git, isolateGit } from './files-temporary.ts';
import { refusal, repository, write } from './git-harness.ts';

beforeEach(isolateGit);
afterEach(() => {
  vi.unstubAllEnvs();
});

/** A repository where `other` and `main` cannot be merged: both changed a.py. */
function quarrel(): string {
  const top = repository(['a.py', 'b.py']);
  git(top, 'switch', '--quiet', '--create', 'other');
  write(top, ['a.py'], 'theirs\n');
  git(top, 'commit', '--quiet', '--all', '-m', 'other');
  git(top, 'switch', '--quiet', 'main');
  write(top, ['a.py'], 'ours\n');
  git(top, 'commit', '--quiet', '--all', '-m', 'ours');
  return top;
}

/** Runs git where it is to fail. */
function failingGit(top: string, ...args: string[]): void {
  expect(() => git(top, ...args)).toThrow();
}

describe('what stands in the way of a commit', () => {
  it.each([
    ['merge', 'a merge', 'git merge --abort'],
    ['rebase', 'a rebase', 'git rebase --abort'],
    ['cherry-pick', 'a cherry-pick', 'git cherry-pick --abort'],
  ])('a %s that is going on', (command, name, abort) => {
    const top = quarrel();
    failingGit(top, command, 'other');
    const message = `cannot commit: ${name} is in progress; end it first (or ${abort})`;
    expect(refusal(() => assertCanCommit(top)).message).toBe(message);
    expect(refusal(() => assertNothingGoesOn(top, 'make a branch')).message).toContain(
      'cannot make a branch: ',
    );
    git(top, ...abort.split(' ').slice(1));
    expect(() => assertCanCommit(top)).not.toThrow();
  });

  it('a revert and a bisect, in a linked worktree too', () => {
    const top = quarrel();
    const tree = join(top, 'tree');
    git(top, 'worktree', 'add', '--quiet', '--detach', 'tree');
    git(tree, 'bisect', 'start');
    expect(refusal(() => assertCanCommit(tree)).message).toContain('a bisect is in progress');
    expect(() => assertCanCommit(top)).not.toThrow();
    write(top, ['a.py'], 'later\n');
    git(top, 'commit', '--quiet', '--all', '-m', 'later');
    failingGit(top, 'revert', '--no-edit', 'HEAD~1');
    expect(refusal(() => assertCanCommit(top)).message).toContain('a revert is in progress');
  });

  it('another git at work', () => {
    const top = repository(['a.py']);
    write(top, ['.git/index.lock'], '');
    expect(refusal(() => assertCanCommit(top)).message).toBe(
      'cannot commit: another git is at work here; ' +
        `wait for it, or remove ${join(top, '.git/index.lock')} if none is`,
    );
  });

  it('no branch to be on', () => {
    const top = repository(['a.py']);
    expect(() => assertOnBranch(top)).not.toThrow();
    git(top, 'switch', '--quiet', '--detach');
    expect(refusal(() => assertOnBranch(top)).message).toContain('add --branch NAME');
  });

  it('a file that git is told not to look at', () => {
    const top = repository(['a.py', 'b.py', 'c.py']);
    const files = ['a.py', 'b.py'].map((name) => join(top, name));
    git(top, 'update-index', '--skip-worktree', 'c.py');
    expect(() => assertSeen(top, files)).not.toThrow();
    git(top, 'update-index', '--skip-worktree', 'b.py');
    expect(refusal(() => assertSeen(top, files)).message).toBe(
      'git is told not to look at b.py (skip-worktree); ' +
        'let it: git update-index --no-skip-worktree b.py',
    );
    git(top, 'update-index', '--no-skip-worktree', 'b.py');
    git(top, 'update-index', '--assume-unchanged', 'a.py');
    expect(refusal(() => assertSeen(top, files)).message).toContain('(assume-unchanged)');
  });

  it('a signature that cannot be made', () => {
    const top = repository(['a.py']);
    git(top, 'config', 'commit.gpgSign', 'true');
    git(top, 'config', 'gpg.program', '/bin/false');
    expect(refusal(() => commitFiles(top, write(top, ['a.py']), 'm')).message).toMatch(
      /^the files were written but not committed: git could not sign the commit .*gpg failed to sign/,
    );
  });
});

describe('superproject', () => {
  it('is what a submodule belongs to', () => {
    const inner = repository(['a.py']);
    const outer = repository(['o.py']);
    git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub');
    expect(superproject(join(outer, 'sub'))).toBe(outer);
    expect(superproject(outer)).toBeUndefined();
  });
});
