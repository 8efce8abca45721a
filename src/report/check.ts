/** What `check` found, for the reports, and the words for one use. */

import { PHASES } from '../phases.ts';
import type { Baseline } from '../ratchet/baseline.ts';
import type { Beyond, Comparison } from '../ratchet/compare.ts';
import type { CountedUse } from '../ratchet/sites.ts';
import type { Migration } from '../result.ts';
import type { Judged } from '../transform.ts';
import { plural } from './layout.ts';

/** A site with more uses than it may have. */
export interface Finding extends Beyond {
  /** The new ones; where it cannot be told which are new, all that may be. */
  shown: readonly CountedUse[];
}

export interface CheckResult {
  /** Of the files that were checked alone. */
  migration: Migration;
  findings: readonly Finding[];
  comparison: Comparison;
  /** How many uses stay because a person said so. */
  decided: number;
  /** How many uses were counted. */
  counted: number;
  baseline: {
    /** Absolute path. */
    file: string;
    /** As it was before the check; undefined when there was none. */
    before: Baseline | undefined;
    /** What was done to the file. */
    update: 'none' | 'made' | 'written' | 'unchanged';
    /** The chosen phases that it does not have. */
    missing: readonly number[];
  };
}

/** How many uses are too many. */
export function beyondCount(findings: readonly Finding[]): number {
  return findings.reduce((sum, { uses, allowed }) => sum + uses.length - allowed, 0);
}

/** How many uses the baseline lets pass that are gone, and do not seem to have moved. */
export function goneCount({ comparison, findings }: CheckResult): number {
  const moved = new Set(findings.map((finding) => finding.moved));
  const gone = comparison.stale.filter((entry) => !moved.has(entry));
  return gone.reduce((sum, { allowed, found }) => sum + allowed - found, 0);
}

/** Whether it is known which uses of the site are the new ones. */
export function isTold({ shown, uses, allowed }: Finding): boolean {
  return shown.length === uses.length - allowed;
}

/** `asyncio.sleep (phase 2 sleep)`, by the phase's name where it has no transform yet. */
export function useWords({ judged, phase }: CountedUse): string {
  const name = judged.transform ?? PHASES.find(({ number }) => number === phase)?.name;
  return `${judged.use.name} (phase ${phase} ${name})`;
}

/** What can be done with a use: `safe to rewrite`, or why it cannot be rewritten. */
export function verdictWords({ verdict }: Judged): string {
  switch (verdict.kind) {
    case 'rewrite':
      if (verdict.safety === 'safe') return 'safe to rewrite';
      return `can be rewritten after a look${verdict.note ? `: ${verdict.note}` : ''}`;
    case 'refuse':
      return `refused, ${verdict.diagnostic.code}: ${verdict.diagnostic.message}`;
    case 'defer':
      return 'no transform yet: move it by hand, or let it pass';
    case 'leave':
      return `can stay: ${verdict.reason}`;
  }
}

/** What to say below the uses of one site; nothing where all of them are new. */
export function findingNotes(finding: Finding): string[] {
  const { site, uses, allowed, moved } = finding;
  const notes: string[] = [];
  if (allowed > 0) {
    const excess = uses.length - allowed;
    const which = isTold(finding) ? '' : `; ${excess === 1 ? 'one' : excess} of these is new`;
    notes.push(
      `${placeWords(site.symbol)} has ${plural(uses.length, 'use')} of ${site.name}, ` +
        `and the baseline ${allowed}${excess === 1 ? which : which.replace(' is ', ' are ')}`,
    );
  }
  if (moved) {
    const left = moved.found === 0 ? 'none is left' : `${moved.found} are left`;
    const where = moved.site.symbol === '' ? '' : ` in ${moved.site.symbol}`;
    notes.push(
      `moved? the baseline has ${moved.allowed} of ${moved.site.path}${where}, where ${left}`,
    );
  }
  return notes;
}

function placeWords(symbol: string): string {
  return symbol === '' ? 'the top level' : symbol;
}

/** The chosen phases that uses can belong to: phase 0 is about the manifest alone. */
export function usePhases({ phases }: Migration): number[] {
  return phases.filter((phase) => phase !== 0);
}
