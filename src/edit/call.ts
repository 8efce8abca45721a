/** Edits on calls that several transforms share. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { argumentsOf, withParens } from '../syntax/nodes.ts';
import type { Edit } from '../transform.ts';

/**
 * Takes a call apart into function and arguments, inside the parentheses of an outer call:
 * `main(a, *b)` becomes `main, a, *b`; with keyword arguments, `functools.partial(main, k=v)`.
 * Arguments on lines of their own get the function on one too, and lose the indentation that the
 * inner call gave them. Parentheses around the call go: they would make a tuple of its parts.
 *
 * @param more a further argument of the outer call, which comes behind those
 */
export function handOver(file: PythonFile, call: Node, more?: string): Edit[] {
  const edits = takeApart(file, call);
  return more === undefined ? edits : [...edits, ...addArgument(file, call, more)];
}

function takeApart(file: PythonFile, call: Node): Edit[] {
  const callee = call.childForFieldName('function');
  const list = call.childForFieldName('arguments');
  if (!callee || !list) return [];
  const { keywordNodes, positional } = argumentsOf(call);
  if (keywordNodes.length > 0) {
    const line = breaksLine(file, callee, list) ? lineBefore(file, list, callee) : '';
    const pieces = [{ module: 'functools', name: 'partial' }, `(${line}`];
    const open = { start: callee.startIndex, end: callee.startIndex, pieces };
    return [open, opening(file, callee, list)];
  }
  const bare = unwrap(call);
  // `f(x for x in y)`: the generator keeps the parentheses as its own.
  if (list.type === 'generator_expression') {
    return [...bare, { start: callee.endIndex, end: list.startIndex, pieces: [', '] }];
  }
  if (positional.length === 0) return [...bare, ...emptied(callee, list)];
  const edits = [...bare, opening(file, callee, list), ...closing(file, list)];
  if (hangs(file, callee, list)) {
    const line = lineBefore(file, list, callee);
    return [{ start: callee.startIndex, end: callee.startIndex, pieces: [line] }, ...edits];
  }
  return [...edits, ...dedent(file, callee, list)];
}

/** One more argument behind those of the inner call, on a line of its own where they have such. */
function addArgument(file: PythonFile, call: Node, more: string): Edit[] {
  const callee = call.childForFieldName('function');
  const list = call.childForFieldName('arguments');
  const { keywordNodes, positional } = argumentsOf(call);
  const end = withParens(call).endIndex;
  const spread = callee && list && keywordNodes.length === 0 && positional.length > 0;
  if (!spread || !breaksLine(file, callee, list)) {
    return [{ start: end, end, pieces: [`, ${more}`] }];
  }
  const line =
    lineBefore(file, list, callee).replace(/[ \t]*$/, '') + newIndent(file, callee, list);
  const { last, argument, comma, outerGoesOn, gap } = tail(file, list);
  const commented = last?.type === 'comment';
  const kept = comma !== undefined && gap.includes('\n') && !outerGoesOn;
  if (!last || !argument || (!commented && !kept)) {
    return [{ start: end, end, pieces: [`,${line}${more}`] }];
  }
  // Under CRLF a comment's node holds the `\r`.
  const behind = Math.max(comma?.endIndex ?? 0, last.endIndex - (last.text.endsWith('\r') ? 1 : 0));
  const added = { start: behind, end: behind, pieces: [`${line}${more},`] };
  if (comma || outerGoesOn) return [added];
  return [{ start: argument.endIndex, end: argument.endIndex, pieces: [','] }, added];
}

/** The indentation that arguments on lines of their own have in the outer call. */
function newIndent(file: PythonFile, callee: Node, list: Node): string {
  const { text } = file;
  const inner = indentAt(text, list.namedChildren[0]?.startIndex ?? 0);
  const base = text.slice(lineOf(text, callee.startIndex), callee.startIndex);
  return /^[ \t]*$/.test(base) && inner.startsWith(base) ? base : inner;
}

/** `((main(a)))`: the parentheses go, what stands between them stays. */
function unwrap(call: Node): Edit[] {
  const edits: Edit[] = [];
  for (let at = call.parent; at?.type === 'parenthesized_expression'; at = at.parent) {
    edits.push({ start: at.startIndex, end: at.startIndex + 1, pieces: [''] });
    edits.push({ start: at.endIndex - 1, end: at.endIndex, pieces: [''] });
  }
  return edits;
}

/** Whether the arguments begin on a line below the function. */
function breaksLine({ text }: PythonFile, callee: Node, list: Node): boolean {
  const first = list.namedChildren[0];
  return !!first && lineOf(text, first.startIndex) !== lineOf(text, callee.endIndex);
}

/** Whether they do so while the function itself begins no line. */
function hangs(file: PythonFile, callee: Node, list: Node): boolean {
  const before = file.text.slice(lineOf(file.text, callee.startIndex), callee.startIndex);
  return breaksLine(file, callee, list) && !/^[ \t]*$/.test(before);
}

/** A line break with the indentation of the arguments. */
function lineBefore(file: PythonFile, list: Node, callee: Node): string {
  const { text } = file;
  const first = list.namedChildren[0];
  const newline = text.slice(callee.endIndex).match(/\r?\n/)?.[0] ?? '\n';
  return newline + (first ? indentAt(text, first.startIndex) : '');
}

function lineOf(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineOf(text, offset), offset))?.[0] ?? '';
}

/** The `(` after the function becomes a comma. */
function opening(file: PythonFile, callee: Node, list: Node): Edit {
  const after = file.text[list.startIndex + 1] ?? '';
  const comma = /\s/.test(after) ? ',' : ', ';
  return { start: callee.endIndex, end: list.startIndex + 1, pieces: [comma] };
}

/** `main()` without arguments: the parentheses go, a comment between them stays. */
function emptied(callee: Node, list: Node): Edit[] {
  if (list.namedChildCount === 0)
    return [{ start: callee.endIndex, end: list.endIndex, pieces: [''] }];
  return [
    { start: callee.endIndex, end: list.startIndex + 1, pieces: [''] },
    { start: list.endIndex - 1, end: list.endIndex, pieces: [''] },
  ];
}

/** What stands at the end of the inner call's arguments. */
interface Tail {
  last?: Node | undefined;
  argument?: Node | undefined;
  /** The trailing comma. */
  comma?: Node | undefined;
  /** Whether a comma of the outer call follows. */
  outerGoesOn: boolean;
  /** The text between the last of them and the bracket. */
  gap: string;
}

function tail(file: PythonFile, list: Node): Tail {
  const last = list.namedChildren.at(-1);
  const argument = list.namedChildren.filter((child) => child.type !== 'comment').at(-1);
  const comma = list.children.find(
    (child) => child.type === ',' && !!argument && child.startIndex >= argument.endIndex,
  );
  const outerGoesOn = /^\s*,/.test(file.text.slice(list.endIndex));
  const from = Math.max(last?.endIndex ?? 0, comma?.endIndex ?? 0);
  return { last, argument, comma, outerGoesOn, gap: file.text.slice(from, list.endIndex - 1) };
}

/** The `)` of the inner call goes, with its trailing comma where the outer call brings its own. */
function closing(file: PythonFile, list: Node): Edit[] {
  const end = list.endIndex;
  const { last, argument, comma, outerGoesOn, gap } = tail(file, list);
  if (!last || !argument) return [];
  const alone = gap.includes('\n') && /^[ \t]*(,[ \t]*)?(\r?\n|$)/.test(file.text.slice(end));
  // The bracket stands on a line of its own that nothing else shares: the line goes with it.
  let start = alone ? end - 1 - gap.length : end - 1;
  // Under CRLF a comment's node holds the `\r`.
  if (file.text[start] === '\n' && file.text[start - 1] === '\r') start--;
  const edits: Edit[] = [];
  if (comma && (outerGoesOn || !gap.includes('\n'))) {
    edits.push({ start: comma.startIndex, end: comma.endIndex, pieces: [''] });
  }
  if (last.type === 'comment' && outerGoesOn) {
    // A comma may not follow a comment on its line: it keeps its place after the argument instead.
    edits.pop();
    if (!comma) edits.push({ start: argument.endIndex, end: argument.endIndex, pieces: [','] });
    const outer = end + file.text.slice(end).indexOf(',');
    return [...edits, { start, end, pieces: [''] }, { start: outer, end: outer + 1, pieces: [''] }];
  }
  edits.push({ start, end, pieces: [''] });
  return edits;
}

/** Arguments on lines of their own lose the indentation that the inner call gave them. */
function dedent(file: PythonFile, callee: Node, list: Node): Edit[] {
  const { text } = file;
  const first = list.namedChildren[0];
  if (!first || lineOf(text, first.startIndex) === lineOf(text, callee.startIndex)) return [];
  // Only where the function itself begins a line: else the arguments stand where they belong.
  const base = text.slice(lineOf(text, callee.startIndex), callee.startIndex);
  const inner = indentAt(text, first.startIndex);
  if (!/^[ \t]*$/.test(base) || !inner.startsWith(base) || inner === base) return [];
  const edits: Edit[] = [];
  const strings = list.descendantsOfType('string');
  for (
    let at = text.indexOf('\n', list.startIndex) + 1;
    at > 0 && at < list.endIndex - 1;
    at = text.indexOf('\n', at) + 1
  ) {
    const inString = strings.some((node) => node && node.startIndex < at && at < node.endIndex);
    const line = text.slice(at, text.indexOf('\n', at));
    if (inString || !line.startsWith(inner) || at >= (list.namedChildren.at(-1)?.endIndex ?? 0))
      continue;
    edits.push({ start: at + base.length, end: at + inner.length, pieces: [''] });
  }
  return edits;
}
