/** What a person answers: rewrites that are one decision, with a name that outlives the run. */

import { createHash } from 'node:crypto';
import { siteKey, siteOf } from '../site.ts';
import type { Edit, Judged, Piece, Safety, Use } from '../transform.ts';
import type { Unit } from '../units.ts';

/** One decision. */
export interface Item {
  /**
   * The site of its first use, a hash of the lines it stands on and of what they become, and a
   * number where several are alike in all of this. The same tomorrow, wherever the lines have moved.
   */
  key: string;
  /** In the order of the migration. */
  judged: readonly Judged[];
  /** `review` when one of its rewrites is. */
  safety: Safety;
  /** The ids of the transforms. */
  transforms: ReadonlySet<string>;
  /** Absolute paths of the files in which it stands. */
  paths: ReadonlySet<string>;
}

/**
 * The units as what is asked about.
 *
 * @param root absolute path of the project's root
 * @param style the import style asked for, which an answer is to a part of
 */
export function itemsOf(units: readonly Unit[], root: string, style: string): Item[] {
  const seen = new Map<string, number>();
  return units.map(({ judged }) => {
    const key = keyOf(judged, root, style);
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return {
      key: times > 1 ? `${key}#${times}` : key,
      judged,
      safety: judged.some(
        ({ verdict }) => verdict.kind === 'rewrite' && verdict.safety === 'review',
      )
        ? 'review'
        : 'safe',
      transforms: new Set(judged.map(({ transform }) => transform ?? '')),
      paths: new Set(judged.map(({ use }) => use.file.path)),
    };
  });
}

/** A key without its number, and the number. */
export function partsOfKey(key: string): { kind: string; number: number } {
  const [, kind = key, number = '1'] = /^(.*@[0-9a-f]{12})(?:#(\d+))?$/s.exec(key) ?? [];
  return { kind, number: Number(number) };
}

/** A short hash of anything that JSON can say. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}

function keyOf(judged: readonly Judged[], root: string, style: string): string {
  const facts = judged.map(({ use, verdict }) => {
    if (verdict.kind !== 'rewrite') return [];
    const { safety, note = '', edits } = verdict;
    const texts = edits.map(({ pieces }) => pieces.map((piece) => textOf(piece, use)));
    return [siteKey(siteOf(use, root)), linesOf(use, edits), texts, safety, note];
  });
  const [first] = judged;
  return `${first ? siteKey(siteOf(first.use, root)) : ''}@${hashOf([style, facts])}`;
}

/** The lines of a file that a use and its edits stand on, each edit's by itself. */
function linesOf(use: Use, edits: readonly Edit[]): string[] {
  const { text } = use.file;
  const lines = [use.span, ...edits].map(({ start, end }) => {
    const stop = text.indexOf('\n', end);
    return plain(text.slice(text.lastIndexOf('\n', start - 1) + 1, stop < 0 ? undefined : stop));
  });
  return [...new Set(lines)];
}

function textOf(piece: Piece, use: Use): string {
  if (typeof piece === 'string') return piece;
  if ('from' in piece) return plain(use.file.text.slice(piece.from, piece.to));
  return `${piece.module}:${piece.name ?? ''}`;
}

/** Without what another answer changes in a line: the library that a name is taken from, the indent. */
function plain(text: string): string {
  return text
    .replace(/\b(?:asyncio|anyio)\./g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
