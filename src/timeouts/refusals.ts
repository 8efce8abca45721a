/** Why a call of wait_for cannot become a block, wherever it stands: its form, its timeout, what it awaits. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { argumentsOf, lastName, stripParens, withParens } from '../syntax/nodes.ts';
import { futureMaker } from '../task-values.ts';
import type { Verdict } from '../transform.ts';
import { refuse } from '../verdicts.ts';
import type { TimedWait } from './awaited.ts';
import type { Refusal } from './danger.ts';
import { isTimedelta, literalNumber } from './order.ts';
import { calledName, timeoutsCommute } from './surroundings.ts';

/** A call whose arguments cannot be told apart, or that is not awaited. */
export function refuseForm(call: TimedWait['call']): Verdict {
  const { positional, hasStar, hasDoubleStar } = argumentsOf(call);
  const isPlain = !hasStar && !hasDoubleStar && positional.length <= 2;
  if (isPlain && withParens(call).parent?.type !== 'await') {
    return refuse(
      'wait-for-unawaited',
      'the coroutine is handed on and not awaited here, and a block cannot be handed on',
      'put the block into an async function, and hand on a call of that (--wrap-timeouts does, where the called function is found)',
    );
  }
  return refuse(
    'wait-for-arguments',
    'the arguments do not show what is awaited and for how long',
    'write them as `wait_for(call, timeout)`',
  );
}

/** A timeout that no block takes in the same way. */
export function refuseTimeout(timeout: Node): Refusal | undefined {
  if (isTimedelta(timeout)) {
    return refusal(
      'wait-for-timeout-type',
      'the timeout is a timedelta, for which both libraries raise TypeError',
      'write .total_seconds() behind it',
    );
  }
  if ((literalNumber(timeout) ?? 1) > 0) return undefined;
  return refusal(
    'wait-for-nonpositive',
    'asyncio raises TimeoutError without starting the call; anyio runs it up to its first await',
    'raise TimeoutError yourself, or give it a little time',
  );
}

/** The timeouts of a wait, and of those that stand in its place. */
export function refuseTimeouts(wait: TimedWait): Refusal | undefined {
  const refused = wait.timeouts.map(refuseTimeout).find((verdict) => verdict !== undefined);
  if (refused || timeoutsCommute(wait)) return refused;
  return refusal(
    'wait-for-layout',
    'asyncio evaluates the inner timeout first, nested blocks the outer one, and one of them may notice',
    'give the timeouts names on lines before, then run again',
  );
}

function refusal(code: string, message: string, help: string): Refusal {
  return refuse(code, message, help) as Refusal;
}

/** What is awaited, where it is no plain call. */
export function refuseInner(file: PythonFile, { inner }: TimedWait): Refusal | undefined {
  const value = stripParens(inner);
  const callee = value.type === 'call' ? value.childForFieldName('function') : undefined;
  if (!callee) {
    return refusal(
      'wait-for-task-arg',
      'what is awaited is no call: if it is a task, it is cancelled again and again while it ends',
      'await a call here, or wait with `anyio.move_on_after` and cancel the task once by hand',
    );
  }
  const name = calledName(file, callee);
  if (name === 'asyncio.shield') {
    return refusal(
      'wait-for-shield',
      'asyncio.shield lets the work go on after the timeout, which no anyio block does',
      'start the work in a task group, and wait for it with a timeout',
    );
  }
  const maker = futureMaker(file, callee);
  // The future of a thread is let go of at once, and cannot be cancelled twice.
  if (maker !== undefined && lastName(callee) !== 'run_in_executor') {
    return refusal(
      'wait-for-future-arg',
      `${maker} starts tasks of its own, which an anyio block reaches only through the one that waits`,
      'await the work itself in the block, or wait for a task group',
    );
  }
  return undefined;
}
