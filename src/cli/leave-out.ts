/** Has the configuration say what is not to be rewritten, where the user wants that. */

import { dirname } from 'node:path';
import { newConfigFile } from '../config/find.ts';
import { whereOf } from '../config/where.ts';
import { addLeaveOut } from '../config/write.ts';
import { plural, relativePath } from '../report/layout.ts';
import type { Unit } from '../units.ts';
import type { Request } from './request.ts';
import { type Terminal, writeLines } from './terminal.ts';

/** Units that are to stay as they are, and why. */
export interface Wish {
  units: readonly Unit[];
  /** One line. */
  reason: string;
}

export interface LeaveOutOptions {
  /** What the run was asked; its configuration, or else its paths, say where entries go. */
  request: Pick<Request, 'paths' | 'config'>;
  /** Whether to write without asking. */
  sure: boolean;
}

/**
 * Writes the wishes to the configuration if the user says so, who is asked where one can be; else
 * shows what to write.
 *
 * @returns whether it was written
 * @throws UsageError when the configuration cannot be written
 */
export async function offerToLeaveOut(
  wishes: readonly Wish[],
  { request, sure }: LeaveOutOptions,
  terminal: Terminal,
): Promise<boolean> {
  if (wishes.length === 0) return false;
  const { cwd, stdout } = terminal;
  const file = request.config?.file ?? newConfigFile(request.paths, cwd);
  const entries = entriesOf(wishes, dirname(file));
  const name = relativePath(cwd, file);
  const question = `Leave ${plural(entries.length, 'place')} out from now on (written to ${name})?`;
  const yes = sure || (await terminal.confirm?.(question)) === true;
  if (yes) {
    await addLeaveOut(file, entries);
    writeLines(stdout, [`${name}: ${plural(entries.length, 'entry', 'entries')} in leave-out.`]);
    return true;
  }
  writeLines(stdout, [
    `To leave them out from now on, add --leave-out, or write to ${name}:`,
    '  [tool.anyio-codemod]',
    '  leave-out = [',
    ...entries.map(
      ({ where, reason }) =>
        `    { where = ${JSON.stringify(where)}, reason = ${JSON.stringify(reason)} },`,
    ),
    '  ]',
  ]);
  return false;
}

/** One for each site, which may hold several units; the others of a unit follow its first use. */
function entriesOf(wishes: readonly Wish[], folder: string): { where: string; reason: string }[] {
  const reasons = new Map<string, string>();
  for (const { units, reason } of wishes) {
    for (const { judged } of units) {
      const [first] = judged;
      if (first) reasons.set(whereOf(first.use, folder), reason);
    }
  }
  return [...reasons].map(([where, reason]) => ({ where, reason }));
}
