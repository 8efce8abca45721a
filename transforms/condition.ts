/**
 * `asyncio.Condition` becomes `anyio.Condition`, with every place that holds or names the same
 * condition.
 *
 * A drop-in where the condition has its own lock and is waited on and notified only by the task that
 * holds it through the condition itself (semantics, section 6): anyio remembers that task, asyncio
 * only asks whether the lock is taken by anyone. `wait()` gives None where asyncio's gives True.
 */

import type { Operation } from '../src/analysis/families.ts';
import {
  type HeldYield,
  Holding,
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
  resultReaches,
  resultUse,
  runsInline,
  takenBy,
} from '../src/operations.ts';
import {
  type Concern,
  constructorCall,
  judgePrimitive,
  type Primitive,
  refuseArguments,
} from '../src/primitive.ts';
import { argumentsOf } from '../src/syntax/nodes.ts';
import type { Edit, JudgeContext, Place, Transform, Use, Verdict } from '../src/transform.ts';
import { lowerVersion, refuse, rename } from '../src/verdicts.ts';

/** The first anyio whose Condition has wait_for (semantics, section 0). */
const WAIT_FOR_SINCE = '4.11.0';

const primitive: Primitive = {
  id: 'condition',
  target: 'Condition',
  members: new Set(['acquire', 'release', 'locked', 'wait', 'wait_for', 'notify', 'notify_all']),
  subclassReason:
    "anyio's methods do not call each other as asyncio's do (notify_all() calls no notify()), and what the subclass does with itself is not followed",
  concerns: (family, context) => {
    const operations = ownOperations(family);
    const holding = new Holding(operations, context.definitions);
    return [
      ...operations.flatMap((operation) => operationConcerns(operation, holding, context)),
      ...operations
        .filter(({ kind, name, certain }) => kind === 'method' && name === 'acquire' && certain)
        .flatMap((operation) =>
          heldConcerns(operation, yieldAfter(operation, operations), context),
        ),
      ...pairConcerns(operations),
    ];
  },
  minAnyio: (use, _made, context) => {
    const waitsFor = context.families
      .familyOf(use)
      ?.operations.some(({ kind, name }) => kind === 'method' && name === 'wait_for');
    return waitsFor ? WAIT_FOR_SINCE : '4.0.0';
  },
  write,
};

export const condition: Transform = {
  id: 'condition',
  phase: 2,
  names: ['asyncio.Condition'],
  summary: 'asyncio.Condition -> anyio.Condition, with annotations and all that hold it',
  examples: [
    { before: 'self._changed = asyncio.Condition()', after: 'self._changed = anyio.Condition()' },
    {
      before: 'changed: asyncio.Condition = field(default_factory=asyncio.Condition)',
      after: 'changed: anyio.Condition = field(default_factory=anyio.Condition)',
    },
  ],
  safety:
    'Safe when the condition has a lock of its own, every wait() and notify() stands inside ' +
    '`async with` over it (or in a helper that is only called there), and every place it goes to ' +
    'can be followed. Two things differ all the same: entering it yields to the loop once even when ' +
    'it is free (--fast-acquire does not reach the lock inside), and entering it twice in one task ' +
    'raises RuntimeError where asyncio waits for ever. wait_for() needs anyio 4.11. For review: a condition that is entered under another name than ' +
    'it is notified by, and one that goes where it cannot be followed.',
  diagnostics: [
    {
      code: 'condition-shared-lock',
      title: 'the condition is made over a given lock',
      why: 'Where code holds the lock itself and then notifies, anyio raises RuntimeError: only who entered the condition holds it. The lock would also have to move at the same moment. Two conditions over one lock, and a lock that is never used alone, could move together by hand.',
      instead: 'async with condition:  # not: async with lock\n    condition.notify_all()',
    },
    {
      code: 'condition-wait-value',
      title: 'the result of wait() is used',
      why: "asyncio's wait() returns True, anyio's returns None: `if await condition.wait():` would never enter. wait_for() gives the predicate's value in both.",
      instead: 'await condition.wait()\n...',
    },
    {
      code: 'condition-wait-in-wait-for',
      title: 'wait() runs in another task',
      why: 'Handed to wait_for (before Python 3.12), create_task or gather, wait() runs in a helper task, which does not hold the anyio condition: it raises RuntimeError.',
      instead: 'with anyio.fail_after(seconds):\n    await condition.wait()',
    },
    {
      code: 'condition-wait-other-task',
      title: 'waits without having entered the condition',
      why: 'asyncio lets any task wait while the lock is taken by anyone; in anyio only the task that entered the condition may. Where a function neither enters it nor is only called by such as do, wait() may raise RuntimeError.',
      instead: 'async with condition:\n    await condition.wait()',
    },
    {
      code: 'condition-notify-other-task',
      title: 'notifies without having entered the condition',
      why: 'asyncio lets any task or callback notify while the lock is taken by anyone; in anyio only the task that entered the condition may. Elsewhere notify() raises RuntimeError, and who waits is not woken.',
      instead: 'async with condition:\n    condition.notify_all()',
    },
    {
      code: 'condition-acquire-value',
      title: 'the result of acquire() is used',
      why: "asyncio's acquire() returns True, anyio's returns None.",
      instead: 'async with condition:\n    ...',
    },
    {
      code: 'condition-cross-task-release',
      title: 'acquired here, released elsewhere',
      why: 'Only the task that acquired an anyio condition may release it. Where acquire() and release() stand in different functions, or are handed on, it cannot be seen that one task runs both.',
      instead: 'async with condition:\n    ...',
    },
    {
      code: 'condition-agen-held',
      title: 'held across a yield',
      why: 'A generator that yields inside `async with condition` may be finished by another task, which may not release an anyio condition. In an @asynccontextmanager the same task normally leaves it, so that is offered for review.',
    },
    {
      code: 'condition-wait-for-old',
      title: 'wait_for() with an anyio older than 4.11',
      why: 'anyio.Condition has wait_for() since 4.11, and --target-anyio asks for code that an older one runs.',
      instead: 'while not ready():\n    await condition.wait()',
    },
    {
      code: 'condition-subclass',
      title: 'a class derived from asyncio.Condition',
      why: "A method that overrides one of asyncio's is not called by the others in anyio, private fields are others, and what the class does with itself is not followed.",
    },
    {
      code: 'condition-private-attr',
      title: 'a member that anyio.Condition has not',
      why: "Private fields such as _waiters, and attributes set on the object, have no counterpart: anyio's conditions have slots. statistics().tasks_waiting tells how many wait.",
    },
    {
      code: 'condition-value-use',
      title: 'the class itself is used as a value',
      why: 'Where asyncio.Condition is passed, stored or compared, what is made of it cannot be followed.',
    },
    {
      code: 'condition-arguments',
      title: 'arguments that cannot be carried over',
      why: 'asyncio.Condition(loop=…) belongs to Python 3.9 and older; anyio.Condition takes a lock or nothing.',
    },
    {
      code: 'condition-mixed',
      title: 'one place holds two kinds of primitive',
      why: 'What is done with the place fits no single counterpart.',
    },
    {
      code: 'condition-origin-unknown',
      title: 'an annotation whose condition is made elsewhere',
      why: 'Nothing in the project makes the condition that the annotation or isinstance test means. If unseen code hands in an asyncio.Condition, the new name would be wrong.',
    },
    {
      code: 'condition-patched-in-tests',
      title: 'a test replaces asyncio.Condition for this module',
      why: 'The patch would no longer intercept the constructor.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    return judgePrimitive(primitive, use, context);
  },
};

/** The new name; a lock may be given only as None, which means none. */
function write(use: Use): Edit[] | Verdict {
  const call = constructorCall(use);
  const edits = [rename(use, 'Condition')];
  if (!call) return edits;
  const { positional, keywords, keywordNodes, hasStar } = argumentsOf(call);
  const [first] = positional;
  const lock = first ?? keywords.get('lock');
  if (positional.length + keywordNodes.length === 0) return edits;
  if (hasStar || !lock || positional.length + keywordNodes.length > 1)
    return refuseArguments(primitive);
  if (lock.type === 'none') return edits;
  return refuse(
    'condition-shared-lock',
    'the condition is made over a given lock: who holds that lock by itself may notify in asyncio, but not in anyio',
    'make it without a lock and enter the condition everywhere, or move both together by hand',
  );
}

function refusal(code: string, message: string, help: string, place: Place): Concern[] {
  return [{ kind: 'refuse', code, message, help, place }];
}

function review(note: string, place: Place): Concern {
  return { kind: 'review', note, place };
}

// -- what is done with it ---------------------------------------------------------------------------

function operationConcerns(
  operation: Operation,
  holding: Holding,
  context: JudgeContext,
): Concern[] {
  const { kind, name, place, certain } = operation;
  switch (kind) {
    case 'method':
      return methodConcerns(operation, holding, context);
    case 'attribute':
      return handedOnConcerns(operation);
    case 'async-with':
      return certain ? heldConcerns(operation, yieldInside(operation), context) : [];
    case 'argument':
      return [review(`it is handed to ${name}()`, place)];
    case 'with': {
      const note = 'it is entered by a plain `with`, so it may not be the condition it seems';
      return certain ? [review(note, place)] : [];
    }
    default:
      return [];
  }
}

function methodConcerns(operation: Operation, holding: Holding, context: JudgeContext): Concern[] {
  const { name, node, place } = operation;
  switch (name) {
    case 'acquire':
      return acquireConcerns(operation);
    case 'wait':
      return waitConcerns(operation, holding, context);
    case 'wait_for':
      return [...versionConcerns(operation, context), ...waitConcerns(operation, holding, context)];
    case 'notify':
    case 'notify_all':
      return holderConcerns(operation, holding, 'condition-notify-other-task');
    case 'locked': {
      const note = 'locked() is asked in a plain function, where no loop may be running';
      return inCoroutine(node) ? [] : [review(note, place)];
    }
    default:
      return [];
  }
}

function acquireConcerns({ node, place, certain }: Operation): Concern[] {
  const use = resultUse(node);
  switch (use.kind) {
    case 'awaited-unused':
      return [];
    case 'unused':
    case 'kept':
      if (!certain) return [];
      return [review('the coroutine of acquire() is not awaited here', place)];
    case 'handed':
      return refusal(
        'condition-cross-task-release',
        `acquire() is handed to ${use.to}(), which may run it in another task; only that task could release an anyio condition`,
        'use `async with`, inside `with anyio.fail_after(...)` for a timeout',
        place,
      );
    case 'awaited-used':
      return refusal(
        'condition-acquire-value',
        'the result of acquire() is used: asyncio gives True, anyio gives None',
        'use `async with`, or await it as a statement of its own',
        place,
      );
  }
}

function waitConcerns(operation: Operation, holding: Holding, context: JudgeContext): Concern[] {
  const { name, node, file, place, certain } = operation;
  const use = resultUse(node);
  if (use.kind === 'unused' || use.kind === 'kept') {
    const note = `the coroutine of ${name}() is not awaited here; only the task that entered the condition may run it`;
    return certain ? [review(note, place)] : [];
  }
  const block = use.kind === 'handed' ? becomesBlock(file, use, context) : undefined;
  if (block === 'review') return [blockConcern(name, place)];
  if (use.kind === 'handed' && !block && !runsInline(file, use.call, context)) {
    return refusal(
      'condition-wait-in-wait-for',
      `${name}() is handed to ${use.to}(), which may run it in another task; that task does not hold the anyio condition`,
      'await it in this task, inside `with anyio.fail_after(...)` for a timeout',
      place,
    );
  }
  const value = name === 'wait' && resultReaches(node) === 'used' ? valueConcerns(place) : [];
  return [...value, ...holderConcerns(operation, holding, 'condition-wait-other-task')];
}

function valueConcerns(place: Place): Concern[] {
  return refusal(
    'condition-wait-value',
    'the result of wait() is used: asyncio gives True, anyio gives None',
    'await it as a statement of its own',
    place,
  );
}

/** Only the task that entered the condition may wait on it and notify. */
function holderConcerns(operation: Operation, holding: Holding, code: string): Concern[] {
  const { name, place, certain } = operation;
  const held = holding.at(operation);
  if (held === 'held') return [];
  if (held === 'maybe' || !certain) {
    const note = `${name}() is called where it cannot be told that this task has entered this very condition`;
    return [review(note, place)];
  }
  return refusal(
    code,
    `${name}() stands where this task may not have entered the condition; anyio raises RuntimeError there, even when another task has`,
    'put it inside `async with` over the condition',
    place,
  );
}

function versionConcerns({ place }: Operation, { target }: JudgeContext): Concern[] {
  const { anyio, anyioSource } = target;
  // A bound in a manifest can be raised; what was asked for on the command line cannot.
  if (anyioSource !== '--target-anyio' || !anyio || !lowerVersion(anyio, WAIT_FOR_SINCE)) return [];
  return refusal(
    'condition-wait-for-old',
    `wait_for() is used, which anyio.Condition has since 4.11, and the code is to run on ${anyio}`,
    'write `while not ready(): await condition.wait()`, or ask for a newer anyio',
    place,
  );
}

/** A method that is handed on as a function: `call_soon(condition.notify_all)`. */
function handedOnConcerns({ name, node, place, certain }: Operation): Concern[] {
  if (!certain || !primitive.members.has(name)) return [];
  const taker = takenBy(node)?.name;
  const to = taker ? ` to ${taker}()` : '';
  const codes: Record<string, string> = {
    notify: 'condition-notify-other-task',
    notify_all: 'condition-notify-other-task',
    release: 'condition-cross-task-release',
  };
  const code = codes[name];
  if (code === undefined) {
    return [review(`\`${name}\` is handed on as a function${to}`, place)];
  }
  return [
    {
      kind: 'refuse',
      code,
      message: `\`${name}\` is handed on as a function${to}; called outside the task that entered the condition, anyio raises RuntimeError`,
      help: 'call it inside `async with` over the condition',
      place,
    },
  ];
}

/** A `yield` inside `async with condition:`, or between acquire() and release(). */
function heldConcerns(
  operation: Operation,
  found: HeldYield | undefined,
  context: JudgeContext,
): Concern[] {
  return yieldConcerns(operation, found, context, {
    code: 'condition-agen-held',
    message:
      'the condition is held across a yield; another task may finish the generator, and may not release an anyio condition',
    help: 'leave it before the yield',
  });
}

function pairConcerns(operations: readonly Operation[]): Concern[] {
  const alone = unpaired(operations);
  if (!alone) return [];
  return refusal(
    'condition-cross-task-release',
    `${alone.name}() stands here without its counterpart in the same function; an anyio condition must be released by the task that took it`,
    'use `async with`',
    alone.place,
  );
}
