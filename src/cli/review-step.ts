/** One step of a review: shown, asked, and what each key does. */

import { join } from 'node:path';
import { checkByHand } from '../edit/validate.ts';
import { encodeSource } from '../files/read.ts';
import { stateFolder } from '../files/state.ts';
import { count, listing, paragraph, relativePath } from '../report/layout.ts';
import { placeText } from '../report/places.ts';
import { describeItems, diffOf, explainStep, stepLines } from '../report/review.ts';
import { draftOf, handEditOf, readDraft } from '../review/hand-edit.ts';
import { type FileView, fileOf, type Session, type Step } from '../review/session.ts';
import { isOn } from './argv.ts';
import { compileFailures } from './compile-check.ts';
import type { Choice } from './prompter.ts';
import type { Review, Went } from './review-context.ts';
import { writeLines } from './terminal.ts';

/** Shows a step and asks until it is answered, split, or left. */
export async function askStep(step: Step, review: Review): Promise<Went> {
  const { session, terminal, page, prompt, catalog } = review;
  const views = session.view(step.items);
  const say = (lines: readonly string[]) => writeLines(terminal.stdout, lines);
  const { lines, cut } = stepLines(step, views, page);
  say(['', ...lines]);
  for (;;) {
    const key = await prompt.ask('Rewrite this?', choicesFor(step, views, cut, review));
    switch (key) {
      case undefined:
        return 'interrupted';
      case 'q':
        return 'left';
      case 'y':
      case 'n':
        session.answer(step.items, key === 'y' ? 'yes' : 'no');
        return 'on';
      case 't':
        takeTransform(step, review);
        return 'on';
      case 'f':
        takeFile(step, review);
        return 'on';
      case 's':
        if (session.split(step)) return 'on';
        say(paragraph(whyNotSplit(step, page.cwd), page.width));
        break;
      case 'e':
        if (await editStep(step, views, review)) return 'on';
        break;
      case 'x':
        say(['', ...explainStep(step, catalog, page), '']);
        break;
      case 'p':
        say(['', ...stepLines(step, views, page, true).lines]);
        break;
      case 'u':
        session.undo();
        return 'on';
    }
  }
}

function choicesFor(
  step: Step,
  views: readonly FileView[],
  cut: boolean,
  { session, page }: Review,
): Choice[] {
  const safe = step.items.some(({ safety }) => safety === 'review') ? '' : ', if it is safe';
  const ids = listing([...new Set(step.items.flatMap(({ transforms }) => [...transforms]))]);
  const file = relativePath(page.cwd, fileOf(step));
  const many = step.items.length;
  const choices: (Choice | false)[] = [
    { key: 'y', name: 'yes', about: 'yes, take it' },
    { key: 'n', name: 'no', about: 'no, leave it as it is; the next review does not ask again' },
    { key: 't', name: `yes, all of ${ids}`, about: `yes, and all of ${ids} that is left${safe}` },
    { key: 'f', name: `yes, the rest of ${file}`, about: `yes, and the rest of ${file}${safe}` },
    { key: 's', name: 'split', about: many > 1 ? `ask about the ${many} one by one` : 'split it' },
    canEdit(views, session) && {
      key: 'e',
      name: 'edit',
      about: 'edit what is written, in your editor',
    },
    { key: 'x', name: 'explain', about: 'explain what it does, and what makes it safe' },
    cut && { key: 'p', name: 'print', about: 'print all of the diff' },
    session.canUndo && { key: 'u', name: 'back', about: 'take the last answer back' },
    { key: 'q', name: 'quit', about: 'quit; the answers are kept, and nothing is written' },
  ];
  return choices.filter((choice) => choice !== false);
}

/** What a notebook is written in is no Python: it is edited as a notebook. */
function canEdit(views: readonly FileView[], session: Session): boolean {
  return views.length > 0 && !views.some(({ path }) => session.file(path)?.info.notebook);
}

function takeTransform(step: Step, { session, terminal }: Review): void {
  const taken = session.sameTransform(step);
  session.answer(taken, 'yes');
  const more = taken.length - step.items.length;
  if (more > 0) writeLines(terminal.stdout, [`Took ${more} more.`]);
}

function takeFile(step: Step, { session, terminal, page }: Review): void {
  const taken = session.sameFile(step);
  session.answer(taken, 'yes');
  const path = fileOf(step);
  const left = session.answered(undefined).filter(({ paths }) => paths.has(path));
  const more = taken.length - step.items.length;
  const words = [
    ...(more > 0 ? [`Took ${more} more.`] : []),
    ...(left.length > 0
      ? [`Still to be asked here: ${describeItems(left)}, for a look or for other files.`]
      : []),
  ].join(' ');
  if (words !== '') writeLines(terminal.stdout, paragraph(words, page.width));
}

/** So many places of a family are named. */
const PLACES_NAMED = 8;

/** Which object holds a step together that is one decision. */
function whyNotSplit({ items }: Step, cwd: string): string {
  const [item] = items;
  const judged = item?.judged ?? [];
  if (judged.length < 2) return 'It is one change: there is nothing to split.';
  const places = [
    ...new Set(judged.map(({ use, position }) => placeText(use.file.path, position, cwd))),
  ];
  const named = places.slice(0, PLACES_NAMED);
  if (places.length > named.length) named.push(`${count(places.length - named.length)} more`);
  const names = listing([...new Set(judged.map(({ use }) => use.name))]);
  return `It is one decision: what is done with this ${names} moves together or not at all (${listing(named)}).`;
}

/** Lets the person write something else. Gives whether the step is answered by it. */
async function editStep(step: Step, views: readonly FileView[], review: Review): Promise<boolean> {
  const { session, terminal, page, prompt } = review;
  const nameOf = (path: string) => session.nameOf(path);
  const draft = draftOf(views, nameOf);
  let text = draft.text;
  for (;;) {
    const edited = await prompt.edit(join(stateFolder(session.run.root), 'REVIEW_EDIT.py'), text);
    if ('problem' in edited) {
      writeLines(terminal.stdout, [`Not edited: ${edited.problem}.`]);
      return false;
    }
    text = edited.text;
    const read = readDraft(draft, text);
    const problem = typeof read === 'string' ? read : await problemWith(read, review);
    if (typeof read !== 'string' && problem === undefined) {
      if (read.length === 0) {
        writeLines(terminal.stdout, ['Nothing was changed: the edit is dropped.']);
        return false;
      }
      const keys = step.items.map(({ key }) => key);
      session.answer(step.items, 'yes', handEditOf(read, keys, nameOf));
      writeLines(terminal.stdout, ['Taken as you wrote it:', ...diffOf(read, page)]);
      return true;
    }
    writeLines(terminal.stdout, paragraph(`It cannot be taken: ${problem}.`, page.width));
    const again = await prompt.ask('Edit it again?', [
      { key: 'y', name: 'yes', about: 'open it again as you left it' },
      { key: 'n', name: 'no', about: 'drop the edit' },
    ]);
    if (again !== 'y') return false;
  }
}

async function problemWith(
  views: readonly FileView[],
  { session, terminal, argv }: Review,
): Promise<string | undefined> {
  for (const { path, before, after, encoding } of views) {
    const problem = unfit(session, path, before, after) ?? unencodable(after, encoding);
    if (problem !== undefined) return `${session.nameOf(path)}: ${problem}`;
  }
  if (isOn(argv, 'no-compile-check')) return undefined;
  const { failures } = await compileFailures(views, terminal.env);
  const [first] = failures;
  return first && `${session.nameOf(first.path)}:${first.line ?? 1}: ${first.message}`;
}

function unfit(session: Session, path: string, before: string, after: string): string | undefined {
  const file = session.file(path);
  return file && checkByHand(file.info, before, after);
}

function unencodable(text: string, encoding: string): string | undefined {
  try {
    encodeSource(text, encoding);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
