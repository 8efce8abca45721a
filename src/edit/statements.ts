/** Takes whole statements out of a file, and the `try` around what is left when it has no purpose. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { codeChildren, same } from '../syntax/nodes.ts';
import type { Edit } from '../transform.ts';
import { TextLines } from './lines.ts';
import { closeGap } from './removal.ts';

/**
 * Edits that remove statements with their lines. A `finally` that they fill is dropped, and a `try`
 * that has nothing but such a `finally` is dissolved: its body moves to the left.
 * Undefined when a statement shares its line with another, or removing it would leave an empty block.
 */
export function removeStatements(
  file: PythonFile,
  statements: readonly Node[],
): Edit[] | undefined {
  const lines = new TextLines(file.text);
  const removals: Edit[] = [];
  const gone = (node: Node) => statements.some((statement) => same(statement, node));
  const finals = new Map<number, Node>();
  for (const statement of statements) {
    const block = statement.parent;
    const clause = block?.parent;
    if (!block || !standsAlone(file, statement)) return undefined;
    const siblings = codeChildren(block);
    if (block.type === 'block' && siblings.every(gone)) {
      if (clause?.type !== 'finally_clause') return undefined;
      finals.set(clause.id, clause);
      continue;
    }
    // Neighbours go as one run, so that the blank lines around them are looked at once.
    const at = siblings.findIndex((child) => same(child, statement));
    const before = siblings[at - 1];
    if (before && gone(before)) continue;
    const kept = siblings.findIndex((child, index) => index > at && !gone(child));
    const last = siblings[kept < 0 ? siblings.length - 1 : kept - 1] ?? statement;
    removals.push(removal(lines, statement, last, at === 0));
  }
  const edits: Edit[] = [];
  for (const clause of finals.values()) {
    const dissolved = dissolve(lines, clause, removals);
    if (!dissolved) return undefined;
    edits.push(...dissolved);
  }
  return [...joined(removals), ...edits];
}

/** The lines of a run of statements, with blank lines that would pile up without it. */
function removal(lines: TextLines, first: Node, last: Node, opens: boolean): Edit {
  const start = lines.start(first.startIndex);
  const end = lines.next(last.endIndex);
  const above = start > 0 ? lines.text.slice(lines.start(start - 1), start).trim() : '';
  const [from, to] = closeGap(lines, start, end, opens || above.startsWith('#'));
  return { start: from, end: to, pieces: [''] };
}

/** Ranges that touch or overlap, made one. */
function joined(edits: readonly Edit[]): Edit[] {
  const result: Edit[] = [];
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last && edit.start <= last.end) last.end = Math.max(last.end, edit.end);
    else result.push({ ...edit });
  }
  return result;
}

/** Whether nothing else stands on the statement's lines but a comment behind it. */
function standsAlone(file: PythonFile, node: Node): boolean {
  const { text } = file;
  const before = text.slice(lineStart(text, node.startIndex), node.startIndex);
  const after = text.slice(node.endIndex, lineEnd(text, node.endIndex));
  return /^[ \t\f\uFEFF]*$/.test(before) && /^[ \t]*(#.*)?\r?\n?$/.test(after);
}

/** Drops a `finally` clause, and dissolves its `try` when nothing else is left of it. */
function dissolve(lines: TextLines, clause: Node, removals: readonly Edit[]): Edit[] | undefined {
  const statement = clause.parent;
  if (statement?.type !== 'try_statement') return undefined;
  const { text } = lines;
  const start = lines.start(clause.startIndex);
  const drop: Edit = { start, end: lines.next(clause.endIndex), pieces: [''] };
  if (codeChildren(statement).some((child) => child.type.startsWith('except'))) return [drop];
  const body = statement.childForFieldName('body');
  const from = lines.start(statement.startIndex);
  const header = text.slice(from, body?.startIndex ?? 0);
  if (!body || codeChildren(statement).length !== 2) return undefined;
  if (!/^[ \t]*try:[ \t]*\r?\n/.test(header)) return undefined;
  const outer = /^[ \t]*/.exec(header)?.[0] ?? '';
  const inner = text.slice(lines.start(body.startIndex), body.startIndex);
  if (!/^[ \t]+$/.test(inner) || !inner.startsWith(outer)) return undefined;
  const to = lines.next(statement.startIndex);
  const open: Edit = { start: from, end: to, pieces: [''] };
  const gone = (at: number) => removals.some((edit) => edit.start <= at && at < edit.end);
  return [
    open,
    ...shiftLeft(lines, body, to, start, inner, outer).filter((edit) => !gone(edit.start)),
    drop,
  ];
}

/** Removes the difference of two indentations from each line, strings' inner lines excepted. */
function shiftLeft(
  lines: TextLines,
  body: Node,
  from: number,
  to: number,
  inner: string,
  outer: string,
): Edit[] {
  const strings = body.descendantsOfType('string');
  const edits: Edit[] = [];
  for (let at = from; at < to; at = lines.next(at)) {
    const inString = strings.some((node) => node && node.startIndex < at && at < node.endIndex);
    if (inString || !lines.text.startsWith(inner, at)) continue;
    edits.push({ start: at + outer.length, end: at + inner.length, pieces: [''] });
  }
  return edits;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The offset behind the line's newline. */
function lineEnd(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  return at < 0 ? text.length : at + 1;
}
