/** The tables of the plan: one for each phase, a row for each transform. */

import { PHASES, type Phase } from '../phases.ts';
import type { DependencyOutcome, Migration } from '../result.ts';
import type { Judged } from '../transform.ts';
import { count, groupBy, paragraph, relativePath } from './layout.ts';
import type { PlanOptions } from './plan-options.ts';
import type { Style } from './style.ts';

const COLUMNS = ['safe', 'review', 'refused', 'deferred', 'left'] as const;
type Column = (typeof COLUMNS)[number];
type Counts = Record<Column, number>;

const LABEL_WIDTH = 24;
const COLUMN_WIDTH = 10;

/** A block of lines for each phase that was selected or that a use belongs to. */
export function phaseTables(migration: Migration, options: PlanOptions): string[][] {
  const { style } = options;
  const byPhase = groupBy(migration.judged, (use) => use.phase);
  const tables: string[][] = [];
  if (migration.dependency) tables.push(dependencyTable(migration.dependency, options));
  for (const phase of PHASES) {
    const uses = byPhase.get(phase.number) ?? [];
    const rows = rowsOf(phase, uses, migration);
    if (rows.length > 0) tables.push(tableOf(`phase ${phase.number}  ${phase.name}`, rows, style));
  }
  const others = byPhase.get(undefined) ?? [];
  if (others.length > 0) {
    const row = { label: 'other names', counts: countsOf(others) };
    tables.push(tableOf('no phase', [row], style));
  }
  return tables;
}

interface Row {
  label: string;
  counts: Counts;
}

function rowsOf(phase: Phase, uses: readonly Judged[], migration: Migration): Row[] {
  if (phase.number === 0 && uses.length === 0) return [];
  const byTransform = groupBy(uses, (use) => use.transform);
  const ids = [...byTransform.keys()]
    .filter((id) => id !== undefined)
    .sort((a, b) => migration.transforms.indexOf(a) - migration.transforms.indexOf(b));
  const rows = ids.map((id) => ({ label: id, counts: countsOf(byTransform.get(id) ?? []) }));
  const unowned = byTransform.get(undefined);
  if (unowned) rows.push({ label: '(no transform yet)', counts: countsOf(unowned) });
  return rows.length > 0 || !migration.phases.includes(phase.number)
    ? rows
    : [{ label: '(not used here)', counts: countsOf([]) }];
}

function countsOf(uses: readonly Judged[]): Counts {
  const counts: Counts = { safe: 0, review: 0, refused: 0, deferred: 0, left: 0 };
  for (const use of uses) counts[columnOf(use)] += 1;
  return counts;
}

function columnOf({ verdict }: Judged): Column {
  if (verdict.kind === 'rewrite') return verdict.safety;
  return verdict.kind === 'refuse' ? 'refused' : verdict.kind === 'defer' ? 'deferred' : 'left';
}

function tableOf(title: string, rows: readonly Row[], style: Style): string[] {
  const columns = COLUMNS.map((name) => name.padStart(COLUMN_WIDTH)).join('');
  const head = style.heading(title.padEnd(LABEL_WIDTH)) + style.faint(columns);
  return [head, ...rows.map((row) => line(row, style))];
}

function line(row: Row, style: Style): string {
  const label = `  ${row.label}`.padEnd(LABEL_WIDTH);
  return label + COLUMNS.map((name) => cell(row.counts[name], name, style)).join('');
}

function cell(n: number, column: Column, style: Style): string {
  const text = (n === 0 ? '-' : count(n)).padStart(COLUMN_WIDTH);
  if (n === 0) return style.faint(text);
  if (column === 'safe') return style.good(text);
  if (column === 'review') return style.warn(text);
  return column === 'refused' ? style.bad(text) : text;
}

function dependencyTable(outcome: DependencyOutcome, options: PlanOptions): string[] {
  const { style, width, cwd } = options;
  const where = outcome.file ? `${relativePath(cwd, outcome.file)}: ` : '';
  const refused = outcome.verdict === 'refuse' ? 'refused: ' : '';
  return [
    style.heading('phase 0  dependency'),
    ...paragraph(`${refused}${where}${outcome.message}`, width, 2, 2),
    ...(outcome.help ? paragraph(`do: ${outcome.help}`, width, 4, 4) : []),
  ];
}
