/** What a rewrite did to the outcomes of a test suite. */

/** @typedef {Map<string, string>} Outcomes by test: passed, failed, skipped, xfailed or xpassed */

/**
 * @typedef {object} Suspect a test that passed before and does not now
 * @property {string} test
 * @property {string} after its outcome now; `missing` when it no longer runs
 */

/**
 * The tests that passed and no longer do. One that is skipped now, or gone, is among them.
 *
 * @param {Outcomes} before
 * @param {Outcomes} after
 * @returns {Suspect[]}
 */
export function suspects(before, after) {
  return [...before]
    .filter(([test, outcome]) => outcome === 'passed' && after.get(test) !== 'passed')
    .map(([test]) => ({ test, after: after.get(test) ?? 'missing' }));
}

/**
 * What is to be thought of a suspect after it was run alone.
 *
 * - `broken`: it passes in the unchanged copy and not in the changed one
 * - `unsteady`: it passes in the changed copy when run alone, and failed there beside the others
 * - `flaky`: it does not pass in the unchanged copy either
 *
 * @param {string} test
 * @param {Outcomes} unchanged
 * @param {Outcomes} changed
 * @returns {'broken' | 'unsteady' | 'flaky'}
 */
export function verdictOn(test, unchanged, changed) {
  if (unchanged.get(test) !== 'passed') return 'flaky';
  return changed.get(test) === 'passed' ? 'unsteady' : 'broken';
}

/**
 * @param {Outcomes} outcomes
 * @returns {Record<string, number>} how many tests had each outcome
 */
export function countOutcomes(outcomes) {
  return countBy([...outcomes.values()], (outcome) => outcome);
}

/**
 * @template T
 * @param {readonly T[]} things
 * @param {(thing: T) => string} key
 * @returns {Record<string, number>} the most frequent first
 */
export function countBy(things, key) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const thing of things) counts.set(key(thing), (counts.get(key(thing)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1]));
}
