/** Takes whole statements out of a file, and the `try` around what is left when it has no purpose. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { codeChildren, same } from '../syntax/nodes.ts';
import type { Edit } from '../transform.ts';

/**
 * Edits that remove statements with their lines. A `finally` that they fill is dropped, and a `try`
 * that has nothing but such a `finally` is dissolved: its body moves to the left.
 * Undefined when a statement shares its line with another, or removing it would leave an empty block.
 */
export function removeStatements(
  file: PythonFile,
  statements: readonly Node[],
): Edit[] | undefined {
  const edits: Edit[] = [];
  const gone = (node: Node) => statements.some((statement) => same(statement, node));
  const finals = new Map<number, Node>();
  for (const statement of statements) {
    const block = statement.parent;
    const clause = block?.parent;
    if (!block || !standsAlone(file, statement)) return undefined;
    const emptied = block.type === 'block' && codeChildren(block).every(gone);
    if (!emptied) edits.push(...removeLines(file, statement.startIndex, statement.endIndex));
    else if (clause?.type === 'finally_clause') finals.set(clause.id, clause);
    else return undefined;
  }
  for (const clause of finals.values()) {
    const dissolved = dissolve(file, clause);
    if (!dissolved) return undefined;
    edits.push(...dissolved);
  }
  return edits;
}

/** Whether nothing else stands on the statement's lines but a comment behind it. */
function standsAlone(file: PythonFile, node: Node): boolean {
  const { text } = file;
  const before = text.slice(lineStart(text, node.startIndex), node.startIndex);
  const after = text.slice(node.endIndex, lineEnd(text, node.endIndex));
  return /^[ \t\f\uFEFF]*$/.test(before) && /^[ \t]*(#.*)?\r?\n?$/.test(after);
}

function removeLines(file: PythonFile, start: number, end: number): Edit[] {
  const { text } = file;
  return [{ start: lineStart(text, start), end: lineEnd(text, end), pieces: [''] }];
}

function dissolve(file: PythonFile, clause: Node): Edit[] | undefined {
  const statement = clause.parent;
  if (statement?.type !== 'try_statement') return undefined;
  const { text } = file;
  const end = lineEnd(text, clause.endIndex);
  const removal: Edit = { start: lineStart(text, clause.startIndex), end, pieces: [''] };
  const kept = codeChildren(statement).some((child) => child.type.startsWith('except'));
  if (kept) return [removal];
  const body = statement.childForFieldName('body');
  const header = text.slice(lineStart(text, statement.startIndex), body?.startIndex ?? 0);
  if (!body || codeChildren(statement).length !== 2 || !/^[ \t]*try:[ \t]*\r?\n/.test(header))
    return undefined;
  const outer = /^[ \t]*/.exec(header)?.[0] ?? '';
  const inner = text.slice(lineStart(text, body.startIndex), body.startIndex);
  if (!/^[ \t]+$/.test(inner) || !inner.startsWith(outer)) return undefined;
  const from = lineStart(text, statement.startIndex);
  const to = lineEnd(text, statement.startIndex);
  return [
    { start: from, end: to, pieces: [''] },
    ...shiftLeft(file, body, to, removal.start, inner, outer),
    removal,
  ];
}

/** Removes the difference of two indentations from each line, strings' inner lines excepted. */
function shiftLeft(
  file: PythonFile,
  body: Node,
  from: number,
  to: number,
  inner: string,
  outer: string,
): Edit[] {
  const { text } = file;
  const strings = body.descendantsOfType('string');
  const edits: Edit[] = [];
  for (let at = from; at < to; at = lineEnd(text, at)) {
    const inString = strings.some((node) => node && node.startIndex < at && at < node.endIndex);
    if (inString || !text.startsWith(inner, at)) continue;
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
