/** Two rewrites in one text: one moves or removes what the other changes. */

import type { PythonFile } from '../analysis/file.ts';
import { lineText } from '../syntax/lines.ts';
import type { Diagnostic, DiagnosticInfo, Edit, Piece, Use } from '../transform.ts';
import { isMovedText } from './needs.ts';
import type { Rewrite } from './types.ts';

/** For `explain`. */
export const REWRITES_OVERLAP: DiagnosticInfo = {
  code: 'rewrites-overlap',
  title: 'the rewrite would move text in which another one changes something',
  why:
    'A statement that becomes a block takes parts of itself to other lines, and another rewrite ' +
    'changes one of these parts. Only one of the two can be made at a time: run again, or give the ' +
    'part a name on a line before.',
};

/** The rewrites that move text which another one changes, the mover of each pair. */
export function overlaps(file: PythonFile, rewrites: readonly Rewrite[]): Map<Use, Diagnostic> {
  const all = rewrites.flatMap(({ use, verdict }) => verdict.edits.map((edit) => ({ use, edit })));
  const moved = all.flatMap(({ edit }) => edit.pieces.filter(isMovedText));
  // Text that moves takes the changes in it along, lines that move right those between them.
  const goesAlong = ({ start, end, pieces, lines, once }: Edit) =>
    lines ||
    once ||
    isBlank(file.text.slice(start, end), pieces) ||
    moved.some(({ from, to }) => start >= from && end <= to);
  const edits = all
    .filter(({ edit }) => !goesAlong(edit))
    .sort((a, b) => a.edit.start - b.edit.start || b.edit.end - a.edit.end);
  const refused = new Map<Use, Diagnostic>();
  let widest = edits[0];
  for (const each of edits.slice(1)) {
    if (widest && widest.use !== each.use && meet(widest.edit, each.edit)) {
      const mover = length(widest.edit) >= length(each.edit) ? widest : each;
      const other = mover === widest ? each : widest;
      refused.set(mover.use, diagnosticOf(file, other.use));
    }
    if (!widest || each.edit.end > widest.edit.end) widest = each;
  }
  return refused;
}

/** Whether an edit only moves a line: where the line goes, it is not missed. */
function isBlank(old: string, pieces: readonly Piece[]): boolean {
  return (
    pieces.every((piece) => typeof piece === 'string' && piece.trim() === '') && old.trim() === ''
  );
}

/** Whether `b`, which begins no earlier, changes what `a` replaces. */
function meet(a: Edit, b: Edit): boolean {
  return length(b) === 0 ? a.start < b.start && b.start < a.end : b.start < a.end;
}

function length({ start, end }: Edit): number {
  return end - start;
}

function diagnosticOf(file: PythonFile, other: Use): Diagnostic {
  const blocker = file.place(other.node);
  return {
    code: REWRITES_OVERLAP.code,
    message: `it would move text in which the rewrite of \`${other.name}\` in ${lineText(blocker)} changes something`,
    help: 'run again afterwards, or name the value on a line before',
    blocker,
  };
}
