/**
 * A program with one use left out still does what it did: each case that can be run is run before,
 * and with all but one of its rewrites. Which one is left out goes by the case's name; all of them
 * would take minutes.
 */

import { rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { FileChange } from '../src/result.ts';
import { openRun } from '../src/run.ts';
import type { Diagnostic } from '../src/transform.ts';
import { type FixtureCase, fixtureCases, layOut, optionsOf } from './fixture-cases.ts';
import { describeWithPython, newestPython } from './python/env.ts';
import { type CaseResult, runCases } from './python/tools.ts';

const OUT: Diagnostic = { code: 'left-out', message: 'the test says so', help: 'ask the test' };

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Left {
  /** `lock/nested without asyncio.Lock in line 4` */
  label: string;
  texts: ReadonlyMap<string, string>;
}

/** A number that is the same for the same name, and else any. */
function numberOf(name: string): number {
  return [...name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 65521, 7);
}

/** The case without one of the rewrites that its own options apply; undefined where there is none. */
async function without({ name, before, expected }: FixtureCase): Promise<Left | undefined> {
  const cwd = layOut(before);
  folders.push(cwd);
  const run = await openRun(optionsOf(cwd, expected));
  try {
    const applied = run.migration().judged.filter((item) => item.applied);
    const chosen = applied[numberOf(name) % applied.length];
    if (!chosen) return undefined;
    const { changes } = run.migration({
      leaveOut: (use) => (use === chosen.use ? OUT : undefined),
    });
    const label = `${name} without ${chosen.use.name} in line ${chosen.position.line}`;
    return { label, texts: withChanges(before, changes, cwd) };
  } finally {
    run.dispose();
  }
}

function withChanges(
  before: ReadonlyMap<string, string>,
  changes: readonly FileChange[],
  cwd: string,
): Map<string, string> {
  const after = changes.map(({ path, after: text }): [string, string] => [
    relative(cwd, path).split(sep).join('/'),
    text,
  ]);
  return new Map([...before, ...after]);
}

describeWithPython('fixtures with one use left out', (env) => {
  it('behave as before', async () => {
    const runnable = fixtureCases().filter(({ expected }) =>
      ['both', 'asyncio'].includes(expected.run),
    );
    const labels: string[] = [];
    const jobs: { program: string; backend: 'asyncio'; cwd: string }[] = [];
    const add = (label: string, { main }: FixtureCase, texts: ReadonlyMap<string, string>) => {
      const cwd = layOut(texts);
      folders.push(cwd);
      labels.push(label);
      jobs.push({ program: join(cwd, main), backend: 'asyncio', cwd });
    };
    for (const fixture of runnable) {
      const left = await without(fixture);
      if (!left) continue;
      add(left.label, fixture, fixture.before);
      add(left.label, fixture, left.texts);
    }
    expect(jobs.length).toBeGreaterThan(300);
    const anyio = env.anyio.at(-1);
    if (!anyio) throw new Error('there is no anyio to run with');
    const results = runCases(newestPython(env), anyio, jobs).map(endingOf);
    const pairs = labels.flatMap((label, at) =>
      at % 2 === 0 ? [{ label, before: results[at], after: results[at + 1] }] : [],
    );
    const unlike = pairs.filter(
      ({ before, after }) => JSON.stringify(before) !== JSON.stringify(after),
    );
    expect(unlike).toEqual([]);
  }, 600_000);
});

function endingOf({ stdout, exception, timedOut }: CaseResult) {
  return { stdout, exception, timedOut };
}
