/** The edits on the arguments of a call that starts a process. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { indentAt, layoutAt, lineStart, shiftLines } from '../edit/block.ts';
import { codeChildren, statementOf } from '../syntax/nodes.ts';
import type { Edit } from '../transform.ts';
import { replace } from '../verdicts.ts';
import type { Command } from './creation.ts';

/** What is to stand in the arguments. */
export interface Wanted {
  /** Keyword arguments behind all others: `check=False`. */
  added: readonly string[];
  /** Other text that stands in for an argument, by the id of its node. */
  instead: ReadonlyMap<number, string>;
  /** In columns; the new text of names that are spelled later is guessed. */
  lineLength: number;
  /** How much longer the name of the function gets. */
  calleeGrowth: number;
  /** How much longer the arguments get by the names that change in them. */
  growth: number;
}

/**
 * Makes a list of the program and its arguments, and adds keyword arguments behind all others.
 * Comments stay on the lines of what they speak of: what is added gets lines of its own where the
 * arguments have theirs. A line that grows too long is broken as black does.
 */
export function commandEdits(
  file: PythonFile,
  call: Node,
  command: Command,
  wanted: Wanted,
): Edit[] {
  const list = call.childForFieldName('arguments');
  if (!list) return [];
  const [open, close] = bracketsOf(command);
  if (isFlat(list)) return flatEdits(file, list, command, wanted, [open, close]);
  const instead = [...wanted.instead].flatMap(([id, text]) => {
    const node = list.namedChildren.find((child) => child.id === id);
    return node ? [replace(node.startIndex, node.endIndex, text)] : [];
  });
  return [...instead, ...tallEdits(file, list, command, wanted.added, [open, close])];
}

/** What stands before the program, in the place of `skip` characters, and behind its last argument. */
interface Bracket {
  text: string;
  skip: number;
}

/** `*["git", "log"]` alone is a list already: only the star goes. */
function bracketsOf({ first, last, isShell }: Command): [open: Bracket, close: string] {
  if (isShell) return [{ text: '', skip: 0 }, ''];
  const [value] = codeChildren(first);
  if (first.id === last.id && first.type === 'list_splat' && value?.type === 'list') {
    return [{ text: '', skip: value.startIndex - first.startIndex }, ''];
  }
  return [{ text: '[', skip: 0 }, ']'];
}

/** Whether all arguments stand on one line, that of the call or one of their own, with no comma at the end. */
function isFlat(list: Node): boolean {
  const parts = list.namedChildren;
  const row = parts[0]?.startPosition.row;
  if (row === undefined || parts.some((part) => part.type === 'comment')) return false;
  if (parts.at(-1)?.endPosition.row !== row) return false;
  const hasComma = list.children.at(-2)?.type === ',';
  return (
    list.startPosition.row === list.endPosition.row || (row > list.startPosition.row && !hasComma)
  );
}

/** Arguments on one line: they stay there if there is room, else they get lines of their own. */
function flatEdits(
  file: PythonFile,
  list: Node,
  { last }: Command,
  { added, instead, lineLength, calleeGrowth, growth }: Wanted,
  [open, close]: [Bracket, string],
): Edit[] {
  const parts = codeChildren(list);
  const [first] = parts;
  const final = parts.at(-1);
  if (!first || !final) return [];
  const { indent, unit, newline } = layoutAt(file, list);
  const hangs = first.startPosition.row > list.startPosition.row;
  const inner = hangs ? indentAt(file.text, first.startIndex) : indent + unit;
  const before = file.text.slice(lineStart(file.text, list.startIndex), list.startIndex);
  const grown = parts.map((part) => instead.get(part.id) ?? part.text);
  const width = columns(open.text + [...grown, ...added].join(', ') + close) - open.skip + growth;
  const isLong =
    !hangs &&
    isAlone(file, list) &&
    columns(before + behind(file, list)) + calleeGrowth + width + 2 > lineLength;
  const fits = hangs || isLong ? columns(inner) + width <= lineLength : true;
  const gap = fits ? ', ' : `,${newline}${inner}`;
  const lead = isLong ? newline + inner : '';
  const closesAlone = isLong || list.endPosition.row > final.endPosition.row;
  const trail = (!fits && closesAlone ? ',' : '') + (isLong ? newline + indent : '');
  const start = isLong ? list.startIndex + 1 : first.startIndex;
  const edits: Edit[] = [replace(start, first.startIndex + open.skip, lead + open.text)];
  const commandAt = parts.findIndex((part) => part.id === last.id);
  for (const [at, part] of parts.entries()) {
    const other = instead.get(part.id);
    if (other !== undefined) edits.push(replace(part.startIndex, part.endIndex, other));
    const next = parts[at + 1];
    const end = at === commandAt ? close : '';
    if (!next) {
      const rest = end + added.map((each) => gap + each).join('') + trail;
      edits.push(replace(part.endIndex, isLong ? list.endIndex - 1 : part.endIndex, rest));
    } else if (at >= commandAt && !fits) {
      edits.push(replace(part.endIndex, next.startIndex, end + gap));
    } else if (end) {
      edits.push(replace(part.endIndex, part.endIndex, end));
    }
  }
  return edits.filter((edit) => edit.start < edit.end || edit.pieces[0] !== '');
}

/** What stands behind a call on its line. */
function behind({ text }: PythonFile, list: Node): string {
  const lineEnd = text.indexOf('\n', list.endIndex);
  return text.slice(list.endIndex, lineEnd < 0 ? text.length : lineEnd).trimEnd();
}

/** Whether nothing but a comment shares the line of the statement that a call ends. */
function isAlone(file: PythonFile, list: Node): boolean {
  return beginsLine(file, statementOf(list)) && /^\s*(#.*)?$/.test(behind(file, list));
}

/** Columns, a tab counted as four as black does. */
function columns(text: string): number {
  return text.replaceAll('\t', '    ').length;
}

/** Arguments on several lines: a command on several gets a list on several, one level deeper. */
function tallEdits(
  file: PythonFile,
  list: Node,
  { first, last }: Command,
  added: readonly string[],
  [open, close]: [Bracket, string],
): Edit[] {
  const line = layoutAt(file, first).newline + indentAt(file.text, first.startIndex);
  const isTall = first.startPosition.row !== last.endPosition.row;
  const final = codeChildren(list).at(-1) ?? last;
  const hasLines = beginsLine(file, first);
  if (close !== '' && isTall && hasLines) {
    const isEnd = final.id === last.id;
    return [
      ...listEdits(file, list, first, last),
      ...endEdits(file, list, final, added, line, isEnd),
    ];
  }
  const brackets = [
    replace(first.startIndex, first.startIndex + open.skip, open.text),
    replace(last.endIndex, last.endIndex, close),
  ];
  return [
    ...brackets.filter((edit) => edit.start < edit.end || edit.pieces[0] !== ''),
    ...endEdits(file, list, final, added, hasLines ? line : undefined),
  ];
}

/** A list with its brackets on lines of their own. */
function listEdits(file: PythonFile, list: Node, first: Node, last: Node): Edit[] {
  const { newline, unit } = layoutAt(file, first);
  const line = newline + indentAt(file.text, first.startIndex);
  const { comma, rowEnd, neighbour, isCommented } = tailOf(list, last);
  const closing =
    comma && neighbour
      ? [replace(comma.endIndex, neighbour.startIndex, `${line}],${line}`)]
      : comma
        ? [replace(rowEnd, rowEnd, `${line}],`)]
        : isCommented
          ? [replace(last.endIndex, last.endIndex, ','), replace(rowEnd, rowEnd, `${line}],`)]
          : [replace(last.endIndex, last.endIndex, `,${line}]`)];
  return [
    replace(first.startIndex, first.startIndex, `[${line}${unit}`),
    ...shiftLines(file, list, [first.startIndex, last.endIndex], unit),
    ...closing,
  ];
}

/**
 * What is added behind the last argument: on lines of their own where it has one, with the comma
 * that it has. `line` is a line break with the arguments' indentation, where they have lines.
 */
function endEdits(
  file: PythonFile,
  list: Node,
  final: Node,
  added: readonly string[],
  line: string | undefined,
  isListEnd = false,
): Edit[] {
  if (added.length === 0) return [];
  const { comma, rowEnd, isCommented } = tailOf(list, final);
  if (line !== undefined && (comma || isCommented)) {
    const lines = replace(rowEnd, rowEnd, added.map((text) => `${line}${text},`).join(''));
    const hasComma = comma !== undefined || isListEnd;
    return hasComma ? [lines] : [replace(final.endIndex, final.endIndex, ','), lines];
  }
  const hasLine = line !== undefined && (isListEnd || beginsLine(file, final));
  const gap = hasLine ? `,${line}` : ', ';
  return [replace(final.endIndex, final.endIndex, added.map((text) => gap + text).join(''))];
}

function beginsLine({ text }: PythonFile, node: Node): boolean {
  return /^[ \t]*$/.test(text.slice(lineStart(text, node.startIndex), node.startIndex));
}

/** What stands behind an argument. */
interface Tail {
  comma: Node | undefined;
  /** The end of what stands behind the comma on its line: a comment, or the comma itself. */
  rowEnd: number;
  /** The next argument, when it stands on the same line. */
  neighbour: Node | undefined;
  /** Whether a comment ends the argument's line. */
  isCommented: boolean;
}

function tailOf(list: Node, argument: Node): Tail {
  const comma = list.children.find(
    (child) => child.type === ',' && child.startIndex >= argument.endIndex,
  );
  const end = comma ?? argument;
  const beside = list.namedChildren.filter(
    (child) => child.startIndex >= end.endIndex && child.startPosition.row === end.endPosition.row,
  );
  const comment = beside.find(({ type }) => type === 'comment');
  // Under CRLF a comment's node holds the `\r`.
  const rowEnd = comment ? comment.startIndex + comment.text.trimEnd().length : end.endIndex;
  const neighbour = beside.find(({ type }) => type !== 'comment');
  return { comma, rowEnd, neighbour, isCommented: comment !== undefined };
}
