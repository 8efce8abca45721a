/** Adds one `key = value` row to a TOML table and takes over the look of the rows around it. */

import {
  aboveComments,
  indentAt,
  insertion,
  lineEnd,
  lineStart,
  newlineAt,
  sortedPlace,
  type TextEdit,
} from './text.ts';
import { samePath, startsWith, type TomlRow, type TomlView } from './toml.ts';

/** A new row: its key below the table, and the source of its value. */
export interface NewRow {
  key: string;
  value: string;
  /** Whether the row may go into its sorted place; else it goes behind the last one. */
  sorted: boolean;
}

/**
 * The edits that add a row to the table at `path`: below its header, among the dotted rows that
 * stand for it, or into the inline table that it is.
 *
 * @returns undefined when the table is written in none of these ways
 */
export function addRow(
  text: string,
  view: TomlView,
  path: readonly string[],
  row: NewRow,
): TextEdit[] | undefined {
  const inline = view.rows.find((each) => samePath(each.path, path));
  if (inline) return addToInlineTable(text, inline, row);

  const rows = view.rows.filter((each) => isWrittenIn(each, path));
  const [first] = rows;
  if (!first) {
    const header = view.headers.find((each) => samePath(each.path, path));
    return header && [below(text, header, `${row.key} = ${row.value}`)];
  }
  const key = [...path.slice(first.header.length), row.key].join('.');
  const line = `${key}${gapFor(text, rows, key)}${row.value}`;
  const index = row.sorted ? placeAmong(rows, path, row.key) : rows.length;
  if (index > 0) return [below(text, rows[index - 1] as TomlRow, line)];
  const top = aboveComments(text, first.start, headerEnd(view, first));
  const indent = indentAt(text, first.start);
  return [insertion(top, `${indent}${line}${newlineAt(text, first.start)}`)];
}

/** Rows of the table itself and of its dotted keys, but not those below a header of a subtable. */
function isWrittenIn(row: TomlRow, path: readonly string[]): boolean {
  return (
    row.path.length > path.length && startsWith(row.path, path) && row.header.length <= path.length
  );
}

/** Poetry's `python` leads by custom: it neither breaks the order nor comes behind the new row. */
function placeAmong(rows: readonly TomlRow[], path: readonly string[], key: string): number {
  const names = rows.map((each) => each.path[path.length] as string);
  const lead = names[0] === 'python' ? 1 : 0;
  return lead + sortedPlace(names.slice(lead), key);
}

/** `line` on a line of its own below a row or a header, behind its comment. */
function below(
  text: string,
  { start, end }: { start: number; end: number },
  line: string,
): TextEdit {
  return insertion(lineEnd(text, end), `${newlineAt(text, end)}${indentAt(text, start)}${line}`);
}

function headerEnd(view: TomlView, row: TomlRow): number {
  return view.headers.findLast((header) => header.end <= row.start)?.end ?? -1;
}

/** The text from key to value: the rows' own blanks, padded where their `=` stand in one column. */
function gapFor(text: string, rows: readonly TomlRow[], key: string): string {
  const models = rows.filter((row) => !text.slice(row.start, row.end).includes('\n'));
  const gaps = models.map((row) => text.slice(row.keyEnd, row.value.start));
  const columns = models.map((row, index) => {
    const before = (gaps[index] as string).indexOf('=');
    return row.keyEnd + before - lineStart(text, row.start);
  });
  const [column] = columns;
  const [gap = ' = '] = gaps;
  const padded = gaps.some((each) => /^[ ]{2,}=/.test(each));
  if (column === undefined || !padded || columns.some((each) => each !== column)) {
    return /^[ ]?=[ ]?$/.test(gap) ? gap : ' = ';
  }
  const indent = indentAt(text, (models[0] as TomlRow).start).length;
  const blanks = Math.max(1, column - indent - key.length);
  return `${' '.repeat(blanks)}${gap.slice(gap.indexOf('='))}`;
}

function addToInlineTable(text: string, table: TomlRow, row: NewRow): TextEdit[] | undefined {
  if (table.value.kind !== 'table') return undefined;
  const { rows, start, end } = table.value;
  const [first] = rows;
  if (!first) return [{ start, end, text: `{ ${row.key} = ${row.value} }` }];
  const line = `${row.key}${gapFor(text, [first], row.key)}${row.value}`;
  const index = row.sorted ? placeAmong(rows, table.path, row.key) : rows.length;
  if (index > 0) return [insertion((rows[index - 1] as TomlRow).end, `, ${line}`)];
  return [insertion(first.start, `${line}, `)];
}
