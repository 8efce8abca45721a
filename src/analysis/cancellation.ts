/**
 * What code does when it is cancelled, followed through the calls that can be resolved.
 *
 * asyncio cancels by edge: CancelledError is raised once, and code that catches it goes on. anyio
 * cancels by level: under a cancelled scope every further await is cancelled again. Three shapes
 * change their meaning (semantics, sections 7 and 18): swallowing CancelledError, awaiting while
 * cleaning up, and yielding out of the scope. A call that cannot be resolved may hold any of them.
 */

import type { Node } from 'web-tree-sitter';
import {
  argumentsOf,
  codeChildren,
  dottedParts,
  enclosingFunction,
  lastName,
  stripParens,
} from '../syntax/nodes.ts';
import type { Place } from '../transform.ts';
import type { Definitions, FunctionInfo } from './definitions.ts';
import type { PythonFile } from './file.ts';
import { isPlainAwait } from './plain-awaits.ts';

/** One reason why a cancel scope around the code may not mean what a cancelled task meant. */
export interface CancellationFact {
  kind: /** CancelledError is caught and not raised again: the code goes on, and is cancelled again. */
    | 'swallows'
    /** An await in `finally`, in a handler that a cancellation reaches, or in `__aexit__`. */
    | 'awaits-in-cleanup'
    /** A yield inside the scope: the deadline would hit whoever consumes the generator. */
    | 'yields'
    /** An await of something that cannot be resolved. */
    | 'unknown-call';
  /** For `unknown-call` what is awaited; else empty. */
  name: string;
  place: Place;
  /** Functions from the code asked about down to the place: `['fetch', 'Client.close']`. */
  through: string[];
}

const DEPTH = 6;
/** Exceptions whose handlers a CancelledError (a BaseException) enters. */
const CATCHING = new Set(['CancelledError', 'BaseException']);
/**
 * The facts of all code that runs inside a node: a block, a statement, or an awaited call.
 * The same function is looked into once; recursion ends.
 */
export function cancellationFacts(
  file: PythonFile,
  node: Node,
  definitions: Definitions,
): CancellationFact[] {
  const walk = new CancellationWalk(definitions);
  walk.code(file, node, []);
  return walk.facts;
}

/** The facts of what runs when the coroutine that a call makes is awaited. */
export function cancellationFactsOfCall(
  file: PythonFile,
  call: Node,
  definitions: Definitions,
): CancellationFact[] {
  const walk = new CancellationWalk(definitions);
  walk.operand(file, call, call, []);
  return walk.facts;
}

class CancellationWalk {
  readonly facts: CancellationFact[] = [];
  private readonly seen = new Set<string>();

  constructor(private readonly definitions: Definitions) {}

  code(file: PythonFile, node: Node, through: readonly string[]): void {
    const home = homeOf(node);
    const here = (found: Node) => homeOf(found)?.id === home?.id;
    for (const statement of within(node, 'try_statement').filter(here)) {
      this.tryStatement(file, statement, through);
    }
    for (const found of within(node, 'with_statement').filter(here)) {
      this.withStatement(file, found, through);
    }
    for (const found of within(node, 'yield').filter(here))
      this.add('yields', file, found, through);
    for (const found of within(node, 'await').filter(here)) this.awaited(file, found, through);
  }

  private add(
    kind: CancellationFact['kind'],
    file: PythonFile,
    node: Node,
    through: readonly string[],
    name = '',
  ): void {
    this.facts.push({ kind, name, place: file.place(node), through: [...through] });
  }

  private tryStatement(file: PythonFile, statement: Node, through: readonly string[]): void {
    for (const clause of codeChildren(statement)) {
      if (clause.type === 'finally_clause') this.cleanup(file, clause, through);
      if (clause.type !== 'except_clause' || !catchesCancellation(clause)) continue;
      if (!raisesAgain(clause)) this.add('swallows', file, clause, through);
      this.cleanup(file, clause, through);
      // A later handler never sees what this one took.
      break;
    }
  }

  private cleanup(file: PythonFile, clause: Node, through: readonly string[]): void {
    const home = homeOf(clause);
    const found = ['await', 'with_statement', 'for_statement']
      .flatMap((type) => within(clause, type))
      .filter((node) => homeOf(node)?.id === home?.id)
      .find((node) => node.type === 'await' || node.child(0)?.type === 'async');
    if (found && !isShielded(found, clause)) this.add('awaits-in-cleanup', file, found, through);
  }

  private withStatement(file: PythonFile, statement: Node, through: readonly string[]): void {
    for (const item of within(statement, 'with_item')) {
      if (item.parent?.parent?.id !== statement.id) continue;
      const value = item.childForFieldName('value');
      const manager = value?.type === 'as_pattern' ? codeChildren(value)[0] : value;
      if (!manager) continue;
      if (suppressesCancellation(manager)) this.add('swallows', file, item, through);
      if (statement.child(0)?.type === 'async') this.exit(file, manager, through);
    }
  }

  /** What `__aexit__` of a class of the project does happens while the scope is cancelled. */
  private exit(file: PythonFile, manager: Node, through: readonly string[]): void {
    const type = this.definitions.typeOf(file, manager);
    if (type?.kind !== 'instance') return;
    const exit = this.definitions.method(type.of, '__aexit__');
    const body = exit?.node.childForFieldName('body');
    const [first] = body ? within(body, 'await') : [];
    if (exit && first) this.add('awaits-in-cleanup', exit.file, first, [...through, nameOf(exit)]);
  }

  private awaited(file: PythonFile, node: Node, through: readonly string[]): void {
    this.operand(file, stripParens(codeChildren(node)[0] ?? node), node, through);
  }

  /** What is awaited; `node` is the place to speak of. */
  operand(file: PythonFile, operand: Node, node: Node, through: readonly string[]): void {
    const type = operand.type === 'call' ? this.definitions.callee(file, operand) : undefined;
    if (type?.kind === 'function') return this.into(type.of, through);
    const name = operand.type === 'call' ? calleeText(operand) : operand.text.slice(0, 40);
    if (isPlainAwait(file, operand, this.definitions)) return;
    this.add('unknown-call', file, node, through, name);
  }

  private into(target: FunctionInfo, through: readonly string[]): void {
    const key = `${target.file.path}:${target.node.id}`;
    const body = target.node.childForFieldName('body');
    if (this.seen.has(key) || through.length >= DEPTH || !body) return;
    this.seen.add(key);
    this.code(target.file, body, [...through, nameOf(target)]);
  }
}

/** Nodes of a type; the keyword `await` inside an `await` expression has the same type as it. */
function within(node: Node, type: string): Node[] {
  return node.descendantsOfType(type).filter((found) => found?.isNamed === true);
}

/** The function a node runs in; a definition's own node runs in itself. */
function homeOf(node: Node): Node | undefined {
  return enclosingFunction(node);
}

function nameOf(target: FunctionInfo): string {
  return target.owner ? `${target.owner.name}.${target.name}` : target.name;
}

function calleeText(call: Node): string {
  const callee = call.childForFieldName('function');
  return (callee && dottedParts(callee)?.join('.')) ?? lastName(callee) ?? 'a call';
}

function catchesCancellation(clause: Node): boolean {
  const value = clause.childForFieldName('value');
  if (!value) return true;
  return within(value, 'identifier').some((name) => CATCHING.has(name.text));
}

/** Whether the handler ends in a bare `raise`, or in `raise` of the exception that it caught. */
function raisesAgain(clause: Node): boolean {
  const block = codeChildren(clause).find((child) => child.type === 'block');
  const last = block && codeChildren(block).at(-1);
  return last?.type === 'raise_statement';
}

function suppressesCancellation(manager: Node): boolean {
  if (manager.type !== 'call' || lastName(manager.childForFieldName('function')) !== 'suppress') {
    return false;
  }
  const list = manager.childForFieldName('arguments');
  return !!list && within(list, 'identifier').some((name) => CATCHING.has(name.text));
}

/** Whether an await stands in `with CancelScope(shield=True)` or `move_on_after(…, shield=True)`. */
function isShielded(node: Node, cleanup: Node): boolean {
  for (let up = node.parent; up && up.id !== cleanup.id; up = up.parent) {
    const header = up.type === 'with_statement' ? codeChildren(up)[0] : undefined;
    const calls = header?.type === 'with_clause' ? within(header, 'call') : [];
    if (calls.some((call) => argumentsOf(call).keywords.get('shield')?.text === 'True'))
      return true;
  }
  return false;
}
