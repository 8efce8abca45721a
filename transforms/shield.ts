/**
 * `await asyncio.shield(f())` → `with anyio.CancelScope(shield=True):` around `await f()`, for review.
 *
 * asyncio runs the work in a task of its own: whoever waits is cancelled at once, and the work goes
 * on alone. An anyio scope holds a cancellation back until the work is done, and does so only
 * against anyio's own: `task.cancel()` goes straight through it (semantics, section 15). In a
 * `finally`, where most shields stand, that is what is wanted; elsewhere a person has to look.
 */

import type { Node } from 'web-tree-sitter';
import { catchesCancellation, suppressesCancellation } from '../src/analysis/cancellation.ts';
import {
  argumentsOf,
  codeChildren,
  FUNCTIONS,
  same,
  statementOf,
  stripParens,
  withParens,
} from '../src/syntax/nodes.ts';
import { futureMaker } from '../src/task-values.ts';
import { awaitedBy, positionOf, type TimedWait } from '../src/timeouts/awaited.ts';
import { blockEdits } from '../src/timeouts/block-edits.ts';
import { calledName, mustBindFirst } from '../src/timeouts/surroundings.ts';
import type { JudgeContext, Place, Transform, Use, Verdict } from '../src/transform.ts';
import { anyio, refuse, refuseForBlock } from '../src/verdicts.ts';

export const shield: Transform = {
  id: 'shield',
  phase: 3,
  names: ['asyncio.shield'],
  summary: 'await asyncio.shield(f()) -> with anyio.CancelScope(shield=True): await f()',
  examples: [
    {
      before: 'try:\n    await work()\nfinally:\n    await asyncio.shield(connection.close())',
      after:
        'try:\n    await work()\nfinally:\n    with anyio.CancelScope(shield=True):\n        await connection.close()',
      review: true,
    },
  ],
  safety:
    'Never safe, always for review. The caller waits until the work is done, where asyncio let it go ' +
    'on alone: a timeout around it is held up for as long. The scope holds back what anyio cancels; ' +
    'task.cancel(), and with it Ctrl-C and the end of asyncio.run, still reaches the work, which ' +
    'asyncio.shield let live. And the work runs in the task of the caller, with its context variables.',
  diagnostics: [
    {
      code: 'shield-task-arg',
      title: 'what is shielded is a task or a future, or may be one',
      why:
        'The task goes on whoever waits for it, and asyncio.shield only lets the waiting end. A scope ' +
        'around the await would keep the caller waiting, and a task.cancel() would go on to the task.',
    },
    {
      code: 'shield-in-wait-for',
      title: 'the work goes on after a timeout',
      why:
        'wait_for(shield(...), t) gives up waiting and lets the work go on. A shielded scope would hold ' +
        'the timeout back until the work is done. Start the work in a task group, and wait for it with ' +
        'a timeout.',
    },
    {
      code: 'shield-handled',
      title: 'a handler takes the cancellation while the work goes on',
      why:
        'asyncio raises CancelledError at the shield at once, and the handler may look after the work. ' +
        'In a scope the cancellation comes after the work, at the next await, which may be outside of ' +
        'the handler; and task.cancel() has ended the work before the handler runs.',
    },
    {
      code: 'shield-unawaited',
      title: 'the shielded future is not awaited where it is made',
      why: 'It is returned, kept or handed on, and a block cannot be handed on.',
    },
    {
      code: 'shield-in-expression',
      title: 'the value is part of a larger expression that cannot be taken apart',
      why:
        'A block is a statement. The awaited value can be named on a line before it, but only where ' +
        'nothing that Python evaluates earlier could notice, and where it is awaited exactly once.',
    },
    {
      code: 'shield-arguments',
      title: 'arguments that cannot be carried over',
      why: 'Stars hide what is shielded, and loop= belongs to old Pythons.',
    },
    {
      code: 'shield-layout',
      title: 'the statement shares its line in a way that is not taken apart',
      why: 'Give the statement a line of its own, then run again.',
    },
    {
      code: 'shield-value-use',
      title: 'the function itself is used as a value',
      why: 'Whoever gets it may call it as only asyncio.shield can be called.',
    },
    {
      code: 'shield-patched-in-tests',
      title: 'a test replaces asyncio.shield for this module',
      why: 'A block is no call that a mock could stand for. Patch what is awaited instead.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    const patched = refuseForBlock(use, context, 'shield');
    if (patched) return patched;
    const call = withParens(use.node).parent;
    if (use.role !== 'call' || call?.type !== 'call') {
      return refuse(
        'shield-value-use',
        'the function itself is used as a value here',
        'write the block where the function would be called',
      );
    }
    return refuseForm(use, call, context) ?? judgeBlock(use, call, context);
  },
};

/** The forms that no block can be written for, whatever is shielded. */
function refuseForm(use: Use, call: Node, context: JudgeContext): Verdict | undefined {
  const inner = shielded(call);
  if (!inner) {
    return refuse(
      'shield-arguments',
      'the arguments do not show what is shielded',
      'write it as `shield(call)`',
    );
  }
  if (isInWaitFor(use, call)) {
    return refuse(
      'shield-in-wait-for',
      'the work goes on after the timeout, which no anyio block lets it do',
      'start the work in a task group, and wait for it with a timeout',
    );
  }
  if (withParens(call).parent?.type !== 'await') {
    return refuse(
      'shield-unawaited',
      'the future is handed on and not awaited here, and a block cannot be handed on',
      'put the block into an async function, and hand on a call of that',
    );
  }
  return refuseTask(use, inner, context);
}

/** What is shielded; undefined where the arguments do not tell. */
function shielded(call: Node): Node | undefined {
  const { positional, keywords, keywordNodes, hasStar, hasDoubleStar } = argumentsOf(call);
  const isOne = positional.length + keywordNodes.length === 1 && !hasStar && !hasDoubleStar;
  return isOne ? (positional[0] ?? keywords.get('arg')) : undefined;
}

function isInWaitFor({ file }: Use, call: Node): boolean {
  let argument = withParens(call);
  if (argument.parent?.type === 'keyword_argument') argument = argument.parent;
  const list = argument.parent;
  const callee = list?.type === 'argument_list' ? list.parent?.childForFieldName('function') : null;
  return !!callee && calledName(file, callee) === 'asyncio.wait_for';
}

function refuseTask(
  { file }: Use,
  inner: Node,
  { definitions }: JudgeContext,
): Verdict | undefined {
  const value = stripParens(inner);
  const callee = value.type === 'call' ? value.childForFieldName('function') : undefined;
  if (!callee) {
    return taskArgument(
      'what is shielded is no call: if it is a task, it goes on without the caller',
    );
  }
  const maker = futureMaker(file, callee);
  if (maker !== undefined) {
    return taskArgument(`${maker} starts work that goes on without the caller`);
  }
  const type = definitions.callee(file, value);
  if (type?.kind !== 'function' || type.of.async) return undefined;
  return taskArgument(
    `\`${type.of.name}\` is no coroutine function: what it gives may be a task that goes on without the caller`,
    type.of.file.place(type.of.node),
  );
}

function taskArgument(what: string, place?: Place): Verdict {
  return refuse(
    'shield-task-arg',
    `${what}, which a scope would keep waiting`,
    'shield the work itself, where it is awaited; or let a task group own it',
    place,
  );
}

function judgeBlock(use: Use, call: Node, context: JudgeContext): Verdict {
  const { file } = use;
  const inner = shielded(call);
  const awaited = withParens(call).parent;
  if (!inner || !awaited) return refuseLayout();
  const wait = awaitedBy(awaited, { call, inner, timeouts: [] });
  const position = positionOf(file, wait, new Set());
  if (position.kind === 'fixed') {
    return refuse(
      'shield-in-expression',
      `the awaited value stands ${position.why}; a block cannot stand there`,
      'await it on a line of its own, then run again',
    );
  }
  const handler = handlerOver(wait.statement);
  if (handler) {
    return refuse(
      'shield-handled',
      'a handler around it takes the cancellation while the work goes on; in a scope the work is cancelled first, or the cancellation comes later',
      'say in the handler what the work needs, and shield that part alone',
      file.place(handler),
    );
  }
  const hoist = position.kind === 'hoisted';
  const bindFirst = mustBindFirst(file, wait, context, new Set());
  const heads = [[anyio('CancelScope'), '(shield=True)']];
  const { lineLength } = context;
  const edits = sharesStatement(use, wait)
    ? undefined
    : blockEdits(file, { blocks: [{ wait, heads, hoist, bindFirst }], lineLength });
  if (!edits) return refuseLayout();
  return {
    kind: 'rewrite',
    safety: 'review',
    edits,
    minAnyio: '4.0.0',
    note: 'the caller now waits until the work is done, where asyncio let it go on alone, and task.cancel() (Ctrl-C and the end of asyncio.run too) still reaches the work',
  };
}

/** Whether another block would be written before, or of, the same statement. */
function sharesStatement(use: Use, { statement }: TimedWait): boolean {
  return use.file.uses.some(
    (other) =>
      other !== use &&
      (other.name === use.name || other.name === 'asyncio.wait_for') &&
      same(statementOf(other.node), statement),
  );
}

function refuseLayout(): Verdict {
  return refuse(
    'shield-layout',
    'the statement shares its line, or its text with another rewrite, in a way that is not taken apart',
    'give it a line of its own, then run again',
  );
}

/** The handler, or the `suppress`, that a cancellation at a statement comes to in its function. */
function handlerOver(statement: Node): Node | undefined {
  for (let at = statement, up = at.parent; up && !FUNCTIONS.has(up.type); at = up, up = up.parent) {
    const isBody = same(up.childForFieldName('body'), at);
    if (up.type === 'try_statement' && isBody) {
      const found = codeChildren(up).find(
        (child) =>
          child.type === 'except_clause' && catchesCancellation(child) && !onlyRaises(child),
      );
      if (found) return found;
    }
    if (up.type === 'with_statement' && isBody) {
      const found = codeChildren(up)[0]
        ?.descendantsOfType('call')
        .find((call) => call && suppressesCancellation(call));
      if (found) return found;
    }
  }
  return undefined;
}

/** `except CancelledError: raise`, which is there to keep later handlers away. */
function onlyRaises(clause: Node): boolean {
  const suite = codeChildren(clause).at(-1);
  const [only, ...more] = suite ? codeChildren(suite) : [];
  return only?.type === 'raise_statement' && codeChildren(only).length + more.length === 0;
}
