/** Where a loop is running: in coroutines, and at the top level of notebooks. */

import type { Node } from 'web-tree-sitter';
import { enclosingFunction, isAsync } from '../syntax/nodes.ts';
import type { PythonFile } from './file.ts';

/**
 * Whether a node stands in an `async def` itself, or at the top level of a notebook, whose cells are
 * run by a loop. A plain function may be a callback, or run in a thread.
 */
export function runsInLoop(file: PythonFile, node: Node): boolean {
  const home = enclosingFunction(node);
  if (!home) return file.info.notebook !== undefined;
  return home.type === 'function_definition' && isAsync(home);
}
