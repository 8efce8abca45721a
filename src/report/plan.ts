/** The plan: what each phase would do, what it would not, and why. */

import { PHASES } from '../phases.ts';
import type { Migration } from '../result.ts';
import { heldBack, isDeferred, isRefused, isRewritten } from './counts.ts';
import { count, listing, paragraph, plural, relativePath } from './layout.ts';
import { progressSection } from './plan-bars.ts';
import { filesSection } from './plan-files.ts';
import type { PlanOptions } from './plan-options.ts';
import {
  deferredSection,
  heldBackSection,
  leftSection,
  refusedSection,
  reviewSection,
} from './plan-sections.ts';
import { dependencySection, transformTable } from './plan-table.ts';

/** The whole plan, at most `width` columns wide but for long names; ends in a line feed. */
export function planReport(migration: Migration, options: PlanOptions): string {
  const blocks = [
    introduction(migration, options),
    progressSection(migration, options),
    dependencySection(migration, options),
    transformTable(migration, options),
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

function introduction(migration: Migration, options: PlanOptions): string[] {
  const { width } = options;
  const { account, filesSeen, filesWithUses } = migration;
  const files = plural(filesSeen, 'Python file');
  const arrived = (migration.arrived ?? []).reduce((sum, { uses }) => sum + uses, 0);
  const already = arrived > 0 ? `; ${plural(arrived, 'use')} of anyio already` : '';
  if (account.found === 0) return [`${files}, none with asyncio${already}.`];
  return [
    `${files}, ${count(filesWithUses)} with asyncio: ${plural(account.found, 'use')}${already}.`,
    ...paragraph(outlook(migration), width),
    ...paragraph(targetLine(migration), width),
    ...configLine(migration, options),
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

function configLine({ configFile }: Migration, { cwd, verbose }: PlanOptions): string[] {
  if (!verbose) return [];
  return configFile === undefined
    ? ['Configuration: none.']
    : [`Configuration: [tool.anyio-codemod] of ${relativePath(cwd, configFile)}.`];
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
  const commands = nextCommands(migration, options.commandLine);
  if (commands.length === 0) return nothingToDo(migration);
  const names = nextPhases(migration).map(
    (n) => PHASES.find((phase) => phase.number === n)?.name ?? `${n}`,
  );
  const { heading } = options.style;
  return ['', heading(`Next: ${listing(names)}`), ...commands.map((command) => `  ${command}`)];
}

/** What to do next, to look and to write; none when there is nothing to write. */
export function nextCommands(
  migration: Migration,
  commandLine: PlanOptions['commandLine'],
): string[] {
  const phases = nextPhases(migration);
  return phases.length === 0 ? [] : [commandLine('diff', phases), commandLine('apply', phases)];
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
