import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compileCheck } from '../src/cli/compile-check.ts';
import type { FileChange, Migration } from '../src/result.ts';
import { cli, migration, refuse, SAFE, use } from './cli-harness.ts';

let root = '';

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'apply-')));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const BEFORE = 'import asyncio\nasyncio.sleep(1)\n';
const AFTER = 'import anyio\nanyio.sleep(1)\n';

function put(name: string, text: string): void {
  writeFileSync(join(root, name), text);
}

function read(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trimEnd();
}

/** A repository that holds the two files, committed. */
function repository(): void {
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Test');
  git('config', 'user.email', 'test@example.org');
  put('a.py', BEFORE);
  put('b.py', BEFORE);
  put('other.py', 'x = 1\n');
  git('add', '.');
  git('commit', '--quiet', '--message', 'start');
}

function edit(name: string, after = AFTER, before = BEFORE): FileChange {
  return { path: join(root, name), before, after, encoding: 'utf8' };
}

/** What the engine would find in the two files. */
function found(...changes: FileChange[]): Migration {
  const sleep = { phase: 2, transform: 'sleep', root };
  return migration({
    root,
    judged: [
      use('a.py:2', 'asyncio.sleep', SAFE, sleep),
      use('b.py:2', 'asyncio.sleep', SAFE, sleep),
      use('b.py:9', 'asyncio.Event', refuse('event-clear', 'cleared', 'do'), {
        phase: 2,
        transform: 'event',
        root,
      }),
    ],
    changes: changes.length > 0 ? changes : [edit('a.py'), edit('b.py')],
  });
}

/** `PATH` is that of the tests, so that git and Python are found. */
function apply(
  words: string[],
  given: Migration,
  env: NodeJS.ProcessEnv = { PATH: process.env.PATH },
) {
  return cli(['apply', ...words], { migration: given, cwd: root, env });
}

describe('apply', () => {
  test('writes, and says what it did', async () => {
    put('a.py', BEFORE);
    put('b.py', BEFORE);
    const { code, stdout, stderr } = await apply([], found());
    expect([code, stderr.text]).toEqual([0, '']);
    expect([read('a.py'), read('b.py')]).toEqual([AFTER, AFTER]);
    expect(stdout.text).toBe(
      [
        'rewrote a.py (sleep x1)',
        'rewrote b.py (sleep x1)',
        '2 files changed: 2 uses rewritten, 1 refused, 0 deferred, 0 left.',
        'Refused: event-clear x1.',
        'Where and why: anyio-codemod plan',
        'Next:',
        '  anyio-codemod undo  take it back',
        '',
      ].join('\n'),
    );
  });

  test('with --dry-run writes nothing, though git would refuse', async () => {
    repository();
    put('a.py', `${BEFORE}# mine\n`);
    const { code, stdout } = await apply(['--dry-run', '--commit', '--branch', 'x'], found());
    expect(code).toBe(0);
    expect(stdout.text).toContain('+import anyio');
    expect(git('branch', '--format=%(refname:short)')).toBe('main');
    expect(read('b.py')).toBe(BEFORE);
  });

  test('with nothing to do makes no branch and no commit', async () => {
    repository();
    const { code, stdout } = await apply(['--branch', 'x', '--commit'], migration({ root }));
    expect(code).toBe(0);
    expect(stdout.text).toContain('No file changed');
    expect(git('branch', '--format=%(refname:short)')).toBe('main');
    expect(git('rev-list', '--count', 'HEAD')).toBe('1');
  });
});

describe('in a git checkout', () => {
  beforeEach(repository);

  test.each(['changed', 'staged', 'untracked'])('a %s file stops all writing', async (how) => {
    if (how === 'untracked') git('rm', '--quiet', '--cached', 'a.py');
    else put('a.py', `${BEFORE}# mine\n`);
    if (how === 'staged') git('add', 'a.py');
    const { code, stdout, stderr } = await apply([], found());
    expect([code, stdout.text]).toEqual([2, '']);
    expect(stderr.text).toBe(
      'anyio-codemod: 1 file to be rewritten has changes that git does not hold; ' +
        'commit them, or add --allow-dirty:\n  a.py\n',
    );
    expect(read('b.py')).toBe(BEFORE);
  });

  test('--allow-dirty writes all the same', async () => {
    const mine = `${BEFORE}# mine\n`;
    put('a.py', mine);
    const { code } = await apply(['--allow-dirty'], found(edit('a.py', `${AFTER}# mine\n`, mine)));
    expect([code, read('a.py')]).toEqual([0, `${AFTER}# mine\n`]);
  });

  test('another dirty file does not matter, and is not committed', async () => {
    put('other.py', 'x = 2\n');
    git('add', 'other.py');
    const { code } = await apply(['--commit'], found());
    expect(code).toBe(0);
    expect(git('show', '--name-only', '--format=', 'HEAD')).toBe('a.py\nb.py');
    expect(git('status', '--porcelain')).toBe('M  other.py');
  });

  test('--branch makes the branch, --commit says what was done', async () => {
    const words = ['.', '--phase', '2', '--branch', 'anyio-2', '--commit'];
    const { code, stdout, stderr } = await apply(words, found());
    expect([code, stderr.text]).toEqual([0, '']);
    expect(git('branch', '--show-current')).toBe('anyio-2');
    expect(git('log', '-1', '--format=%B')).toBe(
      [
        'Move sleep from asyncio to anyio',
        '',
        '- sleep: 2 uses rewritten',
        '',
        'Left as they were:',
        '- event-clear: 1 use',
        '',
        'Made by: anyio-codemod apply . --phase 2',
      ].join('\n'),
    );
    expect(stdout.text).toMatch(/^On the new branch anyio-2\.\n/);
    expect(stdout.text).toContain(`Committed as ${git('rev-parse', '--short', 'HEAD')}.`);
    expect(git('status', '--porcelain')).toBe('');
  });

  test('--message is the first line of the commit', async () => {
    await apply(['--commit', '--message', 'refactor: anyio'], found());
    expect(git('log', '-1', '--format=%s')).toBe('refactor: anyio');
    expect(git('log', '-1', '--format=%b')).toContain('- sleep: 2 uses rewritten');
  });

  test('a branch that exists stops all writing', async () => {
    git('branch', 'taken');
    const { code, stderr } = await apply(['--branch', 'taken'], found());
    expect(code).toBe(2);
    expect(stderr.text).toMatch(/^anyio-codemod: .*taken.*\n$/);
    expect(read('a.py')).toBe(BEFORE);
  });

  test('a commit that cannot be made stops all writing', async () => {
    put('.git/MERGE_HEAD', `${git('rev-parse', 'HEAD')}\n`);
    const { code, stderr } = await apply(['--commit'], found());
    expect([code, read('a.py')]).toEqual([2, BEFORE]);
    expect(stderr.text).toMatch(
      /^anyio-codemod: cannot commit: a merge is in progress; .*git merge --abort\)\n$/,
    );
  });

  test('a hook that refuses the commit is reported, with what was written', async () => {
    mkdirSync(join(root, '.git/hooks'), { recursive: true });
    put('.git/hooks/pre-commit', '#!/bin/sh\necho no such luck\nexit 1\n');
    chmodSync(join(root, '.git/hooks/pre-commit'), 0o755);
    const { code, stdout, stderr } = await apply(['--commit'], found());
    expect(code).toBe(2);
    expect(stdout.text).toContain('2 files changed');
    expect(stderr.text).toMatch(/^anyio-codemod: .*written but not committed.*no such luck\nNext:/);
    expect(stderr.text).toContain('  git commit --all ');
    expect(stderr.text).toContain('  anyio-codemod undo ');
    expect(read('a.py')).toBe(AFTER);
  });

  test('--json tells what was written, the branch and the commit', async () => {
    const { stdout } = await apply(['--json', '--branch', 'b', '--commit'], found());
    const report = JSON.parse(stdout.text);
    expect(report).toMatchObject({ schema: 1, command: 'apply', written: ['a.py', 'b.py'] });
    expect([report.branch, report.commit]).toEqual(['b', git('rev-parse', '--short', 'HEAD')]);
  });
});

test.each(['--branch=x', '--commit'])('%s needs a checkout', async (flag) => {
  put('a.py', BEFORE);
  const { code, stderr } = await apply([flag], found(edit('a.py')));
  expect(code).toBe(2);
  expect(stderr.text).toContain(`${flag.split('=')[0]} needs a git checkout`);
  expect(read('a.py')).toBe(BEFORE);
});

test('files in two checkouts get no common branch', async () => {
  for (const name of ['one', 'two']) {
    mkdirSync(join(root, name));
    execFileSync('git', ['init', '--quiet', name], { cwd: root });
    put(`${name}/a.py`, BEFORE);
  }
  const both = found(edit('one/a.py'), edit('two/a.py'));
  const { code, stderr } = await apply(['--branch', 'x', '--allow-dirty'], both);
  expect(code).toBe(2);
  expect(stderr.text).toContain('in one git checkout');
});

test('a file that changed since it was read keeps all from being written', async () => {
  put('a.py', `${BEFORE}# later\n`);
  put('b.py', BEFORE);
  const { code, stdout, stderr } = await apply([], found());
  expect(code).toBe(2);
  expect(stderr.text).toMatch(/^Nothing is written.*\na\.py: changed on disk since it was read\n$/);
  expect(stdout.text).toContain('No file changed: 0 uses rewritten');
  expect(read('b.py')).toBe(BEFORE);
});

describe('the compile check', () => {
  const BROKEN = 'import anyio\nanyio.sleep(1\n';

  beforeEach(() => {
    put('a.py', BEFORE);
    put('b.py', BEFORE);
  });

  test('keeps everything from being written when one file does not compile', async () => {
    const { code, stdout, stderr } = await apply([], found(edit('a.py'), edit('b.py', BROKEN)));
    expect(code).toBe(2);
    expect(stderr.text).toMatch(
      /^Nothing is written.*\nb\.py:2: the new code does not compile \(.*bug/,
    );
    expect(stdout.text).toContain('No file changed: 0 uses rewritten');
    expect([read('a.py'), read('b.py')]).toEqual([BEFORE, BEFORE]);
  });

  test('can be turned off', async () => {
    const { code } = await apply(['--no-compile-check'], found(edit('b.py', BROKEN)));
    expect([code, read('b.py')]).toEqual([0, BROKEN]);
  });

  test('does not judge a file whose old text does not compile, nor the manifest', async () => {
    const old = 'print "old"\n';
    put('a.py', old);
    put('requirements.txt', '');
    const given = found(
      edit('a.py', 'print "older"\n', old),
      edit('requirements.txt', 'anyio>=4.7.1\n', ''),
    );
    const dependency = {
      verdict: 'rewrite',
      file: join(root, 'requirements.txt'),
      needed: '4.7.1',
      message: 'anyio>=4.7.1 added',
    } as const;
    const { code } = await apply([], { ...given, dependency });
    expect(code).toBe(0);
    expect(read('requirements.txt')).toBe('anyio>=4.7.1\n');
  });

  test('is passed over where there is no Python, which --verbose says', async () => {
    const env = { PATH: join(root, 'nowhere') };
    const { code, stderr } = await apply(['--verbose'], found(edit('b.py', BROKEN)), env);
    expect([code, read('b.py')]).toEqual([0, BROKEN]);
    expect(stderr.text).toBe('No Python at hand: the new code was not compiled.\n');
  });

  test('says with --verbose what it asked', async () => {
    const { stderr } = await apply(['--verbose'], found());
    expect(stderr.text).toMatch(/^2 files compiled with python3?\.\n$/);
  });

  test('goes by the coding line, and by the mark of UTF-8', async () => {
    const path = join(root, 'x.py');
    const latin = {
      path,
      before: '# coding: latin-1\né = 1\n',
      after: '# coding: latin-1\né = 2\n',
    };
    const marked = { path, before: '\ufeffé = 1\n', after: '\ufeffé = 2\n' };
    const env = { PATH: process.env.PATH };
    const changes = [
      { ...latin, encoding: 'iso88591' },
      { ...marked, encoding: 'utf8' },
    ];
    const check = await compileCheck(changes, env);
    expect(check.python).toBeDefined();
    expect(check.problems).toEqual([]);
  });

  test('takes the next Python when the first does not run', async () => {
    const bin = join(root, 'bin');
    mkdirSync(bin);
    const real = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
      encoding: 'utf8',
    });
    put('bin/python3', '#!/bin/sh\nexit 127\n');
    put('bin/python', `#!/bin/sh\nexec ${real.trim()} "$@"\n`);
    for (const name of ['python3', 'python']) chmodSync(join(bin, name), 0o755);
    const { python, problems } = await compileCheck([edit('b.py', BROKEN)], {
      PATH: `${bin}:/usr/bin:/bin`,
    });
    expect(python).toBe('python');
    expect(problems).toMatchObject([{ path: join(root, 'b.py'), code: 'compile', line: 2 }]);
  });

  test('runs no code of the project', async () => {
    const effect = `open(${JSON.stringify(join(root, 'ran'))}, "w")\n`;
    put('base64.py', `${effect}from binascii import a2b_base64 as b64decode\n`);
    const env = { PATH: process.env.PATH, PYTHONPATH: root };
    const { python, problems } = await compileCheck([edit('b.py', effect)], env);
    expect(python).toBeDefined();
    expect(problems).toEqual([]);
    expect(existsSync(join(root, 'ran'))).toBe(false);
  });
});
