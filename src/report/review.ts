/** What a review shows: a step, an explanation, and where it stands. */

import type { Item } from '../review/item.ts';
import type { FileView, Step } from '../review/session.ts';
import type { Judged } from '../transform.ts';
import type { Page, TransformInfo } from './explain.ts';
import { groupBy, paragraph, plural, relativePath, tally } from './layout.ts';
import { placeLines, spotOf } from './places.ts';
import { hunkLines, hunksOf } from './unified.ts';

export interface ReviewPage extends Page {
  /** Absolute; file names are shown as seen from here. */
  cwd: string;
}

/** More lines of diff than this are shown only when asked for. */
const LINES_SHOWN = 120;
/** Below a note, so many places are named. */
const PLACES_NAMED = 12;

/** What is shown of a step. */
export interface StepLines {
  lines: string[];
  /** Whether a part of the diff is not in it. */
  cut: boolean;
}

/**
 * A step: where it is and what it does, the diff, and what to look at.
 *
 * @param all whether the diff is shown however long it is
 */
export function stepLines(
  step: Step,
  views: readonly FileView[],
  page: ReviewPage,
  all = false,
): StepLines {
  const { lines, left } = diffLines(views, page, all ? Number.POSITIVE_INFINITY : LINES_SHOWN);
  const empty = views.length === 0 ? ['(no text changes by this alone)'] : [];
  const rest =
    left.hunks > 0
      ? [
          page.style.faint(
            `... ${plural(left.hunks, 'more hunk')} in ${plural(left.files, 'file')}`,
          ),
        ]
      : [];
  return {
    lines: [...heading(step, page), ...lines, ...empty, ...rest, ...notes(step, page)],
    cut: left.hunks > 0,
  };
}

/** The changes of some files, those of several under their names. */
export function diffOf(views: readonly FileView[], page: ReviewPage): string[] {
  return diffLines(views, page, Number.POSITIVE_INFINITY).lines;
}

/** `sleep x2, lock (3 places in 2 files)` */
export function describeItems(items: readonly Item[]): string {
  return tally(items.map(describeItem))
    .map(([words, times]) => (times > 1 ? `${words} x${times}` : words))
    .join(', ');
}

/** `mud/rooms.py:34`, where an item begins; in a notebook `a.ipynb:cell 3:2`. */
export function placeOfItem({ judged: [first] }: Item, cwd: string): string {
  if (!first) return '';
  const { line, cell } = first.position;
  const inCell = cell === undefined ? '' : `cell ${cell}:`;
  return `${relativePath(cwd, first.use.file.path)}:${inCell}${line}`;
}

/** What a transform does and why it is safe, and what is said of the places of a step. */
export function explainStep(
  { items }: Step,
  catalog: readonly TransformInfo[],
  page: ReviewPage,
): string[] {
  const ids = [...new Set(items.flatMap(({ transforms }) => [...transforms]))];
  const judged = items.flatMap((item) => item.judged);
  return [
    ...ids.flatMap((id) => {
      const transform = catalog.find((each) => each.id === id);
      return transform ? [...briefly(transform, page), ''] : [];
    }),
    ...noteLines(judged, page),
    page.style.faint(`More: anyio-codemod explain ${ids[0] ?? ''}`),
  ];
}

function briefly({ id, summary, safety }: TransformInfo, { style, width }: Page): string[] {
  return [style.heading(id), ...paragraph(summary, width, 2), '', ...paragraph(safety, width, 2)];
}

function heading({ items, number, total }: Step, { style, cwd, width }: ReviewPage): string[] {
  const [first] = items;
  const isSafe = first?.safety === 'safe';
  const safety = isSafe ? 'safe' : 'look at it';
  const place = first ? placeOfItem(first, cwd) : '';
  const count = `${number} of ${total}`;
  const what = describeItems(items);
  const painted = isSafe ? style.good(safety) : style.warn(safety);
  const fits = [count, place, what, safety].join('  ').length <= width;
  if (fits) return [[count, style.heading(place), what, painted].join('  ')];
  return [[count, style.heading(place), painted].join('  '), ...paragraph(what, width, 2)];
}

function describeItem({ judged, transforms, paths }: Item): string {
  const ids = [...transforms].join(' + ');
  if (judged.length < 2) return ids;
  const files = paths.size > 1 ? ` in ${plural(paths.size, 'file')}` : '';
  return `${ids} (${plural(judged.length, 'place')}${files})`;
}

function diffLines(
  views: readonly FileView[],
  { style, cwd }: ReviewPage,
  room: number,
): { lines: string[]; left: { hunks: number; files: number } } {
  const lines: string[] = [];
  const left = { hunks: 0, files: 0 };
  for (const view of views) {
    const hunks = hunksOf(view);
    // The first hunk is shown, however long it is.
    const shown = hunks.filter((_, at) => {
      const before = hunks.slice(0, at).reduce((sum, hunk) => sum + hunk.lines.length, 0);
      return lines.length + before < room;
    });
    if (shown.length > 0 && views.length > 1)
      lines.push(style.heading(relativePath(cwd, view.path)));
    for (const hunk of shown) lines.push(...hunkLines(hunk, style).map(withoutReturn));
    if (shown.length < hunks.length) {
      left.hunks += hunks.length - shown.length;
      left.files += 1;
    }
  }
  return { lines, left };
}

/** A carriage return would take the cursor back. */
function withoutReturn(line: string): string {
  return line.replace(/\r/g, '');
}

function notes({ items }: Step, page: ReviewPage): string[] {
  return noteLines(
    items.filter(({ safety }) => safety === 'review').flatMap(({ judged }) => judged),
    page,
  );
}

/** Each note once, with its places. */
function noteLines(judged: readonly Judged[], { style, width, cwd }: ReviewPage): string[] {
  const noted = judged.filter(({ verdict }) => verdict.kind === 'rewrite' && verdict.note);
  const groups = groupBy(noted, ({ verdict }) => (verdict.kind === 'rewrite' ? verdict.note : ''));
  return [...groups].flatMap(([note = '', same]) => [
    ...paragraph(`Look at: ${note}`, width, 0, 2).map(style.warn),
    ...placeLines(same.slice(0, PLACES_NAMED).map(spotOf), cwd, width, 2),
    ...(same.length > PLACES_NAMED
      ? [`  and ${plural(same.length - PLACES_NAMED, 'more place')}`]
      : []),
  ]);
}
