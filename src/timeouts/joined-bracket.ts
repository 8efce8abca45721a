/** A hoisted value leaves room in the brackets around it. */

import type { PythonFile } from '../analysis/file.ts';
import type { Layout } from '../edit/block.ts';
import type { Edit } from '../transform.ts';
import type { TimedWait } from './awaited.ts';

/**
 * The brackets around a hoisted value, on one line where black would join them now: they fit, no
 * comma ends them and no comment stands in them.
 */
export function joinedBracket(
  file: PythonFile,
  { statement, outer }: TimedWait,
  to: { value: string; layout: Layout; lineLength: number },
): { prefix: string; edits: Edit[] } | undefined {
  const { value, layout, lineLength } = to;
  const { indent } = layout;
  let list = outer.parent;
  while (list && !BRACKETS.has(list.type) && list.id !== statement.id) list = list.parent;
  if (!list || !BRACKETS.has(list.type) || !list.text.includes('\n')) return undefined;
  if (
    list
      .descendantsOfType(['comment', 'string'])
      .some((node) => node?.text.includes('\n') || node?.type === 'comment')
  )
    return undefined;
  // What another use leaves over several lines is not joined: it would be another one afterwards.
  const { startIndex, endIndex } = list;
  const isShared = file.uses.some(({ span: { start, end } }) => {
    const isOwn = start >= outer.startIndex && end <= outer.endIndex;
    return !isOwn && start >= startIndex && end <= endIndex;
  });
  if (isShared) return undefined;
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
