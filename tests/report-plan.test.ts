import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { placeLines } from '../src/report/places.ts';
import { planReport } from '../src/report/plan.ts';
import { PLAIN, styleFor, takesUnicode, wantsColour } from '../src/report/style.ts';
import {
  change,
  cli,
  DEFER,
  leave,
  migration,
  place,
  refuse,
  review,
  SAFE,
  sample,
  use,
} from './cli-harness.ts';

async function plan(...words: string[]): Promise<string> {
  return (await cli(['plan', ...words])).stdout.text;
}

const OPTIONS = {
  cwd: '/project',
  width: 80,
  style: PLAIN,
  unicode: false,
  includeReview: false,
  verbose: false,
  commandLine: () => 'anyio-codemod',
};

describe('the plan', () => {
  test('has a row for each transform, in its phase, with its counts', async () => {
    const text = await plan();
    const rows = text.split('\n').map((line) => line.replace(/ +/g, ' ').trim());
    const from = rows.indexOf('By transform safe review refused deferred left');
    expect(rows.slice(from + 1, from + 7)).toEqual([
      '1 run 1 - - - -',
      '2 sleep 2 2 - - -',
      'event - - 2 - -',
      '(no transform yet) - - - 1 -',
      '3 (no transform yet) - - - 3 -',
      'other names - - - - 1',
    ]);
  });

  test('begins with a bar for each phase, and the numbers under the same headings', async () => {
    const arrived = [
      { path: '/project/app/worker.py', phase: 2, uses: 7 },
      { path: '/project/app/old.py', phase: 2, uses: 2 },
    ];
    const { stdout } = await cli(['plan'], { migration: { ...sample(), arrived } });
    const lines = stdout.text.split('\n');
    const from = lines.findIndex((line) => line.startsWith('phase '));
    expect(lines.slice(0, from)[0]).toBe(
      '12 Python files, 3 with asyncio: 12 uses; 9 uses of anyio already.',
    );
    expect(lines.slice(from, from + 7)).toEqual([
      'phase                             anyio   safe  review  refused  deferred  left',
      '0 dependency  ==================  to be declared',
      '1 scripts     ==================      -      1       -        -         -     -',
      '2 primitives  ##########===??xx.      9      2       2        2         1     -',
      '3 timeouts    ..................      -      -       -        -         3     -',
      '  other names ..................      -      -       -        -         -     1',
      '  all         ########==??xx....      9      3       2        2         4     1',
    ]);
    expect(lines[from + 7]).toBe(
      '# on anyio already   = safe   ? to review   x refused   . deferred or left',
    );
  });

  test.each([
    [{}, '='],
    [{ LANG: 'C' }, '='],
    [{ LANG: 'en_US.UTF-8' }, '▓'],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, '='],
    [{ LC_CTYPE: 'C.utf8', LC_ALL: '' }, '▓'],
  ])('draws what the locale %j takes', async (env, sign) => {
    const { stdout } = await cli(['plan'], { env });
    expect(stdout.text).toContain(`1 scripts     ${sign.repeat(18)}`);
  });

  test('a narrow terminal gets bars with their sums alone', () => {
    const text = planReport(sample(), { ...OPTIONS, width: 48 });
    expect(text).toContain(`2 primitives  ${'='.repeat(7)}${'?'.repeat(7)}xxxxxxx....       7\n`);
    const [head = ''] = text.split('\n\nDependency');
    for (const line of head.split('\n').slice(2)) expect(line.length).toBeLessThanOrEqual(48);
  });

  test('says what phase 0 does', async () => {
    expect(await plan()).toContain('pyproject.toml: anyio>=4.7 added to [project] dependencies');
  });

  test('names every refusal with its place, reason and help', async () => {
    const text = await plan();
    expect(text).toContain('event-clear  2\n    the event is cleared, and an anyio event cannot');
    expect(text).toContain('do: put a new Event');
    expect(text).toContain('app/state.py:4, 18 (see line 40)');
  });

  test('says what to look at before --include-review, and after', async () => {
    expect(await plan()).toContain('Review: 2 uses, only with --include-review');
    expect(await plan('--include-review')).toContain('Review: 2 uses, rewritten, look at each');
    expect(await plan()).toContain('look at who cancels it\n      app/worker.py:21 x2\n');
  });

  test('names what waits and what stays, and with --verbose where', async () => {
    const text = await plan();
    expect(text).toContain('3 timeouts      wait_for 2, timeout 1\n');
    expect(text).toContain('annotates a task that stays\n    Task 1\n');
    expect(text).not.toContain('app/worker.py:40');
    const long = await plan('--verbose');
    expect(long).toContain('wait_for 2\n      app/worker.py:30, 31\n');
    expect(long).toContain('Task 1\n      app/worker.py:40\n');
  });

  test('closes with the account and the next command', async () => {
    expect(await plan('app', '--import-style', 'from')).toMatch(
      new RegExp(
        `uses found 12 = rewritten 5 \\(safe 3, review 2\\) \\+ refused 2 \\+ deferred 4 \\+ left 1\n\n` +
          `Next: dependency and scripts\n` +
          `  anyio-codemod diff app --phase 0,1 --import-style from\n` +
          `  anyio-codemod apply app --phase 0,1 --import-style from\n$`,
      ),
    );
  });

  test('the next command keeps a choice by transform, and quotes what a shell would take', async () => {
    expect(await plan('my app', '-t', 'sleep', '-x', '*.py')).toContain(
      "  anyio-codemod diff 'my app' --transform sleep --exclude '*.py'\n",
    );
  });

  test('is no wider than 80 columns, or than a narrow terminal', async () => {
    for (const line of (await plan('-v')).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const accountOf383 = { found: 38300, rewritten: 12000, safe: 10000, review: 2000 };
    const many = {
      ...sample().account,
      ...accountOf383,
      refused: 1300,
      deferred: 20000,
      left: 5000,
    };
    const wide = { ...sample(), account: many };
    const { stdout } = await cli(['plan'], { migration: wide });
    for (const line of stdout.text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout.text).toContain(
      'uses found 38300 = rewritten 12000 (safe 10000, review 2000)\n' +
        '                 + refused 1300 + deferred 20000 + left 5000\n',
    );
  });

  test('has colour on a terminal only, and the same words', async () => {
    const plain = await plan();
    const coloured = (await cli(['plan'], { tty: true })).stdout.text;
    expect(coloured).not.toBe(plain);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
    expect(plain).toBe(stripVTControlCharacters(plain));
  });
});

describe('one code, several messages', () => {
  const judged = [
    use('a.py:1', 'asyncio.Lock', refuse('lock-x', 'first reason', 'first help')),
    use('a.py:2', 'asyncio.Lock', refuse('lock-x', 'second reason', 'first help')),
    use('b.py:3', 'asyncio.Lock', refuse('lock-x', 'first reason', 'first help', place('c.py', 3))),
  ];

  test('each message has its own places', async () => {
    const { stdout } = await cli(['plan'], { migration: migration({ judged }) });
    expect(stdout.text).toContain(
      [
        '  lock-x  3',
        '    first reason',
        '    do: first help',
        '      a.py:1',
        '      b.py:3 (see c.py:3)',
        '    second reason',
        '    do: first help',
        '      a.py:2',
      ].join('\n'),
    );
  });
});

describe('a long list of places', () => {
  const lines = Array.from({ length: 200 }, (_, i) => i * 7 + 1);
  const judged = [
    ...lines.map((line) => use(`app/a.py:${line}`, 'asyncio.Lock', refuse('x', 'm', 'h'))),
    ...lines.map((line) => use(`b${line}.py:1`, 'asyncio.Lock', refuse('x', 'm', 'h'))),
  ];
  const listed = (text: string) =>
    [...text.matchAll(/app\/a\.py:([\d,\s]+)/g)]
      .flatMap(([, numbers = '']) => numbers.split(/[,\s]+/))
      .filter(Boolean)
      .map(Number);

  test('is cut, and what is cut is counted with how to see it', async () => {
    const { stdout } = await cli(['plan'], { migration: migration({ judged }) });
    expect(listed(stdout.text)).toEqual(lines.slice(0, 12));
    // Four files of one place each are named beside the twelve places.
    expect(stdout.text).toContain('      and 384 more in 197 files (--verbose names each)\n');
  });

  test('is whole with --verbose', async () => {
    const { stdout } = await cli(['plan', '-v'], { migration: migration({ judged }) });
    expect(listed(stdout.text)).toEqual(lines);
    expect(stdout.text.match(/^ +b\d+\.py:1$/gm)).toHaveLength(200);
    expect(stdout.text).not.toContain('more');
  });

  test('is not cut for one or two', async () => {
    const few = judged.slice(0, 14);
    const { stdout } = await cli(['plan'], { migration: migration({ judged: few }) });
    expect(listed(stdout.text)).toEqual(lines.slice(0, 14));
  });
});

test('of many files those with the most work are named, and all with --verbose', async () => {
  const names = Array.from({ length: 30 }, (_, at) => `f${String(at).padStart(2, '0')}.py`);
  const judged = names.flatMap((name, at) =>
    Array.from({ length: at + 1 }, () =>
      use(`${name}:1`, 'asyncio.sleep', SAFE, { phase: 2, transform: 'sleep' }),
    ),
  );
  const changes = names.map((name) => change(name, 'a\n', 'b\n'));
  const big = migration({ judged, changes });
  const short = (await cli(['plan'], { migration: big })).stdout.text;
  expect(short.match(/^ {2}f\d\d\.py/gm)).toEqual(
    names
      .slice(18)
      .reverse()
      .map((name) => `  ${name}`),
  );
  expect(short).toContain('  and 18 more with fewer uses (--verbose names each)\n');
  const long = (await cli(['plan', '-v'], { migration: big })).stdout.text;
  expect(long.match(/^ {2}f\d\d\.py/gm)).toEqual(names.map((name) => `  ${name}`));
});

test('what a file with a long name needs is below it, not beyond the page', async () => {
  const long = `${'folder/'.repeat(10)}a.py`;
  const judged = [long, 'b.py'].map((name) =>
    use(`${name}:1`, 'asyncio.sleep', SAFE, { phase: 2, transform: 'sleep' }),
  );
  const changes = [change(long, 'a\n', 'b\n'), change('b.py', 'a\n', 'b\n')];
  const { stdout } = await cli(['plan'], { migration: migration({ judged, changes }) });
  expect(stdout.text).toContain(`  ${long}\n      sleep x1\n  b.py  sleep x1\n`);
});

test('safe rewrites that were held back are not passed over', async () => {
  const judged = [
    use('a.py:5', 'asyncio.Lock', SAFE, { applied: false, phase: 2, transform: 'lock' }),
  ];
  const { stdout } = await cli(['plan'], { migration: migration({ judged }) });
  expect(stdout.text).toContain('Held back: 1 safe rewrite, not written');
  expect(stdout.text).toContain('    a.py:5\n');
  const diff = await cli(['diff'], { migration: migration({ judged }) });
  expect(diff.stderr.text).toContain('1 safe rewrite held back');
});

describe('when there is nothing to write', () => {
  const closing = async (...judged: ReturnType<typeof use>[]) =>
    (await cli(['plan'], { migration: migration({ judged }) })).stdout.text
      .trimEnd()
      .split('\n')
      .at(-1);

  test('the plan says why', async () => {
    expect(await closing()).toBe('Nothing to write.');
    expect(await closing(use('a.py:1', 'asyncio.Task', leave('stays')))).toBe('Nothing to write.');
    expect(await closing(use('a.py:1', 'asyncio.sleep', review('look')))).toBe(
      'Nothing to write without --include-review.',
    );
    expect(await closing(use('a.py:1', 'asyncio.wait_for', DEFER, { phase: 3 }))).toBe(
      'Nothing to write: what is left waits for a person or for a later phase.',
    );
  });

  test('and what it looked at', async () => {
    const { stdout } = await cli(['plan'], { migration: migration({ filesSeen: 1 }) });
    expect(stdout.text).toMatch(/^1 Python file, none with asyncio\.\n/);
  });
});

test('places: one line a file and blocker, lines joined, wrapped with an indent', () => {
  const at = (line: number, blocker?: number) => ({
    file: '/project/a.py',
    line,
    ...(blocker ? { blocker: place('a.py', blocker) } : {}),
  });
  const spots = [at(1), at(2), at(2), at(3, 9), { file: '/other/b.py', line: 4 }];
  expect(placeLines(spots, '/project', 80, 2)).toEqual([
    '  a.py:1, 2 x2',
    '  a.py:3 (see line 9)',
    '  ../other/b.py:4',
  ]);
  expect(placeLines([at(100), at(200), at(300)], '/project', 16, 2)).toEqual([
    '  a.py:100,',
    '    200, 300',
  ]);
});

test.each<[boolean, NodeJS.ProcessEnv, boolean]>([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
  [false, { FORCE_COLOR: '1' }, true],
  [false, { FORCE_COLOR: '' }, true],
  [true, { FORCE_COLOR: '0' }, false],
  [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
])('colour on a terminal %j with %j is %j', (isTTY, env, wanted) => {
  expect(wantsColour({ isTTY }, env)).toBe(wanted);
  expect(styleFor({ isTTY }, env).bad('x') === 'x').toBe(!wanted);
});

test('a Windows terminal takes blocks whatever the locale, and a file does not', () => {
  expect(takesUnicode({ isTTY: true }, {}, 'win32')).toBe(true);
  expect(takesUnicode({}, { LANG: 'de_DE.UTF-8' }, 'win32')).toBe(false);
});
