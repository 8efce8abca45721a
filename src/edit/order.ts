/** Where in a group of imports a new one belongs, by the order that the group keeps. */

import { compareMembers } from './members.ts';
import type { Entry } from './sections.ts';

/** What the order of import statements looks at. */
export interface Sortable {
  module: string;
  /** The names of a from-import; undefined for `import x`. */
  members?: readonly { name: string; alias?: string }[];
}

type Compare = (a: Sortable, b: Sortable) => number;

/** isort's default: `import x` before `from x import y`, each by module. */
const byForm: Compare = (a, b) =>
  Number(a.members !== undefined) - Number(b.members !== undefined) || byModule(a, b);

/** `force_sort_within_sections`: by module, whatever the form. */
const byModule: Compare = (a, b) =>
  compareText(a.module.toLowerCase(), b.module.toLowerCase()) ||
  compareText(a.module, b.module) ||
  byMembers(a, b);

/** Statements on one module: `import x`, `from x import y`, then those with an alias. */
function byMembers(a: Sortable, b: Sortable): number {
  const [left] = a.members ?? [];
  const [right] = b.members ?? [];
  if (!left || !right) return Number(left !== undefined) - Number(right !== undefined);
  const aliased = Number(left.alias !== undefined) - Number(right.alias !== undefined);
  return aliased || compareMembers(left, right, 'type');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** An entry as the order sees it. */
export function sortable({ statement, module }: Entry): Sortable {
  return statement.from === undefined ? { module } : { module, members: statement.items };
}

/** The order of new imports among themselves. */
export function compareNew(a: Sortable, b: Sortable): number {
  return byForm(a, b);
}

/**
 * The entry of a group before which a new import belongs; undefined for the end of the group.
 * @param evidence all entries of the run: they tell which order is kept when the group does not.
 */
export function entryAfter(
  added: Sortable,
  group: readonly Entry[],
  evidence: readonly (readonly Entry[])[],
): Entry | undefined {
  const compare = keptOrder(group, evidence);
  if (compare) return group.find((entry) => compare(added, sortable(entry)) < 0);
  const sameForm = group.filter(
    (entry) => (entry.statement.from === undefined) === (added.members === undefined),
  );
  const greater = sameForm.find((entry) => byModule(added, sortable(entry)) < 0);
  if (greater) return greater;
  const last = sameForm.at(-1);
  if (!last) return added.members ? undefined : group[0];
  return group[group.indexOf(last) + 1];
}

/** Whether a list of entries is sorted in one of the known orders. */
export function isSorted(entries: readonly Entry[]): boolean {
  return keeps(entries, byForm) || keeps(entries, byModule);
}

function keptOrder(
  group: readonly Entry[],
  evidence: readonly (readonly Entry[])[],
): Compare | undefined {
  const form = keeps(group, byForm);
  const module = keeps(group, byModule);
  if (!form) return module ? byModule : undefined;
  const mixes = evidence.some((entries) => !keeps(entries, byForm) && keeps(entries, byModule));
  return module && mixes ? byModule : byForm;
}

function keeps(entries: readonly Entry[], compare: Compare): boolean {
  return entries.every((entry, at) => {
    const previous = entries[at - 1];
    return !previous || compare(sortable(previous), sortable(entry)) <= 0;
  });
}
