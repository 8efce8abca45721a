/**
 * Awaits of asyncio's and anyio's own functions and objects that neither swallow a cancellation nor
 * await while they clean up: each was looked up in the source of CPython 3.10 to 3.13 and of anyio.
 *
 * Not among them: `asyncio.Condition.wait` (takes its lock again while it is cancelled),
 * `open_connection` with happy eyeballs (waits for its losers), `anyio.to_thread` (waits for the
 * thread under a scope, and does not under a cancelled task).
 */

import type { Node } from 'web-tree-sitter';
import { argumentsOf, codeChildren, lastName, stripParens } from '../syntax/nodes.ts';
import type { Definitions } from './definitions.ts';
import type { PythonFile } from './file.ts';

/** Functions, and classes whose objects' methods are meant. */
const PLAIN =
  /^(asyncio\.(sleep|to_thread|open_connection|open_unix_connection|start_server|start_unix_server|Event|Lock|Semaphore|BoundedSemaphore|Queue)|anyio\.(sleep|sleep_forever|sleep_until|connect_tcp|connect_unix|getaddrinfo|lowlevel\.checkpoint|Event|Lock|Semaphore|Condition|CapacityLimiter))\b/;
/** Calls that give streams, alone or in pairs. */
const STREAMS =
  /^(asyncio\.(open_connection|open_unix_connection)|anyio\.(connect_tcp|connect_unix|create_memory_object_stream))$/;

/** Whether what is awaited is such a call. */
export function isPlainAwait(file: PythonFile, operand: Node, definitions: Definitions): boolean {
  if (isPlain(file, operand, definitions)) return true;
  const callee = operand.type === 'call' ? operand.childForFieldName('function') : undefined;
  const object = callee?.type === 'attribute' ? callee.childForFieldName('object') : undefined;
  return !!object && isPlainObject(file, object, definitions);
}

/** Whether the methods of an object are such calls, and each step of `async for` over it is. */
export function isPlainObject(file: PythonFile, object: Node, definitions: Definitions): boolean {
  const type = definitions.typeOf(file, object);
  if (type) return type.kind === 'foreign' && PLAIN.test(type.name);
  return (
    isAlways(file, object, (value) => isPlain(file, value, definitions)) ||
    isAlways(file, object, (value) => givesStream(file, value, definitions))
  );
}

/** Whether an expression is a call of a known function, or makes a known object. */
function isPlain(file: PythonFile, operand: Node, definitions: Definitions): boolean {
  const name = nameOf(file, operand, definitions);
  return name !== undefined && PLAIN.test(name) && !racesConnections(operand);
}

/** The dotted name of the function that an expression calls, or of what it is. */
function nameOf(file: PythonFile, operand: Node, definitions: Definitions): string | undefined {
  const callee = operand.type === 'call' ? operand.childForFieldName('function') : operand;
  const use = file.uses.find(({ span }) => span.start === callee?.startIndex);
  if (use || operand.type !== 'call') return use?.name;
  const type = definitions.callee(file, operand);
  return type?.kind === 'foreign' ? type.name : undefined;
}

/** `happy_eyeballs_delay=…`, or `**` which may hold it. */
function racesConnections(operand: Node): boolean {
  if (operand.type !== 'call') return false;
  const { keywords, hasDoubleStar } = argumentsOf(operand);
  const delay = keywords.get('happy_eyeballs_delay');
  return hasDoubleStar || (delay !== undefined && delay.type !== 'none');
}

/** `await asyncio.open_connection(…)`, also through wait_for; `create_memory_object_stream(…)`. */
function givesStream(file: PythonFile, value: Node, definitions: Definitions): boolean {
  const inner = stripParens(value.type === 'await' ? (codeChildren(value)[0] ?? value) : value);
  const name = nameOf(file, inner, definitions);
  if (name === 'asyncio.wait_for') {
    const [first] = argumentsOf(inner).positional;
    return first !== undefined && givesStream(file, first, definitions);
  }
  return name !== undefined && STREAMS.test(name);
}

/** Whether all that the file assigns to a name of the function, or to an attribute, is such a value. */
function isAlways(file: PythonFile, object: Node, isKnown: (value: Node) => boolean): boolean {
  const values = valuesOf(file, object);
  const given = values?.filter((value) => value.type !== 'none') ?? [];
  return given.length > 0 && given.every(isKnown);
}

/** What is assigned; undefined when something else binds the name. */
function valuesOf(file: PythonFile, object: Node): Node[] | undefined {
  if (object.type === 'attribute') {
    const name = object.childForFieldName('attribute')?.text ?? '';
    const assigned = file.attributes(name).map(valueFor);
    return assigned.filter((value) => value !== undefined);
  }
  if (object.type !== 'identifier') return undefined;
  const scope = file.scopeAt(object).lookup(object.text);
  if (scope?.kind !== 'function') return undefined;
  const sites = scope.bindings.get(object.text) ?? [];
  const values = sites.map(({ node }) => valueFor(node) ?? (isDeclared(node) ? node : undefined));
  if (values.some((value) => value === undefined)) return undefined;
  return values.filter(
    (value, at) => value !== undefined && value.id !== sites[at]?.node.id,
  ) as Node[];
}

/** The value that an assignment gives to a target, or of which it takes a part. */
function valueFor(target: Node): Node | undefined {
  let at = target;
  while (at.parent?.type === 'pattern_list' || at.parent?.type === 'tuple_pattern') at = at.parent;
  const assignment = at.parent;
  if (assignment?.type !== 'assignment') return undefined;
  if (assignment.childForFieldName('left')?.id !== at.id) return undefined;
  let value = assignment.childForFieldName('right');
  while (value?.type === 'assignment') value = value.childForFieldName('right');
  return value ?? undefined;
}

/** `reader: asyncio.StreamReader` without a value. */
function isDeclared(target: Node): boolean {
  const assignment = target.parent;
  return (
    assignment?.type === 'assignment' &&
    assignment.childForFieldName('right') === null &&
    lastName(assignment.childForFieldName('left')) === target.text
  );
}
