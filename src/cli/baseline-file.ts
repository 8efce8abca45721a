/** The file of the baseline: where it is, reading it, writing it. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { plainReason } from '../files/reason.ts';
import { writeAtomic } from '../files/write.ts';
import { BASELINE_FILE, type Baseline, baselineText, parseBaseline } from '../ratchet/baseline.ts';
import { relativePath } from '../report/layout.ts';
import { UsageError } from '../usage.ts';
import { lastValue, type ParsedArgs } from './argv.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/**
 * @param configured absolute path, where the configuration gives one
 * @returns absolute path: as `--baseline` says, or the configuration, else in the project's root
 */
export function baselinePath(
  argv: ParsedArgs,
  terminal: Terminal,
  root: string,
  configured?: string,
): string {
  const given = lastValue(argv, 'baseline');
  if (given !== undefined) return resolve(terminal.cwd, given);
  return configured ?? join(root, BASELINE_FILE);
}

/**
 * @returns undefined when there is no such file
 * @throws UsageError when it cannot be read or is no baseline
 */
export function readBaseline(path: string, cwd: string): Baseline | undefined {
  if (!existsSync(path)) return undefined;
  const name = relativePath(cwd, path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${name}: ${plainReason(error)}`);
  }
  return parseBaseline(text, name);
}

/** @throws UsageError when it cannot be written */
export async function writeBaseline(path: string, cwd: string, baseline: Baseline): Promise<void> {
  const text = baselineText(baseline, `anyio-codemod ${version()}`);
  try {
    if (existsSync(path)) await writeAtomic(path, Buffer.from(text));
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { flag: 'wx' });
    }
  } catch (error) {
    throw new UsageError(`${relativePath(cwd, path)}: ${plainReason(error)}`);
  }
}
