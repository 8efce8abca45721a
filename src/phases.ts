/** The phases of the plan, and the selectors that name them. */

import { didYouMean, UsageError } from './usage.ts';

/** A step of the plan after which the code works and the team may stop. */
export interface Phase {
  number: number;
  name: string;
  /** What the phase moves, for `plan` and `list`. */
  summary: string;
}

export const PHASES: readonly Phase[] = [
  { number: 0, name: 'dependency', summary: 'declare anyio in pyproject.toml or requirements' },
  { number: 1, name: 'scripts', summary: 'asyncio.run -> anyio.run' },
  { number: 2, name: 'primitives', summary: 'sleep, Lock, Event and their kin' },
  { number: 3, name: 'timeouts', summary: 'wait_for, timeout -> fail_after / move_on_after' },
  { number: 4, name: 'queues', summary: 'Queue -> memory object streams' },
  { number: 5, name: 'tasks', summary: 'create_task, gather, TaskGroup -> task groups' },
  { number: 6, name: 'pytest', summary: "tests run by anyio's pytest plugin" },
];

/** Named sets of phases that `--phase` takes beside numbers and names. */
export const PLANS: Readonly<Record<string, readonly number[]>> = {
  hybrid: [0, 1, 2],
  full: [0, 1, 2, 3, 4, 5, 6],
};

/** What was chosen to be rewritten. Uses of the other phases are deferred. */
export interface Selection {
  /** Ascending; with `--transform`, the phases of the chosen transforms. */
  phases: number[];
  /** Ids; `dependency` among them stands for phase 0. */
  transforms: Set<string>;
}

/** The values of `--phase` and `--transform` as typed: one string a flag, each may hold commas. */
export interface Selectors {
  phase?: readonly string[];
  transform?: readonly string[];
}

/** What a selector needs to know of a transform. */
export interface KnownTransform {
  id: string;
  phase: number;
}

/**
 * Turns `--phase` or `--transform` into the phases and transforms that they stand for.
 *
 * A phase is a number (`1`), a range (`0-2`), a name (`scripts`) or a plan (`hybrid`, `full`), in
 * any case; several are joined by commas or by repeating the flag. The two flags exclude each
 * other: an intersection would silently choose nothing, a union more than was asked for.
 *
 * @param known every transform there is, `dependency` included
 * @param fallback what no selector means: `hybrid` for diff and apply, `all` phases for plan
 * @throws UsageError for an unknown or empty name (with the nearest one), and for both flags at
 *   once
 */
export function parseSelection(
  selectors: Selectors,
  known: readonly KnownTransform[],
  fallback: 'hybrid' | 'all',
): Selection {
  if (selectors.phase?.length && selectors.transform?.length) {
    throw new UsageError(
      '--phase and --transform exclude each other: a transform is chosen with its phase or alone',
    );
  }
  if (selectors.transform?.length) return selectTransforms(selectors.transform, known);
  if (selectors.phase?.length) return selectPhases(selectors.phase, known);
  const plan = fallback === 'hybrid' ? 'hybrid' : 'full';
  return withTransforms(PLANS[plan] ?? [], known);
}

/** The phase with this number or name, if there is one. */
export function findPhase(word: string): Phase | undefined {
  const name = word.toLowerCase();
  return PHASES.find((phase) => String(phase.number) === name || phase.name === name);
}

function selectTransforms(values: readonly string[], known: readonly KnownTransform[]): Selection {
  const chosen = splitList(values, '--transform', 'sleep,lock').map((word) => {
    const found = known.find((transform) => transform.id === word.toLowerCase());
    if (found) return found;
    const ids = known.map((transform) => transform.id);
    throw new UsageError(
      `unknown transform '${word}'${didYouMean(word, ids)} ('anyio-codemod list' shows all)`,
    );
  });
  return {
    phases: ascending(chosen.map((transform) => transform.phase)),
    transforms: new Set(chosen.map((transform) => transform.id)),
  };
}

function selectPhases(values: readonly string[], known: readonly KnownTransform[]): Selection {
  const words = splitList(values, '--phase', '1');
  return withTransforms(ascending(words.flatMap(phaseNumbers)), known);
}

function withTransforms(phases: readonly number[], known: readonly KnownTransform[]): Selection {
  const chosen = known.filter((transform) => phases.includes(transform.phase));
  return { phases: [...phases], transforms: new Set(chosen.map((transform) => transform.id)) };
}

function phaseNumbers(word: string): readonly number[] {
  const plan = Object.hasOwn(PLANS, word.toLowerCase()) ? PLANS[word.toLowerCase()] : undefined;
  if (plan) return plan;
  const phase = findPhase(word);
  if (phase) return [phase.number];
  const range = /^(\d+)-(\d+)$/.exec(word);
  const first = range && findPhase(range[1] ?? '');
  const last = range && findPhase(range[2] ?? '');
  if (first && last && first.number <= last.number) {
    return PHASES.map((each) => each.number).filter((n) => n >= first.number && n <= last.number);
  }
  const names = [...PHASES.map((each) => each.name), ...Object.keys(PLANS)];
  throw new UsageError(
    `unknown phase '${word}'${didYouMean(word, names)} ` +
      `(0 to ${PHASES.length - 1}, or a name that 'anyio-codemod list' shows)`,
  );
}

function splitList(values: readonly string[], flag: string, example: string): string[] {
  const words = values.map((value) => value.split(/[\s,]+/).filter((word) => word !== ''));
  if (words.some((list) => list.length === 0)) {
    throw new UsageError(`${flag} needs a value, such as ${flag} ${example}`);
  }
  return words.flat();
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
