/** What keeps `apply` from branching or committing, before it writes anything; and submodules. */

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withValues } from '../src/cli/words.ts';
import { cli } from './cli-harness.ts';
import { git, makeRepository, temporaryDirectory, writeTree } from './files-temporary.ts';
import { log, project, root, tool } from './project-harness.ts';

describe('what refuses before anything is written', () => {
  const SLEEP = 'import asyncio\n\n\nasync def f():\n    await asyncio.sleep(1)\n';

  async function refused(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await tool('apply', '-t', 'sleep', ...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(existsSync(join(root, '.anyio-codemod'))).toBe(false);
    expect(stderr).toMatch(/^anyio-codemod: [^\n]*\n$/);
    return stderr;
  }

  it('no repository', async () => {
    mkdirSync(root);
    writeTree(root, { 'a.py': SLEEP, 'pyproject.toml': '' });
    expect(await refused('--commit')).toContain(
      '--commit needs a git checkout, and here is none; apply works without it',
    );
  });

  it('a detached HEAD, but for a branch that is made', async () => {
    project({ 'a.py': SLEEP });
    git(root, 'switch', '--quiet', '--detach');
    expect(await refused('--commit')).toContain('HEAD is detached');
    expect((await tool('apply', '-t', 'sleep', '--commit', '--branch', 'x')).code).toBe(0);
    expect(log('%s')).toHaveLength(1);
  });

  it('a branch that exists, and nothing is kept for undo', async () => {
    project({ 'a.py': SLEEP });
    git(root, 'branch', 'x');
    const { code, stderr } = await tool('apply', '-t', 'sleep', '--branch', 'x');
    expect([code, stderr]).toEqual([2, expect.stringContaining('such as x-2\n')]);
    expect((await tool('undo', '--list')).stdout).toContain('Nothing can be undone');
  });

  it('files in several checkouts', async () => {
    project({ 'a.py': SLEEP });
    makeRepository(join(root, 'libs/b'), { 'b.py': SLEEP });
    expect(await refused('a.py', 'libs/b/b.py', '--commit')).toContain(
      'needs all rewritten files in one git checkout, and they are in 2: . and libs/b; name',
    );
  });

  it('a merge, and a file that git does not look at', async () => {
    project({ 'a.py': SLEEP });
    writeTree(root, { '.git/MERGE_HEAD': git(root, 'rev-parse', 'HEAD') });
    expect(await refused('--branch', 'x')).toContain(
      'cannot make a branch: a merge is in progress',
    );
    rmSync(join(root, '.git/MERGE_HEAD'));
    git(root, 'update-index', '--skip-worktree', 'a.py');
    expect(await refused('--commit')).toContain('git is told not to look at a.py');
  });

  it('a word that is no mode', async () => {
    const { code, stderr, asked } = await cli(['apply', '--commit=per-phse']);
    expect(code).toBe(2);
    expect(stderr.text).toBe(
      'anyio-codemod: --commit is once, per-phase or per-transform, ' +
        "not 'per-phse'; did you mean 'per-phase'?\n",
    );
    expect(asked).toBeUndefined();
  });
});

describe('a submodule', () => {
  it('gets the commit, and the outer project is spoken of', async () => {
    const inner = makeRepository(join(temporaryDirectory(), 'inner'), {
      'a.py': 'import asyncio\n\n\nasync def f():\n    await asyncio.sleep(1)\n',
    });
    project({ 'o.py': '' });
    git(root, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub');
    for (const [key, value] of Object.entries({ name: 'Ada', email: 'ada@example.org' })) {
      git(join(root, 'sub'), 'config', `user.${key}`, value);
    }
    const { code, stdout } = await tool('apply', '-t', 'sleep', '--commit', 'sub');
    expect(code).toBe(0);
    expect(stdout).toContain(`This is a submodule: commit it in ${root} as well.\n`);
    expect(git(join(root, 'sub'), 'log', '-1', '--format=%s')).toContain('Move sleep');
    expect(git(root, 'log', '--format=%s')).toBe('first\n');
  });
});

describe('the word behind --commit', () => {
  it.each<[string[], string[]]>([
    [
      ['apply', '--commit'],
      ['apply', '--commit=once'],
    ],
    [
      ['apply', '--commit', 'per-phase', 'app'],
      ['apply', '--commit=per-phase', 'app'],
    ],
    [
      ['apply', '-c', 'per-transform'],
      ['apply', '--commit=per-transform'],
    ],
    [
      ['apply', '--commit', 'app'],
      ['apply', '--commit=once', 'app'],
    ],
    [
      ['apply', '--commit', '-n'],
      ['apply', '--commit=once', '-n'],
    ],
    [
      ['apply', '-nc', 'once', 'x'],
      ['apply', '-n', '--commit=once', 'x'],
    ],
    [
      ['apply', '--commit=per-phase', 'once'],
      ['apply', '--commit=per-phase', 'once'],
    ],
    [
      ['apply', '--commit', 'per-phse'],
      ['apply', '--commit=per-phse'],
    ],
    [
      ['apply', '--', '--commit', 'once'],
      ['apply', '--', '--commit', 'once'],
    ],
    [
      ['apply', '-tc', 'once'],
      ['apply', '-tc', 'once'],
    ],
    [
      ['apply', '--phase', '1'],
      ['apply', '--phase', '1'],
    ],
  ])('%j', (words, expected) => {
    expect(withValues(words, temporaryDirectory())).toEqual(expected);
  });

  it('is a path where there is one of that name, however like a mode', () => {
    const cwd = temporaryDirectory();
    writeTree(cwd, { 'per-phases/a.py': '' });
    expect(withValues(['--commit', 'per-phases'], cwd)).toEqual(['--commit=once', 'per-phases']);
  });
});
