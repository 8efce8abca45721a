/** Names of asyncio that a class body imports, and that its methods reach through the class. */

import type { Node } from 'web-tree-sitter';
import { same } from '../syntax/nodes.ts';
import type { Binding } from './bindings.ts';
import type { PythonFile } from './file.ts';

/** An attribute that gives what a class body imported: `self.Lock`, `cls.Lock`, `Pool.Lock`. */
export interface ReachedThroughClass {
  node: Node;
  binding: Binding;
}

/** The attributes of a file that lead to the imports of its class bodies. */
export function reachedThroughClasses(file: PythonFile): ReachedThroughClass[] {
  const found: ReachedThroughClass[] = [];
  for (const binding of file.bindings.all()) {
    if (binding.scope.kind !== 'class') continue;
    for (const node of file.attributes(binding.local)) {
      if (isOfClass(node.childForFieldName('object'), binding.scope.node)) {
        found.push({ node, binding });
      }
    }
  }
  return found;
}

function isOfClass(object: Node | null, definition: Node): boolean {
  if (object?.type !== 'identifier') return false;
  if (object.text === definition.childForFieldName('name')?.text) return true;
  if (object.text !== 'self' && object.text !== 'cls') return false;
  for (let up = object.parent; up; up = up.parent) if (same(up, definition)) return true;
  return false;
}
