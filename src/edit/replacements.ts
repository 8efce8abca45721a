/** Collects replacements of one text and applies them, so that nothing else changes. */

import MagicString from 'magic-string';

interface Replacement {
  start: number;
  end: number;
  text: string;
}

/** Replacements over half-open ranges of UTF-16 offsets; an empty range inserts. */
export class Replacements {
  private readonly list: Replacement[] = [];

  constructor(readonly original: string) {}

  replace(start: number, end: number, text: string): void {
    if (this.original.slice(start, end) !== text) this.list.push({ start, end, text });
  }

  insert(at: number, text: string): void {
    this.replace(at, at, text);
  }

  remove(start: number, end: number): void {
    this.replace(start, end, '');
  }

  /**
   * The new text. Insertions at one place keep the order in which they were given.
   * @throws Error when two replacements overlap: a mistake of ours, never of the input.
   */
  apply(): string {
    const ordered = [...this.list].sort((a, b) => a.start - b.start || a.end - b.end);
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
