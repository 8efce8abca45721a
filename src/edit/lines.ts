/** Lines of a text, by offset. Python ends a line at LF, CRLF and a lone CR. */

const LINE_END = /\r\n|\r|\n/;

/** Answers questions about the line that an offset lies in. Offsets are UTF-16 code units. */
export class TextLines {
  constructor(readonly text: string) {}

  /** Where the line of an offset starts; a BOM and a form feed are no part of the line. */
  start(offset: number): number {
    let at = offset;
    while (at > 0 && !isMark(this.text[at - 1])) at--;
    return at;
  }

  /** Where the line of an offset ends, its newline not counted. */
  end(offset: number): number {
    let at = offset;
    while (at < this.text.length && !isNewline(this.text[at])) at++;
    return at;
  }

  /** Where the next line starts: the end of the text in the last line. */
  next(offset: number): number {
    const end = this.end(offset);
    if (this.text.startsWith('\r\n', end)) return end + 2;
    return Math.min(end + 1, this.text.length);
  }

  /** Where the line before the line that starts at `start` starts; undefined in the first line. */
  previous(start: number): number | undefined {
    if (start === 0 || !isNewline(this.text[start - 1])) return undefined;
    const crlf = this.text.startsWith('\r\n', start - 2);
    return this.start(start - (crlf ? 2 : 1));
  }

  /** Whether the line of an offset holds nothing but spaces and tabs. A form feed is content. */
  isBlank(offset: number): boolean {
    const start = this.start(offset);
    const end = this.end(offset);
    return this.text[start - 1] !== '\f' && /^[ \t]*$/.test(this.text.slice(start, end));
  }

  /** What stands before an offset in its line. */
  before(offset: number): string {
    return this.text.slice(this.start(offset), offset);
  }

  /** What stands behind an offset in its line. */
  after(offset: number): string {
    return this.text.slice(offset, this.end(offset));
  }

  /** The newline to write beside an offset: the line's own, else its neighbour's, else the file's. */
  newline(offset: number): string {
    const end = this.end(offset);
    const own = this.text.slice(end, this.next(offset));
    if (own !== '') return own;
    const previous = this.previous(this.start(offset));
    if (previous !== undefined) return this.newline(previous);
    return LINE_END.exec(this.text)?.[0] ?? '\n';
  }

  /** How many blank lines end at `start`, the start of a line. */
  blanksBefore(start: number): { count: number; from: number; atTop: boolean } {
    let count = 0;
    let from = start;
    for (
      let up = this.previous(from);
      up !== undefined && this.isBlank(up);
      up = this.previous(from)
    ) {
      from = up;
      count++;
    }
    return { count, from, atTop: this.previous(from) === undefined };
  }

  /** How many blank lines begin at `start`, the start of a line. */
  blanksAfter(start: number): { count: number; to: number } {
    let count = 0;
    let to = start;
    while (to < this.text.length && this.isBlank(to)) {
      to = this.next(to);
      count++;
    }
    return { count, to };
  }
}

function isNewline(character: string | undefined): boolean {
  return character === '\n' || character === '\r';
}

function isMark(character: string | undefined): boolean {
  return isNewline(character) || character === '\uFEFF' || character === '\f';
}
