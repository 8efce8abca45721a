/** What a `leave-out` entry points at: a site, all uses in a function or class, or a whole file. */

import { relative, sep } from 'node:path';
import { type Site, siteKey, siteOf } from '../site.ts';
import type { Use } from '../transform.ts';

/** The parts of `path::symbol::name`; what is not given stands for all. */
export interface Where {
  /** With slashes, relative to the folder of the configuration. */
  path: string;
  symbol?: string;
  name?: string;
}

/** Reads `mud/rooms.py::Room.enter::asyncio.Lock`; undefined when it is nothing of the kind. */
export function parseWhere(text: string): Where | undefined {
  const [path = '', symbol, name, ...rest] = text.split('::');
  const plain = path.replace(/^(?:\.\/)+/, '');
  if (plain === '' || name === '' || rest.length > 0) return undefined;
  return { path: plain, symbol, name };
}

/** The entry for exactly the site of a use. @param folder absolute path of the configuration's */
export function whereOf(use: Use, folder: string): string {
  return siteKey(siteOf(use, folder));
}

/**
 * Whether a site is meant. A symbol alone means all uses in it, those of nested functions too; with
 * a name it means what stands in its own body, as the site itself does.
 *
 * @param site with a path relative to the folder of the configuration
 */
export function isMeant({ path, symbol, name }: Where, site: Site): boolean {
  if (site.path !== path) return false;
  if (symbol === undefined) return true;
  if (name === undefined) return site.symbol === symbol || site.symbol.startsWith(`${symbol}.`);
  return site.symbol === symbol && (site.name === name || site.name === `asyncio.${name}`);
}

/** A path of the project as an entry has it. Both are absolute. */
export function pathFrom(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
