/** Which decisions are asked together: those that a person sees in one hunk. */

import { structuredPatch } from 'diff';
import type { Migration } from '../result.ts';
import type { Item } from './item.ts';

/** Unchanged lines around a change, as in the diffs that are shown. */
export const CONTEXT = 3;

/**
 * Parts the items into steps, in their order. Small things that share a hunk are one step, when all
 * of them are safe or all are to be looked at; what stands in several hunks is a step of its own.
 *
 * @param alone whether an item is to be asked by itself all the same
 */
export function stepsOf(
  items: readonly Item[],
  { changes }: Pick<Migration, 'changes'>,
  alone: (item: Item) => boolean,
): Item[][] {
  const hunks = new Map(
    changes.map(({ path, before, after }) => [path, hunkStarts(before, after)] as const),
  );
  const steps: Item[][] = [];
  const byHunk = new Map<string, Item[]>();
  for (const item of items) {
    const hunk = alone(item) ? undefined : hunkOf(item, hunks);
    const key = hunk && `${hunk}:${item.safety}`;
    const step = key === undefined ? undefined : byHunk.get(key);
    if (step) {
      step.push(item);
      continue;
    }
    const fresh = [item];
    steps.push(fresh);
    if (key !== undefined) byHunk.set(key, fresh);
  }
  return steps;
}

/** The first line of each hunk, ascending, counted from 1 in the old text. */
function hunkStarts(before: string, after: string): number[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: CONTEXT });
  return hunks.map(({ oldStart }) => oldStart);
}

/** The one hunk that all of an item lies in, if there is one; in a notebook, the one cell. */
function hunkOf(item: Item, hunks: ReadonlyMap<string, readonly number[]>): string | undefined {
  const found = new Set<string>();
  for (const { use, verdict, position } of item.judged) {
    const { path, lines } = use.file;
    if (position.cell !== undefined) {
      found.add(`${path}:${position.cell}`);
      continue;
    }
    const spans = verdict.kind === 'rewrite' ? [use.span, ...verdict.edits] : [use.span];
    for (const { start, end } of spans) {
      for (const at of [start, end]) {
        const { line } = lines.at(at);
        found.add(`${path}:${hunks.get(path)?.findLast((first) => first <= line)}`);
      }
    }
  }
  const [only] = found;
  return found.size === 1 ? only : undefined;
}
