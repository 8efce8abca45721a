/**
 * Any single use may be left out: by an ignore comment, the configuration, an answer in a review.
 * Whatever else goes with it must stay with it, and the rest must still be whole.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Migration } from '../src/result.ts';
import { openRun } from '../src/run.ts';
import type { Diagnostic, Judged, Use } from '../src/transform.ts';
import { fixtureCases, layOut, optionsOf } from './fixture-cases.ts';
import { describeWithPython, newestPython } from './python/env.ts';
import { compileFailures } from './python/tools.ts';

const OUT: Diagnostic = { code: 'left-out', message: 'the test says so', help: 'ask the test' };

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Each new text, with the first case and the use that it was made without. */
const texts = new Map<string, string>();

const where = ({ use, position }: Judged) => `${use.name} in line ${position.line}`;

function keep({ changes }: Migration, label: string): void {
  for (const { path, after } of changes) {
    if (path.endsWith('.py') && !texts.has(after)) texts.set(after, label);
  }
}

/** What a migration makes of the files, by path. */
function made({ changes }: Migration): Record<string, string> {
  return Object.fromEntries(changes.map(({ path, after }) => [path, after]));
}

describe.each(fixtureCases())('$name', ({ name, before, expected }) => {
  it('is whole without any one of its rewrites, and with any one alone', async () => {
    const cwd = layOut(before);
    folders.push(cwd);
    const options = optionsOf(cwd, {
      ...expected,
      options: { ...expected.options, includeReview: true },
    });
    const run = await openRun(options);
    try {
      const all = run.migration();
      for (const item of all.judged.filter(({ verdict }) => verdict.kind === 'rewrite')) {
        const without = run.migration({
          leaveOut: (use) => (use === item.use ? OUT : undefined),
        });
        keep(without, `${name} without ${where(item)}`);
        expect(without.problems, `without ${where(item)}`).toEqual([]);
        const { account, judged } = without;
        const { found, rewritten, refused, deferred, left } = account;
        expect(rewritten + refused + deferred + left).toBe(found);
        const itself = judged.find(({ use }) => use === item.use);
        expect(itself?.verdict).toEqual({ kind: 'refuse', diagnostic: OUT });
        expect(itself?.applied).toBe(false);
        const alone = run.migration({ leaveOut: (use) => (use === item.use ? undefined : OUT) });
        keep(alone, `${name} with nothing but ${where(item)}`);
        expect(alone.problems, `only ${where(item)}`).toEqual([]);
      }
      // What was asked before must not show in what is asked now.
      const [last] = all.judged.filter(({ verdict }) => verdict.kind === 'rewrite').slice(-1);
      if (!last) return;
      const isLast = ({ file, span }: Use) =>
        file.path === last.use.file.path && span.start === last.use.span.start;
      const leaveOut = (use: Use) => (isLast(use) ? OUT : undefined);
      const fresh = await openRun({ ...options, leaveOut });
      try {
        expect(made(run.migration({ leaveOut }))).toEqual(made(fresh.migration()));
      } finally {
        fresh.dispose();
      }
    } finally {
      run.dispose();
    }
  });
});

describeWithPython('what is left when one use is left out', (env) => {
  it('compiles', () => {
    expect(texts.size).toBeGreaterThan(500);
    const folder = mkdtempSync(join(tmpdir(), 'anyio-codemod-left-out-'));
    folders.push(folder);
    const labels = new Map<string, string>();
    for (const [at, [text, label]] of [...texts].entries()) {
      const path = join(folder, `case${at}.py`);
      writeFileSync(path, text);
      labels.set(path, label);
    }
    const failures = compileFailures(newestPython(env), [...labels.keys()]);
    expect(failures.map((failure) => [labels.get(failure.path), failure])).toEqual([]);
  });
});
