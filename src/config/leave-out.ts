/** What the configuration leaves out. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LeaveOut } from '../judge.ts';
import type { Note } from '../result.ts';
import { siteOf } from '../site.ts';
import type { Use } from '../transform.ts';
import type { Config, ReadEntry } from './read.ts';
import { isMeant, pathFrom } from './where.ts';

/** Refuses the uses that `leave-out` names; undefined when it names none. */
export function leaveOutOf(config: Config): LeaveOut | undefined {
  const { leaveOut, folder } = config;
  if (leaveOut.length === 0) return undefined;
  const byPath = new Map<string, ReadEntry[]>();
  for (const entry of leaveOut) {
    const { path } = entry.meant;
    byPath.set(path, [...(byPath.get(path) ?? []), entry]);
  }
  return (use) => {
    const entries = byPath.get(pathFrom(folder, use.file.path));
    const entry = entries && find(entries, use, folder);
    return (
      entry && {
        code: 'left-out',
        message: entry.reason
          ? `it is left out: ${entry.reason}`
          : 'the configuration leaves it out, and gives no reason',
        help: 'take the entry out of leave-out to have it rewritten',
        blocker: { file: config.file, line: entry.line, column: 1 },
      }
    );
  };
}

function find(entries: readonly ReadEntry[], use: Use, folder: string): ReadEntry | undefined {
  const site = siteOf(use, folder);
  return entries.find(({ meant }) => isMeant(meant, site));
}

/**
 * A note for each entry that matches no use. Of a file that is there but was not looked at, nothing
 * is said.
 *
 * @param uses all that were found
 * @param seen absolute paths of the files that were looked at
 */
export function notesOnEntries(
  { file, folder, leaveOut }: Config,
  uses: readonly Use[],
  seen: readonly string[],
): Note[] {
  const looked = new Set(seen.map((path) => pathFrom(folder, path)));
  const paths = new Set(leaveOut.map(({ meant }) => meant.path));
  const sites = uses
    .filter((use) => use.role !== 'import' && paths.has(pathFrom(folder, use.file.path)))
    .map((use) => siteOf(use, folder));
  return leaveOut.flatMap(({ where, meant, line }): Note[] => {
    if (sites.some((site) => isMeant(meant, site))) return [];
    const isThere = existsSync(join(folder, meant.path));
    if (isThere && !looked.has(meant.path)) return [];
    const reason = isThere ? 'matches no use of asyncio' : 'names a file that is not there';
    return [{ code: 'unused-leave-out', path: file, line, message: `"${where}" ${reason}` }];
  });
}
