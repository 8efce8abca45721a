/** Statements that declare the names of a connection, or set them to None. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import type { Scope } from '../analysis/scopes.ts';
import { codeChildren } from '../syntax/nodes.ts';
import type { Use } from '../transform.ts';
import { type Open, type Refusal, refuseAt } from './connection.ts';

export interface Holder {
  statement: Node;
  /** The names that it binds, in order. */
  names: { node: Node; side: 'reader' | 'writer' }[];
  /** For `reader, writer = None, None` the values. */
  values: Node | undefined;
  /** Uses of asyncio's classes in its annotation. */
  uses: Use[];
}

/** All that binds the two names beside the opening, or the first place where they get another value. */
export function holdersOf(
  file: PythonFile,
  scope: Scope,
  opens: readonly Open[],
): Holder[] | Refusal {
  const [first] = opens;
  const reader = first?.reader.text ?? '';
  const writer = first?.writer.text ?? '';
  const targets = new Set(opens.flatMap((open) => [open.reader.id, open.writer.id]));
  const found = new Map<number, Holder>();
  for (const name of reader === writer ? [reader] : [reader, writer]) {
    const isUnread = !file.references(name).some((read) => read.scope.lookup(name) === scope);
    const sites = scope.bindings.get(name);
    if (!sites) return outside(file, opens, name);
    for (const { node } of sites) {
      if (targets.has(node.id)) continue;
      const holder = holderAt(file, node, [reader, writer]);
      if (holder) found.set(holder.statement.id, holder);
      // `_` is whatever it was last: nobody reads it.
      else if (name !== reader || !isUnread) {
        return refuseAt(
          file,
          node,
          `\`${name}\` gets another value here, so it is not always this connection`,
          'give the two things two names',
        );
      }
    }
  }
  return [...found.values()];
}

function outside(file: PythonFile, opens: readonly Open[], name: string): Refusal {
  const node = opens[0]?.target ?? file.root;
  return refuseAt(
    file,
    node,
    `\`${name}\` is global or belongs to the function around this one, and others may use it`,
    'keep the connection in a name of this function',
  );
}

/** `writer = None`, `reader = writer = None`, `reader, writer = None, None`, `reader: StreamReader`. */
function holderAt(file: PythonFile, node: Node, [reader, writer]: string[]): Holder | undefined {
  let statement: Node | null = node.parent;
  while (statement && statement.type !== 'expression_statement') {
    if (!['assignment', 'pattern_list', 'tuple_pattern'].includes(statement.type)) return undefined;
    statement = statement.parent;
  }
  const [assignment] = statement ? codeChildren(statement) : [];
  if (!statement || assignment?.type !== 'assignment') return undefined;
  const names: Holder['names'] = [];
  let values: Node | undefined;
  for (let at: Node | null = assignment; at?.type === 'assignment'; ) {
    const left: Node | null = at.childForFieldName('left');
    const right: Node | null = at.childForFieldName('right');
    const listed: Node[] = left?.type === 'identifier' ? [left] : left ? codeChildren(left) : [];
    for (const name of listed) {
      const side = name.text === reader ? 'reader' : name.text === writer ? 'writer' : undefined;
      if (!side || name.type !== 'identifier') return undefined;
      names.push({ node: name, side });
    }
    const isList = left?.type !== 'identifier';
    if (isList && right) {
      const all = codeChildren(right);
      if (right.type !== 'expression_list' && right.type !== 'tuple') return undefined;
      if (all.some(({ type }) => type !== 'none') || at.parent?.type === 'assignment')
        return undefined;
      values = right;
    } else if (right && right.type !== 'none' && right.type !== 'assignment') return undefined;
    at = right;
  }
  const type = assignment.childForFieldName('type');
  const uses = type
    ? file.uses.filter(({ span }) => span.start >= type.startIndex && span.end <= type.endIndex)
    : [];
  return { statement, names, values, uses };
}
