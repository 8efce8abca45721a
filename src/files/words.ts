/** Which words a file holds, so that asking for one more need not read all of its bytes again. */

/** An ASCII word byte: a letter, a digit or an underscore. */
export function isWordByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 0x20;
  return byte === 0x5f || (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x7a);
}

/** The hashes of all words of a text, ascending, each once: runs of ASCII word bytes. */
export function wordHashes(bytes: Uint8Array): Uint32Array {
  const hashes = new Set<number>();
  let hash = SEED;
  let isIn = false;
  for (const byte of bytes) {
    if (isWordByte(byte)) {
      hash = step(hash, byte);
      isIn = true;
    } else if (isIn) {
      hashes.add(hash);
      hash = SEED;
      isIn = false;
    }
  }
  if (isIn) hashes.add(hash);
  return Uint32Array.from(hashes).sort();
}

/** The hashes of the words in what is asked for: `def name` holds two; undefined where it holds none. */
export function hashesOf(asked: string): number[] | undefined {
  const words = asked.match(/[A-Za-z0-9_]+/g);
  return words?.map((word) => [...word].reduce((hash, c) => step(hash, c.charCodeAt(0)), SEED));
}

/** Whether a file may hold a word: false is certain, true has to be looked up. */
export function mayHold(sorted: Uint32Array, hash: number): boolean {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle] ?? 0;
    if (value === hash) return true;
    if (value < hash) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/** FNV-1a, 32 bits. */
const SEED = 0x811c9dc5;
function step(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193) >>> 0;
}
