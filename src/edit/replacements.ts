/** Collects replacements of one text and applies them, so that nothing else changes. */

import MagicString from 'magic-string';

interface Replacement {
  start: number;
  end: number;
  text: string;
}

/** A range whose lines move to the right. */
interface Shift {
  start: number;
  end: number;
  blanks: string;
  /** Where its lines begin. */
  lines: readonly number[];
}

/** Replacements over half-open ranges of UTF-16 offsets; an empty range inserts. */
export class Replacements {
  private readonly list: Replacement[] = [];
  private readonly shifts: Shift[] = [];

  constructor(readonly original: string) {}

  replace(start: number, end: number, text: string): void {
    if (this.original.slice(start, end) !== text) this.list.push({ start, end, text });
  }

  /** A replacement that several ask for in the same words, and that is made once. */
  replaceOnce(start: number, end: number, text: string): void {
    const isKnown = this.list.some(
      (each) => each.start === start && each.end === end && each.text === text,
    );
    if (!isKnown) this.replace(start, end, text);
  }

  insert(at: number, text: string): void {
    this.replace(at, at, text);
  }

  remove(start: number, end: number): void {
    this.replace(start, end, '');
  }

  /**
   * Moves the lines of `[start, end)` to the right, with what others write on lines of its own there.
   *
   * @param lines the offsets at which its lines begin; one that another replacement takes away is
   *   passed over
   */
  shift(start: number, end: number, blanks: string, lines: readonly number[]): void {
    this.shifts.push({ start, end, blanks, lines });
  }

  /**
   * The new text. Insertions at one place keep the order in which they were given.
   * @throws Error when two replacements overlap: a mistake of ours, never of the input.
   */
  apply(): string {
    const ordered = this.shifted().sort((a, b) => a.start - b.start || a.end - b.end);
    this.assertApart(ordered);
    const result = new MagicString(this.original);
    // Ranges first: magic-string drops what was inserted at the edge of a range edited later.
    for (const { start, end, text } of ordered) {
      if (start < end && text === '') result.remove(start, end);
      else if (start < end) result.update(start, end, text);
    }
    for (const { start, end, text } of ordered) if (start === end) result.appendLeft(start, text);
    return result.toString();
  }

  /** The replacements, those of the shifts among them. */
  private shifted(): Replacement[] {
    const written = this.list.map((each) => {
      const blanks = this.shifts
        .filter(({ start, end }) => start <= each.start && each.start < end)
        .map((shift) => shift.blanks);
      // A blank line stays without blanks.
      const text = each.text.replaceAll(/\n(?!\r?\n)/g, `\n${blanks.join('')}`);
      return { ...each, text };
    });
    const taken = (at: number) =>
      this.list.some(({ start, end, text }) => {
        const endsLine = end === at && text.endsWith('\n');
        return start < at && at <= end && !endsLine;
      });
    const inserted = this.shifts.flatMap(({ blanks, lines }) =>
      lines.filter((at) => !taken(at)).map((at) => ({ start: at, end: at, text: blanks })),
    );
    return [...written, ...inserted];
  }

  private assertApart(ordered: readonly Replacement[]): void {
    let reached = 0;
    for (const { start, end, text } of ordered) {
      if (start < reached || end < start) {
        throw new Error(`overlapping edits at offset ${start}: ${JSON.stringify(text)}`);
      }
      reached = Math.max(reached, end);
    }
  }
}
