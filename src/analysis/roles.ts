/** The part that a reference plays where it stands. */

import type { Node } from 'web-tree-sitter';
import { lastName, parentBeyondParens, same, withParens } from '../syntax/nodes.ts';
import type { Role } from '../transform.ts';
import { isAliasValue } from './annotations.ts';

/** The role of an expression that names something of asyncio, by the syntax around it. */
export function roleOf(node: Node): Role {
  const outer = withParens(node);
  const parent = outer.parent;
  if (!parent) return 'reference';
  if (parent.type === 'call' && same(parent.childForFieldName('function'), outer)) {
    return isRaised(parent) ? 'raise' : 'call';
  }
  // `asyncio.sleep = fake`: whoever calls it through the module gets the other function.
  if (parent.type === 'assignment' && same(parent.childForFieldName('left'), outer)) {
    return 'patch-target';
  }
  return listRole(outer) ?? 'reference';
}

function isRaised(node: Node): boolean {
  return withParens(node).parent?.type === 'raise_statement';
}

/** Climbs through tuples, unions, subscripts and conditionals to what takes the value. */
function listRole(node: Node): Role | undefined {
  for (let at = node, up = node.parent; up; at = up, up = up.parent) {
    switch (up.type) {
      case 'type':
        return 'annotation';
      case 'class_pattern':
        return 'isinstance';
      case 'except_clause':
      case 'except_group_clause':
        return 'except';
      case 'raise_statement':
        return 'raise';
      case 'decorator':
        return 'decorator';
      case 'assignment':
        return isAliasValue(at, node) ? 'annotation' : undefined;
      case 'keyword_argument':
        return keywordRole(up, at);
      case 'argument_list':
        return argumentRole(up, at);
      case 'tuple':
      case 'list':
      case 'dotted_name':
      case 'as_pattern':
      case 'binary_operator':
      case 'subscript':
      case 'parenthesized_expression':
      case 'expression_list':
        break;
      default:
        return undefined;
    }
  }
  return undefined;
}

function keywordRole(keyword: Node, value: Node): Role {
  const name = keyword.childForFieldName('name')?.text;
  if (!same(keyword.childForFieldName('value'), value)) return 'argument';
  return name === 'default_factory' || name === 'factory' ? 'default-factory' : 'argument';
}

function argumentRole(list: Node, argument: Node): Role {
  const owner = list.parent;
  if (owner?.type === 'class_definition') return 'base-class';
  if (owner?.type !== 'call') return 'argument';
  const callee = lastName(owner.childForFieldName('function'));
  const index = list.namedChildren
    .filter((child) => child.type !== 'comment')
    .findIndex((child) => same(child, argument));
  if ((callee === 'isinstance' || callee === 'issubclass') && index === 1) return 'isinstance';
  if (callee === 'defaultdict' && index === 0) return 'default-factory';
  if (callee === 'partial' && index === 0) return 'partial';
  if (callee === 'getattr' && index === 0) return 'getattr';
  if (callee === 'cast' && index === 0) return 'annotation';
  return isDecoratorCall(owner) ? 'decorator' : 'argument';
}

function isDecoratorCall(call: Node): boolean {
  return parentBeyondParens(call)?.type === 'decorator';
}
