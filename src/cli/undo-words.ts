/** What `undo` says about the runs that it knows, and about the commits that it does not touch. */

import type { Recorded } from '../files/restore.ts';
import { currentBranch, findCheckout, headCommit } from '../git/git.ts';
import { paragraph, plural } from '../report/layout.ts';
import { type NextStep, nextSteps } from './next-steps.ts';

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

/** That the commits of a run are still there, and how they are dropped. None where it made none. */
export function commitsWords(entry: Recorded, width: number): string[] {
  const { git, root } = entry;
  const { top } = findCheckout(root);
  if (git === undefined || top === undefined) return [];
  const branch = currentBranch(top);
  const last = git.commits.at(-1);
  const leave = leaving(entry, branch);
  if (last === undefined) return leave ? nextSteps([leave], width, 'The branch stays:') : [];
  const where = git.branch === undefined ? '' : ` on the branch ${git.branch}`;
  const hashes = git.commits.map(({ hash }) => hash).join(', ');
  const what = git.commits.length === 1 ? 'This commit stays' : 'These commits stay';
  const said = paragraph(`${what}${where}, since undo rewrites no history: ${hashes}.`, width);
  if (!isHead(top, last.hash)) return said;
  const steps: NextStep[] = [['git commit --all', 'to commit the undo on top']];
  if (git.start) steps.push([`git reset ${git.start}`, 'or to drop what nobody else has yet']);
  if (leave) steps.push(leave);
  return [...said, ...nextSteps(steps, width, 'Next:')];
}

function leaving({ git }: Recorded, branch: string | undefined): NextStep | undefined {
  if (git?.from === undefined || git.branch === undefined || branch !== git.branch)
    return undefined;
  return [`git switch ${git.from}`, 'to go back to where the branch was made'];
}

function isHead(top: string, hash: string): boolean {
  return headCommit(top)?.startsWith(hash) ?? false;
}
