import { chmodSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  commitFiles,
  createBranch,
  currentBranch,
  dirtyFiles,
  findCheckout,
  gitTopLevel,
  groupByCheckout,
} from '../src/git/git.ts';
import { assertCanCommit } from '../src/git/ready.ts';
import {
  asOrdinaryUser,
  git,
  HAS_ORDINARY_USER,
  isolateGit,
  makeRepository,
  temporaryDirectory,
  writeTree,
} from './files-temporary.ts';
import { refusal, repository, write } from './git-harness.ts';

beforeEach(isolateGit);
afterEach(() => {
  vi.unstubAllEnvs();
});

const ODD_NAMES = ['sp ace.py', 'new\nline.py', 'ü😀.py', '-x.py', '*.py', ':(top)y.py', 'q"\\.py'];

function status(top: string): string[] {
  return git(top, 'status', '--porcelain', '-z', '-uall').split('\0').slice(0, -1);
}

function filesOfCommit(top: string): string[] {
  const args = ['show', '--name-only', '--pretty=format:', '-z', 'HEAD'];
  return git(top, ...args)
    .split('\0')
    .filter((name) => name !== '');
}

function hook(top: string, name: string, script: string): void {
  writeTree(top, { [`.git/hooks/${name}`]: `#!/bin/sh\n${script}\n` });
  chmodSync(join(top, '.git/hooks', name), 0o755);
}

function hideGit(): void {
  vi.stubEnv('PATH', temporaryDirectory());
}

describe('findCheckout', () => {
  it('finds the top from below, and from a link to below', () => {
    const top = repository(['a/b/x.py']);
    const link = join(temporaryDirectory(), 'link');
    symlinkSync(join(top, 'a'), link);
    expect(gitTopLevel(join(top, 'a/b'))).toBe(top);
    expect(findCheckout(top)).toEqual({ top });
    expect(gitTopLevel(link)).toBe(top);
    expect(gitTopLevel(join(top, 'a/none'))).toBe(top);
  });

  it('finds a worktree by itself', () => {
    const top = repository(['x.py']);
    git(top, 'worktree', 'add', '--quiet', 'tree');
    expect(gitTopLevel(join(top, 'tree'))).toBe(join(top, 'tree'));
  });

  it('says nothing outside of git, and why when git cannot answer', () => {
    const outside = temporaryDirectory();
    expect(findCheckout(outside)).toEqual({ top: undefined });
    writeTree(outside, { '.git': 'gitdir: nowhere\n' });
    expect(findCheckout(outside)).toEqual({
      top: undefined,
      reason: expect.stringMatching(/^git refuses .*: not a git repository: .*nowhere$/),
    });
    const top = repository(['x.py']);
    hideGit();
    expect(findCheckout(top)).toEqual({
      top: undefined,
      reason: `${top} is a git checkout, but there is no git to ask`,
    });
  });

  it.skipIf(!HAS_ORDINARY_USER)("says that another user's checkout is refused", (context) => {
    if (process.getuid?.() !== 0) {
      console.warn("SKIPPED: another user's checkout needs root to make one");
      return context.skip();
    }
    const top = repository(['x.py']);
    const driver = `
      import { findCheckout } from '../src/git/git.ts';
import { assertCanCommit } from '../src/git/ready.ts';
      report(findCheckout(${JSON.stringify(top)}));`;
    expect(asOrdinaryUser(driver)).toEqual({
      reason: `git refuses ${top}: it belongs to another user (see git config safe.directory)`,
    });
  });
});

describe('groupByCheckout', () => {
  it('sorts files by their own checkout, links by their target', () => {
    const top = repository(['a/x.py', 'y.py']);
    const nested = makeRepository(join(top, 'nested'), { 'n.py': '' });
    const outside = temporaryDirectory();
    writeTree(outside, { 'o.py': '' });
    symlinkSync(join(nested, 'n.py'), join(top, 'link.py'));
    const at = (name: string): string => join(top, name);
    const files = [at('a/x.py'), at('nested/n.py'), join(outside, 'o.py'), at('y.py')];
    expect(groupByCheckout([...files, at('link.py')])).toEqual([
      { checkout: { top }, files: [at('a/x.py'), at('y.py')] },
      { checkout: { top: nested }, files: [at('nested/n.py'), at('link.py')] },
      { checkout: { top: undefined }, files: [join(outside, 'o.py')] },
    ]);
  });
});

describe('dirtyFiles', () => {
  it('tells staged, unstaged, untracked and ignored files from clean ones', () => {
    const names = ['clean.py', 'staged.py', 'unstaged.py', 'both.py', 'gone.py', 'mode.py'];
    const top = repository(names);
    const all = [...names, 'untracked.py', 'deep/untracked.py', 'ignored.py', 'out/i.py', 'new.py'];
    write(top, ['staged.py', 'both.py', 'new.py']);
    git(top, 'add', '--all');
    write(top, ['unstaged.py']);
    write(top, ['both.py'], 'newer\n');
    write(top, ['untracked.py', 'deep/untracked.py', 'ignored.py', 'out/i.py']);
    write(top, ['.gitignore'], 'ignored.py\nout/\n');
    rmSync(join(top, 'gone.py'));
    chmodSync(join(top, 'mode.py'), 0o755);
    const files = all.map((name) => join(top, name));
    expect(dirtyFiles(top, files)).toEqual(files.filter((file) => !file.endsWith('/clean.py')));
  });

  it('asks only for the given files, odd names and several hundreds of them', () => {
    const many = Array.from({ length: 450 }, (_, index) => `many/file-${index}.py`);
    const top = repository([...ODD_NAMES, ...many, 'z.py', 'y.py']);
    write(top, ['z.py', 'y.py']);
    const all = [...ODD_NAMES, ...many].map((name) => join(top, name));
    expect(dirtyFiles(top, all)).toEqual([]);
    const changed = write(top, [...ODD_NAMES, 'many/file-0.py', 'many/file-449.py']);
    expect(dirtyFiles(top, all)).toEqual(changed);
    expect(dirtyFiles(top, [])).toEqual([]);
  });

  it('counts a renamed file as dirty, and follows links', () => {
    const top = repository(['a.py', 'b.py', 'dir/c.py']);
    git(top, 'mv', 'a.py', 'z.py');
    write(top, ['dir/c.py']);
    symlinkSync('b.py', join(top, 'to-b.py'));
    symlinkSync('dir/c.py', join(top, 'to-c.py'));
    symlinkSync(top, join(top, '../way'));
    const at = (name: string): string => join(top, name);
    const files = [at('z.py'), at('to-b.py'), at('to-c.py'), join(top, '../way/b.py')];
    expect(dirtyFiles(top, files)).toEqual([at('z.py'), at('to-c.py')]);
  });

  it('does not write to the repository', () => {
    const top = repository(['a.py']);
    // The same content with another time: `git status` would note that in the index.
    utimesSync(join(top, 'a.py'), 1, 1);
    const before = readFileSync(join(top, '.git/index'));
    expect(dirtyFiles(top, [join(top, 'a.py')])).toEqual([]);
    expect(readFileSync(join(top, '.git/index')).equals(before)).toBe(true);
  });

  it('is not led astray by the variables of a surrounding git hook', () => {
    const other = repository(['a.py']);
    const top = repository(['a.py']);
    const [changed] = write(top, ['a.py']);
    vi.stubEnv('GIT_DIR', join(other, '.git'));
    vi.stubEnv('GIT_WORK_TREE', other);
    vi.stubEnv('GIT_LITERAL_PATHSPECS', '1');
    expect(dirtyFiles(top, [changed as string])).toEqual([changed]);
  });

  it('refuses a file of elsewhere', () => {
    const top = repository(['a.py']);
    const outside = join(temporaryDirectory(), 'o.py');
    expect(refusal(() => dirtyFiles(top, [outside])).message).toBe(
      `${outside} is not in the checkout ${top}`,
    );
  });
});

describe('createBranch', () => {
  it('switches to a new branch and takes changes along', () => {
    const top = repository(['a.py']);
    write(top, ['a.py']);
    createBranch(top, 'codemod/phase-1');
    expect(currentBranch(top)).toBe('codemod/phase-1');
    expect(status(top)).toEqual([' M a.py']);
  });

  it.each(['', '-x', 'a b', 'a..b', '@{-1}', 'HEAD', 'x.lock', 'a\nb'])(
    'refuses the name %j',
    (name) => {
      const top = repository(['a.py']);
      git(top, 'switch', '--quiet', '--create', 'other');
      refusal(() => createBranch(top, name));
      expect(git(top, 'branch', '--format=%(refname:short)')).toBe('main\nother\n');
      expect(currentBranch(top)).toBe('other');
    },
  );

  it('refuses what is there, what cannot be beside it, and where there is nothing yet', () => {
    const top = repository(['a.py']);
    expect(refusal(() => createBranch(top, 'main')).message).toBe(
      'branch "main" exists already: you are on it; leave --branch away, ' +
        'or take another name, such as main-2',
    );
    expect(refusal(() => createBranch(top, 'main/x')).message).toMatch(
      /^cannot make branch "main\/x": .*refs\/heads\/main/,
    );
    const empty = temporaryDirectory();
    git(empty, 'init', '--quiet', '--initial-branch=trunk');
    expect(currentBranch(empty)).toBe('trunk');
    expect(refusal(() => createBranch(empty, 'x')).message).toBe(
      'cannot make branch "x": the repository has no commit yet; make one, or leave --branch',
    );
  });

  it('says where a branch that is taken is checked out, and a name that is free', () => {
    const top = repository(['a.py']);
    for (const name of ['x', 'x-2']) git(top, 'branch', name);
    expect(refusal(() => createBranch(top, 'x')).message).toBe(
      'branch "x" exists already; go on there (git switch x), or take another name, such as x-3',
    );
    git(top, 'worktree', 'add', '--quiet', 'tree', 'x');
    expect(refusal(() => createBranch(top, 'x')).message).toBe(
      `branch "x" exists already, and is checked out in ${join(top, 'tree')}; go on there, ` +
        'or take another name, such as x-3',
    );
  });

  it('makes a branch of a detached HEAD', () => {
    const top = repository(['a.py']);
    git(top, 'switch', '--quiet', '--detach');
    expect(currentBranch(top)).toBeUndefined();
    createBranch(top, 'x');
    expect(currentBranch(top)).toBe('x');
  });

  it('does not take a failing post-checkout hook for a failure', () => {
    const top = repository(['a.py']);
    hook(top, 'post-checkout', 'exit 3');
    createBranch(top, 'x');
    expect(currentBranch(top)).toBe('x');
  });

  it('says that git is not there', () => {
    const top = repository(['a.py']);
    hideGit();
    expect(refusal(() => createBranch(top, 'x')).message).toBe('git is not installed');
  });
});

describe('commitFiles', () => {
  it('commits the given files alone and leaves what is staged', () => {
    const top = repository(['a.py', 'b.py', 'staged.py', 'c.py']);
    write(top, ['staged.py', 'c.py']);
    git(top, 'add', 'staged.py');
    const files = write(top, ['a.py', 'b.py']);
    const message = 'Move to anyio\n\n# not a comment\n- a\n';

    const hash = commitFiles(top, files, message);

    expect(hash).toBe(git(top, 'rev-parse', '--short', 'HEAD').trim());
    expect(filesOfCommit(top)).toEqual(['a.py', 'b.py']);
    expect(git(top, 'log', '-1', '--format=%B').trimEnd()).toBe(message.trimEnd());
    expect(status(top)).toEqual([' M c.py', 'M  staged.py']);
  });

  it('takes odd names for what they are, and new files', () => {
    const top = repository([...ODD_NAMES, 'z.py', 'y.py']);
    write(top, ['z.py', 'y.py', 'other-new.py']);
    const files = write(top, [...ODD_NAMES, 'new [1].py']);
    commitFiles(top, files, 'odd');
    expect(filesOfCommit(top).sort()).toEqual([...ODD_NAMES, 'new [1].py'].sort());
    expect(status(top)).toEqual([' M y.py', ' M z.py', '?? other-new.py']);
  });

  it('commits what is on disk of a file that was staged otherwise', () => {
    const top = repository(['a.py']);
    const [file] = write(top, ['a.py'], 'staged\n');
    git(top, 'add', 'a.py');
    write(top, ['a.py'], 'written\n');
    commitFiles(top, [file as string], 'm');
    expect(git(top, 'show', 'HEAD:a.py')).toBe('written\n');
    expect(status(top)).toEqual([]);
  });

  it('makes the first commit', () => {
    const top = repository([]);
    git(top, 'update-ref', '-d', 'HEAD');
    const files = write(top, ['a.py']);
    commitFiles(top, files, 'm');
    expect(filesOfCommit(top)).toEqual(['a.py']);
  });

  it('runs the hooks, with the variables they know', () => {
    const top = repository(['a.py']);
    hook(top, 'pre-commit', 'git diff --cached --name-only -- "*.py" > seen; env > env.txt');
    vi.stubEnv('LC_ALL', 'xx_YY');
    commitFiles(top, write(top, ['a.py']), 'm');
    expect(readFileSync(join(top, 'seen'), 'utf8')).toBe('a.py\n');
    expect(readFileSync(join(top, 'env.txt'), 'utf8')).toContain('LC_ALL=xx_YY\n');
  });

  it('leaves the index as the commit is when a hook stages what it formatted', () => {
    const top = repository(['a.py', 'staged.py']);
    write(top, ['staged.py']);
    git(top, 'add', 'staged.py');
    hook(top, 'pre-commit', 'echo formatted > a.py; git add a.py');
    commitFiles(top, write(top, ['a.py']), 'm');
    expect(git(top, 'show', 'HEAD:a.py')).toBe('formatted\n');
    expect(status(top)).toEqual(['M  staged.py']);
  });

  it('says that a hook refused, and puts the index back', () => {
    const top = repository(['a.py', 'staged.py']);
    write(top, ['staged.py']);
    git(top, 'add', 'staged.py');
    const files = write(top, ['a.py', 'new.py']);
    const before = status(top);
    hook(top, 'pre-commit', 'echo "ruff: one"; echo "style: 1 error" >&2; exit 1');

    const error = refusal(() => commitFiles(top, files, 'm'));

    expect(error.message).toBe(
      'the files were written but not committed: ' +
        'the pre-commit hook refused the commit: style: 1 error',
    );
    expect(error.output).toContain('ruff: one');
    expect(status(top)).toEqual(before);
    expect(git(top, 'rev-list', '--count', 'HEAD')).toBe('1\n');
    expect(readFileSync(join(top, 'a.py'), 'utf8')).toBe('new\n');
  });

  it('names the hooks that it may have been', () => {
    const top = repository(['a.py']);
    git(top, 'config', 'core.hooksPath', '.githooks');
    for (const name of ['pre-commit', 'commit-msg']) {
      writeTree(top, { [`.githooks/${name}`]: `#!/bin/sh\n[ ${name} = pre-commit ]\n` });
      chmodSync(join(top, '.githooks', name), 0o755);
    }
    expect(refusal(() => commitFiles(top, write(top, ['a.py']), 'm')).message).toContain(
      'the pre-commit or commit-msg hook refused the commit',
    );
  });

  it('says who must be named', () => {
    const top = repository(['a.py']);
    git(top, 'config', '--unset', 'user.email');
    git(top, 'config', 'user.useConfigOnly', 'true');
    write(top, ['a.py']);
    const message =
      'git does not know who commits: set user.name and user.email (git config --global …)';
    expect(refusal(() => assertCanCommit(top)).message).toBe(message);
    vi.stubEnv('GIT_AUTHOR_EMAIL', 'a@example.org');
    vi.stubEnv('GIT_COMMITTER_EMAIL', 'a@example.org');
    expect(() => assertCanCommit(top)).not.toThrow();
  });

  it('refuses what git ignores, what has not changed, and what is elsewhere', () => {
    const top = repository(['a.py']);
    write(top, ['.gitignore'], 'out\n');
    const written = 'the files were written but not committed: ';
    expect(refusal(() => commitFiles(top, write(top, ['out/x.py', 'b.py']), 'm')).message).toBe(
      `${written}git ignores out/x.py`,
    );
    expect(status(top)).toContain('?? b.py');
    expect(refusal(() => commitFiles(top, [join(top, 'a.py')], 'm')).message).toBe(
      `${written}nothing has changed`,
    );
    const outside = join(temporaryDirectory(), 'o.py');
    expect(refusal(() => commitFiles(top, [outside], 'm')).message).toContain(
      'is not in the checkout',
    );
  });
});
