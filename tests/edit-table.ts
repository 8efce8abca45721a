/** A table of texts before and after, each one test. */

import { expect, it } from 'vitest';
import type { EditOptions } from '../src/edit/edit-file.ts';
import { edit } from './edit-harness.ts';

interface Case {
  name: string;
  before: string;
  after: string;
  options?: Partial<EditOptions>;
  path?: string;
  /** Codes and lines of the uses that are refused. */
  refused?: string[];
}

export function table(cases: Case[]): void {
  it.each(cases)('$name', ({ before, after, options, path, refused }) => {
    const edited = edit(before, options, path);
    expect(edited.text).toBe(after);
    expect(edited.refused).toEqual(refused ?? []);
    expect(edited.fault).toBeUndefined();
  });
}
