/** What a function does with the loop that runs it: `asyncio.get_running_loop()` and its methods. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { runsInLoop } from '../analysis/running.ts';
import {
  ancestor,
  argumentsOf,
  enclosingFunction,
  lastName,
  same,
  statementOf,
  withParens,
} from '../syntax/nodes.ts';
import type { Use } from '../transform.ts';
import { callTaking, destinationOf } from './reach.ts';

/** A method of the loop, called. */
export interface LoopCall {
  method: string;
  call: Node;
  /** `loop.time`. */
  callee: Node;
  /** Whether a coroutine calls it: a plain function may be a callback, outside of any task. */
  inCoroutine: boolean;
}

/** All that is done with the loop that one use gives. */
export interface LoopCalls {
  calls: LoopCall[];
  /** Whether it goes anywhere else: it is handed on, kept, or asked for an attribute. */
  escapes: boolean;
  /** The statement that gives it a name, when that is all the statement does. */
  assignment?: Node;
}

/** Undefined where the loop goes into something else than a method call or a variable of its own. */
export function loopCalls(use: Use): LoopCalls | undefined {
  const call = withParens(use.node).parent;
  if (use.role !== 'call' || call?.type !== 'call') return undefined;
  const outer = withParens(call);
  const inline = methodCall(use.file, outer);
  if (inline) return { calls: [inline], escapes: false };
  const assignment = outer.parent;
  const target = assignment?.type === 'assignment' ? assignment.childForFieldName('left') : null;
  const isPlain = assignment?.parent?.type === 'expression_statement';
  if (target?.type !== 'identifier' || !isPlain) return undefined;
  return variableCalls(use, target);
}

function variableCalls({ file }: Use, target: Node): LoopCalls | undefined {
  const name = target.text;
  const scope = file.scopeAt(target).lookup(name);
  const sites = scope?.bindings.get(name) ?? [];
  // A notebook's names are nobody else's either.
  const isOwn = scope?.kind === 'function' || file.info.notebook !== undefined;
  if (!isOwn || sites.length !== 1) return undefined;
  const reads = file.references(name).filter((found) => found.scope.lookup(name) === scope);
  const calls = reads
    .map(({ node }) => methodCall(file, node))
    .filter((found) => found !== undefined);
  const found: LoopCalls = { calls, escapes: calls.length < reads.length };
  if (standsForItself(file, statementOf(target))) found.assignment = statementOf(target);
  return found;
}

/** Whether a statement names asyncio once: no annotation `asyncio.AbstractEventLoop` beside it. */
function standsForItself(file: PythonFile, statement: Node): boolean {
  const inside = file.uses.filter(
    ({ span }) => span.start >= statement.startIndex && span.end <= statement.endIndex,
  );
  return inside.length === 1 && statement.descendantsOfType('comment').length === 0;
}

function methodCall(file: PythonFile, object: Node): LoopCall | undefined {
  const callee = object.parent;
  const call = callee?.parent;
  if (callee?.type !== 'attribute' || call?.type !== 'call') return undefined;
  if (!same(callee.childForFieldName('object'), object)) return undefined;
  if (!same(call.childForFieldName('function'), callee)) return undefined;
  return {
    method: callee.childForFieldName('attribute')?.text ?? '',
    call,
    callee,
    inCoroutine: runsInLoop(file, object) && !isInGenerator(object, enclosingFunction(object)),
  };
}

/** A generator may be driven from anywhere, but for one that is unpacked where it stands. */
function isInGenerator(node: Node, home: Node | undefined): boolean {
  const types = ['generator_expression', ...(home ? [home.type] : [])];
  const found = ancestor(node, new Set(types));
  return found?.type === 'generator_expression' && withParens(found).parent?.type !== 'list_splat';
}

/** What a call of `run_in_executor` is, as far as it can move. */
export type ExecutorCall =
  | { kind: 'default'; executor: Node; parts: Node[] }
  /** Another executor than the loop's own. */
  | { kind: 'custom' }
  /** Its future is not awaited on the spot, or the arguments cannot be told apart. */
  | { kind: 'other' };

export function executorCall(call: Node): ExecutorCall {
  const { positional, keywordNodes } = argumentsOf(call);
  const [executor, ...parts] = positional;
  if (!executor || executor.type === 'list_splat' || parts.length === 0) return { kind: 'other' };
  if (executor.type !== 'none') return { kind: 'custom' };
  if (keywordNodes.length > 0 || parts[0]?.type === 'list_splat') return { kind: 'other' };
  return isAwaitedOnTheSpot(call) ? { kind: 'default', executor, parts } : { kind: 'other' };
}

/** Its future runs already when it is made; a coroutine runs when it is awaited. */
function isAwaitedOnTheSpot(call: Node): boolean {
  const outer = withParens(call);
  if (outer.parent?.type === 'await') return true;
  const taker = callTaking(outer);
  if (!taker || withParens(taker).parent?.type !== 'await') return false;
  // What is awaited between the two would find the thread at work.
  if (taker.descendantsOfType('await').some((node) => node?.isNamed)) return false;
  return lastName(taker.childForFieldName('function')) === 'gather'
    ? destinationOf(call) === 'task'
    : destinationOf(call) === 'waited-for';
}
