/** The count of a semaphore: how asyncio is given it, and how anyio wants it. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from './analysis/file.ts';
import { countKind } from './count.ts';
import { argumentsOf, stripParens } from './syntax/nodes.ts';
import type { Edit, Verdict } from './transform.ts';
import { refuse, replace } from './verdicts.ts';

/** The count that a semaphore is made with; without one it is 1. */
export interface CountArgument {
  count?: Node;
  /** The `value=…` that the count stands in, if it is given by name. */
  keyword?: Node;
}

/** The count that `asyncio.Semaphore(…)` is called with, or undefined when it has other arguments. */
export function countArgument(call: Node): CountArgument | undefined {
  const { positional, keywords, keywordNodes, hasStar } = argumentsOf(call);
  if (hasStar || positional.length + keywordNodes.length > 1) return undefined;
  const [count] = positional;
  if (count) return { count };
  const [keyword] = keywordNodes;
  if (!keyword) return {};
  const value = keywords.get('value');
  return value && { count: value, keyword };
}

/** Why anyio does not take the count; undefined when it does. A bound is written twice. */
export function refuseCount(
  file: PythonFile,
  { count }: CountArgument,
  bounded: boolean,
): Verdict | undefined {
  if (!count) return undefined;
  if (countKind(file, count) === 'not-int') {
    return refuse(
      'semaphore-not-int',
      'the count is not an integer: asyncio takes any number, anyio raises TypeError',
      'round it by int(), or leave the semaphore out where nothing limits',
    );
  }
  const { type } = stripParens(count);
  if (!bounded || type === 'integer' || type === 'identifier') return undefined;
  return refuse(
    'semaphore-dup-expr',
    'the bound is an expression, which would be evaluated twice: as the count and as max_value',
    'put it into a variable first',
  );
}

/** The arguments as `anyio.Semaphore` wants them: the count by position, the rest by name. */
export function countEdits(
  call: Node,
  { count, keyword }: CountArgument,
  { bounded, fast }: { bounded: boolean; fast: boolean },
): Edit[] {
  const value = count ? stripParens(count).text : '1';
  const further = (bounded ? `, max_value=${value}` : '') + (fast ? ', fast_acquire=True' : '');
  if (!count) {
    const at = (call.childForFieldName('arguments')?.startIndex ?? call.endIndex - 2) + 1;
    return [replace(at, at, `1${further}`)];
  }
  const edits = keyword ? [replace(keyword.startIndex, count.startIndex, '')] : [];
  if (further !== '') edits.push(replace(count.endIndex, count.endIndex, further));
  return edits;
}
