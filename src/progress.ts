/** How far a run is, told to whoever wants to show it. */

/** What a run spends its time on, in this order. A run that judges again begins with `judge`. */
export type Stage = 'read' | 'bind' | 'judge' | 'rewrite';

/**
 * Called often, first with 0 done: it should return quickly. What is counted are files, and uses in
 * `judge`. `rewrite` may come several times.
 */
export type OnProgress = (stage: Stage, done: number, total: number) => void;

/** The items, one after the other; when one is asked for, those before it count as done. */
export function* counted<Item>(
  items: readonly Item[],
  stage: Stage,
  onProgress: OnProgress | undefined,
): Generator<Item, void, undefined> {
  for (const [index, item] of items.entries()) {
    onProgress?.(stage, index, items.length);
    yield item;
  }
  onProgress?.(stage, items.length, items.length);
}
