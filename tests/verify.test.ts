/** `verify`, with the real engine: once with a stand-in for pytest, which is quick, and once with pytest. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { engine } from '../src/cli/engine.ts';
import type { Prompter } from '../src/cli/prompter.ts';
import { run } from '../src/cli/run.ts';
import { Sink } from './cli-harness.ts';
import {
  git,
  isolateGit,
  makeRepository,
  temporaryDirectory,
  writeTree,
} from './files-temporary.ts';
import { describeWithPython, newestPython } from './python/env.ts';

const FILES = {
  'pyproject.toml': '[project]\nname = "p"\nversion = "1"\ndependencies = ["anyio>=4.7"]\n',
  'pkg/__init__.py': '',
  'pkg/work.py': `import asyncio


class Worker:
    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def work(self) -> None:
        async with self._lock:
            await asyncio.sleep(0)


async def rest() -> None:
    await asyncio.sleep(0)
`,
  'pkg/other.py': `import asyncio


async def nap() -> None:
    await asyncio.sleep(0)
`,
};

/**
 * Stands in for pytest: reports on tests that are true while their text is in a file, as in
 * "lock=pkg/work.py:asyncio.Lock()". It honours the choice of tests, as our plugin for pytest does.
 */
const RUNNER = `
const fs = require('node:fs');
const report = process.env.ANYIO_CODEMOD_REPORTS + '/' + process.hrtime.bigint() + '.xml';
const only = process.env.ANYIO_CODEMOD_ONLY;
const wanted = only && fs.readFileSync(only, 'utf8').split('\\n');
let failed = false;
const cases = process.argv.slice(2).flatMap((word) => {
  const [, name, file, text] = /^(\\w+)=([^:]+):(.*)$/.exec(word);
  if (wanted && !wanted.includes('t::' + name)) return [];
  const good = fs.readFileSync(file, 'utf8').includes(text);
  failed ||= !good;
  return ['<testcase classname="t" name="' + name + '">' + (good ? '' : '<failure message="gone"/>') + '</testcase>'];
});
fs.writeFileSync(report, '<testsuite>' + cases.join('') + '</testsuite>');
process.exit(failed ? 1 : 0);
`;

interface Ran {
  code: number;
  out: string;
  err: string;
}

async function verify(
  cwd: string,
  words: string[],
  more: { env?: NodeJS.ProcessEnv; answer?: (question: string) => string } = {},
): Promise<Ran> {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const code = await run(['verify', ...words], {
    cwd,
    env: more.env ?? { PATH: process.env.PATH },
    stdout,
    stderr,
    engine,
    uninterrupted: (work) => work(),
    ...(more.answer ? { prompter: async () => answering(more.answer) } : {}),
  });
  return { code, out: stdout.text, err: stderr.text };
}

/** A person who only presses keys. */
function answering(answer: (question: string) => string = () => 'n'): Prompter {
  return {
    ask: async (question) => answer(question),
    line: async (_question, fallback) => fallback,
    edit: async () => ({ problem: 'there is no editor' }),
  };
}

beforeEach(isolateGit);
afterEach(() => vi.unstubAllEnvs());

describe('verify', () => {
  const project = () =>
    makeRepository(join(temporaryDirectory(), 'project'), { ...FILES, 'runner.cjs': RUNNER });
  const tests = (...words: string[]) => ['--', process.execPath, 'runner.cjs', ...words];
  const leftovers = () =>
    readdirSync(tmpdir()).filter((name) => name.startsWith('anyio-codemod-verify-'));

  it('says that nothing broke, touches nothing and leaves nothing behind', async () => {
    const cwd = project();
    const before = leftovers();
    const { code, out } = await verify(cwd, tests('one=pkg/work.py:class Worker'));
    expect(out).toContain('before        1 passed');
    expect(out).toContain('Nothing broke: 1 test passed before and after.');
    expect(out).toContain('Next:\n  anyio-codemod apply\n');
    expect(code).toBe(0);
    expect(git(cwd, 'status', '--porcelain')).toBe('');
    expect(git(cwd, 'worktree', 'list').trim().split('\n')).toHaveLength(1);
    expect(leftovers()).toEqual(before);
  });

  it('names the rewrite at fault, and those of another test by themselves', async () => {
    const { code, out } = await verify(
      project(),
      tests(
        'locked=pkg/work.py:self._lock = asyncio.Lock()',
        'napping=pkg/other.py:await asyncio.sleep(0)',
        'fine=pkg/work.py:class Worker',
        'never=pkg/work.py:no such text',
      ),
    );
    expect(code).toBe(1);
    expect(out).toContain(
      'Broken: 2 tests that passed before\n  t::locked\n      gone\n  t::napping\n',
    );
    expect(out).toContain('1 test failed before as well.');
    expect(out).toContain('  - lock in pkg/work.py:6\n    breaks 1 test: t::locked\n');
    expect(out).toContain('  - sleep in pkg/other.py:5\n    breaks 1 test: t::napping\n');
    expect(out).toContain('Without them nothing is broken.');
    expect(out).toContain(
      '{ where = "pkg/other.py::nap::asyncio.sleep", reason = "breaks t::napping" }',
    );
  });

  it('tells a program, in the form that the schema describes', async () => {
    const words = [
      ...['--json', '--no-include-review'],
      ...tests('locked=pkg/work.py:self._lock = asyncio.Lock()', 'fine=pkg/work.py:class'),
    ];
    const { code, out } = await verify(project(), words);
    const report = JSON.parse(out);
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
    const schema = new URL('../src/report/schema.json', import.meta.url);
    const isValid = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
    expect([isValid(report), isValid.errors]).toEqual([true, null]);
    expect(code).toBe(1);
    expect(report.verify).toMatchObject({
      runs: { after: { status: 1, tests: { passed: 1, failed: 1, skipped: 0 } }, trio: null },
      holds: false,
      broken: [{ test: 't::locked', message: 'gone' }],
      stillBroken: false,
      culprits: [
        { tests: ['t::locked'], leaveOut: ['pkg/work.py::Worker.__init__::asyncio.Lock'] },
      ],
    });
    const [{ uses }] = report.verify.culprits;
    expect(uses.map((use: number) => report.uses[use].use)).toEqual(['asyncio.Lock']);
    const { verify: _verify, ...others } = report;
    expect(isValid(others)).toBe(false);
    const unlike = { ...report, verify: { ...report.verify, holds: 'no' } };
    expect(isValid(unlike)).toBe(false);
  });

  it('finds what breaks only together', async () => {
    const cwd = project();
    // True while one of the two is as it was.
    writeTree(cwd, {
      'either.cjs': `const fs = require('node:fs');
const text = fs.readFileSync('pkg/work.py', 'utf8') + fs.readFileSync('pkg/other.py', 'utf8');
process.exit(/asyncio.Lock|nap.*\\n.*asyncio.sleep/.test(text) ? 0 : 3);`,
    });
    const { code, out } = await verify(cwd, ['--', process.execPath, 'either.cjs']);
    expect(code).toBe(1);
    expect(out).toContain('Broken: exit status 3');
    expect(out).toContain(
      '- sleep in pkg/other.py:5; together with lock in pkg/work.py:6\n    breaks the command',
    );
  });

  it('writes what is at fault to the configuration when the user says yes', async () => {
    const cwd = project();
    const asked: string[] = [];
    const words = tests('locked=pkg/work.py:self._lock = asyncio.Lock()');
    const answer = (question: string) => {
      asked.push(question);
      return 'y';
    };
    expect((await verify(cwd, words, { answer })).code).toBe(1);
    expect(asked).toEqual(['Leave 1 place out from now on (written to pyproject.toml)?']);
    expect(readFileSync(join(cwd, 'pyproject.toml'), 'utf8')).toContain(
      'where = "pkg/work.py::Worker.__init__::asyncio.Lock"',
    );
    const second = await verify(cwd, words);
    expect(second.out).toContain('Nothing broke');
    expect(second.code).toBe(0);
  });

  it('tells apart what fails now and then', async () => {
    const cwd = project();
    const mark = join(temporaryDirectory(), 'mark');
    const flaky = `const fs = require('node:fs');
fs.appendFileSync(${JSON.stringify(mark)}, 'x');
const good = fs.readFileSync(${JSON.stringify(mark)}, 'utf8').length !== 2;
const report = process.env.ANYIO_CODEMOD_REPORTS + '/1.xml';
fs.writeFileSync(report, '<testsuite><testcase classname="t" name="odd">' + (good ? '' : '<failure message="no"/>') + '</testcase></testsuite>');`;
    writeTree(cwd, { 'flaky.cjs': flaky });
    const { code, out } = await verify(cwd, ['--', process.execPath, 'flaky.cjs']);
    expect(out).toContain('Now and then: 1 test failed once and passed when run again\n  t::odd');
    expect(code).toBe(0);
  });

  it('stops a run that hangs, and finds what makes it hang', async () => {
    const cwd = project();
    writeTree(cwd, {
      'hang.cjs': `const text = require('node:fs').readFileSync('pkg/other.py', 'utf8');
if (text.includes('anyio')) setInterval(() => {}, 1000);`,
    });
    const { code, out } = await verify(cwd, ['--timeout', '2', '--', process.execPath, 'hang.cjs']);
    expect(code).toBe(1);
    expect(out).toContain('took too long and was stopped');
    expect(out).toContain('- sleep in pkg/other.py:5');
  });

  it('refuses what it cannot do, in a line', async () => {
    const cwd = project();
    const says = async (...words: string[]) => {
      const { code, err } = await verify(cwd, words);
      expect(code).toBe(2);
      return err;
    };
    expect(await says()).toContain('verify needs the command that runs the tests, after --');
    expect(await says('--', 'no-such-command-anywhere')).toContain("there is no command 'no-such");
    expect(await says('--backend', 'curio', '--', 'true')).toContain(
      '--backend is asyncio or trio',
    );
    expect(await says('--link', 'no.env', '--', 'true')).toContain('there is no no.env');
    const nothing = tests('never=pkg/work.py:no such text');
    expect(await says(...nothing)).toContain('the command passes no test before anything');
    expect(await says('--', 'false')).toContain('exit status 1 before anything is rewritten');
    const plain = temporaryDirectory();
    writeTree(plain, FILES);
    const { code, err } = await verify(plain, ['--', 'true']);
    expect([code, err]).toEqual([2, expect.stringContaining('verify works in a git checkout')]);
  });

  it('runs where the command line stands, with what git ignores if it is linked', async () => {
    const cwd = project();
    writeTree(cwd, { '.gitignore': 'settings.env\n', 'settings.env': 'x' });
    const script = `const fs = require('node:fs');
process.exit(fs.existsSync('../settings.env') && fs.existsSync('work.py') ? 0 : 1);`;
    const words = ['--', process.execPath, '-e', script];
    expect((await verify(join(cwd, 'pkg'), words)).code).toBe(2);
    expect((await verify(join(cwd, 'pkg'), ['--link', 'settings.env', ...words])).code).toBe(0);
  });
});

describeWithPython('verify with pytest', (env) => {
  const TESTS = `import inspect

import anyio

from pkg import other, work


def test_source():
    assert "asyncio.Lock()" in inspect.getsource(work.Worker)


def test_work():
    anyio.run(work.Worker().work)


def test_nap():
    anyio.run(other.nap)
`;

  const project = () =>
    makeRepository(join(temporaryDirectory(), 'project'), { ...FILES, 'tests/test_all.py': TESTS });
  const environment = () => ({
    PATH: process.env.PATH,
    PYTHONPATH: [env.anyio.at(-1)?.path, env.pytest].join(delimiter),
  });
  const pytest = ['--', newestPython(env).path, '-m', 'pytest', '-q', '-p', 'no:cacheprovider'];

  it('finds the rewrite that breaks a test, and tells which files the tests imported', async () => {
    const cwd = project();
    writeTree(cwd, {
      'script.py': 'import asyncio\n\n\nasync def main():\n    pass\n\n\nasyncio.run(main())\n',
    });
    const { code, out, err } = await verify(cwd, ['-t', 'lock,run', ...pytest], {
      env: environment(),
    });
    expect(out, err).toContain('before        3 passed');
    expect(out).toContain('after         2 passed, 1 failed');
    expect(out).toContain(
      '1 of 2 rewritten files were imported by the tests; not by any test:\n  script.py',
    );
    expect(out).toContain(
      '  - lock in pkg/work.py:6\n    breaks 1 test: tests.test_all::test_source',
    );
    expect(err).toContain('with 0 of');
    expect(code).toBe(1);
    expect(existsSync(join(cwd, 'tests', '__pycache__'))).toBe(false);
  });

  it('hears of every pytest that the command runs', async () => {
    const cwd = project();
    const [python, ...words] = pytest.slice(1);
    const script = `"${python}" ${words.join(' ')} -k work && "${python}" ${words.join(' ')} -k "nap or work" --junitxml=out/own.xml && grep -q test_nap out/own.xml`;
    const command = ['-t', 'sleep', '--', 'sh', '-c', script];
    const { out, err } = await verify(cwd, command, { env: environment() });
    expect(out, err).toContain('before        3 passed');
    expect(out).toContain('Nothing broke: 3 tests passed before and after.');
  });

  it('has a test that hangs fail, and hears of the others', async () => {
    const cwd = project();
    writeTree(cwd, {
      'tests/test_all.py': `import anyio

from pkg import other


async def hang():
    # Stands in for a lock that is never given back.
    if other.asyncio_is_gone():
        await anyio.sleep(60)


def test_first():
    anyio.run(hang)


def test_second():
    anyio.run(other.nap)
`,
      'pkg/other.py': `${FILES['pkg/other.py']}

def asyncio_is_gone() -> bool:
    return "asyncio" not in globals()
`,
    });
    const words = ['--no-bisect', '-t', 'sleep', 'pkg/other.py', ...pytest];
    const { code, out, err } = await verify(cwd, words, { env: environment() });
    expect(out, err).toContain('after         1 passed, 1 failed');
    expect(out).toContain('  tests.test_all::test_first\n      Failed: it took longer than');
    expect(code).toBe(1);
  });

  it('runs on trio what runs on trio', async () => {
    const cwd = project();
    writeTree(cwd, {
      'pkg/other.py': `${FILES['pkg/other.py']}

async def spawn() -> None:
    await asyncio.create_task(nap())
`,
      'tests/test_all.py': `${TESTS.replace(/def test_source[\s\S]*?\n\n\n/, '')}

def test_spawn():
    anyio.run(other.spawn)
`,
    });
    const { code, out, err } = await verify(cwd, ['--backend', 'trio', ...pytest], {
      env: environment(),
    });
    expect(out, err).toContain('after         3 passed');
    expect(out).toContain('on trio       2 passed, 1 failed');
    expect(out).toContain('On trio: 1 test that passed before do');
    expect(out).toContain('1 x RuntimeError: no running event loop');
    expect(code).toBe(0);
  });

  it('says when anyio is missing where the tests run', async () => {
    const cwd = project();
    writeTree(cwd, {
      'tests/test_all.py': 'from pkg import work\n\n\ndef test_it():\n    assert work\n',
    });
    const bare = { PATH: process.env.PATH, PYTHONPATH: env.pytest };
    const { out } = await verify(cwd, ['--no-bisect', ...pytest, '-p', 'no:anyio', '-s'], {
      env: bare,
    });
    expect(out).toContain('anyio is not installed where the tests run');
  });
});
