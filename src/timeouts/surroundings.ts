/** What stands around a wait_for, and decides how its block can be written. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { stripParens } from '../syntax/nodes.ts';
import type { JudgeContext } from '../transform.ts';
import type { TimedWait } from './awaited.ts';
import { commute, effectOf, effectOfArguments } from './order.ts';

/** The name of asyncio that a call calls; undefined for other calls. */
export function calledName(file: PythonFile, callee: Node): string | undefined {
  return file.uses.find(
    ({ span }) => span.start === callee.startIndex && span.end === callee.endIndex,
  )?.name;
}

/**
 * Whether the call has to be made before the timeout is evaluated, or before the time runs.
 *
 * @param settled the ids of nodes within it that are names by then
 */
export function mustBindFirst(
  file: PythonFile,
  { inner: called, timeouts }: TimedWait,
  { definitions }: JudgeContext,
  settled: ReadonlySet<number>,
): boolean {
  const inner = stripParens(called);
  if (awaitsIn(inner, settled)) return true;
  const type = definitions.callee(file, inner);
  // Calling an `async def`, or a coroutine function of asyncio's own, runs nothing of it.
  const callee = inner.childForFieldName('function');
  const isCoroutine =
    (type?.kind === 'function' && type.of.async) ||
    (callee !== null && calledName(file, callee) !== undefined);
  const made = effectOfArguments(inner, settled);
  return timeouts
    .map((timeout) => effectOf(timeout))
    .some((timeout) => !commute(timeout, timeout === 'acts' && !isCoroutine ? 'acts' : made));
}

function awaitsIn(node: Node, settled: ReadonlySet<number>): boolean {
  if (settled.has(node.id)) return false;
  if (node.isNamed && (node.type === 'await' || node.type === 'yield')) return true;
  return node.namedChildren.some((child) => awaitsIn(child, settled));
}

/**
 * Whether the timeouts of nested waits may be evaluated in the order of their blocks, from the
 * outside in, where asyncio goes from the inside out.
 */
export function timeoutsCommute({ timeouts }: TimedWait): boolean {
  const effects = timeouts.map((timeout) => effectOf(timeout));
  return effects.every((effect, at) =>
    effects.slice(at + 1).every((other) => commute(effect, other)),
  );
}
