/** Adds one entry to a TOML array and keeps the way in which the array is laid out. */

import {
  aboveComments,
  indentAt,
  insertion,
  isFirstOnLine,
  lineEnd,
  lineStart,
  newlineAt,
  type TextEdit,
} from './text.ts';

/** The range of an array (brackets included) or of an item, in UTF-16 code units. */
interface Range {
  start: number;
  end: number;
}

export interface ArrayRange extends Range {
  items: readonly Range[];
}

/**
 * The edits that add `entry` to an array. Items stay on their lines, comments with what they
 * belong to (the rest of the line, or the item below); a trailing comma is written where the array
 * has one.
 *
 * @param index where the new item stands among the items, 0 to their number
 * @param entry the new item's source, quotes included
 */
export function addToArray(
  text: string,
  array: ArrayRange,
  index: number,
  entry: string,
): TextEdit[] {
  const [first] = array.items;
  if (!first) return [addToEmpty(text, array, entry)];
  if (index === 0) return addBeforeFirst(text, array, first, entry);
  return addAfter(text, array, index - 1, entry);
}

function addToEmpty(text: string, { start, end }: Range, entry: string): TextEdit {
  const inner = text.slice(start + 1, end - 1);
  if (!inner.includes('\n')) return { start: start + 1, end: end - 1, text: entry };
  const closing = lineStart(text, end - 1);
  const comment = /\n([ \t]*)#[^\n]*\n[ \t]*$/.exec(inner);
  const indent = comment?.[1] ?? `${indentAt(text, end - 1)}    `;
  return insertion(closing, `${indent}${entry},${newlineAt(text, start)}`);
}

function addBeforeFirst(text: string, array: ArrayRange, first: Range, entry: string): TextEdit[] {
  if (!isFirstOnLine(text, first.start)) {
    return [insertion(first.start, `${entry}${plainGap(text, array, 0) ?? ', '}`)];
  }
  const indent = indentAt(text, first.start);
  const newline = newlineAt(text, first.start);
  const top = aboveComments(text, first.start, array.start);
  const second = array.items[1];
  const leading = second && leadingCommaPrefix(text, second);
  if (leading === undefined) return [insertion(top, `${indent}${entry},${newline}`)];
  return [
    insertion(top, `${indent}${entry}${newline}`),
    { start: lineStart(text, first.start), end: first.start, text: leading },
  ];
}

function addAfter(text: string, array: ArrayRange, index: number, entry: string): TextEdit[] {
  const item = array.items[index] as Range;
  const next = array.items[index + 1];
  const end = lineEnd(text, item.end);
  if (next && next.start < end) {
    return [insertion(item.end, `${text.slice(item.end, next.start)}${entry}`)];
  }
  if (array.end - 1 < end) {
    const gap = index > 0 ? plainGap(text, array, index - 1) : undefined;
    return [insertion(item.end, `${gap ?? ', '}${entry}`)];
  }
  return addOnNewLine(text, array, index, entry);
}

/** The item is the last on its line and the array goes on below. */
function addOnNewLine(text: string, array: ArrayRange, index: number, entry: string): TextEdit[] {
  const item = array.items[index] as Range;
  const next = array.items[index + 1];
  const end = lineEnd(text, item.end);
  const newline = newlineAt(text, item.end);
  const comma = commaBehind(text, item.end, array.end);

  if (comma === undefined || comma > end) {
    const leading = leadingCommaPrefix(text, next ?? item);
    if (leading !== undefined) return [insertion(end, `${newline}${leading}${entry}`)];
    // A comma alone on a line of its own, behind the last item.
    if (comma !== undefined) return [insertion(comma + 1, ` ${entry}`)];
    return [
      insertion(item.end, ','),
      insertion(end, `${newline}${indentOfItems(text, array)}${entry}`),
    ];
  }
  return [insertion(end, `${newline}${indentOfItems(text, array)}${entry},`)];
}

/** `  , ` when that is what stands on the item's line in front of it. */
function leadingCommaPrefix(text: string, item: Range): string | undefined {
  const prefix = text.slice(lineStart(text, item.start), item.start);
  return /^\s*,\s*$/.test(prefix) ? prefix : undefined;
}

/** The indent of the last item that begins a line; else four columns more than the closing line. */
function indentOfItems(text: string, array: ArrayRange): string {
  const model = array.items.findLast(({ start }) => isFirstOnLine(text, start));
  return model ? indentAt(text, model.start) : `${indentAt(text, array.end - 1)}    `;
}

/** What stands between item `index` and the next one, when no comment does. */
function plainGap(text: string, { items }: ArrayRange, index: number): string | undefined {
  const item = items[index];
  const next = items[index + 1];
  if (!item || !next) return undefined;
  const gap = text.slice(item.end, next.start);
  return gap.includes('#') ? undefined : gap;
}

/** The offset of the comma behind an item; undefined when the array closes before one. */
function commaBehind(text: string, from: number, arrayEnd: number): number | undefined {
  for (let at = from; at < arrayEnd - 1; at++) {
    if (text[at] === ',') return at;
    if (text[at] === '#') at = lineEnd(text, at);
  }
  return undefined;
}
