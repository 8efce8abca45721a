/** Files that a flag asks for beside what goes to stdout. */

import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { plainReason } from '../files/reason.ts';
import { UsageError } from '../usage.ts';
import { lastValue, type ParsedArgs } from './argv.ts';
import type { Terminal } from './terminal.ts';

/** A file that is to be written when the work is done. */
export interface OutputFile {
  /** As typed. */
  name: string;
  /** Absolute. */
  path: string;
}

/**
 * The file that a flag names, if the flag is given. What would keep it from being written is found
 * before the work begins.
 *
 * @throws UsageError for a folder, or a name in a folder that there is not
 */
export function outputFile(
  argv: ParsedArgs,
  flag: string,
  terminal: Terminal,
): OutputFile | undefined {
  const name = lastValue(argv, flag);
  if (name === undefined) return undefined;
  if (name === '-') throw new UsageError(`--${flag} takes the name of a file`);
  const path = resolve(terminal.cwd, name);
  const isFolder = (each: string) => existsSync(each) && statSync(each).isDirectory();
  if (isFolder(path)) throw new UsageError(`--${flag}: ${name} is a folder`);
  if (!isFolder(dirname(path))) throw new UsageError(`--${flag}: there is no folder for ${name}`);
  return { name, path };
}

/**
 * Writes it, and says so on stderr.
 *
 * @throws UsageError when the system refuses
 */
export function writeOutput(
  { name, path }: OutputFile,
  data: string | Uint8Array,
  terminal: Terminal,
): void {
  try {
    writeFileSync(path, data);
  } catch (error) {
    throw new UsageError(`${name} cannot be written: ${plainReason(error)}`);
  }
  terminal.stderr.write(`Wrote ${name}.\n`);
}
