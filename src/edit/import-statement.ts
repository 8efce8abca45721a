/** One import statement as text: its names, its form, its comments, and how names leave it. */

import type { Node } from 'web-tree-sitter';
import type { TextLines } from './lines.ts';
import type { Replacements } from './replacements.ts';

export const IMPORT_TYPES = new Set([
  'import_statement',
  'import_from_statement',
  'future_import_statement',
]);

/** A name in an import statement: `sleep as nap`, `os.path`. */
export interface ImportItem {
  node: Node;
  /** The dotted name as imported, without spaces. */
  name: string;
  alias?: string;
  /** The comma behind it. */
  comma?: Node;
}

export interface ImportStatement {
  node: Node;
  /** The module of a from-import, with leading dots; undefined for `import x`. */
  from?: string;
  items: ImportItem[];
  open?: Node;
  close?: Node;
  /** Comments between the parentheses. */
  comments: Node[];
}

/** Reads an import statement's node. */
export function readImport(node: Node): ImportStatement {
  const statement: ImportStatement = { node, items: [], comments: [] };
  const module = node.childForFieldName('module_name');
  if (node.type === 'future_import_statement') statement.from = '__future__';
  else if (module) statement.from = compact(module.text);
  for (const child of node.children) {
    if (child.id === module?.id) continue;
    if (child.type === '(') statement.open = child;
    else if (child.type === ')') statement.close = child;
    else if (child.type === 'comment') statement.comments.push(child);
    else if (child.type === 'dotted_name' || child.type === 'aliased_import') {
      statement.items.push(readItem(child));
    } else if (child.type === ',') {
      const last = statement.items.at(-1);
      if (last) last.comma = child;
    }
  }
  return statement;
}

function readItem(node: Node): ImportItem {
  const name = node.childForFieldName('name') ?? node;
  const alias = node.childForFieldName('alias');
  const item: ImportItem = { node, name: compact(name.text) };
  if (alias) item.alias = alias.text;
  return item;
}

function compact(text: string): string {
  return text.replaceAll(/[\s\\]+/g, '');
}

/** Whether nothing else but a comment stands on the lines of a statement. */
export function standsAlone(lines: TextLines, node: Node): boolean {
  return (
    /^[ \t]*$/.test(lines.before(node.startIndex)) && /^[ \t\f]*(#|$)/.test(trailing(lines, node))
  );
}

/** What follows a node in its last line: `  # noqa`, or nothing. */
export function trailing(lines: TextLines, node: Node): string {
  return lines.after(node.endIndex);
}

/** Whether an item has its lines to itself, as in a vertical list in parentheses. */
export function hasOwnLine(
  lines: TextLines,
  statement: ImportStatement,
  item: ImportItem,
): boolean {
  if (!statement.open) return false;
  const last = item.comma ?? item.node;
  return (
    /^[ \t]*$/.test(lines.before(item.node.startIndex)) &&
    /^[ \t]*(#|$)/.test(lines.after(last.endIndex))
  );
}

/** The comment behind an item that has its own line, without the spaces before it. */
export function itemComment(
  lines: TextLines,
  statement: ImportStatement,
  item: ImportItem,
): string | undefined {
  if (!hasOwnLine(lines, statement, item)) return undefined;
  return lines.after((item.comma ?? item.node).endIndex).trim() || undefined;
}

/**
 * Takes some, not all, names out of a statement. Commas and comments of the other names stay; a
 * name that has its own line takes the line with it.
 */
export function dropItems(
  lines: TextLines,
  statement: ImportStatement,
  dropped: ReadonlySet<number>,
  replacements: Replacements,
): void {
  const ranges: [number, number][] = [];
  for (const item of statement.items) {
    if (dropped.has(item.node.id)) ranges.push(itemRange(lines, statement, item));
  }
  const lastKept = statement.items.filter((item) => !dropped.has(item.node.id)).at(-1);
  const hadTrailingComma = statement.items.at(-1)?.comma !== undefined;
  if (lastKept?.comma && !hadTrailingComma) {
    ranges.push([lastKept.comma.startIndex, lastKept.comma.endIndex]);
  }
  // A range widens to the left only once its neighbours are joined to it.
  const joined = union(ranges).map((range) => widenLeft(lines, statement, range));
  for (const [start, end] of union(joined)) replacements.remove(start, end);
}

function itemRange(
  lines: TextLines,
  statement: ImportStatement,
  item: ImportItem,
): [number, number] {
  const { text } = lines;
  const start = item.node.startIndex;
  if (hasOwnLine(lines, statement, item))
    return [lines.start(start), lines.next(item.node.endIndex)];
  const end = (item.comma ?? item.node).endIndex;
  const gap = /^(?:[ \t\f]|\\\r?\n)*/.exec(text.slice(end))?.[0].length ?? 0;
  const nextStarts = statement.items.some(({ node }) => node.startIndex === end + gap);
  return [start, nextStarts ? end + gap : end];
}

/**
 * The space before a removed range goes too when the range ends its line or its parentheses; the
 * newline before it stays only behind a comment.
 */
function widenLeft(
  lines: TextLines,
  statement: ImportStatement,
  [start, end]: [number, number],
): [number, number] {
  const { text } = lines;
  const ends = text[end] === ')' || /^[ \t]*(?:#|;|$)/.test(lines.after(end));
  if (!ends || start === lines.start(start)) return [start, end];
  const gap = /(?:[ \t]|\\?\r?\n)*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  const opens = statement.open?.endIndex === start - gap;
  const commented = statement.comments.some((comment) => comment.endIndex === start - gap);
  return opens || commented ? [start, end] : [start - gap, end];
}

function union(ranges: readonly [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const range of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && range[0] <= last[1]) last[1] = Math.max(last[1], range[1]);
    else result.push([...range]);
  }
  return result;
}
