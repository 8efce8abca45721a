/** Which file the configuration is read from. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commonFolder, findRoot } from '../files/root.ts';
import { type Config, readConfig } from './read.ts';

const FILE = 'pyproject.toml';

/**
 * The configuration of the nearest pyproject.toml, from the paths' common folder upwards, that has
 * one: a file without is passed over, as a package of a larger repository may have it. The search
 * ends at the folder with `.git`, since what lies above is another project.
 *
 * @param paths absolute, or relative to `cwd`
 * @throws UsageError as `readConfig` does
 */
export function findConfig(paths: readonly string[], cwd: string): Config | undefined {
  for (const folder of foldersUp(commonFolder(paths, cwd))) {
    const file = join(folder, FILE);
    const config = mentionsUs(file) ? readConfig(file, cwd) : undefined;
    if (config) return config;
  }
  return undefined;
}

/**
 * The file that a first configuration is written to: the nearest pyproject.toml of the project; one
 * in its root, which may have to be made, when it has none.
 */
export function newConfigFile(paths: readonly string[], cwd: string): string {
  const root = findRoot([...paths], cwd);
  const folders = foldersUp(commonFolder(paths, cwd), root);
  return join(folders.find((folder) => existsSync(join(folder, FILE))) ?? root, FILE);
}

/** The folder and those above it, up to `top` or the one with `.git`. */
function foldersUp(folder: string, top?: string): string[] {
  const above = dirname(folder);
  const isLast = folder === top || above === folder || existsSync(join(folder, '.git'));
  return isLast ? [folder] : [folder, ...foldersUp(above, top)];
}

/** Most projects have no configuration of ours, and no TOML is parsed for them. */
function mentionsUs(file: string): boolean {
  try {
    return /anyio[-_]codemod/i.test(readFileSync(file, 'latin1'));
  } catch {
    return false;
  }
}
