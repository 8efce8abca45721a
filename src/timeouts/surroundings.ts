/** What stands around a wait_for, and decides how its block can be written. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { stripParens } from '../syntax/nodes.ts';
import type { JudgeContext, Use } from '../transform.ts';
import type { TimedWait } from './awaited.ts';
import { commute, effectOf, effectOfArguments } from './order.ts';

/** The name of asyncio that a call calls; undefined for other calls. */
export function calledName(file: PythonFile, callee: Node): string | undefined {
  return file.uses.find(
    ({ span }) => span.start === callee.startIndex && span.end === callee.endIndex,
  )?.name;
}

/** Whether the call has to be made before the timeout is evaluated, or before the time runs. */
export function mustBindFirst(
  file: PythonFile,
  wait: TimedWait,
  { definitions }: JudgeContext,
): boolean {
  const inner = stripParens(wait.inner);
  const awaits = inner.descendantsOfType(['await', 'yield']).some((node) => node?.isNamed);
  if (awaits) return true;
  const timeout = wait.timeout ? effectOf(wait.timeout) : 'constant';
  const type = definitions.callee(file, inner);
  // Calling an `async def`, or a coroutine function of asyncio's own, runs nothing of it.
  const callee = inner.childForFieldName('function');
  const isCoroutine =
    (type?.kind === 'function' && type.of.async) ||
    (callee !== null && calledName(file, callee) !== undefined);
  const made = effectOfArguments(inner);
  return !commute(timeout, timeout === 'acts' && !isCoroutine ? 'acts' : made);
}

/**
 * Whether another use stands in text that would move (the timeout, what stands before the await), or
 * another wait_for on the same line or around this one.
 */
export function sharesLine({ file, name }: Use, wait: TimedWait, moves: boolean): boolean {
  const { timeout, statement, awaited, call } = wait;
  const row = statement.startPosition.row;
  return file.uses.some(({ span, node, ...other }) => {
    if (
      span.start === call.startIndex ||
      (span.start >= call.startIndex &&
        span.end <= (call.childForFieldName('function')?.endIndex ?? 0))
    )
      return false;
    const within = (from: number, to: number) => span.start >= from && span.end <= to;
    // On one line it moves with what is made of it.
    const isMoved = timeout && !timeout.text.includes('\n');
    if (timeout && !isMoved && within(timeout.startIndex, timeout.endIndex)) return true;
    if (moves && within(statement.startIndex, awaited.startIndex)) return true;
    if (other.name !== name) return false;
    const around = node.parent?.type === 'call' ? node.parent : node;
    const isAround = around.startIndex < call.startIndex && around.endIndex >= call.endIndex;
    return isAround || node.startPosition.row === row;
  });
}
