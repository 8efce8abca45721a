/** Two rewrites in one text: the one that moves it is refused, the other one made. */

import { beforeAll, describe, expect, it } from 'vitest';
import type { Rewrite } from '../src/edit/edit-file.ts';
import { loadParser } from '../src/syntax/parser.ts';
import type { Edit } from '../src/transform.ts';
import { chooseRewrites, DEFAULTS, editWith, makeFile } from './edit-harness.ts';

const TEXT = 'import asyncio\n\nasyncio.run(main(asyncio.sleep(1), 2))\n';

beforeAll(loadParser);

/** The text with `run` rewritten by further edits, and `sleep` by its name. */
function editedWith(...further: Edit[]) {
  const file = makeFile(TEXT);
  const rewrites = chooseRewrites(file).map(
    (rewrite): Rewrite =>
      rewrite.use.name === 'asyncio.run'
        ? {
            ...rewrite,
            verdict: { ...rewrite.verdict, edits: [...rewrite.verdict.edits, ...further] },
          }
        : rewrite,
  );
  try {
    return editWith(file, rewrites, DEFAULTS);
  } finally {
    file.dispose();
  }
}

describe('rewrites that overlap', () => {
  const at = (text: string) => TEXT.indexOf(text);

  it('drops the one that takes the text away', () => {
    const { text, refused, fault } = editedWith({
      start: at('(main'),
      end: TEXT.length - 1,
      pieces: ['(main)'],
    });
    expect(refused).toEqual(['rewrites-overlap:3']);
    expect(text).toContain('asyncio.run(main(anyio.sleep(1), 2))');
    expect(fault).toBeUndefined();
  });

  it('lets them stand side by side', () => {
    const { text, refused } = editedWith(
      { start: at('main'), end: at('asyncio.sleep'), pieces: ['main, '] },
      { start: at('asyncio.sleep') + 'asyncio.sleep'.length, end: at(', 2'), pieces: ['(0)'] },
      { start: at(', 2'), end: at(', 2'), pieces: [', 1'] },
    );
    expect(refused).toEqual([]);
    expect(text).toContain('anyio.run(main, anyio.sleep(0), 1, 2))');
  });

  it('takes an insertion within a range for a change of it', () => {
    const file = makeFile(TEXT);
    const [run, sleep] = chooseRewrites(file);
    const inserting: Edit = { start: at(', 2'), end: at(', 2'), pieces: [', 1'] };
    const removing: Edit = { start: at('(1)'), end: at('2)'), pieces: [] };
    if (!run || !sleep) throw new Error('the case has two uses');
    run.verdict = { ...run.verdict, edits: [inserting] };
    sleep.verdict = { ...sleep.verdict, edits: [removing] };
    expect(editWith(file, [run, sleep], DEFAULTS).refused).toEqual(['rewrites-overlap:3']);
    file.dispose();
  });
});
