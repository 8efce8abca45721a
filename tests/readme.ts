/** The parts of README.md that are made from the program itself. `npm run docs` writes them. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const README = join(resolve(import.meta.dirname, '..'), 'README.md');

/** The text between `<!-- name -->` and `<!-- /name -->`, without the markers' line breaks. */
export function section(readme: string, name: string): string {
  const [, rest = ''] = readme.split(`<!-- ${name} -->\n`);
  return rest.split(`\n<!-- /${name} -->`)[0] ?? '';
}

/** Puts a text between the markers of a section. */
export function withSection(readme: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
  const start = readme.indexOf(open) + open.length;
  return readme.slice(0, start) + text + readme.slice(readme.indexOf(close, start));
}

/** Writes the sections anew. */
export function writeReadme(texts: Readonly<Record<string, string>>): void {
  let readme = readFileSync(README, 'utf8');
  for (const [name, text] of Object.entries(texts)) readme = withSection(readme, name, text);
  writeFileSync(README, readme);
}
