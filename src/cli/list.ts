/** `list`: the phases and their transforms. */

import { listReport } from '../report/list.ts';
import { styleFor } from '../report/style.ts';
import type { ParsedArgs } from './argv.ts';
import { DONE } from './problems.ts';
import { type Terminal, widthOf, writeLines } from './terminal.ts';

/** @returns the exit code */
export async function run(_argv: ParsedArgs, terminal: Terminal): Promise<number> {
  const { stdout, env } = terminal;
  const page = { width: widthOf(stdout), style: styleFor(stdout, env) };
  writeLines(stdout, listReport(await terminal.engine.catalog(), page));
  return DONE;
}
