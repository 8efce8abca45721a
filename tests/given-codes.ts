/** Every diagnostic that the program can give, as its sources and the fixtures have it. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fixtureCases } from './fixture-cases.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** `refuse('event-clear', …`, and a diagnostic or a concern that is written out. */
const GIVEN = /(?:refuse\(\s*|\bcode: )'([a-z]+(?:-[a-z0-9]+)*)'/g;

/** The codes that stand in the sources of the rooms in which uses are judged. */
export function codesInSources(): Set<string> {
  const files = ['src', 'transforms'].flatMap((room) =>
    (readdirSync(join(ROOT, room), { recursive: true }) as string[])
      .filter((name) => name.endsWith('.ts') && !/^(?:cli|git|files|report)\b/.test(name))
      .map((name) => join(ROOT, room, name)),
  );
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(GIVEN)].map(([, code]) => code ?? '')));
}

/** The codes that the tool gives on the fixtures. */
export function codesInFixtures(): Set<string> {
  const others = fixtureCases().flatMap(({ expected }) => expected.others ?? []);
  return new Set(others.flatMap((line) => / refuse (\S+)$/.exec(line)?.[1] ?? []));
}
