/** `apply --commit per-phase` and its kin, on the sample project, and commits that fail on the way. */

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dependency } from '../transforms/dependency.ts';
import { transforms } from '../transforms/index.ts';
import { git, writeTree } from './files-temporary.ts';
import { hook, log, moveTo, project, root, tool, tree } from './project-harness.ts';

/** The command that a commit's message says made it. */
function commandOf(commit: string): string[] {
  const body = git(root, 'show', '--no-patch', '--format=%b', commit);
  const line = /^Made by: anyio-codemod (.*)$/m.exec(body)?.[1] ?? '';
  return line.split(' ');
}

/** Whether the command makes the commits before as well. */
function isRedone(commit: string): boolean {
  return git(root, 'show', '--no-patch', '--format=%b', commit).includes('written otherwise than');
}

function subject(commit: string): string {
  return git(root, 'show', '--no-patch', '--format=%s', commit).trim();
}

describe('apply in several commits', () => {
  it('ends with what one commit has, and each is what the tool makes of its phases', async () => {
    project();
    const { code, stdout } = await tool(
      'apply',
      '--phase',
      '0-3',
      '-b',
      'anyio',
      '--commit',
      'per-phase',
    );
    expect(code).toBe(0);
    expect(log('%s')).toEqual([
      'Declare anyio as a dependency',
      'Move run from asyncio to anyio',
      'Move sleep, event and lock from asyncio to anyio',
      'Move timeouts from asyncio to anyio',
    ]);
    expect(stdout).toContain(`Committed:\n  ${log('%h')[0]} Declare anyio as a dependency\n`);
    expect(git(root, 'status', '--porcelain')).toBe('');
    for (const line of log('%s')) expect(line.length).toBeLessThanOrEqual(72);

    const whole = tree();
    // What is declared at first is what the last commit needs.
    expect(git(root, 'log', '--format=%h', '--', 'pyproject.toml').split('\n')).toHaveLength(3);
    const states = [2, 1, 0].map((back) => tree(`HEAD~${back}`));
    for (const [index, phases] of ['0-1', '0-2', '0-3'].entries()) {
      git(root, 'switch', '--quiet', '--force-create', 'once', 'main');
      expect((await tool('apply', '--phase', phases, '--commit')).code).toBe(0);
      // Only the bound on anyio may be lower, where less is written.
      if (phases === '0-1') git(root, 'checkout', 'anyio', '--', 'pyproject.toml');
      git(root, 'commit', '--quiet', '--amend', '--allow-empty', '--no-edit');
      expect([phases, tree()]).toEqual([phases, states[index]]);
    }
    expect(tree()).toBe(whole);
  });

  it('says in each message how to do that step again, which does it', async () => {
    project();
    await tool('apply', '--phase', 'full', '--include-review', '--commit=per-transform', '-b', 'x');
    const commits = log('%h');
    const order = [dependency, ...transforms].map(({ id }) => id);
    const ids = commits.map((commit) => commandOf(commit)[2]?.split(',').at(-1) ?? '');
    expect(ids.length).toBeGreaterThan(8);
    expect(ids).toEqual([...ids].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
    // A wait_for with its handler becomes another block than without.
    expect(commits.filter(isRedone).map(subject)).toEqual([
      'Move timeout-error from asyncio to anyio',
    ]);
    for (const commit of commits.slice(1)) {
      const from = isRedone(commit) ? 'main' : `${commit}~1`;
      git(root, 'switch', '--quiet', '--force-create', 'again', from);
      expect(commandOf(commit)).toContain('--include-review');
      expect((await tool(...commandOf(commit), '--commit')).code).toBe(0);
      expect([commandOf(commit).join(' '), tree()]).toEqual([
        commandOf(commit).join(' '),
        tree(commit),
      ]);
    }
  });

  it('counts in each message what that step did and refused', async () => {
    project();
    await tool('apply', '--commit', 'per-phase', '--message', 'refactor: anyio');
    const [declared, , primitives] = log('%h');
    const message = (commit = '') => git(root, 'show', '--no-patch', '--format=%B', commit).trim();
    expect(message(primitives)).toBe(
      [
        'refactor: anyio (primitives)',
        '',
        '- sleep: 21 uses rewritten',
        '- event: 11 uses rewritten',
        '- lock: 10 uses rewritten',
        '',
        'Left as they were:',
        '- event-clear: 1 use',
        '',
        'Made by: anyio-codemod apply --phase 2',
      ].join('\n'),
    );
    expect(message(declared)).toContain('- dependency: anyio>=4.7.0 added');
    expect(message(declared)).toContain('what the commits after this one need');
  });

  it('makes no commit for what changes nothing, and takes only what is selected', async () => {
    project();
    await tool('apply', '--transform', 'runner,lock,sleep,condition', '--commit', 'per-transform');
    expect(log('%s')).toEqual([
      'Move sleep from asyncio to anyio',
      'Move lock from asyncio to anyio',
    ]);
    await tool('apply', '--transform', 'run,event', '--commit', 'per-phase', 'mud', 'main.py');
    const [run_, event] = log('%h').slice(2);
    expect(commandOf(run_ ?? '')).toEqual(['apply', 'mud', 'main.py', '--transform', 'run']);
    expect(commandOf(event ?? '')).toEqual(['apply', 'mud', 'main.py', '--transform', 'event']);
    const none = await tool('apply', '--transform', 'run,event', '--commit', 'per-phase', 'mud');
    expect([none.code, none.stdout]).toEqual([0, expect.stringContaining('No file changed')]);
    expect(log('%h')).toHaveLength(4);
  });

  it('is undone as one', async () => {
    project();
    const before = tree();
    await tool('apply', '--branch', 'anyio', '--commit', 'per-phase');
    const { code, stdout } = await tool('undo');
    expect(code).toBe(0);
    expect(stdout).toContain('3 commits stay on the branch anyio');
    expect(git(root, 'diff', '--stat', before)).toBe('');
    git(root, ...(/git (reset \w+)/.exec(stdout)?.[1]?.split(' ') ?? []));
    expect(git(root, 'status', '--porcelain')).toBe('');
    expect(tree()).toBe(before);
  });

  it('tells a program of each commit', async () => {
    project();
    const { stdout } = await tool('apply', '--json', '--commit', 'per-phase');
    const { commits, commit, written } = JSON.parse(stdout);
    expect(commits.map(({ hash }: { hash: string }) => hash)).toEqual(log('%h'));
    expect(commit).toBe(log('%h').at(-1));
    expect(new Set(written).size).toBe(written.length);
  });

  it('works in a linked worktree, and before the first commit', async () => {
    project();
    const main = root;
    moveTo(join(main, '../linked'));
    git(main, 'worktree', 'add', '--quiet', '-b', 'linked', root);
    expect((await tool('apply', '--commit', 'per-phase')).code).toBe(0);
    expect(log('%s')).toHaveLength(3);
    expect(git(main, 'rev-list', '--count', 'main')).toBe('1\n');

    moveTo(join(main, '../fresh'));
    mkdirSync(root);
    git(root, 'init', '--quiet');
    for (const [key, value] of Object.entries({ name: 'Ada', email: 'ada@example.org' })) {
      git(root, 'config', `user.${key}`, value);
    }
    writeTree(root, { 'a.py': 'import asyncio\n\n\nasync def f():\n    await asyncio.sleep(1)\n' });
    const { code, stderr } = await tool('apply', '-t', 'sleep', '--allow-dirty', '--commit');
    expect([code, stderr]).toEqual([0, '']);
    expect(git(root, 'log', '--format=%s')).toBe('Move sleep from asyncio to anyio\n');
  });
});

describe('a commit that fails on the way', () => {
  it('leaves that step written and the rest not, and the ways on lead on', async () => {
    project();
    hook(
      'pre-commit',
      'if git diff --cached --name-only | grep -q rooms.py; then',
      '  echo "ruff.....Failed"; echo "one error" >&2; exit 1',
      'fi',
    );
    const words = ['--phase', '0-3', '--commit', 'per-phase', '--message', 'anyio now'];
    const { code, stdout, stderr } = await tool('apply', ...words);
    expect(code).toBe(2);
    expect(log('%s')).toEqual(['anyio now (dependency)', 'anyio now (scripts)']);
    expect(stderr).toMatch(
      /^anyio-codemod: primitives: the files were written but not committed: the pre-commit hook refused/,
    );
    expect(stderr).toContain('  | ruff.....Failed\n  | one error\n');
    expect(stderr).toContain(`Committed before:\n  ${log('%h')[0]} anyio now (dependency)\n`);
    expect(stderr).toContain('Not written: timeouts.\n');
    const goOn = "anyio-codemod apply --phase 0-3 --commit=per-phase --message 'anyio now'";
    expect(stderr).toContain(`  ${goOn}\n`);
    expect(stdout).not.toContain('to-thread');
    expect(readFileSync(join(root, 'mud/rooms.py'), 'utf8')).toContain('anyio.Lock');
    expect(readFileSync(join(root, 'mud/persistence.py'), 'utf8')).toContain('asyncio.to_thread');

    git(root, 'commit', '--quiet', '--no-verify', '--all', '-m', 'by hand');
    expect((await tool('apply', ...words)).code).toBe(0);
    const steps = tree();
    git(root, 'switch', '--quiet', '-c', 'once', 'main~3');
    await tool('apply', '--phase', '0-3');
    git(root, 'commit', '--quiet', '--no-verify', '--all', '-m', 'once');
    expect(tree()).toBe(steps);
  });

  it('can be undone whole', async () => {
    project();
    hook('commit-msg', 'grep -q lock "$1" && exit 1', 'exit 0');
    const before = tree();
    expect((await tool('apply', '--commit', 'per-transform')).code).toBe(2);
    expect(log('%s').length).toBeGreaterThan(1);
    const { code, stdout } = await tool('undo');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\d+ commits stay on the branch main/);
    expect(git(root, 'diff', '--stat', before)).toBe('');
  });

  it('is told from one whose hook formats the files', async () => {
    project();
    hook(
      'pre-commit',
      'git diff --quiet && sed -i "1i # formatted" mud/rooms.py && exit 1',
      'exit 0',
    );
    const { code, stderr } = await tool('apply', '--phase', '0,2', '--commit', 'per-phase');
    expect(code).toBe(2);
    expect(stderr).toMatch(/hook refused the commit/);
    expect(log('%s')).toEqual([]);
  });

  it('says which files a hook changed, and undoes them too', async () => {
    project();
    const old = readFileSync(join(root, 'mud/rooms.py'), 'utf8');
    hook(
      'pre-commit',
      'sed -i "1i # formatted" mud/rooms.py',
      'echo "files were modified"; exit 1',
    );
    const { code, stderr } = await tool('apply', '--phase', '2', '--commit');
    expect(code).toBe(2);
    expect(stderr).toContain('The hooks changed mud/rooms.py after that was written: look at it.');
    expect((await tool('undo')).code).toBe(0);
    expect(readFileSync(join(root, 'mud/rooms.py'), 'utf8')).toBe(old);
  });

  it('does not write over what a hook made and committed', async () => {
    project();
    // A formatter that stages what it did, as some hooks do.
    hook('pre-commit', 'echo "# formatted" >> main.py', 'git add main.py');
    const { code, stderr } = await tool(
      'apply',
      '--commit',
      'per-transform',
      '--phase',
      '1-2',
      '.',
    );
    // main.py holds asyncio.run alone, so it is written once, and all goes through.
    expect([code, stderr]).toEqual([0, '']);
    git(root, 'reset', '--quiet', '--hard');
    hook(
      'pre-commit',
      'grep -q formatted mud/ticks.py && exit 0',
      'echo "# formatted" >> mud/ticks.py; git add mud/ticks.py',
    );
    git(
      root,
      'switch',
      '--quiet',
      '-c',
      'second',
      git(root, 'rev-list', '--max-parents=0', 'HEAD').trim(),
    );
    const second = await tool('apply', '--commit', 'per-transform', '--phase', '2');
    expect(second.code).toBe(2);
    expect(second.stderr).toContain('what was committed is not what was written');
    expect(second.stderr).toContain('mud/ticks.py: changed on disk since it was read\n');
    expect(log('%s')).toEqual([
      'Move sleep from asyncio to anyio',
      'Move lock from asyncio to anyio',
    ]);
    expect(git(root, 'status', '--porcelain')).toBe('');
    const again = await tool('apply', '--commit', '--phase', '2');
    expect(again.code).toBe(0);
  });
});
