/** Whether code may run in another thread: its function, or one that calls it, is handed to one. */

import type { Node } from 'web-tree-sitter';
import { enclosingFunction, isAsync, lastName, same, withParens } from '../syntax/nodes.ts';
import type { Place } from '../transform.ts';
import type { Definitions, FunctionInfo } from './definitions.ts';
import type { PythonFile } from './file.ts';

/** How far callers of callers are followed. */
const DEPTH = 4;

/**
 * The place where the function around a node, or a plain function that leads to it, is handed to a
 * call of one of the given names (`Thread`, `to_thread`). Undefined when none is found: calls
 * through values that cannot be resolved are not followed.
 */
export function handedTo(
  file: PythonFile,
  node: Node,
  callees: ReadonlySet<string>,
  definitions: Definitions,
): Place | undefined {
  const lambda = enclosingFunction(node);
  if (lambda?.type === 'lambda') {
    return callTaking(lambda, callees) ? file.place(lambda) : undefined;
  }
  const start = definitions.enclosing(file, node);
  const seen = new Set<string>();
  let level = start && !start.async ? [start] : [];
  for (let depth = 0; depth < DEPTH && level.length > 0; depth++) {
    const callers: FunctionInfo[] = [];
    for (const definition of level) {
      const key = `${definition.file.path}:${definition.node.id}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const found = lookAtMentions(definition, callees, definitions, callers);
      if (found) return found;
    }
    level = callers;
  }
  return undefined;
}

/** Collects the plain callers of a function; returns the place where it is handed on, if any. */
function lookAtMentions(
  definition: FunctionInfo,
  callees: ReadonlySet<string>,
  definitions: Definitions,
  callers: FunctionInfo[],
): Place | undefined {
  const { name } = definition;
  for (const file of definitions.project.filesMentioning(name)) {
    const names = file.references(name).map((reference) => reference.node);
    for (const mention of [...names, ...file.attributes(name)]) {
      const type = definitions.typeOf(file, mention);
      const sure = type?.kind === 'function' && same(type.of.node, definition.node);
      const maybe = type === undefined && mention.type === 'attribute' && definition.owner;
      if ((sure || maybe) && callTaking(mention, callees)) return file.place(mention);
      if (!sure || !isCalled(mention)) continue;
      const lambda = enclosingFunction(mention);
      if (lambda?.type === 'lambda' && callTaking(lambda, callees)) return file.place(mention);
      const caller = definitions.enclosing(file, mention);
      if (caller && !isAsync(caller.node)) callers.push(caller);
    }
  }
  return undefined;
}

/** The call of one of the names that takes this expression as an argument. */
function callTaking(node: Node, callees: ReadonlySet<string>): Node | undefined {
  const outer = withParens(node);
  const list = outer.parent?.type === 'keyword_argument' ? outer.parent.parent : outer.parent;
  const call = list?.type === 'argument_list' ? list.parent : undefined;
  if (call?.type !== 'call') return undefined;
  return callees.has(lastName(call.childForFieldName('function')) ?? '') ? call : undefined;
}

function isCalled(node: Node): boolean {
  const outer = withParens(node);
  return outer.parent?.type === 'call' && same(outer.parent.childForFieldName('function'), outer);
}
