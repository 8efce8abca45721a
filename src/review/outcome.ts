/** What is to be written after a review: the taken rewrites alone, judged again without the others. */

import { checkByHand } from '../edit/validate.ts';
import type { FileChange, Migration } from '../result.ts';
import type { Judged, Use } from '../transform.ts';
import type { HandEdit } from './book.ts';
import { patched } from './hand-edit.ts';
import type { Item } from './item.ts';
import type { FileView, Session } from './session.ts';

export interface Outcome {
  /** With the edits of a person in its texts. */
  migration: Migration;
  /** What was taken and is not in it, since it counts on something that was not. */
  fallen: Item[];
  /** Edits that no longer fit what is around them; their rewrites are not in it. */
  dropped: { edit: HandEdit; reason: string }[];
  /** Files that become something else than was shown: the text as shown, and as it would be now. */
  unlike: FileView[];
}

/**
 * Judges again, with everything refused that was not taken.
 *
 * @param declare whether phase 0, where it is selected, declares the dependency
 */
export function outcomeOf(session: Session, declare: boolean): Outcome {
  const dropped: Outcome['dropped'] = [];
  for (;;) {
    const out = new Set(dropped.flatMap(({ edit }) => edit.keys));
    const taken = session.answered('yes').filter(({ key }) => !out.has(key));
    const migration = migrationOf(session, taken, declare);
    const applied = new Set(migration.judged.filter((each) => each.applied).map(({ use }) => use));
    const fallen = taken.filter(({ judged }) => judged.some(({ use }) => !applied.has(use)));
    const unlike = unlikeShown(session, taken, fallen, migration.changes);
    const failure = withEdits(session, migration, new Set(fallen.map(({ key }) => key)), out);
    if (!failure) return { migration, fallen, dropped, unlike };
    dropped.push(failure);
  }
}

const DECLINED = {
  code: 'left-out',
  message: 'the answer in the review was no',
  help: 'review it again with --restart, should you think otherwise',
};
const OPEN = {
  code: 'left-out',
  message: 'the review has not come to it yet',
  help: 'go on with the review',
};

/** Leaving something out can make room for a rewrite that nobody was asked about: it stays out, too. */
function migrationOf(session: Session, taken: readonly Item[], declare: boolean): Migration {
  const { run, includeReview } = session;
  const chosen = new Set(usesOf(taken));
  const declined = new Set(usesOf(session.answered('no')));
  const out = new Set(usesOf(session.items).filter((use) => !chosen.has(use)));
  const { selection } = run.options;
  const transforms = new Set([...selection.transforms].filter((id) => id !== 'dependency'));
  for (;;) {
    const migration = run.migration({
      includeReview,
      selection: declare ? selection : { ...selection, transforms },
      leaveOut: (use) => {
        if (!out.has(use)) return undefined;
        return declined.has(use) ? DECLINED : OPEN;
      },
    });
    const unasked = migration.judged.filter(({ use, applied }) => applied && !chosen.has(use));
    if (unasked.length === 0) return migration;
    for (const { use } of unasked) out.add(use);
  }
}

function usesOf(items: readonly Item[]): Use[] {
  return items.flatMap(({ judged }) => judged.map(({ use }) => use));
}

/** Where the new judgement makes something else of a file than the steps showed. */
function unlikeShown(
  session: Session,
  taken: readonly Item[],
  fallen: readonly Item[],
  changes: readonly FileChange[],
): FileView[] {
  const written = new Map(changes.map((change) => [change.path, change]));
  const shown = new Set<Judged>(
    taken.filter((item) => !fallen.includes(item)).flatMap(({ judged }) => judged),
  );
  return session.run
    .preview(session.migration, shown)
    .flatMap(({ path, before, after, encoding }) => {
      const now = written.get(path)?.after ?? before;
      return now === after ? [] : [{ path, before: after, after: now, encoding }];
    });
}

/** Puts the edits into the texts; gives the first that does not fit. */
function withEdits(
  session: Session,
  migration: Migration,
  fallen: ReadonlySet<string>,
  out: ReadonlySet<string>,
): Outcome['dropped'][number] | undefined {
  const texts = new Map(migration.changes.map(({ path, after }) => [path, after]));
  const standing = session.edits.filter(({ keys }) =>
    keys.every((key) => !fallen.has(key) && !out.has(key)),
  );
  for (const edit of standing) {
    for (const [path, text] of texts) {
      const file = session.file(path);
      if (!file) continue;
      const now = patched(text, edit, session.nameOf(path));
      const reason =
        now === undefined
          ? 'what is around it is different now'
          : now !== text && checkByHand(file.info, text, now);
      if (reason) return { edit, reason };
      if (now !== undefined) texts.set(path, now);
    }
  }
  migration.changes = migration.changes.map((change) => ({
    ...change,
    after: texts.get(change.path) ?? change.after,
  }));
  return undefined;
}
