/** Two runs of the same tests, side by side. */

import type { Outcome } from './junit.ts';
import type { TestRun } from './test-run.ts';

/** What differs between a run before and a run after. Tests by name, in the order of the first run. */
export interface Comparison {
  /** Passed before, and failed or are gone now. */
  broken: string[];
  /** Failed before and pass now. */
  mended: string[];
  /** Failed before and now. */
  failing: string[];
  /** Passed before and now. */
  passing: number;
  /** Were not there before, and pass or fail now. */
  added: string[];
  /** Set when the runs cannot be told apart test by test: what the command as a whole did. */
  whole?: 'broken' | 'same';
}

/**
 * Compares test by test where both runs tell of tests; else by how the command ended. Where a run
 * tells of tests and was killed, what it had not come to counts as broken as well.
 */
export function compare(before: TestRun, after: TestRun): Comparison {
  const none = { broken: [], mended: [], failing: [], passing: 0, added: [] };
  if (!before.tests) {
    return { ...none, whole: passed(before) && !passed(after) ? 'broken' : 'same' };
  }
  if (!after.tests) {
    // It came to no report: everything that passed is in doubt, and none can be named.
    return { ...none, whole: 'broken' };
  }
  const result: Comparison = { ...none, broken: [], mended: [], failing: [], added: [] };
  for (const [name, old] of before.tests.outcomes) {
    sort(name, old, after.tests.outcomes.get(name), result);
  }
  for (const [name, outcome] of after.tests.outcomes) {
    if (!before.tests.outcomes.has(name) && outcome !== 'skipped') result.added.push(name);
  }
  return result;
}

function sort(name: string, old: Outcome, now: Outcome | undefined, result: Comparison): void {
  if (old === 'passed') {
    if (now === 'passed') result.passing += 1;
    else result.broken.push(name);
  } else if (old === 'failed') {
    if (now === 'passed') result.mended.push(name);
    else result.failing.push(name);
  }
}

/** Whether something that worked does not any more. */
export function isBroken({ broken, whole }: Comparison): boolean {
  return broken.length > 0 || whole === 'broken';
}

function passed({ status, timedOut }: TestRun): boolean {
  return status === 0 && !timedOut;
}
