/**
 * Puts a statement into a block, in small edits: the statement's own text stays where it is, so that
 * edits inside it go on to hold.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { codeChildren } from '../syntax/nodes.ts';
import type { Edit } from '../transform.ts';

/** How a file indents, at one statement. */
export interface Layout {
  /** The blanks with which the statement's line begins. */
  indent: string;
  /** What one level adds. */
  unit: string;
  /** `\n` or `\r\n`. */
  newline: string;
}

/** A statement that has, or gets, lines of its own. */
export interface Line {
  layout: Layout;
  /** What takes it apart from the statements that share its line; none where it has it already. */
  apart: Edit[];
}

/** The layout at a node: the blanks before its line, the file's unit, its line end. */
export function layoutAt(file: PythonFile, node: Node): Layout {
  const start = lineStart(file.text, node.startIndex);
  const indent = /^[ \t]*/.exec(file.text.slice(start))?.[0] ?? '';
  return { indent, unit: unitOf(file), newline: /\r?\n/.exec(file.text)?.[0] ?? '\n' };
}

/** One level of indentation, as the first indented block of the file has it; four blanks else. */
export function unitOf(file: PythonFile): string {
  for (const block of file.root.descendantsOfType('block')) {
    const owner = block?.parent;
    if (!block || !owner || block.startPosition.row === owner.startPosition.row) continue;
    const [inner, outer] = [block, owner].map(
      (node) => /^[ \t]*/.exec(file.text.slice(lineStart(file.text, node.startIndex)))?.[0] ?? '',
    );
    if (inner !== undefined && outer !== undefined && inner.length > outer.length) {
      return inner.slice(outer.length);
    }
  }
  return '    ';
}

/**
 * Gives a statement lines of its own: `if x: await f()`, `a(); b()`. All that shares its line is
 * taken apart. Undefined where a compound statement shares its line.
 */
export function ownLine(file: PythonFile, statement: Node): Line | undefined {
  const layout = layoutAt(file, statement);
  const mates = lineMates(statement);
  const [first] = mates;
  const last = mates.at(-1);
  if (!first || !last) return undefined;
  const owner = statement.parent?.type === 'block' ? statement.parent.parent : null;
  const lead = file.text.slice(lineStart(file.text, first.startIndex), first.startIndex);
  const isSuite = !/^\uFEFF?[ \t]*$/.test(lead);
  if (isSuite && !owner) return undefined;
  if (isSuite) layout.indent += layout.unit;
  const line = layout.newline + layout.indent;
  const apart: Edit[] = [];
  if (isSuite) {
    const colon = lineStart(file.text, first.startIndex) + lead.trimEnd().length;
    apart.push({ start: colon, end: first.startIndex, pieces: [line], once: true });
  }
  for (const [at, mate] of mates.slice(1).entries()) {
    const start = mates[at]?.endIndex ?? 0;
    apart.push({ start, end: mate.startIndex, pieces: [line], once: true });
  }
  const tail = /^[ \t]*;/.exec(file.text.slice(last.endIndex))?.[0];
  if (tail !== undefined) {
    const end = last.endIndex + tail.length;
    apart.push({ start: last.endIndex, end, pieces: [''], once: true });
  }
  return { layout, apart };
}

/** The statements of a block that stand on one line with this one, in order, it included. */
function lineMates(statement: Node): Node[] {
  const siblings = codeChildren(statement.parent ?? statement);
  const at = siblings.findIndex((node) => node.id === statement.id);
  let [from, to] = [at, at];
  const joined = (a: Node | undefined, b: Node | undefined) =>
    !!a && !!b && a.endPosition.row === b.startPosition.row;
  while (joined(siblings[from - 1], siblings[from])) from -= 1;
  while (joined(siblings[to], siblings[to + 1])) to += 1;
  return siblings.slice(from, to + 1);
}

/**
 * Moves the lines of `[from, to)` that begin inside of it: by `blanks` to the right, or by that many
 * characters to the left when it is a number. Lines that begin in a string keep their content.
 */
export function shiftLines(
  file: PythonFile,
  within: Node,
  [from, to]: readonly [number, number],
  by: string | number,
): Edit[] {
  const edits: Edit[] = [];
  for (const at of linesIn(file, within, [from, to])) {
    if (typeof by === 'string') {
      if (by !== '') edits.push({ start: at, end: at, pieces: [by] });
    } else {
      const cut = Math.min(by, blanksAt(file.text, at));
      if (cut > 0) edits.push({ start: at, end: at + cut, pieces: [''] });
    }
  }
  return edits;
}

/**
 * Moves the lines of `[from, to)` to the right, together with what other edits write there. Undefined
 * where one of these could bring along a string over lines, whose content must not move.
 */
export function shiftWithEdits(
  file: PythonFile,
  within: Node,
  [from, to]: readonly [number, number],
  blanks: string,
): Edit | undefined {
  const hasLongString = file.uses.some(({ span, node }) => {
    if (span.start < from || span.end > to) return false;
    return ownText(node)
      .descendantsOfType('string_content')
      .some((content) => content.startPosition.row !== content.endPosition.row);
  });
  if (hasLongString) return undefined;
  return { start: from, end: to, pieces: [blanks], lines: linesIn(file, within, [from, to]) };
}

/** The simple statement that holds a node, or the expression in a compound statement's header. */
function ownText(node: Node): Node {
  let at = node;
  for (let up = at.parent; up && up.type !== 'block' && up.type !== 'module'; up = up.parent) {
    if (up.namedChildren.some((child) => child.type === 'block')) break;
    at = up;
  }
  return at;
}

/** Where the lines of a range begin that begin inside of it, in no string, and are not blank. */
function linesIn(
  file: PythonFile,
  within: Node,
  [from, to]: readonly [number, number],
): readonly number[] {
  const strings = [within, ...within.descendantsOfType('string')].filter(
    (node) => node?.type === 'string',
  );
  const found: number[] = [];
  for (
    let at = file.text.indexOf('\n', from) + 1;
    at > 0 && at < to;
    at = file.text.indexOf('\n', at) + 1
  ) {
    const inString = strings.some((node) => node && node.startIndex < at && at < node.endIndex);
    const blanks = blanksAt(file.text, at);
    const isBlank = /^\r?\n/.test(file.text.slice(at + blanks, at + blanks + 2));
    if (!inString && !isBlank) found.push(at);
  }
  return found;
}

/** How many blanks a line begins with. */
function blanksAt(text: string, at: number): number {
  return /^[ \t]*/.exec(text.slice(at, at + 400))?.[0].length ?? 0;
}

/** Moves lines from one depth of indentation to another. */
export function reindent(
  file: PythonFile,
  within: Node,
  range: readonly [number, number],
  from: string,
  to: string,
): Edit[] {
  if (to.startsWith(from)) return shiftLines(file, within, range, to.slice(from.length));
  return shiftLines(file, within, range, Math.max(0, from.length - to.length));
}

/** The start of the line of an offset. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The blanks of the line that holds an offset. */
export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? '';
}
