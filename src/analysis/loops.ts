/**
 * Event loops that a function or a script makes by hand: what is done with them, and whether all of
 * it is one run of one coroutine.
 */

import type { Node } from 'web-tree-sitter';
import {
  argumentsOf,
  enclosingFunction,
  FUNCTIONS,
  isAsync,
  same,
  statementOf,
  withParens,
} from '../syntax/nodes.ts';
import type { Place, Use } from '../transform.ts';
import { runsInLoop } from './running.ts';

/** What the loop behind a use is for. */
export type LoopUse =
  /** Nothing is run on it: it is asked for the time, for futures, for threads. */
  | { kind: 'none' }
  | { kind: 'refuse'; code: string; message: string; help: string; place: Place }
  /** One `run_until_complete`, and statements that only make, set and close the loop. */
  | { kind: 'run'; run: Node; statements: Node[]; uses: Use[] };

/** Methods by which a loop is set up before it runs. */
const HANDLERS = new Set([
  'add_signal_handler',
  'set_exception_handler',
  'set_debug',
  'set_task_factory',
  'set_default_executor',
  'slow_callback_duration',
]);
const SHUTDOWN = new Set(['shutdown_asyncgens', 'shutdown_default_executor']);
const LOOP_NAMES = new Set([
  'asyncio.new_event_loop',
  'asyncio.get_event_loop',
  'asyncio.set_event_loop',
]);

/** What becomes of the loop that `new_event_loop()`, `get_event_loop()` gives or `set_event_loop(x)` takes. */
export function loopUse(use: Use): LoopUse {
  const call = withParens(use.node).parent;
  if (use.role !== 'call' || call?.type !== 'call') return { kind: 'none' };
  if (use.name === 'asyncio.set_event_loop') return loopSet(use, call);
  const outer = withParens(call);
  const parent = outer.parent;
  if (parent?.type === 'attribute') return inlineRun(use, parent);
  const target = parent?.type === 'assignment' ? parent.childForFieldName('left') : null;
  return target?.type === 'identifier' ? variableLoop(use, target) : { kind: 'none' };
}

/** `asyncio.get_event_loop().run_until_complete(main())`. */
function inlineRun(use: Use, attribute: Node): LoopUse {
  const name = attribute.childForFieldName('attribute')?.text;
  const run = attribute.parent;
  if (name === 'run_forever') return refusal('loop-run-forever', use, attribute);
  if (name !== 'run_until_complete' || run?.type !== 'call') return { kind: 'none' };
  const other = otherLoopUse(use, '');
  if (other) return refusal('loop-not-owned', use, other.node);
  return { kind: 'run', run, statements: [], uses: [use] };
}

/** `asyncio.set_event_loop(loop)` goes the way of the loop; `set_event_loop(None)` of the one before it. */
function loopSet(use: Use, call: Node): LoopUse {
  const [argument] = argumentsOf(call).positional;
  if (argument?.type === 'none') {
    for (const other of loopUses(use)) {
      if (other === use || other.name === 'asyncio.set_event_loop') continue;
      const found = loopUse(other);
      if (found.kind === 'run' && found.uses.includes(use)) return found;
    }
    return { kind: 'none' };
  }
  if (argument?.type !== 'identifier') return { kind: 'none' };
  const scope = use.file.scopeAt(argument).lookup(argument.text);
  const [site] = scope?.bindings.get(argument.text) ?? [];
  const maker =
    site &&
    loopUses(use).find(
      (other) => other.name !== 'asyncio.set_event_loop' && makes(other, site.node),
    );
  return maker && site ? variableLoop(maker, site.node) : { kind: 'none' };
}

function makes(use: Use, target: Node): boolean {
  const call = withParens(use.node).parent;
  const assignment = call && withParens(call).parent;
  return assignment?.type === 'assignment' && same(assignment.childForFieldName('left'), target);
}

/** Loop-making uses of the same function, or of the module's own level. */
function loopUses(use: Use): Use[] {
  const home = enclosingFunction(use.node)?.id;
  return use.file.uses.filter(
    (other) =>
      LOOP_NAMES.has(other.name) &&
      other.role === 'call' &&
      enclosingFunction(other.node)?.id === home,
  );
}

/** `loop = asyncio.new_event_loop()` and all that is done with `loop`. */
function variableLoop(use: Use, target: Node): LoopUse {
  const { file } = use;
  const name = target.text;
  const scope = file.scopeAt(target).lookup(name);
  const home = enclosingFunction(target);
  if (!scope || (home?.type === 'function_definition' && isAsync(home))) return { kind: 'none' };
  const reads = file
    .references(name)
    .filter((found) => found.scope.lookup(name) === scope)
    .map(({ node }) => node);
  const forever = reads.find((node) => methodCall(node)?.name === 'run_forever');
  if (forever) return refusal('loop-run-forever', use, forever);
  const [main, second] = reads
    .map(methodCall)
    .filter((found) => found?.name === 'run_until_complete' && !isShutdown(found.call));
  if (!main) return { kind: 'none' };
  const other = otherLoopUse(use, name);
  if (other) return refusal('loop-not-owned', use, other.node);
  const sites = scope.bindings.get(name) ?? [];
  const again = second?.call ?? sites.find((site) => !same(site.node, target))?.node;
  if (again) return refusal('loop-reuse', use, again);
  if (isRepeated(main.call, target)) return refusal('loop-reuse', use, main.call);
  return onlyRun(use, target, main.call, reads);
}

/** Whether all reads but the run itself are statements that set, shut down or close the loop. */
function onlyRun(use: Use, target: Node, run: Node, reads: readonly Node[]): LoopUse {
  const home = enclosingFunction(target);
  const setters = loopUses(use).filter((found) => found.name === 'asyncio.set_event_loop');
  const statements: Node[] = [statementOf(target)];
  const uses: Use[] = [use];
  for (const node of reads) {
    if (enclosingFunction(node)?.id !== home?.id) return refusal('loop-reuse', use, node);
    const method = methodCall(node);
    if (method && same(method.call, run)) continue;
    if (method && HANDLERS.has(method.name)) return refusal('loop-handlers', use, node);
    const setter = setters.find((found) => holds(found, node));
    const statement = statementOf(node);
    const removable = setter !== undefined || (method && isClosing(method));
    if (!removable || statement.type !== 'expression_statement') {
      return refusal('loop-reuse', use, node);
    }
    if (!statements.some((known) => same(known, statement))) statements.push(statement);
    if (setter) uses.push(setter);
  }
  for (const unset of setters.filter((found) => takes(found, 'None'))) {
    statements.push(statementOf(unset.node));
    uses.push(unset);
  }
  return { kind: 'run', run, statements, uses };
}

function isClosing({ name, call }: { name: string; call: Node }): boolean {
  return name === 'close' || SHUTDOWN.has(name) || isShutdown(call);
}

/** Whether a `for` or `while` repeats the run without making the loop anew. */
function isRepeated(run: Node, target: Node): boolean {
  for (let up = run.parent; up && !FUNCTIONS.has(up.type); up = up.parent) {
    const loops = up.type === 'for_statement' || up.type === 'while_statement';
    const holdsBoth = up.startIndex <= target.startIndex && target.endIndex <= up.endIndex;
    if (loops && !holdsBoth) return true;
  }
  return false;
}

/**
 * Other code of the file that makes, sets or takes loops. `get_event_loop()` gives whatever loop
 * the thread has, so with such code beside it the loop is not this code's own.
 */
function otherLoopUse(use: Use, variable: string): Use | undefined {
  const home = enclosingFunction(use.node)?.id;
  const near = (other: Use) => enclosingFunction(other.node)?.id === home;
  const others = use.file.uses.filter(
    (other) =>
      LOOP_NAMES.has(other.name) &&
      other.role === 'call' &&
      other !== use &&
      !(near(other) && takes(other, variable)) &&
      !asksForRunning(other),
  );
  if (use.name === 'asyncio.get_event_loop') return others[0];
  // `try: loop = get_event_loop()` / `except: loop = new_event_loop()` share one variable.
  return others.find(
    (other) =>
      other.name === 'asyncio.get_event_loop' && near(other) && assignedTo(other) === variable,
  );
}

/** In a coroutine, `get_event_loop()` is the loop that runs it. */
function asksForRunning({ file, name, node }: Use): boolean {
  return name === 'asyncio.get_event_loop' && runsInLoop(file, node);
}

function assignedTo(use: Use): string | undefined {
  const call = withParens(use.node).parent;
  const assignment = call && withParens(call).parent;
  return assignment?.type === 'assignment' ? assignment.childForFieldName('left')?.text : undefined;
}

function methodCall(node: Node): { name: string; call: Node } | undefined {
  const attribute = node.parent;
  const call = attribute?.parent;
  if (attribute?.type !== 'attribute' || call?.type !== 'call') return undefined;
  if (!same(call.childForFieldName('function'), attribute)) return undefined;
  return { name: attribute.childForFieldName('attribute')?.text ?? '', call };
}

/** `loop.run_until_complete(loop.shutdown_asyncgens())`, which anyio.run does by itself. */
function isShutdown(call: Node): boolean {
  const [argument] = argumentsOf(call).positional;
  const callee = argument?.type === 'call' ? argument.childForFieldName('function') : null;
  return SHUTDOWN.has(callee?.childForFieldName('attribute')?.text ?? '');
}

function holds(use: Use, node: Node): boolean {
  const call = withParens(use.node).parent;
  return call !== null && argumentsOf(call).positional.some((argument) => same(argument, node));
}

function takes(use: Use, text: string): boolean {
  if (use.name !== 'asyncio.set_event_loop') return false;
  const call = withParens(use.node).parent;
  return call !== null && argumentsOf(call).positional[0]?.text === text;
}

const WORDS: Readonly<Record<string, readonly [message: string, help: string]>> = {
  'loop-run-forever': [
    'the loop runs for ever, which anyio has no call for',
    'end the program with an Event that the main function awaits',
  ],
  'loop-reuse': [
    'the loop is used for more than one run of one coroutine',
    'gather all that is run into one async main function',
  ],
  'loop-handlers': [
    'handlers are set on the loop, and anyio.run would use another one',
    'set them inside the main function',
  ],
  'loop-not-owned': [
    'other code here makes, sets or takes event loops too',
    'gather all that is run into one async main function',
  ],
};

function refusal(code: string, use: Use, node: Node): LoopUse {
  const [message = '', help = ''] = WORDS[code] ?? [];
  return { kind: 'refuse', code, message, help, place: use.file.place(node) };
}
