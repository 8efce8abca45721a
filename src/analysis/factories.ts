/** Calls that make an object later, by a factory that they are given. */

import type { Node } from 'web-tree-sitter';

/** Whether a call is `field(default_factory=…)` or its like, by the argument that holds the factory. */
export function isFieldFactory(
  argument: Node | null | undefined,
  callee: string | undefined,
): boolean {
  if (argument?.type !== 'keyword_argument') return false;
  const name = argument.childForFieldName('name')?.text;
  return (
    (name === 'default_factory' || name === 'factory') &&
    ['field', 'Field', 'ib', 'attrib', 'Factory'].includes(callee ?? '')
  );
}
