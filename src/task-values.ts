/**
 * Values that stand for work that runs already: tasks and futures. They are cancelled natively, and
 * whoever awaits one gets its CancelledError as well as its own.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from './analysis/file.ts';
import {
  argumentsOf,
  codeChildren,
  enclosingFunction,
  lastName,
  same,
  stripParens,
} from './syntax/nodes.ts';
import { calledName } from './timeouts/surroundings.ts';

/** Calls of asyncio that give a future, or start tasks of their own. */
const FUTURES: ReadonlySet<string> = new Set(
  'gather create_task ensure_future wait wrap_future run_coroutine_threadsafe wait_for'
    .split(' ')
    .map((name) => `asyncio.${name}`),
);
/** Methods of a loop or an executor that do. */
const FUTURE_METHODS: ReadonlySet<string> = new Set([
  'create_task',
  'create_future',
  'run_in_executor',
  'submit',
]);
/** Calls that await their first argument, and give what it gives. */
const WRAPPERS: ReadonlySet<string> = new Set(['asyncio.wait_for', 'asyncio.shield']);
/** Methods of a task or a future that raise its CancelledError. */
const RESULTS: ReadonlySet<string> = new Set(['result', 'exception']);

/** The name of what a callee starts, where it gives a future: `asyncio.gather`, `submit`. */
export function futureMaker(file: PythonFile, callee: Node): string | undefined {
  const name = calledName(file, callee);
  if (name !== undefined && FUTURES.has(name)) return name;
  const method = callee.type === 'attribute' ? (lastName(callee) ?? '') : '';
  return FUTURE_METHODS.has(method) ? (name ?? method) : undefined;
}

/** Whether an awaited value may be a task or a future: it is no call, or one that makes such. */
export function isTaskLike(file: PythonFile, awaited: Node): boolean {
  const value = stripParens(awaited);
  const callee = value.type === 'call' ? value.childForFieldName('function') : undefined;
  if (!callee) return true;
  if (WRAPPERS.has(calledName(file, callee) ?? '')) {
    const { positional, keywords } = argumentsOf(value);
    const inner = positional[0] ?? keywords.get('fut') ?? keywords.get('arg');
    return !inner || isTaskLike(file, inner);
  }
  // Nobody else has the future of a thread that is awaited on the spot.
  return futureMaker(file, callee) !== undefined && lastName(callee) !== 'run_in_executor';
}

/**
 * The place in a block where a task or a future is awaited, or asked for its result. What nested
 * functions do is theirs.
 */
export function usesTask(file: PythonFile, block: Node): Node | undefined {
  const home = enclosingFunction(block);
  const here = (node: Node | null): node is Node =>
    node?.isNamed === true && same(enclosingFunction(node), home);
  const awaited = block
    .descendantsOfType('await')
    .filter(here)
    .find((node) => isTaskLike(file, codeChildren(node)[0] ?? node));
  return awaited ?? block.descendantsOfType('call').filter(here).find(asksForResult);
}

/** `task.result()`, `future.exception()`. */
function asksForResult(call: Node): boolean {
  const callee = call.childForFieldName('function');
  const { positional, keywordNodes } = argumentsOf(call);
  return (
    callee?.type === 'attribute' &&
    RESULTS.has(lastName(callee) ?? '') &&
    positional.length + keywordNodes.length === 0
  );
}
