/** The files that the program brings along besides its code, wherever it runs from. */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { getRawAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';

/**
 * The bytes of such a file. In the executable it lies within, in a package beside the bundle.
 *
 * @param name as the build names it: `schema.json`
 * @param inCheckout what to read in a checkout, as `require` would find it
 * @throws {Error} when it is not there
 */
export function packaged(name: string, inCheckout: string): Uint8Array {
  if (isSea()) return new Uint8Array(getRawAsset(name) as ArrayBuffer);
  const beside = join(dirname(fileURLToPath(import.meta.url)), name);
  const path = existsSync(beside) ? beside : createRequire(import.meta.url).resolve(inCheckout);
  return readFileSync(path);
}
