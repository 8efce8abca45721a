/**
 * `asyncio.Event` becomes `anyio.Event`, with every place that holds or names the same event.
 *
 * A drop-in where the event is only set, asked and awaited (semantics, section 4). anyio's Event has
 * no `clear()`, and its `wait()` returns None where asyncio's returns True.
 */

import type { Node } from 'web-tree-sitter';
import { handedTo } from '../src/analysis/callers.ts';
import type { Operation } from '../src/analysis/families.ts';
import {
  type Concern,
  inCoroutine,
  isStatement,
  judgePrimitive,
  type Primitive,
  resultUse,
} from '../src/primitive.ts';
import { enclosingFunction, lastName, same, withParens } from '../src/syntax/nodes.ts';
import type { JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';

/** Functions that run what they are given on the loop's own thread. */
const ON_LOOP = new Set([
  'call_soon',
  'call_soon_threadsafe',
  'call_later',
  'call_at',
  'add_signal_handler',
  'add_reader',
  'add_writer',
  'run_sync_soon_threadsafe',
]);
/** Functions that run what they are given in another thread. */
const IN_THREAD = new Set([
  'Thread',
  'Timer',
  'submit',
  'run_in_executor',
  'to_thread',
  'start_new_thread',
]);
/** Calls that take the coroutine of `wait()` and give its result to whoever awaits them. */
const PASSING_RESULT = new Set([
  'wait_for',
  'shield',
  'ensure_future',
  'create_task',
  'start_soon',
]);
const COLLECTING = new Set(['gather', 'wait', 'as_completed']);

const primitive: Primitive = {
  id: 'event',
  target: 'Event',
  members: new Set(['set', 'is_set', 'wait', 'clear']),
  concerns: (family, context) =>
    family.operations.flatMap((operation) => operationConcerns(operation, context)),
  // 4.0 cannot make an Event with no loop running, and before 4.7 such an Event cannot be set
  // until one runs (semantics, section 0).
  minAnyio: (use, made) => {
    if (use.role === 'default-factory') return '4.7.0';
    return made && !inCoroutine(made) ? '4.7.0' : '4.0.0';
  },
};

export const event: Transform = {
  id: 'event',
  phase: 2,
  names: ['asyncio.Event'],
  summary: 'asyncio.Event -> anyio.Event, with annotations and all that hold it',
  examples: [
    { before: 'self._stopped = asyncio.Event()', after: 'self._stopped = anyio.Event()' },
    { before: 'await asyncio.Event().wait()', after: 'await anyio.Event().wait()' },
  ],
  safety:
    'Safe when the event is only set(), asked is_set() and awaited wait() as a statement, and every ' +
    'place it goes to can be followed. One thing differs all the same: wait() on an event that is ' +
    'already set yields to the loop once in anyio, and returns at once in asyncio. An Event made ' +
    'where no loop may be running needs anyio 4.7.',
  diagnostics: [
    {
      code: 'event-clear',
      title: 'the event is cleared',
      why: 'anyio.Event has no clear(): an event happens once. Most code that clears wants a new Event for each round, but a task that still waits on the old one is then never woken by the new one, so a person must look.',
      instead:
        'self._ready = anyio.Event()  # instead of self._ready.clear(), when nobody waits on the old one',
    },
    {
      code: 'event-wait-value',
      title: 'the result of wait() is used',
      why: "asyncio's wait() returns True, anyio's returns None: `if await event.wait():` and `while not await event.wait()` change their meaning.",
      instead: 'await event.wait()\n...  # then ask event.is_set() if need be',
    },
    {
      code: 'event-thread-set',
      title: 'set() runs in another thread',
      why: 'set() is not safe from another thread in either library; with anyio the waiter may never be woken, since from_thread works only in threads that anyio started.',
      instead: 'loop.call_soon_threadsafe(event.set)',
    },
    {
      code: 'event-subclass',
      title: 'a class derived from asyncio.Event',
      why: "anyio.Event() gives an adapter or the backend's own event; a subclass's methods are lost.",
    },
    {
      code: 'event-private-attr',
      title: 'a member that anyio.Event has not',
      why: "Private fields such as _value or _waiters, and attributes set on the object, have no counterpart: anyio's events have slots.",
    },
    {
      code: 'event-value-use',
      title: 'the class itself is used as a value',
      why: 'Where asyncio.Event is passed, stored or compared, what is made of it cannot be followed.',
    },
    {
      code: 'event-arguments',
      title: 'asyncio.Event with arguments',
      why: 'asyncio.Event(loop=…) belongs to Python 3.9 and older; anyio.Event has no such argument.',
    },
    {
      code: 'event-mixed',
      title: 'one place holds two kinds of primitive',
      why: 'What is done with the place fits no single counterpart.',
    },
    {
      code: 'event-origin-unknown',
      title: 'an annotation whose event is made elsewhere',
      why: 'Nothing in the project makes the event that the annotation or isinstance test means. If unseen code hands in an asyncio.Event, the new name would be wrong.',
    },
    {
      code: 'event-patched-in-tests',
      title: 'a test replaces asyncio.Event for this module',
      why: 'The patch would no longer intercept the constructor.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    return judgePrimitive(primitive, use, context);
  },
};

function operationConcerns(operation: Operation, { definitions }: JudgeContext): Concern[] {
  const { kind, name, node, file, place } = operation;
  if (kind === 'argument') {
    return [{ kind: 'review', note: `it is handed to ${name}()`, place }];
  }
  if (name === 'clear' && (kind === 'method' || kind === 'attribute'))
    return [clearConcern(operation)];
  if (name === 'wait' && kind === 'method') return waitConcerns(operation);
  if (name === 'set' && kind === 'method' && handedTo(file, node, IN_THREAD, definitions))
    return [threadConcern(operation)];
  if (kind === 'attribute' && (name === 'set' || name === 'wait' || name === 'is_set')) {
    return handedOnConcerns(operation);
  }
  if ((kind === 'async-with' || kind === 'with') && operation.certain) {
    return [
      {
        kind: 'review',
        note: 'it is entered by `with`, so it may not be the event it seems',
        place,
      },
    ];
  }
  return [];
}

function clearConcern({ place, certain }: Operation): Concern {
  const doubt = certain ? '' : ' (if it is this event: the class of the receiver cannot be told)';
  return {
    kind: 'refuse',
    code: 'event-clear',
    message: `the event is cleared${doubt}; anyio.Event has no clear()`,
    help: 'make a new anyio.Event for each round where nobody still waits on the old one, or keep asyncio.Event',
    place,
  };
}

function threadConcern({ place }: Operation): Concern {
  return {
    kind: 'refuse',
    code: 'event-thread-set',
    message:
      'set() runs in another thread, where it is not safe, and anyio cannot reach the loop from a thread it did not start',
    help: 'use loop.call_soon_threadsafe(event.set)',
    place,
  };
}

function waitConcerns({ node, place, certain }: Operation): Concern[] {
  if (!certain && resultUse(node).kind === 'unused') return [];
  const outcome = waitResult(node);
  if (outcome === 'unused') return [];
  if (outcome === 'unknown') {
    return [
      {
        kind: 'review',
        note: 'the coroutine of wait() is kept or handed on; its result is None in anyio, True in asyncio',
        place,
      },
    ];
  }
  return [
    {
      kind: 'refuse',
      code: 'event-wait-value',
      message: 'the result of wait() is used: asyncio gives True, anyio gives None',
      help: 'await it as a statement of its own, and ask is_set()',
      place,
    },
  ];
}

/** Whether the True of `wait()` reaches anyone, through `wait_for`, tasks and `gather`. */
function waitResult(call: Node): 'used' | 'unused' | 'unknown' {
  const use = resultUse(call);
  switch (use.kind) {
    case 'awaited-unused':
    case 'unused':
      return 'unused';
    case 'awaited-used':
      return 'used';
    case 'kept':
      return 'unknown';
    case 'handed':
      break;
  }
  if (PASSING_RESULT.has(use.to)) {
    const kept = keptResult(use.call);
    return kept === 'kept' ? taskResult(use.call) : kept;
  }
  if (!COLLECTING.has(use.to)) return 'unknown';
  const collected = resultUse(use.call).kind;
  return collected === 'awaited-unused' || collected === 'unused' ? 'unused' : 'unknown';
}

function keptResult(call: Node): 'used' | 'unused' | 'unknown' | 'kept' {
  const use = resultUse(call);
  return use.kind === 'kept'
    ? 'kept'
    : use.kind === 'handed'
      ? waitResult(call)
      : waitResultOf(use.kind);
}

function waitResultOf(kind: 'awaited-unused' | 'awaited-used' | 'unused'): 'used' | 'unused' {
  return kind === 'awaited-used' ? 'used' : 'unused';
}

/** `waiter = create_task(event.wait())`: whether the variable's result is asked for. */
function taskResult(call: Node): 'used' | 'unused' | 'unknown' {
  const assignment = withParens(call).parent;
  const target = assignment?.type === 'assignment' ? assignment.childForFieldName('left') : null;
  const definition = enclosingFunction(call);
  if (target?.type !== 'identifier' || !definition) return 'unknown';
  const reads = definition
    .descendantsOfType('identifier')
    .filter((node) => node !== null)
    .filter((node) => node.text === target.text && !same(node, target));
  const outcomes = reads.map(readOfTask);
  if (outcomes.includes('used')) return 'used';
  return outcomes.includes('unknown') ? 'unknown' : 'unused';
}

/** Methods of a task that say nothing of its result. */
const WITHOUT_RESULT = new Set(['cancel', 'done', 'cancelled', 'get_name', 'set_name']);

function readOfTask(node: Node): 'used' | 'unused' | 'unknown' {
  const parent = withParens(node).parent;
  switch (parent?.type) {
    case 'await':
      return isStatement(parent) ? 'unused' : 'used';
    case 'attribute': {
      const member = parent.childForFieldName('attribute')?.text ?? '';
      if (member === 'result') return 'used';
      return WITHOUT_RESULT.has(member) ? 'unused' : 'unknown';
    }
    case 'comparison_operator':
    case 'not_operator':
    case 'if_statement':
      return 'unused';
    default:
      return 'unknown';
  }
}

/** `event.set` without a call: who runs it, and where? */
function handedOnConcerns({ node, name, place, certain }: Operation): Concern[] {
  if (!certain) return [];
  const outer = withParens(node);
  const list = outer.parent?.type === 'keyword_argument' ? outer.parent.parent : outer.parent;
  const call = list?.type === 'argument_list' ? list.parent : undefined;
  const callee = call?.type === 'call' ? (lastName(call.childForFieldName('function')) ?? '') : '';
  if (name === 'set' && IN_THREAD.has(callee)) {
    return [threadConcern({ node, name, place, certain } as Operation)];
  }
  if (ON_LOOP.has(callee) && name !== 'wait') return [];
  return [
    {
      kind: 'review',
      note: `\`${name}\` is handed on as a function${callee ? ` to ${callee}()` : ''}`,
      place,
    },
  ];
}
