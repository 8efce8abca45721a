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
 * @typedef {object} Rounds further runs, as many of each copy
 * @property {Outcomes[]} unchanged
 * @property {Outcomes[]} changed
 */

/**
 * What is to be thought of a suspect.
 *
 * - `broken`: run alone, it always passes in the unchanged copy and never in the changed one
 * - `broken-together`: it passes alone, and beside the others always in the unchanged copy and never
 *   in the changed one
 * - `unsteady`: it passes in the changed copy now and then
 * - `flaky`: it does not always pass in the unchanged copy either
 *
 * @typedef {'broken' | 'broken-together' | 'unsteady' | 'flaky'} BrokenVerdict
 */

/**
 * @param {string} test
 * @param {Rounds} alone of the suspects alone
 * @returns {'broken' | 'unsteady' | 'flaky'}
 */
export function verdictOn(test, { unchanged, changed }) {
  const passes = (/** @type {Outcomes} */ outcomes) => outcomes.get(test) === 'passed';
  if (!unchanged.every(passes)) return 'flaky';
  return changed.some(passes) ? 'unsteady' : 'broken';
}

/**
 * @param {string} test one that is unsteady alone
 * @param {Rounds} together of the whole suites
 * @returns {'broken-together' | 'unsteady' | 'flaky'}
 */
export function verdictTogether(test, together) {
  const verdict = verdictOn(test, together);
  return verdict === 'broken' ? 'broken-together' : verdict;
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
