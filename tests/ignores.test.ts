/** Ignore comments: what they say, which lines they mean, and what is said of those without effect. */

import { describe, expect, it } from 'vitest';
import { engine } from '../src/cli/engine.ts';
import { run } from '../src/cli/run.ts';
import { directivesIn } from '../src/ignore-comments.ts';
import { Sink } from './cli-harness.ts';
import { temporaryDirectory, writeTree } from './files-temporary.ts';
import { type Expected, migrateTexts } from './fixture-cases.ts';

describe('a comment says', () => {
  const all = { kind: 'ignore', names: undefined };
  const file = { kind: 'ignore-file', names: undefined };
  it.each<[string, object[]]>([
    ['# anyio-codemod: ignore', [all]],
    ['#anyio-codemod:ignore', [all]],
    ['# Anyio-Codemod: IGNORE because', [{ ...all, reason: 'because' }]],
    ['# anyio-codemod: ignore[lock]', [{ ...all, names: ['lock'] }]],
    [
      '# anyio-codemod: ignore [lock,sleep, 2] - see #12',
      [{ ...all, names: ['lock', 'sleep', '2'], reason: 'see #12' }],
    ],
    [
      '# noqa: X  # anyio-codemod: ignore[lock] why  # type: ignore',
      [{ ...all, names: ['lock'], reason: 'why' }],
    ],
    ['# anyio-codemod: ignore  # noqa', [all]],
    ['# anyio-codemod: ignore why #noqa', [{ ...all, reason: 'why' }]],
    ['# anyio-codemod: ignore-file', [file]],
    [
      '# anyio-codemod: ignore-file[pytest]: later',
      [{ ...file, names: ['pytest'], reason: 'later' }],
    ],
    [
      '# anyio-codemod: ignore[a] x # anyio-codemod: ignore[b]',
      [
        { ...all, names: ['a'], reason: 'x' },
        { ...all, names: ['b'] },
      ],
    ],
    ['# made with anyio-codemod', []],
    ['# anyio-codemod made this', []],
    ['# the anyio-codemod: ignore of old', []],
    ['# noqa', []],
  ])('%j', (comment, expected) => expect(directivesIn(comment)).toEqual(expected));

  it.each<[string, string]>([
    ['# anyio-codemod: ignor', "'ignor' is neither ignore nor ignore-file; did you mean 'ignore'?"],
    ['# anyio-codemod: ignore_file', "did you mean 'ignore-file'?"],
    ['# anyio-codemod: off', "'off' is neither ignore nor ignore-file"],
    ['# anyio-codemod ignore[lock]', 'a colon is missing: `# anyio-codemod: ignore`'],
    ['# anyio-codemod: ignore[lock', 'the bracket of `ignore` is not closed'],
    ['# anyio-codemod: ignore[lock # ]', 'the bracket of `ignore` is not closed'],
    ['# anyio-codemod: ignore[ ]', 'the brackets of `ignore` are empty'],
  ])('a fault in %j', (comment, fault) => {
    const [parsed, ...rest] = directivesIn(comment);
    expect(rest).toEqual([]);
    expect(parsed).toEqual({ fault: expect.stringContaining(fault) });
  });
});

/** Runs the command line with the real engine. */
async function real(cwd: string, ...words: string[]) {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const uninterrupted = <T>(work: () => T) => work();
  const code = await run(words, { cwd, env: {}, stdout, stderr, engine, uninterrupted });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

const OPTIONS: Expected = { about: '', safe: 0, run: '' };

/** `5 asyncio.sleep refuse ignored` for each use, and `3 message` for each note. */
async function judge(text: string, transforms = ['sleep', 'lock']) {
  const expected = { ...OPTIONS, options: { transforms } };
  const { migration } = await migrateTexts(new Map([['a.py', text]]), expected);
  return {
    uses: migration.judged.map(({ use, position, verdict }) =>
      [position.line, use.name.replace('asyncio.', ''), verdict.kind].join(' '),
    ),
    notes: migration.notes.map(({ line, message }) => `${line} ${message}`),
    diagnostics: migration.judged.flatMap(({ verdict }) =>
      verdict.kind === 'refuse' ? [verdict.diagnostic] : [],
    ),
  };
}

describe('a use is meant', () => {
  it.each<[string, string, string]>([
    ['on the line of its name', 'await asyncio.sleep(0)  # anyio-codemod: ignore', 'refuse'],
    ['by its transform', 'await asyncio.sleep(0)  # anyio-codemod: ignore[sleep]', 'refuse'],
    ['by its phase', 'await asyncio.sleep(0)  # anyio-codemod: ignore[Primitives]', 'refuse'],
    ['by the number of it', 'await asyncio.sleep(0)  # anyio-codemod: ignore[2]', 'refuse'],
    ['by its own name', 'x = asyncio.Lock()  # anyio-codemod: ignore[asyncio.Lock]', 'refuse'],
    ['not by another name', 'await asyncio.sleep(0)  # anyio-codemod: ignore[lock]', 'rewrite'],
    ['not in a string', 'await asyncio.sleep(0); "# anyio-codemod: ignore"', 'rewrite'],
    [
      'on the first line of its call',
      'await asyncio.sleep(  # anyio-codemod: ignore\n        0\n    )',
      'refuse',
    ],
    [
      'on the last line of its call',
      'await asyncio.sleep(\n        0\n    )  # anyio-codemod: ignore',
      'refuse',
    ],
    [
      'not between them',
      'await asyncio.sleep(\n        0  # anyio-codemod: ignore\n    )',
      'rewrite',
    ],
    [
      'behind the parentheses around it',
      'await (\n        asyncio.sleep(0)\n    )  # anyio-codemod: ignore',
      'refuse',
    ],
    ['behind a backslash', 'await \\\n        asyncio.sleep(0)  # anyio-codemod: ignore', 'refuse'],
    ['not on the line above', '# anyio-codemod: ignore\n    await asyncio.sleep(0)', 'rewrite'],
    [
      'not by the end of a call around it',
      'print(\n        await asyncio.sleep(0),\n    )  # anyio-codemod: ignore',
      'rewrite',
    ],
  ])('%s', async (_, statement, verdict) => {
    const { uses } = await judge(`import asyncio\n\n\nasync def f():\n    ${statement}\n`);
    expect(uses.map((use) => use.split(' ')[2])).toEqual([verdict]);
  });

  it('on the last line of what is called on its result', async () => {
    const text = `import asyncio


async def f():
    await asyncio.get_running_loop().run_in_executor(
        None, print
    )  # anyio-codemod: ignore
`;
    const { uses, notes } = await judge(text, ['running-loop']);
    expect([uses, notes]).toEqual([['5 get_running_loop refuse'], []]);
  });

  it('with no transform of its own, by name and by phase', async () => {
    const text = `import asyncio

q: asyncio.Queue = asyncio.Queue()  # anyio-codemod: ignore[Queue]
t = asyncio.create_task(f())  # anyio-codemod: ignore[tasks]
u = asyncio.create_task(f())
`;
    const { uses, notes } = await judge(text);
    expect(uses).toEqual([
      '3 Queue refuse',
      '3 Queue refuse',
      '4 create_task refuse',
      '5 create_task defer',
    ]);
    expect(notes).toEqual([]);
  });

  it('in all of a file, or as far as its names go, above the first statement', async () => {
    const body =
      '"""Doc."""  # anyio-codemod: ignore-file[lock] old\nimport asyncio\na = asyncio.Lock()\nb = asyncio.sleep(0)\n';
    expect((await judge(body)).uses).toEqual(['3 Lock refuse', '4 sleep rewrite']);
    const all = body.replace('[lock]', '');
    const { uses, notes, diagnostics } = await judge(all);
    expect(uses).toEqual(['3 Lock refuse', '4 sleep refuse']);
    expect(notes).toEqual([]);
    expect(diagnostics[0]).toMatchObject({
      code: 'ignored',
      message: 'ignore-file keeps it: old',
      blocker: { line: 1, column: 13 },
    });
  });
});

it('the others of its family point at the use that is ignored, and give its reason', async () => {
  const { diagnostics } = await judge(
    'import asyncio\n\nlock: asyncio.Lock = (\n    asyncio.Lock()  # anyio-codemod: ignore[lock] by hand\n)\n',
  );
  expect(diagnostics).toMatchObject([
    {
      code: 'ignored',
      message: 'an ignore comment keeps it: by hand',
      blocker: { line: 4, column: 5 },
    },
    { code: 'ignored', message: 'an ignore comment keeps it: by hand' },
  ]);
  expect(diagnostics[1]).not.toHaveProperty('blocker');
});

describe('a note', () => {
  it.each<[string, string]>([
    [
      'x = 1  # anyio-codemod: ignore',
      '`ignore` ignores nothing: no use of asyncio is on its line',
    ],
    [
      'x = asyncio.Lock()  # anyio-codemod: ignore[lock, sleep]',
      '`ignore[sleep]` ignores nothing: no use of sleep is on its line',
    ],
    [
      '# anyio-codemod: ignore',
      '`ignore` ignores nothing: no use of asyncio is on its line; it goes behind the code, on the line of the use',
    ],
    [
      'import asyncio as y  # anyio-codemod: ignore[lock]',
      '`ignore[lock]` ignores nothing: no use of lock is on its line; for all of the file, write `ignore-file[lock]` above the first statement',
    ],
    [
      'x = asyncio.Lock()  # anyio-codemod: ignore[lok]',
      "`ignore[lok]`: no transform, phase or asyncio name is called 'lok'; did you mean 'lock'?",
    ],
    [
      'x = asyncio.Lock()  # anyio-codemod: ignore[asyncio.Lok]',
      "is called 'asyncio.Lok'; did you mean 'asyncio.Lock'?",
    ],
    [
      'x = asyncio.Lock()  # anyio-codemod: ignore-file',
      '`ignore-file` stands below the first statement, and has no effect there',
    ],
    [
      'x = asyncio.Lock()  # anyio-codemod: ignroe',
      "'ignroe' is neither ignore nor ignore-file; did you mean 'ignore'?",
    ],
  ])('on %j', async (line, note) => {
    const { notes } = await judge(`import asyncio\n${line}\n`);
    expect(notes).toEqual([expect.stringContaining(note)]);
    expect(notes[0]).toMatch(/^2 /);
  });

  it('on an ignore-file, and in a file that has left asyncio altogether', async () => {
    expect((await judge('# anyio-codemod: ignore-file[lock]\nimport anyio\n')).notes).toEqual([
      '1 `ignore-file[lock]` ignores nothing: no use of lock is in the file',
    ]);
    expect((await judge('# anyio-codemod: ignore-file\nx = 1\n')).notes).toEqual([
      '1 `ignore-file` ignores nothing: no use of asyncio is in the file',
    ]);
  });

  it('on none that has its effect in another phase, tests among them', async () => {
    const text = `import asyncio
import pytest
import pytest_asyncio


@pytest_asyncio.fixture  # anyio-codemod: ignore
async def room():
    await asyncio.wait_for(f(), 1)  # anyio-codemod: ignore[wait-for, timeouts]


@pytest.mark.asyncio  # anyio-codemod: ignore[pytest]
async def test_room(room):
    asyncio.create_task(f())  # anyio-codemod: ignore
`;
    expect((await judge(text)).notes).toEqual([]);
  });
});

it('in a notebook, a comment means the line of its own cell', async () => {
  const cwd = temporaryDirectory();
  const cell = (...source: string[]) => ({
    cell_type: 'code',
    metadata: {},
    execution_count: null,
    outputs: [],
    source: source.map((line, i) => (i < source.length - 1 ? `${line}\n` : line)),
  });
  const cells = [
    cell('import asyncio', 'await asyncio.sleep(1)'),
    cell('%time x = 1', 'await asyncio.sleep(2)  # anyio-codemod: ignore[sleep] timed'),
    cell('', 'x = 2  # anyio-codemod: ignore'),
  ];
  const notebook = { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
  writeTree(cwd, { 'a.ipynb': JSON.stringify(notebook, null, 1) });
  const { stdout, stderr } = await real(cwd, 'plan', '--json');
  expect(JSON.parse(stdout).uses).toMatchObject([
    { cell: 1, line: 2, verdict: 'rewrite' },
    { cell: 2, line: 2, verdict: 'refuse', message: 'an ignore comment keeps it: timed' },
  ]);
  expect(JSON.parse(stdout).notes).toMatchObject([{ cell: 3, line: 2, code: 'unused-ignore' }]);
  expect(stderr).toContain('a.ipynb:cell 3:2: note: `ignore` ignores nothing');
});

it('the command line tells of them on stderr and in JSON, and fails for none', async () => {
  const cwd = temporaryDirectory();
  writeTree(cwd, {
    'a.py':
      'import asyncio\n\nx = 1  # anyio-codemod: ignore\nlock = asyncio.Lock()  # anyio-codemod: ignore[lock] why\n',
  });
  const note = 'a.py:3: note: `ignore` ignores nothing: no use of asyncio is on its line\n';
  for (const command of ['plan', 'diff', 'apply']) {
    const { code, stderr } = await real(cwd, command, '--phase', '2');
    expect([code, stderr.includes(note)]).toEqual([0, true]);
  }
  expect((await real(cwd, 'plan')).stdout).toContain(
    '  ignored  1\n    an ignore comment keeps it: why\n    do: take the comment away to have it rewritten\n      a.py:4\n',
  );
  const { notes, uses } = JSON.parse((await real(cwd, 'plan', '--json')).stdout);
  expect(notes).toMatchObject([{ file: 'a.py', line: 3, code: 'unused-ignore' }]);
  expect(uses).toMatchObject([{ line: 4, verdict: 'refuse', code: 'ignored' }]);
});
