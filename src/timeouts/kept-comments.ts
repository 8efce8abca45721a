/** The comments of a call that goes, and where they belong. */

import type { PythonFile } from '../analysis/file.ts';
import { type Layout, lineStart } from '../edit/block.ts';
import type { TimedWait } from './awaited.ts';

/** The comments that would go with the removed text, and where they belong. */
export interface Kept {
  /** Before the inner call: on lines of their own, before all else. */
  above: string[];
  /** Behind the inner call, on the line where it ends. */
  inner: string;
  /** On lines of their own above the header. */
  header: string[];
  /** Behind the header of each timeout: `  # seconds`. */
  trailing: Map<number, string>;
}

/** Comments between the parentheses of the call, outside of the inner one. */
export function keptComments(file: PythonFile, { call, inner, timeouts }: TimedWait): Kept {
  const kept: Kept = { above: [], inner: '', header: [], trailing: new Map() };
  const lineOf = (offset: number) => lineStart(file.text, offset);
  const comments = call
    .descendantsOfType('comment')
    .filter((node) => node !== null)
    .filter((node) => node.startIndex < inner.startIndex || node.startIndex >= inner.endIndex);
  for (const comment of comments) {
    const text = comment.text.trimEnd();
    const line = lineOf(comment.startIndex);
    const nth = timeouts.findIndex((each) => lineOf(each.endIndex) === line);
    if (comment.startIndex < inner.startIndex) kept.above.push(text);
    else if (nth >= 0 && !kept.trailing.has(nth)) kept.trailing.set(nth, `  ${text}`);
    else if (lineOf(inner.endIndex) === line && kept.inner === '') kept.inner = `  ${text}`;
    else kept.header.push(text);
  }
  return kept;
}

/** Comments on lines of their own, and the indentation of what follows. */
export function commentLines(comments: readonly string[], { newline, indent }: Layout): string {
  return comments.map((comment) => comment + newline + indent).join('');
}
