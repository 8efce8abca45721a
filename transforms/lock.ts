/**
 * `asyncio.Lock` becomes `anyio.Lock`, with every place that holds or names the same lock.
 *
 * A drop-in where the lock is only entered by `async with`, or acquired and released within one
 * function (semantics, section 3): an anyio lock belongs to the task that took it. It yields once
 * to the loop even when it is free; `--fast-acquire` writes `anyio.Lock(fast_acquire=True)`, which
 * keeps asyncio's order and most of its cost.
 */

import type { Family, Operation } from '../src/analysis/families.ts';
import { isLoneFactory } from '../src/factory.ts';
import {
  type HeldYield,
  unpaired,
  yieldAfter,
  yieldConcerns,
  yieldInside,
} from '../src/holding.ts';
import {
  becomesBlock,
  blockConcern,
  inCoroutine,
  ownOperations,
  resultUse,
} from '../src/operations.ts';
import { type Concern, judgePrimitive, type Primitive } from '../src/primitive.ts';
import type { JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';
import { oneTurn } from '../src/turns.ts';

const primitive: Primitive = {
  id: 'lock',
  target: 'Lock',
  members: new Set(['acquire', 'release', 'locked']),
  concerns: (family, context) => [
    ...ownOperations(family).flatMap((operation, _at, all) =>
      operationConcerns(operation, all, context),
    ),
    ...balanceConcerns(family),
    ...turnConcerns(family, context),
  ],
  unseen:
    'anyio.Lock yields to the loop once even when it is free; --fast-acquire keeps the order of asyncio',
  // Made with no loop running it is a Lock on 4.0 and an adapter from 4.5 on; both work later.
  minAnyio: (use, made, { fastAcquire }) =>
    fastAcquire && (made || isLoneFactory(use)) ? '4.5.0' : '4.0.0',
  constructorArguments: (_use, context) => (context.fastAcquire ? 'fast_acquire=True' : undefined),
};

export const lock: Transform = {
  id: 'lock',
  phase: 2,
  names: ['asyncio.Lock'],
  summary: 'asyncio.Lock -> anyio.Lock, with annotations, factories and all that hold it',
  examples: [
    { before: 'self._lock = asyncio.Lock()', after: 'self._lock = anyio.Lock()' },
    {
      before: 'self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)',
      after: 'self._locks: dict[str, anyio.Lock] = defaultdict(anyio.Lock)',
    },
  ],
  safety:
    'Safe when the lock is only entered by `async with`, or acquired and released in one function, ' +
    'and every place it goes to can be followed. Two things differ all the same: anyio.Lock yields ' +
    "to the loop once even when the lock is free (use --fast-acquire to keep asyncio's order), and " +
    'acquiring it twice in one task raises RuntimeError where asyncio waits for ever. For review: ' +
    'locked() asked in a plain function (with no loop running yet it raises), a lock held across ' +
    'the yield of an @asynccontextmanager, a task that is given one turn of the loop by `sleep(0)` ' +
    'to take the lock and go on, and a lock that goes where it cannot be followed.',
  diagnostics: [
    {
      code: 'lock-acquire-value',
      title: 'the result of acquire() is used',
      why: "asyncio's acquire() returns True, anyio's returns None: `if await lock.acquire():` would never enter.",
      instead: 'await lock.acquire()\ntry:\n    ...\nfinally:\n    lock.release()',
    },
    {
      code: 'lock-acquire-in-wait-for',
      title: 'acquire() runs in another task',
      why: 'Handed to wait_for (before Python 3.12), create_task or gather, acquire() runs in a helper task, which then owns the anyio lock; release() in this task raises RuntimeError and the lock stays taken.',
      instead: 'with anyio.fail_after(seconds):\n    await lock.acquire()',
    },
    {
      code: 'lock-cross-task-release',
      title: 'acquired in one function, released in another',
      why: 'Only the task that acquired an anyio lock may release it. Where acquire() and release() stand in different functions, it cannot be seen that one task runs both; if not, release() raises RuntimeError and the lock stays taken for ever.',
      instead: 'async with lock:\n    ...  # or anyio.Semaphore(1), which has no owner',
    },
    {
      code: 'lock-release-in-callback',
      title: 'release is handed on as a callback',
      why: "A callback of the loop runs in no task at all; an anyio lock refuses to be released there, the error only reaches the loop's exception handler, and the lock stays taken.",
      instead: 'turn = anyio.Semaphore(1)  # which anyone may release',
    },
    {
      code: 'lock-condition',
      title: 'the lock is given to asyncio.Condition',
      why: 'asyncio.Condition over an anyio lock breaks in wait_for before Python 3.12; both must move together.',
    },
    {
      code: 'lock-agen-held',
      title: 'held across a yield',
      why: "A generator that yields inside `async with lock` may be finished by another task (a fixture's teardown, garbage collection), which may not release an anyio lock. In an @asynccontextmanager the same task normally leaves it, so that is offered for review.",
    },
    {
      code: 'lock-subclass',
      title: 'a class derived from asyncio.Lock',
      why: "anyio.Lock() gives an adapter or the backend's own lock; a subclass's methods are lost.",
    },
    {
      code: 'lock-private-attr',
      title: 'a member that anyio.Lock has not',
      why: "Private fields such as _locked or _waiters, and attributes set on the object, have no counterpart: anyio's locks have slots.",
    },
    {
      code: 'lock-value-use',
      title: 'the class itself is used as a value',
      why: 'Where asyncio.Lock is passed, stored or compared, what is made of it cannot be followed.',
    },
    {
      code: 'lock-arguments',
      title: 'asyncio.Lock with arguments',
      why: 'asyncio.Lock(loop=…) belongs to Python 3.9 and older; anyio.Lock has no such argument.',
    },
    {
      code: 'lock-mixed',
      title: 'one place holds two kinds of primitive',
      why: 'What is done with the place fits no single counterpart.',
    },
    {
      code: 'lock-origin-unknown',
      title: 'an annotation whose lock is made elsewhere',
      why: 'Nothing in the project makes the lock that the annotation or isinstance test means. If unseen code hands in an asyncio.Lock, the new name would be wrong.',
    },
    {
      code: 'lock-patched-in-tests',
      title: 'a test replaces asyncio.Lock for this module',
      why: 'The patch would no longer intercept the constructor.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    return judgePrimitive(primitive, use, context);
  },
};

function operationConcerns(
  operation: Operation,
  all: readonly Operation[],
  context: JudgeContext,
): Concern[] {
  const { kind, name, node, place, certain } = operation;
  if (kind === 'method' && name === 'acquire') {
    return [
      ...acquireConcerns(operation, context),
      ...heldConcerns(operation, yieldAfter(operation, all), context),
    ];
  }
  if (kind === 'method' && name === 'locked' && !inCoroutine(node)) {
    return [
      {
        kind: 'review',
        note: 'locked() is asked in a plain function, where no loop may be running',
        place,
      },
    ];
  }
  if (kind === 'attribute' && name === 'release') {
    return [
      {
        kind: 'refuse',
        code: 'lock-release-in-callback',
        message:
          '`release` is handed on as a function; called from a callback or another task, anyio raises RuntimeError and the lock stays taken',
        help: 'release it in the task that acquired it, or use anyio.Semaphore(1)',
        place,
      },
    ];
  }
  if (kind === 'attribute' && name === 'acquire') {
    return [{ kind: 'review', note: '`acquire` is handed on as a function', place }];
  }
  if (kind === 'argument') return [argumentConcern(operation)];
  if (kind === 'async-with' && certain)
    return heldConcerns(operation, yieldInside(operation), context);
  if (kind === 'with' && certain) {
    return [
      {
        kind: 'review',
        note: 'it is entered by a plain `with`, so it may not be the lock it seems',
        place,
      },
    ];
  }
  return [];
}

function argumentConcern(operation: Operation): Concern {
  if (operation.name === 'asyncio.Condition') {
    return {
      kind: 'refuse',
      code: 'lock-condition',
      message: 'the lock is given to asyncio.Condition, which needs a lock of its own library',
      help: 'move the condition and the lock together by hand',
      place: operation.place,
    };
  }
  return { kind: 'review', note: `it is handed to ${operation.name}()`, place: operation.place };
}

function acquireConcerns(
  { file, node, place, certain }: Operation,
  context: JudgeContext,
): Concern[] {
  const use = resultUse(node);
  const isAlone = use.kind === 'handed' && resultUse(use.call).kind === 'awaited-unused';
  const block = isAlone ? becomesBlock(file, use, context) : undefined;
  if (block) return block === 'review' ? [blockConcern('acquire', place)] : [];
  switch (use.kind) {
    case 'awaited-unused':
      return [];
    case 'unused':
      // An asyncio lock's acquire() without await does nothing: this is a lock of another kind.
      return certain ? [{ kind: 'review', note: 'acquire() is called without await', place }] : [];
    case 'handed':
      return [
        {
          kind: 'refuse',
          code: 'lock-acquire-in-wait-for',
          message: `acquire() is handed to ${use.to}(), which may run it in another task; that task would own the anyio lock`,
          help: 'await acquire() in this task, inside `with anyio.fail_after(...)` for a timeout',
          place,
        },
      ];
    case 'kept':
      if (!certain) return [];
      return [{ kind: 'review', note: 'the coroutine of acquire() is kept for later', place }];
    case 'awaited-used':
      return [
        {
          kind: 'refuse',
          code: 'lock-acquire-value',
          message: 'the result of acquire() is used: asyncio gives True, anyio gives None',
          help: 'await it as a statement of its own',
          place,
        },
      ];
  }
}

/** A `yield` inside `async with lock:`, or between acquire() and release(). */
function heldConcerns(
  operation: Operation,
  found: HeldYield | undefined,
  context: JudgeContext,
): Concern[] {
  return yieldConcerns(operation, found, context, {
    code: 'lock-agen-held',
    message:
      'the lock is held across a yield; another task may finish the generator, and may not release an anyio lock',
    help: 'release it before the yield',
  });
}

/** For each acquire() a release() that one run of the same function can do, and the other way round. */
function balanceConcerns(family: Family): Concern[] {
  const alone = unpaired(ownOperations(family));
  if (!alone) return [];
  return [
    {
      kind: 'refuse',
      code: 'lock-cross-task-release',
      message: `${alone.name}() stands here without its counterpart in the same function; an anyio lock must be released by the task that took it`,
      help: 'use `async with`, or a Semaphore(1) where another task must release',
      place: alone.place,
    },
  ];
}

/** A task that must have come past the lock in one turn of the loop. */
function turnConcerns(family: Family, { definitions, fastAcquire }: JudgeContext): Concern[] {
  const place = fastAcquire ? undefined : oneTurn(ownOperations(family), definitions);
  if (!place) return [];
  const note =
    'a task that takes the lock is given one turn of the loop here; anyio.Lock takes a turn of its own, even when it is free, unless --fast-acquire is given';
  return [{ kind: 'review', note, place }];
}
