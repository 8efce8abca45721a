/** Where the logical lines of a piece of Python begin: what stands there may be a command of IPython. */

const OPENING = '([{';
const CLOSING = ')]}';

/**
 * Walks over Python text from one logical line to the next. Strings, comments and brackets are told
 * apart without a parser, since the text may hold lines that are no Python.
 */
export class LogicalLines {
  private at = 0;
  private depth = 0;
  /** The quotes of a string that is open, none outside of strings. */
  private quotes = '';
  /** Whether the line ends in a backslash. */
  private isContinued = false;

  constructor(private readonly text: string) {}

  /** Where a logical line begins, as an offset; the text's length at the end. */
  get start(): number {
    return this.at;
  }

  /** Whether no string, bracket or backslash is open. */
  get isWhole(): boolean {
    return this.depth === 0 && this.quotes === '' && !this.isContinued;
  }

  /** Leaves out a stretch of the line that is no Python. */
  skipTo(offset: number): void {
    this.at = offset;
  }

  /** Goes on to the next logical line. */
  pass(): void {
    do this.passLine();
    while (!this.isWhole && this.at < this.text.length);
  }

  private passLine(): void {
    this.isContinued = false;
    for (let char = this.text[this.at]; char !== undefined; char = this.text[this.at]) {
      if (char === '\n') {
        this.at += 1;
        // A string in single quotes ends with its line.
        if (this.quotes.length === 1) this.quotes = '';
        return;
      }
      if (this.quotes !== '') this.passInString(char);
      else if (char === '#') this.at = endOfLine(this.text, this.at);
      else if (char === '\\') this.passBackslash();
      else this.passCode(char);
    }
  }

  private passInString(char: string): void {
    if (char === '\\') {
      // A line of a string in single quotes goes on behind a backslash.
      const two = this.text.slice(this.at + 1, this.at + 3);
      this.at += two === '\r\n' ? 3 : 2;
    } else if (this.text.startsWith(this.quotes, this.at)) {
      this.at += this.quotes.length;
      this.quotes = '';
    } else {
      this.at += 1;
    }
  }

  private passBackslash(): void {
    const end = endOfLine(this.text, this.at);
    if (this.text.slice(this.at + 1, end).trim() === '') {
      this.isContinued = true;
      this.at = end;
    } else {
      this.at += 1;
    }
  }

  private passCode(char: string): void {
    if (char === '"' || char === "'") {
      const triple = char.repeat(3);
      this.quotes = this.text.startsWith(triple, this.at) ? triple : char;
      this.at += this.quotes.length;
      return;
    }
    if (OPENING.includes(char)) this.depth += 1;
    if (CLOSING.includes(char)) this.depth = Math.max(0, this.depth - 1);
    this.at += 1;
  }
}

/** The offset of the newline that ends a line, or of the end of the text. */
function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}
