/** Proves that an edit of a manifest did what it should and nothing else. */

import { isDeepStrictEqual } from 'node:util';
import { anyioEntries, type DependencyEntry, type DependencyList } from './list.ts';
import { fitOf } from './specifier.ts';

/**
 * Reads the edited text again: the data must be the old data, apart from anyio's one entry, and
 * that entry must be high enough.
 *
 * @throws {Error} when it is not: our fault, not the project's
 */
export function checkEdit(list: DependencyList, after: string, needed: string): void {
  const again = list.reread(after);
  const fault = again ? difference(list, again, needed) : 'the list is gone';
  if (fault) throw new Error(`the edit of ${list.file.name} went wrong: ${fault}`);
}

function difference(
  before: DependencyList,
  after: DependencyList,
  needed: string,
): string | undefined {
  if (!isDeepStrictEqual(before.outside, after.outside)) return 'other data changed';
  if (!isDeepStrictEqual(others(before), others(after))) return 'other dependencies changed';
  const old = anyioEntries(before).map(({ withoutVersion }) => withoutVersion);
  const now = anyioEntries(after).map(({ withoutVersion }) => withoutVersion);
  if (old.length === 0 ? now.length !== 1 : !isDeepStrictEqual(old, now)) {
    return 'extras, markers or the number of entries changed';
  }
  const high = anyioEntries(after).every((entry) => isEnough(after, entry, needed));
  return high ? undefined : 'anyio is still too low';
}

function others({ entries }: DependencyList): string[] {
  return entries.filter(({ name }) => name !== 'anyio').map(({ text }) => text);
}

function isEnough(list: DependencyList, { constraint }: DependencyEntry, needed: string): boolean {
  return constraint !== undefined && fitOf(constraint, needed, list.style).kind === 'enough';
}
