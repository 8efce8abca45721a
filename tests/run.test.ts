/** One run that judges and edits several times, and the parts that its rewrites fall into. */

import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../src/migrate.ts';
import type { Migration } from '../src/result.ts';
import type { Run } from '../src/run.ts';
import { siteKey, siteOf } from '../src/site.ts';
import type { Diagnostic } from '../src/transform.ts';
import { sampleRun, select } from './sample-run.ts';

const sample = sampleRun(true);
const SAMPLE = sample.folder;
const OPTIONS = sample.options;
const OUT: Diagnostic = { code: 'left-out', message: 'the test says so', help: 'ask the test' };

/** What a migration says, without the nodes and the order in which it was found. */
function facts({ changes, judged, account, problems }: Migration) {
  return {
    changes: new Map(changes.map(({ path, after }) => [path, after])),
    verdicts: judged.map(({ use, verdict, applied }) => [
      `${use.file.path}:${use.span.start}`,
      verdict.kind,
      applied,
    ]),
    account,
    problems,
  };
}

let run: Run;
let all: Migration;
beforeAll(() => {
  run = sample.run();
  all = run.migration();
});

describe('a run', () => {
  it('says the same as often as it is asked, and the same as a run of its own', async () => {
    expect(all.changes.length).toBeGreaterThan(10);
    expect(facts(run.migration())).toEqual(facts(all));
    expect(facts(await migrate(OPTIONS))).toEqual(facts(all));
  });

  for (const phase of ['0', '1', '0-2', '3', 'pytest']) {
    it(`gives for phase ${phase} alone what a run of that phase gives`, async () => {
      const choices = { selection: select(phase), includeReview: false };
      expect(facts(run.migration(choices))).toEqual(
        facts(await migrate({ ...OPTIONS, ...choices })),
      );
    });
  }

  it('leaves out one unit, whichever it is, and writes the others', () => {
    const units = run.units(all);
    expect(units.length).toBeGreaterThan(30);
    for (const unit of units) {
      const uses = new Set(unit.judged.map(({ use }) => use));
      const without = run.migration({ leaveOut: (use) => (uses.has(use) ? OUT : undefined) });
      expect(without.problems).toEqual([]);
      const { found, rewritten, refused, deferred, left } = without.account;
      expect(found).toBe(rewritten + refused + deferred + left);
      const fate = without.judged.filter(({ use }) => uses.has(use));
      expect(fate.filter(({ applied }) => applied).map(({ use }) => use.name)).toEqual([]);
      expect(all.account.rewritten - rewritten).toBeGreaterThanOrEqual(unit.judged.length);
    }
  });

  it('shows what one unit changes by itself, with its import', () => {
    const unit = run.units(all).find(({ id }) => id.startsWith('mud/events.py::'));
    const [change, ...others] = run.preview(all, new Set(unit?.judged));
    expect(others).toEqual([]);
    expect(change?.path).toBe(join(SAMPLE, 'mud/events.py'));
    expect(change?.after).toContain('import anyio');
  });

  it('shows as the changes of all units together what it would write', () => {
    const python = (changes: Migration['changes']) =>
      changes.filter(({ path }) => path.endsWith('.py')).map(({ path, after }) => [path, after]);
    const chosen = new Set(run.units(all).flatMap(({ judged }) => judged));
    expect(python(run.preview(all, chosen))).toEqual(python(all.changes));
  });
});

describe('units', () => {
  it('hold each rewrite once, and have names of their own', () => {
    const units = run.units(all);
    const rewrites = all.judged.filter(({ verdict }) => verdict.kind === 'rewrite');
    expect(units.flatMap(({ judged }) => judged)).toHaveLength(rewrites.length);
    expect(new Set(units.flatMap(({ judged }) => judged))).toEqual(new Set(rewrites));
    expect(new Set(units.map(({ id }) => id)).size).toBe(units.length);
  });

  it('hold what is done with one object', () => {
    const rooms = run.units(all).filter(({ id }) => id.startsWith('mud/rooms.py'));
    const locks = rooms.filter(({ judged }) =>
      judged.some(({ use }) => use.name === 'asyncio.Lock'),
    );
    for (const { judged } of locks) {
      expect(judged.map(({ use }) => use.name)).toEqual(judged.map(() => 'asyncio.Lock'));
    }
    expect(Math.max(...locks.map(({ judged }) => judged.length))).toBeGreaterThan(1);
  });
});

it('a site tells where a use stands without its line', () => {
  const keys = all.judged.map(({ use }) => siteKey(siteOf(use, SAMPLE)));
  expect(keys).toContain('main.py::::asyncio.run');
  expect(keys).toContain('mud/ticks.py::TickLoop.__init__::asyncio.Event');
});
