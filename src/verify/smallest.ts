/** The smallest set of changes that still breaks something. */

/**
 * Takes halves, quarters and so on away as long as what is left still fails (Zeller's delta
 * debugging, "ddmin"): for a single culprit among n some 2·log2(n) runs.
 *
 * @param all fails as a whole; that is not tried again
 * @param fails whether these alone fail; each set is asked once
 * @returns a part of `all` of which no member can be taken away; in the order of `all`
 */
export async function smallestFailing<Item>(
  all: readonly Item[],
  fails: (items: readonly Item[]) => Promise<boolean>,
): Promise<Item[]> {
  const known = new Map<string, boolean>();
  const place = new Map(all.map((item, at) => [item, at]));
  const ask = async (items: readonly Item[]): Promise<boolean> => {
    const key = items.map((item) => place.get(item)).join(' ');
    const answer = known.get(key) ?? (await fails(items));
    known.set(key, answer);
    return answer;
  };
  let left = [...all];
  let parts = 2;
  while (left.length > 1) {
    const chunks = split(left, parts);
    const smaller = await firstFailing(chunks, parts > 2 ? left : undefined, ask);
    if (smaller) {
      parts = smaller.isChunk ? 2 : Math.max(2, parts - 1);
      left = smaller.items;
    } else if (parts < left.length) parts = Math.min(left.length, parts * 2);
    else break;
  }
  return left;
}

/** A part that fails, or all but one part; with two parts these are the same. */
async function firstFailing<Item>(
  chunks: readonly Item[][],
  whole: readonly Item[] | undefined,
  ask: (items: readonly Item[]) => Promise<boolean>,
): Promise<{ items: Item[]; isChunk: boolean } | undefined> {
  for (const chunk of chunks) if (await ask(chunk)) return { items: chunk, isChunk: true };
  for (const chunk of whole ? chunks : []) {
    const rest = (whole ?? []).filter((item) => !chunk.includes(item));
    if (await ask(rest)) return { items: rest, isChunk: false };
  }
  return undefined;
}

/** Parts of as equal a size as can be, none of them empty. */
function split<Item>(items: readonly Item[], parts: number): Item[][] {
  const size = items.length / parts;
  return Array.from({ length: parts }, (_, at) =>
    items.slice(Math.round(at * size), Math.round((at + 1) * size)),
  ).filter((part) => part.length > 0);
}
