/** How long a line may be, as the project's formatter is told. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifests } from './manifests.ts';
import { dataAt, parseToml } from './toml.ts';

/** What black and ruff allow when nobody tells them. */
const DEFAULT = 88;

/** The line length in columns: of ruff's own file, else of ruff or black in pyproject.toml, else 88. */
export function lineLengthOf({ root, pyproject }: Manifests): number {
  const stated = [
    ruffFile(root, 'ruff.toml'),
    ruffFile(root, '.ruff.toml'),
    dataAt(pyproject?.view.data, ['tool', 'ruff', 'line-length']),
    dataAt(pyproject?.view.data, ['tool', 'black', 'line-length']),
  ];
  return stated.map(Number).find((length) => Number.isInteger(length) && length > 0) ?? DEFAULT;
}

function ruffFile(root: string, name: string): unknown {
  try {
    return dataAt(parseToml(readFileSync(join(root, name), 'utf8')), ['line-length']);
  } catch {
    // Not there, or not for us to mend: ruff will say so.
    return undefined;
  }
}
