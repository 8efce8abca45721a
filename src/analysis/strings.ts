/** What a string literal is for, if names may stand in it: an annotation, a patch target, an import. */

import type { Node } from 'web-tree-sitter';
import { codeChildren, lastName, same } from '../syntax/nodes.ts';
import { GENERICS, headName } from './annotations.ts';
import { OBJECT_PATCHERS } from './patch-calls.ts';

/** `member` is the second argument of a patcher, the name of what it replaces on an object. */
export type StringRole = 'annotation' | 'patch-target' | 'member' | 'import';

/** Calls whose first argument names, as a string, something to replace in a test. */
const PATCHERS = new Set(['patch', 'setattr', 'delattr']);
const DYNAMIC_IMPORTS = new Set(['import_module', '__import__', 'importorskip']);

/** The role of a `string` node, by the syntax around it. */
export function stringRole(node: Node): StringRole | undefined {
  let generic = false;
  for (let at = node, up = node.parent; up; at = up, up = up.parent) {
    switch (up.type) {
      case 'type':
        if (up.parent?.type !== 'type_parameter') return 'annotation';
        break;
      case 'type_parameter':
      case 'subscript':
        if (isLiteralOrExtra(up, at)) return undefined;
        generic ||= GENERICS.has(headName(up)) && !same(codeChildren(up)[0], at);
        break;
      case 'generic_type':
      case 'binary_operator':
      case 'concatenated_string':
      case 'parenthesized_expression':
      case 'list':
      case 'tuple':
        break;
      case 'argument_list':
        return argumentRole(up, at) ?? (generic ? 'annotation' : undefined);
      case 'keyword_argument':
        return keywordRole(up, at) ?? (generic ? 'annotation' : undefined);
      case 'assignment':
        return generic || isTypeAlias(up) ? 'annotation' : undefined;
      default:
        return undefined;
    }
  }
  return undefined;
}

/** Strings in `Literal[...]`, and the extras of `Annotated[...]`, are values and no annotations. */
function isLiteralOrExtra(brackets: Node, child: Node): boolean {
  const name = headName(brackets);
  if (name === 'Literal') return true;
  if (name !== 'Annotated') return false;
  const [first] = codeChildren(brackets).slice(brackets.type === 'subscript' ? 1 : 0);
  return !same(first, child);
}

/** `Locks: TypeAlias = "dict[str, asyncio.Lock]"`. */
function isTypeAlias(assignment: Node): boolean {
  const type = assignment.childForFieldName('type');
  return lastName(type && codeChildren(type)[0]) === 'TypeAlias';
}

function argumentRole(list: Node, argument: Node): StringRole | undefined {
  const call = list.parent;
  if (call?.type !== 'call') return undefined;
  const callee = lastName(call.childForFieldName('function')) ?? '';
  const [first, second] = codeChildren(list);
  if (same(second, argument)) return OBJECT_PATCHERS.has(callee) ? 'member' : undefined;
  if (!same(first, argument)) return undefined;
  if (callee === 'cast') return 'annotation';
  if (isPatcher(call)) return 'patch-target';
  return DYNAMIC_IMPORTS.has(callee) && argument.type === 'string' ? 'import' : undefined;
}

function keywordRole(keyword: Node, value: Node): StringRole | undefined {
  const call = keyword.parent?.parent;
  if (call?.type !== 'call' || !same(keyword.childForFieldName('value'), value)) return undefined;
  const name = keyword.childForFieldName('name')?.text;
  if (name === 'target' && isPatcher(call)) return 'patch-target';
  const callee = lastName(call.childForFieldName('function')) ?? '';
  if (OBJECT_PATCHERS.has(callee) && (name === 'attribute' || name === 'name')) return 'member';
  return name === 'bound' && callee === 'TypeVar' ? 'annotation' : undefined;
}

/** `patch(…)`, `mocker.patch(…)`, `monkeypatch.setattr(…)`, `patch.multiple(…)`. */
function isPatcher(call: Node): boolean {
  const callee = call.childForFieldName('function');
  if (PATCHERS.has(lastName(callee) ?? '')) return true;
  return callee?.type === 'attribute' && lastName(callee.childForFieldName('object')) === 'patch';
}

/** A piece of a string literal whose text stands in the source as it is. */
export interface Piece {
  content: string;
  /** UTF-16 offset of the content in the file. */
  start: number;
}

/** The last literal piece of a string: `.asyncio.sleep` of `f"{MODULE}.asyncio.sleep"`. */
export function lastPiece(node: Node): Piece | undefined {
  const piece = codeChildren(node).findLast((child) => child.type !== 'string_end');
  return piece?.type === 'string_content'
    ? { content: piece.text, start: piece.startIndex }
    : undefined;
}
