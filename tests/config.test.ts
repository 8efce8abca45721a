/** `[tool.anyio-codemod]`: where it is found, what it may say, and how flags stand above it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engine } from '../src/cli/engine.ts';
import { run } from '../src/cli/run.ts';
import { newConfigFile } from '../src/config/find.ts';
import { KEYS } from '../src/config/keys.ts';
import { readConfig } from '../src/config/read.ts';
import { cli, Sink } from './cli-harness.ts';
import { makeRepository, temporaryDirectory, writeTree } from './files-temporary.ts';

/** A project with this configuration and a file with a lock and a sleep. */
function project(config: string, files: Record<string, string> = {}): string {
  const root = temporaryDirectory();
  writeTree(root, { 'pyproject.toml': config, 'app/a.py': CODE, ...files });
  return root;
}

const CODE = `import asyncio


class Room:
    def __init__(self):
        self.lock = asyncio.Lock()

    async def enter(self):
        async with self.lock:
            await asyncio.sleep(1)


async def rest():
    async def deep():
        await asyncio.sleep(2)

    await deep()
    await asyncio.sleep(3)
`;

/** Runs the command line with the real engine. */
async function real(cwd: string, ...words: string[]) {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const terminal = {
    cwd,
    env: {},
    stdout,
    stderr,
    engine,
    uninterrupted: <T>(work: () => T) => work(),
  };
  const code = await run(words, terminal);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

interface JsonUse {
  line: number;
  verdict: string;
  code: string | null;
  message: string | null;
  blocker: { file: string; line: number } | null;
}

/** `6 refuse left-out` for each use. */
async function verdicts(cwd: string, ...words: string[]): Promise<string[]> {
  const { stdout } = await real(cwd, 'plan', '--json', ...words);
  const uses = JSON.parse(stdout).uses as JsonUse[];
  return uses.map(({ line, verdict, code }) => [line, verdict, code].filter(Boolean).join(' '));
}

describe('what the configuration says reaches the engine', () => {
  const everything = `[tool.anyio-codemod]
phase = [0, "primitives"]
exclude = ["docs", "/old"]
include-review = true
import-style = "from"
target-anyio = "4.8"
fast-acquire = true
idiom = "fail-after"
wrap-timeouts = true
test-backends = "both"
baseline = "ci/asyncio.json"
`;

  it('all of it, for a command in a folder below', async () => {
    const cwd = project(everything);
    const { asked } = await cli(['plan'], { cwd: join(cwd, 'app') });
    expect(asked).toMatchObject({
      includeReview: true,
      importStyle: 'from',
      targetAnyio: '4.8',
      fastAcquire: true,
      idiom: 'fail-after',
      wrapTimeouts: true,
      testBackends: 'both',
      exclude: [],
      excludeBelow: { folder: cwd, patterns: ['docs', '/old'] },
      config: { baseline: join(cwd, 'ci/asyncio.json') },
    });
    expect(asked?.selection.phases).toEqual([0, 2]);
  });

  it('but not what a flag says otherwise', async () => {
    const cwd = project(everything);
    const off = ['--no-include-review', '--fast-acquire=false', '--no-wrap-timeouts'];
    const other = ['--import-style', 'module', '--target-anyio', '4.9', '--idiom', 'move-on-after'];
    const words = [...off, ...other, '--test-backends', 'asyncio', '-x', 'docs', '-t', 'sleep'];
    const { asked } = await cli(['diff', ...words], { cwd });
    expect(asked).toMatchObject({
      includeReview: false,
      importStyle: 'module',
      targetAnyio: '4.9',
      fastAcquire: false,
      idiom: 'move-on-after',
      wrapTimeouts: false,
      testBackends: 'asyncio',
      exclude: ['docs'],
      excludeBelow: { patterns: ['docs', '/old'] },
    });
    expect([...(asked?.selection.transforms ?? [])]).toEqual(['sleep']);
  });

  it('chooses for every command, until a flag of either kind does', async () => {
    const cwd = project('[tool.anyio-codemod]\ntransform = "sleep,lock"\n');
    for (const words of [['plan'], ['diff'], ['apply', '--dry-run']]) {
      const { asked } = await cli(words, { cwd });
      expect([...(asked?.selection.transforms ?? [])]).toEqual(['sleep', 'lock']);
    }
    expect((await cli(['diff', '-p', '1'], { cwd })).asked?.selection.phases).toEqual([1]);
  });

  it('is not repeated in a suggested command, where flags are', async () => {
    const cwd = project('[tool.anyio-codemod]\ninclude-review = true\ntransform = "lock"\n');
    const plain = await cli(['plan'], { cwd });
    expect(plain.stdout.text).toMatch(/^ {2}anyio-codemod apply$/m);
    const words = ['plan', '--no-include-review', '--config', 'pyproject.toml', '-t', 'sleep'];
    const repeated = await cli(words, { cwd });
    expect(repeated.stdout.text).toMatch(
      /anyio-codemod apply --transform sleep --config pyproject.toml --no-include-review$/m,
    );
    const none = await cli(['plan', '--no-config'], { cwd });
    expect(none.stdout.text).toMatch(/anyio-codemod apply --phase 0,1 --no-config$/m);
  });
});

describe('the file', () => {
  const PHASE = '[tool.anyio-codemod]\nphase = 1\n';

  it('is the nearest that has the table, up to the checkout and no further', async () => {
    const top = project(PHASE);
    const inner = makeRepository(join(top, 'repo'), { 'pyproject.toml': '', 'a.py': CODE });
    expect((await cli(['plan'], { cwd: inner })).asked).toMatchObject({ config: undefined });
    writeTree(inner, {
      'pyproject.toml': '[tool.anyio-codemod]\nphase = 2\n',
      'pkg/pyproject.toml': '[project]\nname = "pkg"\n# not for anyio-codemod\n',
      'pkg/a.py': CODE,
      'own/pyproject.toml': PHASE,
      'own/a.py': CODE,
    });
    const phases = async (...words: string[]) =>
      (await cli(['plan', ...words], { cwd: top })).asked?.selection.phases;
    expect(await phases('repo')).toEqual([2]);
    expect(await phases('repo/pkg/a.py')).toEqual([2]);
    expect(await phases('repo/own')).toEqual([1]);
    expect(await phases('repo/own', 'repo/pkg')).toEqual([2]);
    expect(await phases('.')).toEqual([1]);
  });

  it('is the one that --config names, or none with --no-config', async () => {
    const cwd = project(PHASE, { 'ci.toml': '[tool.anyio-codemod]\nphase = 3\n' });
    const phases = async (...words: string[]) =>
      (await cli(['plan', ...words], { cwd })).asked?.selection.phases;
    expect(await phases('--config', 'ci.toml')).toEqual([3]);
    expect(await phases('--no-config')).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('is told by plan --verbose and --json', async () => {
    const cwd = project('[tool.anyio-codemod]\nphase = 2\n');
    const below = join(cwd, 'app');
    expect((await real(below, 'plan', '-v')).stdout).toContain(
      '\nConfiguration: [tool.anyio-codemod] of ../pyproject.toml.\n',
    );
    expect((await real(below, 'plan')).stdout).not.toContain('Configuration');
    expect(JSON.parse((await real(below, 'plan', '--json')).stdout).config).toBe('pyproject.toml');
    const without = await real(below, 'plan', '--json', '--no-config');
    expect(JSON.parse(without.stdout).config).toBe(null);
  });

  it('that a first entry goes to is the nearest pyproject.toml, or one in the root', () => {
    const root = makeRepository(temporaryDirectory(), { 'pkg/pyproject.toml': '', 'app/a.py': '' });
    expect(newConfigFile(['pkg'], root)).toBe(join(root, 'pkg/pyproject.toml'));
    expect(newConfigFile(['app/a.py'], root)).toBe(join(root, 'pyproject.toml'));
  });
});

describe('a mistake in it is exit code 2 and one line with the place', () => {
  const T = '[tool.anyio-codemod]\n';
  it.each<[string, string]>([
    [
      `${T}include_review = true`,
      "pyproject.toml:2: unknown key 'include_review' in [tool.anyio-codemod]; did you mean 'include-review'?",
    ],
    [`[project]\nname = "x"\n\n${T}# c\nphases = 1`, "pyproject.toml:6: unknown key 'phases'"],
    [`${T}[tool.anyio-codemod.lint]\nx = 1`, "pyproject.toml:2: unknown key 'lint'"],
    [`${T}include-review = "yes"`, 'pyproject.toml:2: include-review is true or false, not "yes"'],
    [
      `${T}target-anyio = 4.10`,
      'pyproject.toml:2: target-anyio is a string such as "4.8", not 4.1',
    ],
    [`${T}target-anyio = "3.7"`, 'pyproject.toml:2: target-anyio is 4.0 or later, not 3.7'],
    [
      `${T}import-style = "form"`,
      "pyproject.toml:2: import-style is keep, module or from, not 'form'; did you mean 'from'?",
    ],
    [`${T}idiom = "raise"`, "pyproject.toml:2: idiom is move-on-after or fail-after, not 'raise'"],
    [
      `${T}test-backends = "trio"`,
      "pyproject.toml:2: test-backends is asyncio or both, not 'trio'",
    ],
    [
      `${T}phase = "primitve"`,
      "pyproject.toml:2: unknown phase 'primitve'; did you mean 'primitives'?",
    ],
    [
      `${T}phase = 1.5`,
      'pyproject.toml:2: phase is a string such as "hybrid", a number, or an array of these, not 1.5',
    ],
    [
      `${T}transform = ["slep"]`,
      "pyproject.toml:2: unknown transform 'slep'; did you mean 'sleep'?",
    ],
    [
      `${T}transform = ""`,
      'pyproject.toml:2: transform is a string, or an array of strings, not ""',
    ],
    [
      `${T}phase = 1\ntransform = "run"`,
      'pyproject.toml:3: phase and transform exclude each other',
    ],
    [
      `${T}exclude = [1]`,
      'pyproject.toml:2: exclude is a string, or an array of strings, not [1, …]',
    ],
    [`${T}baseline = true`, 'pyproject.toml:2: baseline is a path, not true'],
    [`${T}leave-out = "a.py"`, 'pyproject.toml:2: leave-out is an array of tables such as'],
    [
      `${T}leave-out = [\n  {where = "a.py"},\n  {reason = "x"},\n]`,
      'pyproject.toml:4: leave-out lacks where',
    ],
    [
      `${T}leave-out = [\n  {where = "a::b::c::d"}\n]`,
      'pyproject.toml:3: where is a path, path::symbol or path::symbol::name',
    ],
    [
      `${T}leave-out = [{where = "a", reson = ""}]`,
      "unknown key 'reson' in leave-out; did you mean 'reason'?",
    ],
    [
      '\n[[tool.anyio-codemod.leave-out]]\nwhere = "a"\nreason = 1',
      'pyproject.toml:2: reason is a string, not 1',
    ],
    [`${T}phase = `, 'pyproject.toml:2: not valid TOML'],
    [
      '[tool.anyio_codemod]\nphase = 1',
      '[tool.anyio_codemod] is not read; did you mean [tool.anyio-codemod]?',
    ],
    ['[tool]\nanyio-codemod = 1', 'tool.anyio-codemod is a table, not 1'],
    [
      '[tool]\nanyio-codemod = { phase = 1,\n  idiom = 2 }',
      'pyproject.toml:3: idiom is "move-on-after" or "fail-after", not 2',
    ],
  ])('%j', async (config, message) => {
    const { code, stdout, stderr, asked } = await cli(['plan'], { cwd: project(config) });
    expect(stderr.text).toContain(message);
    expect(stderr.text).toMatch(/^anyio-codemod: .*\n$/);
    expect([stdout.text, asked, code]).toEqual(['', undefined, 2]);
  });

  it.each<[string[], string]>([
    [['--config', 'none.toml'], 'none.toml: no such file or directory'],
    [['--config', 'pyproject.toml'], '--config: pyproject.toml has no table [tool.anyio-codemod]'],
    [['--config', 'x', '--no-config'], '--config and --no-config exclude each other'],
    [
      ['--include-review', '--no-include-review'],
      '--include-review and --no-include-review exclude each other',
    ],
    [['--no-json'], 'unknown flag --no-json'],
    [['--no-include-revew'], "did you mean '--no-include-review'?"],
  ])('%j', async (words, message) => {
    const { code, stderr } = await cli(['plan', ...words], { cwd: project('[project]\n') });
    expect(stderr.text).toContain(message);
    expect(code).toBe(2);
  });
});

it('excludes below its own folder, beside --exclude, but no file that is named', async () => {
  const root = project('[tool.anyio-codemod]\nexclude = ["/app/gen", "*_pb2.py"]\n', {
    'app/gen/b.py': CODE,
    'app/x_pb2.py': CODE,
    'other/gen/c.py': CODE,
    'other/d.py': CODE,
  });
  const files = async (cwd: string, ...words: string[]) => {
    const { uses } = JSON.parse((await real(cwd, 'plan', '--json', ...words)).stdout);
    return [...new Set((uses as { file: string }[]).map(({ file }) => file))];
  };
  expect(await files(root)).toEqual(['app/a.py', 'other/d.py', 'other/gen/c.py']);
  expect(await files(join(root, 'app'))).toEqual(['app/a.py']);
  expect(await files(root, '--exclude', 'other/gen')).toEqual(['app/a.py', 'other/d.py']);
  expect(await files(root, 'app/x_pb2.py')).toEqual(['app/x_pb2.py']);
});

describe('leave-out', () => {
  const entries = (...where: string[]) =>
    `[tool.anyio-codemod]\nphase = 2\n${where
      .map((each) => `[[tool.anyio-codemod.leave-out]]\nwhere = "${each}"\nreason = "as is"\n`)
      .join('')}`;

  it.each<[string, string, string[]]>([
    ['a site', 'app/a.py::Room.enter::asyncio.sleep', ['10']],
    ['a site by the short name', './app/a.py::Room.enter::sleep', ['10']],
    ['all in a class', 'app/a.py::Room', ['6', '10']],
    ['all in a function and those in it', 'app/a.py::rest', ['15', '18']],
    ['a name in a function, but not in those in it', 'app/a.py::rest::asyncio.sleep', ['18']],
    ['a file', 'app/a.py', ['6', '10', '15', '18']],
  ])('takes %s', async (_, where, lines) => {
    const all = ['6', '10', '15', '18'];
    expect(await verdicts(project(entries(where)))).toEqual(
      all.map((line) => (lines.includes(line) ? `${line} refuse left-out` : `${line} rewrite`)),
    );
  });

  it('says the reason and the place of the entry, and no note where it matches', async () => {
    const cwd = project(entries('app/a.py::Room.__init__::asyncio.Lock'));
    const { stdout, stderr } = await real(cwd, 'plan', '--json');
    expect(JSON.parse(stdout).uses[0]).toMatchObject({
      code: 'left-out',
      message: 'it is left out: as is',
      blocker: { file: 'pyproject.toml', line: 3 },
    });
    expect(stderr).toBe('');
  });

  it('is written relative to the folder of the configuration', async () => {
    const root = makeRepository(temporaryDirectory(), {
      'pkg/pyproject.toml': entries('app/a.py::rest'),
      'pkg/app/a.py': CODE,
      'app/a.py': CODE,
    });
    expect(await verdicts(join(root, 'pkg'))).toContain('18 refuse left-out');
    expect(await verdicts(root, '--config', 'pkg/pyproject.toml')).toEqual([
      ...['6', '10', '15', '18'].map((line) => `${line} rewrite`),
      ...['6 rewrite', '10 rewrite', '15 refuse left-out', '18 refuse left-out'],
    ]);
  });

  it('is told of entries that match nothing, where it can be known', async () => {
    const gone = entries('app/b.py', 'app/a.py::Room.leave', 'app/c.py::x', 'app/a.py::rest');
    const cwd = project(gone, { 'app/c.py': 'x = 1\n' });
    const notes = [
      'pyproject.toml:3: note: "app/b.py" names a file that is not there\n',
      'pyproject.toml:6: note: "app/a.py::Room.leave" matches no use of asyncio\n',
      'pyproject.toml:9: note: "app/c.py::x" matches no use of asyncio\n',
    ];
    for (const command of ['plan', 'diff']) {
      const { code, stderr } = await real(cwd, command, 'app');
      for (const note of notes) expect(stderr).toContain(note);
      expect(stderr).not.toContain('rest');
      expect(code).toBe(0);
    }
    const { stdout } = await real(cwd, 'plan', '--json', 'app/a.py');
    expect(JSON.parse(stdout).notes).toMatchObject([
      {
        file: 'pyproject.toml',
        line: 3,
        code: 'unused-leave-out',
        message: '"app/b.py" names a file that is not there',
      },
      {
        file: 'pyproject.toml',
        line: 6,
        code: 'unused-leave-out',
        message: '"app/a.py::Room.leave" matches no use of asyncio',
      },
    ]);
  });
});

it('the example in README has every key, and is right', () => {
  const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  const [, example = ''] = /```toml\n(\[tool\.anyio-codemod\][^`]*)```/.exec(readme) ?? [];
  const root = project(example);
  const config = readConfig(join(root, 'pyproject.toml'), root);
  const keys = [...Object.keys(config?.settings ?? {}), 'transform', 'baseline', 'leave-out'];
  expect(keys.sort()).toEqual([...KEYS].sort());
  expect(config?.baseline).toBe(join(root, 'ci/asyncio-baseline.json'));
  expect(config?.leaveOut).toHaveLength(1);
});
