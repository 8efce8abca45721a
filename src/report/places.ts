/** Places in files, as compact as an editor still understands them. */

import type { Judged, Place } from '../transform.ts';
import { count, groupBy, plural, relativePath, wrap } from './layout.ts';

/** A use's place, and the place that stands in its way if that is another. */
export interface Spot {
  /** Absolute path. */
  file: string;
  /** 1-based; in a notebook counted in the cell. */
  line: number;
  /** As in `Position`. */
  cell?: number;
  blocker?: Place;
}

export function spotOf(judged: Judged): Spot {
  const { line, cell } = judged.position;
  const spot: Spot = { file: judged.use.file.path, line, ...(cell ? { cell } : {}) };
  const blocker = blockerOf(judged);
  const elsewhere =
    blocker && (blocker.file !== spot.file || blocker.line !== line || blocker.cell !== cell);
  return elsewhere ? { ...spot, blocker } : spot;
}

/** The place that the verdict speaks of, when it is not the use itself. */
export function blockerOf(judged: Judged): Place | undefined {
  const { verdict } = judged;
  if (verdict.kind === 'refuse') return verdict.diagnostic.blocker;
  return verdict.kind === 'rewrite' ? verdict.blocker : undefined;
}

/** How much of a long list is shown; the rest is counted. */
export interface Limits {
  /** Lines of files and blockers. */
  groups: number;
  /** Places in one of them. */
  places: number;
}

/** Enough to begin with, and no page of its own. */
export const SHORT: Limits = { groups: 5, places: 12 };
/** Every place. */
export const ALL: Limits = { groups: Number.POSITIVE_INFINITY, places: Number.POSITIVE_INFINITY };

/**
 * One line for each file and blocker: `app/worker.py:12, 18 x2, 40 (see app/state.py:7)`, wrapped
 * at commas; two uses in one line are `18 x2`. What is beyond the limits is counted in a last line,
 * with the flag that shows it.
 *
 * @param from the absolute folder that the names are relative to
 */
export function placeLines(
  spots: readonly Spot[],
  from: string,
  width: number,
  indent: number,
  limits: Limits = ALL,
): string[] {
  const groups = [
    ...groupBy(
      spots,
      (spot) => `${spot.file}\n${spot.cell ?? ''}\n${blockerText(spot, from)}`,
    ).values(),
  ];
  // A list that is over by one or two is no shorter with a line that says so.
  const isLong = groups.length > limits.groups + 2 || groups.some((each) => isOver(each, limits));
  const shown = isLong
    ? groups.slice(0, limits.groups).map((group) => group.slice(0, limits.places))
    : groups;
  const named = new Set(shown.flat());
  const rest = spots.filter((spot) => !named.has(spot));
  const lines = shown.flatMap((group) => placeLine(group, from, width, indent));
  return rest.length === 0 ? lines : [...lines, ' '.repeat(indent) + counted(rest)];
}

function isOver(group: readonly Spot[], limits: Limits): boolean {
  return group.length > limits.places + 2;
}

function counted(rest: readonly Spot[]): string {
  const files = new Set(rest.map(({ file }) => file)).size;
  const where = plural(files, 'file');
  return `and ${count(rest.length)} more in ${where} (--verbose names each)`;
}

function placeLine(group: readonly Spot[], from: string, width: number, indent: number): string[] {
  const first = group[0];
  if (!first) return [];
  const lines = groupBy(group, (spot) => spot.line);
  const numbers = [...lines].map(([line, same]) =>
    same.length > 1 ? `${line} x${same.length}` : `${line}`,
  );
  const file = relativePath(from, first.file);
  const text = `${file}:${inCell(first)}${numbers.join(', ')}${blockerText(first, from)}`;
  return wrap(text, width - indent - 2).map(
    (line, i) => ' '.repeat(i ? indent + 2 : indent) + line,
  );
}

function blockerText(spot: Spot, from: string): string {
  const { blocker } = spot;
  if (!blocker) return '';
  const isHere = blocker.file === spot.file && blocker.cell === spot.cell;
  const inFile = blocker.file === spot.file ? '' : `${relativePath(from, blocker.file)}:`;
  return ` (see ${isHere ? 'line ' : inFile}${inCell(blocker, isHere)}${blocker.line})`;
}

/** `app/a.py:12`, and `a.ipynb:cell 3:2` in a notebook. */
export function placeText(
  file: string,
  place: { line: number; cell?: number },
  from: string,
): string {
  return `${relativePath(from, file)}:${inCell(place)}${place.line}`;
}

/** `cell 3:` before a line of a notebook, nothing in other files. */
export function inCell({ cell }: { cell?: number }, isKnown = false): string {
  return cell === undefined || isKnown ? '' : `cell ${cell}:`;
}
