/** What becomes of a `wait_for` around a part of a connection, which changes the same statement. */

import type { PythonFile } from '../analysis/file.ts';
import { statementOf, withParens } from '../syntax/nodes.ts';
import type { TimedWait } from '../timeouts/awaited.ts';
import { waitOf } from '../timeouts/host-plan.ts';
import type { JudgeContext, Use } from '../transform.ts';

export type WaitMode =
  /** The call of wait_for stays as it is. */
  | 'stays'
  /** The statement goes into a block of its own, one level deeper, in its place. */
  | 'block'
  /** A block takes the place of what is around the statement; its own lines stay. */
  | 'in-place'
  /** What stands before the awaited call moves away from it. */
  | 'moved';

/** How the transform of timeouts will write a wait. */
export function waitMode(
  file: PythonFile,
  wait: TimedWait | undefined,
  context: JudgeContext,
): WaitMode {
  if (!wait) return 'stays';
  const callee = wait.call.childForFieldName('function');
  const use = file.uses.find(({ span }) => span.start === callee?.startIndex);
  const verdict = use && context.verdictOn?.(use);
  if (verdict?.kind !== 'rewrite') return 'stays';
  const start = wait.statement.startIndex;
  const first = verdict.edits.filter((edit) => edit.start === start);
  if (first.some(({ end }) => end > start)) return 'moved';
  return first.length > 0 ? 'block' : 'in-place';
}

/** The waits of a statement. */
export function waitsIn(file: PythonFile, { node }: Pick<Use, 'node'>): TimedWait[] {
  const statement = statementOf(node);
  return file.uses.flatMap(({ name, node: found }): TimedWait[] => {
    if (name !== 'asyncio.wait_for' || statementOf(found).id !== statement.id) return [];
    const call = withParens(found).parent;
    const wait = call?.type === 'call' ? waitOf(file, call) : undefined;
    return wait ? [wait] : [];
  });
}
