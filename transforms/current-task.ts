/**
 * `asyncio.current_task().get_name()` → `anyio.get_current_task().name`, in coroutines.
 *
 * anyio tells of the same task: its name is `get_name()` of asyncio's, also for tasks that asyncio
 * made, and its `coro` is `get_coro()` (semantics, section 15). But it only tells: the object is
 * made anew each time, keeps the name of that moment, and can cancel nothing. What does more with
 * the task stays with it.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../src/analysis/file.ts';
import {
  argumentsOf,
  codeChildren,
  enclosingFunction,
  isAsync,
  same,
  withParens,
} from '../src/syntax/nodes.ts';
import type { Edit, JudgeContext, Place, Transform, Use, Verdict } from '../src/transform.ts';
import { placeOf, refuse, rename, replace } from '../src/verdicts.ts';

export const currentTask: Transform = {
  id: 'current-task',
  phase: 3,
  names: ['asyncio.current_task'],
  summary: 'asyncio.current_task().get_name() -> anyio.get_current_task().name',
  examples: [
    {
      before: 'print(asyncio.current_task().get_name())',
      after: 'print(anyio.get_current_task().name)',
    },
    {
      before: 'task = asyncio.current_task()\nlog.info("%s starts", task.get_name())',
      after: 'task = anyio.get_current_task()\nlog.info("%s starts", task.name)',
    },
  ],
  safety:
    'Safe in a coroutine, where there is a current task, when nothing but its name or its coroutine ' +
    'is asked for: on the asyncio backend both are those of the asyncio task. Kept in a variable, ' +
    "anyio's object has the name that the task had when it was asked; where the project renames " +
    'tasks, that is for review. On trio a task has the name that trio gives it.',
  diagnostics: [
    {
      code: 'current-task-cancel',
      title: 'the task cancels itself, or counts its cancellations',
      why:
        'In anyio a scope is cancelled, not a task, and nothing counts: what is cancelled raises ' +
        'until its scope is left. Put the work into a scope and cancel that.',
      instead: 'with anyio.CancelScope() as scope:\n    await work(stop=scope.cancel)\n',
    },
    {
      code: 'current-task-api',
      title: 'something of the task that anyio does not tell',
      why:
        "anyio's object has an id, a name, a coroutine and the id of its parent. Callbacks, stacks, " +
        'contexts and new names belong to the asyncio task.',
    },
    {
      code: 'current-task-value-use',
      title: 'the function itself is handed on',
      why: 'Whoever calls it expects an asyncio task, or None outside of one, where anyio raises.',
    },
    {
      code: 'current-task-patched-in-tests',
      title: 'a test replaces asyncio.current_task for this module',
      why: 'The patch would no longer intercept the call, and what it gives has no attribute `name` of its own.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    return judgePatched(use, context) ?? judgeUse(use, context);
  },
};

/** What tells the same, by the method of asyncio's task. */
const TOLD: ReadonlyMap<string, string> = new Map([
  ['get_name', 'name'],
  ['get_coro', 'coro'],
]);
const CANCELLING: ReadonlySet<string> = new Set(['cancel', 'cancelling', 'uncancel']);

function judgePatched(use: Use, { patches }: JudgeContext): Verdict | undefined {
  const [patch] = use.role === 'patch-target' ? [use] : patches.patchesOf(use.file, use.name);
  if (!patch) return undefined;
  return refuse(
    'current-task-patched-in-tests',
    patch === use
      ? `a test replaces \`${use.name}\` here, and the code it aims at keeps it`
      : `a test replaces \`${patch.name}\` for this module, and what it gives tells its name by a method`,
    'run the code in a task of that name in the test, instead of the patch',
    patch === use ? undefined : placeOf(patch),
  );
}

function judgeUse(use: Use, context: JudgeContext): Verdict {
  const { file, node } = use;
  const call = withParens(node).parent;
  if (use.role !== 'call' || call?.type !== 'call') {
    return refuse(
      'current-task-value-use',
      'the function itself is used as a value, and whoever calls it expects an asyncio task',
      'hand on what is asked of the task, such as its name',
    );
  }
  const { positional, keywordNodes } = argumentsOf(call);
  if (positional.length + keywordNodes.length > 0) {
    return leave('it asks for the task of a loop, which may be another one');
  }
  const home = enclosingFunction(node);
  if (!home && file.info.notebook) {
    return leave('each cell of a notebook is a task of its own, and variables outlive it');
  }
  if (home?.type !== 'function_definition' || !isAsync(home)) {
    return leave(
      'outside of a coroutine there may be no task: asyncio gives None, and anyio raises',
    );
  }
  const found = followed(file, call, home);
  const method = found.find((fate) => fate.kind === 'method');
  if (method) return refuseMethod(method.name, file.place(method.node));
  const stays = found.find((fate) => fate.kind === 'kept');
  if (stays) return leave(stays.why);
  const kept = found.some((fate) => fate.kind === 'variable');
  const renaming = kept ? renamedIn(context) : undefined;
  return {
    kind: 'rewrite',
    safety: renaming ? 'review' : 'safe',
    edits: [
      rename(use, 'get_current_task'),
      ...found.flatMap((fate) => (fate.kind === 'told' ? [fate.edit] : [])),
    ],
    minAnyio: '4.0.0',
    ...(renaming
      ? {
          note: 'the variable keeps the name that the task has here, and the project gives tasks other names',
          blocker: renaming,
        }
      : {}),
  };
}

const HANDED_ON =
  'the asyncio task itself is compared, kept or handed on; it stays until the code that makes tasks moves';

/** What becomes of an expression that gives the task. */
type Fate =
  | { kind: 'told'; edit: Edit }
  /** Only whether there is one. */
  | { kind: 'asked' }
  | { kind: 'variable' }
  | { kind: 'kept'; why: string }
  | { kind: 'method'; name: string; node: Node };

/** The fates of the task: of the expression, and of the variable that it is bound to. */
function followed(file: PythonFile, expression: Node, home: Node): Fate[] {
  const outer = withParens(expression);
  const parent = outer.parent;
  if (parent?.type === 'named_expression' && same(parent.childForFieldName('value'), outer)) {
    const name = parent.childForFieldName('name');
    return [...followed(file, parent, home), ...variable(file, name, home)];
  }
  const isAssigned =
    parent?.type === 'assignment' &&
    same(parent.childForFieldName('right'), outer) &&
    parent.parent?.type === 'expression_statement';
  if (isAssigned) {
    const hint = parent.childForFieldName('type');
    if (hint) return [{ kind: 'method', name: HINT, node: hint }];
    return variable(file, parent.childForFieldName('left'), home);
  }
  return [fateOf(outer)];
}

const HINT = 'a type hint';

/** All that is done with a variable that is bound once, in the coroutine itself. */
function variable(file: PythonFile, target: Node | null, home: Node): Fate[] {
  if (target?.type !== 'identifier') return [{ kind: 'kept', why: HANDED_ON }];
  const name = target.text;
  const scope = file.scopeAt(target).lookup(name);
  if (scope?.node.id !== home.id || scope.bindings.get(name)?.length !== 1) {
    const why = `\`${name}\` is bound in other places too, which need not bind it to this task`;
    return [{ kind: 'kept', why }];
  }
  const reads = file.references(name).filter((found) => found.scope.lookup(name) === scope);
  const isNested = reads.some(({ node }) => !same(enclosingFunction(node), home));
  if (isNested)
    return [{ kind: 'kept', why: `a function in this one reads \`${name}\`, whenever it runs` }];
  return [{ kind: 'variable' }, ...reads.map(({ node }) => fateOf(withParens(node)))];
}

/** What is done with an expression, parentheses around it included. */
function fateOf(outer: Node): Fate {
  const parent = outer.parent;
  if (parent?.type === 'attribute' && same(parent.childForFieldName('object'), outer)) {
    return fateOfAttribute(parent);
  }
  return isAsked(outer) ? { kind: 'asked' } : { kind: 'kept', why: HANDED_ON };
}

function fateOfAttribute(attribute: Node): Fate {
  const member = attribute.childForFieldName('attribute');
  const name = member?.text ?? '';
  const call = attribute.parent?.type === 'call' ? attribute.parent : undefined;
  const told = TOLD.get(name);
  const isPlain =
    call &&
    member &&
    same(call.childForFieldName('function'), attribute) &&
    codeChildren(call.childForFieldName('arguments') ?? call).length === 0;
  if (told === undefined || !isPlain) return { kind: 'method', name, node: attribute };
  return { kind: 'told', edit: replace(member.startIndex, call.endIndex, told) };
}

/** Whether only the truth of an expression matters: there is a task, so it is true in both. */
function isAsked(node: Node): boolean {
  const outer = withParens(node);
  const parent = outer.parent;
  switch (parent?.type) {
    case 'if_statement':
    case 'elif_clause':
    case 'while_statement':
      return same(parent.childForFieldName('condition'), outer);
    case 'conditional_expression':
      return same(codeChildren(parent)[1], outer);
    case 'assert_statement':
      return same(codeChildren(parent)[0], outer);
    case 'not_operator':
      return true;
    case 'comparison_operator':
      return isComparedWithNone(parent, outer);
    case 'boolean_operator':
      return isFirstOfAnd(parent, outer) || isAsked(parent);
    default:
      return false;
  }
}

/** `task is not None`. */
function isComparedWithNone(comparison: Node, outer: Node): boolean {
  const [left, right, ...more] = codeChildren(comparison);
  const other = same(left, outer) ? right : left;
  return other?.type === 'none' && more.length === 0;
}

/** `task and …`: a task is true, so the other side is the value. */
function isFirstOfAnd(operation: Node, outer: Node): boolean {
  const operator = operation.childForFieldName('operator');
  return operator?.type === 'and' && same(operation.childForFieldName('left'), outer);
}

function refuseMethod(name: string, place: Place): Verdict {
  if (CANCELLING.has(name)) {
    return refuse(
      'current-task-cancel',
      `\`${name}\` is called on the task; in anyio a scope is cancelled, and nothing counts how often`,
      name === 'cancel'
        ? 'put the work into `with anyio.CancelScope() as scope:` and call scope.cancel()'
        : 'let the cancellation through; the scope that it belongs to takes it',
      place,
    );
  }
  return refuse(
    'current-task-api',
    name === HINT
      ? 'the variable is annotated as a task of asyncio, which the object of anyio is not'
      : `anyio does not tell of \`${name}\`, only of the name, the coroutine and ids`,
    name === HINT ? 'take the annotation away, then run again' : 'keep the asyncio task for it',
    place,
  );
}

/** Where the project gives a task another name. */
function renamedIn({ definitions: { project } }: JudgeContext): Place | undefined {
  for (const file of project.filesMentioning('.set_name')) {
    const [renaming] = file.attributes('set_name');
    if (renaming) return file.place(renaming);
  }
  return undefined;
}

function leave(reason: string): Verdict {
  return { kind: 'leave', reason };
}
