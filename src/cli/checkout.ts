/** What `apply` asks of git before it writes: is it safe, and where do branch and commit go. */

import { entriesOf, undoRoot } from '../files/restore.ts';
import { type CheckoutFiles, dirtyFiles, groupByCheckout } from '../git/git.ts';
import { assertCanCommit, assertNothingGoesOn, assertOnBranch, assertSeen } from '../git/ready.ts';
import { listing, plural, relativePath } from '../report/layout.ts';
import type { FileChange } from '../result.ts';
import { UsageError } from '../usage.ts';
import type { Terminal } from './terminal.ts';

/** What was asked for on the command line. */
export interface GitWishes {
  branch: string | undefined;
  commit: boolean;
  allowDirty: boolean;
}

/**
 * Refuses what must not be written, and finds the checkout for branch and commit.
 *
 * @param changes at least one
 * @returns the top folder of the one checkout that is to get a branch or a commit, if one is
 * @throws UsageError for uncommitted changes, and where a branch or commit cannot be
 * @throws GitError when git fails, or could not commit
 */
export function checkCheckout(
  changes: readonly FileChange[],
  wishes: GitWishes,
  terminal: Pick<Terminal, 'cwd' | 'env'>,
): string | undefined {
  const files = changes.map((change) => change.path);
  const groups = groupByCheckout(files);
  if (!wishes.allowDirty) refuseDirty(groups, terminal.cwd);
  if (wishes.branch === undefined && !wishes.commit) return undefined;
  const top = onlyCheckout(groups, wishes.branch === undefined ? '--commit' : '--branch', terminal);
  if (wishes.commit) assertCanCommit(top);
  else assertNothingGoesOn(top, 'make a branch');
  if (wishes.commit && wishes.branch === undefined) assertOnBranch(top);
  if (wishes.commit) assertSeen(top, files);
  return top;
}

/** A checkout that git will not talk about may be dirty as well. */
function refuseDirty(groups: readonly CheckoutFiles[], cwd: string): void {
  const dirty: string[] = [];
  for (const { checkout, files } of groups) {
    if (checkout.reason !== undefined) {
      throw new UsageError(`${checkout.reason}; --allow-dirty writes without asking git`);
    }
    if (checkout.top !== undefined) dirty.push(...dirtyFiles(checkout.top, files));
  }
  if (dirty.length === 0) return;
  const names = dirty.map((file) => `\n  ${relativePath(cwd, file)}`);
  // What a killed run left must not be taken for somebody's work.
  const root = undoRoot(cwd);
  const isCut = root !== undefined && entriesOf(root)[0]?.finished === false;
  const undo = isCut
    ? 'a run before this one was interrupted: undo it (anyio-codemod undo), or '
    : '';
  throw new UsageError(
    `${plural(dirty.length, 'file')} to be rewritten ${dirty.length === 1 ? 'has' : 'have'} ` +
      `changes that git does not hold; ${undo}commit them, or add --allow-dirty:${names.join('')}`,
  );
}

function onlyCheckout(
  groups: readonly CheckoutFiles[],
  flag: string,
  { cwd, env }: Pick<Terminal, 'cwd' | 'env'>,
): string {
  const [first, ...others] = groups;
  const top = first?.checkout.top;
  if (others.length > 0) {
    const tops = groups.map(({ checkout }) => checkout.top ?? 'none');
    const names = tops.map((path) => (path === 'none' ? path : relativePath(cwd, path) || '.'));
    throw new UsageError(
      `${flag} needs all rewritten files in one git checkout, and they are in ${names.length}: ` +
        `${listing(names)}; name the paths of one of them`,
    );
  }
  if (top === undefined) {
    const reason = first?.checkout.reason;
    const elsewhere = env.GIT_DIR === undefined ? '' : ' (GIT_DIR is set, which is not followed)';
    const why = reason === undefined ? ', and here is none' : `: ${reason}`;
    throw new UsageError(`${flag} needs a git checkout${why}${elsewhere}; apply works without it`);
  }
  return top;
}
