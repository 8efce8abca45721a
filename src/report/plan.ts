/** The plan: what each phase would do, what it would not, and why. */

import { PHASES } from '../phases.ts';
import type { Migration } from '../result.ts';
import { heldBack, isDeferred, isRefused, isRewritten } from './counts.ts';
import { count, listing, paragraph, plural, relativePath } from './layout.ts';
import type { PlanOptions } from './plan-options.ts';
import {
  deferredSection,
  heldBackSection,
  leftSection,
  refusedSection,
  reviewSection,
} from './plan-sections.ts';
import { phaseTables } from './plan-table.ts';
import { workByFile } from './summary.ts';

/** The whole plan, at most `width` columns wide but for long names; ends in a line feed. */
export function planReport(migration: Migration, options: PlanOptions): string {
  const blocks = [
    introduction(migration, options),
    ...phaseTables(migration, options),
    refusedSection(migration, options),
    heldBackSection(migration, options),
    reviewSection(migration, options),
    deferredSection(migration, options),
    leftSection(migration, options),
    filesSection(migration, options),
    closing(migration, options),
  ];
  const shown = blocks.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function introduction(migration: Migration, { width }: PlanOptions): string[] {
  const { account, filesSeen, filesWithUses } = migration;
  const files = plural(filesSeen, 'Python file');
  if (account.found === 0) return [`${files}, none with asyncio.`];
  return [
    `${files}, ${count(filesWithUses)} with asyncio: ${plural(account.found, 'use')}.`,
    ...paragraph(outlook(migration), width),
    ...paragraph(targetLine(migration), width),
  ];
}

/** The account in words, for who reads no further; what is zero is not said. */
function outlook({ account }: Migration): string {
  const parts: [number, string][] = [
    [account.safe, 'can be rewritten'],
    [account.review, 'can after a look'],
    [account.refused, account.refused === 1 ? 'is refused' : 'are refused'],
    [account.deferred, account.deferred === 1 ? 'waits for its phase' : 'wait for their phase'],
    [account.left, 'can stay'],
  ];
  const said = parts.filter(([n]) => n > 0).map(([n, words]) => `${count(n)} ${words}`);
  return `${listing(said)}.`;
}

function targetLine({ target }: Migration): string {
  const anyio = target.anyio ? `anyio ${target.anyio} or later` : 'anyio, any version from 4.0';
  const source = target.anyio && target.anyioSource ? ` (${target.anyioSource})` : '';
  const python = target.python ? `, Python ${target.python} or later` : '';
  return `Target: ${anyio}${source}${python}.`;
}

function filesSection(migration: Migration, { cwd, width, style }: PlanOptions): string[] {
  const { changes } = migration;
  const withReview = new Set(changes.map((change) => change.path));
  for (const { use, verdict } of migration.judged.filter(isRewritten)) {
    if (verdict.edits.length > 0) withReview.add(use.file.path);
  }
  if (withReview.size === 0) return [];
  const more =
    withReview.size > changes.length ? ` (${count(withReview.size)} with --include-review)` : '';
  return [
    style.heading(`Files: ${count(changes.length)} would change${more}`),
    ...fileRows(migration, cwd, width).map(([name, work]) => name + style.faint(work)),
  ];
}

/** Two columns; where a name is too long for its work to fit beside it, that goes below. */
function fileRows(migration: Migration, cwd: string, width: number): [string, string][] {
  const work = workByFile(migration);
  const rows = migration.changes.map((change): [string, string] => [
    `  ${relativePath(cwd, change.path)}`,
    work.get(change.path) ?? '',
  ]);
  const fits = rows.filter(([name, done]) => name.length + 2 + done.length <= width);
  const room = width - Math.max(0, ...fits.map(([, done]) => done.length));
  const column = Math.min(room, Math.max(0, ...fits.map(([name]) => name.length + 2)));
  return rows.map(([name, done]) => {
    const wanted = Math.max(column, name.length + 2);
    return wanted + done.length <= width ? [name.padEnd(wanted), done] : [`${name}\n      `, done];
  });
}

function closing(migration: Migration, options: PlanOptions): string[] {
  return [...accountLines(migration, options.width), ...nextStep(migration, options)];
}

/**
 * `uses found 383 = rewritten 120 (safe 100, review 20) + refused 13 + deferred 200 + left 50`, on
 * two lines where it is wider than the page.
 */
export function accountLines({ account }: Migration, width: number): string[] {
  const { found, rewritten, safe, review, refused, deferred, left } = account;
  const sum = `uses found ${found} = rewritten ${rewritten} (safe ${safe}, review ${review})`;
  const rest = `+ refused ${refused} + deferred ${deferred} + left ${left}`;
  const line = `${sum} ${rest}`;
  return line.length <= width ? [line] : [sum, `${' '.repeat(sum.indexOf('='))}${rest}`];
}

function nextStep(migration: Migration, options: PlanOptions): string[] {
  const phases = nextPhases(migration);
  if (phases.length === 0) return nothingToDo(migration);
  const names = phases.map((n) => PHASES.find((phase) => phase.number === n)?.name ?? `${n}`);
  const { heading } = options.style;
  return [
    '',
    heading(`Next: ${listing(names)}`),
    `  ${options.commandLine('diff', phases)}`,
    `  ${options.commandLine('apply', phases)}`,
  ];
}

/** The first phase with something to write, together with phase 0 where anyio is not declared. */
function nextPhases(migration: Migration): number[] {
  const writes = migration.judged.filter((use) => use.applied && use.phase !== undefined);
  const first = Math.min(...writes.map((use) => use.phase ?? Number.POSITIVE_INFINITY));
  const phases = migration.dependency?.verdict === 'rewrite' ? [0] : [];
  return Number.isFinite(first) ? [...new Set([...phases, first])] : phases;
}

function nothingToDo(migration: Migration): string[] {
  const waits = migration.judged.some((use) => isDeferred(use) || isRefused(use));
  const review = migration.judged.some((use) => isRewritten(use) && !use.applied);
  if (heldBack(migration).length > 0 || (!waits && !review)) return ['', 'Nothing to write.'];
  if (review) return ['', 'Nothing to write without --include-review.'];
  return ['', 'Nothing to write: what is left waits for a person or for a later phase.'];
}
