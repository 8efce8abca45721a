/** How far a name reaches: `asyncio` over `.locks.Lock`, in expressions and in patterns. */

import type { Node } from 'web-tree-sitter';
import { codeChildren, same, withParens } from '../syntax/nodes.ts';
import { canonical, isModuleName } from './names.ts';

/** The attributes read on a name, from the innermost: `a.b` and `a.b.c` for the `a` of `a.b.c`. */
export function attributesOn(head: Node): Node[] {
  const chain: Node[] = [];
  for (let at = head; ; ) {
    const up: Node | null = withParens(at).parent;
    if (up?.type !== 'attribute' || !same(up.childForFieldName('object'), withParens(at))) {
      return chain;
    }
    chain.push(up);
    at = up;
  }
}

/** The name that begins at an identifier: its node, where it ends (UTF-16 offset), its meaning. */
export interface LongestName {
  node: Node;
  end: number;
  name: string;
}

/** Extends `asyncio` over `.locks.Lock` as far as asyncio's own names go. */
export function longestName(head: Node, target: string): LongestName {
  const base = target.split('.');
  if (!isModuleName(target)) return { node: head, end: head.endIndex, name: target };
  const pattern = head.parent?.type === 'dotted_name' ? head.parent : undefined;
  const chain = pattern ? codeChildren(pattern).slice(1) : attributesOn(head);
  const names = chain.map((node) => node.childForFieldName('attribute')?.text ?? node.text);
  const { name, parts } = canonical([...base, ...names]);
  const last = chain[parts - base.length - 1];
  // A pattern of `match` is a flat list of names: `case asyncio.Event():`.
  if (pattern && last)
    return { node: last === chain.at(-1) ? pattern : head, end: last.endIndex, name };
  return { node: last ?? head, end: (last ?? head).endIndex, name };
}
