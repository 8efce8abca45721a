/** What is done with a reader and a writer, name by name, or the first thing that has no counterpart. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { argumentsOf, plainString, same, withParens } from '../syntax/nodes.ts';
import { type Awaited, awaitedBy, type Refusal, refuseAt } from './connection.ts';
import { constantValue, isBytes } from './constants.ts';

/** One thing that is done. `name` is the identifier of the reader or the writer. */
export type Operation = { name: Node } & (
  | { kind: 'write' | 'writelines' | 'eof' | 'close'; call: Node; statement: Node }
  | { kind: 'drain' | 'closed'; call: Node; statement: Node; awaited: Awaited }
  | { kind: 'extra'; call: Node; attribute: string }
  /** Whether there is a connection at all: `if writer is not None`. */
  | { kind: 'test' }
  /** `read()`, `read(n)`. */
  | { kind: 'all'; call: Node; awaited: Awaited }
  | { kind: 'some' | 'line'; call: Node; awaited: Awaited }
  | { kind: 'exactly'; call: Node; awaited: Awaited }
  /** `readuntil`; the separator's text, b"\n" where there is none. */
  | { kind: 'until'; call: Node; awaited: Awaited; separator: string }
);

/** What a read of one of the two names does. */
export function operationOf(
  file: PythonFile,
  name: Node,
  side: 'reader' | 'writer',
): Operation | Refusal {
  if (isTested(name)) return { name, kind: 'test' };
  const attribute = name.parent;
  const call = attribute?.parent;
  const method = attribute?.type === 'attribute' ? attribute.childForFieldName('attribute') : null;
  if (!method || !same(attribute?.childForFieldName('object'), name)) return escapes(file, name);
  const isCall = call?.type === 'call' && same(call.childForFieldName('function'), attribute);
  const found = isCall
    ? side === 'reader'
      ? reading(file, name, method.text, call)
      : writing(file, name, method.text, call)
    : undefined;
  return found ?? noCounterpart(file, name, method, side);
}

// -- the reader ----------------------------------------------------------------------------------

function reading(
  file: PythonFile,
  name: Node,
  method: string,
  call: Node,
): Operation | Refusal | undefined {
  if (!['read', 'readexactly', 'readuntil', 'readline'].includes(method)) return undefined;
  const awaited = awaitedBy(file, call);
  if (!awaited) {
    return refuseAt(
      file,
      call,
      `\`${name.text}.${method}(...)\` is not awaited where it is made, so what its value meets cannot be seen`,
      'await it here, or in a function of your own that takes the stream',
    );
  }
  const { positional, keywords, keywordNodes, hasStar } = argumentsOf(call);
  const [argument, more] = [
    positional[0] ?? keywords.get('n') ?? keywords.get('separator'),
    positional[1],
  ];
  if (hasStar || more || keywordNodes.length + positional.length > 1) return undefined;
  switch (method) {
    case 'readline':
      return argument ? undefined : { name, kind: 'line', call, awaited };
    case 'readexactly':
      return argument && keywordNodes.length === 0
        ? { name, kind: 'exactly', call, awaited }
        : undefined;
    case 'readuntil':
      return until(file, name, call, awaited, argument);
    default:
      return someOrAll(file, name, call, awaited, argument);
  }
}

function until(
  file: PythonFile,
  name: Node,
  call: Node,
  awaited: Awaited,
  separator: Node | undefined,
): Operation | Refusal {
  if (separator && !isBytes(file, separator)) {
    return refuseAt(
      file,
      separator,
      'anyio leaves the separator out of what it returns, so it would be written twice here, and this one is worked out',
      'give the separator a name at the top of the module',
    );
  }
  return { name, kind: 'until', call, awaited, separator: separator?.text ?? 'b"\\n"' };
}

function someOrAll(
  file: PythonFile,
  name: Node,
  call: Node,
  awaited: Awaited,
  size: Node | undefined,
): Operation | Refusal {
  const value = size && constantValue(file, size);
  if (!size || value === -1) {
    return { name, kind: 'all', call, awaited };
  }
  if (value !== undefined && value > 0) return { name, kind: 'some', call, awaited };
  return refuseAt(
    file,
    size,
    'the size may be 0 or less here, as far as can be seen: asyncio takes 0 for nothing and -1 for all, and anyio raises ValueError',
    'name the size as a positive number at the top of the module',
  );
}

// -- the writer ----------------------------------------------------------------------------------

const PLAIN: Readonly<Record<string, 'write' | 'writelines' | 'eof' | 'close'>> = {
  write: 'write',
  writelines: 'writelines',
  write_eof: 'eof',
  close: 'close',
};
const AWAITED: Readonly<Record<string, 'drain' | 'closed'>> = {
  drain: 'drain',
  wait_closed: 'closed',
};
const EXTRAS: Readonly<Record<string, string>> = {
  peername: 'remote_address',
  sockname: 'local_address',
  socket: 'raw_socket',
};

function writing(
  file: PythonFile,
  name: Node,
  method: string,
  call: Node,
): Operation | Refusal | undefined {
  const { positional, keywordNodes, hasStar } = argumentsOf(call);
  const count = keywordNodes.length > 0 || hasStar ? -1 : positional.length;
  const plain = PLAIN[method];
  if (plain) {
    if (count !== (plain.startsWith('write') ? 1 : 0)) return undefined;
    const statement = call.parent;
    if (statement?.type === 'expression_statement') return { name, kind: plain, call, statement };
    return refuseAt(
      file,
      call,
      `\`${name.text}.${method}(...)\` becomes an await, and it is no statement of its own here`,
      'write it as a statement of its own in the coroutine',
    );
  }
  const later = AWAITED[method];
  if (later && count === 0) {
    const awaited = awaitedBy(file, call);
    const statement = awaited?.awaited.parent;
    if (awaited && statement?.type === 'expression_statement') {
      return { name, kind: later, call, statement, awaited };
    }
    return refuseAt(
      file,
      call,
      `\`${name.text}.${method}()\` is no statement of its own here`,
      'await it as a statement, directly behind what it waits for',
    );
  }
  const [key] = positional;
  const attribute = key && count === 1 ? EXTRAS[plainString(key)?.content ?? ''] : undefined;
  return method === 'get_extra_info' && attribute
    ? { name, kind: 'extra', call, attribute }
    : undefined;
}

// -- what does not move --------------------------------------------------------------------------

/** What to write for methods that people use, where there is something. */
const INSTEAD: Readonly<Record<string, string>> = {
  at_eof: 'let `receive()` raise anyio.EndOfStream, and catch that',
  is_closing: 'close without asking: aclose() may be called twice',
  can_write_eof: 'call send_eof() without asking: each TCP and UNIX stream can',
  start_tls: 'anyio.streams.tls.TLSStream.wrap(stream, hostname=...)',
  transport: 'stream.extra(anyio.abc.SocketAttribute.raw_socket) for the socket; close by aclose()',
  get_extra_info:
    'stream.extra(...) with an attribute of anyio.streams.tls.TLSAttribute or SocketAttribute',
};

function noCounterpart(file: PythonFile, name: Node, method: Node, side: string): Refusal {
  return refuseAt(
    file,
    method,
    `\`${name.text}.${method.text}\` has no counterpart in an anyio stream as it is used here`,
    INSTEAD[method.text] ?? `do without it, or keep asyncio's ${side}`,
  );
}

/** The name itself goes somewhere. */
function escapes(file: PythonFile, name: Node): Refusal {
  const outer = withParens(name);
  const up = outer.parent;
  if (up?.type === 'for_statement' || up?.type === 'for_in_clause') {
    return refuseAt(
      file,
      name,
      'anyio streams hold bytes and no lines: `async for` over one gives pieces of any length',
      'read line by line with `receive_until(b"\\n", max_bytes)` of a BufferedByteReceiveStream until anyio.IncompleteRead',
    );
  }
  const where =
    up?.type === 'argument_list'
      ? 'is handed on here'
      : up?.type === 'return_statement' || up?.parent?.type === 'return_statement'
        ? 'is returned here'
        : 'is kept or used as a value here';
  return refuseAt(
    file,
    name,
    `\`${name.text}\` ${where}, and whoever gets it expects asyncio's stream`,
    'change both sides at once: `stream = await anyio.connect_tcp(host, port)`, hand on `stream`, and use send(), receive() and aclose() there',
  );
}

/** `if writer:`, `if writer is not None and …`, `assert writer`. */
function isTested(name: Node): boolean {
  let at = withParens(name);
  let up = at.parent;
  if (up?.type === 'comparison_operator') {
    const other = up.namedChildren.find((child) => !same(child, at));
    const operator = up.childForFieldName('operators')?.type ?? '';
    if (up.namedChildCount !== 2 || other?.type !== 'none' || !operator.startsWith('is'))
      return false;
    return true;
  }
  while (up && ['not_operator', 'boolean_operator', 'parenthesized_expression'].includes(up.type)) {
    at = up;
    up = up.parent;
  }
  if (up?.type === 'assert_statement') return same(up.namedChildren[0], at);
  const isCondition = ['if_statement', 'elif_clause', 'while_statement'].includes(up?.type ?? '');
  return isCondition && same(up?.childForFieldName('condition'), at);
}
