/** Edits on calls that several transforms share. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { argumentsOf } from '../syntax/nodes.ts';
import type { Edit } from '../transform.ts';

/**
 * Takes a call apart into function and arguments, inside the parentheses of an outer call:
 * `main(a, *b)` becomes `main, a, *b`; with keyword arguments, `functools.partial(main, k=v)`.
 * The lines of the inner arguments are moved to the left when they were indented below the function.
 */
export function handOver(file: PythonFile, call: Node): Edit[] {
  const callee = call.childForFieldName('function');
  const list = call.childForFieldName('arguments');
  if (!callee || !list) return [];
  const partial = { module: 'functools', name: 'partial' };
  const open = { start: callee.startIndex, end: callee.startIndex, pieces: [partial, '('] };
  const { keywordNodes } = argumentsOf(call);
  if (keywordNodes.length > 0) return [open, opening(file, callee, list)];
  // `f(x for x in y)`: the generator keeps the parentheses as its own.
  if (list.type === 'generator_expression') {
    return [{ start: callee.endIndex, end: list.startIndex, pieces: [', '] }];
  }
  if (argumentsOf(call).positional.length === 0) return emptied(callee, list);
  return [opening(file, callee, list), ...closing(file, list), ...dedent(file, callee, list)];
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

/** The `)` of the inner call goes, with its trailing comma where the outer call brings its own. */
function closing(file: PythonFile, list: Node): Edit[] {
  const end = list.endIndex;
  const last = list.namedChildren.at(-1);
  const argument = list.namedChildren.filter((child) => child.type !== 'comment').at(-1);
  if (!last || !argument) return [];
  const comma = list.children.find(
    (child) => child.type === ',' && child.startIndex >= argument.endIndex,
  );
  const outerGoesOn = /^\s*,/.test(file.text.slice(end));
  const gap = file.text.slice(Math.max(last.endIndex, comma?.endIndex ?? 0), end - 1);
  const alone = gap.includes('\n') && /^[ \t]*(,[ \t]*)?(\r?\n|$)/.test(file.text.slice(end));
  // The bracket stands on a line of its own that nothing else shares: the line goes with it.
  const start = alone ? end - 1 - gap.length : end - 1;
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
  const lineOf = (offset: number) => text.lastIndexOf('\n', offset - 1) + 1;
  const indentAt = (offset: number) =>
    /^[ \t]*/.exec(text.slice(lineOf(offset), offset))?.[0] ?? '';
  if (!first || lineOf(first.startIndex) === lineOf(callee.startIndex)) return [];
  // Only where the function itself begins a line: else the arguments stand where they belong.
  const base = text.slice(lineOf(callee.startIndex), callee.startIndex);
  const inner = indentAt(first.startIndex);
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
