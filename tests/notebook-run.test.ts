/** Runs the notebooks of the fixtures cell by cell: what they print before, they print after. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { expectedTexts, fixtureCases, layOut } from './fixture-cases.ts';
import { describeWithPython, newestPython, type PythonEnv } from './python/env.ts';
import { runCase } from './python/tools.ts';

const RUNNER = join(import.meta.dirname, 'python', 'run_notebook.py');
const cases = fixtureCases().filter(({ expected }) => expected.run === 'notebook');

describeWithPython('notebooks under real Python', (env: PythonEnv) => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  function run(texts: ReadonlyMap<string, string>) {
    const cwd = layOut(texts);
    folders.push(cwd);
    const anyio = env.anyio.at(-1);
    if (!anyio) throw new Error('there is no anyio to run with');
    const { stdout, exception, timedOut } = runCase(newestPython(env), RUNNER, {
      anyio,
      cwd,
      args: [join(cwd, 'case.ipynb')],
    });
    return { stdout, exception, timedOut };
  }

  it.each(cases)('$name prints the same before and after', (fixture) => {
    const before = run(fixture.before);
    expect(before).toMatchObject({ exception: null, timedOut: false });
    expect(before.stdout).not.toBe('');
    expect(run(expectedTexts(fixture))).toEqual(before);
  });
});
