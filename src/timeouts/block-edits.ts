/** From an awaited `wait_for` to a block with a timeout, in edits that leave the inner call in place. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { indentAt, type Layout, lineStart, ownLine, reindent } from '../edit/block.ts';
import { withParens } from '../syntax/nodes.ts';
import type { Edit, Piece } from '../transform.ts';
import { anyio, replace } from '../verdicts.ts';
import type { TimedWait } from './awaited.ts';
import { breakCall } from './line-length.ts';
import { freeName } from './names.ts';

export interface BlockPlan {
  wait: TimedWait;
  /** How long a line may be, in columns. */
  lineLength: number;
  /** Whether the awaited value gets a name before the statement. */
  hoist: boolean;
  /** Whether the call is made, and named, before the timeout is evaluated. */
  bindFirst: boolean;
  /** What the block is entered with: `anyio.fail_after(timeout)` unless told. */
  scope?: readonly Piece[];
}

/** The comments that would go with the removed text, and where they belong. */
interface Kept {
  /** Before the inner call: on lines of their own, before all else. */
  above: string[];
  /** Behind the inner call, on the line where it ends. */
  inner: string;
  /** On lines of their own above the header. */
  header: string[];
  /** Behind the header: `  # seconds`. */
  trailing: string;
}

/**
 * The edits, or undefined where the statement's lines cannot be told apart. The inner call keeps
 * its text and place; what surrounds it is taken away or written anew.
 */
export function blockEdits(file: PythonFile, plan: BlockPlan): Edit[] | undefined {
  const { statement } = plan.wait;
  const line = ownLine(file, statement);
  if (!line || (line.apart.length > 0 && (plan.hoist || plan.bindFirst))) return undefined;
  const edits = plan.hoist || plan.bindFirst ? movedEdits(file, plan, line.layout) : [];
  if (edits.length === 0) edits.push(...directEdits(file, plan, line.layout));
  return [...line.apart, ...edits];
}

/** The whole statement goes into the block. */
function directEdits(file: PythonFile, plan: BlockPlan, layout: Layout): Edit[] {
  const { wait, lineLength } = plan;
  const { call, inner, statement } = wait;
  const inside = layout.indent + layout.unit;
  const kept = keptComments(file, wait);
  // Only what ends a line can have a comment behind it.
  const endsLine = file.text.slice(call.endIndex, statement.endIndex).replaceAll(')', '') === '';
  if (!endsLine && kept.inner !== '') kept.above.push(kept.inner.trim());
  const tail = endsLine ? kept.inner : '';
  const above = commentLines(kept.above, layout);
  const wrapped = needsParens(inner);
  const from = statement.startIndex;
  const before = call.startIndex;
  const room = {
    ...layout,
    indent: inside,
    before: inside + file.text.slice(from, before),
    after: file.text.slice(call.endIndex, statement.endIndex),
    limit: lineLength,
  };
  return [
    ...breakCall(file, inner, room),
    { start: from, end: from, pieces: [above, ...header(plan, layout, kept)] },
    replace(before, inner.startIndex, wrapped ? '(' : ''),
    replace(inner.endIndex, call.endIndex, wrapped ? ')' : ''),
    ...(tail === '' ? [] : [replace(statement.endIndex, statement.endIndex, tail)]),
    ...reindent(file, statement, [from, before], layout.indent, inside),
    ...innerLines(file, wait, inside),
    ...reindent(file, statement, [call.endIndex, statement.endIndex], layout.indent, inside),
  ];
}

/**
 * The call, or its value, gets a line of its own before the statement. What stands before the call
 * moves behind it, since the call itself stays where it is.
 */
function movedEdits(file: PythonFile, plan: BlockPlan, layout: Layout): Edit[] {
  const { wait, hoist, bindFirst } = plan;
  const { awaited, inner, statement } = wait;
  const { indent, unit, newline } = layout;
  const outer = withParens(awaited);
  const prefix = file.text.slice(
    statement.startIndex,
    hoist ? outer.startIndex : awaited.startIndex,
  );
  const kept = keptComments(file, wait);
  const wrapped = needsParens(inner);
  const [open, close] = wrapped ? ['(', ')'] : ['', ''];
  const line = newline + indent;
  const value = hoist ? freeName(file, inner, 'result') : undefined;
  const call = bindFirst ? freeName(file, inner, 'call') : undefined;
  const start = statement.startIndex;
  const end = hoist ? outer.endIndex : awaited.endIndex;
  const depth = bindFirst ? indent : indent + unit;
  const joined = hoist ? joinedBracket(file, plan, value ?? '', layout) : undefined;
  const body: Piece[] = value === undefined ? [prefix, 'await '] : [`${value} = await `];
  const above = commentLines(kept.above, layout);
  const opening: Piece[] = bindFirst
    ? [`${above}${call} = ${open}`]
    : [above, ...header(plan, layout, kept), ...body, open];
  const closing: Piece[] = [close, kept.inner];
  if (bindFirst) closing.push(line, ...header(plan, layout, kept), ...body, call ?? '');
  if (value !== undefined) closing.push(line, joined?.prefix ?? prefix, value);
  const lead = bindFirst
    ? `${call} = `
    : value === undefined
      ? `${prefix}await `
      : `${value} = await `;
  const room = {
    ...layout,
    indent: depth,
    before: depth + lead,
    after: '',
    limit: plan.lineLength,
  };
  const edits: Edit[] = [
    ...breakCall(file, inner, room),
    { start, end: inner.startIndex, pieces: opening },
    { start: inner.endIndex, end, pieces: closing },
    ...innerLines(file, wait, depth),
    ...(joined?.edits ?? []),
  ];
  // A statement that goes into the block takes what follows the call along.
  if (value === undefined) {
    edits.push(...reindent(file, statement, [end, statement.endIndex], indent, indent + unit));
  }
  return edits;
}

/**
 * The brackets around a hoisted value, on one line where black would join them now: they fit, no
 * comma ends them and no comment stands in them.
 */
function joinedBracket(
  file: PythonFile,
  { wait, lineLength }: BlockPlan,
  value: string,
  { indent }: Layout,
): { prefix: string; edits: Edit[] } | undefined {
  const { statement } = wait;
  const outer = withParens(wait.awaited);
  let list = outer.parent;
  while (list && !BRACKETS.has(list.type) && list.id !== statement.id) list = list.parent;
  if (!list || !BRACKETS.has(list.type) || !list.text.includes('\n')) return undefined;
  if (
    list
      .descendantsOfType(['comment', 'string'])
      .some((node) => node?.text.includes('\n') || node?.type === 'comment')
  )
    return undefined;
  const before = file.text.slice(list.startIndex, outer.startIndex);
  const after = file.text.slice(outer.endIndex, list.endIndex);
  if (/,\s*[)\]}]$/.test(after)) return undefined;
  const lead = file.text.slice(statement.startIndex, list.startIndex);
  const rest = /^[^\r\n]*/.exec(file.text.slice(list.endIndex))?.[0] ?? '';
  const line = indent + lead + flat(before) + value + flat(after) + rest;
  if (lead.includes('\n') || line.length > lineLength) return undefined;
  const gaps = [...after.matchAll(/\s*\n\s*/g)];
  const edits = gaps.map((gap): Edit => {
    const start = outer.endIndex + gap.index;
    const isEdge =
      /^[)\]}]/.test(after.slice(gap.index + gap[0].length)) ||
      /[([{]$/.test(after.slice(0, gap.index));
    return { start, end: start + gap[0].length, pieces: [isEdge ? '' : ' '] };
  });
  return { prefix: lead + flat(before), edits };
}

const BRACKETS: ReadonlySet<string> = new Set([
  'argument_list',
  'parenthesized_expression',
  'list',
  'set',
  'tuple',
]);

/** Line breaks as blanks, none behind an opening or before a closing bracket. */
function flat(text: string): string {
  return text
    .replaceAll(/([([{])\s*\n\s*/g, '$1')
    .replaceAll(/\s*\n\s*([)\]}])/g, '$1')
    .replaceAll(/\s*\n\s*/g, ' ');
}

/** The inner call's own lines, as if it stood on the line of the statement. */
function innerLines(file: PythonFile, { inner, call, statement }: TimedWait, to: string): Edit[] {
  const onOwnLine =
    lineStart(file.text, inner.startIndex) !== lineStart(file.text, call.startIndex);
  const from = indentAt(file.text, onOwnLine ? inner.startIndex : call.startIndex);
  return reindent(file, statement, [inner.startIndex, inner.endIndex], from, to);
}

/** The comments above, `with anyio.fail_after(timeout):`, and the indentation of its body. */
function header({ wait, scope }: BlockPlan, layout: Layout, kept: Kept): Piece[] {
  const { indent, unit, newline } = layout;
  return [
    `${commentLines(kept.header, layout)}with `,
    ...(scope ?? failAfter(wait)),
    `:${kept.trailing}${newline}${indent}${unit}`,
  ];
}

function failAfter({ timeout }: TimedWait): Piece[] {
  return [anyio('fail_after'), `(${oneLine(timeout?.text ?? 'None')})`];
}

/** A timeout over several lines on one: it has no comments and no strings over lines. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*\r?\n\s*/g, ' ').replaceAll(/([([{]) | ([)\]}])/g, '$1$2');
}

/** Comments between the parentheses of the call, outside of the inner one. */
function keptComments(file: PythonFile, { call, inner, timeout }: TimedWait): Kept {
  const kept: Kept = { above: [], inner: '', header: [], trailing: '' };
  const lineOf = (offset: number) => lineStart(file.text, offset);
  const comments = call
    .descendantsOfType('comment')
    .filter((node) => node !== null)
    .filter((node) => node.startIndex < inner.startIndex || node.startIndex >= inner.endIndex);
  for (const comment of comments) {
    const text = comment.text.trimEnd();
    const line = lineOf(comment.startIndex);
    if (comment.startIndex < inner.startIndex) kept.above.push(text);
    else if (timeout && lineOf(timeout.endIndex) === line && kept.trailing === '') {
      kept.trailing = `  ${text}`;
    } else if (lineOf(inner.endIndex) === line && kept.inner === '') kept.inner = `  ${text}`;
    else kept.header.push(text);
  }
  return kept;
}

/** Comments on lines of their own, and the indentation of what follows. */
function commentLines(comments: readonly string[], { newline, indent }: Layout): string {
  return comments.map((comment) => comment + newline + indent).join('');
}

/**
 * Whether an expression over several lines stands on the parentheses of the call around it: a break
 * between its parts, such as a method chain, outside of brackets of its own.
 */
function needsParens(inner: Node): boolean {
  const brackets = [
    'argument_list',
    'parenthesized_expression',
    'list',
    'dictionary',
    'set',
    'tuple',
    'subscript',
    'list_comprehension',
    'dictionary_comprehension',
    'set_comprehension',
    'generator_expression',
    'string',
  ].flatMap((type) => inner.descendantsOfType(type));
  const base = inner.startIndex;
  for (const match of inner.text.matchAll(/\n/g)) {
    const at = base + (match.index ?? 0);
    const covered = brackets.some((node) => node && node.startIndex < at && at < node.endIndex);
    if (!covered) return true;
  }
  return false;
}
