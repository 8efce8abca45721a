/** The changes as a unified diff that `git apply` and `patch -p1` take. */

import { structuredPatch } from 'diff';
import { encode } from '../files/encoding.ts';
import type { FileChange } from '../result.ts';
import { relativePath } from './layout.ts';
import { PLAIN, type Style } from './style.ts';

/**
 * A hunk. Line numbers are 1-based, and one less where the side is empty, as the format wants.
 * Each line begins with ` `, `-`, `+` or `\`, and has no line feed; a carriage return before the
 * line feed is kept.
 */
export interface Hunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  lines: string[];
}

export interface UnifiedOptions {
  /** The absolute path of the folder that the names in the diff are relative to. */
  from: string;
  /** Unchanged lines around each change; 3 unless told. */
  context?: number;
  style?: Style;
}

/** The hunks that turn `before` into `after`; only a line feed ends a line, as for git. */
export function hunksOf(change: Pick<FileChange, 'before' | 'after'>, context = 3): Hunk[] {
  const patch = structuredPatch('', '', change.before, change.after, '', '', { context });
  return patch.hunks.map((hunk) => ({
    oldStart: hunk.oldLines === 0 ? hunk.oldStart - 1 : hunk.oldStart,
    oldLines: hunk.oldLines,
    newStart: hunk.newLines === 0 ? hunk.newStart - 1 : hunk.newStart,
    newLines: hunk.newLines,
    lines: hunk.lines,
  }));
}

/**
 * The diff of one file for a terminal or any other reader of Unicode text.
 *
 * @returns text that ends in a line feed, or '' when nothing changes
 */
export function unifiedText(change: FileChange, options: UnifiedOptions): string {
  const { header, body } = unifiedParts(change, options);
  return body === '' ? '' : header + body;
}

/**
 * The diff of one file as bytes: the lines are in the file's own encoding, since a patch is
 * compared with the file byte by byte. Names are ASCII, quoted as git does.
 */
export function unifiedBytes(change: FileChange, options: UnifiedOptions): Buffer {
  const { header, body } = unifiedParts(change, options);
  if (body === '') return Buffer.alloc(0);
  return Buffer.concat([Buffer.from(header), encode(body, change.encoding)]);
}

function unifiedParts(change: FileChange, options: UnifiedOptions) {
  const style = options.style ?? PLAIN;
  const name = relativePath(options.from, change.path);
  const lines = hunksOf(change, options.context).flatMap((hunk) => hunkLines(hunk, style));
  return {
    header: headerOf(name)
      .map((line) => `${style.heading(line)}\n`)
      .join(''),
    body: lines.map((line) => `${line}\n`).join(''),
  };
}

/** The lines of a hunk, its heading first. */
export function hunkLines(hunk: Hunk, style: Style): string[] {
  const { oldStart, oldLines, newStart, newLines, lines } = hunk;
  return [
    style.hunk(`@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`),
    ...lines.map((line) => paintLine(line, style)),
  ];
}

/** A tab ends a name with a space, or `patch` would take what follows the space for a date. */
function headerOf(name: string): string[] {
  const end = name.includes(' ') ? '\t' : '';
  const before = quoteName(`a/${name}`);
  const after = quoteName(`b/${name}`);
  return [`diff --git ${before} ${after}`, `--- ${before}${end}`, `+++ ${after}${end}`];
}

function range(start: number, lines: number): string {
  return lines === 1 ? `${start}` : `${start},${lines}`;
}

function paintLine(line: string, style: Style): string {
  if (line.startsWith('+')) return style.good(line);
  if (line.startsWith('-')) return style.bad(line);
  return line.startsWith('\\') ? style.faint(line) : line;
}

const ESCAPES: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

/**
 * A file name as git writes it in a diff (core.quotePath on, the default): in double quotes with C
 * escapes, bytes beyond ASCII in octal, if it holds anything that needs it; a space does not.
 */
export function quoteName(name: string): string {
  const quoted = [...Buffer.from(name)].map((byte) => {
    const short = ESCAPES[byte];
    if (short !== undefined) return short;
    const printable = byte >= 0x20 && byte < 0x7f;
    return printable ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  const text = quoted.join('');
  return text === name ? name : `"${text}"`;
}
