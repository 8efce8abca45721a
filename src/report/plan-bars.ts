/** The head of the plan: a bar for each phase, with the numbers beside it. */

import type { Migration } from '../result.ts';
import { count, paragraph } from './layout.ts';
import type { PlanOptions } from './plan-options.ts';
import {
  type Counts,
  cellsOf,
  countsOf,
  dependencyState,
  noCounts,
  type PhaseProgress,
  progressOf,
  STATES,
  type State,
  totalOf,
} from './progress.ts';
import type { Style } from './style.ts';

const LABEL_WIDTH = 14;
/** Below this many columns there is no room for the numbers. */
const ROOM_FOR_NUMBERS = 78;
/** Wide enough for each heading and a gap, and a number with a comma. */
export const COLUMN_WIDTHS: Readonly<Record<State, number>> = {
  arrived: 7,
  safe: 7,
  review: 8,
  refused: 9,
  deferred: 10,
  left: 6,
};
const HEADINGS: Readonly<Record<State, string>> = {
  arrived: 'anyio',
  safe: 'safe',
  review: 'review',
  refused: 'refused',
  deferred: 'deferred',
  left: 'left',
};
const BLOCKS: Readonly<Record<State, string>> = {
  arrived: '█',
  safe: '▓',
  review: '▒',
  refused: '░',
  deferred: '·',
  left: '·',
};
const LETTERS: Readonly<Record<State, string>> = {
  arrived: '#',
  safe: '=',
  review: '?',
  refused: 'x',
  deferred: '.',
  left: '.',
};

/** A row for each phase, their sum, and what the signs mean; nothing where nothing is counted. */
export function progressSection(migration: Migration, options: PlanOptions): string[] {
  const phases = progressOf(migration);
  const all = countsOf(migration.judged, migration.arrived);
  if (totalOf(all) === 0) return [];
  const { style } = options;
  const withNumbers = options.width >= ROOM_FOR_NUMBERS;
  const numbers = withNumbers ? STATES.reduce((sum, state) => sum + COLUMN_WIDTHS[state], 0) : 8;
  const barWidth = options.width - LABEL_WIDTH - numbers - 1;
  const row = ({ number, name, counts }: PhaseProgress, paint = plain) =>
    paint(label(number, name)) +
    bar(counts, barWidth, options) +
    (withNumbers ? cells(counts, style) : count(totalOf(counts)).padStart(numbers));
  const last = { number: undefined, name: 'all', counts: all };
  return [
    style.faint(
      'phase'.padEnd(LABEL_WIDTH + barWidth) +
        (withNumbers ? headings() : 'uses'.padStart(numbers)),
    ),
    ...dependencyRow(migration, barWidth, options),
    ...phases.map((phase) => row(phase)),
    ...(phases.length > 1 ? [row(last, style.heading)] : []),
    ...legend(all, options),
  ];
}

/** The numbers of a row under the headings; a dash for none. */
export function cells(counts: Counts, style: Style, states: readonly State[] = STATES): string {
  return states
    .map((state) => {
      const n = counts[state];
      const text = (n === 0 ? '-' : count(n)).padStart(COLUMN_WIDTHS[state]);
      return n === 0 ? style.faint(text) : paintOf(state, style)(text);
    })
    .join('');
}

export function headings(states: readonly State[] = STATES): string {
  return states.map((state) => HEADINGS[state].padStart(COLUMN_WIDTHS[state])).join('');
}

const plain = (text: string): string => text;

function label(number: number | undefined, name: string): string {
  return `${number ?? ' '} ${name}`.padEnd(LABEL_WIDTH);
}

function bar(counts: Counts, width: number, { style, unicode }: PlanOptions): string {
  const signs = unicode ? BLOCKS : LETTERS;
  const parts = cellsOf(counts, width);
  if (totalOf(parts) === 0) return ' '.repeat(width);
  const drawn = STATES.filter((state) => parts[state] > 0);
  return drawn.map((state) => paintOf(state, style)(signs[state].repeat(parts[state]))).join('');
}

function paintOf(state: State, style: Style): (text: string) => string {
  const paints: Record<State, (text: string) => string> = {
    arrived: style.done,
    safe: style.good,
    review: style.warn,
    refused: style.bad,
    deferred: plain,
    left: plain,
  };
  return paints[state];
}

/** Phase 0 is one thing: its words are below. */
function dependencyRow({ dependency }: Migration, width: number, options: PlanOptions): string[] {
  if (!dependency) return [];
  const state = dependencyState(dependency);
  const words: Partial<Record<State, string>> = {
    arrived: 'nothing to do',
    safe: 'to be declared',
    refused: 'for a person',
  };
  const drawn = bar({ ...noCounts(), [state]: 1 }, width, options);
  if (options.width < ROOM_FOR_NUMBERS) return [label(0, 'dependency') + drawn];
  return [
    `${label(0, 'dependency')}${drawn}  ${paintOf(state, options.style)(words[state] ?? '')}`,
  ];
}

const MEANINGS: Readonly<Record<State, string>> = {
  arrived: 'on anyio already',
  safe: 'safe',
  review: 'to review',
  refused: 'refused',
  deferred: 'deferred or left',
  left: 'deferred or left',
};

function legend(counts: Counts, { width, style, unicode }: PlanOptions): string[] {
  const signs = unicode ? BLOCKS : LETTERS;
  const used = STATES.filter((state) => counts[state] > 0);
  const words = [...new Set(used.map((state) => `${signs[state]} ${MEANINGS[state]}`))];
  const line = words.join('   ');
  const lines = line.length <= width ? [line] : paragraph(words.join(', '), width);
  return lines.map((each) => style.faint(each));
}
