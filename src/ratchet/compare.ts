/** What the code has against what the baseline lets pass, and what becomes of the baseline. */

import type { Site } from '../site.ts';
import type { Baseline } from './baseline.ts';
import { type CountedUse, siteOfKey } from './sites.ts';

/** What one check looks at. */
export interface Scope {
  /** The phases that are compared; the others stay as they are. */
  phases: readonly number[];
  /** Whether a name in the baseline is among those that are looked for. */
  hasName(name: string, phase: number): boolean;
  /** Whether the file, by its path from the root, is to be compared. */
  hasFile(path: string): boolean;
  /**
   * Whether it is known what the file holds: it was read, or there is no such file. Else what the
   * baseline says of it stays.
   */
  isKnown(path: string): boolean;
}

/** A site that has more uses than it may. */
export interface Beyond {
  site: Site;
  key: string;
  phase: number;
  /** All uses at the site, in the order of the file. */
  uses: readonly CountedUse[];
  /** How many of them the baseline lets pass. */
  allowed: number;
  /** A site of the baseline that has lost as many uses of this name as this one is beyond. */
  moved?: Entry;
}

/** A site in the baseline. */
export interface Entry {
  site: Site;
  key: string;
  phase: number;
  allowed: number;
  /** How many uses are there now. */
  found: number;
}

export interface Comparison {
  /** By file and place. */
  beyond: Beyond[];
  /** What the baseline lets pass and is not there any more. */
  stale: Entry[];
  /** How many uses were let pass. */
  passed: number;
}

/**
 * Compares what is in scope.
 *
 * @param uses those of the whole project: what has left one file may have gone to another
 */
export function compare(uses: readonly CountedUse[], baseline: Baseline, scope: Scope): Comparison {
  const sites = bySite(uses);
  const beyond: Beyond[] = [];
  let passed = 0;
  for (const [, at] of sites) {
    const [{ site, key, phase }] = at;
    if (!scope.hasFile(site.path)) continue;
    const allowed = baseline.get(phase)?.get(key) ?? 0;
    passed += Math.min(allowed, at.length);
    if (at.length > allowed) beyond.push({ site, key, phase, uses: at, allowed });
  }
  const gone = entriesOf(baseline, sites, scope).filter(({ allowed, found }) => found < allowed);
  findMoves(beyond, gone);
  return { beyond, stale: gone.filter(({ site }) => scope.hasFile(site.path)), passed };
}

/** What a new baseline may have that the old has not. */
export interface Growth {
  /** All that is beyond the old one. */
  all: boolean;
  /** What seems to have moved: its old site loses what the new one gets. */
  moved: boolean;
}

/**
 * The baseline without what is gone. A phase that it does not have yet is taken in with all its
 * uses in scope.
 *
 * @param uses as for `compare`
 */
export function shrunk(
  uses: readonly CountedUse[],
  baseline: Baseline,
  scope: Scope,
  growth: Growth,
): Baseline {
  const next = new Map([...baseline].map(([phase, counts]) => [phase, new Map(counts)]));
  for (const phase of scope.phases) if (!next.has(phase)) next.set(phase, new Map());
  const set = ({ key, phase }: { key: string; phase: number }, count: number) => {
    if (count > 0) next.get(phase)?.set(key, count);
    else next.get(phase)?.delete(key);
  };
  const { beyond, stale } = compare(uses, baseline, scope);
  for (const entry of stale) set(entry, entry.found);
  for (const each of beyond) {
    const moves = growth.moved && each.moved !== undefined;
    if (!growth.all && !moves && baseline.has(each.phase)) continue;
    set(each, each.uses.length);
    if (moves && each.moved) set(each.moved, each.moved.found);
  }
  return next;
}

type Sites = ReadonlyMap<string, readonly [CountedUse, ...CountedUse[]]>;

function bySite(uses: readonly CountedUse[]): Sites {
  const sites = new Map<string, [CountedUse, ...CountedUse[]]>();
  for (const use of uses) {
    const id = idOf(use);
    const others = sites.get(id);
    if (others) others.push(use);
    else sites.set(id, [use]);
  }
  return sites;
}

function idOf({ phase, key }: { phase: number; key: string }): string {
  return `${phase} ${key}`;
}

/** The entries of the baseline that can be held against the code, wherever they are. */
function entriesOf(baseline: Baseline, sites: Sites, scope: Scope): Entry[] {
  return scope.phases.flatMap((phase) =>
    [...(baseline.get(phase) ?? [])].flatMap(([key, allowed]) => {
      const site = siteOfKey(key);
      if (!scope.hasName(site.name, phase) || !scope.isKnown(site.path)) return [];
      return [{ site, key, phase, allowed, found: sites.get(idOf({ phase, key }))?.length ?? 0 }];
    }),
  );
}

/**
 * Pairs each site that is beyond with one that has lost as many uses of the same name: of the same
 * function first, then of the same file, then any. None is taken twice.
 */
function findMoves(beyond: readonly Beyond[], gone: readonly Entry[]): void {
  const free = new Set(gone);
  const likeness = [
    (to: Site, from: Site) => to.symbol === from.symbol,
    (to: Site, from: Site) => lastPart(to.symbol) === lastPart(from.symbol),
    (to: Site, from: Site) => to.path === from.path,
    () => true,
  ];
  for (const isLike of likeness) {
    for (const each of beyond) {
      if (each.moved) continue;
      const from = [...free].find(
        (entry) =>
          entry.phase === each.phase &&
          entry.site.name === each.site.name &&
          entry.allowed - entry.found === each.uses.length - each.allowed &&
          isLike(each.site, entry.site),
      );
      if (!from) continue;
      each.moved = from;
      free.delete(from);
    }
  }
}

function lastPart(symbol: string): string {
  return symbol.slice(symbol.lastIndexOf('.') + 1);
}
