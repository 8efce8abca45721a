/** What each transform finds: a row for each, under the columns of the bars. */

import type { Migration } from '../result.ts';
import { groupBy, paragraph, relativePath } from './layout.ts';
import { COLUMN_WIDTHS, cells, headings } from './plan-bars.ts';
import type { PlanOptions } from './plan-options.ts';
import { countsOf, STATES } from './progress.ts';

/** What a transform does not speak of: code that is on anyio already bears no name of one. */
const COLUMNS = STATES.filter((state) => state !== 'arrived');
const NUMBERS = COLUMNS.reduce((sum, state) => sum + COLUMN_WIDTHS[state], 0);

/** A row for each transform that judged a use, and one a phase for the names without any. */
export function transformTable(migration: Migration, { width, style }: PlanOptions): string[] {
  const room = Math.max(24, width - NUMBERS - 1);
  const byPhase = groupBy(migration.judged, (use) => use.phase);
  const phases = [...byPhase.keys()].sort((a, b) => (a ?? 99) - (b ?? 99));
  const rows = phases.flatMap((phase) => {
    const byTransform = groupBy(byPhase.get(phase) ?? [], (use) => use.transform);
    const place = (id: string | undefined) =>
      id === undefined ? Number.POSITIVE_INFINITY : migration.transforms.indexOf(id);
    const ids = [...byTransform.keys()].sort((a, b) => place(a) - place(b));
    return ids.map((id, at) => {
      const name = id ?? (phase === undefined ? 'other names' : '(no transform yet)');
      const label = `  ${at === 0 ? (phase ?? ' ') : ' '} ${name}`.padEnd(room);
      return label + cells(countsOf(byTransform.get(id) ?? []), style, COLUMNS);
    });
  });
  if (rows.length === 0) return [];
  const head = style.heading('By transform'.padEnd(room)) + style.faint(headings(COLUMNS));
  return [head, ...rows];
}

/** What phase 0 does to the manifest, or why not. */
export function dependencySection(migration: Migration, options: PlanOptions): string[] {
  const { dependency } = migration;
  if (!dependency) return [];
  const { style, width, cwd } = options;
  const where = dependency.file ? `${relativePath(cwd, dependency.file)}: ` : '';
  const refused = dependency.verdict === 'refuse' ? 'refused: ' : '';
  return [
    style.heading('Dependency'),
    ...paragraph(`${refused}${where}${dependency.message}`, width, 2, 2),
    ...(dependency.help ? paragraph(`do: ${dependency.help}`, width, 4, 4) : []),
  ];
}
