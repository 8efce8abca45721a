/**
 * Any single use may be left out: by an ignore comment, the configuration, an answer in a review.
 * Whatever else goes with it must stay with it, and the rest must still be whole.
 */

import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openRun } from '../src/run.ts';
import type { Diagnostic, Judged } from '../src/transform.ts';
import { fixtureCases, layOut, optionsOf } from './fixture-cases.ts';

const OUT: Diagnostic = { code: 'left-out', message: 'the test says so', help: 'ask the test' };

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const where = ({ use, position }: Judged) => `${use.name} in line ${position.line}`;

describe.each(fixtureCases())('$name', ({ before, expected }) => {
  it('is whole without any one of its rewrites, and with any one alone', async () => {
    const cwd = layOut(before);
    folders.push(cwd);
    const run = await openRun(
      optionsOf(cwd, { ...expected, options: { ...expected.options, includeReview: true } }),
    );
    try {
      const all = run.migration();
      for (const item of all.judged.filter(({ verdict }) => verdict.kind === 'rewrite')) {
        const without = run.migration({
          leaveOut: (use) => (use === item.use ? OUT : undefined),
        });
        expect(without.problems, `without ${where(item)}`).toEqual([]);
        const { account, judged } = without;
        const { found, rewritten, refused, deferred, left } = account;
        expect(rewritten + refused + deferred + left).toBe(found);
        const itself = judged.find(({ use }) => use === item.use);
        expect(itself?.verdict).toEqual({ kind: 'refuse', diagnostic: OUT });
        expect(itself?.applied).toBe(false);
        const alone = run.migration({ leaveOut: (use) => (use === item.use ? undefined : OUT) });
        expect(alone.problems, `only ${where(item)}`).toEqual([]);
      }
    } finally {
      run.dispose();
    }
  });
});
