/** Numbers and byte strings that the source shows. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { codeChildren, stripParens } from '../syntax/nodes.ts';

/** The number that an expression always is: `4096`, `64 * 1024`, a constant of the module. */
export function constantValue(file: PythonFile, expression: Node, depth = 0): number | undefined {
  const node = stripParens(expression);
  if (node.type === 'integer') {
    const value = Number(node.text.replaceAll('_', '').toLowerCase());
    return Number.isInteger(value) ? value : undefined;
  }
  if (node.type === 'unary_operator' && node.child(0)?.type === '-') {
    const value = constantValue(file, codeChildren(node)[0] ?? node, depth + 1);
    return value === undefined ? undefined : -value;
  }
  if (node.type === 'binary_operator') {
    const [left, right] = ['left', 'right'].map((field) => {
      const side = node.childForFieldName(field);
      return side ? constantValue(file, side, depth + 1) : undefined;
    });
    if (left === undefined || right === undefined) return undefined;
    return combine(left, right, node.childForFieldName('operator')?.type);
  }
  const value = node.type === 'identifier' && depth < 5 ? moduleConstant(file, node) : undefined;
  return value ? constantValue(file, value, depth + 1) : undefined;
}

function combine(left: number, right: number, operator: string | undefined): number | undefined {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '**':
      return left ** right;
    case '<<':
      return left * 2 ** right;
    default:
      return undefined;
  }
}

/** Whether an expression is a byte string that the source shows, so that it can be written twice. */
export function isBytes(file: PythonFile, expression: Node): boolean {
  const node = stripParens(expression);
  if (node.type === 'string') {
    const [open] = node.children;
    return /^(b|rb|br)["']$/i.test(open?.text ?? '') && !node.text.includes('\n');
  }
  const value = node.type === 'identifier' ? moduleConstant(file, node) : undefined;
  return value?.type === 'string' && isBytes(file, value);
}

/** What a name of the module is bound to, where one plain assignment is all that binds it. */
function moduleConstant(file: PythonFile, name: Node): Node | undefined {
  const { module } = file.scopes;
  if (file.scopeAt(name).lookup(name.text) !== module) return undefined;
  const [site, ...more] = module.bindings.get(name.text) ?? [];
  const assignment = site?.node.parent;
  if (!site || more.length > 0 || assignment?.type !== 'assignment') return undefined;
  if (assignment.childForFieldName('left')?.id !== site.node.id) return undefined;
  return assignment.childForFieldName('right') ?? undefined;
}
