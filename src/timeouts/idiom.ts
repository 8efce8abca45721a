/**
 * `try: await wait_for(…) except TimeoutError: …` says "go on after this time", which is what
 * `move_on_after` is for. One thing differs: a TimeoutError that is raised inside is no longer caught.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { importedPath } from '../analysis/import-path.ts';
import { lineStart } from '../edit/block.ts';
import { codeChildren, same } from '../syntax/nodes.ts';
import type { Edit, Piece } from '../transform.ts';
import { anyio, replace } from '../verdicts.ts';
import type { TimedWait } from './awaited.ts';
import { movedTimeout } from './block-edits.ts';

/** A handler around a wait_for that does nothing but go on. */
export interface GoesOn {
  /** The `try` or `with` statement. */
  around: Node;
  /** Its body. */
  body: Node;
  /** The handler, where there is one: `contextlib.suppress` has none. */
  handler?: Node;
}

/**
 * The handler of a statement that stands alone in its `try`, or in a `with suppress(TimeoutError)`.
 *
 * @param ofAsyncio whether `asyncio.TimeoutError` counts: it goes with the handler, so only where
 *   its own transform runs beside
 */
export function goesOn(
  file: PythonFile,
  { statement }: TimedWait,
  ofAsyncio: boolean,
): GoesOn | undefined {
  const body = statement.parent;
  const around = body?.type === 'block' ? body.parent : undefined;
  if (!body || !around || codeChildren(body).length !== 1) return undefined;
  // On lines of their own, as black writes them: only words of the header change then.
  if (lineStart(file.text, body.startIndex) <= around.startIndex) return undefined;
  if (around.namedChildren.some((child) => child?.type === 'comment')) return undefined;
  if (around.type === 'with_statement') return suppressed(file, around, body, ofAsyncio);
  if (around.type !== 'try_statement') return undefined;
  const [first, handler, ...more] = codeChildren(around);
  if (!same(first, body) || handler?.type !== 'except_clause' || more.length > 0) return undefined;
  const [caught, suite] = codeChildren(handler);
  if (!caught || suite?.type !== 'block' || !isTimeout(file, caught, ofAsyncio)) return undefined;
  if (looksAtError(suite) || lineStart(file.text, suite.startIndex) <= handler.startIndex) {
    return undefined;
  }
  return { around, body, handler };
}

function suppressed(
  file: PythonFile,
  around: Node,
  body: Node,
  ofAsyncio: boolean,
): GoesOn | undefined {
  const items = around.descendantsOfType('with_item').filter((item) => item !== null);
  const own = items.filter((item) => item.startIndex < body.startIndex);
  const value = own.length === 1 ? own[0]?.childForFieldName('value') : undefined;
  const callee = value?.type === 'call' ? value.childForFieldName('function') : undefined;
  if (!callee || importedPath(file, callee) !== 'contextlib.suppress') return undefined;
  const list = value?.childForFieldName('arguments');
  const caught = list ? codeChildren(list) : [];
  const isPlain = around.child(0)?.type !== 'async' && caught.length > 0;
  return isPlain && caught.every((node) => isTimeout(file, node, ofAsyncio))
    ? { around, body }
    : undefined;
}

/**
 * Whether an expression names the builtin TimeoutError (or asyncio's, where that counts too), alone
 * or in a tuple of nothing else.
 */
function isTimeout(file: PythonFile, node: Node, ofAsyncio: boolean): boolean {
  if (node.type === 'tuple' || node.type === 'parenthesized_expression') {
    return codeChildren(node).every((part) => isTimeout(file, part, ofAsyncio));
  }
  const use = file.uses.find(
    ({ span }) => span.start === node.startIndex && span.end === node.endIndex,
  );
  if (use) return ofAsyncio && use.name === 'asyncio.TimeoutError' && use.doubt === undefined;
  return (
    node.type === 'identifier' &&
    node.text === 'TimeoutError' &&
    file.scopeAt(node).lookup('TimeoutError') === undefined
  );
}

/** Whether a handler asks for the exception that it handles. */
function looksAtError(suite: Node): boolean {
  const raises = suite.descendantsOfType('raise_statement').filter((node) => node !== null);
  if (raises.some((node) => codeChildren(node).length === 0)) return true;
  return /\bexc_info\b|\.exception\(|\btraceback\b|\bsys\.exc/.test(suite.text);
}

/** The edits; the statement and the handler's body stay where they are. */
export function idiomEdits(file: PythonFile, wait: TimedWait, found: GoesOn): Edit[] {
  const { around, body, handler } = found;
  const { call, inner, timeouts } = wait;
  const isSilent = !handler || isOnlyPass(handler);
  const scope = isSilent ? undefined : freeScope(file);
  const header: Piece[] = [
    'with ',
    anyio('move_on_after'),
    '(',
    timeouts[0] ? movedTimeout(timeouts[0]) : 'None',
    `)${scope === undefined ? '' : ` as ${scope}`}:`,
  ];
  const colon = headerEnd(file, around, body);
  const edits: Edit[] = [
    { start: around.startIndex, end: colon, pieces: header },
    replace(call.startIndex, inner.startIndex, ''),
    replace(inner.endIndex, call.endIndex, ''),
  ];
  if (!handler) return edits;
  if (isSilent) {
    const start = body.endIndex;
    return [...edits, replace(start, Math.max(start, handler.endIndex), '')];
  }
  const suite = codeChildren(handler).at(-1) ?? handler;
  const end = headerEnd(file, handler, suite);
  edits.push(replace(handler.startIndex, end, `if ${scope}.cancelled_caught:`));
  return edits;
}

/** The offset behind the colon of a header. */
function headerEnd(file: PythonFile, statement: Node, suite: Node): number {
  const comments = statement.children.filter(
    (child) => child?.type === 'comment' && child.endIndex <= suite.startIndex,
  );
  const limit = comments[0]?.startIndex ?? suite.startIndex;
  return file.text.lastIndexOf(':', limit - 1) + 1;
}

function isOnlyPass(handler: Node): boolean {
  const suite = codeChildren(handler).at(-1);
  const [only, ...more] = suite?.namedChildren ?? [];
  return only?.type === 'pass_statement' && more.length === 0;
}

function freeScope(file: PythonFile): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? 'scope' : `scope_${n}`;
    if (!new RegExp(`\\b${name}\\b`).test(file.text)) return name;
  }
}
