/** The names of anyio that a file reads: what stands there already, by whatever import it comes. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from './file.ts';
import { attributesOn } from './longest-name.ts';
import type { Scope } from './scopes.ts';

/** The top-level modules through which a name of anyio, or a mark of its pytest plugin, is reached. */
const HEADS: ReadonlySet<string> = new Set(['anyio', 'pytest']);

/**
 * The dotted path of each read, in no order: `anyio.to_thread.run_sync`, `pytest.mark.anyio`, each
 * with all attributes that are read on it. A read through `from anyio import *` is among them where
 * no other import of the file binds the name.
 */
export function anyioPaths(file: Pick<PythonFile, 'scopes'>): string[][] {
  const { references, stars } = file.scopes;
  const isStarred = stars.some(({ from }) => from === 'anyio');
  const paths: string[][] = [];
  for (const { name, scope, node } of references) {
    const target = targetOf(name, scope) ?? (isStarred ? starTarget(name, scope) : undefined);
    if (target) paths.push([...target, ...attributeNames(node)]);
  }
  return paths;
}

/** What an import binds the name to, where that is anyio or pytest. */
function targetOf(name: string, scope: Scope): string[] | undefined {
  for (const { imported } of scope.lookup(name)?.bindings.get(name) ?? []) {
    const path = imported?.target.split('.') ?? [];
    if (HEADS.has(path[0] ?? '')) return path;
  }
  return undefined;
}

function starTarget(name: string, scope: Scope): string[] | undefined {
  return scope.lookup(name) ? undefined : ['anyio', name];
}

function attributeNames(node: Node): string[] {
  return attributesOn(node).map((each) => each.childForFieldName('attribute')?.text ?? '');
}
