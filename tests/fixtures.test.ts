/** Every fixture: the new text, the verdicts, the account, a second run, and other line endings. */

import { describe, expect, it } from 'vitest';
import { transforms } from '../transforms/index.ts';
import {
  describeOther,
  expectedTexts,
  type FixtureCase,
  fixtureCases,
  migrateTexts,
} from './fixture-cases.ts';

const cases = fixtureCases();

describe.each(cases)('$name', (fixture: FixtureCase) => {
  const { before, expected } = fixture;

  it('gives the expected text and verdicts', async () => {
    const { migration, texts } = await migrateTexts(before, expected);
    expect(Object.fromEntries(texts)).toEqual(Object.fromEntries(expectedTexts(fixture)));
    const several = before.size > 1;
    const others = migration.judged.map((item) => describeOther(item, migration.root, several));
    expect(others.filter((line) => line !== undefined)).toEqual(expected.others ?? []);
    expect(migration.account.safe).toBe(expected.safe);
    expect(migration.problems).toEqual([]);
  });

  it('balances the account', async () => {
    const { account } = (await migrateTexts(before, expected)).migration;
    expect(account.rewritten + account.refused + account.deferred + account.left).toBe(
      account.found,
    );
    expect(account.safe + account.review).toBe(account.rewritten);
  });

  it('changes nothing in a second run', async () => {
    const first = await migrateTexts(before, expected);
    const second = await migrateTexts(first.texts, expected);
    expect(second.migration.changes).toEqual([]);
  });

  it('does the same under CRLF and behind a BOM', async () => {
    const turned = (text: string) =>
      `\uFEFF${text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n')}`;
    const python = (texts: Map<string, string>) =>
      new Map([...texts].map(([path, text]) => [path, path.endsWith('.py') ? turned(text) : text]));
    const { texts } = await migrateTexts(python(before), expected);
    expect(Object.fromEntries(texts)).toEqual(Object.fromEntries(python(expectedTexts(fixture))));
  });
});

describe('the fixtures as a whole', () => {
  it('hold cases for every transform', () => {
    const covered = new Set(cases.map(({ name }) => name.split('/')[0]));
    expect(transforms.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
  });

  it('show every diagnostic that a transform can give', () => {
    const shown = new Set(
      cases.flatMap(({ expected }) =>
        (expected.others ?? []).map((line) => line.split(' ').at(-1)),
      ),
    );
    const known = transforms.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code));
    expect(known.filter((code) => !shown.has(code))).toEqual([]);
  });
});
