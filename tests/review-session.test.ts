/** The answers of a review by themselves: what is made of any of them, and what a person wrote. */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Book, readBook } from '../src/review/book.ts';
import { outcomeOf } from '../src/review/outcome.ts';
import { Session } from '../src/review/session.ts';
import type { Run } from '../src/run.ts';
import { sampleRun } from './sample-run.ts';

const sample = sampleRun(false);
const SAMPLE = sample.folder;
const EMPTY: Book = { answers: new Map(), edits: [] };

let run: Run;
beforeAll(() => {
  run = sample.run();
});
beforeEach(() => rmSync(join(SAMPLE, '.anyio-codemod'), { recursive: true, force: true }));

const nameOf = (path: string) => path.slice(SAMPLE.length + 1);
const python = ({ path }: { path: string }) => path.endsWith('.py');

describe('the answers of a session', () => {
  it('are asked about once each, whatever they are', () => {
    const answers = fc.infiniteStream(fc.constantFrom('yes' as const, 'no' as const));
    fc.assert(
      fc.property(answers, (stream) => {
        const session = new Session(run, true, EMPTY);
        const seen: string[] = [];
        for (let step = session.next(); step; step = session.next()) {
          seen.push(...step.items.map(({ key }) => key));
          session.answer(step.items, stream.next().value);
        }
        expect(seen.toSorted()).toEqual(session.items.map(({ key }) => key).toSorted());
        const resumed = new Session(run, true, readBook(SAMPLE));
        expect(resumed.next()).toBeUndefined();
        expect(resumed.answered('yes').map(({ key }) => key)).toEqual(
          session.answered('yes').map(({ key }) => key),
        );
      }),
      { numRuns: 3 },
    );
  });

  it('make what the steps showed: no more is rewritten, the account balances', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.constantFrom('yes', 'no', undefined)), (stream) => {
        const session = new Session(run, true, EMPTY);
        for (const item of session.items) {
          const answer = stream.next().value;
          if (answer) session.answer([item], answer);
        }
        const { migration, fallen, unlike, dropped } = outcomeOf(session, true);
        const { found, rewritten, refused, deferred, left } = migration.account;
        expect(found).toBe(rewritten + refused + deferred + left);
        expect(migration.problems).toEqual([]);
        expect(dropped).toEqual([]);
        const taken = new Set(
          session
            .answered('yes')
            .filter((item) => !fallen.includes(item))
            .flatMap(({ judged }) => judged.map(({ use }) => use)),
        );
        const applied = migration.judged.filter((each) => each.applied).map(({ use }) => use);
        for (const use of taken) expect(applied).toContain(use);
        if (fallen.length === 0) expect(applied).toHaveLength(taken.size);
        expect(unlike.map(({ path }) => nameOf(path))).toEqual([]);
      }),
      { numRuns: 8 },
    );
  }, 60_000);

  it('lead, step by step, from the old texts to the new ones', () => {
    const session = new Session(run, true, EMPTY);
    const texts = new Map<string, string>();
    for (let step = session.next(); step; step = session.next()) {
      for (const { path, before, after } of session.view(step.items)) {
        expect(before).toBe(texts.get(path) ?? session.file(path)?.text);
        texts.set(path, after);
      }
      session.answer(step.items, 'yes');
    }
    const { changes } = outcomeOf(session, true).migration;
    const written = changes.filter(python).map(({ path, after }) => [path, after] as const);
    expect(new Map(written)).toEqual(texts);
  });

  it('that lead to another text than the steps showed are told', () => {
    const shown = Object.create(run, {
      preview: {
        value: (...asked: Parameters<Run['preview']>) =>
          run.preview(...asked).map((change) => ({ ...change, after: `${change.after}# more\n` })),
      },
    });
    const session = new Session(shown, true, EMPTY);
    const [first] = session.items;
    if (!first) throw new Error('the sample has no items');
    session.answer([first], 'yes');
    const { unlike, migration } = outcomeOf(session, true);
    expect(unlike.map(({ path }) => path)).toEqual([...first.paths]);
    for (const { path, before, after } of unlike) {
      expect(before).toBe(`${after}# more\n`);
      expect(after).toBe(migration.changes.find((change) => change.path === path)?.after);
    }
  });

  it('of two like lines stay with theirs when one is written', () => {
    const session = new Session(run, true, EMPTY);
    const pairs = session.items.filter(({ key }) => /@[0-9a-f]{12}#2$/.test(key));
    // The sample has none: the rule is tried on keys made alike.
    expect(pairs).toEqual([]);
    const [first, second] = session.items;
    if (!first || !second) throw new Error('the sample has no items');
    const kind = first.key;
    const alike = new Session(run, true, EMPTY);
    Object.assign(alike, {
      items: [
        { ...first, key: kind },
        { ...second, key: `${kind}#2` },
      ],
    });
    alike.answer([{ key: kind }], 'yes');
    alike.answer([{ key: `${kind}#2` }], 'no');
    alike.forget([{ ...first, key: kind }]);
    expect([...readBook(SAMPLE).answers]).toEqual([[kind, 'no']]);
  });

  it('that cannot be read are an error that says what to do', () => {
    const session = new Session(run, true, EMPTY);
    session.answer(session.items.slice(0, 1), 'no');
    writeFileSync(join(SAMPLE, '.anyio-codemod', 'review.json'), '{"version": 99}');
    expect(() => readBook(SAMPLE)).toThrow('--restart forgets them');
  });
});
