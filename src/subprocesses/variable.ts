/** The local variable that holds a process: what is assigned to it, and where it is read. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { codeChildren, same, withParens } from '../syntax/nodes.ts';
import {
  CREATORS,
  type Creation,
  creationOf,
  homeOf,
  isRefused,
  type Refused,
  stop,
} from './creation.ts';

export interface ProcessVariable {
  file: PythonFile;
  name: string;
  /** All calls whose process it is given, in the order of the text. */
  creations: Creation[];
  /** The identifiers that read it, in the order of the text. */
  reads: Node[];
}

/** The variable of a creation, where it is a local that only holds processes, or None. */
export function variableOf(creation: Creation): ProcessVariable | Refused {
  const { use, target } = creation;
  const { file } = use;
  const name = target.text;
  const scope = file.scopeAt(target).lookup(name);
  if (!scope || !homeOf(creation)) {
    return escapes(file, name, target, 'is no local of the function that makes it');
  }
  const creations: Creation[] = [];
  for (const { node } of scope.bindings.get(name) ?? []) {
    const found = boundAt(file, node);
    if (!found) return escapes(file, name, node, 'is given something else as well');
    if (found !== 'nothing') creations.push(found);
  }
  const reads = file
    .references(name)
    .filter((found) => found.scope.lookup(name) === scope)
    .map(({ node }) => node);
  return { file, name, creations, reads };
}

/** The process that a place gives to the name; `nothing` for None and for an annotation alone. */
function boundAt(file: PythonFile, node: Node): Creation | 'nothing' | undefined {
  const assignment = node.parent;
  if (assignment?.type !== 'assignment' || !same(assignment.childForFieldName('left'), node)) {
    return undefined;
  }
  const right = assignment.childForFieldName('right');
  if (!right || right.type === 'none') return 'nothing';
  for (const use of file.uses) {
    if (!CREATORS.has(use.name) || use.span.start < right.startIndex) continue;
    if (use.span.start >= right.endIndex) break;
    const creation = creationOf(use);
    if (!isRefused(creation) && same(creation.target, node)) return creation;
  }
  return undefined;
}

export function escapes(file: PythonFile, name: string, node: Node, why: string): Refused {
  return stop(
    'subprocess-escapes',
    `\`${name}\` ${why}, so what is done with the process cannot be followed`,
    'keep the process in a local variable of its own, or move all that is done with it by hand',
    file.place(node),
  );
}

/** What a read of the variable is asked for. */
export type Asked =
  /** `process.wait`, `process.stdout`: the whole attribute. */
  | { kind: 'member'; member: string; attribute: Node }
  /** Only whether it is there: `process is None`, `if process`. */
  | { kind: 'presence' }
  | { kind: 'other' };

/** What is asked of a value: of a process, or of one of its streams. */
export function askedOf(value: Node): Asked {
  const parent = value.parent;
  if (parent?.type === 'attribute' && same(parent.childForFieldName('object'), value)) {
    const member = parent.childForFieldName('attribute')?.text ?? '';
    return isStored(parent) ? { kind: 'other' } : { kind: 'member', member, attribute: parent };
  }
  return asksForPresence(withParens(value)) ? { kind: 'presence' } : { kind: 'other' };
}

/** `process.x = …`, `del process.x`. */
function isStored(attribute: Node): boolean {
  const { parent } = attribute;
  if (parent?.type === 'delete_statement') return true;
  const isTarget = parent?.type === 'assignment' || parent?.type === 'augmented_assignment';
  return isTarget && same(parent.childForFieldName('left'), attribute);
}

function asksForPresence(value: Node): boolean {
  const parent = value.parent;
  switch (parent?.type) {
    case 'comparison_operator':
      return (
        codeChildren(parent).length === 2 &&
        codeChildren(parent).some(({ type }) => type === 'none') &&
        parent.children.some(({ type }) => type === 'is' || type === 'is not')
      );
    case 'not_operator':
      return true;
    case 'boolean_operator':
      // `process and process.pid`: of the process itself only None is ever the value.
      return (
        (parent.childForFieldName('operator')?.type === 'and' &&
          same(parent.childForFieldName('left'), value)) ||
        asksForPresence(withParens(parent))
      );
    case 'if_statement':
    case 'elif_clause':
    case 'while_statement':
      return same(parent.childForFieldName('condition'), value);
    case 'conditional_expression':
      return same(codeChildren(parent)[1], value);
    case 'assert_statement':
      return same(codeChildren(parent)[0], value);
    default:
      return false;
  }
}

/** `await f()` around a member that is called, taken apart. */
export interface Called {
  call: Node;
  /** The `await` around it, when it is awaited where it is called. */
  awaited: Node | undefined;
  /** The statement, when the call, awaited or not, is all of it. */
  statement: Node | undefined;
}

/** The call of an attribute, if it is called. */
export function calledAt(attribute: Node): Called | undefined {
  const call = attribute.parent;
  if (call?.type !== 'call' || !same(call.childForFieldName('function'), attribute)) {
    return undefined;
  }
  const outer = withParens(call).parent;
  const awaited = outer?.type === 'await' ? outer : undefined;
  const { parent } = awaited ?? call;
  return { call, awaited, statement: parent?.type === 'expression_statement' ? parent : undefined };
}
