/** How far each phase is: one count for all that is drawn of it. */

import { PHASES } from '../phases.ts';
import type { Arrived, DependencyOutcome, Migration } from '../result.ts';
import type { Judged } from '../transform.ts';

/** What can be said of a use, in the order of a bar: what is done, what can be, what cannot yet. */
export const STATES = ['arrived', 'safe', 'review', 'refused', 'deferred', 'left'] as const;
export type State = (typeof STATES)[number];
export type Counts = Record<State, number>;

/** A phase with what its uses are; `number` is undefined for the names that belong to no phase. */
export interface PhaseProgress {
  number: number | undefined;
  name: string;
  counts: Counts;
}

export function noCounts(): Counts {
  return { arrived: 0, safe: 0, review: 0, refused: 0, deferred: 0, left: 0 };
}

export function countsOf(uses: Iterable<Judged>, arrived: Iterable<Arrived> = []): Counts {
  const counts = noCounts();
  for (const use of uses) counts[stateOf(use)] += 1;
  for (const each of arrived) counts.arrived += each.uses;
  return counts;
}

export function stateOf({ verdict }: Judged): State {
  if (verdict.kind === 'rewrite') return verdict.safety;
  return verdict.kind === 'refuse' ? 'refused' : verdict.kind === 'defer' ? 'deferred' : 'left';
}

export function totalOf(counts: Counts): number {
  return STATES.reduce((sum, state) => sum + counts[state], 0);
}

/** What is done, of all that is to be: what stays asyncio needs no work. Between 0 and 1. */
export function shareDone(counts: Counts): number {
  const all = totalOf(counts) - counts.left;
  return all === 0 ? 1 : counts.arrived / all;
}

/** The phases from 1 on that were selected or have a use, then what belongs to none. */
export function progressOf(migration: Migration): PhaseProgress[] {
  const arrived = migration.arrived ?? [];
  const named = PHASES.filter((phase) => phase.number > 0).map(({ number, name }) => {
    const mine = migration.judged.filter((use) => use.phase === number);
    const done = arrived.filter((each) => each.phase === number);
    return { number, name, counts: countsOf(mine, done) };
  });
  const others = migration.judged.filter((use) => use.phase === undefined);
  const isShown = ({ number, counts }: PhaseProgress) =>
    totalOf(counts) > 0 || migration.phases.includes(number ?? -1);
  return [
    ...named.filter(isShown),
    ...(others.length > 0
      ? [{ number: undefined, name: 'other names', counts: countsOf(others) }]
      : []),
  ];
}

/** What phase 0 is: one thing, done or to do. */
export function dependencyState(outcome: DependencyOutcome): State {
  if (outcome.verdict === 'rewrite') return 'safe';
  return outcome.verdict === 'refuse' ? 'refused' : 'arrived';
}

/**
 * Parts `width` cells among the states by their counts. What is there at all gets a cell, however
 * little it is; the rest goes by size.
 *
 * @returns cells by state; their sum is `width`, or 0 when nothing is counted
 */
export function cellsOf(counts: Counts, width: number): Counts {
  const cells = noCounts();
  const total = totalOf(counts);
  if (total === 0) return cells;
  for (const state of STATES) {
    if (counts[state] > 0) cells[state] = Math.max(1, Math.floor((counts[state] / total) * width));
  }
  for (let rest = width - totalOf(cells); rest !== 0; rest = width - totalOf(cells)) {
    // Whoever is farthest from its share gives a cell, or takes one.
    const wrong = (state: State) => (counts[state] / total) * width - cells[state];
    const able = STATES.filter((state) => (rest > 0 ? counts[state] > 0 : cells[state] > 1));
    const [next] = able.sort((a, b) => (wrong(b) - wrong(a)) * Math.sign(rest));
    if (next === undefined) return cells;
    cells[next] += Math.sign(rest);
  }
  return cells;
}
