/** From UTF-16 offsets to the lines and columns that people and editors count. */

import type { Position, Span } from '../transform.ts';

/** A line for a sentence: `line 12`, and `line 2 of cell 3` in a notebook. */
export function lineText({ line, cell }: { line: number; cell?: number }): string {
  return `line ${line}${cell === undefined ? '' : ` of cell ${cell}`}`;
}

/** Line starts of one text. Python ends a line at LF, CRLF and a lone CR. */
export class LineIndex {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) this.starts.push(at + 1);
    }
  }

  /** 1-based line and column (UTF-16 code units) of an offset. A BOM counts as no column. */
  at(offset: number): Pick<Position, 'line' | 'column' | 'cell' | 'fileLine'> {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.starts[low] ?? 0) + 1 };
  }

  position(span: Span): Position {
    const start = this.at(span.start);
    const end = this.at(span.end);
    return { ...start, endLine: end.line, endColumn: end.column };
  }
}
