/** Phase 0 within a run: the manifest declares an anyio that has all that the new code says. */

import { declareAnyio } from '../transforms/dependency.ts';
import type { Manifests } from './manifest/read.ts';
import type { Migration } from './result.ts';
import type { Judged } from './transform.ts';
import { lowerVersion } from './verdicts.ts';

/** The least that phase 0 declares. */
export const FLOOR = '4.0.0';

/** Phase 0: the manifest declares an anyio that has all that the new code says. */
export function declare(migration: Migration, manifests: Manifests, floor: string): void {
  try {
    const { outcome, change } = declareAnyio(manifests, floor);
    migration.dependency = { ...outcome, message: outcome.message + whoNeeds(migration, floor) };
    if (change) migration.changes.push(change);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${reason}; this is a bug of anyio-codemod, and the manifest is left as it is`;
    migration.problems.push({ path: manifests.root, code: 'validation', message });
  }
}

/** Which transforms raise the bound above the least: ` (event needs 4.7.0)`. */
function whoNeeds({ judged }: Migration, floor: string): string {
  if (floor === FLOOR) return '';
  const ids = judged
    .filter(
      ({ verdict, applied }) => applied && verdict.kind === 'rewrite' && verdict.minAnyio === floor,
    )
    .map(({ transform }) => transform);
  const names = [...new Set(ids)];
  return ` (${names.join(', ')} ${names.length > 1 ? 'need' : 'needs'} ${floor})`;
}

/** The lowest anyio that has all that is written, and no lower than `least`. */
export function floorOf(judged: readonly Judged[], least: string): string {
  let floor = least;
  for (const { verdict, applied } of judged) {
    if (applied && verdict.kind === 'rewrite' && lowerVersion(floor, verdict.minAnyio))
      floor = verdict.minAnyio;
  }
  return floor;
}
