/** The object that `async with … as limit:` binds: where its name means it, and not another one. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { enclosingFunction, FUNCTIONS, same, statementOf } from '../syntax/nodes.ts';

/** What a read of the name means. */
export interface Read {
  node: Node;
  /** `unsure`: this object, or one that another statement binds to the name. */
  means: 'this' | 'unsure';
}

/**
 * The reads of a name that may mean what is bound at `target`. A name that is bound again later (two
 * blocks that call their timeout `limit`) means what was bound last, as the text goes.
 */
export function readsOf(file: PythonFile, target: Node): Read[] {
  const name = target.text;
  const owner = file.scopeAt(target).lookup(name);
  const sites = (owner?.bindings.get(name) ?? []).map(({ node }) => node);
  const reads: Read[] = [];
  for (const { node, scope } of file.references(name)) {
    if (scope.lookup(name) !== owner) continue;
    const means = sites.length === 1 ? 'this' : meaningAt(node, target, sites);
    if (means !== 'other') reads.push({ node, means });
  }
  return reads;
}

function meaningAt(read: Node, target: Node, sites: readonly Node[]): Read['means'] | 'other' {
  const before = sites.filter((site) => site.startIndex < read.startIndex);
  const [last] = before.sort((a, b) => b.startIndex - a.startIndex);
  const home = enclosingFunction(target)?.id;
  // Bound in a branch that need not have been taken, or read by a function that runs at any time.
  if (!last || !isIn(read, statementOf(last).parent) || enclosingFunction(read)?.id !== home) {
    return 'unsure';
  }
  if (same(last, target)) return 'this';
  // In the next round of a loop it may be what was bound behind it.
  const loop = loopAround(read, target);
  return loop && !isIn(last, loop) ? 'unsure' : 'other';
}

/** The innermost loop around two nodes. */
function loopAround(a: Node, b: Node): Node | undefined {
  for (let up = a.parent; up && !FUNCTIONS.has(up.type); up = up.parent) {
    if ((up.type === 'for_statement' || up.type === 'while_statement') && isIn(b, up)) return up;
  }
  return undefined;
}

function isIn(node: Node, around: Node | null): boolean {
  return !!around && around.startIndex <= node.startIndex && node.endIndex <= around.endIndex;
}
