/** Which uses `check` counts, and where they stand. */

import type { Selection } from '../phases.ts';
import type { Migration } from '../result.ts';
import { type Site, siteKey, siteOf } from '../site.ts';
import type { Judged } from '../transform.ts';

/** A use that should not be there once the chosen phases are done. */
export interface CountedUse {
  judged: Judged;
  phase: number;
  site: Site;
  /** `siteKey` of `site`. */
  key: string;
}

/** Refusals by which a person has decided to keep a use. */
const DECIDED: ReadonlySet<string> = new Set(['ignored', 'left-out']);

/**
 * The uses that the chosen phases or transforms are about, whether they can be rewritten or not, in
 * the order of the migration. Those of a phase that has no transform yet are among them. Asks the
 * nodes of the uses, so their run must not be disposed of yet.
 */
export function countedUses(migration: Migration, selection: Selection): CountedUse[] {
  return migration.judged.flatMap((judged) => {
    const { phase, transform, verdict, use } = judged;
    if (phase === undefined || verdict.kind === 'leave' || isDecided(judged)) return [];
    const chosen =
      transform === undefined
        ? selection.phases.includes(phase)
        : selection.transforms.has(transform);
    if (!chosen) return [];
    const site = siteOf(use, migration.root);
    return [{ judged, phase, site, key: siteKey(site) }];
  });
}

/** Whether a use stays because somebody said so, in a comment, the configuration or a review. */
export function isDecided({ verdict }: Judged): boolean {
  return verdict.kind === 'refuse' && DECIDED.has(verdict.diagnostic.code);
}

/** The site of a key. A path may hold the separator; what follows it cannot. */
export function siteOfKey(key: string): Site {
  const parts = key.split('::');
  const name = parts.pop() ?? '';
  const symbol = parts.pop() ?? '';
  return { path: parts.join('::'), symbol, name };
}
