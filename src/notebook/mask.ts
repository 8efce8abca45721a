/** Cells as Python alone: what IPython adds is masked, and comes back when the text was rewritten. */

import { LogicalLines } from './logical-lines.ts';
import { cellMagic, lineMagic, type Magic } from './magics.ts';

/** A stretch of a cell that a mask stands for. */
export interface Mask {
  /** Where the mask begins in the masked text, a UTF-16 offset. */
  start: number;
  /** What stands in the masked text: Python that holds a word of its own, on as many lines. */
  text: string;
  original: string;
}

export interface MaskedCell {
  text: string;
  /** In their order. */
  masks: readonly Mask[];
  /** Whether a string, a bracket or a backslash is still open at the end. */
  isOpen: boolean;
}

/**
 * Masks what is no Python in the source of a code cell.
 *
 * @param word gives a word that stands nowhere in the notebook, another one at each call
 */
export function maskCell(source: string, word: () => string): MaskedCell {
  const masks: Mask[] = [];
  let text = '';
  let at = 0;
  const put = (magic: Magic) => {
    const original = source.slice(magic.start, magic.end);
    text += source.slice(at, magic.start);
    const mask = { start: text.length, text: maskText(magic, original, word()), original };
    masks.push(mask);
    text += mask.text;
    at = magic.end;
  };
  const lines = new LogicalLines(source);
  const whole = cellMagic(source);
  if (whole) put(whole);
  while (lines.start < source.length) {
    const magic = lines.start < at ? undefined : lineMagic(source, lines.start);
    if (magic) put(magic);
    // What follows on the line is Python, if anything does.
    if (lines.start < at) lines.skipTo(at);
    lines.pass();
  }
  return { text: text + source.slice(at), masks, isOpen: !lines.isWhole };
}

/**
 * A mask is a string, which import changes pass over as they do over a docstring; the names that a
 * magic may reach are handed to a function that nobody knows.
 */
function maskText({ kind, names }: Magic, original: string, word: string): string {
  const lines = original.match(/\r?\n/g)?.join('') ?? '';
  const handed = `get_ipython(${names.join(', ')})`;
  switch (kind) {
    case 'prefix':
      return `"${word}"; `;
    case 'value':
      return `get_ipython(${[`"${word}"`, ...names].join(', ')}${lines})`;
    default: {
      const quotes = lines === '' ? '"' : '"""';
      const call = names.length > 0 ? `{${handed}}` : '';
      return `${call ? 'f' : ''}${quotes}${word}${call}${lines}${quotes}`;
    }
  }
}

/**
 * Puts back what was masked.
 *
 * @param text the text of the cell, rewritten
 * @throws Error with one line, when a mask is not in it as it was, once and in its place
 */
export function unmask(text: string, masks: readonly Mask[]): string {
  let result = '';
  let at = 0;
  for (const mask of masks) {
    const found = text.indexOf(mask.text, at);
    const again = text.indexOf(mask.text, found + mask.text.length);
    if (found < 0 || again >= 0) {
      throw new Error(`the line \`${firstLine(mask.original)}\` would not stay as it is`);
    }
    result += text.slice(at, found) + mask.original;
    at = found + mask.text.length;
  }
  return result + text.slice(at);
}

function firstLine(text: string): string {
  return text.trim().split(/\r?\n/)[0] ?? '';
}
