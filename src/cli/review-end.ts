/** The end of a review: what comes of the answers, the last question, and the writing. */

import { manifestChange } from '../report/counts.ts';
import { paragraph, plural } from '../report/layout.ts';
import { describeItems, diffOf, placeOfItem, type ReviewPage } from '../report/review.ts';
import type { FileChange, Migration } from '../result.ts';
import { hashOf, type Item } from '../review/item.ts';
import { type Outcome, outcomeOf } from '../review/outcome.ts';
import type { Session } from '../review/session.ts';
import { writeMigration } from './apply.ts';
import { isOn, type ParsedArgs } from './argv.ts';
import type { GitWishes } from './checkout.ts';
import { closing, showDiff } from './diff.ts';
import { writeLeaveOut } from './leave-out.ts';
import { DONE } from './problems.ts';
import type { Choice } from './prompter.ts';
import type { Review, Went } from './review-context.ts';
import { askToRecord, withRecord } from './review-record.ts';
import { type Terminal, writeLines } from './terminal.ts';

const BACK: Choice = { key: 'u', name: 'back', about: 'take the last answer back' };
const QUIT: Choice = {
  key: 'q',
  name: 'quit',
  about: 'quit; the answers are kept, and nothing is written',
};

/**
 * Asks the last questions, when every step is answered, and writes.
 *
 * @returns the exit code, or what else became of it
 */
export async function finish(review: Review): Promise<number | Went> {
  const { session, argv, terminal, page, prompt } = review;
  if (session.items.length > 0 && session.answered('yes').length === 0) return nothingTaken(review);
  const declared = outcomeOf(session, true);
  const answer = await askManifest(declared.migration, review);
  if (answer !== 'yes' && answer !== 'no') return answer;
  const outcome = answer === 'yes' ? declared : outcomeOf(session, false);
  const { migration } = outcome;
  if (migration.changes.length === 0) {
    writeLines(terminal.stdout, closing(migration, argv, terminal, 'would'));
    return DONE;
  }
  writeLines(terminal.stdout, ['', ...surprises(outcome, session, page)]);
  if (isOn(argv, 'dry-run')) return showDiff(migration, argv, terminal);
  writeLines(terminal.stdout, closing(migration, argv, terminal, 'would'));
  const files = plural(migration.changes.length, 'file');
  const key = await prompt.ask(`Write ${files}?`, [
    { key: 'y', name: 'yes', about: 'write what was taken' },
    ...(session.canUndo ? [BACK] : []),
    QUIT,
  ]);
  if (key === undefined) return 'interrupted';
  if (key === 'q') return 'left';
  if (key === 'u') return goBack(session);
  const plan = await askToRecord(session.declinedNow, review);
  const recorded = plan && withRecord(migration, plan);
  const code = await write(outcome, recorded ?? migration, review);
  if (plan && !recorded && code === DONE) await writeLeaveOut(plan, terminal);
  return code;
}

/**
 * Writes what was taken so far, and asks nothing.
 *
 * @returns the exit code
 */
export async function writeAccepted(
  session: Session,
  wishes: GitWishes,
  argv: ParsedArgs,
  terminal: Terminal,
  page: ReviewPage,
): Promise<number> {
  if (session.answered('yes').length === 0) {
    writeLines(terminal.stdout, ['Nothing was taken in a review yet: no file changes.']);
    return DONE;
  }
  const outcome = declaring(session);
  writeLines(terminal.stderr, surprises(outcome, session, page));
  if (isOn(argv, 'dry-run')) return showDiff(outcome.migration, argv, terminal);
  return write(outcome, outcome.migration, { session, wishes, argv, terminal });
}

async function nothingTaken(review: Review): Promise<number | Went> {
  const { session, terminal, prompt } = review;
  writeLines(terminal.stdout, ['', 'Everything was declined: no file changes.']);
  if (!session.canUndo) return DONE;
  const done = { key: 'y', name: 'yes', about: 'end the review' };
  const key = await prompt.ask('Done?', [done, BACK]);
  if (key === 'u') return goBack(session);
  if (key === undefined) return 'interrupted';
  const plan = await askToRecord(session.declinedNow, review);
  if (plan) await writeLeaveOut(plan, terminal);
  return DONE;
}

/** With the answer about the manifest, which is yes where nobody was asked. */
function declaring(session: Session): Outcome {
  const outcome = outcomeOf(session, true);
  const change = manifestChange(outcome.migration);
  const isDeclined = change && session.answerOf({ key: manifestKey(change) }) === 'no';
  return isDeclined ? outcomeOf(session, false) : outcome;
}

/** Asks about the dependency that phase 0 declares, unless that was answered before. */
async function askManifest(
  migration: Migration,
  { session, page, prompt, terminal }: Review,
): Promise<'yes' | 'no' | Went> {
  const change = manifestChange(migration);
  if (!change) return 'yes';
  const key = manifestKey(change);
  const before = session.answerOf({ key });
  if (before) return before;
  const heading = `The dependency: ${change.note ?? migration.dependency?.message ?? ''}`;
  writeLines(terminal.stdout, ['', ...paragraph(heading, page.width), ...diffOf([change], page)]);
  const pressed = await prompt.ask('Declare it?', [
    { key: 'y', name: 'yes', about: 'yes' },
    { key: 'n', name: 'no', about: 'no; what needs a newer anyio than is declared is left out' },
    ...(session.canUndo ? [BACK] : []),
    QUIT,
  ]);
  if (pressed === undefined) return 'interrupted';
  if (pressed === 'q') return 'left';
  if (pressed === 'u') return goBack(session);
  session.answer([{ key }], pressed === 'y' ? 'yes' : 'no');
  return pressed === 'y' ? 'yes' : 'no';
}

function manifestKey({ before, after }: FileChange): string {
  return `dependency@${hashOf([before, after])}`;
}

function goBack(session: Session): Went {
  session.undo();
  return 'on';
}

/**
 * @param final the migration of the outcome, with what else is to be written
 * @returns the exit code
 */
async function write(
  { migration, fallen, dropped }: Outcome,
  final: Migration,
  { session, wishes, argv, terminal }: Pick<Review, 'session' | 'wishes' | 'argv' | 'terminal'>,
): Promise<number> {
  const { code, written } = await writeMigration('review', final, wishes, argv, terminal);
  const paths = new Set(written);
  const out = new Set([...fallen, ...itemsOf(dropped, session)]);
  const items = session
    .answered('yes')
    .filter((item) => !out.has(item) && [...item.paths].every((path) => paths.has(path)));
  const manifest = manifestChange(migration);
  const isDeclared = manifest && paths.has(manifest.path);
  session.forget([...items, ...(isDeclared ? [{ key: manifestKey(manifest) }] : [])]);
  return code;
}

function itemsOf(dropped: Outcome['dropped'], session: Session): Item[] {
  const keys = new Set(dropped.flatMap(({ edit }) => edit.keys));
  return session.items.filter(({ key }) => keys.has(key));
}

/** What a person could not expect after the answers given. */
function surprises(
  { migration, fallen, dropped, unlike }: Outcome,
  session: Session,
  page: ReviewPage,
): string[] {
  const { style, width } = page;
  const manifest = manifestChange(migration)?.path;
  const settings = migration.changes.filter(
    ({ path, note }) => note !== undefined && path !== manifest,
  );
  const lost = itemsOf(dropped, session);
  return [
    ...fallen.flatMap((item) =>
      paragraph(
        `Taken, but left out: ${placeOfItem(item, page.cwd)} ${describeItems([item])}: ` +
          `${whyFallen(item, migration)}.`,
        width,
        0,
        2,
      ).map(style.warn),
    ),
    ...dropped.flatMap(({ edit, reason }) =>
      paragraph(
        `Your edit of ${edit.patches.map(({ path }) => path).join(', ')} no longer fits ` +
          `(${reason}); left out: ${describeItems(lost.filter(({ key }) => edit.keys.includes(key)))}.`,
        width,
        0,
        2,
      ).map(style.warn),
    ),
    ...(unlike.length > 0
      ? [
          ...paragraph(
            'Not quite as shown, since something that it counted on was left out:',
            width,
          ).map(style.warn),
          ...diffOf(unlike, page),
        ]
      : []),
    ...settings.flatMap((change) => [
      ...paragraph(`Along with the tests: ${change.note}`, width),
      ...diffOf([change], page),
    ]),
  ];
}

function whyFallen({ judged }: Item, migration: Migration): string {
  const uses = new Set(judged.map(({ use }) => use));
  const verdict = migration.judged.find(({ use, applied }) => uses.has(use) && !applied)?.verdict;
  if (verdict?.kind === 'refuse')
    return `${verdict.diagnostic.code}, ${verdict.diagnostic.message}`;
  return verdict?.kind === 'leave' ? verdict.reason : 'what it counts on was left out';
}
