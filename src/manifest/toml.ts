/**
 * A TOML file as data and as places. The parser is toml-patch's; its writer is not used, since it
 * reformats arrays with leading commas, drops the neighbours' quotes and alignment, and puts a new
 * key behind the comments of the next table. Offsets are UTF-16 code units of the whole text, a
 * byte order mark included.
 */

import { TomlDocument } from '@decimalturn/toml-patch';

/** One `key = value`, with the path that it has in the data. */
export interface TomlRow {
  path: readonly string[];
  /** The path of the header that it stands under; for a row of an inline table the table's own. */
  header: readonly string[];
  start: number;
  keyEnd: number;
  value: TomlValue;
  end: number;
}

export type TomlValue =
  | { kind: 'string'; text: string; start: number; end: number }
  | { kind: 'array'; items: TomlValue[]; start: number; end: number }
  | { kind: 'table'; rows: TomlRow[]; start: number; end: number }
  | { kind: 'other'; start: number; end: number };

/** A `[header]` line; `end` is behind its bracket. */
export interface TomlHeader {
  path: readonly string[];
  start: number;
  end: number;
}

/** A `[[header]]` line with the rows below it. */
export interface TomlElement extends TomlHeader {
  rows: TomlRow[];
}

export interface TomlView {
  data: Record<string, unknown>;
  /** The rows outside of inline tables and of `[[arrays of tables]]`, in the order of the file. */
  rows: TomlRow[];
  headers: TomlHeader[];
  /** The tables of `[[arrays of tables]]`, in the order of the file. */
  elements: TomlElement[];
}

/** The text is not TOML. `line` is 1-based. */
export class TomlSyntaxError extends Error {
  readonly line: number | undefined;

  constructor(message: string, line: number | undefined) {
    super(message);
    this.name = 'TomlSyntaxError';
    this.line = line;
  }
}

/** The part of toml-patch's syntax tree that is read here; its own types are not exported. */
interface SyntaxNode {
  type: string;
  /** `line` is 1-based, `column` 0-based, in UTF-16 code units, a byte order mark not counted. */
  loc: { start: Point; end: Point };
}
interface Point {
  line: number;
  column: number;
}
interface KeyNode extends SyntaxNode {
  value: string[];
}
interface RowNode extends SyntaxNode {
  key: KeyNode;
  value: ValueNode;
}
interface ValueNode extends SyntaxNode {
  value?: unknown;
  items?: (SyntaxNode & { item: ValueNode | RowNode })[];
}
interface TableNode extends SyntaxNode {
  key: SyntaxNode & { item: KeyNode };
  items: SyntaxNode[];
}

/**
 * Parses TOML 1.1.
 *
 * @throws {TomlSyntaxError} when the text is not TOML
 */
export function viewToml(text: string): TomlView {
  const bom = text.startsWith('\ufeff') ? 1 : 0;
  const document = parseDocument(text.slice(bom));
  const offsetOf = offsets(text, bom);
  const view: TomlView = { data: document.toJsObject, rows: [], headers: [], elements: [] };
  for (const block of document.cst as unknown as readonly SyntaxNode[]) {
    addBlock(view, block, offsetOf);
  }
  return view;
}

/**
 * Parses TOML for its data alone.
 *
 * @throws {TomlSyntaxError} when the text is not TOML
 */
export function parseToml(text: string): Record<string, unknown> {
  return parseDocument(text.replace(/^\ufeff/, '')).toJsObject;
}

function parseDocument(text: string): TomlDocument {
  try {
    return new TomlDocument(text);
  } catch (error) {
    const { message, line } = error as Error & { line?: number };
    // The parser's message is several lines: its own heading, the source line, a caret, the fault.
    const fault = message.trim().split('\n').pop() ?? message;
    throw new TomlSyntaxError(fault, line);
  }
}

type OffsetOf = (point: Point) => number;

function offsets(text: string, bom: number): OffsetOf {
  const starts = [bom];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return ({ line, column }) => (starts[line - 1] as number) + column;
}

function addBlock(view: TomlView, block: SyntaxNode, offsetOf: OffsetOf): void {
  if (block.type === 'KeyValue') view.rows.push(rowOf(block as RowNode, [], offsetOf));
  if (block.type !== 'Table' && block.type !== 'TableArray') return;
  const { key, items } = block as TableNode;
  const path = key.item.value;
  const header = { path, start: offsetOf(key.loc.start), end: offsetOf(key.loc.end) };
  const rows = items
    .filter((item) => item.type === 'KeyValue')
    .map((item) => rowOf(item as RowNode, path, offsetOf));
  if (block.type === 'TableArray') {
    view.elements.push({ ...header, rows });
  } else {
    view.headers.push(header);
    view.rows.push(...rows);
  }
}

function rowOf(node: RowNode, header: readonly string[], offsetOf: OffsetOf): TomlRow {
  const path = [...header, ...node.key.value];
  return {
    path,
    header,
    start: offsetOf(node.loc.start),
    keyEnd: offsetOf(node.key.loc.end),
    value: tomlValueOf(node.value, path, offsetOf),
    end: offsetOf(node.loc.end),
  };
}

function tomlValueOf(node: ValueNode, path: readonly string[], offsetOf: OffsetOf): TomlValue {
  const span = { start: offsetOf(node.loc.start), end: offsetOf(node.loc.end) };
  const items = (node.items ?? []).filter((each) => each.type === 'InlineItem');
  switch (node.type) {
    case 'String':
      return { kind: 'string', text: node.value as string, ...span };
    case 'InlineArray':
      return {
        kind: 'array',
        items: items.map(({ item }) => tomlValueOf(item as ValueNode, path, offsetOf)),
        ...span,
      };
    case 'InlineTable':
      return {
        kind: 'table',
        rows: items.map(({ item }) => rowOf(item as RowNode, path, offsetOf)),
        ...span,
      };
    default:
      return { kind: 'other', ...span };
  }
}

/** The row, and the rows of the inline table that it holds, all the way down. */
export function withInner(row: TomlRow): TomlRow[] {
  return row.value.kind === 'table' ? [row, ...row.value.rows.flatMap(withInner)] : [row];
}

/** Where the content of a string literal begins: behind one quote or three. */
export function contentStart(text: string, value: { start: number }): number {
  return value.start + (/^("""|''')/.test(text.slice(value.start, value.start + 3)) ? 3 : 1);
}

/** The value at a path of plain tables, or undefined. */
export function dataAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => asTable(value)?.[key], data);
}

/** `value` as a table, when it is one. */
export function asTable(value: unknown): Record<string, unknown> | undefined {
  const isTable = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isTable && !(value instanceof Date) ? (value as Record<string, unknown>) : undefined;
}

export function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.length <= path.length && prefix.every((key, index) => path[index] === key);
}

export function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && startsWith(a, b);
}

/** The quote of the first one-line string in the file, for a new one: `"` when there is none. */
export function quoteOf(text: string, values: readonly TomlValue[]): '"' | "'" {
  const first = values.find((value) => value.kind === 'string');
  return first && text[first.start] === "'" ? "'" : '"';
}
