/** Places in files, as compact as an editor still understands them. */

import type { Judged, Place } from '../transform.ts';
import { groupBy, relativePath, wrap } from './layout.ts';

/** A use's place, and the place that stands in its way if that is another. */
export interface Spot {
  /** Absolute path. */
  file: string;
  /** 1-based. */
  line: number;
  blocker?: Place;
}

export function spotOf(judged: Judged): Spot {
  const spot: Spot = { file: judged.use.file.path, line: judged.position.line };
  const blocker = blockerOf(judged);
  const elsewhere = blocker && (blocker.file !== spot.file || blocker.line !== spot.line);
  return elsewhere ? { ...spot, blocker } : spot;
}

/** The place that the verdict speaks of, when it is not the use itself. */
export function blockerOf(judged: Judged): Place | undefined {
  const { verdict } = judged;
  if (verdict.kind === 'refuse') return verdict.diagnostic.blocker;
  return verdict.kind === 'rewrite' ? verdict.blocker : undefined;
}

/**
 * One line for each file and blocker: `app/worker.py:12, 18 x2, 40 (see app/state.py:7)`, wrapped
 * at commas. Every place is there; two uses in one line are `18 x2`.
 *
 * @param from the absolute folder that the names are relative to
 */
export function placeLines(
  spots: readonly Spot[],
  from: string,
  width: number,
  indent: number,
): string[] {
  const groups = groupBy(spots, (spot) => `${spot.file}\n${blockerText(spot, from)}`);
  return [...groups.values()].flatMap((group) => placeLine(group, from, width, indent));
}

function placeLine(group: readonly Spot[], from: string, width: number, indent: number): string[] {
  const first = group[0];
  if (!first) return [];
  const lines = groupBy(group, (spot) => spot.line);
  const numbers = [...lines].map(([line, same]) =>
    same.length > 1 ? `${line} x${same.length}` : `${line}`,
  );
  const text = `${relativePath(from, first.file)}:${numbers.join(', ')}${blockerText(first, from)}`;
  return wrap(text, width - indent - 2).map(
    (line, i) => ' '.repeat(i ? indent + 2 : indent) + line,
  );
}

function blockerText(spot: Spot, from: string): string {
  const { blocker } = spot;
  if (!blocker) return '';
  const file = blocker.file === spot.file ? 'line ' : `${relativePath(from, blocker.file)}:`;
  return ` (see ${file}${blocker.line})`;
}
