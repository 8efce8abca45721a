/** Text that an edit takes elsewhere or away, and what other edits make of it. */

import { beforeAll, describe, expect, it } from 'vitest';
import { editFile } from '../src/edit/edit-file.ts';
import { loadParser } from '../src/syntax/parser.ts';
import type { Edit } from '../src/transform.ts';
import { DEFAULTS, makeFile, usesOf } from './edit-harness.ts';

beforeAll(loadParser);

/** The text after the edits, which all belong to its first use. */
function edited(text: string, edits: Edit[]): string {
  const file = makeFile(text);
  try {
    const [use] = usesOf(file);
    if (!use) throw new Error('the case has no use');
    const verdict = { kind: 'rewrite', safety: 'safe', minAnyio: '4.0.0', edits } as const;
    return editFile(file, [{ use, verdict }], DEFAULTS).text;
  } finally {
    file.dispose();
  }
}

describe('text that moves', () => {
  const text = 'import asyncio\n\nasyncio.wait_for(f, end - old.time())\n';
  const call = { start: text.indexOf('asyncio.wait'), end: text.length - 1 };
  const from = text.indexOf('end');
  const block: Edit = {
    ...call,
    pieces: ['with limit(', { from, to: call.end - 1 }, '): f'],
  };

  it('takes the changes within along', () => {
    const start = text.indexOf('old.time');
    const clock = { start, end: start + 'old.time'.length, pieces: ['clock'] };
    expect(edited(text, [block, clock])).toContain('with limit(end - clock()): f\n');
  });

  it('is as it was where nobody changes it', () => {
    expect(edited(text, [block])).toContain('with limit(end - old.time()): f\n');
  });
});

describe('edits that meet', () => {
  const text = 'import asyncio\n\nasyncio.submit(\n        None,\n        main,\n    )\n';
  const none = text.indexOf('None');
  const main = text.indexOf('main');
  const removed: Edit = { start: none, end: main, pieces: [''] };
  const lines = [none, main].map((at): Edit => ({ start: at - 8, end: at - 4, pieces: [''] }));

  it('are none where a line moves whose beginning another takes away', () => {
    expect(edited(text, [removed, ...lines])).toContain('asyncio.submit(\n    main,\n');
  });

  it('are a mistake where both change the text', () => {
    const other = { start: none + 1, end: none + 3, pieces: ['x'] };
    expect(() => edited(text, [removed, other])).toThrow('overlapping edits');
  });
});
