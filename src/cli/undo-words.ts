/** What `undo` says about the runs that it knows, and about the commits that it does not touch. */

import type { JournalGit } from '../files/journal.ts';
import type { Recorded } from '../files/restore.ts';
import { currentBranch, findCheckout, headCommit } from '../git/git.ts';
import { paragraph, plural } from '../report/layout.ts';
import type { NextStep } from './next-steps.ts';

/** An entry of `undo --list`: its number, when it was, the command, and how much it did. */
export function listLines(entry: Recorded): string[] {
  const number = String(entry.number).padStart(3);
  const open = entry.files.filter(({ undone }) => !undone).length;
  const facts = [
    plural(entry.files.length, 'file'),
    ...(open < entry.files.length ? [`${open} of them not restored yet`] : []),
    ...(entry.finished ? [] : ['interrupted']),
    ...(entry.git?.commits.length ? [plural(entry.git.commits.length, 'commit')] : []),
    ...(entry.git?.branch === undefined ? [] : [`on the branch ${entry.git.branch}`]),
  ];
  return [`${number}  ${entry.command}`, `     ${localTime(entry.time)}, ${facts.join(', ')}`];
}

/** `2025-03-01 14:05`, in the time of this machine. */
function localTime(time: string): string {
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Lines, and what may be done next. */
export interface Words {
  said: string[];
  steps: NextStep[];
}

/** That the commits of a run are still there, and how they are dropped. None where it made none. */
export function commitsWords({ git, root }: Recorded, width: number): Words {
  const { top } = findCheckout(root);
  if (git === undefined || top === undefined) return { said: [], steps: [] };
  const leave = leaving(git, currentBranch(top));
  const last = git.commits.at(-1);
  if (last === undefined) return { said: [], steps: leave };
  const where = git.branch === undefined ? '' : ` on the branch ${git.branch}`;
  const stay = git.commits.length === 1 ? '1 commit stays' : `${git.commits.length} commits stay`;
  const hashes = git.commits.map(({ hash }) => hash);
  const named = hashes.length > 3 ? `${hashes[0]} to ${last.hash}` : hashes.join(', ');
  const said = paragraph(`${stay}${where}, since undo rewrites no history: ${named}.`, width);
  if (!headCommit(top)?.startsWith(last.hash)) return { said, steps: [] };
  const drop: NextStep[] = git.start
    ? [[`git reset ${git.start}`, 'or drop the commits, if nobody else has them']]
    : [];
  return { said, steps: [['git commit --all', 'commit the undo on top'], ...drop, ...leave] };
}

/** Back to the branch that the run came from, if it made one and that is checked out. */
function leaving({ from, branch }: JournalGit, current: string | undefined): NextStep[] {
  if (from === undefined || from === branch || current !== branch) return [];
  return [[`git switch ${from}`, 'go back to where the branch was made']];
}
