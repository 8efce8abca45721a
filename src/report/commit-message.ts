/** The message of the commit that `apply --commit` makes. */

import { PHASES } from '../phases.ts';
import type { Migration } from '../result.ts';
import { applied, isRefused, manifestChange } from './counts.ts';
import { listing, plural, tally } from './layout.ts';

export interface CommitOptions {
  /** The first line; made from what was done if not given. */
  subject?: string;
  /** The command that did it. */
  command: string;
  /** Lines to stand before the command. */
  remarks?: readonly string[];
}

/** A subject of at most 72 columns, then what was done and what was refused, then the command. */
export function commitMessage(migration: Migration, options: CommitOptions): string {
  const done = tally(applied(migration).map((use) => use.transform ?? '?'));
  const refused = tally(
    migration.judged.filter(isRefused).map((use) => use.verdict.diagnostic.code),
  );
  const manifest = manifestChange(migration);
  const blocks = [
    [options.subject ?? subjectOf(migration, done)],
    [
      ...done.map(([id, times]) => `- ${id}: ${plural(times, 'use')} rewritten`),
      ...besides(migration),
      ...(manifest ? [`- dependency: ${manifest.note ?? migration.dependency?.message}`] : []),
    ],
    refused.length > 0
      ? [
          'Left as they were:',
          ...refused.map(([code, times]) => `- ${code}: ${plural(times, 'use')}`),
        ]
      : [],
    [...(options.remarks ?? []), `Made by: ${options.command}`],
  ];
  const shown = blocks.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** What was done to settings, and added for tests. */
function besides(migration: Migration): string[] {
  const manifest = manifestChange(migration)?.path;
  const words = migration.changes.flatMap(({ path, note, added }) =>
    path === manifest ? [] : [note, added].filter((part) => part !== undefined),
  );
  return tally(words).map(([what, times]) => `- pytest: ${what} in ${plural(times, 'file')}`);
}

const TESTS_MOVE = "Have anyio's pytest plugin run the async tests";

function subjectOf(migration: Migration, done: readonly [string, number][]): string {
  if (done.length === 0) {
    return besides(migration).length > 0 ? TESTS_MOVE : 'Declare anyio as a dependency';
  }
  const ids = done.map(([id]) => id);
  if (ids.join() === 'pytest') return TESTS_MOVE;
  const byTransform = `Move ${listing(ids)} from asyncio to anyio`;
  if (byTransform.length <= 72) return byTransform;
  const phases = PHASES.filter((phase) => migration.phases.includes(phase.number));
  const byPhase = `Move ${listing(phases.map((phase) => phase.name))} from asyncio to anyio`;
  return byPhase.length <= 72 ? byPhase : 'Move from asyncio to anyio';
}
