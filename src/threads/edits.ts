/**
 * The edits that make `anyio.to_thread.run_sync(f, x)` of a call that runs a function in a thread.
 * The arguments keep their text; only where the line grows too long they get lines of their own.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { indentAt, layoutAt, lineStart, reindent } from '../edit/block.ts';
import { codeChildren } from '../syntax/nodes.ts';

import type { Edit, NeededName, Piece, Span, Use } from '../transform.ts';
import { anyio, replace } from '../verdicts.ts';
import type { CallPlace } from './place.ts';

/** A call that runs a function in a thread: `asyncio.to_thread(f, x)`, `loop.run_in_executor(None, f, x)`. */
export interface ThreadCall {
  call: Node;
  /** What is called, and becomes `anyio.to_thread.run_sync`. */
  callee: Span;
  /** The argument that says which executor, and goes. */
  executor?: Node;
  /** The function and its arguments, in order; at least one. */
  parts: Node[];
  /** Whether some of them are keyword arguments, which run_sync would take for its own. */
  hasKeywords: boolean;
}

export interface ThreadLayout {
  /** Whether the thread is let go of when whoever waits for it is cancelled. */
  abandon: boolean;
  /** In columns. */
  lineLength: number;
  /** Where the call will stand. */
  place: CallPlace;
}

const ABANDON = 'abandon_on_cancel=True';
const PARTIAL: NeededName = { module: 'functools', name: 'partial' };

export function threadCallEdits(
  file: PythonFile,
  use: Use,
  thread: ThreadCall,
  layout: ThreadLayout,
): Edit[] {
  const { call, callee } = thread;
  const list = call.childForFieldName('arguments');
  const [first] = thread.parts;
  const last = thread.parts.at(-1);
  if (!list || !first || !last) return [];
  const renamed = { ...callee, pieces: [anyio('to_thread.run_sync')] };
  const name = use.spelling === 'from' ? 'to_thread.run_sync' : 'anyio.to_thread.run_sync';
  const room = new Room(file, { ...thread, list, first, last }, layout);
  return [renamed, ...withoutExecutor(file, thread), ...room.edits(name)];
}

/** Takes `None, ` away; a comment behind it stays. */
function withoutExecutor(file: PythonFile, { executor, parts, call }: ThreadCall): Edit[] {
  const [first] = parts;
  if (!executor || !first) return [];
  const commented = call
    .descendantsOfType('comment')
    .some(
      (node) => node && node.startIndex > executor.endIndex && node.endIndex < first.startIndex,
    );
  if (!commented) return [replace(executor.startIndex, first.startIndex, '')];
  const comma = file.text.indexOf(',', executor.endIndex) + 1;
  const blanks = /^[ \t]*/.exec(file.text.slice(comma))?.[0].length ?? 0;
  return [replace(executor.startIndex, comma + blanks, '')];
}

interface Parts extends ThreadCall {
  list: Node;
  first: Node;
  last: Node;
}

/** The arguments of one call, and the room that their lines have. */
class Room {
  private readonly newline: string;
  private readonly unit: string;

  constructor(
    private readonly file: PythonFile,
    private readonly thread: Parts,
    private readonly layout: ThreadLayout,
  ) {
    const { newline, unit } = layoutAt(file, thread.call);
    this.newline = newline;
    this.unit = unit;
  }

  /** @param name how the call will be spelled */
  edits(name: string): Edit[] {
    const { list, first, executor, hasKeywords } = this.thread;
    if (!list.text.includes('\n')) return this.brokenLine(name) ?? this.inline();
    if (!startsLine(this.file, executor ?? first)) return this.inline();
    const indent = this.indentOf(executor ?? first);
    if (this.isFlat && this.fits(indent, this.content)) return this.inline();
    return hasKeywords ? this.indentedPartial(indent) : this.hanging(indent);
  }

  /** The arguments as they stand. */
  private get given(): string {
    const { first, last } = this.thread;
    return this.file.text.slice(first.startIndex, last.endIndex);
  }

  /** The function and what it gets, as one line has them. */
  private get own(): string {
    return this.thread.hasKeywords ? `functools.partial(${this.given})` : this.given;
  }

  private get content(): string {
    return this.layout.abandon ? `${this.own}, ${ABANDON}` : this.own;
  }

  /** Whether all arguments share a line, and no comma asks for one each. */
  private get isFlat(): boolean {
    const { executor, first, last } = this.thread;
    const text = this.file.text.slice((executor ?? first).startIndex, last.endIndex);
    return !text.includes('\n') && !this.comma;
  }

  /** The comma behind the last argument. */
  private get comma(): Node | undefined {
    const { list, last } = this.thread;
    return list.children.find((child) => child?.type === ',' && child.startIndex >= last.endIndex);
  }

  /** The indentation that the line of a node will have. */
  private indentOf(node: Node): string {
    const { text } = this.file;
    const from = indentAt(text, this.thread.call.startIndex);
    const indent = indentAt(text, node.startIndex);
    const { place } = this.layout;
    return indent.startsWith(from) ? place.indent + indent.slice(from.length) : indent;
  }

  private fits(indent: string, text: string): boolean {
    return width(indent + text) <= this.layout.lineLength;
  }

  /** What stands before the first argument and behind the last one, on their own lines. */
  private inline(): Edit[] {
    const { first, last, hasKeywords } = this.thread;
    const edits: Edit[] = [];
    if (hasKeywords) {
      edits.push({ start: first.startIndex, end: first.startIndex, pieces: [PARTIAL, '('] });
    }
    const tail = (hasKeywords ? ')' : '') + (this.layout.abandon ? `, ${ABANDON}` : '');
    if (tail !== '') edits.push(replace(last.endIndex, last.endIndex, tail));
    return edits;
  }

  /** Arguments on lines of their own: what is new gets one too. */
  private hanging(indent: string): Edit[] {
    const { call, list, last } = this.thread;
    if (!this.layout.abandon) return [];
    const line = this.newline + indent;
    const end = lastOnLine(call, this.comma ?? last);
    const hugs = list.endPosition.row === last.endPosition.row;
    return [
      ...(this.isFlat && !hugs ? this.oneEach(line) : []),
      ...(this.comma ? [] : [replace(last.endIndex, last.endIndex, ',')]),
      replace(end, end, `${line}${ABANDON}${hugs ? '' : ','}`),
    ];
  }

  /** `functools.partial(` and `)` on lines of their own, and what they hold one level deeper. */
  private indentedPartial(indent: string): Edit[] {
    const { call, list, first, last } = this.thread;
    const line = this.newline + indent;
    const deeper = line + this.unit;
    const end = lastOnLine(call, this.comma ?? last);
    const isLong = this.isFlat && !this.fits(indent + this.unit, this.given);
    const outer = this.layout.abandon ? `,${line}${ABANDON},` : '';
    return [
      { start: first.startIndex, end: first.startIndex, pieces: [PARTIAL, `(${deeper}`] },
      ...reindent(this.file, list, [first.startIndex, end], '', this.unit),
      ...(isLong ? this.oneEach(deeper) : []),
      replace(end, end, `${isLong ? ',' : ''}${line})${outer}`),
    ];
  }

  /**
   * The arguments on a line of their own, or on one each, as black would have it, where the line gets
   * too long; undefined where it does not, or where the call does not end its line.
   */
  private brokenLine(name: string): Edit[] | undefined {
    const { list, first, last, hasKeywords } = this.thread;
    const { abandon, place } = this.layout;
    const { before, after, indent } = place;
    if (before === undefined || this.fits('', `${before}${name}(${this.content})${after}`)) {
      return undefined;
    }
    const inner = indent + this.unit;
    const line = this.newline + inner;
    const close = `${this.newline}${indent}`;
    const replaced = (text: string) => replace(last.endIndex, list.endIndex - 1, text + close);
    const opened = (...pieces: Piece[]) => ({
      start: first.startIndex,
      end: first.startIndex,
      pieces: [line, ...pieces],
    });
    const more = abandon ? `,${line}${ABANDON},` : '';
    if (!hasKeywords) {
      if (this.fits(inner, this.content)) {
        return [opened(), replaced(abandon ? `, ${ABANDON}` : '')];
      }
      return [opened(), ...this.oneEach(line), replaced(abandon ? more : ',')];
    }
    if (this.fits(inner, this.content)) {
      return [opened(PARTIAL, '('), replaced(abandon ? `), ${ABANDON}` : ')')];
    }
    if (this.fits(inner, this.own + (abandon ? ',' : ''))) {
      return [opened(PARTIAL, '('), replaced(`)${more}`)];
    }
    const deeper = line + this.unit;
    const isLong = !this.fits(inner + this.unit, this.given);
    return [
      opened(PARTIAL, `(${deeper}`),
      ...(isLong ? this.oneEach(deeper) : []),
      replaced(`${isLong ? ',' : ''}${line})${more}`),
    ];
  }

  /** Each argument but the first on a line of its own. */
  private oneEach(line: string): Edit[] {
    const { parts } = this.thread;
    return parts.slice(1).map((part, at) => {
      const end = parts[at]?.endIndex ?? part.startIndex;
      return replace(end, part.startIndex, `,${line}`);
    });
  }
}

/** Where a line ends that a node of the call is the last of, a comment behind it included. */
function lastOnLine(call: Node, node: Node): number {
  const comment = call
    .descendantsOfType('comment')
    .find(
      (found) =>
        found &&
        found.startIndex >= node.endIndex &&
        found.startPosition.row === node.endPosition.row,
    );
  return comment ? comment.startIndex + comment.text.trimEnd().length : node.endIndex;
}

function startsLine(file: PythonFile, node: Node | undefined): boolean {
  if (!node) return false;
  return /^[ \t]*$/.test(file.text.slice(lineStart(file.text, node.startIndex), node.startIndex));
}

/** Columns, a tab counted as four as black does. */
function width(text: string): number {
  return text.replaceAll('\t', '    ').length;
}

/** The function and the arguments of a call that takes nothing else; undefined where there is none. */
export function threadParts(call: Node): Node[] | undefined {
  const list = call.childForFieldName('arguments');
  if (list?.type !== 'argument_list') return undefined;
  return codeChildren(list);
}
