/**
 * A wait that cannot become a block where it stands (handed to gather, in a comprehension, behind an
 * `and`) can become a call of a function of the file's own that holds the block: asked for by
 * `--wrap-timeouts`, since it adds a function.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { lineStart, unitOf } from '../edit/block.ts';
import { argumentsOf, stripParens } from '../syntax/nodes.ts';
import type { Edit, JudgeContext, Use } from '../transform.ts';
import { anyio } from '../verdicts.ts';
import { waitArguments } from './awaited.ts';

const NAME = 'wait_in_time';

/** What is awaited by a call of wait_for that a function of the file can stand for, else undefined. */
export function wrappable(
  file: PythonFile,
  call: Node,
  { definitions }: JudgeContext,
): { inner: Node; timeout: Node } | undefined {
  const found = waitArguments(call);
  if (!found || argumentsOf(call).keywords.has('fut')) return undefined;
  const inner = stripParens(found.inner);
  const type = inner.type === 'call' ? definitions.callee(file, inner) : undefined;
  return type?.kind === 'function' && type.of.async ? { ...found, inner } : undefined;
}

/** The call gets the function's name; the function is written before all that calls it, once. */
export function wrapEdits({ file, span, name }: Use): Edit[] {
  const { name: helper, exists } = helperOf(file);
  const renamed: Edit = { ...span, pieces: [helper] };
  if (exists) return [renamed];
  const first = file.uses.find((use) => use.name === name && use.role === 'call');
  const at = startOfTopLevel(file, first?.node ?? file.root);
  const newline = /\r?\n/.exec(file.text)?.[0] ?? '\n';
  const unit = unitOf(file);
  const [head, body] = helperText(helper, unit, newline);
  const missing = newline.repeat(Math.max(0, 2 - blankLinesBefore(file.text, at)));
  const tail = `${body}${newline.repeat(3)}`;
  const pieces = [missing + head, anyio('fail_after'), tail];
  return [renamed, { start: at, end: at, pieces, once: true }];
}

/** The text before and behind the name of `anyio.fail_after`. */
function helperText(name: string, unit: string, newline: string): [head: string, tail: string] {
  const about = '"""Await a call; raise TimeoutError when it takes longer."""';
  return [
    `async def ${name}(call, timeout):${newline}${unit}${about}${newline}${unit}with `,
    `(timeout):${newline}${unit}${unit}return await call`,
  ];
}

/** The function that an earlier run has written, or a name for it that is free. */
function helperOf(file: PythonFile): { name: string; exists: boolean } {
  for (let n = 1; ; n++) {
    const name = n === 1 ? NAME : `${NAME}_${n}`;
    if (!new RegExp(`\\b${name}\\b`).test(file.text)) return { name, exists: false };
    const [head, tail] = helperText(name, unitOf(file), '\n');
    const own = file.root.namedChildren.find((node) => {
      const text = node.text.replaceAll('\r\n', '\n');
      return text.startsWith(head) && text.endsWith(tail);
    });
    if (own) return { name, exists: true };
  }
}

/** Where the top-level statement begins that holds a node, with the comments right above it. */
function startOfTopLevel(file: PythonFile, node: Node): number {
  let top = node;
  while (top.parent && top.parent.type !== 'module') top = top.parent;
  for (let above = top.previousNamedSibling; above?.type === 'comment'; ) {
    const isTouching = above.endPosition.row === top.startPosition.row - 1;
    const isAlone = lineStart(file.text, above.startIndex) === above.startIndex;
    if (!isTouching || !isAlone) break;
    top = above;
    above = top.previousNamedSibling;
  }
  return lineStart(file.text, top.startIndex);
}

function blankLinesBefore(text: string, at: number): number {
  const blank = /(?:\r?\n[ \t]*)*$/.exec(text.slice(0, at))?.[0] ?? '';
  return (blank.match(/\n/g)?.length ?? 0) - 1;
}
