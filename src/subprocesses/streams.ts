/**
 * The streams of a process: anyio's are byte streams with `receive` and `send`, and know no lines.
 *
 *     data = await process.stdout.read()  →  data = b"".join([chunk async for chunk in process.stdout])
 *     process.stdin.write(x)              →  await process.stdin.send(x)
 *     await process.stdin.drain()
 *     process.stdin.close()               →  await process.stdin.aclose()
 *     await process.stdin.wait_closed()
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import {
  ancestor,
  argumentsOf,
  COMPREHENSIONS,
  codeChildren,
  enclosingFunction,
  isAsync,
  lastName,
  same,
} from '../syntax/nodes.ts';
import { replace } from '../verdicts.ts';
import { type Changes, nothing } from './changes.ts';
import { type Refused, stop } from './creation.ts';
import { askedOf, type Called, calledAt } from './variable.ts';

/** What becomes of `process.stdout` and its like, where it is read. */
export function streamChanges(file: PythonFile, name: string, stream: Node): Changes | Refused {
  const which = stream.childForFieldName('attribute')?.text ?? '';
  const asked = askedOf(stream);
  if (asked.kind === 'presence') return nothing();
  const called = asked.kind === 'member' ? calledAt(asked.attribute) : undefined;
  if (asked.kind !== 'member' || !called) return refuseStream(file, stream, which);
  const changes = memberChanges(name, stream, asked.attribute, called);
  return changes ?? refuseStream(file, stream, which, asked.member);
}

function memberChanges(
  name: string,
  stream: Node,
  attribute: Node,
  called: Called,
): Changes | undefined {
  const isInput = lastName(stream) === 'stdin';
  switch (lastName(attribute)) {
    case 'read':
      return isInput ? undefined : wholeRead(stream, called);
    case 'write':
      return isInput ? sent(stream, attribute, called) : undefined;
    case 'drain':
      return isInput ? followed(name, stream, called, 'write') : undefined;
    case 'close':
      return isInput ? closed(attribute, called) : undefined;
    case 'wait_closed':
      return isInput ? followed(name, stream, called, 'close') : undefined;
    default:
      return undefined;
  }
}

function refuseStream(file: PythonFile, stream: Node, which: string, member?: string): Refused {
  return stop(
    'subprocess-stream-api',
    whyNot(stream, which, member),
    which === 'stdin'
      ? 'write `await process.stdin.send(data)`, and `await process.stdin.aclose()` at the end, by hand'
      : 'read lines with BufferedByteReceiveStream(process.stdout).receive_until(b"\\n", limit), or pieces of text with TextReceiveStream, by hand',
    file.place(stream),
  );
}

function whyNot(stream: Node, which: string, member: string | undefined): string {
  if (stream.parent?.type === 'for_statement') {
    return `anyio's byte stream gives pieces of any length where \`async for\` over \`${stream.text}\` gives lines`;
  }
  if (member === 'write' && handlesBrokenPipes(stream)) {
    return 'a handler around the write waits for BrokenPipeError or its like, and anyio raises BrokenResourceError';
  }
  if (member === 'write') {
    return 'write() fills a buffer and goes on, where anyio has only send(), which waits: no drain() stands behind it';
  }
  const has =
    which === 'stdin'
      ? 'send() and aclose()'
      : 'receive(), which gives pieces and raises EndOfStream at the end';
  const what = member === undefined ? stream.text : `${stream.text}.${member}`;
  return `anyio's byte stream has only ${has}: \`${what}\` cannot be carried over here`;
}

/** `await process.stdout.read()`: all pieces until the end, joined. */
function wholeRead(stream: Node, { call, awaited }: Called): Changes | undefined {
  const { positional, keywordNodes } = argumentsOf(call);
  const [size, ...more] = positional;
  const isWhole = !size || (more.length === 0 && size.text === '-1');
  if (!awaited || !isWhole || keywordNodes.length > 0) return undefined;
  if (ancestor(awaited, COMPREHENSIONS) || awaited.text.includes('\n')) return undefined;
  if (!isInAsync(awaited) || awaited.descendantsOfType('comment').length > 0) return undefined;
  const { start, end } = withoutNeedlessParens(awaited);
  return {
    ...nothing(),
    edits: [
      replace(start, stream.startIndex, 'b"".join([chunk async for chunk in '),
      replace(stream.endIndex, end, '])'),
    ],
  };
}

/** `(await f()).decode()`: the parentheses were there for the await alone. */
function withoutNeedlessParens(awaited: Node): { start: number; end: number } {
  const outer = awaited.parent;
  const isNeeded = outer?.type !== 'parenthesized_expression' || outer.parent?.type !== 'attribute';
  const node = isNeeded || outer?.text.includes('\n') ? awaited : outer;
  return { start: (node ?? awaited).startIndex, end: (node ?? awaited).endIndex };
}

/** `process.stdin.write(x)`, where a drain follows. */
function sent(
  stream: Node,
  attribute: Node,
  { call, awaited, statement }: Called,
): Changes | undefined {
  const { positional, keywordNodes, hasStar } = argumentsOf(call);
  const method = attribute.childForFieldName('attribute');
  if (!statement || awaited || !method || !isInAsync(call)) return undefined;
  if (positional.length !== 1 || hasStar || keywordNodes.length > 0) return undefined;
  let next = sibling(statement, 1);
  while (next && methodOf(next, stream) === 'write') next = sibling(next, 1);
  if (!next || methodOf(next, stream) !== 'drain' || handlesBrokenPipes(statement))
    return undefined;
  return {
    edits: [
      replace(call.startIndex, call.startIndex, 'await '),
      replace(method.startIndex, method.endIndex, 'send'),
    ],
    removed: [],
    notes: [
      'when the process has closed its stdin, anyio raises BrokenResourceError where asyncio raised BrokenPipeError or ConnectionResetError',
    ],
  };
}

/** `process.stdin.close()`. */
function closed(attribute: Node, { call, awaited, statement }: Called): Changes | undefined {
  const method = attribute.childForFieldName('attribute');
  const { positional, keywordNodes } = argumentsOf(call);
  if (!statement || awaited || !method || !isInAsync(call)) return undefined;
  if (positional.length + keywordNodes.length > 0) return undefined;
  return {
    edits: [
      replace(call.startIndex, call.startIndex, 'await '),
      replace(method.startIndex, method.endIndex, 'aclose'),
    ],
    removed: [],
    notes: ['close() becomes a point where the task may be cancelled'],
  };
}

/** `await process.stdin.drain()` behind a write, `wait_closed()` behind a close: they go. */
function followed(
  name: string,
  stream: Node,
  { awaited, statement }: Called,
  before: string,
): Changes | undefined {
  const previous = awaited && statement && sibling(statement, -1);
  if (!statement || !previous || methodOf(previous, stream) !== before) return undefined;
  const note = `await ${name}.stdin.wait_closed() goes: aclose() does not wait until all is written`;
  return { edits: [], removed: [statement], notes: before === 'close' ? [note] : [] };
}

function isInAsync(node: Node): boolean {
  const home = enclosingFunction(node);
  return home?.type === 'function_definition' && isAsync(home);
}

function sibling(statement: Node, by: 1 | -1): Node | undefined {
  const siblings = codeChildren(statement.parent ?? statement);
  return siblings[siblings.findIndex((node) => same(node, statement)) + by];
}

/** The method of the same stream that a statement only calls, awaited or not. */
function methodOf(statement: Node, stream: Node): string | undefined {
  if (statement.type !== 'expression_statement') return undefined;
  const [inner] = codeChildren(statement);
  const call = inner?.type === 'await' ? codeChildren(inner)[0] : inner;
  const callee = call?.type === 'call' ? call.childForFieldName('function') : undefined;
  if (callee?.childForFieldName('object')?.text !== stream.text) return undefined;
  return lastName(callee);
}

const PIPE_ERRORS: ReadonlySet<string> = new Set([
  'BrokenPipeError',
  'ConnectionResetError',
  'ConnectionError',
  'OSError',
  'IOError',
  'EnvironmentError',
]);

/** Whether a handler around a node waits for the errors that asyncio raises for a closed pipe. */
function handlesBrokenPipes(inner: Node): boolean {
  const home = enclosingFunction(inner);
  for (let at = inner.parent; at && !same(at, home); at = at.parent) {
    const handlers =
      at.type === 'try_statement'
        ? codeChildren(at).filter(({ type }) => type.startsWith('except'))
        : at.type === 'with_statement'
          ? codeChildren(at).filter(({ type }) => type === 'with_clause')
          : [];
    const names = handlers.flatMap((handler) => {
      const head = handler.type === 'with_clause' ? [handler] : codeChildren(handler).slice(0, -1);
      return head.flatMap((node) => [node, ...node.descendantsOfType('identifier')]);
    });
    if (names.some((node) => node && PIPE_ERRORS.has(node.text))) return true;
  }
  return false;
}
