/** The Python parser: web-tree-sitter and the grammar's wasm, loaded once a process. */

import { Language, Parser, type Tree } from 'web-tree-sitter';
import { packaged } from '../packaged.ts';

let ready: Promise<Parser> | undefined;
let parser: Parser | undefined;

async function load(): Promise<Parser> {
  await Parser.init({
    wasmBinary: packaged('web-tree-sitter.wasm', 'web-tree-sitter/web-tree-sitter.wasm'),
  });
  const grammar = packaged('tree-sitter-python.wasm', 'tree-sitter-python/tree-sitter-python.wasm');
  const created = new Parser();
  created.setLanguage(await Language.load(grammar));
  parser = created;
  return created;
}

/** Loads the parser; later calls return at once. Must have resolved before `parse` is called. */
export async function loadParser(): Promise<void> {
  ready ??= load();
  await ready;
}

/**
 * Parses Python text. Node indices are UTF-16 code units of `text`. The caller owns the tree and
 * calls `delete()` on it: the garbage collector does not free wasm memory.
 * @throws Error when `loadParser` has not finished.
 */
export function parse(text: string): Tree {
  const tree = parser?.parse(text);
  if (!tree) throw new Error('the Python parser is not loaded');
  return tree;
}
