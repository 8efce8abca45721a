/**
 * Runs the fixtures: what a case prints and raises under asyncio before, it prints and raises under
 * anyio after, on the asyncio backend and, where nothing of asyncio is left, on trio. Where a case
 * has the find-and-replace version of its program (`naive.py`), that one ends differently.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedTexts, type FixtureCase, fixtureCases, layOut } from './fixture-cases.ts';
import {
  type AnyioLibrary,
  describeWithPython,
  newestPython,
  type PythonEnv,
} from './python/env.ts';
import { type CaseResult, compileFailures, runCases } from './python/tools.ts';

const cases = fixtureCases();
const runnable = cases.filter(({ expected }) => ['both', 'asyncio'].includes(expected.run));
const naive = runnable.filter((fixture) => fixture.naive !== undefined);

describeWithPython('fixtures under real Python', (env: PythonEnv) => {
  const python = newestPython(env);
  const [oldest, newest] = [env.anyio[0], env.anyio.at(-1)];
  const folders: string[] = [];
  const outcomes = new Map<string, ReturnType<typeof ending>>();

  /** Runs one side of some cases, and keeps each outcome under `label case`. */
  function runAll(
    label: string,
    fixtures: readonly FixtureCase[],
    texts: (fixture: FixtureCase) => ReadonlyMap<string, string>,
    anyio: AnyioLibrary | undefined,
    backend: 'asyncio' | 'trio',
  ): void {
    if (!anyio) throw new Error('there is no anyio to run with');
    const jobs = fixtures.map((fixture) => {
      const cwd = layOut(texts(fixture));
      folders.push(cwd);
      return { program: join(cwd, fixture.main), backend, cwd };
    });
    for (const [at, result] of runCases(python, anyio, jobs).entries()) {
      outcomes.set(`${label} ${fixtures[at]?.name}`, ending(result));
    }
  }

  beforeAll(() => {
    runAll('before', runnable, ({ before }) => before, newest, 'asyncio');
    runAll('newest', runnable, expectedTexts, newest, 'asyncio');
    runAll('oldest', runnable, expectedTexts, oldest, 'asyncio');
    const both = runnable.filter(({ expected }) => expected.run === 'both');
    runAll('trio', both, expectedTexts, newest, 'trio');
    // What is refused for an old anyio breaks on that one.
    const old = naive.filter(({ expected }) => expected.options?.targetAnyio !== undefined);
    const broken = (fixture: FixtureCase) => fixture.naive ?? new Map();
    runAll(
      'naive',
      naive.filter((fixture) => !old.includes(fixture)),
      broken,
      newest,
      'asyncio',
    );
    runAll('naive', old, broken, oldest, 'asyncio');
  }, 900_000);
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  it('compile after the rewrite', () => {
    const files = cases.flatMap((fixture) => {
      const folder = layOut(expectedTexts(fixture));
      folders.push(folder);
      const python_ = [...fixture.before.keys()].filter((path) => path.endsWith('.py'));
      return python_.map((path) => join(folder, path));
    });
    expect(compileFailures(python, files)).toEqual([]);
  });

  describe.each(runnable)('$name', ({ name, expected }) => {
    it('behaves the same before and after', () => {
      const before = outcomes.get(`before ${name}`);
      expect(before).toMatchObject({ timedOut: false });
      expect(before?.stdout).not.toBe('');
      expect(outcomes.get(`newest ${name}`)).toEqual(before);
      expect(outcomes.get(`oldest ${name}`)).toEqual(before);
      if (expected.run === 'both') expect(outcomes.get(`trio ${name}`)).toEqual(before);
    });
  });

  describe.each(naive)('$name', ({ name }) => {
    it('is broken by find and replace', () => {
      expect(outcomes.get(`naive ${name}`)).not.toEqual(outcomes.get(`before ${name}`));
    });
  });
});

/** What counts when two runs are compared. */
function ending({ stdout, exception, timedOut }: CaseResult) {
  return { stdout, exception, timedOut };
}
