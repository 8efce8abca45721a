/** The report of `check` for programs: the plan's, and what is beyond the baseline. */

import type { Entry } from '../ratchet/compare.ts';
import { type CheckResult, type Finding, isTold } from './check.ts';
import { commonJson } from './json.ts';
import { relativePath } from './layout.ts';

/** The report of `check`: the uses of each site in `beyond` are places in the list `uses`. */
export function checkJson(result: CheckResult): object {
  const { migration, findings, comparison, baseline, counted, decided } = result;
  const place = new Map(migration.judged.map((judged, index) => [judged, index]));
  return {
    ...commonJson('check', migration),
    check: {
      baseline: {
        file: relativePath(migration.root, baseline.file),
        exists: baseline.before !== undefined || baseline.update === 'made',
        update: baseline.update,
        missingPhases: baseline.missing,
      },
      counts: {
        counted,
        passed: comparison.passed,
        beyond: counted - comparison.passed,
        kept: decided,
      },
      beyond: findings.map((finding) => beyondOf(finding, place)),
      stale: comparison.stale.map(entryOf),
    },
  };
}

function beyondOf(finding: Finding, place: ReadonlyMap<object, number>) {
  const { site, key, phase, uses, allowed, shown, moved } = finding;
  return {
    site: key,
    ...site,
    phase,
    found: uses.length,
    allowed,
    told: isTold(finding),
    uses: shown.map(({ judged }) => place.get(judged)),
    moved: moved ? entryOf(moved) : null,
  };
}

function entryOf({ site, key, phase, allowed, found }: Entry) {
  return { site: key, ...site, phase, allowed, found };
}
