/** Nothing of asyncio is unknown to the tool: our tables against Python's own `asyncio.__all__`. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PUBLIC_NAMES } from '../src/analysis/names.ts';
import { isKnown, laterPhase, reasonToStay } from '../src/catalogue.ts';
import { PHASES } from '../src/phases.ts';
import { transforms } from '../transforms/index.ts';
import {
  describeWithPython,
  type Interpreter,
  newestPython,
  type PythonEnv,
  runPython,
} from './python/env.ts';

const owned = new Set(transforms.flatMap(({ names }) => names));

/** Those of the names that a user would get no answer about. */
function unknown(names: Iterable<string>): string[] {
  return [...names].filter((name) => !owned.has(`asyncio.${name}`) && !isKnown(`asyncio.${name}`));
}

describe('the tables', () => {
  it('have an entry for every public name', () => {
    expect(unknown(PUBLIC_NAMES)).toEqual([]);
  });

  it('put no name off that a transform owns, and each to a phase that there is', () => {
    const later = [...PUBLIC_NAMES].filter((name) => laterPhase(`asyncio.${name}`) !== undefined);
    expect(later.filter((name) => owned.has(`asyncio.${name}`))).toEqual([]);
    const phases = new Set(PHASES.map(({ number }) => number));
    expect(later.filter((name) => !phases.has(laterPhase(`asyncio.${name}`) ?? -1))).toEqual([]);
  });

  it('give a reason that is about the name', () => {
    const general = reasonToStay('asyncio.no_such_name');
    const stay = [...PUBLIC_NAMES].filter(
      (name) => !owned.has(`asyncio.${name}`) && laterPhase(`asyncio.${name}`) === undefined,
    );
    expect(stay.filter((name) => reasonToStay(`asyncio.${name}`) === general)).toEqual([]);
  });
});

describeWithPython('the names of asyncio', (env: PythonEnv) => {
  const { stdlib } = env;

  it.each(env.interpreters)('of Python $version are all known', (interpreter) => {
    expectKnown(printed(interpreter, { script: RUNNING }));
  });

  // A cache from before the library was fetched has none.
  if (!stdlib && !process.env.CI) {
    console.warn('\nSKIPPED: NAMES OF THE NEWEST PYTHON: run `node tests/python/fetch.mjs`\n');
  }
  it.skipIf(!stdlib && !process.env.CI)(
    `of Python ${stdlib?.version ?? 'that is newest'}, by its sources, are all known`,
    () => {
      if (!stdlib) throw new Error('the library of the newest Python is not there');
      const file = join(import.meta.dirname, 'python', 'asyncio_all.py');
      const args = [join(stdlib.path, 'asyncio')];
      const names = printed(newestPython(env), { file, args });
      expect(names).toContain('FutureCallGraph');
      expect(names).toContain('ProactorEventLoop');
      expect(names).toContain('SelectorEventLoop');
      expectKnown(names);
    },
  );

  it('are read from sources as a running Python has them', () => {
    for (const interpreter of env.interpreters) {
      const file = join(import.meta.dirname, 'python', 'asyncio_all.py');
      const home = 'import asyncio; print(asyncio.__path__[0])';
      const folder = runPython(interpreter, { script: home }).stdout.trim();
      const names = printed(newestPython(env), { file, args: [folder] });
      const running = printed(interpreter, { script: RUNNING });
      expect(running.filter((name) => !names.includes(name))).toEqual([]);
    }
  });
});

const RUNNING = 'import asyncio, json; print(json.dumps(sorted(asyncio.__all__)))';

function printed(
  interpreter: Interpreter,
  program: { script: string } | { file: string; args: string[] },
): string[] {
  const { stdout, stderr, code } = runPython(interpreter, program);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as string[];
}

function expectKnown(names: readonly string[]): void {
  expect(names.length).toBeGreaterThan(80);
  expect(names.filter((name) => !PUBLIC_NAMES.has(name))).toEqual([]);
  expect(unknown(names)).toEqual([]);
}
