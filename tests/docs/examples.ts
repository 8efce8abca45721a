/** Runs the tool on the examples of the transforms, each in its frame. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { migrate } from '../../src/migrate.ts';
import { transforms } from '../../transforms/index.ts';
import type { Frame } from './example-frames.ts';

/** Puts an example into its frame. Its lines get the depth at which `{}` stands. */
export function framed({ text }: Frame, example: string): string {
  return text.replace(/^([ ]*)\{\}/m, (_, depth: string) => indented(example, depth));
}

/** Each line that is not empty by `depth` deeper. */
export function indented(text: string, depth: string): string {
  return text.replaceAll(/^(?=.)/gm, depth);
}

/** Where `{}` stands in the frame. */
export function depthOf({ text }: Frame): string {
  return /^([ ]*)\{\}/m.exec(text)?.[1] ?? '';
}

/**
 * What all transforms make of an example in its frame.
 *
 * @returns the new text of the frame's file, which is the old one where nothing is rewritten
 */
export async function rewritten(
  frame: Frame,
  example: string,
  includeReview: boolean,
): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'anyio-codemod-example-'));
  const { path = 'example.py', beside = {} } = frame;
  const before = framed(frame, example);
  try {
    for (const [name, text] of Object.entries({ ...beside, [path]: before })) {
      mkdirSync(dirname(join(cwd, name)), { recursive: true });
      writeFileSync(join(cwd, name), text);
    }
    const { changes } = await migrate({
      cwd,
      paths: [],
      exclude: [],
      selection: { phases: [1, 2, 3, 6], transforms: new Set(transforms.map(({ id }) => id)) },
      includeReview,
      importStyle: 'keep',
      fastAcquire: false,
    });
    return changes.find((change) => change.path.endsWith(path))?.after ?? before;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
