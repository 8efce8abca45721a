/** Adds entries to `leave-out`, and leaves everything else in the file as it is. */

import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { writeAtomic } from '../files/write.ts';
import { addToArray } from '../manifest/array.ts';
import { addRow } from '../manifest/rows.ts';
import { applyEdits, insertion, lineEnd, newlineAt, type TextEdit } from '../manifest/text.ts';
import {
  asTable,
  dataAt,
  samePath,
  startsWith,
  type TomlView,
  viewToml,
  withInner,
} from '../manifest/toml.ts';
import { UsageError } from '../usage.ts';
import { TABLE } from './keys.ts';
import type { LeaveOutEntry } from './read.ts';

const LEAVE_OUT = [...TABLE, 'leave-out'];

/**
 * Writes entries into a pyproject.toml, which is made when it is not there. One whose `where` is
 * there already is not written again.
 *
 * @param file absolute path
 * @param entries `where` is relative to the file's folder: `whereOf` makes it
 * @returns how many entries were added
 * @throws UsageError when the file cannot be read or written, or has the table in a form that cannot
 *   be added to
 */
export async function addLeaveOut(
  file: string,
  entries: readonly LeaveOutEntry[],
): Promise<number> {
  const before = readIfThere(file);
  const { text, added } = withLeaveOut(before ?? '', entries, file);
  if (added === 0) return 0;
  try {
    if (before === undefined) writeFileSync(file, text, { flag: 'wx' });
    else await writeAtomic(file, Buffer.from(text));
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
  return added;
}

function readIfThere(file: string): string | undefined {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return decoder.decode(readFileSync(file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new UsageError(`${file}: ${error instanceof TypeError ? 'not text in UTF-8' : message}`);
  }
}

/**
 * The text of a pyproject.toml with entries added to `leave-out`.
 *
 * @param shown what to call the file in a message
 * @throws UsageError as `addLeaveOut` does
 */
export function withLeaveOut(
  text: string,
  entries: readonly LeaveOutEntry[],
  shown: string,
): { text: string; added: number } {
  let view: TomlView;
  try {
    view = viewToml(text);
  } catch (error) {
    throw new UsageError(`${shown}: not valid TOML: ${(error as Error).message}`);
  }
  const old = entriesIn(view.data);
  const fresh = entries.filter(
    ({ where }, index) =>
      !old.some((entry) => asTable(entry)?.where === where) &&
      entries.findIndex((each) => each.where === where) === index,
  );
  if (fresh.length === 0) return { text, added: 0 };
  const after = fresh.reduce((done, entry) => addEntry(done, entry, shown), text);
  check(text, after, fresh, shown);
  return { text: after, added: fresh.length };
}

function entriesIn(data: unknown): unknown[] {
  const value = dataAt(data, LEAVE_OUT);
  return Array.isArray(value) ? value : [];
}

function addEntry(text: string, entry: LeaveOutEntry, shown: string): string {
  const edits = editsFor(text, viewToml(text), entry);
  if (edits) return applyEdits(text, edits);
  throw new UsageError(
    `${shown}: leave-out cannot be added to as it is written there; add ${inlineEntry(entry)} by hand`,
  );
}

/** The entry in the way in which the others, or else the table, are written. */
function editsFor(text: string, view: TomlView, entry: LeaveOutEntry): TextEdit[] | undefined {
  const rows = view.rows.flatMap(withInner);
  const row = rows.find((each) => samePath(each.path, LEAVE_OUT));
  if (row) {
    const { value } = row;
    if (value.kind !== 'array') return undefined;
    return addToArray(text, value, value.items.length, inlineEntry(entry));
  }
  const element = view.elements.findLast((each) => samePath(each.path, LEAVE_OUT));
  if (element) return [block(text, (element.rows.at(-1) ?? element).end, entry)];
  if (!dataAt(view.data, TABLE)) return atTheEnd(text, view, entry);
  if (view.headers.some((each) => startsWith(each.path, TABLE))) {
    return [block(text, endOfTable(view), entry)];
  }
  const value = `[${inlineEntry(entry)}]`;
  return addRow(text, view, TABLE, { key: 'leave-out', value, sorted: false });
}

/** Behind the last row of the table, or behind its header. */
function endOfTable({ headers, rows }: TomlView): number {
  const own = [...headers, ...rows.filter((row) => startsWith(row.header, TABLE))].filter((each) =>
    startsWith(each.path, TABLE),
  );
  return Math.max(...own.map(({ end }) => end));
}

/** A table of its own below the line of `offset`. */
function block(text: string, offset: number, entry: LeaveOutEntry): TextEdit {
  const newline = newlineAt(text, offset);
  return insertion(lineEnd(text, offset), ['', '', ...blockLines(entry)].join(newline));
}

function atTheEnd(text: string, view: TomlView, entry: LeaveOutEntry): TextEdit[] | undefined {
  // An inline table `tool = { … }` takes no header.
  if (view.rows.some(({ path }) => samePath(path, ['tool']))) return undefined;
  const newline = newlineAt(text, 0);
  const isEmpty = text.replace(/^\ufeff/, '').trim() === '';
  const gap = isEmpty ? '' : newline.repeat(/\n$/.test(text) ? 1 : 2);
  return [insertion(text.length, `${gap}${blockLines(entry).join(newline)}${newline}`)];
}

function blockLines(entry: LeaveOutEntry): string[] {
  return [`[[${LEAVE_OUT.join('.')}]]`, ...rowsOf(entry)];
}

function inlineEntry(entry: LeaveOutEntry): string {
  return `{ ${rowsOf(entry).join(', ')} }`;
}

function rowsOf({ where, reason }: LeaveOutEntry): string[] {
  const rows = [`where = ${quoted(where)}`];
  return reason === undefined ? rows : [...rows, `reason = ${quoted(reason)}`];
}

/** A TOML string: what JSON escapes is escaped alike, and DEL besides. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

/** Reads the new text again: its data must be the old data and the entries. */
function check(
  before: string,
  after: string,
  fresh: readonly LeaveOutEntry[],
  shown: string,
): void {
  const [old, now] = [viewToml(before).data, viewToml(after).data];
  const expected = [...entriesIn(old), ...fresh.map((entry) => JSON.parse(JSON.stringify(entry)))];
  if (
    isDeepStrictEqual(entriesIn(now), expected) &&
    isDeepStrictEqual(withoutEntries(now), withoutEntries(old))
  ) {
    return;
  }
  throw new Error(`the edit of ${shown} went wrong, and it is left as it is`);
}

/** The data apart from `leave-out`, and from tables that hold nothing else. */
function withoutEntries(data: Record<string, unknown>): unknown {
  const { tool, ...others } = data;
  const { [TABLE[1]]: own, ...tools } = asTable(tool) ?? {};
  const { 'leave-out': _, ...rest } = asTable(own) ?? {};
  return { others, tools, rest };
}
