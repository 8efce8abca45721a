/** A process that stays a process: `anyio.open_process`. */

import type { PythonFile } from '../analysis/file.ts';
import type { Edit, JudgeContext } from '../transform.ts';
import { anyio } from '../verdicts.ts';
import { type Changes, merged, nothing } from './changes.ts';
import { commandEdits } from './command-edits.ts';
import {
  type Command,
  growthOf,
  isRefused,
  mayBePipe,
  type Refused,
  type Started,
} from './creation.ts';
import { streamChanges } from './streams.ts';
import { askedOf, escapes, type ProcessVariable } from './variable.ts';

/** The members that are the same in both libraries. */
const SAME: ReadonlySet<string> = new Set([
  'wait',
  'returncode',
  'pid',
  'kill',
  'terminate',
  'send_signal',
]);
const STREAMS = ['stdin', 'stdout', 'stderr'] as const;

/** What becomes of all that is done with the process. */
export function openedChanges(
  variable: ProcessVariable,
  commands: readonly Command[],
): Changes | Refused {
  const { file, name, reads } = variable;
  const parts: Changes[] = [];
  let waits = false;
  for (const read of reads) {
    const asked = askedOf(read);
    if (asked.kind === 'other') return escapes(file, name, read, 'is handed on here');
    if (asked.kind === 'presence') continue;
    if (STREAMS.some((stream) => stream === asked.member)) {
      const changes = streamChanges(file, name, asked.attribute);
      if (isRefused(changes)) return changes;
      parts.push(changes);
    } else if (!SAME.has(asked.member)) {
      return escapes(
        file,
        name,
        read,
        `is asked here for \`${asked.member}\`, which anyio's process does not have`,
      );
    }
    waits ||= asked.member === 'wait';
  }
  if (waits) parts.push({ ...nothing(), notes: notesOfWait(file, commands) });
  return merged(parts);
}

/** What becomes of a process that is waited for where it is started. */
export function openedAtOnce(
  started: Started,
  member: string,
  command: Command,
  context: JudgeContext,
): Changes | undefined {
  if (!SAME.has(member)) return undefined;
  const notes = member === 'wait' ? notesOfWait(started.use.file, [command]) : [];
  return { edits: openedCall(started, command, context), removed: [], notes };
}

function notesOfWait(file: PythonFile, commands: readonly Command[]): string[] {
  if (!commands.some((command) => hasPipe(file, command))) return [];
  return [
    'since anyio 4.14.1 wait() returns when the process ends, where asyncio also waits until its pipes are closed, which its own children may hold open',
  ];
}

function hasPipe(file: PythonFile, { keywords }: Command): boolean {
  return STREAMS.some((stream) => mayBePipe(file, keywords.get(stream)));
}

/** The call itself. What asyncio inherits where nothing is said, anyio makes a pipe. */
export function openedCall(
  started: Started,
  command: Command,
  { lineLength }: JudgeContext,
): Edit[] {
  const { use, call } = started;
  const silent = STREAMS.filter((stream) => !command.keywords.has(stream));
  return [
    { ...use.span, pieces: [anyio('open_process')] },
    ...commandEdits(use.file, call, command, {
      added: silent.map((stream) => `${stream}=None`),
      instead: new Map(),
      lineLength,
      ...growthOf(started, 'open_process'),
    }),
  ];
}
