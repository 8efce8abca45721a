/** What the reports ask of a migration, computed in one place. */

import type { FileChange, Migration } from '../result.ts';
import type { Diagnostic, Judged, Verdict } from '../transform.ts';

type Rewrite = Extract<Verdict, { kind: 'rewrite' }>;
type Leave = Extract<Verdict, { kind: 'leave' }>;

export type Rewritten = Judged & { verdict: Rewrite };
export type Refused = Judged & { verdict: { kind: 'refuse'; diagnostic: Diagnostic } };
export type Deferred = Judged & { verdict: { kind: 'defer'; note?: string } };
export type Left = Judged & { verdict: Leave };

export const isRewritten = (judged: Judged): judged is Rewritten =>
  judged.verdict.kind === 'rewrite';
export const isRefused = (judged: Judged): judged is Refused => judged.verdict.kind === 'refuse';
export const isDeferred = (judged: Judged): judged is Deferred => judged.verdict.kind === 'defer';
export const isLeft = (judged: Judged): judged is Left => judged.verdict.kind === 'leave';

/** The rewrites that wait for `--include-review`. */
export function withheld(migration: Migration): Rewritten[] {
  return migration.judged
    .filter(isRewritten)
    .filter((judged) => !judged.applied && judged.verdict.safety === 'review');
}

/** Safe rewrites that are not in the new text all the same: their file or family was held back. */
export function heldBack(migration: Migration): Rewritten[] {
  return migration.judged
    .filter(isRewritten)
    .filter((judged) => !judged.applied && judged.verdict.safety === 'safe');
}

/** The uses that the new text has rewritten. */
export function applied(migration: Migration): Rewritten[] {
  return migration.judged.filter(isRewritten).filter((judged) => judged.applied);
}

/** The change of the project's manifest, which holds no Python. */
export function manifestChange(migration: Migration): FileChange | undefined {
  return migration.changes.find((change) => change.path === migration.dependency?.file);
}
