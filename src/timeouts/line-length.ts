/** Breaks a call whose line grows too long, the way black does. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { codeChildren, lastName } from '../syntax/nodes.ts';
import type { Edit } from '../transform.ts';

/** Calls that run a function in a thread: their arguments are edited by the transform that owns them. */
const IN_THREADS: ReadonlySet<string> = new Set(['to_thread', 'run_in_executor']);

/** The line that a call gets. */
export interface Room {
  /** What stands before the call on its line, indentation included. */
  before: string;
  /** What stands behind it. */
  after: string;
  /** The indentation of the line. */
  indent: string;
  unit: string;
  newline: string;
  /** In columns. */
  limit: number;
}

/**
 * The edits that put the arguments on a line of their own, or on one each where they do not fit on
 * one. None where the call fits, stands on several lines already, or has nothing to break.
 */
export function breakCall(file: PythonFile, call: Node, room: Room): Edit[] {
  if (IN_THREADS.has(lastName(call.childForFieldName('function')) ?? '')) return [];
  const list = call.type === 'call' ? call.childForFieldName('arguments') : undefined;
  const whole = room.before + call.text + room.after;
  if (list?.type !== 'argument_list' || whole.includes('\n')) return [];
  const parts = codeChildren(list);
  const [first] = parts;
  const last = parts.at(-1);
  if (width(whole) <= room.limit || !first || !last) return [];
  const { indent, unit, newline } = room;
  const inner = newline + indent + unit;
  const content = file.text.slice(first.startIndex, last.endIndex);
  const open = { start: list.startIndex + 1, end: first.startIndex, pieces: [inner] };
  const close = { start: last.endIndex, end: list.endIndex - 1, pieces: [newline + indent] };
  if (width(indent + unit + content) <= room.limit) return [open, close];
  const between = parts.slice(1).map((part, at): Edit => {
    const end = parts[at]?.endIndex ?? part.startIndex;
    return { start: end, end: part.startIndex, pieces: [`,${inner}`] };
  });
  return [open, ...between, { ...close, pieces: [`,${newline}${indent}`] }];
}

/** Columns, a tab counted as four as black does. */
function width(text: string): number {
  return text.replaceAll('\t', '    ').length;
}
