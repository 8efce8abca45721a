/**
 * Code that counts turns of the loop: it starts a task, gives it one turn by `await sleep(0)`, and
 * goes on as if the task had come to its first real wait by then.
 *
 * To take a free lock of asyncio costs no turn; anyio's yields once (semantics, section 3).
 */

import type { Node } from 'web-tree-sitter';
import type { Definitions } from './analysis/definitions.ts';
import type { Operation } from './analysis/families.ts';
import type { PythonFile } from './analysis/file.ts';
import {
  ancestor,
  argumentsOf,
  codeChildren,
  enclosingFunction,
  lastName,
  same,
  statementOf,
  stripParens,
} from './syntax/nodes.ts';
import type { Place } from './transform.ts';

/** How far calls are followed. */
const DEPTH = 6;
const STARTERS = ['create_task', 'ensure_future', 'start_soon'];
const BRANCHES: ReadonlySet<string> = new Set(['if_statement', 'match_statement']);
/** Calls that, awaited, do nothing that others could see before they wait. */
const WAITING = new Set(['sleep', 'wait', 'acquire', 'get']);

/**
 * Where a task is given one turn of the loop that takes the object before it waits for anything
 * else, and then does something. Undefined when no such place is found: calls that cannot be
 * resolved are not followed.
 */
export function oneTurn(
  operations: readonly Operation[],
  definitions: Definitions,
): Place | undefined {
  let turns = known.get(definitions);
  if (!turns) {
    turns = new Turns(definitions);
    known.set(definitions, turns);
  }
  for (const { kind, name, file, node, certain } of operations) {
    const takes = kind === 'async-with' || (kind === 'method' && name === 'acquire');
    const found = takes && certain && isSeen(node) ? turns.at(file, node) : undefined;
    if (found) return found;
  }
  return undefined;
}

const known = new WeakMap<Definitions, Turns>();

/** The first waits of all tasks that are given one turn, with the places where that is. */
class Turns {
  private readonly places = new Map<string, Place>();

  constructor(private readonly definitions: Definitions) {
    for (const file of definitions.project.filesMentioningAll(STARTERS, ['sleep'])) {
      if (file.text.includes('sleep(0)')) this.search(file);
    }
  }

  at(file: PythonFile, node: Node): Place | undefined {
    return this.places.get(keyOf(file, node));
  }

  private search(file: PythonFile): void {
    for (const turn of file.root.descendantsOfType('expression_statement')) {
      if (!turn || !isTurn(turn)) continue;
      const then = sibling(turn, 'next');
      if (!then || isTurn(then) || awaitsName(then)) continue;
      for (let before = sibling(turn, 'previous'); before; before = sibling(before, 'previous')) {
        if (waitsIn(before).length > 0) break;
        for (const started of startedIn(before)) this.enter(file, started, file.place(turn), 0);
      }
    }
  }

  /** Follows a coroutine's call, or the function that `start_soon` is given, to its first wait. */
  private enter(file: PythonFile, started: Node, place: Place, depth: number): void {
    const type =
      started.type === 'call'
        ? this.definitions.callee(file, started)
        : this.definitions.typeOf(file, started);
    if (type?.kind !== 'function' || !type.of.async || depth > DEPTH) return;
    const [first] = waitsIn(type.of.node);
    if (!first || mayPassBy(type.of.node, first)) return;
    const awaited = first.type === 'await' ? stripParens(codeChildren(first)[0] ?? first) : first;
    const key = keyOf(type.of.file, awaited);
    if (!this.places.has(key)) this.places.set(key, place);
    if (awaited.type === 'call') this.enter(type.of.file, awaited, place, depth + 1);
  }
}

/** Whether a function may end before its first wait, or go round it: then the turn tells nothing. */
function mayPassBy(definition: Node, first: Node): boolean {
  const returns = definition
    .descendantsOfType('return_statement')
    .some((found) => found !== null && found.endIndex <= first.startIndex);
  const around = ancestor(first, new Set([...BRANCHES, definition.type]));
  return returns || !same(around, definition);
}

function keyOf({ path }: PythonFile, { startIndex, endIndex }: Node): string {
  return `${path}:${startIndex}:${endIndex}`;
}

/** What a statement hands to `create_task` and its like, in its own function. */
function startedIn(statement: Node): Node[] {
  return statement
    .descendantsOfType('call')
    .filter((call): call is Node =>
      STARTERS.includes(lastName(call?.childForFieldName('function')) ?? ''),
    )
    .filter((call) => same(enclosingFunction(call), enclosingFunction(statement)))
    .flatMap((call) => argumentsOf(call).positional.slice(0, 1));
}

/** Whether others can see that the object was taken: something is done before the next wait. */
function isSeen(node: Node): boolean {
  const entered = node.type === 'with_item' ? node.parent?.parent : null;
  const next = entered
    ? codeChildren(entered.childForFieldName('body') ?? entered)[0]
    : sibling(statementOf(node), 'next');
  const operand = next && awaitedIn(next);
  return (
    operand?.type !== 'call' || !WAITING.has(lastName(operand.childForFieldName('function')) ?? '')
  );
}

/** The awaits, `async with` items and `async for` iterables of one function, in their order. */
function waitsIn(node: Node): Node[] {
  const home = node.type === 'function_definition' ? node : enclosingFunction(node);
  return node
    .descendantsOfType(['await', 'with_item', 'for_statement'])
    .filter((found): found is Node => found?.isNamed === true)
    .filter((found) => same(enclosingFunction(found), home))
    .flatMap((found) => {
      if (found.type === 'await') return [found];
      const statement = found.type === 'with_item' ? found.parent?.parent : found;
      if (statement?.child(0)?.type !== 'async') return [];
      return [found.childForFieldName('right') ?? found];
    });
}

function isTurn(statement: Node): boolean {
  const operand = awaitedIn(statement);
  if (statement.type !== 'expression_statement' || operand?.type !== 'call') return false;
  const { positional } = argumentsOf(operand);
  const isSleep = lastName(operand.childForFieldName('function')) === 'sleep';
  return isSleep && positional.length === 1 && positional[0]?.text === '0';
}

/** `await task`: nothing is expected of the task but its end. */
function awaitsName(statement: Node): boolean {
  return awaitedIn(statement)?.type === 'identifier';
}

/** What a statement awaits first of all: of `await x`, `y = await x` and `return await x` the `x`. */
function awaitedIn(statement: Node): Node | undefined {
  const [only] = statement.type === 'expression_statement' ? codeChildren(statement) : [statement];
  const value =
    only?.type === 'assignment'
      ? only.childForFieldName('right')
      : only?.type === 'return_statement'
        ? codeChildren(only)[0]
        : only;
  const bare = value && stripParens(value);
  return bare?.type === 'await' ? codeChildren(bare)[0] : undefined;
}

function sibling(statement: Node, side: 'next' | 'previous'): Node | null {
  let at: Node | null = statement;
  do at = side === 'next' ? at.nextNamedSibling : at.previousNamedSibling;
  while (at?.type === 'comment');
  return at;
}
