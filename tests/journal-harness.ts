/** Writing as a command does, in one step, for the tests of the journal and of undo. */

import { type JournalOptions, openJournal } from '../src/files/journal.ts';
import { findStale, type Written } from '../src/files/write.ts';
import type { FileChange } from '../src/result.ts';

/** Writes what is still as it was read, so that `undo` can take it back. Throws as `openJournal` does. */
export async function writeWithJournal(
  changes: readonly FileChange[],
  options: JournalOptions,
): Promise<Written> {
  const stale = findStale(changes);
  const left = new Set(stale.map(({ path }) => path));
  const fit = changes.filter(({ path }) => !left.has(path));
  if (fit.length === 0) return { written: [], problems: stale };
  const journal = openJournal([fit], options);
  const { written, problems } = await journal.write(fit);
  journal.finish();
  return { written, problems: [...stale, ...problems] };
}
