/** A review while it goes on: what is asked next, what was answered, and the way back. */

import { relative, sep } from 'node:path';
import type { PythonFile } from '../analysis/file.ts';
import type { Migration } from '../result.ts';
import type { Run } from '../run.ts';
import type { Judged } from '../transform.ts';
import { type Answer, type Book, type HandEdit, writeBook } from './book.ts';
import { patched } from './hand-edit.ts';
import { type Item, itemsOf, partsOfKey } from './item.ts';
import { stepsOf } from './steps.ts';

/** One question. */
export interface Step {
  /** Those that are not answered yet, at least one. */
  items: readonly Item[];
  /** Counted from 1, among all steps, answered ones too. */
  number: number;
  total: number;
}

/** A file before a step and after it. */
export interface FileView {
  /** Absolute path. */
  path: string;
  before: string;
  after: string;
  /** As in `FileChange`. */
  encoding: string;
}

/** A moment that `undo` can go back to. */
interface Moment {
  answers: Map<string, Answer>;
  edits: HandEdit[];
  alone: Set<string>;
}

export class Session {
  /** All rewrites that there are, as they are when all are taken. */
  readonly migration: Migration;
  /** All decisions, in the order of their first places. */
  readonly items: readonly Item[];
  private readonly files: ReadonlyMap<string, PythonFile>;
  /** What was declined before this run. */
  private readonly declinedBefore: ReadonlySet<string>;
  private answers: Map<string, Answer>;
  private handEdits: HandEdit[];
  /** Items that were split off. */
  private alone = new Set<string>();
  private readonly past: Moment[] = [];
  private steps: readonly (readonly Item[])[] | undefined;

  /**
   * @param run stays the caller's to dispose of
   * @param includeReview whether rewrites that need a look are asked about
   * @param book what was answered before
   */
  constructor(
    readonly run: Run,
    readonly includeReview: boolean,
    book: Book,
  ) {
    this.migration = run.migration({ includeReview });
    const units = run
      .units(this.migration)
      .map((unit) => ({ ...unit, judged: unit.judged.filter(({ applied }) => applied) }))
      .filter(({ judged }) => judged.length > 0);
    this.items = itemsOf(units, run.root, run.options.importStyle);
    this.files = new Map(run.boundFiles.map((file) => [file.path, file]));
    this.answers = new Map(book.answers);
    this.declinedBefore = new Set(
      [...book.answers.keys()].filter((key) => book.answers.get(key) === 'no'),
    );
    this.handEdits = [...book.edits];
    this.dropTornEdits();
  }

  /** The first step with something that is not answered, or undefined when all is. */
  next(): Step | undefined {
    const steps = this.allSteps();
    for (const [at, items] of steps.entries()) {
      const open = items.filter(({ key }) => !this.answers.has(key));
      if (open.length > 0) return { items: open, number: at + 1, total: steps.length };
    }
    return undefined;
  }

  /** How many steps there are in all. */
  get total(): number {
    return this.allSteps().length;
  }

  answerOf({ key }: Pick<Item, 'key'>): Answer | undefined {
    return this.answers.get(key);
  }

  answered(answer: Answer | undefined): Item[] {
    return this.items.filter((item) => this.answerOf(item) === answer);
  }

  /** What was declined in this run. */
  get declinedNow(): Item[] {
    return this.answered('no').filter(({ key }) => !this.declinedBefore.has(key));
  }

  /** The edits whose items are all taken. */
  get edits(): readonly HandEdit[] {
    return this.handEdits.filter(({ keys }) =>
      keys.every((key) => this.answers.get(key) === 'yes'),
    );
  }

  /**
   * What a step changes beside what is taken already: imports that others brought are not shown
   * again.
   */
  view(items: readonly Item[]): FileView[] {
    const paths = new Set(items.flatMap((item) => [...item.paths]));
    const taken = this.answered('yes');
    const before = this.texts(taken, paths);
    const after = this.texts([...taken, ...items], paths);
    return [...paths].flatMap((path) => {
      const file = this.files.get(path);
      const [old, now] = [before.get(path), after.get(path)];
      if (!file || old === undefined || now === undefined || old === now) return [];
      return [{ path, before: old, after: now, encoding: file.info.encoding }];
    });
  }

  /** The parsed file of a path, as it is on disk. */
  file(path: string): PythonFile | undefined {
    return this.files.get(path);
  }

  /** A path as the book holds it. */
  nameOf(path: string): string {
    return relative(this.run.root, path).split(sep).join('/');
  }

  answer(items: readonly Pick<Item, 'key'>[], answer: Answer, edit?: HandEdit): void {
    this.remember();
    for (const { key } of items) this.answers.set(key, answer);
    if (edit) this.handEdits.push(edit);
    this.save();
  }

  /**
   * What `yes to all of this transform` takes: the open items of no other transforms than the step's.
   * What is to be looked at is taken only along with a step that is, too.
   */
  sameTransform(step: Step): Item[] {
    const ids = new Set(step.items.flatMap(({ transforms }) => [...transforms]));
    return this.alike(step, ({ transforms }) => [...transforms].every((id) => ids.has(id)));
  }

  /** What `yes to the rest of this file` takes: as above; what reaches into other files is asked. */
  sameFile(step: Step): Item[] {
    const path = fileOf(step);
    return this.alike(step, ({ paths }) => [...paths].every((each) => each === path));
  }

  /** Has each item of a step asked by itself. Gives whether that makes a difference. */
  split({ items }: Step): boolean {
    if (items.length < 2) return false;
    this.remember();
    for (const { key } of items) this.alone.add(key);
    this.steps = undefined;
    return true;
  }

  /** Takes the last answer, or the last split, back. Gives whether there was one in this run. */
  undo(): boolean {
    const moment = this.past.pop();
    if (!moment) return false;
    this.answers = moment.answers;
    this.handEdits = moment.edits;
    this.alone = moment.alone;
    this.steps = undefined;
    this.save();
    return true;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  /**
   * Forgets answers to what is no longer a question, since it is written. Those that are alike are
   * told apart by a number, so the later ones move up.
   */
  forget(gone: readonly Pick<Item, 'key'>[]): void {
    const keys = new Set(gone.map(({ key }) => key));
    const numbers = new Map<string, number>();
    const mine = new Set(this.items.map(({ key }) => key));
    const kept = new Map([...this.answers].filter(([key]) => !mine.has(key) && !keys.has(key)));
    for (const { key } of this.items) {
      if (keys.has(key)) continue;
      const { kind } = partsOfKey(key);
      const number = (numbers.get(kind) ?? 0) + 1;
      numbers.set(kind, number);
      const answer = this.answers.get(key);
      if (answer) kept.set(number > 1 ? `${kind}#${number}` : kind, answer);
    }
    this.answers = kept;
    this.handEdits = this.handEdits.filter((edit) => !edit.keys.some((key) => keys.has(key)));
    this.past.length = 0;
    this.save();
  }

  /** The texts that some items make, a person's edits among them, of the given files. */
  private texts(items: readonly Item[], paths: ReadonlySet<string>): Map<string, string> {
    const chosen = new Set<Judged>(items.flatMap(({ judged }) => judged));
    const keys = new Set(items.map(({ key }) => key));
    const texts = new Map<string, string>();
    for (const path of paths) {
      const info = this.files.get(path)?.info;
      if (info) texts.set(path, info.notebook?.raw ?? info.text);
    }
    for (const change of this.run.preview(this.migration, chosen, paths)) {
      if (paths.has(change.path)) texts.set(change.path, change.after);
    }
    for (const edit of this.handEdits) {
      if (!edit.keys.every((key) => keys.has(key))) continue;
      for (const [path, text] of texts) {
        const now = patched(text, edit, this.nameOf(path));
        if (now !== undefined) texts.set(path, now);
      }
    }
    return texts;
  }

  private alike(step: Step, test: (item: Item) => boolean): Item[] {
    const review = step.items.some(({ safety }) => safety === 'review');
    const mine = new Set(step.items);
    return this.answered(undefined).filter(
      (item) => mine.has(item) || ((review || item.safety === 'safe') && test(item)),
    );
  }

  private allSteps(): readonly (readonly Item[])[] {
    this.steps ??= stepsOf(this.items, this.migration, ({ key }) => this.alone.has(key));
    return this.steps;
  }

  /** An edit with an item that is asked anew makes the others be asked anew, too. */
  private dropTornEdits(): void {
    const known = new Set(this.items.map(({ key }) => key));
    const isTorn = ({ keys }: HandEdit) =>
      keys.some((key) => known.has(key)) &&
      !keys.every((key) => known.has(key) && this.answers.get(key) === 'yes');
    for (const { keys } of this.handEdits.filter(isTorn)) {
      for (const key of keys) if (known.has(key)) this.answers.delete(key);
    }
    this.handEdits = this.handEdits.filter((edit) => !isTorn(edit));
  }

  private remember(): void {
    this.past.push({
      answers: new Map(this.answers),
      edits: [...this.handEdits],
      alone: new Set(this.alone),
    });
  }

  private save(): void {
    writeBook(this.run.root, { answers: this.answers, edits: this.handEdits });
  }
}

/** The file that a step is said to be in: that of its first place. */
export function fileOf({ items }: Pick<Step, 'items'>): string {
  return items[0]?.judged[0]?.use.file.path ?? '';
}
