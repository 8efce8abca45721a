/**
 * Runs the fixtures: what a case prints and raises under asyncio before, it prints and raises under
 * anyio after, on the asyncio backend and, where nothing of asyncio is left, on trio.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectedTexts, fixtureCases, layOut } from './fixture-cases.ts';
import { describeWithPython, newestPython, type PythonEnv } from './python/env.ts';
import { compileFailures, runCase } from './python/tools.ts';

const cases = fixtureCases();

describeWithPython('fixtures under real Python', (env: PythonEnv) => {
  const python = newestPython(env);

  it('compile after the rewrite', () => {
    const folders = cases.map((fixture) => layOut(expectedTexts(fixture)));
    const files = cases.flatMap(({ before }, at) =>
      [...before.keys()]
        .filter((path) => path.endsWith('.py'))
        .map((path) => join(folders[at] ?? '', path)),
    );
    expect(compileFailures(python, files)).toEqual([]);
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  describe.each(cases.filter(({ expected }) => ['both', 'asyncio'].includes(expected.run)))(
    '$name',
    (fixture) => {
      const [oldest] = env.anyio;
      const newest = env.anyio.at(-1);
      const programs = () => ({
        before: layOut(fixture.before),
        after: layOut(expectedTexts(fixture)),
      });
      const run = (folder: string, anyio: typeof oldest, backend: 'asyncio' | 'trio') => {
        const { stdout, exception, timedOut } = runCase(python, join(folder, fixture.main), {
          anyio,
          backend,
          cwd: folder,
        });
        return { stdout, exception, timedOut };
      };

      it('behaves the same before and after', () => {
        const { before, after } = programs();
        const expected = run(before, newest, 'asyncio');
        expect(expected.timedOut).toBe(false);
        expect(expected.stdout).not.toBe('');
        expect(run(after, newest, 'asyncio')).toEqual(expected);
        expect(run(after, oldest, 'asyncio')).toEqual(expected);
        if (fixture.expected.run === 'both') expect(run(after, newest, 'trio')).toEqual(expected);
        rmSync(before, { recursive: true });
        rmSync(after, { recursive: true });
      });
    },
  );
});
