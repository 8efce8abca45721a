/** The version of this program. */

import { readFileSync } from 'node:fs';

/** Put in by the build, which leaves package.json behind. */
declare const ANYIO_CODEMOD_VERSION: string | undefined;

/** As in package.json: `0.1.0`. */
export function version(): string {
  if (typeof ANYIO_CODEMOD_VERSION === 'string') return ANYIO_CODEMOD_VERSION;
  const manifest = new URL('../../package.json', import.meta.url);
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}
