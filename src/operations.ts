/** What is done with the result of a primitive's method, and where: questions that several rules ask. */

import type { Node } from 'web-tree-sitter';
import type { Family, Operation } from './analysis/families.ts';
import type { PythonFile } from './analysis/file.ts';
import type { Concern } from './primitive.ts';
import {
  argumentsOf,
  enclosingFunction,
  isAsync,
  lastName,
  same,
  withParens,
} from './syntax/nodes.ts';
import type { JudgeContext, Place, Safety } from './transform.ts';
import { lowerVersion } from './verdicts.ts';

/** How the result of a method call is taken. */
export type ResultUse =
  | { kind: 'awaited-unused' }
  | { kind: 'awaited-used' }
  /** The coroutine is handed to a call: `asyncio.wait_for(x.wait(), 1)`. */
  | { kind: 'handed'; to: string; call: Node }
  | { kind: 'unused' }
  | { kind: 'kept' };

/** What is done with the result of a call, for methods that are coroutines. */
export function resultUse(call: Node): ResultUse {
  const outer = withParens(call);
  const parent = outer.parent;
  if (parent?.type === 'await') {
    return isStatement(parent) ? { kind: 'awaited-unused' } : { kind: 'awaited-used' };
  }
  if (parent?.type === 'expression_statement') return { kind: 'unused' };
  const list = parent?.type === 'keyword_argument' ? parent.parent : parent;
  if (list?.type === 'argument_list' && list.parent?.type === 'call') {
    return {
      kind: 'handed',
      to: lastName(list.parent.childForFieldName('function')) ?? '',
      call: list.parent,
    };
  }
  return { kind: 'kept' };
}

/**
 * Whether the `wait_for` that a coroutine is handed to becomes a block in this run, `safe` or for
 * `review`: then it is awaited by the task around it. Undefined where it stays a call.
 */
export function becomesBlock(
  file: PythonFile,
  { call }: ResultUse & { kind: 'handed' },
  { verdictOn }: JudgeContext,
): Safety | undefined {
  const callee = call.childForFieldName('function');
  const use = file.uses.find(
    ({ name, span }) => name === 'asyncio.wait_for' && span.start === callee?.startIndex,
  );
  const verdict = use && verdictOn?.(use);
  return verdict?.kind === 'rewrite' ? verdict.safety : undefined;
}

/** From Python 3.12 on, `await asyncio.wait_for(x, t)` runs the coroutine in the task that awaits. */
export function runsInline(file: PythonFile, call: Node, { target }: JudgeContext): boolean {
  if (target.python === undefined || lowerVersion(target.python, '3.12')) return false;
  const callee = call.childForFieldName('function');
  const kind = resultUse(call).kind;
  return (
    (kind === 'awaited-unused' || kind === 'awaited-used') &&
    file.uses.some(
      ({ name, span }) => name === 'asyncio.wait_for' && span.start === callee?.startIndex,
    )
  );
}

/** What a person has to know of a primitive that moves only with such a block. */
export function blockConcern(name: string, place: Place): Concern {
  const note = `${name}() moves into the block of its wait_for, which is for review itself`;
  return { kind: 'review', note, place };
}

/** Whether an expression stands alone as a statement. */
export function isStatement(node: Node): boolean {
  return withParens(node).parent?.type === 'expression_statement';
}

/** Whether the node runs inside an `async def`, where a loop is running; its defaults run outside. */
export function inCoroutine(node: Node): boolean {
  const definition = enclosingFunction(node);
  if (definition?.type !== 'function_definition') return false;
  const body = definition.childForFieldName('body');
  const inBody = body !== null && node.startIndex >= body.startIndex;
  return inBody ? isAsync(definition) : inCoroutine(definition);
}

/** Calls that take a coroutine and give its result to whoever awaits them. */
const PASSING_RESULT = new Set([
  'wait_for',
  'shield',
  'ensure_future',
  'create_task',
  'start_soon',
]);
const COLLECTING = new Set(['gather', 'wait', 'as_completed']);

/** Whether what a coroutine method gives reaches anyone, through `wait_for`, tasks and `gather`. */
export function resultReaches(call: Node): 'used' | 'unused' | 'unknown' {
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
    return resultUse(use.call).kind === 'kept' ? taskResult(use.call) : resultReaches(use.call);
  }
  if (!COLLECTING.has(use.to)) return 'unknown';
  const collected = resultUse(use.call).kind;
  return collected === 'awaited-unused' || collected === 'unused' ? 'unused' : 'unknown';
}

/** `task = create_task(x.acquire())`: whether the variable's result is asked for. */
function taskResult(call: Node): 'used' | 'unused' | 'unknown' {
  const assignment = withParens(call).parent;
  const target = assignment?.type === 'assignment' ? assignment.childForFieldName('left') : null;
  const definition = enclosingFunction(call);
  if (target?.type !== 'identifier' || !definition) return 'unknown';
  const outcomes = definition
    .descendantsOfType('identifier')
    .filter((node) => node !== null)
    .filter((node) => node.text === target.text && !same(node, target) && !isMemberName(node))
    .map(readOfTask);
  if (outcomes.includes('used')) return 'used';
  return outcomes.includes('unknown') ? 'unknown' : 'unused';
}

/** Whether an identifier is the `rain` of `self.rain` or of `f(rain=1)`, and no variable. */
function isMemberName(node: Node): boolean {
  const { parent } = node;
  const field = parent?.type === 'attribute' ? 'attribute' : 'name';
  const names = parent?.type === 'attribute' || parent?.type === 'keyword_argument';
  return names && same(parent.childForFieldName(field), node);
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

/** Functions that run what they are given on the loop's own thread, in no task. */
export const ON_LOOP: ReadonlySet<string> = new Set([
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
export const IN_THREAD: ReadonlySet<string> = new Set([
  'Thread',
  'Timer',
  'submit',
  'run_in_executor',
  'to_thread',
  'start_new_thread',
  'map',
]);

/** The call that takes a function as its argument: `call_soon(x.release)`. Undefined if none does. */
export function takenBy(node: Node): { name: string; call: Node } | undefined {
  const outer = withParens(node);
  const list = outer.parent?.type === 'keyword_argument' ? outer.parent.parent : outer.parent;
  const call = list?.type === 'argument_list' ? list.parent : undefined;
  if (call?.type !== 'call') return undefined;
  return { name: lastName(call.childForFieldName('function')) ?? '', call };
}

/**
 * The function that something stands in, as a key: one a function, one a module's top level, and one a
 * notebook's cell, since each cell is a task of its own.
 */
export function functionKey({ file, node }: Pick<Operation, 'file' | 'node'>): string {
  const { cell } = file.lines.at(node.startIndex);
  const topLevel = cell === undefined ? 'module' : `cell ${cell}`;
  return `${file.path}:${enclosingFunction(node)?.id ?? topLevel}`;
}

/**
 * What is done with the object, without what a receiver of unknown class shows to be one of
 * threading's: entered by a plain `with`, acquired with arguments, or not awaited in a plain
 * function. All that the same function does with such a receiver is left out.
 */
export function ownOperations(family: Family): Operation[] {
  const foreign = new Set(family.operations.filter(isOfThreading).map(functionKey));
  return family.operations.filter(
    (operation) => operation.certain || !foreign.has(functionKey(operation)),
  );
}

function isOfThreading({ kind, name, node, certain }: Operation): boolean {
  if (certain) return false;
  if (kind === 'with') return true;
  if (kind !== 'method' || !['acquire', 'wait', 'wait_for'].includes(name)) return false;
  const { positional, keywordNodes } = argumentsOf(node);
  const taken = positional.length + keywordNodes.length;
  if (name !== 'wait_for' && taken > 0) return true;
  const use = resultUse(node).kind;
  return use === 'unused' || (use === 'kept' && !inCoroutine(node));
}
