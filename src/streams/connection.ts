/** Where connections are opened, and the two names that hold one. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import {
  argumentsOf,
  codeChildren,
  enclosingFunction,
  isAsync,
  withParens,
} from '../syntax/nodes.ts';
import type { TimedWait } from '../timeouts/awaited.ts';
import { waitOf } from '../timeouts/host-plan.ts';
import { calledName } from '../timeouts/surroundings.ts';
import type { Edit, Use, Verdict } from '../transform.ts';
import { refuse, rename, replace } from '../verdicts.ts';
import { constantValue } from './constants.ts';

export type Refusal = Verdict & { kind: 'refuse' };

/** `reader, writer = await asyncio.open_connection(…)`. */
export interface Open {
  use: Use;
  call: Node;
  /** The `await` of the call. */
  awaited: Node;
  /** The `wait_for` around the call, if there is one. */
  wait: TimedWait | undefined;
  statement: Node;
  /** `reader, writer`, parentheses included. */
  target: Node;
  reader: Node;
  writer: Node;
  isUnix: boolean;
  /** The edits on the call. */
  connect: Edit[];
  /** How many bytes a line may have, as the call says; undefined for the default. */
  limit: string | undefined;
}

/** Operations that may not be rewritten, and why, with the place. */
export function refuseAt(
  file: PythonFile,
  node: Node,
  message: string,
  help: string,
  code = 'net-stream-api',
): Refusal {
  return refuse(code, message, help, file.place(node)) as Refusal;
}

/** The call that is awaited, and the `await`; also through `asyncio.wait_for(call, timeout)`. */
export interface Awaited {
  awaited: Node;
  wait: TimedWait | undefined;
}

/** How a coroutine call is awaited on the spot; undefined where it is not. */
export function awaitedBy(file: PythonFile, call: Node): Awaited | undefined {
  const up = withParens(call).parent;
  if (up?.type === 'await') return { awaited: up, wait: undefined };
  const outer = up?.type === 'argument_list' ? up.parent : undefined;
  const callee = outer?.childForFieldName('function');
  if (outer?.type !== 'call' || !callee || calledName(file, callee) !== 'asyncio.wait_for') {
    return undefined;
  }
  const wait = waitOf(file, outer);
  return wait && withParens(call).id === wait.inner.id
    ? { awaited: wait.awaited, wait }
    : undefined;
}

/** The connection that a use opens, or why it cannot be told. */
export function openOf(use: Use): Open | Refusal {
  const { file } = use;
  const call = withParens(use.node).parent;
  if (use.role !== 'call' || call?.type !== 'call') {
    return refuse(
      'streams-value-use',
      'the function itself is used as a value here, and whoever gets it expects a reader and a writer',
      'call it where its streams are used, or hand on a function of your own that returns an anyio stream',
    ) as Refusal;
  }
  const awaited = awaitedBy(file, keptCall(file, call) ?? call);
  const assignment = awaited && withParens(awaited.awaited).parent;
  const statement = assignment?.parent;
  const target = assignment?.type === 'assignment' ? assignment.childForFieldName('left') : null;
  const names = target ? codeChildren(target) : [];
  const [reader, writer] = names;
  const pair =
    (target?.type === 'pattern_list' || target?.type === 'tuple_pattern') && names.length === 2;
  if (!awaited || !target || statement?.type !== 'expression_statement' || !pair) {
    return refuse(
      'net-stream-shape',
      awaited
        ? 'the reader and the writer are not unpacked into two names here, so what is done with them cannot be followed'
        : 'the connection is not awaited where it is made, so the names of its reader and writer are not known',
      'write `reader, writer = await asyncio.open_connection(...)`, and use both in this function',
    ) as Refusal;
  }
  const odd = names.find(({ type }) => type !== 'identifier');
  const home = enclosingFunction(call);
  if (odd || !reader || !writer || home?.type !== 'function_definition' || !isAsync(home)) {
    return refuseAt(
      file,
      odd ?? target,
      `\`${(odd ?? target).text}\` outlives this function, and what is done with it elsewhere would have to change as well`,
      'make the class or the caller keep one anyio stream: `self.stream = await anyio.connect_tcp(host, port)`',
    );
  }
  const isUnix = use.name === 'asyncio.open_unix_connection';
  const parts = isUnix ? unixCall(use, call) : tcpCall(use, call);
  if ('kind' in parts) return parts;
  const { wait } = awaited;
  const found = { use, call, awaited: awaited.awaited, wait, statement, target, reader, writer };
  return { ...found, isUnix, ...parts };
}

/** `connecting = asyncio.open_connection(…)`, where that name is read once: the place of the read. */
function keptCall(file: PythonFile, call: Node): Node | undefined {
  const assignment = withParens(call).parent;
  const name = assignment?.type === 'assignment' ? assignment.childForFieldName('left') : null;
  if (name?.type !== 'identifier') return undefined;
  const scope = file.scopeAt(name);
  if (scope.lookup(name.text) !== scope || scope.bindings.get(name.text)?.length !== 1) {
    return undefined;
  }
  const [read, ...more] = file
    .references(name.text)
    .filter((found) => found.scope.lookup(name.text) === scope);
  return more.length === 0 && read?.scope === scope ? read.node : undefined;
}

interface CallParts {
  connect: Edit[];
  limit: string | undefined;
}

const RENAMED: Readonly<Record<string, string>> = { host: 'remote_host', port: 'remote_port' };

function tcpCall(use: Use, call: Node): CallParts | Refusal {
  const { positional, keywords, hasStar } = argumentsOf(call);
  const given = [...positional, ...['host', 'port'].map((name) => keywords.get(name))];
  const hosts = given.filter((node) => node !== undefined);
  if (hosts.some(({ type }) => type === 'none') || (!hasStar && hosts.length !== 2)) {
    return refuseArguments(
      use.file,
      call,
      'there is no host and port to connect to: a socket of its own, or the local host by default',
      'name host and port, or wrap the socket: `await anyio.abc.SocketStream.from_socket(sock)` (anyio 4.10)',
    );
  }
  return callParts(use, call, 'connect_tcp', ['host', 'port', 'happy_eyeballs_delay']);
}

function unixCall(use: Use, call: Node): CallParts | Refusal {
  const { positional, keywords } = argumentsOf(call);
  const path = positional[0] ?? keywords.get('path');
  if (!path || path.type === 'none' || positional.length > 1) {
    return refuseArguments(use.file, call, 'there is no path to connect to', 'name the path');
  }
  return callParts(use, call, 'connect_unix', ['path']);
}

/** The new name, the keywords that change theirs, and those that go. */
function callParts(
  use: Use,
  call: Node,
  name: string,
  known: readonly string[],
): CallParts | Refusal {
  const { file } = use;
  const { keywords, keywordNodes, hasDoubleStar } = argumentsOf(call);
  if (hasDoubleStar) {
    return refuseArguments(
      file,
      call,
      '`**` may hold options that anyio knows by other names',
      `write the options out; ${name} takes its own`,
    );
  }
  const connect: Edit[] = [rename(use, name)];
  for (const node of keywordNodes) {
    const key = node.childForFieldName('name');
    const value = node.childForFieldName('value');
    if (!key || !value) continue;
    const goes = key.text === 'limit' || (key.text === 'ssl' && isOff(value));
    const removal = goes ? removeArgument(call, node) : undefined;
    const renamed = RENAMED[key.text];
    if (removal) connect.push(removal);
    else if (!known.includes(key.text)) return refuseOption(file, node, key.text, name);
    else if (renamed !== undefined) connect.push(replace(key.startIndex, key.endIndex, renamed));
  }
  const limit = keywords.get('limit');
  if (limit && constantValue(file, limit) === undefined) {
    return refuseArguments(
      file,
      limit,
      'the limit is worked out here, and anyio wants it anew at each line that is read',
      'give the limit a name at the top of the module',
    );
  }
  return { connect, limit: limit?.text };
}

function isOff(value: Node): boolean {
  return value.type === 'none' || value.type === 'false';
}

function refuseOption(file: PythonFile, node: Node, key: string, name: string): Refusal {
  if (key === 'ssl' || key === 'server_hostname' || key.startsWith('ssl_')) {
    return refuseArguments(
      file,
      node,
      'TLS differs: anyio makes a context of its own, and by default wants the other side to end TLS before it hangs up, which many servers do not do',
      'connect_tcp(host, port, tls=True, ssl_context=context, tls_standard_compatible=False), and try it against the real server',
    );
  }
  if (key === 'local_addr') {
    return refuseArguments(
      file,
      node,
      '`local_addr` is a pair, which anyio takes apart',
      'connect_tcp(host, port, local_host=..., local_port=...)',
    );
  }
  return refuseArguments(
    file,
    node,
    `\`${key}\` has no counterpart in ${name}`,
    'do without it, or make the socket by hand and wrap it with `anyio.abc.SocketStream.from_socket` (anyio 4.10)',
  );
}

function refuseArguments(file: PythonFile, node: Node, message: string, help: string): Refusal {
  return refuseAt(file, node, message, help, 'net-stream-arguments');
}

/** A keyword argument with the comma before it; undefined where a comment stands between. */
function removeArgument(call: Node, node: Node): Edit | undefined {
  const list = call.childForFieldName('arguments');
  const all = list ? codeChildren(list) : [];
  const at = all.findIndex(({ id }) => id === node.id);
  const [before, after] = [all[at - 1], all[at + 1]];
  const [start, end] = before
    ? [before.endIndex, node.endIndex]
    : [node.startIndex, after?.startIndex ?? node.endIndex];
  if (
    list?.descendantsOfType('comment').some((c) => c && c.startIndex >= start && c.endIndex <= end)
  ) {
    return undefined;
  }
  return replace(start, end, '');
}
