/**
 * The header of an `async with` that holds a timeout. A scope of anyio is entered by a plain `with`, so
 * a header with other context managers becomes several statements, one in the other.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { layoutAt, shiftWithEdits } from '../edit/block.ts';
import { codeChildren, same } from '../syntax/nodes.ts';
import type { Edit } from '../transform.ts';
import { replace } from '../verdicts.ts';

/** The context managers of a `with` statement, in their order. */
export function managersOf(statement: Node): Node[] {
  const clause = statement.namedChildren.find((child) => child.type === 'with_clause');
  return clause ? codeChildren(clause).filter(({ type }) => type === 'with_item') : [];
}

/**
 * The edits that have the given managers entered by a plain `with`. All text stays in its place but for
 * what stands between the managers. Undefined where the header has comments or breaks lines in a
 * way that is not taken apart.
 */
export function plainWith(
  file: PythonFile,
  statement: Node,
  plain: readonly Node[],
): Edit[] | undefined {
  const keyword = statement.children.find((child) => child.type === 'with');
  const items = managersOf(statement);
  const [first] = items;
  if (!keyword || !first) return undefined;
  const isPlain = (item: Node | undefined) => plain.some((each) => same(each, item));
  const start = isPlain(first) ? [replace(statement.startIndex, keyword.startIndex, '')] : [];
  return items.length === 1 ? start : withOthers(file, statement, items, isPlain, start);
}

function withOthers(
  file: PythonFile,
  statement: Node,
  items: readonly Node[],
  isPlain: (item: Node | undefined) => boolean,
  start: readonly Edit[],
): Edit[] | undefined {
  const [first] = items;
  const last = items.at(-1);
  const clause = first?.parent;
  const colon = statement.children.find((child) => child.type === ':');
  if (!first || !last || !clause || !colon) return undefined;
  const header = file.text.slice(statement.startIndex, colon.endIndex);
  const isCommented = clause.descendantsOfType('comment').length > 0 || header.includes('#');
  if (isCommented || items.some(({ text }) => text.includes('\n'))) return undefined;
  const { indent, unit, newline } = layoutAt(file, statement);
  const edits = [...start];
  let depth = 0;
  for (const [at, item] of items.slice(1).entries()) {
    const before = items[at];
    const gap = [before?.endIndex ?? 0, item.startIndex] as const;
    if (!isPlain(before) && !isPlain(item)) {
      edits.push(replace(...gap, ', '));
      continue;
    }
    depth += 1;
    const entered = isPlain(item) ? 'with' : 'async with';
    edits.push(replace(...gap, `:${newline}${indent}${unit.repeat(depth)}${entered} `));
  }
  // The parentheses of the header, with the line breaks that they allowed.
  edits.push(
    replace(clause.startIndex, first.startIndex, ''),
    replace(last.endIndex, colon.startIndex, ''),
  );
  const range = [colon.endIndex, statement.endIndex] as const;
  const shift = shiftWithEdits(file, statement, range, unit.repeat(depth));
  return shift && [...edits, shift];
}
