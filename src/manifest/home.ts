/** Which folder's manifest speaks for the chosen files. */

import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { REQUIREMENTS } from './read.ts';

const MANIFESTS = ['pyproject.toml', 'Pipfile', 'setup.cfg', 'setup.py', ...REQUIREMENTS];

/**
 * The folder of the manifest: the nearest one above the files, up to the root; else, for a
 * repository that keeps its one Python project in a folder (`backend/`), that folder; else the root.
 *
 * @param root absolute path of the project's root
 * @param files absolute paths of the chosen files
 */
export function manifestHome(root: string, files: readonly string[]): string {
  const [first = join(root, '_'), ...others] = files;
  let folder = dirname(first);
  while (!others.every((file) => file.startsWith(join(folder, '/')))) folder = dirname(folder);
  for (let at = folder; at.startsWith(root); at = dirname(at)) {
    if (hasManifest(at)) return at;
    if (dirname(at) === at) break;
  }
  const below = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(root, entry.name))
    .filter((path) => hasManifest(path) && files.some((file) => file.startsWith(join(path, '/'))));
  return below.length === 1 && below[0] !== undefined ? below[0] : root;
}

function hasManifest(folder: string): boolean {
  return MANIFESTS.some((name) => existsSync(join(folder, name)));
}
