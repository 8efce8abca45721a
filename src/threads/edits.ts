/**
 * The edits that make `anyio.to_thread.run_sync(f, x)` of a call that runs a function in a thread.
 * The arguments keep their text; only where the line grows too long they get lines of their own.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { indentAt, layoutAt, lineStart, reindent } from '../edit/block.ts';
import { codeChildren, statementOf } from '../syntax/nodes.ts';
import { freeName } from '../timeouts/names.ts';
import type { Edit, NeededName, Piece, Span, Use } from '../transform.ts';
import { anyio, replace } from '../verdicts.ts';

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
  /** Whether another transform moves the lines of the call, so that none may be added to them. */
  isMoved: boolean;
  /** Whether that one makes a block of the wait_for around the call. */
  makesBlock: boolean;
}

const ABANDON = 'abandon_on_cancel=True';
const PARTIAL: NeededName = { module: 'functools', name: 'partial' };

export function threadCallEdits(
  file: PythonFile,
  use: Use,
  thread: ThreadCall,
  layout: ThreadLayout,
): Edit[] {
  const { call, callee, hasKeywords } = thread;
  const list = call.childForFieldName('arguments');
  if (!list) return [];
  const renamed = { ...callee, pieces: [anyio('to_thread.run_sync')] };
  const dropped = withoutExecutor(file, thread);
  const isOneLine = !list.text.includes('\n');
  if (isOneLine) {
    const line = layout.isMoved
      ? layout.makesBlock && lineInBlock(file, call)
      : ownLine(file, call);
    const broken = line ? brokenLine(file, use, thread, list, layout, line) : undefined;
    return [renamed, ...dropped, ...(broken ?? inline(thread, layout))];
  }
  const moves = layout.isMoved && !staysInBlock(file, call);
  const hangs = startsLine(file, thread.executor ?? thread.parts[0]) && !moves;
  if (!hangs || fitsOnOneLine(file, thread, layout)) {
    return [renamed, ...dropped, ...inline(thread, layout)];
  }
  const lines = hasKeywords
    ? indentedPartial(file, thread, list, layout)
    : hanging(file, thread, layout);
  return [renamed, ...dropped, ...lines];
}

/**
 * Whether edits over several lines of a call meet those that put it into a block: its lines move, and
 * one of them would go.
 */
export function meetsBlock(file: PythonFile, { call, executor, parts }: ThreadCall): boolean {
  const [first] = parts;
  const joins = executor && first && executor.startPosition.row !== first.startPosition.row;
  return !!joins && !staysInBlock(file, call);
}

/** Whether a call in `wait_for(` has the depth already that it gets in a block. */
function staysInBlock(file: PythonFile, call: Node): boolean {
  const { indent, unit } = layoutAt(file, statementOf(call));
  return startsLine(file, call) && indentAt(file.text, call.startIndex) === indent + unit;
}

/** Whether arguments that share one line of their own still do so afterwards. */
function fitsOnOneLine(
  file: PythonFile,
  thread: ThreadCall,
  { abandon, lineLength }: ThreadLayout,
): boolean {
  const [first] = thread.parts;
  const last = thread.parts.at(-1);
  if (!first || !last || trailingComma(thread)) return false;
  const text = file.text.slice((thread.executor ?? first).startIndex, last.endIndex);
  if (text.includes('\n')) return false;
  const given = file.text.slice(first.startIndex, last.endIndex);
  const longer = (thread.hasKeywords ? 19 : 0) + (abandon ? ABANDON.length + 2 : 0);
  return width(indentAt(file.text, first.startIndex) + given) + longer <= lineLength;
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

/** What stands before the first argument and behind the last one, on their own lines. */
function inline({ parts, hasKeywords }: ThreadCall, { abandon }: ThreadLayout): Edit[] {
  const [first] = parts;
  const end = parts.at(-1)?.endIndex ?? 0;
  const edits: Edit[] = [];
  if (hasKeywords && first) {
    edits.push({ start: first.startIndex, end: first.startIndex, pieces: [PARTIAL, '('] });
  }
  const tail = (hasKeywords ? ')' : '') + (abandon ? `, ${ABANDON}` : '');
  if (tail !== '') edits.push(replace(end, end, tail));
  return edits;
}

/** Arguments on lines of their own: what is new gets one too. */
function hanging(file: PythonFile, thread: ThreadCall, { abandon }: ThreadLayout): Edit[] {
  const { parts, call, executor } = thread;
  const last = parts.at(-1);
  if (!abandon || !last) return [];
  const { newline } = layoutAt(file, call);
  const line = newline + indentAt(file.text, (executor ?? last).startIndex);
  const comma = trailingComma(thread);
  const end = lastOnLine(call, comma ?? last);
  const isFlat = !file.text.slice(parts[0]?.startIndex, last.endIndex).includes('\n');
  const list = call.childForFieldName('arguments');
  const hugs = list?.endPosition.row === last.endPosition.row;
  return [
    ...(isFlat && !hugs ? onLinesOfTheirOwn(parts, line) : []),
    ...(comma ? [] : [replace(last.endIndex, last.endIndex, ',')]),
    replace(end, end, `${line}${ABANDON}${hugs ? '' : ','}`),
  ];
}

/** `functools.partial(` and `)` on lines of their own, and what they hold one level deeper. */
function indentedPartial(
  file: PythonFile,
  thread: ThreadCall,
  list: Node,
  { abandon }: ThreadLayout,
): Edit[] {
  const { parts, call } = thread;
  const [first] = parts;
  const last = parts.at(-1);
  if (!first || !last) return [];
  const { newline, unit } = layoutAt(file, call);
  const indent = indentAt(file.text, first.startIndex);
  const comma = trailingComma(thread);
  const end = lastOnLine(call, comma ?? last);
  const outer = abandon ? `,${newline}${indent}${ABANDON},` : '';
  const lines = reindent(file, list, [first.startIndex, end], indent, indent + unit);
  return [
    {
      start: first.startIndex,
      end: first.startIndex,
      pieces: [PARTIAL, `(${newline}${indent}${unit}`],
    },
    ...lines,
    replace(end, end, `${newline}${indent})${outer}`),
  ];
}

/**
 * The arguments on a line of their own, or on one each, as black would have it, where the line gets
 * too long; undefined where it does not, or where the call does not end its line.
 */
function brokenLine(
  file: PythonFile,
  use: Use,
  thread: ThreadCall,
  list: Node,
  { abandon, lineLength }: ThreadLayout,
  { indent, before }: CallLine,
): Edit[] | undefined {
  const { parts, hasKeywords, call } = thread;
  const [first] = parts;
  const last = parts.at(-1);
  if (!first || !last) return undefined;
  const { newline, unit } = layoutAt(file, call);
  const name = use.spelling === 'from' ? 'to_thread.run_sync' : 'anyio.to_thread.run_sync';
  const given = file.text.slice(first.startIndex, last.endIndex);
  const own = hasKeywords ? `functools.partial(${given})` : given;
  const content = abandon ? `${own}, ${ABANDON}` : own;
  if (width(`${before}${name}(${content})`) <= lineLength) return undefined;
  const line = newline + indent + unit;
  const [open, close]: [Piece[], string] = hasKeywords ? [[line, PARTIAL, '('], ')'] : [[line], ''];
  const fits = width(indent + unit + content) <= lineLength;
  const between = fits || hasKeywords ? [] : onLinesOfTheirOwn(parts, line);
  const more = abandon ? `,${fits ? ' ' : line}${ABANDON}` : '';
  const ending = fits || (hasKeywords && !abandon) ? '' : ',';
  return [
    { start: first.startIndex, end: first.startIndex, pieces: open },
    ...between,
    replace(last.endIndex, list.endIndex - 1, `${close}${more}${ending}${newline}${indent}`),
  ];
}

/** The line that a call ends. */
interface CallLine {
  indent: string;
  /** What stands before the call, indentation included. */
  before: string;
}

/** Undefined where the call shares its statement with more than a target. */
function ownLine(file: PythonFile, call: Node): CallLine | undefined {
  if (statementOf(call).text.includes('\n') || !isWholeValue(call)) return undefined;
  const { indent } = layoutAt(file, call);
  return {
    indent,
    before: file.text.slice(lineStart(file.text, call.startIndex), call.startIndex),
  };
}

/** The line that it gets in the block of the wait_for around it. */
function lineInBlock(file: PythonFile, call: Node): CallLine | undefined {
  const waiting = call.parent?.parent;
  const statement = statementOf(call);
  if (waiting?.type !== 'call' || waiting.parent?.type !== 'await') return undefined;
  const { indent, unit } = layoutAt(file, statement);
  const prefix = isWholeValue(waiting)
    ? file.text.slice(statement.startIndex, waiting.startIndex)
    : `${freeName(file, call, 'result')} = await `;
  if (prefix.includes('\n')) return undefined;
  return { indent: indent + unit, before: indent + unit + prefix };
}

/** Whether the awaited call is all that its statement has for a value, at the end of its line. */
function isWholeValue(call: Node): boolean {
  const awaited = call.parent;
  return awaited?.type === 'await' && WHOLE.has(awaited.parent?.type ?? '');
}

const WHOLE: ReadonlySet<string> = new Set([
  'expression_statement',
  'return_statement',
  'assignment',
  'augmented_assignment',
]);

function onLinesOfTheirOwn(parts: readonly Node[], line: string): Edit[] {
  return parts.slice(1).map((part, at) => {
    const end = parts[at]?.endIndex ?? part.startIndex;
    return replace(end, part.startIndex, `,${line}`);
  });
}

/** The comma behind the last argument. */
function trailingComma({ call, parts }: ThreadCall): Node | undefined {
  const list = call.childForFieldName('arguments');
  const end = parts.at(-1)?.endIndex ?? 0;
  return (
    list?.children.find((child) => child?.type === ',' && child.startIndex >= end) ?? undefined
  );
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
