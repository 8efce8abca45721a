/**
 * Other people's test suites, before and after `apply --phase hybrid`: every test that passed still
 * passes. (With `--include-review` some may not, which is what a review is for.)
 *
 * One package is run, without the tests that mostly wait, unless ANYIO_CODEMOD_SUITES says
 * otherwise: names of tests/suites/packages.mjs joined by commas, or `all`, which takes an hour.
 * Such a run is whole, tries `--include-review` too, and prints what came of it.
 */

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { describeWithPython, type PythonEnv } from './python/env.ts';

const PROJECT = resolve(import.meta.dirname, '..');
const SUITES = join(PROJECT, 'tests', 'suites');
const CACHE = resolve(process.env.ANYIO_CODEMOD_TEST_CACHE ?? join(PROJECT, '.cache'));
/** Event, Lock and sleep, and 194 tests that take four seconds. */
const QUICK = 'hypercorn';
const MINUTE = 60_000;

/** What `run.mjs --json` writes, as far as it is looked at here. */
interface Trial {
  name: string;
  before: Record<string, number>;
  rewrites: Record<
    string,
    {
      outcomes: Record<string, number>;
      transforms: Record<string, number>;
      lines: number;
      executed: number;
      broken: { test: string; after: string; verdict: string }[];
    }
  >;
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyio-codemod-suites-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a script of ours to its end. Not in step: vitest gives up on a worker that is silent. */
function script(file: string, ...args: string[]): Promise<Ended> {
  return new Promise((done, reject) => {
    execFile(process.execPath, [join(PROJECT, file), ...args], (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else done({ status: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

/**
 * Fetches a package, and skips the test, with a warning, where that cannot be.
 *
 * @throws where `CI` is set
 */
async function need(context: TestContext, name: string): Promise<void> {
  const { status, stderr } = await script('tests/suites/fetch.mjs', name);
  if (status !== 0) throw new Error(stderr);
  if (existsSync(join(CACHE, 'suites', name, 'stamp.json'))) return;
  console.warn(`\nSKIPPED: ${stderr.trim()}\n`);
  context.skip();
}

/**
 * Runs a package's trial.
 *
 * @throws with what the runner says, when the trial proves nothing
 */
async function trial(name: string, env: PythonEnv, ...flags: string[]) {
  const json = join(folder, `${name}.json`);
  const pythons = env.interpreters.flatMap(({ path }) => ['--python', path]);
  const words = [name, ...pythons, '--json', json, ...flags];
  const done = await script('tests/suites/run.mjs', ...words);
  const [found] = existsSync(json) ? (JSON.parse(readFileSync(json, 'utf8')) as Trial[]) : [];
  if (!found) throw new Error(done.stderr);
  return { found, ...done };
}

describe('what a rewrite did to the outcomes', async () => {
  const compare = pathToFileURL(join(SUITES, 'compare.mjs')).href;
  const { suspects, verdictOn, verdictTogether } = await import(compare);

  it('suspects what passed and fails, is skipped or is gone, and nothing else', () => {
    const before = new Map([
      ['kept', 'passed'],
      ['failing', 'passed'],
      ['skipping', 'passed'],
      ['gone', 'passed'],
      ['never', 'failed'],
      ['expected', 'xfailed'],
    ]);
    const after = new Map([
      ['kept', 'passed'],
      ['failing', 'failed'],
      ['skipping', 'skipped'],
      ['never', 'passed'],
      ['expected', 'failed'],
      ['new', 'failed'],
    ]);
    expect(suspects(before, after)).toEqual([
      { test: 'failing', after: 'failed' },
      { test: 'skipping', after: 'skipped' },
      { test: 'gone', after: 'missing' },
    ]);
  });

  const passed = new Map([['t', 'passed']]);
  const failed = new Map([['t', 'failed']]);
  const gone = new Map();

  it.for([
    { unchanged: [passed, passed], changed: [failed, failed], alone: 'broken' },
    { unchanged: [passed, passed], changed: [gone, gone], alone: 'broken' },
    { unchanged: [passed, passed], changed: [failed, passed], alone: 'unsteady' },
    { unchanged: [passed, failed], changed: [failed, failed], alone: 'flaky' },
    { unchanged: [gone, gone], changed: [passed, passed], alone: 'flaky' },
  ])(
    'blames the rewrite only for what always passes without it: $alone',
    ({ alone, ...rounds }) => {
      expect(verdictOn('t', rounds)).toBe(alone);
      expect(verdictTogether('t', rounds)).toBe(alone === 'broken' ? 'broken-together' : alone);
    },
  );
});

describeWithPython('test suites of other people', (env: PythonEnv) => {
  it(
    'are told broken, flaky and whole by the runner',
    async (context) => {
      await need(context, QUICK);
      const source = writeSource(join(folder, 'source'));
      const tool = join(folder, 'tool.mjs');
      writeFileSync(tool, BREAKING_TOOL);
      const flags = ['--source', source, '--tool', tool, '--rounds', '1'];
      const { found, status } = await trial(QUICK, env, ...flags);
      expect(found.before).toEqual({ passed: 4, failed: 1 });
      expect(found.rewrites.safe).toMatchObject({
        lines: 2,
        executed: 1,
        broken: [
          { test: 'tests/test_value.py::test_value', after: 'failed', verdict: 'broken' },
          { test: 'tests/test_value.py::test_once', after: 'failed', verdict: 'flaky' },
        ],
      });
      expect(status).toBe(1);
    },
    5 * MINUTE,
  );

  it.for(chosenNames())(
    '%s passes what it passed',
    { timeout: 30 * MINUTE },
    async (name, context) => {
      await need(context, name);
      const dist = join(folder, 'dist');
      if (!existsSync(dist)) await build(dist);
      const isChosen = process.env.ANYIO_CODEMOD_SUITES !== undefined;
      const how = isChosen ? '--review' : '--quick';
      const { found, stdout } = await trial(name, env, '--tool', join(dist, 'main.js'), how);
      if (isChosen) console.log(stdout);
      const { safe } = found.rewrites;
      expect(found.before.passed).toBeGreaterThan(0);
      expect(safe?.lines).toBeGreaterThan(0);
      expect(safe?.broken.filter(({ verdict }) => verdict.startsWith('broken'))).toEqual([]);
      if (name === QUICK) expect(safe?.executed).toBeGreaterThan((safe?.lines ?? 0) / 2);
    },
  );
});

function chosenNames(): string[] {
  const chosen = process.env.ANYIO_CODEMOD_SUITES;
  if (chosen !== 'all') return (chosen ?? QUICK).split(',');
  const recipes = readFileSync(join(SUITES, 'packages.mjs'), 'utf8');
  return [...recipes.matchAll(/^ {4}name: '(.+)',$/gm)].flatMap(([, name]) => name ?? []);
}

async function build(dist: string): Promise<void> {
  const { status, stderr } = await script('src/build.mjs', dist);
  if (status !== 0) throw new Error(stderr);
}

/** A package in the place of the real one, with a test of each kind. */
function writeSource(source: string): string {
  const files = {
    'src/hypercorn/__init__.py': 'VALUE = 1\n\ndef unused():\n    return 2\n',
    'tests/test_value.py': `import errno
import pathlib
import socket

import hypercorn
import pytest


def test_value():
    assert hypercorn.VALUE == 1


def test_other():
    assert hypercorn.__name__ == 'hypercorn'


def test_never():
    assert hypercorn.VALUE == 3


def test_once():
    seen = pathlib.Path(__file__).parents[2] / 'seen'
    assert not seen.exists()
    seen.touch()


def test_that_the_network_is_away():
    with pytest.raises(OSError) as caught:
        socket.create_connection(('192.0.2.1', 9), timeout=5)
    assert caught.value.errno == errno.ENETUNREACH
    with socket.create_server(('127.0.0.1', 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
`,
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(source, file)), { recursive: true });
    writeFileSync(join(source, file), text);
  }
  return source;
}

/** In the place of the real tool: changes a value, and says so as the real one does. */
const BREAKING_TOOL = `import { writeFileSync } from 'node:fs';
const file = 'src/hypercorn/__init__.py';
writeFileSync(file, 'VALUE = 2\\n');
const use = { file, transform: 'value', verdict: 'rewrite', safety: 'safe', applied: true };
const uses = [{ ...use, line: 1 }, { ...use, line: 4 }];
console.log(JSON.stringify({ uses, totals: { found: 2, rewritten: 2 } }));
`;
