/** The part of the plan that names the files that would change. */

import type { FileChange, Migration } from '../result.ts';
import { applied, isRewritten } from './counts.ts';
import { count, groupBy, relativePath } from './layout.ts';
import type { PlanOptions } from './plan-options.ts';
import { workByFile } from './summary.ts';

/** More files than this are cut to the first few with the most work, unless all are asked for. */
const MOST_FILES = 20;
const FILES_SHOWN = 12;

export function filesSection(migration: Migration, options: PlanOptions): string[] {
  const { style } = options;
  const { changes } = migration;
  const withReview = new Set(changes.map((change) => change.path));
  for (const { use, verdict } of migration.judged.filter(isRewritten)) {
    if (verdict.edits.length > 0) withReview.add(use.file.path);
  }
  if (withReview.size === 0) return [];
  const more =
    withReview.size > changes.length ? ` (${count(withReview.size)} with --include-review)` : '';
  const isCut = changes.length > MOST_FILES && !options.verbose;
  const shown = isCut ? mostWork(migration).slice(0, FILES_SHOWN) : changes;
  const rest = changes.length - shown.length;
  return [
    style.heading(`Files: ${count(changes.length)} would change${more}`),
    ...fileRows(shown, migration, options).map(([name, work]) => name + style.faint(work)),
    ...(rest > 0 ? [`  and ${count(rest)} more with fewer uses (--verbose names each)`] : []),
  ];
}

/** Stable, so that the order is that of the paths where the work is the same. */
function mostWork(migration: Migration): FileChange[] {
  const uses = groupBy(applied(migration), (judged) => judged.use.file.path);
  const work = ({ path }: FileChange) => uses.get(path)?.length ?? 0;
  return [...migration.changes].sort((a, b) => work(b) - work(a));
}

/** Two columns; where a name is too long for its work to fit beside it, that goes below. */
function fileRows(
  changes: readonly FileChange[],
  migration: Migration,
  { cwd, width }: PlanOptions,
): [string, string][] {
  const work = workByFile(migration);
  const rows = changes.map((change): [string, string] => [
    `  ${relativePath(cwd, change.path)}`,
    work.get(change.path) ?? '',
  ]);
  const fits = rows.filter(([name, done]) => name.length + 2 + done.length <= width);
  const room = width - Math.max(0, ...fits.map(([, done]) => done.length));
  const longest = Math.max(0, ...fits.map(([name]) => name.length + 2));
  // Where not all can stand under each other, a column of some is no help.
  const column = longest <= room ? longest : 0;
  return rows.map(([name, done]) => {
    const wanted = Math.max(column, name.length + 2);
    return wanted + done.length <= width ? [name.padEnd(wanted), done] : [`${name}\n      `, done];
  });
}
