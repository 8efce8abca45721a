/**
 * `asyncio.Semaphore` and `asyncio.BoundedSemaphore` become `anyio.Semaphore`, with every place that
 * holds or names the same semaphore.
 *
 * A drop-in where the semaphore is only entered, acquired and released (semantics, section 5): it
 * has no owner, so any task and any callback of the loop may release it. anyio wants the count, by
 * position and as an int, and a bounded semaphore says it twice, as `max_value` too. It yields once
 * to the loop even when it is free; `--fast-acquire` keeps asyncio's order.
 */

import type { Node } from 'web-tree-sitter';
import { handedTo } from '../src/analysis/callers.ts';
import type { Family, Operation } from '../src/analysis/families.ts';
import { countKind } from '../src/count.ts';
import { factoryWith, isLoneFactory } from '../src/factory.ts';
import {
  IN_THREAD,
  inCoroutine,
  ON_LOOP,
  ownOperations,
  resultReaches,
  resultUse,
  takenBy,
} from '../src/operations.ts';
import { type Concern, constructorCall, judgePrimitive, type Primitive } from '../src/primitive.ts';
import { countArgument, countEdits, refuseCount } from '../src/semaphore-count.ts';
import { enclosingFunction } from '../src/syntax/nodes.ts';
import type { Edit, JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';
import { refuse, refuseForPatch, refusePatched, rename } from '../src/verdicts.ts';

const PLAIN = 'asyncio.Semaphore';
const BOUNDED = 'asyncio.BoundedSemaphore';

const primitive: Primitive = {
  id: 'semaphore',
  target: 'Semaphore',
  kin: new Set([PLAIN, BOUNDED]),
  // `locked` and `_value` have rules of their own.
  members: new Set(['acquire', 'release', 'locked', '_value']),
  concerns: (family, context) => [
    ...ownOperations(family).flatMap((operation) => operationConcerns(operation, family, context)),
    ...testConcerns(family),
  ],
  minAnyio: (_use, made, context) => (made && isFast(made, context) ? '4.5.0' : '4.0.0'),
  write,
};

export const semaphore: Transform = {
  id: 'semaphore',
  phase: 2,
  names: [PLAIN, BOUNDED],
  summary: 'asyncio.Semaphore, BoundedSemaphore -> anyio.Semaphore, with all that hold it',
  examples: [
    { before: 'self._slots = asyncio.Semaphore(10)', after: 'self._slots = anyio.Semaphore(10)' },
    { before: 'gate = asyncio.Semaphore()', after: 'gate = anyio.Semaphore(1)' },
    {
      before: 'pool = asyncio.BoundedSemaphore(value=size)',
      after: 'pool = anyio.Semaphore(size, max_value=size)',
    },
  ],
  safety:
    'Safe when the semaphore is only entered by `async with`, acquired for its effect and released, ' +
    'and every place it goes to can be followed. Three things differ all the same: anyio.Semaphore ' +
    'yields to the loop once even when it is free; a count that is no int is a TypeError where ' +
    'asyncio takes a float; and the error of a bounded semaphore released too often has another ' +
    "text. --fast-acquire keeps asyncio's order, but only where the semaphore is made inside a " +
    'coroutine: one made before a loop runs would lose it, so there it is not written. A bare class ' +
    'as default factory becomes `lambda: anyio.Semaphore(1)`.',
  diagnostics: [
    {
      code: 'semaphore-locked',
      title: 'locked() is asked',
      why: 'anyio.Semaphore has no locked(). Its value property tells how many may still enter; acquire_nowait() raises WouldBlock instead of waiting.',
      instead: 'if semaphore.value == 0:\n    ...',
    },
    {
      code: 'semaphore-acquire-value',
      title: 'the result of acquire() is used',
      why: "asyncio's acquire() returns True, anyio's returns None: `if await semaphore.acquire():` would never enter.",
      instead: 'await semaphore.acquire()\ntry:\n    ...\nfinally:\n    semaphore.release()',
    },
    {
      code: 'semaphore-as-target',
      title: '`async with semaphore as x`',
      why: 'asyncio gives None to the name after `as`, anyio the semaphore itself.',
      instead: 'async with semaphore:\n    ...',
    },
    {
      code: 'semaphore-dup-expr',
      title: 'the bound of a BoundedSemaphore is an expression',
      why: 'anyio wants the count twice, as initial and as max_value. An expression would be evaluated twice, and a call could give two values.',
      instead: 'limit = read_limit()\npool = anyio.Semaphore(limit, max_value=limit)',
    },
    {
      code: 'semaphore-not-int',
      title: 'a count that is no integer',
      why: "asyncio takes any number (float('inf') for no limit, a quotient), anyio raises TypeError when the semaphore is made.",
      instead: 'anyio.Semaphore(int(limit))',
    },
    {
      code: 'semaphore-bounded-test',
      title: 'a test that tells bounded from plain',
      why: 'Both classes become one, so isinstance(x, asyncio.BoundedSemaphore) would be true of a plain semaphore too.',
      instead: 'if semaphore.max_value is not None:\n    ...',
    },
    {
      code: 'semaphore-release-outside-loop',
      title: 'released where no event loop runs',
      why: 'Made before a loop runs, an anyio semaphore comes to life when a task first acquires it. Until then release() in another thread, or at the top of a module, raises an error, and who waits for it waits for ever.',
      instead:
        'loop.call_soon_threadsafe(semaphore.release)  # on a semaphore made inside a coroutine',
    },
    {
      code: 'semaphore-subclass',
      title: 'a class derived from the semaphore',
      why: "anyio.Semaphore() gives an adapter or the backend's own semaphore; a subclass's methods are lost.",
    },
    {
      code: 'semaphore-private-attr',
      title: 'a member that anyio.Semaphore has not',
      why: "Private fields such as _waiters, and attributes set on the object, have no counterpart: anyio's semaphores have slots. For _value there is the public property value.",
      instead: 'semaphore.value',
    },
    {
      code: 'semaphore-value-use',
      title: 'the class itself is used as a value',
      why: 'Where the class is passed, stored, matched or compared, what is made of it cannot be followed, and anyio.Semaphore cannot be made without a count.',
    },
    {
      code: 'semaphore-arguments',
      title: 'arguments that cannot be carried over',
      why: 'anyio.Semaphore takes one count by position. loop= belongs to Python 3.9 and older; what *args and **options hold cannot be told.',
    },
    {
      code: 'semaphore-mixed',
      title: 'one place holds two kinds of primitive',
      why: 'What is done with the place fits no single counterpart.',
    },
    {
      code: 'semaphore-origin-unknown',
      title: 'an annotation whose semaphore is made elsewhere',
      why: 'Nothing in the project makes the semaphore that the annotation or isinstance test means. If unseen code hands in one of asyncio, the new name would be wrong.',
    },
    {
      code: 'semaphore-patched-in-tests',
      title: 'a test replaces the class for this module',
      why: 'A patch of asyncio.Semaphore moves with the code where the call keeps its form. Where anyio wants other arguments (a bound, the count that was left out), what the test puts in its place may not take them; there both stay.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    // The class has another name in anyio and is called with other arguments: no patch can follow.
    const patched =
      use.role === 'patch-target' && use.name === BOUNDED
        ? refusePatched(use, context, primitive.id)
        : undefined;
    return patched ?? judgePrimitive(primitive, use, context);
  },
};

// -- what is written --------------------------------------------------------------------------------

function write(use: Use, context: JudgeContext): Edit[] | Verdict {
  if (use.role === 'default-factory') return writeFactory(use);
  const call = constructorCall(use);
  if (!call) return [rename(use, 'Semaphore')];
  const given = countArgument(call);
  if (!given) {
    return refuse(
      'semaphore-arguments',
      'anyio.Semaphore() wants one count, by position; these arguments cannot be carried over',
      'write the count plainly, and drop loop= (asyncio took it up to Python 3.9)',
    );
  }
  const bounded = use.name === BOUNDED;
  const refusal = refuseCount(use.file, given, bounded);
  if (refusal) return refusal;
  const edits = countEdits(call, given, { bounded, fast: isFast(call, context) });
  const [patch] = context.patches.patchesOf(use.file, use.name);
  // What a test puts in its place may take the old arguments only.
  if (patch && edits.length > 0) return refuseForPatch(use, patch, primitive.id);
  return [rename(use, 'Semaphore'), ...edits];
}

/** The class as a factory is called without the count that anyio wants. */
function writeFactory(use: Use): Edit[] | Verdict {
  if (!isLoneFactory(use)) {
    return refuse(
      'semaphore-value-use',
      'the class itself is used as a value in an expression; anyio.Semaphore cannot be made without its count',
      'write `lambda: anyio.Semaphore(1)` by hand',
    );
  }
  return [factoryWith(use, 'Semaphore', use.name === BOUNDED ? '1, max_value=1' : '1')];
}

/** Made before a loop runs, a semaphore silently loses fast_acquire (semantics, section 5). */
function isFast(made: Node, { fastAcquire }: JudgeContext): boolean {
  return fastAcquire && inCoroutine(made);
}

// -- what is done with it ---------------------------------------------------------------------------

function operationConcerns(operation: Operation, family: Family, context: JudgeContext): Concern[] {
  const { kind, name, place, certain } = operation;
  if (kind === 'argument') {
    return [{ kind: 'review', note: `it is handed to ${name}()`, place }];
  }
  if (kind === 'async-with') return name === 'as' ? [asTargetConcern(operation)] : [];
  if (kind === 'with' && certain) {
    return [
      {
        kind: 'review',
        note: 'it is entered by a plain `with`, so it may not be the semaphore it seems',
        place,
      },
    ];
  }
  if (kind !== 'method' && kind !== 'attribute') return [];
  switch (name) {
    case 'locked':
      return [lockedConcern(operation)];
    case '_value':
      return certain ? [valueConcern(operation)] : [];
    case 'acquire':
      return acquireConcerns(operation);
    case 'release':
      return releaseConcerns(operation, family, context);
    default:
      return [];
  }
}

function asTargetConcern({ place, certain }: Operation): Concern {
  if (!certain) {
    const note = 'it is entered with `as`; if it is the semaphore, the name is no longer None';
    return { kind: 'review', note, place };
  }
  return {
    kind: 'refuse',
    code: 'semaphore-as-target',
    message: 'the name after `as` is None with asyncio, and the semaphore itself with anyio',
    help: 'drop the `as`',
    place,
  };
}

function lockedConcern({ place, certain }: Operation): Concern {
  const doubt = certain ? '' : ' (if it is this one: the class of the receiver cannot be told)';
  return {
    kind: 'refuse',
    code: 'semaphore-locked',
    message: `the semaphore is asked whether it is locked()${doubt}; anyio.Semaphore has no locked()`,
    help: 'ask whether `value` is 0, or use acquire_nowait()',
    place,
  };
}

function valueConcern({ place }: Operation): Concern {
  return {
    kind: 'refuse',
    code: 'semaphore-private-attr',
    message: 'the private `_value` is used, which not every semaphore of anyio has',
    help: 'anyio.Semaphore has the public property `value`; change it by hand',
    place,
  };
}

function acquireConcerns({ kind, node, place, certain }: Operation): Concern[] {
  if (kind === 'attribute') {
    return [{ kind: 'review', note: '`acquire` is handed on as a function', place }];
  }
  if (resultUse(node).kind === 'unused') {
    return certain ? [{ kind: 'review', note: 'acquire() is called without await', place }] : [];
  }
  switch (resultReaches(node)) {
    case 'unused':
      return [];
    case 'unknown':
      return [
        {
          kind: 'review',
          note: 'the coroutine of acquire() is kept or handed on; its result is None in anyio, True in asyncio',
          place,
        },
      ];
    case 'used':
      return [
        {
          kind: 'refuse',
          code: 'semaphore-acquire-value',
          message: 'the result of acquire() is used: asyncio gives True, anyio gives None',
          help: 'await it as a statement of its own',
          place,
        },
      ];
  }
}

function releaseConcerns(operation: Operation, family: Family, context: JudgeContext): Concern[] {
  const { kind, node, file, place, certain } = operation;
  if (kind === 'attribute') return handedReleaseConcerns(operation, family);
  if (certain && !enclosingFunction(node)) return [releaseConcern(operation)];
  if (inCoroutine(node) || !mayStartByRelease(family)) return [];
  if (handedTo(file, node, IN_THREAD, context.definitions)) return [releaseConcern(operation)];
  return [
    {
      kind: 'review',
      note: 'release() is called in a plain function on a semaphore made before a loop may run; in anyio that raises until a task has acquired it',
      place,
    },
  ];
}

/** `semaphore.release` without a call: who runs it, and where? */
function handedReleaseConcerns(operation: Operation, family: Family): Concern[] {
  const { node, place, certain } = operation;
  if (!certain) return [];
  const taker = takenBy(node)?.name ?? '';
  const early = mayStartByRelease(family);
  if (early && IN_THREAD.has(taker)) return [releaseConcern(operation)];
  if (!early && ON_LOOP.has(taker)) return [];
  const to = taker ? ` to ${taker}()` : '';
  return [{ kind: 'review', note: `\`release\` is handed on as a function${to}`, place }];
}

function releaseConcern({ place }: Operation): Concern {
  return {
    kind: 'refuse',
    code: 'semaphore-release-outside-loop',
    message:
      'release() runs where no event loop runs; until a task has acquired the semaphore, anyio raises an error there',
    help: 'make the semaphore inside a coroutine, and release it by loop.call_soon_threadsafe',
    place,
  };
}

/**
 * Whether a release can come before the first acquire, on a semaphore made before a loop runs: with
 * a positive count, or a bound, whoever releases has acquired.
 */
function mayStartByRelease({ uses }: Family): boolean {
  return uses.some((use) => {
    const call = constructorCall(use);
    if (use.name !== PLAIN || !call || inCoroutine(call)) return false;
    const count = countArgument(call)?.count;
    return count !== undefined && countKind(use.file, count) !== 'positive';
  });
}

/** `isinstance(x, asyncio.BoundedSemaphore)` where `x` may be a plain one. */
function testConcerns({ uses }: Family): Concern[] {
  const plain = uses.some(
    ({ name, role }) => name === PLAIN && (role === 'call' || role === 'default-factory'),
  );
  if (!plain) return [];
  return uses
    .filter((use) => use.role === 'isinstance' && use.name === BOUNDED)
    .filter((use) => !uses.some((other) => other.name === PLAIN && sameTest(use, other)))
    .map(({ file, node }) => ({
      kind: 'refuse',
      code: 'semaphore-bounded-test',
      message: 'the test tells a bounded semaphore from a plain one; in anyio both are one class',
      help: 'ask whether `max_value` is None instead',
      place: file.place(node),
    }));
}

/** Whether two uses stand in one `isinstance(x, (A, B))`. */
function sameTest(a: Use, b: Use): boolean {
  if (b.role !== 'isinstance' || a.file !== b.file) return false;
  const [one, other] = [a, b].map(({ node }) => enclosingCall(node)?.id);
  return one !== undefined && one === other;
}

function enclosingCall(node: Node): Node | undefined {
  let at = node.parent;
  while (at && at.type !== 'call') at = at.parent;
  return at ?? undefined;
}
