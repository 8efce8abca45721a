/** The lists below the plan's tables: each use that is not simply rewritten, with the reason. */

import { PHASES } from '../phases.ts';
import type { Migration } from '../result.ts';
import type { Judged } from '../transform.ts';
import {
  type Deferred,
  heldBack,
  isDeferred,
  isLeft,
  isRefused,
  isRewritten,
  type Left,
  type Refused,
  type Rewritten,
} from './counts.ts';
import { count, groupBy, paragraph, plural, tally } from './layout.ts';
import { ALL, placeLines, SHORT, spotOf } from './places.ts';
import type { PlanOptions } from './plan-options.ts';

/** Refusals by diagnostic: the message, what to do, and every place. */
export function refusedSection(migration: Migration, options: PlanOptions): string[] {
  const refused = migration.judged.filter(isRefused);
  if (refused.length === 0) return [];
  const groups = largestFirst(groupBy(refused, (use) => use.verdict.diagnostic.code));
  const { style } = options;
  return [
    style.heading(
      `Refused: ${plural(refused.length, 'use')} left as ${refused.length === 1 ? 'it is' : 'they are'}`,
    ),
    ...groups.flatMap(([code, uses]) => [
      '',
      `  ${style.code(code)}  ${count(uses.length)}`,
      ...messages(uses, options),
    ]),
  ];
}

/** Under one code, what is said of several uses is said once. */
function messages(uses: readonly Refused[], options: PlanOptions): string[] {
  const { width } = options;
  const said = groupBy(uses, ({ verdict: { diagnostic } }) =>
    JSON.stringify([diagnostic.message, diagnostic.help]),
  );
  return [...said.values()].flatMap((same) => {
    const diagnostic = same[0]?.verdict.diagnostic;
    if (!diagnostic) return [];
    return [
      ...paragraph(diagnostic.message, width, 4),
      ...paragraph(`do: ${diagnostic.help}`, width, 4, 4),
      ...places(same, options, 6),
    ];
  });
}

/** Rewrites that need a look, by what to look at. */
export function reviewSection(migration: Migration, options: PlanOptions): string[] {
  const review = migration.judged
    .filter(isRewritten)
    .filter((use) => use.verdict.safety === 'review');
  if (review.length === 0) return [];
  const how = options.includeReview ? 'rewritten, look at each' : 'only with --include-review';
  return [
    options.style.heading(`Review: ${plural(review.length, 'use')}, ${how}`),
    ...byNote(review, options),
  ];
}

function byNote(uses: readonly Rewritten[], options: PlanOptions): string[] {
  const { style, width } = options;
  const groups = largestFirst(groupBy(uses, (use) => use.transform ?? ''));
  return groups.flatMap(([transform, same]) => [
    '',
    `  ${style.code(transform)}  ${count(same.length)}`,
    ...[...groupBy(same, (use) => use.verdict.note ?? '')].flatMap(([note, alike]) => [
      ...paragraph(note, width, 4),
      ...places(alike, options, 6),
    ]),
  ]);
}

const HELD_BACK = 'Their object has another use that is not written, or their file failed a check.';

/** Safe rewrites that are not written since something else in their file or family cannot be. */
export function heldBackSection(migration: Migration, options: PlanOptions): string[] {
  const back = heldBack(migration);
  if (back.length === 0) return [];
  return [
    options.style.heading(`Held back: ${plural(back.length, 'safe rewrite')}, not written`),
    ...paragraph(HELD_BACK, options.width, 2),
    ...places(back, options, 4),
  ];
}

/** What waits for a phase that is not selected or has no transform yet, by name. */
export function deferredSection(migration: Migration, options: PlanOptions): string[] {
  const deferred = migration.judged.filter(isDeferred);
  if (deferred.length === 0) return [];
  const { style } = options;
  const byPhase = groupBy(deferred, (use) => use.phase);
  const numbers = [...byPhase.keys()].sort((a, b) => (a ?? 99) - (b ?? 99));
  return [
    style.heading(`Deferred: ${plural(deferred.length, 'use')} for another phase`),
    ...numbers.flatMap((number) => {
      const phase = PHASES.find((each) => each.number === number);
      const label = phase ? `${phase.number} ${phase.name}` : 'no phase';
      return named(`  ${label}`.padEnd(18), byPhase.get(number) ?? [], options);
    }),
  ];
}

/** What stays asyncio, by reason and name. */
export function leftSection(migration: Migration, options: PlanOptions): string[] {
  const left = migration.judged.filter(isLeft);
  if (left.length === 0) return [];
  const groups = largestFirst(groupBy(left, (use: Left) => use.verdict.reason));
  return [
    options.style.heading(`Left: ${plural(left.length, 'use')} that can stay asyncio`),
    ...groups.flatMap(([reason, uses]) => [
      ...paragraph(reason, options.width, 2, 2),
      ...named('    ', uses, options),
    ]),
  ];
}

/** `wait_for 15, timeout 3`; with --verbose a line a name, and its places. */
function named(label: string, uses: readonly (Deferred | Left)[], options: PlanOptions): string[] {
  const { width, verbose } = options;
  const names = tally(uses.map(shortName)).map(([name, times]) => `${name} ${times}`);
  if (verbose) return namedWithPlaces(label, uses, options);
  const [first = '', ...rest] = paragraph(names.join(', '), width, label.length);
  return [label + first.trimStart(), ...rest];
}

function namedWithPlaces(
  label: string,
  uses: readonly (Deferred | Left)[],
  options: PlanOptions,
): string[] {
  const groups = groupBy(uses, shortName);
  const rows = tally(uses.map(shortName)).flatMap(([name, times]) => [
    `    ${name} ${times}`,
    ...places(groups.get(name) ?? [], options, 6),
  ]);
  return label.trim() === '' ? rows : [label.trimEnd(), ...rows];
}

/** `wait_for` for `asyncio.wait_for`; the bare module keeps its name. */
function shortName(judged: Judged): string {
  return judged.use.name.replace(/^asyncio\./, '');
}

function places(uses: readonly Judged[], options: PlanOptions, indent: number): string[] {
  const { cwd, width, verbose } = options;
  return placeLines(uses.map(spotOf), cwd, width, indent, verbose ? ALL : SHORT);
}

function largestFirst<Item>(groups: Map<string, Item[]>): [string, Item[]][] {
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}
