/** Wrong usage, and the name that was probably meant. */

import { distance } from 'fastest-levenshtein';

/** The user asked for something that cannot be. The message is one line; the exit code is 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * The candidate that `word` is most like, if it is like any: at most a third of its letters, and
 * never fewer than two, may differ. Case does not count.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const given = word.toLowerCase();
  const allowed = Math.max(2, Math.floor(given.length / 3));
  let best: string | undefined;
  let bestDistance = Math.min(allowed, given.length - 1) + 1;
  for (const candidate of candidates) {
    const far = distance(given, candidate.toLowerCase());
    if (far < bestDistance) {
      best = candidate;
      bestDistance = far;
    }
  }
  return best;
}

/** `"; did you mean 'sleep'?"` when a candidate is near, else nothing. */
export function didYouMean(word: string, candidates: readonly string[], prefix = ''): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? '' : `; did you mean '${prefix}${meant}'?`;
}
