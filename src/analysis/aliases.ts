/**
 * Type aliases: `Locks = dict[str, asyncio.Lock]`, `Locks: TypeAlias = …`, `type Locks = …`, and
 * where they are read: what an alias says is said wherever an annotation names it.
 */

import type { Node } from 'web-tree-sitter';
import { parse } from '../syntax/parser.ts';
import type { Use } from '../transform.ts';
import type { Slot } from './families.ts';
import type { PythonFile } from './file.ts';
import type { Readers } from './readers.ts';
import { roleOf } from './roles.ts';
import { buildScopes } from './scopes.ts';
import { stringRole } from './strings.ts';

/** A place where an alias is read. */
export interface AliasRead {
  file: PythonFile;
  /** The name, or the string that holds it. */
  node: Node;
  span: { start: number; end: number };
  /** Whether it stands in an annotation, or in another alias. */
  annotation: boolean;
}

/** Every place that reads the alias of a name, in its own file and in those that import it. */
export function aliasReads(name: Node, file: PythonFile, readers: Readers): AliasRead[] {
  const found: AliasRead[] = [];
  const scope = file.scopeAt(name).lookup(name.text) ?? file.scopes.module;
  const queue: Slot[] = [{ kind: 'variable', file, scope, name: name.text }];
  const seen = new Set<string>();
  const value = (node: Node, home: PythonFile) =>
    found.push({ file: home, node, span: spanOf(node), annotation: false });
  for (const slot of queue) {
    if (slot.kind !== 'variable') continue;
    const key = `${slot.file.path}:${slot.scope.node.id}:${slot.name}`;
    if (seen.has(key)) continue;
    seen.add(key);
    readers.of(slot, {
      read: (node, home) => {
        const annotation = roleOf(node) === 'annotation';
        found.push({ file: home, node, span: spanOf(node), annotation });
      },
      alias: (other) => queue.push(other),
      target: value,
      namespace: value,
      escape: (_, node, home) => value(node, home),
    });
    found.push(...quotedReads(slot.file, slot.name, slot.scope));
  }
  return found;
}

function spanOf(node: Node): AliasRead['span'] {
  return { start: node.startIndex, end: node.endIndex };
}

/** Annotations in quotes that name the alias: `"Locks"`, `"list[Locks]"`. */
function quotedReads(file: PythonFile, name: string, owner: unknown): AliasRead[] {
  const word = new RegExp(`\\b${name}\\b`);
  return file.scopes.strings.flatMap(({ node, scope }) => {
    const text = node.text;
    if (!word.test(text) || scope.lookup(name) !== owner || stringRole(node) !== 'annotation')
      return [];
    const open = /^\w*("""|'''|"|')/.exec(text)?.[0].length ?? 0;
    const close = text.length - (/("""|'''|"|')$/.exec(text)?.[0].length ?? 0);
    const tree = parse(`(${text.slice(open, close)}\n)`);
    try {
      return buildScopes(tree.rootNode)
        .references.filter((reference) => reference.name === name)
        .map((reference) => {
          const start = node.startIndex + open - 1 + reference.node.startIndex;
          const span = { start, end: start + name.length };
          return { file, node, span, annotation: true };
        });
    } finally {
      tree.delete();
    }
  });
}

/** The use as it would stand where the alias is read. */
export function useAt(use: Use, { file, node, span }: AliasRead): Use {
  return { ...use, file, node, span, role: 'annotation' };
}
