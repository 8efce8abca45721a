import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Counts,
  cellsOf,
  countsOf,
  noCounts,
  progressOf,
  STATES,
  shareDone,
  totalOf,
} from '../src/report/progress.ts';
import { DEFER, leave, migration, sample, use } from './cli-harness.ts';

const counts: fc.Arbitrary<Counts> = fc.record(
  Object.fromEntries(STATES.map((state) => [state, fc.nat(5000)])) as Record<
    (typeof STATES)[number],
    fc.Arbitrary<number>
  >,
);

describe('a bar', () => {
  test('is as wide as asked, shows all that is there and nothing else', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 6, max: 100 }), (each, width) => {
        const cells = cellsOf(each, width);
        expect(totalOf(cells)).toBe(totalOf(each) === 0 ? 0 : width);
        for (const state of STATES) expect(cells[state] > 0).toBe(each[state] > 0);
      }),
    );
  });

  test('goes by size', () => {
    fc.assert(
      fc.property(counts, (each) => {
        const cells = cellsOf(each, 600);
        for (const state of STATES) {
          const share = totalOf(each) === 0 ? 0 : (each[state] / totalOf(each)) * 600;
          // Five states that are nearly nothing take a cell each from the others.
          expect(Math.abs(cells[state] - share)).toBeLessThanOrEqual(6);
        }
      }),
    );
  });
});

test('each use is in one phase or in none, and the sums are those of the account', () => {
  const all = { ...sample(), arrived: [{ path: '/project/a.py', phase: 5, uses: 3 }] };
  const phases = progressOf(all);
  expect(phases.map(({ number }) => number)).toEqual([1, 2, 3, 5, undefined]);
  const { safe, review, refused, deferred, left } = all.account;
  const sums = noCounts();
  for (const phase of phases) for (const state of STATES) sums[state] += phase.counts[state];
  expect(sums).toEqual({ arrived: 3, safe, review, refused, deferred, left });
});

test('what stays asyncio needs no work', () => {
  const stays = countsOf([use('a.py:1', 'asyncio.Task', leave('stays'))]);
  expect(shareDone(stays)).toBe(1);
  const waits = countsOf(
    [use('a.py:1', 'asyncio.Queue', DEFER), use('a.py:2', 'asyncio.Task', leave('stays'))],
    [{ path: 'a.py', phase: 1, uses: 3 }],
  );
  expect(shareDone(waits)).toBe(0.75);
});

test('a selected phase is shown though nothing is found', () => {
  expect(progressOf(migration({ phases: [0, 4] }))).toEqual([
    { number: 4, name: 'queues', counts: noCounts() },
  ]);
});
