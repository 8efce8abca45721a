/**
 * Who holds an object that is entered and left: whether a place is reached while its own task holds
 * the object, whether acquire and release pair up, and whether it is held across a `yield`.
 *
 * anyio's locks belong to the task that took them; asyncio's to nobody (semantics, sections 3, 6).
 */

import type { Node } from 'web-tree-sitter';
import { type Definitions, type FunctionInfo, TRANSPARENT } from './analysis/definitions.ts';
import type { Operation } from './analysis/families.ts';
import type { PythonFile } from './analysis/file.ts';
import { functionKey, takenBy } from './operations.ts';
import type { Concern } from './primitive.ts';
import { codeChildren, enclosingFunction, FUNCTIONS, same, withParens } from './syntax/nodes.ts';
import type { JudgeContext } from './transform.ts';

/** `maybe`: something is held, but it cannot be told that it is this very object. */
export type Held = 'held' | 'maybe' | 'not-held';

/** How far callers of callers are followed. */
const DEPTH = 4;

/** A mention of a function: a call, or a place that hands it on. */
interface Mention {
  file: PythonFile;
  node: Node;
  /** Whether it is this function, or only one of the same name on an unknown receiver. */
  sure: boolean;
}

/** Answers whether the operations of one family run while their task holds the object. */
export class Holding {
  private readonly entered = new Map<string, Operation>();
  private readonly acquired: readonly Operation[];

  /** @param operations all that is done with the object. */
  constructor(
    operations: readonly Operation[],
    private readonly definitions: Definitions,
  ) {
    for (const operation of operations) {
      if (operation.kind === 'async-with')
        this.entered.set(nodeKey(operation.file, operation.node), operation);
    }
    this.acquired = operations.filter(({ kind, name }) => kind === 'method' && name === 'acquire');
  }

  /**
   * Whether a method call stands inside `async with` over the object, or after an `acquire()` in
   * the same function, or in a function of which that is true wherever it is called. An `async def`
   * counts only where it is awaited at once: else it may run in another task.
   */
  at(operation: Operation): Held {
    return this.held(operation.file, operation.node, receiverText(operation.node), new Set());
  }

  private held(file: PythonFile, node: Node, receiver: string, seen: Set<string>): Held {
    const holder = this.holderAround(file, node) ?? this.acquiredBefore(file, node);
    if (holder !== undefined) return holder === receiver ? 'held' : 'maybe';
    const definition = enclosingFunction(node);
    if (definition?.type !== 'function_definition') return 'not-held';
    return this.heldByCallers(this.definitions.functionOf(file, definition), receiver, seen);
  }

  /** The text of what the nearest `async with` around the node enters, if it is of the family. */
  private holderAround(file: PythonFile, node: Node): string | undefined {
    for (let at = node, up = node.parent; up && !FUNCTIONS.has(up.type); at = up, up = up.parent) {
      if (up.type !== 'with_statement' || at.type !== 'block') continue;
      const items = up.namedChildren.find((child) => child.type === 'with_clause');
      const item =
        items && codeChildren(items).find((each) => this.entered.has(nodeKey(file, each)));
      if (item) return enteredText(item);
    }
    return undefined;
  }

  private acquiredBefore(file: PythonFile, node: Node): string | undefined {
    const home = functionKey({ file, node });
    const before = this.acquired.filter(
      (operation) => functionKey(operation) === home && operation.node.startIndex < node.startIndex,
    );
    const last = before.at(-1);
    return last && receiverText(last.node);
  }

  private heldByCallers(definition: FunctionInfo, receiver: string, seen: Set<string>): Held {
    const key = nodeKey(definition.file, definition.node);
    if (seen.has(key)) return 'held';
    seen.add(key);
    if (seen.size > DEPTH) return 'maybe';
    const found = this.mentions(definition).map((mention) => ({
      sure: mention.sure,
      held: this.heldAtMention(definition, mention, receiver, seen),
    }));
    const known = found.filter(({ sure }) => sure).map(({ held }) => held);
    const guessed = found.filter(({ sure }) => !sure).map(({ held }) => held);
    if (known.length === 0) return guessed.some((held) => held === 'held') ? 'maybe' : 'not-held';
    const opaque = definition.decorators.some((name) => !TRANSPARENT.has(name));
    const doubt = opaque || guessed.some((held) => held !== 'held');
    return worst(doubt ? [...known, 'maybe'] : known);
  }

  private heldAtMention(
    definition: FunctionInfo,
    { file, node, sure }: Mention,
    receiver: string,
    seen: Set<string>,
  ): Held {
    const call = calledAt(node);
    if (!call) return sure || takenBy(node) ? 'not-held' : 'held';
    const awaited = withParens(call).parent?.type === 'await';
    if (definition.async && !awaited) return 'not-held';
    const held = this.held(file, call, receiver, seen);
    if (!sure) return held === 'not-held' ? 'not-held' : 'held';
    return held === 'held' && !isOnSameObject(node) ? 'maybe' : held;
  }

  private mentions(definition: FunctionInfo): Mention[] {
    const { name } = definition;
    return this.definitions.project.filesMentioning(name).flatMap((file) => {
      const names = file.references(name).map((reference) => reference.node);
      return [...names, ...file.attributes(name)].flatMap((node): Mention[] => {
        const type = this.definitions.typeOf(file, node);
        const sure = type?.kind === 'function' && same(type.of.node, definition.node);
        const maybe = type === undefined && node.type === 'attribute' && definition.owner;
        return sure || maybe ? [{ file, node, sure }] : [];
      });
    });
  }
}

/**
 * The first `acquire()` without a `release()` that one run of the same function can do too, or the
 * other way round: then another task may be the one that releases. Undefined when all pair up.
 */
export function unpaired(operations: readonly Operation[]): Operation | undefined {
  const calls = operations.filter(
    ({ kind, name }) => kind === 'method' && (name === 'acquire' || name === 'release'),
  );
  return calls.find((call) => !calls.some((other) => arePair(call, other)));
}

function arePair(a: Operation, b: Operation): boolean {
  return a.name !== b.name && functionKey(a) === functionKey(b) && !areBranches(a.node, b.node);
}

/** Whether two nodes stand in branches of one `if` or `match`, of which only one is taken. */
function areBranches(a: Node, b: Node): boolean {
  for (let at = a, up = a.parent; up; at = up, up = up.parent) {
    const holdsBoth = up.startIndex <= b.startIndex && b.endIndex <= up.endIndex;
    if (!holdsBoth) continue;
    if (up.type === 'match_statement' || up.parent?.type === 'match_statement') {
      return at.type === 'case_clause';
    }
    const branch = ['block', 'elif_clause', 'else_clause'].includes(at.type);
    return up.type === 'if_statement' && branch;
  }
  return false;
}

/** A `yield` while the object is held, and whether an @asynccontextmanager yields it. */
export interface HeldYield {
  node: Node;
  contextManager: boolean;
}

/** The `yield` inside the body of an `async with`. */
export function yieldInside(operation: Operation): HeldYield | undefined {
  const body = operation.node.parent?.parent?.childForFieldName('body');
  return body ? firstYield(body, body, () => true) : undefined;
}

/** The `yield` between an `acquire()` and the next `release()` of the same function. */
export function yieldAfter(
  acquire: Operation,
  operations: readonly Operation[],
): HeldYield | undefined {
  const body = enclosingFunction(acquire.node)?.childForFieldName('body');
  if (!body) return undefined;
  const from = acquire.node.endIndex;
  const releases = operations.filter(
    (other) => other.name === 'release' && functionKey(other) === functionKey(acquire),
  );
  const next = Math.min(
    ...releases.map(({ node }) => node.startIndex).filter((at) => at > from),
    Number.POSITIVE_INFINITY,
  );
  return firstYield(body, acquire.node, (at) => at > from && at < next);
}

function firstYield(
  body: Node,
  held: Node,
  during: (offset: number) => boolean,
): HeldYield | undefined {
  const definition = enclosingFunction(held);
  const node = body
    .descendantsOfType('yield')
    .find(
      (found) =>
        found && enclosingFunction(found)?.id === definition?.id && during(found.startIndex),
    );
  if (!node || !definition) return undefined;
  const decorated = definition.parent?.type === 'decorated_definition' ? definition.parent : null;
  const contextManager = (decorated ? codeChildren(decorated) : []).some((child) =>
    /^@\s*(\w+\s*\.\s*)*asynccontextmanager\b/.test(child.text),
  );
  return { node, contextManager };
}

/**
 * Whether the context manager that holds a yield is, wherever the project names it, entered at once
 * by `async with` in a function that does not yield inside: then the task that enters it leaves it.
 * False too where nothing names it: somebody else calls it.
 */
function isLeftWhereEntered(
  file: PythonFile,
  { node }: HeldYield,
  definitions: Definitions,
): boolean {
  const definition = definitions.enclosing(file, node);
  if (!definition) return false;
  const named = [...definitions.mentions(definition)];
  return named.length > 0 && named.every((mention) => isEntered(mention.node));
}

/**
 * What a yield while the object is held means: for review in a context manager, whose exit may be
 * another task's; in any other generator the given refusal.
 */
export function yieldConcerns(
  operation: Operation,
  found: HeldYield | undefined,
  { definitions }: JudgeContext,
  refusal: { code: string; message: string; help: string },
): Concern[] {
  if (!found) return [];
  const place = operation.file.place(found.node);
  if (!found.contextManager) return [{ kind: 'refuse', ...refusal, place }];
  if (isLeftWhereEntered(operation.file, found, definitions)) return [];
  const note =
    'it is held across the yield of an async context manager, which must be left by the task that entered it';
  return [{ kind: 'review', note, place }];
}

function isEntered(name: Node): boolean {
  const call = calledAt(name);
  let at = call && withParens(call);
  if (at?.parent?.type === 'as_pattern') at = at.parent;
  const statement = at?.parent?.parent?.parent;
  if (at?.parent?.type !== 'with_item' || statement?.type !== 'with_statement') return false;
  const body = statement.childForFieldName('body');
  const isAsyncWith = statement.child(0)?.type === 'async';
  return isAsyncWith && !!body && firstYield(body, body, () => true) === undefined;
}

/** The object that a method is called on, as it is written: `self._ready`. */
function receiverText(call: Node): string {
  return call.childForFieldName('function')?.childForFieldName('object')?.text ?? '';
}

function enteredText(item: Node): string {
  const value = item.childForFieldName('value') ?? item;
  return (value.type === 'as_pattern' ? codeChildren(value)[0] : value)?.text ?? '';
}

function calledAt(node: Node): Node | undefined {
  const outer = withParens(node);
  const call = outer.parent;
  return call?.type === 'call' && same(call.childForFieldName('function'), outer)
    ? call
    : undefined;
}

/** Whether a method is called on `self`, so that `self` means the same in it; plain names always do. */
function isOnSameObject(callee: Node): boolean {
  const object = callee.childForFieldName('object')?.text;
  return callee.type === 'identifier' || object === 'self' || object === 'cls';
}

function worst(states: readonly Held[]): Held {
  if (states.includes('not-held')) return 'not-held';
  return states.includes('maybe') ? 'maybe' : 'held';
}

function nodeKey(file: PythonFile, node: Node): string {
  return `${file.path}:${node.id}`;
}
