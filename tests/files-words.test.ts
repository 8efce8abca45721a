/** Words of files by their hashes. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashesOf, mayHold, wordHashes } from '../src/files/words.ts';

const holds = (text: string, asked: string) => {
  const known = wordHashes(Buffer.from(text));
  return hashesOf(asked)?.every((hash) => mayHold(known, hash));
};

describe('words', () => {
  it('are whole: a part of a word is no word', () => {
    expect(holds('await self.sleep(1)', 'sleep')).toBe(true);
    expect(holds('await self.sleep(1)', '.sleep')).toBe(true);
    expect(holds('await asleep(1)', 'sleep')).toBe(false);
    expect(holds('sleep_1', 'sleep')).toBe(false);
    expect(holds('', 'sleep')).toBe(false);
    expect(holds('sleep', 'sleep')).toBe(true);
  });

  it('may be several', () => {
    expect(holds('def name(): ...', 'def name')).toBe(true);
    expect(holds('def other(): name', 'def name')).toBe(true);
    expect(holds('name', 'def name')).toBe(false);
    expect(hashesOf(' * ')).toBeUndefined();
  });

  it('are never missed', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[A-Za-z_0-9]{1,8}$/), { minLength: 1 }), (words) => {
        const known = wordHashes(Buffer.from(words.join(' é.')));
        return words.every((word) => hashesOf(word)?.every((hash) => mayHold(known, hash)));
      }),
    );
  });
});
