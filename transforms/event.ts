/**
 * `asyncio.Event` becomes `anyio.Event`, with every place that holds or names the same event.
 *
 * A drop-in where the event is only set, asked and awaited (semantics, section 4). anyio's Event has
 * no `clear()`, and its `wait()` returns None where asyncio's returns True.
 */

import { handedTo, isHandedTo } from '../src/analysis/callers.ts';
import type { Family, Operation } from '../src/analysis/families.ts';
import { cannotRenew, renewals } from '../src/clearing.ts';
import {
  IN_THREAD,
  inCoroutine,
  ON_LOOP,
  resultReaches,
  resultUse,
  takenBy,
} from '../src/operations.ts';
import { type Concern, judgePrimitive, type Primitive } from '../src/primitive.ts';
import type { JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';

const primitive: Primitive = {
  id: 'event',
  target: 'Event',
  members: new Set(['set', 'is_set', 'wait', 'clear']),
  concerns: (family, context) => [
    ...family.operations.flatMap((operation) => operationConcerns(operation, context)),
    ...clearConcerns(family),
  ],
  besides: renewals,
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
      why: 'anyio.Event has no clear(): an event happens once. Most code that clears wants a new Event for each round, but a task that still waits on the old one is then never woken by the new one. Where the event is reached through one attribute alone, and is set at the moment it is cleared or is never waited for, the new Event is offered for review; elsewhere it is refused.',
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

function operationConcerns(operation: Operation, context: JudgeContext): Concern[] {
  const { kind, name, node, file, place } = operation;
  if (kind === 'argument') {
    return [{ kind: 'review', note: `it is handed to ${name}()`, place }];
  }
  if (name === 'wait' && kind === 'method') return waitConcerns(operation);
  if (name === 'set' && kind === 'method' && handedTo(file, node, IN_THREAD, context.definitions))
    return [threadConcern(operation)];
  if (kind === 'attribute' && (name === 'set' || name === 'wait' || name === 'is_set')) {
    return handedOnConcerns(operation, context);
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

/** A cleared event stays, or becomes a new one for each round, where a person agrees. */
function clearConcerns(family: Family): Concern[] {
  const clear = family.operations.find(
    ({ name, kind }) => name === 'clear' && (kind === 'method' || kind === 'attribute'),
  );
  if (!clear) return [];
  const { place, certain } = clear;
  if (!cannotRenew(family)) {
    const note =
      'clear() becomes a new Event in the same attribute; see that no task keeps the old one, in a variable or inside a wait() that it has begun: the next set() would not wake it';
    return [{ kind: 'review', note, place }];
  }
  const doubt = certain ? '' : ' (if it is this event: the class of the receiver cannot be told)';
  return [
    {
      kind: 'refuse',
      code: 'event-clear',
      message: `the event is cleared${doubt}; anyio.Event has no clear(), and a new Event would leave whoever waits on the old one asleep`,
      help: 'make a new anyio.Event for each round where nobody still waits on the old one, or keep asyncio.Event',
      place,
    },
  ];
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
  const outcome = resultReaches(node);
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

/** `event.set` without a call: who runs it, and where? */
function handedOnConcerns(operation: Operation, { definitions }: JudgeContext): Concern[] {
  const { node, file, name, place, certain } = operation;
  if (!certain) return [];
  const taken = takenBy(node)?.name;
  if (taken !== undefined && ON_LOOP.has(taken) && name !== 'wait') return [];
  const inThread =
    isHandedTo(node, IN_THREAD) || handedTo(file, node, IN_THREAD, definitions) !== undefined;
  if (name === 'set' && inThread) return [threadConcern(operation)];
  const to = taken === undefined ? '' : ` to ${taken}()`;
  return [{ kind: 'review', note: `\`${name}\` is handed on as a function${to}`, place }];
}
