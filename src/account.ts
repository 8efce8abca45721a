/** The sums over the uses of a run. */

import type { Account } from './result.ts';
import type { Judged } from './transform.ts';

/** Counts each use once, by its verdict. */
export function accountOf(judged: readonly Judged[]): Account {
  const count = (test: (item: Judged) => boolean) => judged.filter(test).length;
  const rewrites = (safety: string) =>
    count(({ verdict }) => verdict.kind === 'rewrite' && verdict.safety === safety);
  return {
    found: judged.length,
    rewritten: count(({ verdict }) => verdict.kind === 'rewrite'),
    safe: rewrites('safe'),
    review: rewrites('review'),
    refused: count(({ verdict }) => verdict.kind === 'refuse'),
    deferred: count(({ verdict }) => verdict.kind === 'defer'),
    left: count(({ verdict }) => verdict.kind === 'leave'),
  };
}
