/**
 * `await asyncio.wait_for(f(), t)` → `with anyio.fail_after(t):` around `await f()`.
 *
 * An expression becomes a block: the whole statement goes into it, or the value gets a name on a
 * line before the statement (`src/timeouts/`). asyncio evaluates the call's arguments before the
 * timeout, a block after it, so the call is named first where that can be noticed. What changes is
 * who is cancelled how: anyio cancels again at every await, where asyncio cancelled once (semantics,
 * section 7), so what runs inside is followed as far as calls can be resolved.
 */

import type { Node } from 'web-tree-sitter';
import { cancellationFactsOfCall } from '../src/analysis/cancellation.ts';
import type { PythonFile } from '../src/analysis/file.ts';
import { statementOf, stripParens } from '../src/syntax/nodes.ts';
import type { TimedWait } from '../src/timeouts/awaited.ts';
import { type Doubt, dangerOf, type Refusal } from '../src/timeouts/danger.ts';
import {
  type HostPlan,
  meetsShield,
  outermostCall,
  type PlannedWait,
  planHost,
  waitOf,
} from '../src/timeouts/host-plan.ts';
import { goesOn, idiomEdits } from '../src/timeouts/idiom.ts';
import {
  refuseForm,
  refuseInner,
  refuseTimeout,
  refuseTimeouts,
} from '../src/timeouts/refusals.ts';
import { mustBindFirst } from '../src/timeouts/surroundings.ts';
import { wrapEdits, wrappable } from '../src/timeouts/wrapped.ts';
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
      review: true,
    },
    {
      before: 'if await asyncio.wait_for(ping(), 1):\n    print("up")',
      after:
        'with anyio.fail_after(1):\n    ping_result = await ping()\nif ping_result:\n    print("up")',
    },
    {
      before: 'while chunk := await asyncio.wait_for(read(), 5):\n    write(chunk)',
      after:
        'while True:\n    with anyio.fail_after(5):\n        chunk = await read()\n    if not chunk:\n        break\n    write(chunk)',
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
    'TimeoutError raised inside is no longer caught (`--idiom fail-after` keeps the handler).',
  diagnostics: [
    {
      code: 'wait-for-in-expression',
      title: 'the value is part of a larger expression that cannot be taken apart',
      why:
        'A block is a statement. The awaited value can be named on a line before it, but only where ' +
        'nothing that Python evaluates earlier could notice, and where it is awaited exactly once: ' +
        'not behind `and`, in a conditional expression, or in a loop that has an `else`. With ' +
        '--wrap-timeouts such a wait becomes a call of a small function that holds the block.',
      instead:
        'while True:\n    with anyio.fail_after(1):\n        line = await read()\n' +
        '    if not line:\n        break\n',
    },
    {
      code: 'wait-for-in-comprehension',
      title: 'the value is awaited in a comprehension',
      why:
        'Each item has a timeout of its own. Write the comprehension as a loop with the block in ' +
        'it, or run with --wrap-timeouts.',
    },
    {
      code: 'wait-for-unawaited',
      title: 'the coroutine of wait_for is not awaited where it is made',
      why:
        'It is handed to create_task, gather or a variable, and a block cannot be handed on. Put ' +
        'the block into an async function of its own and hand on a call of that, as ' +
        '--wrap-timeouts does.',
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
      title: 'what is awaited is a future or a group of tasks (gather, create_task)',
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
    const call = outermostCall(use);
    if (!call) {
      return refuse(
        'wait-for-value-use',
        'the function itself is used as a value here',
        'write the block where the function would be called',
      );
    }
    const wait = waitOf(use.file, call);
    if (!wait) return wrapped(use, call, context) ?? refuseForm(call);
    return (
      refuseByItself(use.file, wait, context) ??
      withoutTimeout(use.file, wait, context) ??
      judgeWait(use, wait, context)
    );
  },
};

/** A call of the function that holds the block, where that is asked for. */
function wrapped(use: Use, call: Node, context: JudgeContext): Verdict | undefined {
  const { file } = use;
  if (!context.wrapTimeouts || meetsShield(file, statementOf(call), context)) return undefined;
  const parts = wrappable(file, call, context);
  if (!parts) return undefined;
  const danger = dangerOf(
    cancellationFactsOfCall(file, parts.inner, context.definitions),
    'wait-for',
  );
  const refused = refuseTimeout(parts.timeout) ?? (danger?.kind === 'refuse' ? danger : undefined);
  if (refused) return refused;
  const doubt = danger?.kind === 'doubt' ? danger : doubtOfPython(context);
  return {
    kind: 'rewrite',
    safety: doubt ? 'review' : 'safe',
    edits: wrapEdits(use),
    minAnyio: '4.0.0',
    ...(doubt ? asNote(doubt) : {}),
  };
}

function asNote({ note, blocker }: Doubt): Pick<Verdict & { kind: 'rewrite' }, 'note' | 'blocker'> {
  return blocker ? { note, blocker } : { note };
}

/** Why a wait cannot become a block, wherever it stands. */
function refuseByItself(
  file: PythonFile,
  wait: TimedWait,
  context: JudgeContext,
): Refusal | undefined {
  const refused = refuseTimeouts(wait) ?? refuseInner(file, wait);
  if (refused) return refused;
  const danger = dangerAround(file, wait, context);
  return danger?.kind === 'refuse' ? danger : undefined;
}

/** What the code that is awaited does when it is cancelled. */
function dangerAround(
  file: PythonFile,
  { inner }: TimedWait,
  { definitions }: JudgeContext,
): Refusal | Doubt | undefined {
  return dangerOf(cancellationFactsOfCall(file, stripParens(inner), definitions), 'wait-for');
}

function judgeWait(use: Use, wait: TimedWait, context: JudgeContext): Verdict {
  const { file } = use;
  const plan = planHost(file, wait.host, context, (other) => isTimed(file, other, context));
  const fixed = plan.fixed.get(wait.call.id);
  if (fixed) {
    const instead = wait.timeouts.length === 1 ? wrapped(use, wait.call, context) : undefined;
    if (instead) return instead;
    return refuse(
      fixed.code,
      `the awaited value stands ${fixed.why}; a block cannot stand there`,
      'await it on a line of its own, then run again (or --wrap-timeouts)',
    );
  }
  const idiom = movesOn(use, wait, plan, context);
  if (idiom) return idiom;
  if (!plan.edits) {
    return refuse(
      'wait-for-layout',
      'the statement shares its line, or its text with another rewrite, in a way that is not taken apart',
      'give it a line of its own, then run again',
    );
  }
  return rewriteWith(use, plan, context);
}

/** The edits of a statement's waits: all are safe, or all for review. */
function rewriteWith(use: Use, plan: HostPlan, context: JudgeContext): Verdict {
  const { file } = use;
  const doubts = plan.waits.map(
    (each) => dangerAround(file, each.wait, context) ?? doubtOfPosition(file, each),
  );
  const doubt = doubts.find((each) => each?.kind === 'doubt') ?? doubtOfPython(context);
  return {
    kind: 'rewrite',
    safety: doubt ? 'review' : 'safe',
    // One use carries the edits of the whole statement; the others go with it.
    edits: use === plan.uses[0] ? (plan.edits ?? []) : [],
    minAnyio: '4.0.0',
    ...(plan.uses.length > 1 ? { together: plan.uses } : {}),
    ...(doubt?.kind === 'doubt' ? asNote(doubt) : {}),
  };
}

/** Whether a wait may become a block: one without a timeout only loses its call. */
function isTimed(file: PythonFile, wait: TimedWait, context: JudgeContext): boolean {
  return !isEndless(wait) && refuseByItself(file, wait, context) === undefined;
}

/** `move_on_after`, where the handler around it only goes on, and this way of saying it is wanted. */
function movesOn(
  use: Use,
  wait: TimedWait,
  { waits, edits }: HostPlan,
  context: JudgeContext,
): Verdict | undefined {
  const [only, ...more] = waits;
  const isDirect = only?.position.kind === 'direct' && more.length === 0;
  if (context.idiom !== 'move-on-after' || !isDirect || !edits) return undefined;
  if (wait.timeouts.length > 1) return undefined;
  const found = goesOn(use.file, wait, context.selected.has('timeout-error'));
  const isCommented = wait.call.descendantsOfType('comment').length > 0;
  const isLong = wait.call.text.includes('\n');
  const bindFirst = mustBindFirst(use.file, wait, context, new Set());
  if (!found || isCommented || isLong || bindFirst) return undefined;
  return {
    kind: 'rewrite',
    safety: 'review',
    edits: idiomEdits(use.file, wait, found),
    minAnyio: '4.0.0',
    note: 'a TimeoutError that is raised inside is no longer caught here, only the end of this time (`--idiom fail-after` keeps the handler)',
    blocker: use.file.place(found.around),
  };
}

function isEndless({ timeouts }: TimedWait): boolean {
  return timeouts.some((timeout) => timeout.type === 'none');
}

/** `wait_for(f(), None)` only awaits. */
function withoutTimeout(
  file: PythonFile,
  wait: TimedWait,
  context: JudgeContext,
): Verdict | undefined {
  const { call, inner, timeouts } = wait;
  if (!isEndless(wait)) return undefined;
  if (
    timeouts.length > 1 ||
    call.text.includes('\n') ||
    meetsShield(file, wait.statement, context)
  ) {
    return refuse(
      'wait-for-layout',
      'without a timeout only the await is left; the call stands on several lines, in another one, or beside a shield',
      `write \`await ${inner.text.split('\n')[0]}\``,
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

function doubtOfPosition(file: PythonFile, { wait, position }: PlannedWait): Doubt | undefined {
  if (position.kind !== 'hoisted') return undefined;
  if (wait.statement.type === 'assert_statement') {
    return {
      kind: 'doubt',
      note: 'under `python -O` an assert is left out with all that it awaits; on a line of its own the await is not',
    };
  }
  if (!position.doubtful) return undefined;
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
