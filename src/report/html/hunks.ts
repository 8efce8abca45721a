/** Which rewrites a hunk of the diff shows: what the page filters by. */

import type { FileChange, Migration } from '../../result.ts';
import type { Safety, Span } from '../../transform.ts';
import { applied, manifestChange, type Rewritten } from '../counts.ts';
import { groupBy } from '../layout.ts';
import { type Hunk, hunksOf } from '../unified.ts';

/** One kind of rewrite, as a hunk shows it. */
export interface Mark {
  transform: string;
  phase: number;
  safety: Safety;
  /** For review: what to look at. */
  note?: string;
}

export interface MarkedHunk extends Hunk {
  /** At least one, the same never twice. */
  marks: Mark[];
}

export interface MarkedFile {
  /** Absolute path. */
  path: string;
  hunks: MarkedHunk[];
}

/** The hunks of every changed file, each with the rewrites whose edits lie in it. */
export function markedFiles(migration: Migration): MarkedFile[] {
  const rewrites = groupBy(applied(migration), (judged) => judged.use.file.path);
  const manifest = manifestChange(migration);
  return migration.changes.map((change) => {
    const mine = rewrites.get(change.path) ?? [];
    const rest = marksOf(mine).length > 0 ? marksOf(mine) : [besides(change, manifest)];
    const reach = reachOf(change, mine);
    const hunks = hunksOf(change).map((hunk) => {
      // A hunk in which nothing is rewritten is of the imports, which all of the file need.
      const found = marksOf(reach.in(hunk));
      return { ...hunk, marks: found.length > 0 ? found : rest };
    });
    return { path: change.path, hunks };
  });
}

/** What a change is that no use stands for: of the manifest, of pytest's settings, a fixture. */
function besides(change: FileChange, manifest: FileChange | undefined): Mark {
  return change === manifest
    ? { transform: 'dependency', phase: 0, safety: 'safe' }
    : { transform: 'pytest', phase: 6, safety: 'safe' };
}

function marksOf(rewrites: readonly Rewritten[]): Mark[] {
  const marks = new Map<string, Mark>();
  for (const { transform, phase, verdict } of rewrites) {
    const { safety } = verdict;
    const note = safety === 'review' ? verdict.note : undefined;
    const mark = {
      transform: transform ?? '?',
      phase: phase ?? 0,
      safety,
      ...(note ? { note } : {}),
    };
    marks.set(JSON.stringify(mark), mark);
  }
  return [...marks.values()];
}

/** Finds the rewrites that change a line of a hunk. */
function reachOf(change: FileChange, rewrites: readonly Rewritten[]) {
  const lines = lineStarts(change.before);
  const reach = rewrites.map((rewrite) => ({
    rewrite,
    ranges: spansOf(rewrite).map(({ start, end }) => [
      lineOf(rewrite, lines, start),
      lineOf(rewrite, lines, end),
    ]),
  }));
  return {
    in(hunk: Hunk): Rewritten[] {
      const last = hunk.oldStart + Math.max(0, hunk.oldLines - 1);
      const isHit = ([from = 0, to = 0]: number[]) => from <= last && to >= hunk.oldStart;
      return reach.filter(({ ranges }) => ranges.some(isHit)).map(({ rewrite }) => rewrite);
    },
  };
}

/** The line of the file; what is rewritten of a notebook is the text of its cells. */
function lineOf({ use: { file } }: Rewritten, lines: readonly number[], offset: number): number {
  return file.info?.notebook ? (file.lines.at(offset).fileLine ?? 1) : lineAt(lines, offset);
}

/** Where the edits are, which may be in the statement around the use; the use itself if it has none. */
function spansOf({ use, verdict }: Rewritten): readonly Span[] {
  return verdict.edits.length > 0 ? verdict.edits : [use.span];
}

/** The offset at which each line begins; only a line feed ends one, as in the diff. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The 1-based line of an offset, by halves. */
function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}
