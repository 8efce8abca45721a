/**
 * Runs the tests that the fixtures of the transform `pytest` hold: what passes under pytest-asyncio
 * before, passes under anyio's plugin after, and find and replace breaks it where the case says so.
 */

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectedTexts, type FixtureCase, fixtureCases, layOut } from './fixture-cases.ts';
import {
  type AnyioLibrary,
  describeWithPython,
  newestPython,
  type PythonEnv,
} from './python/env.ts';

const cases = fixtureCases().filter(({ expected }) => expected.run === 'pytest');
const naive = cases.filter((fixture) => fixture.naive !== undefined);
const PYTHON = join(import.meta.dirname, 'python');

/** What run_pytest.py prints for a folder. */
interface Ended {
  /** `passed`, `failed` … by test. */
  outcomes: Record<string, string>;
  output: string;
}

describeWithPython('the tests of fixtures', (env: PythonEnv) => {
  const [oldest, newest] = [env.anyio[0], env.anyio.at(-1)];
  const ended = new Map<string, Ended>();

  function runAll(
    label: string,
    fixtures: readonly FixtureCase[],
    texts: (fixture: FixtureCase) => ReadonlyMap<string, string>,
    anyio: AnyioLibrary | undefined,
    flags: (fixture: FixtureCase) => string[] = () => [],
  ): void {
    const jobs = fixtures.map((fixture) => ({ cwd: layOut(texts(fixture)), args: flags(fixture) }));
    try {
      const { path } = newestPython(env);
      const done = spawnSync(path, ['-s', join(PYTHON, 'run_pytest.py')], {
        encoding: 'utf8',
        env: {
          ...process.env,
          PYTHONPATH: [anyio?.path, env.pytest, PYTHON].join(delimiter),
          PYTHONDONTWRITEBYTECODE: '1',
        },
        input: JSON.stringify(jobs),
        maxBuffer: 64 * 1024 * 1024,
      });
      if (done.status !== 0) throw new Error(done.stderr);
      for (const [at, result] of (JSON.parse(done.stdout) as Ended[]).entries()) {
        ended.set(`${label} ${fixtures[at]?.name}`, result);
      }
    } finally {
      for (const { cwd } of jobs) rmSync(cwd, { recursive: true, force: true });
    }
  }

  beforeAll(() => {
    runAll('before', cases, ({ before }) => before, newest);
    runAll('newest', cases, expectedTexts, newest, withoutPlugin);
    runAll('oldest', cases.filter(isForOldest), expectedTexts, oldest, withoutPlugin);
    const alone = () => ['-p', 'asyncio_backend'];
    runAll('naive', naive, (fixture) => fixture.naive ?? new Map(), newest, alone);
  }, 600_000);

  const outcomes = (label: string) => ended.get(label)?.outcomes;

  describe.each(cases)('$name', (fixture: FixtureCase) => {
    const { name, expected } = fixture;

    it('passes before and after', () => {
      const before = outcomes(`before ${name}`) ?? {};
      const bad = Object.values(before).filter((what) => !['passed', 'xfailed'].includes(what));
      expect(bad, ended.get(`before ${name}`)?.output).toEqual([]);
      expect(Object.keys(before)).not.toEqual([]);
      for (const label of isForOldest(fixture) ? ['newest', 'oldest'] : ['newest']) {
        const after = outcomes(`${label} ${name}`) ?? {};
        const isBoth = expected.options?.testBackends === 'both';
        const shown = ended.get(`${label} ${name}`)?.output;
        if (!isBoth) expect(after, shown).toEqual(before);
        else expect(after, shown).toEqual(onBoth(before));
      }
    });
  });

  describe.each(naive)('$name', ({ name }) => {
    it('is broken by find and replace', () => {
      expect(outcomes(`naive ${name}`)).not.toEqual(outcomes(`before ${name}`));
    });
  });
});

/** Without pytest-asyncio, where nothing should be left to it. */
function withoutPlugin(fixture: FixtureCase): string[] {
  const texts = [...expectedTexts(fixture).values()];
  const isMoved = !texts.some((text) => /mark\.asyncio|pytest_asyncio/.test(text));
  return isMoved ? ['-p', 'no:asyncio'] : [];
}

/** anyio's auto mode came with 4.11. */
function isForOldest(fixture: FixtureCase): boolean {
  return ![...expectedTexts(fixture).values()].some((text) => /^anyio_mode/m.test(text));
}

function onBoth(outcomes: Record<string, string>): Record<string, string> {
  const both = Object.entries(outcomes).flatMap(([id, what]) =>
    ['asyncio', 'trio'].map((backend) => [`${id}[${backend}]`, what]),
  );
  return Object.fromEntries(both) as Record<string, string>;
}
