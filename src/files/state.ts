/** Where the tool keeps what it must know the next time: the last apply, the answers of a review. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the project's root; git does not see what is in it. */
export const STATE_FOLDER = '.anyio-codemod';

/**
 * Makes the folder if it is not there. It holds a .gitignore that covers all of it, as the caches of
 * other tools do, so that the project needs no entry of its own.
 *
 * @param root absolute path of the project's root
 * @returns absolute path of the folder
 * @throws {Error} of Node's fs when the folder cannot be made
 */
export function stateFolder(root: string): string {
  const folder = join(root, STATE_FOLDER);
  const ignore = join(folder, '.gitignore');
  if (!existsSync(ignore)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(ignore, '# Made by anyio-codemod.\n*\n');
  }
  return folder;
}
