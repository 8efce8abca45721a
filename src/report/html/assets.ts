/** The page's own style and scripts, which are files beside this one. */

import { packaged } from '../../packaged.ts';

/** In the order in which they run; the first one lays out what the others share. */
export const SCRIPTS = ['shared.js', 'page.js', 'files.js', 'filter.js', 'lines.js', 'diff.js'];
export const STYLES = ['base.css', 'parts.css', 'changes.css', 'narrow.css'];

/** @param name among the files of this folder */
export function asset(name: string): string {
  return Buffer.from(packaged(`report-${name}`, `./report/html/${name}`)).toString('utf8');
}
