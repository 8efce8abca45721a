/** The rewrites of a migration, parted into what is taken together or not at all. */

import type { PatchIndex } from './analysis/patches.ts';
import { siteKey, siteOf } from './site.ts';
import type { Judged, Use } from './transform.ts';

/** Rewrites that are one decision: an object with all that is done with it, or a single call. */
export interface Unit {
  /** The site of its first use, with a number where several units have the same one. */
  id: string;
  /** At least one, in the order of the migration. */
  judged: Judged[];
}

/**
 * Parts the rewrites, whether they are applied or wait for review. Ordered by their first use.
 *
 * @param root absolute path of the project's root
 */
export function unitsOf(judged: readonly Judged[], patches: PatchIndex, root: string): Unit[] {
  const rewrites = judged.filter(({ verdict }) => verdict.kind === 'rewrite');
  const groups = new Groups(rewrites);
  const leaders = new Map<string, Judged>();
  for (const item of rewrites) {
    if (item.verdict.kind !== 'rewrite') continue;
    const { family, together = [], follows = [], needs = [] } = item.verdict;
    const leader = family === undefined ? item : (leaders.get(family) ?? item);
    if (family !== undefined) leaders.set(family, leader);
    groups.join(item, leader);
    for (const use of [...together, ...follows, ...needs.map((need) => need.use)]) {
      groups.joinUse(item, use);
    }
    if (item.use.role === 'patch-target') joinAims(item, rewrites, patches, groups);
  }
  return named(groups.all(), root);
}

/** A patch moves with the code that it aims at. */
function joinAims(
  patch: Judged,
  rewrites: readonly Judged[],
  patches: PatchIndex,
  groups: Groups,
): void {
  const aims = patches.aims(patch.use);
  for (const item of rewrites) {
    if (item.use.name === patch.use.name && aims.has(item.use.file.path)) groups.join(patch, item);
  }
}

function named(groups: readonly Judged[][], root: string): Unit[] {
  const seen = new Map<string, number>();
  return groups.map((judged) => {
    const [first] = judged;
    const key = first ? siteKey(siteOf(first.use, root)) : '';
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return { id: times > 1 ? `${key}#${times}` : key, judged };
  });
}

/** Sets that are joined pair by pair. */
class Groups {
  private readonly parents = new Map<Judged, Judged>();
  private readonly byUse: ReadonlyMap<Use, Judged>;

  constructor(private readonly items: readonly Judged[]) {
    this.byUse = new Map(items.map((item) => [item.use, item]));
  }

  join(a: Judged, b: Judged): void {
    const [first, second] = [this.head(a), this.head(b)];
    if (first !== second) this.parents.set(second, first);
  }

  joinUse(item: Judged, use: Use): void {
    const other = this.byUse.get(use);
    if (other) this.join(item, other);
  }

  all(): Judged[][] {
    const groups = new Map<Judged, Judged[]>();
    for (const item of this.items) {
      const head = this.head(item);
      const group = groups.get(head);
      if (group) group.push(item);
      else groups.set(head, [item]);
    }
    return [...groups.values()];
  }

  private head(item: Judged): Judged {
    let at = item;
    for (let up = this.parents.get(at); up; up = this.parents.get(at)) at = up;
    return at;
  }
}
