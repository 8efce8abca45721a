import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../src/cli/commands.ts';
import { cli, migration } from './cli-harness.ts';
import { temporaryDirectory } from './files-temporary.ts';

describe('wrong usage is exit code 2 and one line on stderr', () => {
  test.each<[string[], string]>([
    [['pln'], "unknown command 'pln'; did you mean 'plan'?"],
    [['app/x.py'], "did you mean 'anyio-codemod plan app/x.py'?"],
    [['plan', '--phse', '1'], "unknown flag --phse; did you mean '--phase'?"],
    [['1e3'], "unknown command '1e3'"],
    [['plan', '-q'], 'unknown flag -q'],
    [['plan', '--json.x', '1'], 'unknown flag --json.x'],
    [['plan', '--branch', 'x'], 'plan takes no --branch'],
    [['list', '--json'], 'list takes no --json'],
    [['diff', '--phase', '7'], "unknown phase '7'"],
    [['diff', '--phase'], '--phase needs a value'],
    [['diff', '--phase', '--json'], '--phase needs a value'],
    [['diff', '--phase', '4'], 'no transform belongs to phase 4 yet'],
    [['diff', '-t', 'slep'], "did you mean 'sleep'?"],
    [['diff', '-U', 'x'], "--unified takes a number of lines, not 'x'"],
    [['diff', '--import-style', 'mod'], '--import-style is keep, module or from'],
    [['diff', '--target-anyio', 'new'], '--target-anyio is a version'],
    [['diff', '--target-anyio', '3.7'], '--target-anyio is 4.0 or later'],
    [['apply', '--message', 'x'], '--message needs --commit'],
    [['apply', '--branch', ''], '--branch needs a value'],
    [['undo', 'a', 'b'], "undo takes no further argument, and got 'b'"],
    [['undo', 'a', '--', 'b'], "undo takes one folder, and got 'a b'"],
    [['list', 'x'], "list takes no argument, and got 'x'"],
    [['list', '--', 'x'], "list takes no argument, and got 'x'"],
    [['explain'], 'explain what?'],
    [['explain', 'evnt-clear'], "did you mean 'event-clear'?"],
    [['--verison'], 'unknown flag --verison'],
  ])('%j', async (words, message) => {
    const { code, stdout, stderr, asked } = await cli(words);
    expect(stderr.text).toContain(message);
    expect(stderr.text).toMatch(/^anyio-codemod: .*\n$/);
    expect(stdout.text).toBe('');
    expect(asked).toBeUndefined();
    expect(code).toBe(2);
  });
});

describe('flags reach the engine', () => {
  async function asked(...words: string[]) {
    return (await cli(words)).asked;
  }

  test('defaults', async () => {
    expect(await asked('diff')).toMatchObject({
      cwd: '/project',
      paths: ['.'],
      exclude: [],
      includeReview: false,
      importStyle: 'keep',
      targetAnyio: undefined,
      fastAcquire: false,
    });
    expect((await asked('diff'))?.selection.phases).toEqual([0, 1, 2]);
    expect((await asked('apply', '--dry-run'))?.selection.phases).toEqual([0, 1, 2]);
    expect((await asked('plan'))?.selection.phases).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('everything', async () => {
    const words = ['diff', 'a.py', '--phase', '1', 'b', '-x', 'docs,old', '--exclude', '*_pb2.py'];
    const manner = ['--include-review', '--import-style', 'from', '--target-anyio', '4.8'];
    const request = await asked(...words, ...manner, '--fast-acquire');
    expect(request).toMatchObject({
      paths: ['a.py', 'b'],
      exclude: ['docs', 'old', '*_pb2.py'],
      includeReview: true,
      importStyle: 'from',
      targetAnyio: '4.8',
      fastAcquire: true,
    });
    expect(request?.selection.phases).toEqual([1]);
  });

  test('paths may look like numbers, stand after -- and hold dots', async () => {
    expect((await asked('plan', '007', '1.50', '--', '-x.py'))?.paths).toEqual([
      '007',
      '1.50',
      '-x.py',
    ]);
  });

  test('flags may come before the command, and short ones be joined to their value', async () => {
    const before = await cli(['--json', '-p1', 'plan', 'app']);
    expect(before.asked?.selection.phases).toEqual([1]);
    expect(before.asked?.paths).toEqual(['app']);
    expect(JSON.parse(before.stdout.text).command).toBe('plan');
  });

  test('of a flag with one value, the last counts', async () => {
    const words = ['diff', '--import-style', 'from', '--import-style', 'module'];
    expect((await asked(...words))?.importStyle).toBe('module');
  });
});

test('a phase without transforms is a note beside others, and plan shows it alone', async () => {
  const full = await cli(['diff', '--phase', 'full']);
  expect(full.stderr.text).toContain('Note: no transform belongs to phase 3, 4, 5 and 6 yet.');
  expect(full.code).toBe(0);
  expect((await cli(['plan', '--phase', '4'])).code).toBe(0);
});

describe('help', () => {
  const pages = [[], ...COMMANDS.map((command) => [command.name])];

  test.each(pages)('of %j fits 80 columns and says the exit codes', async (...words) => {
    const { code, stdout, stderr } = await cli([...words, '--help']);
    expect(code).toBe(0);
    expect(stderr.text).toBe('');
    expect(stdout.text).toMatch(/^Usage: anyio-codemod/);
    expect(stdout.text).toContain('Exit codes:');
    for (const line of stdout.text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test.each(COMMANDS.map((command) => command.name))('%s --help shows its flags', async (name) => {
    const { stdout } = await cli([name, '--help']);
    const command = COMMANDS.find((each) => each.name === name);
    for (const group of command?.groups ?? []) {
      for (const flag of group.flags) expect(stdout.text).toContain(`--${flag.name}`);
    }
    for (const [example] of command?.examples ?? []) expect(stdout.text).toContain(example);
  });

  test('examples are command lines that work', async () => {
    // Those of check, review, undo and verify, and the lines of explain, read the disk; they are run in projects in their own tests.
    const others = COMMANDS.filter(
      ({ name }) => !['check', 'review', 'undo', 'verify'].includes(name),
    );
    for (const [example] of others.flatMap((command) => command.examples)) {
      if (/^anyio-codemod explain \S+:\d+$/.test(example)) continue;
      const [, ...words] = example.split(/ [|>]/)[0]?.split(' ') ?? [];
      if (words[0] === 'apply') words.push('--dry-run');
      // In a folder that is there: some write a file.
      const cwd = temporaryDirectory();
      const { code, stderr } = await cli(
        words.filter((word) => word !== ''),
        { cwd },
      );
      const wanted = words.includes('--exit-code') ? 1 : 0;
      expect([example, code, stderr.text.match(/^anyio-codemod:/)]).toEqual([
        example,
        wanted,
        null,
      ]);
    }
  });

  test('is shown for help, and on stderr with exit code 2 where no command is given', async () => {
    expect((await cli(['help', 'diff'])).stdout.text).toContain('Usage: anyio-codemod diff');
    expect((await cli(['help'])).stdout.text).toContain('Commands:');
    const none = await cli([]);
    expect([none.code, none.stdout.text]).toEqual([2, '']);
    expect(none.stderr.text).toContain('Commands:');
  });
});

test('--version is that of package.json', async () => {
  const { default: manifest } = await import('../package.json', { with: { type: 'json' } });
  for (const words of [['--version'], ['-V'], ['plan', '--version']]) {
    expect((await cli(words)).stdout.text).toBe(`${manifest.version}\n`);
  }
});

describe('what goes wrong inside', () => {
  const broken = () => {
    throw new TypeError('cannot read x\nsecond line');
  };

  test('is one line', async () => {
    const { code, stderr } = await cli(['plan'], { migration: broken });
    expect(code).toBe(2);
    expect(stderr.text).toBe(
      'anyio-codemod: internal error: cannot read x (ANYIO_CODEMOD_DEBUG=1 shows where)\n',
    );
  });

  test('shows the stack where that is asked for', async () => {
    const env = { ANYIO_CODEMOD_DEBUG: '1' };
    const { stderr } = await cli(['plan'], { migration: broken, env });
    expect(stderr.text).toContain('cli-run.test.ts');
  });
});

test('each file problem is a line with its place, the rest is done, and the exit code is 2', async () => {
  const problems = [
    { path: '/project/app/old.py', code: 'syntax', message: 'not Python', line: 3 },
    { path: '/elsewhere/x.py', code: 'not-found', message: 'no such file' },
    { path: '/project', code: 'no-python', message: 'holds no Python' },
  ] as const;
  const given = { ...(await import('./cli-harness.ts')).sample(), problems: [...problems] };
  for (const command of ['plan', 'diff']) {
    const { code, stdout, stderr } = await cli([command], { migration: given });
    expect(stderr.text).toContain(
      'app/old.py:3: not Python\n../elsewhere/x.py: no such file\n.: holds no Python\n',
    );
    expect(stdout.text).toContain('app/worker.py');
    expect(code).toBe(2);
  }
});

test.each(['plan', 'diff', 'apply'])(
  'a problem and nothing else is all that %s says',
  async (name) => {
    const problems = [{ path: '/project/no', code: 'not-found', message: 'no such file' }] as const;
    const nothing = migration({ filesSeen: 0, problems: [...problems] });
    const { code, stdout, stderr } = await cli([name, 'no'], { migration: nothing });
    expect([code, stdout.text, stderr.text]).toEqual([2, '', 'no: no such file\n']);
  },
);
