/** Names of any library, as a file's imports give them. */

import type { Node } from 'web-tree-sitter';
import { dottedParts } from '../syntax/nodes.ts';
import type { PythonFile } from './file.ts';

/**
 * What a dotted expression means through the file's imports: `pytest.mark.asyncio` for
 * `pt.mark.asyncio` under `import pytest as pt`. Undefined for other expressions, and where the
 * first name is bound by anything but one import.
 */
export function importedPath(file: PythonFile, node: Node): string | undefined {
  const [head, ...rest] = dottedParts(node) ?? [];
  if (head === undefined) return undefined;
  const sites = file.scopeAt(node).lookup(head)?.bindings.get(head) ?? [];
  const targets = new Set(sites.map(({ imported }) => imported?.target));
  const [target] = targets;
  if (targets.size !== 1 || target === undefined) return undefined;
  return [target, ...rest].join('.');
}
