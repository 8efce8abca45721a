/** What a review declined, written to the configuration: there it holds for all, in every command. */

import { withLeaveOut } from '../config/write.ts';
import { plural } from '../report/layout.ts';
import type { FileChange, Migration } from '../result.ts';
import type { Item } from '../review/item.ts';
import { pathsOf } from './argv.ts';
import { type LeaveOutPlan, planLeaveOut } from './leave-out.ts';
import { configOf } from './request.ts';
import type { Review } from './review-context.ts';

/** Asks whether, and why; undefined when the answers are to stay this person's own. */
export async function askToRecord(
  declined: readonly Item[],
  { prompt, argv, terminal }: Review,
): Promise<LeaveOutPlan | undefined> {
  if (declined.length === 0) return undefined;
  const what = declined.length === 1 ? 'the one' : `the ${declined.length}`;
  const key = await prompt.ask(`Leave out ${what} you declined for everybody?`, [
    { key: 'n', name: 'no', about: 'no; apply and check still count them in' },
    { key: 'y', name: 'yes', about: 'yes, write them to leave-out in pyproject.toml' },
  ]);
  if (key !== 'y') return undefined;
  const reason = await prompt.line('Why?', 'declined in a review');
  if (reason === undefined) return undefined;
  const units = declined.map(({ key: id, judged }) => ({ id, judged: [...judged] }));
  const request = { paths: pathsOf(argv), config: await configOf(argv, terminal) };
  return planLeaveOut([{ units, reason }], request, terminal.cwd);
}

/**
 * The migration with the entries in its text of the configuration, so that they are written and
 * undone with it; undefined when it does not change that file.
 *
 * @throws UsageError when the file has a form that cannot be added to
 */
export function withRecord(
  migration: Migration,
  { file, entries }: LeaveOutPlan,
): Migration | undefined {
  if (!migration.changes.some(({ path }) => path === file)) return undefined;
  const add = (change: FileChange): FileChange => {
    if (change.path !== file) return change;
    const { text, added } = withLeaveOut(change.after, entries, file);
    const before = change.note ?? migration.dependency?.message;
    const note = `${plural(added, 'entry', 'entries')} in leave-out`;
    return { ...change, after: text, note: before === undefined ? note : `${before}, ${note}` };
  };
  return { ...migration, changes: migration.changes.map(add) };
}
