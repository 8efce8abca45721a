/** Whole lines that go, and the blank lines around them. */

import type { TextLines } from './lines.ts';

/**
 * Widens the range of removed lines over blank lines, so that what stood before and behind is set
 * apart by the larger of the two gaps and not by both.
 * @param opens whether what stands before opens a suite, which no blank line follows.
 */
export function closeGap(
  lines: TextLines,
  start: number,
  end: number,
  opens: boolean,
): [number, number] {
  const before = lines.blanksBefore(start);
  const after = lines.blanksAfter(end);
  if (after.to === lines.text.length) return [before.from, end === after.to ? end : after.to];
  if (before.atTop || (opens && before.count === 0)) return [start, after.to];
  return after.count <= before.count ? [start, after.to] : [before.from, end];
}
