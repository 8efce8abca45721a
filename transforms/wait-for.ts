/**
 * `await asyncio.wait_for(f(), t)` → `with anyio.fail_after(t):` around `await f()`.
 *
 * An expression becomes a block: the whole statement goes into it, or the value gets a name on a
 * line before the statement (`src/timeouts/`). asyncio evaluates the call's arguments before the
 * timeout, a block after it, so the call is named first where that can be noticed. What changes is
 * who is cancelled how: anyio cancels again at every await, where asyncio cancelled once (semantics,
 * section 7), so what runs inside is followed as far as calls can be resolved.
 */

import { cancellationFactsOfCall } from '../src/analysis/cancellation.ts';
import type { PythonFile } from '../src/analysis/file.ts';
import { argumentsOf, stripParens, withParens } from '../src/syntax/nodes.ts';
import { futureMaker } from '../src/task-values.ts';
import { positionOf, type TimedWait, timedWait } from '../src/timeouts/awaited.ts';
import { blockEdits } from '../src/timeouts/block-edits.ts';
import { type Doubt, dangerOf } from '../src/timeouts/danger.ts';
import { goesOn, idiomEdits } from '../src/timeouts/idiom.ts';
import { isTimedelta, literalNumber } from '../src/timeouts/order.ts';
import { calledName, mustBindFirst, sharesLine } from '../src/timeouts/surroundings.ts';
import type { JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';
import { lowerVersion, refuse, refuseForBlock, replace } from '../src/verdicts.ts';

export const waitFor: Transform = {
  id: 'wait-for',
  phase: 3,
  names: ['asyncio.wait_for'],
  summary: 'await asyncio.wait_for(f(), t) -> with anyio.fail_after(t): await f()',
  examples: [
    {
      before: 'reply = await asyncio.wait_for(ask(question), timeout=5)',
      after: 'with anyio.fail_after(5):\n    reply = await ask(question)',
    },
    {
      before: 'try:\n    await asyncio.wait_for(drain(), 2)\nexcept TimeoutError:\n    pass',
      after: 'with anyio.move_on_after(2):\n    await drain()',
    },
    {
      before: 'if await asyncio.wait_for(ping(), 1):\n    print("up")',
      after:
        'with anyio.fail_after(1):\n    ping_result = await ping()\nif ping_result:\n    print("up")',
    },
    {
      before: 'await asyncio.wait_for(send(await read()), timeout())',
      after:
        'send_call = send(await read())\nwith anyio.fail_after(timeout()):\n    await send_call',
    },
  ],
  safety:
    'Safe when all that is awaited inside can be followed, none of it catches CancelledError and ' +
    'goes on, and none of it awaits while it cleans up: anyio cancels again at every await, where ' +
    'asyncio cancelled once. For review when the awaited call leads out of the project, or when ' +
    'the project allows Python 3.11, where wait_for runs the call in a task of its own, or 3.10, ' +
    'where it raises a TimeoutError of its own. A timeout that turns ' +
    'out to be zero or negative lets the call run up to its first await, where asyncio did not ' +
    'start it. With --include-review, a handler that only goes on becomes move_on_after; then a ' +
    'TimeoutError raised inside is no longer caught (--idiom fail-after keeps the handler).',
  diagnostics: [
    {
      code: 'wait-for-in-expression',
      title: 'the value is part of a larger expression that cannot be taken apart',
      why:
        'A block is a statement. The awaited value can be named on a line before it, but only where ' +
        'nothing that Python evaluates earlier could notice, and where it is awaited exactly once: ' +
        'not behind `and`, in a conditional expression, an elif or the condition of a loop.',
      instead:
        'while True:\n    with anyio.fail_after(1):\n        line = await read()\n' +
        '    if not line:\n        break\n',
    },
    {
      code: 'wait-for-in-comprehension',
      title: 'the value is awaited in a comprehension',
      why: 'Each item has a timeout of its own. Write the comprehension as a loop with the block in it.',
    },
    {
      code: 'wait-for-unawaited',
      title: 'the coroutine of wait_for is not awaited where it is made',
      why:
        'It is handed to create_task, gather or a variable, and a block cannot be handed on. Put ' +
        'the block into an async function of its own and hand on a call of that.',
      instead:
        'async def ask_in_time():\n    with anyio.fail_after(5):\n        return await ask()\n\n\n' +
        'task = asyncio.create_task(ask_in_time())\n',
    },
    {
      code: 'wait-for-task-arg',
      title: 'what is awaited is no call: it may be a task that runs already',
      why:
        'asyncio cancels the task once and waits until it has ended. In an anyio block the waiting ' +
        'code is cancelled at every turn, and with it the task, again and again, also while it ' +
        'cleans up.',
    },
    {
      code: 'wait-for-future-arg',
      title:
        'what is awaited is a future or a group of tasks (gather, create_task, run_in_executor)',
      why:
        'The same as for a task: gather and its like start tasks of their own, which an anyio scope ' +
        'reaches only through the one that waits.',
    },
    {
      code: 'wait-for-shield',
      title: 'what is awaited is shielded',
      why:
        'asyncio.shield lets the work go on after the timeout. In an anyio block a shielded scope ' +
        'would hold the timeout back until the work is done. Start the work in a task group, and ' +
        'wait for it with a timeout.',
    },
    {
      code: 'wait-for-arguments',
      title: 'arguments that cannot be carried over',
      why: 'Stars hide which argument is the timeout, and loop= belongs to old Pythons.',
    },
    {
      code: 'wait-for-nonpositive',
      title: 'the timeout is zero or negative',
      why:
        'asyncio raises TimeoutError without starting the call; anyio runs it up to its first ' +
        'await, and gives its result when it never awaits.',
    },
    {
      code: 'wait-for-timeout-type',
      title: 'the timeout is a timedelta',
      why: 'Both libraries want seconds and raise TypeError: write `.total_seconds()`.',
    },
    {
      code: 'wait-for-cancel-swallow',
      title: 'what is awaited catches CancelledError and goes on',
      why:
        'After the one cancellation of asyncio it may await further things. An anyio block cancels ' +
        'each of them again, until the code leaves the block.',
    },
    {
      code: 'wait-for-async-cleanup',
      title: 'what is awaited awaits while it cleans up',
      why:
        'When the time is over, an await in finally, in a handler or in __aexit__ runs under ' +
        'asyncio; in an anyio block it is cancelled at once, and the cleanup is cut off. Shield it.',
      instead:
        'try:\n    await work()\nfinally:\n    with anyio.move_on_after(5, shield=True):\n' +
        '        await connection.close()\n',
    },
    {
      code: 'wait-for-layout',
      title: 'the statement shares its line in a way that is not taken apart',
      why: 'Give the statement a line of its own, then run again.',
    },
    {
      code: 'wait-for-value-use',
      title: 'the function itself is used as a value',
      why: 'Whoever gets it may call it as only asyncio.wait_for can be called.',
    },
    {
      code: 'wait-for-patched-in-tests',
      title: 'a test replaces asyncio.wait_for for this module',
      why:
        'A block is no call that a mock could stand for. Patch what is awaited instead, or let it ' +
        'take longer than the timeout.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    const patched = refuseForBlock(use, context, 'wait-for');
    if (patched) return patched;
    const call = withParens(use.node).parent;
    if (use.role !== 'call' || call?.type !== 'call') {
      return refuse(
        'wait-for-value-use',
        'the function itself is used as a value here',
        'write the block where the function would be called',
      );
    }
    const wait = timedWait(call);
    if (!wait) return refuseForm(call);
    return refuseTimeout(wait) ?? refuseInner(use.file, wait) ?? judgeWait(use, wait, context);
  },
};

function refuseForm(call: TimedWait['call']): Verdict {
  const { positional, hasStar, hasDoubleStar } = argumentsOf(call);
  const isPlain = !hasStar && !hasDoubleStar && positional.length <= 2;
  if (isPlain && withParens(call).parent?.type !== 'await') {
    return refuse(
      'wait-for-unawaited',
      'the coroutine is handed on and not awaited here, and a block cannot be handed on',
      'put the block into an async function, and hand on a call of that',
    );
  }
  return refuse(
    'wait-for-arguments',
    'the arguments do not show what is awaited and for how long',
    'write them as `wait_for(call, timeout)`',
  );
}

function refuseTimeout({ timeout }: TimedWait): Verdict | undefined {
  if (!timeout) {
    return refuse('wait-for-arguments', 'there is no timeout', 'add it, or await the call alone');
  }
  if (isTimedelta(timeout)) {
    return refuse(
      'wait-for-timeout-type',
      'the timeout is a timedelta, for which both libraries raise TypeError',
      'write .total_seconds() behind it',
    );
  }
  const number = literalNumber(timeout);
  if (number === undefined || number > 0) return undefined;
  return refuse(
    'wait-for-nonpositive',
    'asyncio raises TimeoutError without starting the call; anyio runs it up to its first await',
    'raise TimeoutError yourself, or give it a little time',
  );
}

function refuseInner(file: PythonFile, { inner }: TimedWait): Verdict | undefined {
  const value = stripParens(inner);
  const callee = value.type === 'call' ? value.childForFieldName('function') : undefined;
  if (!callee) {
    return refuse(
      'wait-for-task-arg',
      'what is awaited is no call: if it is a task, it is cancelled again and again while it ends',
      'await a call here, or wait with `anyio.move_on_after` and cancel the task once by hand',
    );
  }
  const name = calledName(file, callee);
  if (name === 'asyncio.shield') {
    return refuse(
      'wait-for-shield',
      'asyncio.shield lets the work go on after the timeout, which no anyio block does',
      'start the work in a task group, and wait for it with a timeout',
    );
  }
  const maker = futureMaker(file, callee);
  if (maker !== undefined) {
    return refuse(
      'wait-for-future-arg',
      `${maker} starts tasks of its own, which an anyio block reaches only through the one that waits`,
      'await the work itself in the block, or wait for a task group',
    );
  }
  return undefined;
}

function judgeWait(use: Use, wait: TimedWait, context: JudgeContext): Verdict {
  const { file } = use;
  const { timeout, awaited, statement } = wait;
  if (!timeout) return refuseForm(wait.call);
  if (timeout.type === 'none') return withoutTimeout(file, wait);
  const position = positionOf(awaited, statement);
  if (position.kind === 'fixed') {
    return refuse(
      position.code,
      `the awaited value stands ${position.why}; a block cannot stand there`,
      'await it on a line of its own, then run again',
    );
  }
  const facts = cancellationFactsOfCall(file, stripParens(wait.inner), context.definitions);
  const danger = dangerOf(facts, 'wait-for');
  if (danger?.kind === 'refuse') return danger;
  const idiom = movesOn(use, wait, position, context);
  if (idiom) return idiom;
  const hoist = position.kind === 'hoisted';
  const bindFirst = mustBindFirst(file, wait, context);
  const shared = sharesLine(use, wait, hoist || bindFirst);
  const edits = shared
    ? undefined
    : blockEdits(file, { wait, hoist, bindFirst, lineLength: context.lineLength });
  if (!edits) {
    return refuse(
      'wait-for-layout',
      'the statement shares its line, or its text with another rewrite, in a way that is not taken apart',
      'give it a line of its own, then run again',
    );
  }
  const doubt = danger ?? doubtOfPosition(file, position) ?? doubtOfPython(context);
  return {
    kind: 'rewrite',
    safety: doubt ? 'review' : 'safe',
    edits,
    minAnyio: '4.0.0',
    ...(doubt ? { note: doubt.note, ...(doubt.blocker ? { blocker: doubt.blocker } : {}) } : {}),
  };
}

/** `move_on_after`, where the handler around it only goes on, and this way of saying it is wanted. */
function movesOn(
  use: Use,
  wait: TimedWait,
  position: ReturnType<typeof positionOf>,
  context: JudgeContext,
): Verdict | undefined {
  if (context.idiom !== 'move-on-after' || position.kind !== 'direct') return undefined;
  const found = goesOn(use.file, wait, context.selected.has('timeout-error'));
  const isCommented = wait.call.descendantsOfType('comment').length > 0;
  const isLong = wait.call.text.includes('\n');
  if (!found || isCommented || isLong || mustBindFirst(use.file, wait, context)) return undefined;
  if (sharesLine(use, wait, false)) return undefined;
  return {
    kind: 'rewrite',
    safety: 'review',
    edits: idiomEdits(use.file, wait, found),
    minAnyio: '4.0.0',
    note: 'a TimeoutError that is raised inside is no longer caught here, only the end of this time (--idiom fail-after keeps the handler)',
    blocker: use.file.place(found.around),
  };
}

/** `wait_for(f(), None)` only awaits. */
function withoutTimeout(file: PythonFile, { call, inner }: TimedWait): Verdict {
  const isCommented = call
    .descendantsOfType('comment')
    .some(
      (node) => node && (node.startIndex < inner.startIndex || node.startIndex >= inner.endIndex),
    );
  if (isCommented || inner.text.includes('\n') || call.text.includes('\n')) {
    return refuse(
      'wait-for-layout',
      'without a timeout only the await is left; the call stands on several lines',
      `write \`await ${file.text.slice(inner.startIndex, inner.endIndex).split('\n')[0]}\``,
    );
  }
  return {
    kind: 'rewrite',
    safety: 'safe',
    edits: [
      replace(call.startIndex, inner.startIndex, ''),
      replace(inner.endIndex, call.endIndex, ''),
    ],
    minAnyio: '4.0.0',
  };
}

function doubtOfPosition(
  file: PythonFile,
  position: ReturnType<typeof positionOf>,
): Doubt | undefined {
  if (position.kind !== 'hoisted' || !position.doubtful) return undefined;
  return {
    kind: 'doubt',
    note: `\`${position.doubtful.text}\` is now looked up after the await, and the awaited code may have changed it`,
    blocker: file.place(position.doubtful),
  };
}

/** What wait_for does on Pythons that the project allows, and a block nowhere. */
function doubtOfPython({ target: { python } }: JudgeContext): Doubt | undefined {
  if (python === undefined || !lowerVersion(python, '3.12')) return undefined;
  const there = lowerVersion(python, '3.11')
    ? 'wait_for raises asyncio.TimeoutError and a block the builtin TimeoutError: a handler of the one does not catch the other'
    : 'wait_for runs the call in a task of its own: context variables that it sets are lost there, and a cancellation that comes when the call has just ended is dropped';
  return { kind: 'doubt', note: `the project allows Python ${python}, where ${there}` };
}
