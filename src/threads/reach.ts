/**
 * Whether an anyio cancel scope may reach an await: a scope that the project has, or gets when a
 * timeout of asyncio becomes a block. Under asyncio whoever is cancelled stops waiting for its
 * thread at once; anyio waits for the thread, unless told to let go of it (semantics, section 14).
 *
 * The callers are followed by name, so that rather too many are found than too few. A function that
 * is handed to code outside of the project is cancelled there as asyncio cancels, but for the web
 * frameworks that run on anyio.
 */

import type { Node } from 'web-tree-sitter';
import { type Definitions, type FunctionInfo, TRANSPARENT } from '../analysis/definitions.ts';
import type { PythonFile } from '../analysis/file.ts';
import { sameDefinition } from '../analysis/types.ts';
import {
  ancestor,
  codeChildren,
  enclosingFunction,
  FUNCTIONS,
  lastName,
  same,
  withParens,
} from '../syntax/nodes.ts';
import type { Place } from '../transform.ts';

export type Reach =
  | { kind: 'none' }
  /** A scope stands around it, or around a call that leads to it. */
  | { kind: 'scope'; place: Place }
  /** Where it is awaited cannot be seen. */
  | { kind: 'unknown' };

/** The cleanup that an await is part of, where a cancelled scope does not even start a thread. */
export interface Reached {
  reach: Reach;
  cleanup: Place | undefined;
}

/** How far callers of callers are followed, and how many places are looked at. */
const DEPTH = 8;
const PLACES = 2000;
const NONE: Reach = { kind: 'none' };

/** Context managers that are a cancel scope, or become one, by the last part of their name. */
const SCOPES: ReadonlySet<string> = new Set([
  'fail_after',
  'fail_at',
  'move_on_after',
  'move_on_at',
  'CancelScope',
  'create_task_group',
  'open_nursery',
  'timeout',
  'timeout_at',
]);
/** Calls that run a coroutine in a task of asyncio's own, where no scope around them reaches. */
const TASKS: ReadonlySet<string> = new Set([
  'create_task',
  'ensure_future',
  'gather',
  'shield',
  'run',
  'run_until_complete',
  'run_coroutine_threadsafe',
]);
/** Methods of anyio's task groups that run a function in the group's scope. */
const STARTS: ReadonlySet<string> = new Set(['start_soon', 'start', 'start_task_soon']);
/** Libraries that call the functions of a project inside of anyio's task groups. */
const ON_ANYIO: readonly string[] = ['fastapi', 'starlette', 'mcp', 'litestar'];

/** Where a coroutine goes that a call makes. */
type Destination = 'awaited' | 'task' | 'waited-for' | 'passed-on' | 'returned';

export function scopeReaching(file: PythonFile, call: Node, definitions: Definitions): Reached {
  const walk = new ReachWalk(definitions);
  return { reach: walk.from(file, call), cleanup: walk.cleanup };
}

/** What is done with the coroutine that a call makes, by what stands around it. */
export function destinationOf(call: Node): Destination {
  const outer = withParens(call);
  const parent = outer.parent;
  if (parent && AWAITING.has(parent.type)) return 'awaited';
  if (parent?.type === 'return_statement') return 'returned';
  if (parent?.type === 'lambda') return 'returned';
  const taker = callTaking(outer);
  const callee = taker?.childForFieldName('function');
  const name = lastName(callee) ?? '';
  if (name === 'wait_for') return 'waited-for';
  // anyio has a gather as well, whose tasks are in the scope around it.
  const isAnyio = callee?.text.startsWith('anyio.') === true;
  return TASKS.has(name) && !isAnyio ? 'task' : 'passed-on';
}

/** What awaits a coroutine, or drives an async generator or context manager, where it stands. */
const AWAITING: ReadonlySet<string> = new Set([
  'await',
  'for_statement',
  'for_in_clause',
  'with_item',
  'as_pattern',
]);

/** The call that takes an expression as an argument, also out of `*[… for x in xs]`. */
export function callTaking(expression: Node): Node | undefined {
  for (let at = expression.parent; at; at = at.parent) {
    if (at.type === 'call') return at;
    if (!PASSING.has(at.type)) return undefined;
  }
  return undefined;
}

const PASSING: ReadonlySet<string> = new Set([
  'argument_list',
  'keyword_argument',
  'list_splat',
  'list',
  'tuple',
  'list_comprehension',
  'generator_expression',
  'parenthesized_expression',
]);

/** A call that leads to the await. */
interface Step {
  file: PythonFile;
  node: Node;
  /** Whether it does so for certain, and not only by the name of what it calls. */
  certain: boolean;
}

/** A scope, as far as it is certain that the await is reached from there. */
function found({ certain, file }: Step, node: Node): Reach {
  return certain ? { kind: 'scope', place: file.place(node) } : { kind: 'unknown' };
}

class ReachWalk {
  private readonly seen = new Set<string>();
  private left = PLACES;
  cleanup: Place | undefined;

  constructor(private readonly definitions: Definitions) {}

  from(file: PythonFile, call: Node): Reach {
    let doubt: Reach = NONE;
    let level: Step[] = [{ file, node: call, certain: true }];
    for (let depth = 0; level.length > 0; depth++) {
      const next: Step[] = [];
      for (const place of level) {
        if (depth >= DEPTH) return { kind: 'unknown' };
        const reach = this.at(place, next);
        if (reach.kind === 'scope') return reach;
        if (reach.kind === 'unknown') doubt = reach;
      }
      level = next;
    }
    return doubt;
  }

  /** Looks at one call, and adds the calls of the function that holds it. */
  private at(step: Step, next: Step[]): Reach {
    const { file, node: call } = step;
    const destination = destinationOf(call);
    if (destination === 'task') return NONE;
    if (destination === 'waited-for') return found(step, call);
    const clause = ancestor(call, CLEANUP);
    if (step.certain && clause && CLAUSES.has(clause.type)) this.cleanup ??= file.place(clause);
    const scope = scopeAround(call);
    if (scope) return found(step, scope);
    const definition = enclosingFunction(call);
    if (definition?.type === 'lambda') return { kind: 'unknown' };
    if (!definition) return NONE;
    const reach = this.callers(this.definitions.functionOf(file, definition), step, next);
    return destination === 'passed-on' && reach.kind === 'none' ? { kind: 'unknown' } : reach;
  }

  private callers(of: FunctionInfo, step: Step, next: Step[]): Reach {
    const key = `${of.file.path}:${of.node.id}`;
    if (this.seen.has(key)) return NONE;
    this.seen.add(key);
    let doubt: Reach = NONE;
    if (of.decorators.some((name) => !TRANSPARENT.has(name))) doubt = this.outside();
    for (const { file, node } of this.definitions.mentions(of)) {
      if (this.left-- <= 0) return { kind: 'unknown' };
      if (this.isOther(file, node, of)) continue;
      const outer = withParens(node);
      const parent = outer.parent;
      if (parent?.type === 'call' && same(parent.childForFieldName('function'), outer)) {
        const certain = step.certain && this.definitions.typeOf(file, node) !== undefined;
        next.push({ file, node: parent, certain });
        continue;
      }
      const taker = callTaking(outer);
      const name = lastName(taker?.childForFieldName('function')) ?? '';
      if (STARTS.has(name)) return found({ ...step, file }, node);
      if (!TASKS.has(name) && doubt.kind === 'none') doubt = this.outside();
    }
    return doubt;
  }

  /** Whether a name certainly means something else. */
  private isOther(file: PythonFile, node: Node, of: FunctionInfo): boolean {
    const type = this.definitions.typeOf(file, node);
    if (type === undefined) return node.type === 'identifier' && !!of.owner;
    if (type.kind !== 'function') return true;
    if (sameDefinition(type.of, of)) return false;
    // Through a base class or a subclass the call may still come here.
    const [owner, other] = [of.owner, type.of.owner];
    return !owner || !other || type.of.name !== of.name || !this.definitions.related(owner, other);
  }

  /** What a function meets that is handed to code outside of the project. */
  private outside(): Reach {
    const { store } = this.definitions.project;
    const isOnAnyio = store.candidates.some((each) => store.mentions(each, ON_ANYIO));
    return isOnAnyio ? { kind: 'unknown' } : NONE;
  }
}

const CLAUSES: ReadonlySet<string> = new Set(['finally_clause', 'except_clause']);
const CLEANUP: ReadonlySet<string> = new Set([...CLAUSES, ...FUNCTIONS]);

/** The `with` header of a cancel scope that a node stands in, within its function. */
function scopeAround(node: Node): Node | undefined {
  for (let at = node, up = node.parent; up && !FUNCTIONS.has(up.type); at = up, up = up.parent) {
    if (up.type !== 'with_statement' || !same(up.childForFieldName('body'), at)) continue;
    const clause = codeChildren(up).find((child) => child.type === 'with_clause');
    const scope = clause
      ?.descendantsOfType('call')
      .find((call) => SCOPES.has(lastName(call?.childForFieldName('function')) ?? ''));
    if (scope) return scope;
  }
  return undefined;
}
