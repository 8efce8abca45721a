/** What becomes of a process and of all that is done with it: one plan for all who ask. */

import { removeStatements } from '../edit/statements.ts';
import type { Edit, JudgeContext, Use } from '../transform.ts';
import { lowerVersion, placeOf } from '../verdicts.ts';
import {
  askedAtOnce,
  type Command,
  type Creation,
  commandOf,
  isRefused,
  type Refused,
  type Started,
  stop,
} from './creation.ts';
import { openedAtOnce, openedCall, openedChanges } from './open-process.ts';
import { communications, isRun, ranCall, ranChanges } from './run-process.ts';
import { type ProcessVariable, variableOf } from './variable.ts';

export interface Plan {
  /** Whether the process becomes the result of a run. */
  isRun: boolean;
  /** The edits of each creation; the first one carries those on all that is done with the process. */
  calls: { use: Use; edits: Edit[] }[];
  minAnyio: string;
  notes: string[];
}

/** The plan for a process that has no name, as in `await (await …).wait()`; undefined for other forms. */
export function planAtOnce(use: Use, context: JudgeContext): Plan | Refused | undefined {
  const asked = askedAtOnce(use);
  if (!asked) return undefined;
  const command = refuseOutside(asked.started, use, context) ?? commandOf(asked.started);
  if (isRefused(command)) return command;
  const changes = openedAtOnce(asked.started, asked.member, command, context);
  if (!changes) return undefined;
  const { edits, notes } = changes;
  return { isRun: false, calls: [{ use, edits }], minAnyio: command.minAnyio, notes };
}

/** The plan for the process of a creation; the same for all creations of one variable. */
export function planOf(creation: Creation, context: JudgeContext): Plan | Refused {
  const variable = variableOf(creation);
  if (isRefused(variable)) return variable;
  const commands: Command[] = [];
  for (const each of variable.creations) {
    const command = refuseOutside(each, creation.use, context) ?? commandOf(each);
    if (isRefused(command)) return command;
    commands.push(command);
  }
  return isRun(variable)
    ? runPlan(variable, commands, context)
    : openPlan(variable, commands, context);
}

/** What a test may replace beside the function, as in `patch("asyncio.subprocess.Process.wait")`. */
const PATCHED_WITH = ['asyncio.subprocess', 'asyncio.subprocess.Process'];

/** Refuses for a test that replaces a function, and for a name that may not be asyncio's. */
function refuseOutside(
  { use }: Started,
  asked: Use,
  { patches }: JudgeContext,
): Refused | undefined {
  const [patch] = [use.name, ...PATCHED_WITH].flatMap((name) => patches.patchesOf(use.file, name));
  if (patch) {
    return stop(
      'subprocess-patched-in-tests',
      `a test replaces \`${patch.name}\` for this module; anyio's functions take other arguments and give another process, so the patch cannot move along`,
      'let the test run a real program, or replace the function around the call, then run again',
      placeOf(patch),
    );
  }
  if (use.doubt === undefined || use === asked) return undefined;
  return stop(
    'subprocess-escapes',
    `another process of the same variable is made by a name that may not be asyncio's: ${use.doubt}`,
    'give the two processes variables of their own, then run again',
    placeOf(use),
  );
}

function openPlan(
  variable: ProcessVariable,
  commands: readonly Command[],
  context: JudgeContext,
): Plan | Refused {
  const changes = openedChanges(variable, commands);
  if (isRefused(changes)) return changes;
  const calls = variable.creations.map((creation, at) => {
    const command = commands[at];
    return { use: creation.use, edits: command ? openedCall(creation, command, context) : [] };
  });
  const minAnyio = highest(commands.map((command) => command.minAnyio));
  return finished(
    variable,
    { isRun: false, calls, minAnyio, notes: changes.notes },
    changes.edits,
    changes.removed,
  );
}

function runPlan(
  variable: ProcessVariable,
  commands: readonly Command[],
  context: JudgeContext,
): Plan | Refused {
  const communicated = communications(variable);
  if (!Array.isArray(communicated)) return communicated;
  const changes = ranChanges(variable, communicated);
  if (isRefused(changes)) return changes;
  const plan: Plan = { isRun: true, calls: [], minAnyio: '4.0.0', notes: changes.notes };
  for (const [at, creation] of variable.creations.entries()) {
    const [command, communication] = [commands[at], communicated[at]];
    if (!command || !communication) continue;
    const call = ranCall(creation, command, communication, context);
    if (isRefused(call)) return call;
    plan.calls.push({ use: creation.use, edits: call.edits });
    plan.minAnyio = highest([plan.minAnyio, call.minAnyio]);
    plan.notes = [...new Set([...plan.notes, ...call.notes])];
  }
  return finished(variable, plan, changes.edits, changes.removed);
}

/** Gives the first call the edits on what is done with the process, the removals among them. */
function finished(
  { file, creations }: ProcessVariable,
  plan: Plan,
  edits: readonly Edit[],
  removed: ProcessVariable['reads'],
): Plan | Refused {
  const removals = removed.length > 0 ? removeStatements(file, removed) : [];
  const [leader] = plan.calls;
  if (!removals || !leader) {
    return stop(
      'subprocess-shape',
      'a statement that would go shares its line with others, or is all that its block has',
      'give it a line of its own, then run again',
      file.place(removed[0] ?? creations[0]?.call ?? file.root),
    );
  }
  leader.edits.push(...edits, ...removals);
  return plan;
}

function highest(versions: readonly string[]): string {
  return versions.reduce((high, each) => (lowerVersion(high, each) ? each : high), '4.0.0');
}
