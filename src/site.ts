/** Where a use stands, told so that changes elsewhere in the file do not matter. */

import { relative, sep } from 'node:path';
import type { Node } from 'web-tree-sitter';
import type { Use } from './transform.ts';

/** All uses of one name in one function or class body, or at the top level of one file. */
export interface Site {
  /** Relative to the project's root, with slashes. */
  path: string;
  /** The names of the classes and functions around it: `Room.enter`; '' at the top level. */
  symbol: string;
  /** The canonical name: `asyncio.Lock`. */
  name: string;
}

/** @param root absolute path of the project's root */
export function siteOf(use: Use, root: string): Site {
  return {
    path: relative(root, use.file.path).split(sep).join('/'),
    symbol: symbolAround(use.node),
    name: use.name,
  };
}

/** `mud/rooms.py::Room.enter::asyncio.Lock`, and `main.py::::asyncio.run` at the top level. */
export function siteKey({ path, symbol, name }: Site): string {
  return `${path}::${symbol}::${name}`;
}

const DEFINITIONS: ReadonlySet<string> = new Set(['function_definition', 'class_definition']);

/** The definitions that a node stands in, from the outside; a decorator stands outside of its own. */
export function symbolAround(node: Node): string {
  const names: string[] = [];
  for (let at: Node | null = node; at; at = at.parent) {
    const name = DEFINITIONS.has(at.type) ? at.childForFieldName('name')?.text : undefined;
    if (name !== undefined) names.unshift(name);
  }
  return names.join('.');
}
