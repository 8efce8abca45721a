/** Places in a notebook as a person counts them: by the cell, and by the lines in it. */

import { LineIndex } from '../syntax/lines.ts';
import type { Mask } from './mask.ts';

/** Where a code cell lies in the text that all code cells make together. */
export interface CellRange {
  /** 1-based, among all cells of the notebook. */
  number: number;
  /** Half-open, in UTF-16 code units; the newline that was put behind the cell is not in it. */
  start: number;
  end: number;
  masks: readonly Mask[];
  /** The lines of the file in which its lines are written, 1-based. */
  fileLines: readonly number[];
}

export class CellLines extends LineIndex {
  constructor(
    text: string,
    private readonly cells: readonly CellRange[],
  ) {
    super(text);
  }

  /** The place in a cell that a line of the file writes, where it does. */
  inFile(line: number): { cell: number; line: number } | undefined {
    for (const { number, fileLines } of this.cells) {
      const at = fileLines.indexOf(line);
      if (at >= 0) return { cell: number, line: at + 1 };
    }
    return undefined;
  }

  override at(offset: number): ReturnType<LineIndex['at']> {
    const place = super.at(offset);
    const cell = this.cells.findLast(({ start }) => start <= offset) ?? this.cells[0];
    if (!cell) return place;
    const line = place.line - super.at(cell.start).line + 1;
    const column = place.column - maskedBefore(cell, offset, offset - place.column + 1);
    const fileLine = cell.fileLines[line - 1] ?? cell.fileLines.at(-1);
    return { line, column, cell: cell.number, ...(fileLine ? { fileLine } : {}) };
  }
}

/** How many columns masks add to a line in front of an offset. */
function maskedBefore(cell: CellRange, offset: number, lineStart: number): number {
  let added = 0;
  for (const mask of cell.masks) {
    const start = cell.start + mask.start;
    if (start < lineStart || start >= offset) continue;
    const end = start + mask.text.length;
    added += offset < end ? offset - start : mask.text.length - mask.original.length;
  }
  return added;
}
