/** The closing words of `diff` and `apply`. */

import type { Migration } from '../result.ts';
import { applied, heldBack, isRefused, manifestChange, withheld } from './counts.ts';
import { count, groupBy, paragraph, plural, relativePath, tally } from './layout.ts';
import type { Style } from './style.ts';

export interface SummaryOptions {
  /** Absolute; file names are shown as seen from here. */
  cwd: string;
  /** In columns. */
  width: number;
  style: Style;
  /** `would`: a dry run. `did`: the files are written. */
  tense: 'would' | 'did';
  /** Name each file, however many there are. */
  verbose: boolean;
  /** The command line that shows the plan of the same files. */
  planCommand: string;
}

/** More files than this are only counted, unless asked for: the diff has named them already. */
const FILES_NAMED = 20;

/**
 * What changed a file each, then the sums, then what was refused.
 *
 * @returns lines without line feeds
 */
export function summary(migration: Migration, options: SummaryOptions): string[] {
  return [
    ...fileLines(migration, options),
    options.style.heading(sums(migration, options.tense)),
    ...restLines(migration, options),
  ];
}

/** `sleep x3, lock x1`, or what was done to a manifest or to settings, for each changed file, by absolute path. */
export function workByFile(migration: Migration): Map<string, string> {
  const byFile = groupBy(applied(migration), (judged) => judged.use.file.path);
  const work = new Map(
    [...byFile].map(([path, uses]) => [path, byTransform(uses.map((use) => use.transform ?? '?'))]),
  );
  for (const { path, note, added } of migration.changes) {
    const words = [work.get(path), note, added].filter((part) => part !== undefined);
    if (words.length > 0) work.set(path, words.join(', '));
  }
  const manifest = manifestChange(migration);
  if (manifest) work.set(manifest.path, manifest.note ?? migration.dependency?.message ?? '');
  return work;
}

function byTransform(ids: string[]): string {
  return tally(ids)
    .map(([id, times]) => `${id} x${times}`)
    .join(', ');
}

function fileLines(migration: Migration, options: SummaryOptions): string[] {
  const { changes } = migration;
  if (changes.length > FILES_NAMED && !options.verbose) return [];
  const verb = options.tense === 'would' ? 'would rewrite' : 'rewrote';
  const work = workByFile(migration);
  return changes.map((change) => {
    const done = work.get(change.path);
    const name = relativePath(options.cwd, change.path);
    return `${verb} ${name}${done ? options.style.faint(` (${done})`) : ''}`;
  });
}

function sums(migration: Migration, tense: 'would' | 'did'): string {
  const { account, changes } = migration;
  const parts = [
    `${plural(applied(migration).length, 'use')} rewritten`,
    `${count(account.refused)} refused`,
    `${count(account.deferred)} deferred`,
    `${count(account.left)} left`,
  ].join(', ');
  if (changes.length === 0)
    return `No file ${tense === 'would' ? 'would change' : 'changed'}: ${parts}.`;
  const files = plural(changes.length, 'file');
  return `${files} ${tense === 'would' ? 'would change' : 'changed'}: ${parts}.`;
}

function restLines(migration: Migration, options: SummaryOptions): string[] {
  const lines: string[] = [];
  const review = withheld(migration).length;
  if (review > 0) {
    lines.push(`${count(review)} more to review: see the plan, then add --include-review.`);
  }
  const back = heldBack(migration).length;
  if (back > 0) {
    lines.push(`${plural(back, 'safe rewrite')} held back: another use of the object cannot move.`);
  }
  const codes = tally(migration.judged.filter(isRefused).map((use) => use.verdict.diagnostic.code));
  if (codes.length > 0) {
    lines.push(`Refused: ${codes.map(([code, times]) => `${code} x${times}`).join(', ')}.`);
  }
  const wrapped = lines.flatMap((line) => paragraph(line, options.width, 0, 2));
  const more = review > 0 || codes.length > 0;
  return more ? [...wrapped, `Where and why: ${options.planCommand}`] : wrapped;
}
