/** The report of `verify` for programs: the plan's, the runs, what broke and which uses are at fault. */

import type { Migration } from '../result.ts';
import { siteKey, siteOf } from '../site.ts';
import { isBroken } from '../verify/compare.ts';
import type { TestRun } from '../verify/test-run.ts';
import type { Culprit, Verification } from '../verify/verification.ts';
import { commonJson } from './json.ts';
import { relativePath } from './layout.ts';

/** The uses of each culprit are places in the list `uses`. */
export function verifyJson(result: Verification, migration: Migration): object {
  const { before, after, without, trio, comparison } = result;
  const place = new Map(migration.judged.map(({ use }, index) => [use, index]));
  return {
    ...commonJson('verify', migration),
    verify: {
      runs: {
        before: runOf(before),
        after: runOf(after),
        without: without ? runOf(without.run) : null,
        trio: trio ? runOf(trio.run) : null,
      },
      holds: result.broken.length === 0 && !result.wholeBroken,
      broken: result.broken.map((test) => failureOf(test, after)),
      commandBroken: result.wholeBroken,
      flaky: result.flaky,
      mended: comparison.mended,
      failing: comparison.failing,
      culprits: result.culprits.map((culprit) => culpritOf(culprit, migration, place)),
      unexplained: result.unexplained ?? null,
      stillBroken: without ? isBroken(without.comparison) : null,
      brokenOnTrio: trio ? trio.comparison.broken.map((test) => failureOf(test, trio.run)) : null,
      notImported: result.unseen.map((path) => relativePath(migration.root, path)),
    },
  };
}

function runOf({ status, timedOut, duration, tests }: TestRun) {
  const outcomes = [...(tests?.outcomes.values() ?? [])];
  const number = (outcome: string) => outcomes.filter((each) => each === outcome).length;
  return {
    status,
    timedOut,
    seconds: Math.round(duration) / 1000,
    tests: tests
      ? {
          passed: number('passed'),
          failed: number('failed'),
          skipped: number('skipped'),
        }
      : null,
  };
}

function failureOf(test: string, { tests }: TestRun) {
  return { test, message: tests?.messages.get(test) ?? null };
}

function culpritOf(
  { units, tests }: Culprit,
  { root }: Migration,
  place: ReadonlyMap<object, number>,
) {
  const uses = units.flatMap(({ judged }) => judged.map(({ use }) => use));
  const sites = units.flatMap(({ judged: [first] }) => first?.use ?? []);
  return {
    tests,
    uses: uses.map((use) => place.get(use)),
    leaveOut: [...new Set(sites.map((use) => siteKey(siteOf(use, root))))],
  };
}
