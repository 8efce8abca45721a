/** Lines and edits of a manifest's text. Offsets are UTF-16 code units, ends exclusive. */

/** A manifest as it was read. The text keeps its byte order mark and its line ends. */
export interface ManifestText {
  /** Absolute path. */
  path: string;
  /** Relative to the project's root, with `/`, for messages. */
  name: string;
  text: string;
  /** The name under which iconv-lite writes the file's bytes: `utf8`, `utf-16le`, `utf-16be`. */
  encoding: string;
}

/** Replaces `[start, end)` by `text`; `start === end` inserts. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/** The edit that inserts `text` before offset `at`. */
export function insertion(at: number, text: string): TextEdit {
  return { start: at, end: at, text };
}

/** Applies edits that do not overlap; of two insertions at one place the first comes first. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return [...edits]
    .reverse()
    .sort((a, b) => b.start - a.start)
    .reduce((done, edit) => done.slice(0, edit.start) + edit.text + done.slice(edit.end), text);
}

/** The offset at which the line of `offset` begins; a byte order mark belongs to no line. */
export function lineStart(text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return start === 0 && text.startsWith('\ufeff') ? Math.min(1, offset) : start;
}

/** The offset at which the line of `offset` ends, before its `\r\n` or `\n`. */
export function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  if (newline < 0) return text.length;
  return newline > offset && text[newline - 1] === '\r' ? newline - 1 : newline;
}

/** The line end written after the line of `offset`; for the last line the file's first one. */
export function newlineAt(text: string, offset: number): string {
  const end = lineEnd(text, offset);
  if (text.startsWith('\r\n', end)) return '\r\n';
  if (text[end] === '\n') return '\n';
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}

/** The blanks with which the line of `offset` begins. */
export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), lineEnd(text, offset)))?.[0] ?? '';
}

/** Whether only blanks stand before `offset` on its line. */
export function isFirstOnLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === '';
}

/**
 * The start of the first of the `#` lines that stand directly above the line of `offset`, or the
 * start of that line itself. A comment belongs to what stands under it, so what is inserted in
 * front of an entry goes above the entry's comments.
 *
 * @param floor climb no higher than the line after this offset
 */
export function aboveComments(text: string, offset: number, floor: number): number {
  let top = lineStart(text, offset);
  for (;;) {
    if (top <= floor) return top;
    const previous = lineStart(text, top - 1);
    if (previous <= floor || previous === top) return top;
    if (!text.slice(previous, top).trimStart().startsWith('#')) return top;
    top = previous;
  }
}

/**
 * Where a new name goes among `names`: its sorted place when they are sorted (case aside), else
 * the end.
 *
 * @returns an index from 0 to `names.length`
 */
export function sortedPlace(names: readonly string[], name: string): number {
  const keys = names.map((each) => each.toLowerCase());
  const sorted = keys.every((key, index) => index === 0 || (keys[index - 1] as string) <= key);
  if (!sorted) return names.length;
  const place = keys.findIndex((key) => key > name.toLowerCase());
  return place < 0 ? names.length : place;
}
