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
import { importedPath } from './import-path.ts';
import { isPlainAwait, isPlainObject } from './plain-awaits.ts';

/** One reason why a cancel scope around the code may not mean what a cancelled task meant. */
export interface CancellationFact {
  kind: /** CancelledError is caught and not raised again: the code goes on, and is cancelled again. */
    | 'swallows'
    /** An await in `finally`, in a handler that a cancellation reaches, or in `__aexit__`. */
    | 'awaits-in-cleanup'
    /** A yield inside the scope: the deadline would hit whoever consumes the generator. */
    | 'yields'
    /** A thread that anyio waits for until it ends, whatever its scope says. */
    | 'waits-for-thread'
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
const CATCHING = new Set(['CancelledError', 'BaseException', 'get_cancelled_exc_class']);
const RUN_SYNC = 'anyio.to_thread.run_sync';

/** Context managers of asyncio and anyio whose `__aexit__` neither awaits for long nor swallows. */
const MANAGERS =
  /^(asyncio\.(Lock|Semaphore|BoundedSemaphore|Condition|timeout|timeout_at|TaskGroup)|anyio\.(Lock|Semaphore|Condition|CapacityLimiter|create_task_group))$/;

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

/** The functions of the project that run inside a node, as far as calls can be followed. */
export function functionsRunIn(
  file: PythonFile,
  node: Node,
  definitions: Definitions,
): readonly FunctionInfo[] {
  const walk = new CancellationWalk(definitions);
  walk.code(file, node, []);
  return walk.functions;
}

/** The facts of entering and leaving the context managers of a `with` statement. */
export function cancellationFactsOfManagers(
  file: PythonFile,
  items: readonly Node[],
  definitions: Definitions,
): CancellationFact[] {
  const walk = new CancellationWalk(definitions);
  for (const item of items) walk.manager(file, item, []);
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
  readonly functions: FunctionInfo[] = [];
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
    for (const found of ['for_statement', 'for_in_clause'].flatMap((type) => within(node, type))) {
      if (here(found) && found.child(0)?.type === 'async') this.asyncFor(file, found, through);
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
      if (item.parent?.parent?.id === statement.id) this.manager(file, item, through);
    }
  }

  /** One context manager of a `with` statement. */
  manager(file: PythonFile, item: Node, through: readonly string[]): void {
    const value = item.childForFieldName('value');
    const manager = value?.type === 'as_pattern' ? codeChildren(value)[0] : value;
    if (!manager) return;
    if (suppressesCancellation(manager)) this.add('swallows', file, item, through);
    const isEntered = item.parent?.parent?.child(0)?.type === 'async';
    if (isEntered) this.exit(file, stripParens(manager), through);
  }

  /** What `__aexit__` of a class of the project does happens while the scope is cancelled. */
  private exit(file: PythonFile, manager: Node, through: readonly string[]): void {
    if (isCallOf(file, manager, MANAGERS)) return;
    const type = this.definitions.typeOf(file, manager);
    if (type?.kind === 'instance') {
      const exit = this.definitions.method(type.of, '__aexit__');
      const body = exit?.node.childForFieldName('body');
      const [first] = body ? within(body, 'await') : [];
      if (exit && first) {
        this.add('awaits-in-cleanup', exit.file, first, [...through, nameOf(exit)]);
      }
      if (exit) return;
    }
    // A generator under `asynccontextmanager`.
    const made = manager.type === 'call' ? this.definitions.callee(file, manager) : undefined;
    if (made?.kind === 'function' && made.of.async) return this.into(made.of, through);
    const isKnown =
      type?.kind === 'foreign' ? MANAGERS.test(type.name) : isAlwaysManager(file, manager);
    if (isKnown) return;
    const name = `\`async with ${nameOfValue(manager)}\``;
    this.add('unknown-call', file, manager, through, name);
  }

  /** `async for`: each step is an await of what is iterated. */
  private asyncFor(file: PythonFile, loop: Node, through: readonly string[]): void {
    const right = loop.childForFieldName('right');
    const iterated = right && stripParens(right);
    if (!iterated) return;
    const type = iterated.type === 'call' ? this.definitions.callee(file, iterated) : undefined;
    if (type?.kind === 'function') return this.into(type.of, through);
    if (isPlainObject(file, iterated, this.definitions)) return;
    this.add(
      'unknown-call',
      file,
      iterated,
      through,
      `\`async for … in ${nameOfValue(iterated)}\``,
    );
  }

  private awaited(file: PythonFile, node: Node, through: readonly string[]): void {
    this.operand(file, stripParens(codeChildren(node)[0] ?? node), node, through);
  }

  /** What is awaited; `node` is the place to speak of. */
  operand(file: PythonFile, operand: Node, node: Node, through: readonly string[]): void {
    const type = operand.type === 'call' ? this.definitions.callee(file, operand) : undefined;
    if (type?.kind === 'function') return this.into(type.of, through);
    const timed = timedCall(file, operand);
    if (timed) return this.operand(file, timed, node, through);
    const name = operand.type === 'call' ? calleeText(operand) : operand.text.slice(0, 40);
    // A thread's future is let go of at once.
    if (operand.type === 'call' && name.endsWith('run_in_executor')) return;
    if (runsInThread(file, operand)) {
      if (!isLetGo(operand)) this.add('waits-for-thread', file, node, through, name);
      return;
    }
    if (isPlainAwait(file, operand, this.definitions)) return;
    this.add('unknown-call', file, node, through, name);
  }

  private into(target: FunctionInfo, through: readonly string[]): void {
    const key = `${target.file.path}:${target.node.id}`;
    const body = target.node.childForFieldName('body');
    if (this.seen.has(key) || through.length >= DEPTH || !body) return;
    this.seen.add(key);
    this.functions.push(target);
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

/** The call that a `wait_for` awaits. */
function timedCall(file: PythonFile, operand: Node): Node | undefined {
  if (operand.type !== 'call' || !isCallOf(file, operand, /^asyncio\.wait_for$/)) return undefined;
  const [inner] = argumentsOf(operand).positional;
  const call = inner && stripParens(inner);
  return call?.type === 'call' ? call : undefined;
}

/** What is entered or iterated, as a person would name it. */
function nameOfValue(node: Node): string {
  return node.type === 'call' ? `${calleeText(node)}()` : node.text.slice(0, 40);
}

/** Whether an expression calls one of the known names, or is such a name. */
function isCallOf(file: PythonFile, operand: Node, known: RegExp): boolean {
  const callee = operand.type === 'call' ? operand.childForFieldName('function') : operand;
  if (!callee) return false;
  const use = file.uses.find(({ span }) => span.start === callee.startIndex);
  return known.test(use?.name ?? importedPath(file, callee) ?? '');
}

function runsInThread(file: PythonFile, operand: Node): boolean {
  const callee = operand.type === 'call' ? operand.childForFieldName('function') : undefined;
  return !!callee && importedPath(file, callee) === RUN_SYNC;
}

function isLetGo(call: Node): boolean {
  const { keywords } = argumentsOf(call);
  return (keywords.get('abandon_on_cancel') ?? keywords.get('cancellable'))?.text === 'True';
}

/** Whether all that the file assigns to an attribute of the name is a known context manager. */
function isAlwaysManager(file: PythonFile, object: Node): boolean {
  const name =
    object.type === 'attribute' ? object.childForFieldName('attribute')?.text : undefined;
  if (name === undefined) return false;
  const assigned = file
    .attributes(name)
    .map((node) => node.parent)
    .filter((up) => up?.type === 'assignment' && lastName(up.childForFieldName('left')) === name)
    .map((up) => up?.childForFieldName('right'))
    .filter((value) => value !== null && value !== undefined && value.type !== 'none');
  return (
    assigned.length > 0 && assigned.every((value) => !!value && isCallOf(file, value, MANAGERS))
  );
}

/** Whether a CancelledError comes to an `except` clause. */
export function catchesCancellation(clause: Node): boolean {
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

/** Whether a call is a `suppress` of CancelledError. */
export function suppressesCancellation(manager: Node): boolean {
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
