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
  const plan = planLeaveOut(wishes, request, cwd);
  const { file, entries } = plan;
  const name = relativePath(cwd, file);
  const question = `Leave ${plural(entries.length, 'place')} out from now on (written to ${name})?`;
  if (sure || (await isWanted(question, terminal))) {
    await writeLeaveOut(plan, terminal);
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

/** What is to be written to `leave-out`, and to which file. */
export interface LeaveOutPlan {
  /** Absolute path. */
  file: string;
  entries: readonly { where: string; reason: string }[];
}

/** @param request what the command goes by */
export function planLeaveOut(
  wishes: readonly Wish[],
  request: LeaveOutOptions['request'],
  cwd: string,
): LeaveOutPlan {
  const file = request.config?.file ?? newConfigFile(request.paths, cwd);
  return { file, entries: entriesOf(wishes, dirname(file)) };
}

/** @throws UsageError when the configuration cannot be written */
export async function writeLeaveOut(
  { file, entries }: LeaveOutPlan,
  { cwd, stdout }: Pick<Terminal, 'cwd' | 'stdout'>,
): Promise<void> {
  await addLeaveOut(file, entries);
  const count = plural(entries.length, 'entry', 'entries');
  writeLines(stdout, [`${relativePath(cwd, file)}: ${count} in leave-out.`]);
}

/** Nobody who cannot be asked wants it. */
async function isWanted(question: string, { prompter }: Terminal): Promise<boolean> {
  const prompt = await prompter?.();
  const key = await prompt?.ask(question, [
    { key: 'y', name: 'yes', about: 'write it to the configuration' },
    { key: 'n', name: 'no', about: 'show what to write' },
  ]);
  return key === 'y';
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
