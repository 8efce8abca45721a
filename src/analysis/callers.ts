/** Who calls the code around a node, as far as calls can be resolved, and what runs it. */

import type { Node } from 'web-tree-sitter';
import { argumentsOf, enclosingFunction, lastName, same, withParens } from '../syntax/nodes.ts';
import type { Place } from '../transform.ts';
import type { Definitions, FunctionInfo } from './definitions.ts';
import type { PythonFile } from './file.ts';

/** How far callers of callers are followed. */
const DEPTH = 4;

/** A place where a function is named. */
interface Mention {
  file: PythonFile;
  node: Node;
  /** Whether it is this function for certain, or a method of that name on an unknown object. */
  certain: boolean;
}

/**
 * The place where the function around a node, or a plain function that leads to it, is handed to a
 * call of one of the given names (`Thread`, `to_thread`). Undefined when none is found: calls
 * through values that cannot be resolved are not followed.
 *
 * @param isMeant whether such a call counts; all do unless told
 */
export function handedTo(
  file: PythonFile,
  node: Node,
  callees: ReadonlySet<string>,
  definitions: Definitions,
  isMeant: (file: PythonFile, call: Node) => boolean = () => true,
): Place | undefined {
  const isTaken = (home: PythonFile, value: Node) => {
    const call = callTaking(value, callees);
    return call !== undefined && isMeant(home, call);
  };
  const lambda = enclosingFunction(node);
  if (lambda?.type === 'lambda' && isTaken(file, lambda)) return file.place(lambda);
  for (const mention of mentions(file, node, definitions)) {
    if (isTaken(mention.file, mention.node)) return mention.file.place(mention.node);
    const around = enclosingFunction(mention.node);
    if (mention.certain && around?.type === 'lambda' && isTaken(mention.file, around)) {
      return mention.file.place(around);
    }
  }
  return undefined;
}

/** Whether the expression itself is handed to a call of one of the names, through `partial` too. */
export function isHandedTo(node: Node, callees: ReadonlySet<string>): boolean {
  return callTaking(node, callees) !== undefined;
}

/** The calls that lead to the code around a node, through plain functions only. */
export function* callsLeadingTo(
  file: PythonFile,
  node: Node,
  definitions: Definitions,
): Iterable<{ file: PythonFile; node: Node }> {
  for (const mention of mentions(file, node, definitions)) {
    if (mention.certain && isCalled(mention.node)) yield mention;
  }
}

/** Where the function around a node is named, and then where its plain callers are. */
function* mentions(file: PythonFile, node: Node, definitions: Definitions): Iterable<Mention> {
  const start = definitions.enclosing(file, node);
  const seen = new Set<string>();
  let level = start && !start.async ? [start] : [];
  for (let depth = 0; depth < DEPTH && level.length > 0; depth++) {
    const callers: FunctionInfo[] = [];
    for (const definition of level) {
      const key = `${definition.file.path}:${definition.node.id}`;
      if (seen.has(key)) continue;
      seen.add(key);
      for (const mention of mentionsOf(definition, definitions)) {
        yield mention;
        if (!mention.certain || !isCalled(mention.node)) continue;
        const caller = definitions.enclosing(mention.file, mention.node);
        if (caller && !caller.async) callers.push(caller);
      }
    }
    level = callers;
  }
}

function* mentionsOf(definition: FunctionInfo, definitions: Definitions): Iterable<Mention> {
  for (const { file, node } of definitions.mentions(definition)) {
    const type = definitions.typeOf(file, node);
    const certain =
      type?.kind === 'function' &&
      type.of.file === definition.file &&
      same(type.of.node, definition.node);
    const maybe = type === undefined && node.type === 'attribute' && !!definition.owner;
    if (certain || maybe) yield { file, node, certain };
  }
}

/** The call of one of the names that takes this expression as an argument, also inside `partial`. */
function callTaking(node: Node, callees: ReadonlySet<string>): Node | undefined {
  const outer = withParens(node);
  const list = outer.parent?.type === 'keyword_argument' ? outer.parent.parent : outer.parent;
  const call = list?.type === 'argument_list' ? list.parent : undefined;
  if (call?.type !== 'call') return undefined;
  const callee = call.childForFieldName('function');
  const name = lastName(callee) ?? '';
  if (name === 'partial') return callTaking(call, callees);
  // The builtin `map` calls here and now; an executor's is a method.
  if (name === 'map' && callee?.type !== 'attribute') return undefined;
  // `run_in_executor(None, context.run, work)`: what runs it is the context.
  const runner = argumentsOf(call).positional.some(
    (argument) =>
      !same(argument, outer) && argument.type === 'attribute' && lastName(argument) === 'run',
  );
  return callees.has(name) || (runner && callees.has('run')) ? call : undefined;
}

function isCalled(node: Node): boolean {
  const outer = withParens(node);
  return outer.parent?.type === 'call' && same(outer.parent.childForFieldName('function'), outer);
}
