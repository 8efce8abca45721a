/**
 * A Jupyter notebook (nbformat 4) as one Python text, and the way back: the code cells one behind
 * the other, since a name that one of them imports is used in the next.
 *
 * Between two cells stands a string on a line of its own, which no change of imports or statements
 * reaches over. Of the file only the `source` of cells that change is written anew; each other byte
 * stays.
 */

import { getNodeValue, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { LineIndex } from '../syntax/lines.ts';
import { CellLines, type CellRange } from './lines.ts';
import { respell, type SourceLiteral } from './literals.ts';
import { type MaskedCell, maskCell, unmask } from './mask.ts';

/** Why a notebook cannot be read, for a person. */
export class NotebookError extends Error {
  constructor(
    message: string,
    /** 1-based, where the fault lies in one cell. */
    readonly cell?: number,
  ) {
    super(message);
  }
}

interface CodeCell {
  number: number;
  source: SourceLiteral;
  masked: MaskedCell;
}

export class Notebook {
  /** All code cells as one Python text. Ends with a newline, if there are any. */
  readonly text: string;
  private readonly cells: readonly Omit<CellRange, 'fileLines'>[];
  private readonly separators: readonly string[];

  private constructor(
    /** The file's own text. */
    readonly raw: string,
    private readonly code: readonly CodeCell[],
    /** Stands in what was put in, and nowhere else. */
    private readonly stem: string,
    word: () => string,
  ) {
    const cells: Omit<CellRange, 'fileLines'>[] = [];
    const separators: string[] = [];
    let text = '';
    for (const { number, masked } of code) {
      if (cells.length > 0) {
        separators.push(`"${word()}"\n`);
        text += separators.at(-1);
      }
      const { masks } = masked;
      cells.push({ number, start: text.length, end: text.length + masked.text.length, masks });
      text += `${masked.text}\n`;
    }
    this.text = text;
    this.cells = cells;
    this.separators = separators;
  }

  /**
   * Reads a notebook.
   *
   * @param raw the text of the file
   * @returns undefined for one in another language than Python
   * @throws NotebookError when it is none, of another nbformat than 4, or a cell does not end
   */
  static read(raw: string): Notebook | undefined {
    const root = rootOf(raw);
    const format = valueAt(root, 'nbformat');
    if (typeof format !== 'number' || !Number.isInteger(format)) {
      throw new NotebookError('not a Jupyter notebook: it names no nbformat');
    }
    if (!isPython(root)) return undefined;
    if (format !== 4) {
      const help = 'save it anew in Jupyter, or use `jupyter nbconvert --to notebook --inplace`';
      throw new NotebookError(`nbformat ${format} is not read here, only 4 is; ${help}`);
    }
    const stem = stemFor(raw);
    let count = 0;
    const word = () => `${stem}${++count}`;
    const code = codeCells(root).map(({ number, source }) => {
      const masked = maskCell(source.value, word);
      if (masked.isOpen) throw new NotebookError('the cell ends within a statement', number);
      return { number, source, masked };
    });
    return new Notebook(raw, code, stem, word);
  }

  /** Lines and columns within the cells of `text`. */
  get lines(): CellLines {
    const file = new LineIndex(this.raw);
    const cells = this.cells.map((cell, at) => {
      const source = this.code[at]?.source;
      return { ...cell, fileLines: source ? fileLinesOf(source, file) : [] };
    });
    return new CellLines(this.text, cells);
  }

  /** What a code cell holds, by its number among all cells. */
  sourceOf(cell: number): string | undefined {
    return this.code.find(({ number }) => number === cell)?.source.value;
  }

  /** Whether a stretch of `text` stands for something that is no Python. */
  isMasked(start: number, end: number): boolean {
    const cell = this.cells.findLast((each) => each.start <= start);
    return (
      cell?.masks.some((mask) => {
        const from = cell.start + mask.start;
        return from <= start && end <= from + mask.text.length;
      }) ?? false
    );
  }

  /**
   * The file's text with new cells.
   *
   * @param text a rewritten `text`
   * @throws Error with one line, when the cells cannot be told apart in it, or what has to stay
   *   would not
   */
  rawWith(text: string): string {
    const sources = this.sourcesOf(text);
    let raw = this.raw;
    for (const [at, { source }] of [...this.code.entries()].reverse()) {
      const now = sources[at] ?? '';
      if (now === source.value) continue;
      raw = raw.slice(0, source.start) + respell(this.raw, source, now) + raw.slice(source.end);
    }
    this.assertSame(raw, sources);
    return raw;
  }

  /**
   * The cells of a text, as Python that has no magics in it.
   *
   * @throws Error as `rawWith` does
   */
  pythonOf(text: string): { cell: number; text: string }[] {
    return this.parts(text).map((part, at) => ({ cell: this.code[at]?.number ?? 0, text: part }));
  }

  private sourcesOf(text: string): string[] {
    return this.parts(text).map((part, at) => {
      const { source, masked } = this.code[at] as CodeCell;
      return part === masked.text ? source.value : unmask(tidied(part, masked.text), masked.masks);
    });
  }

  private parts(text: string): string[] {
    const parts: string[] = [];
    let rest = text;
    for (const separator of this.separators) {
      const at = `\n${rest}`.indexOf(`\n${separator}`);
      if (at < 0) throw new Error(LOST);
      parts.push(rest.slice(0, at));
      rest = rest.slice(at + separator.length);
    }
    if (this.code.length > 0) parts.push(rest);
    return parts.map((part) => (part.endsWith('\n') ? part.slice(0, -1) : part));
  }

  /** A last look: but for the sources of the cells, the two files say the same. */
  private assertSame(raw: string, sources: readonly string[]): void {
    const root = rootOf(raw);
    const now = new Map(codeCells(root).map(({ number, source }) => [number, source.value]));
    const isAsMeant = this.code.every(({ number }, at) => (now.get(number) ?? '') === sources[at]);
    const isWhole = !sources.some((source) => source.includes(this.stem));
    const isOld = withoutSources(root) === withoutSources(rootOf(this.raw));
    if (!isAsMeant || !isWhole || !isOld) throw new Error(LOST);
  }
}

const LOST = 'the cells of the notebook cannot be told apart in the new text';

/** A beginning for words that stand nowhere in a text. */
function stemFor(raw: string): string {
  let stem = 'ipython-';
  while (raw.includes(stem)) stem += '-';
  return stem;
}

/** Blank lines that an import leaves at the edge of a cell go, unless the cell had some. */
function tidied(text: string, before: string): string {
  const top = /^[ \t]*\r?\n/.test(before) ? text : text.replace(/^(?:[ \t]*\r?\n)+/, '');
  return /\n[ \t\r]*$/.test(before) ? top : top.replace(/(?:\r?\n[ \t]*)+$/, '');
}

/** The line of the file that each line of a source is written in. */
function fileLinesOf({ strings }: SourceLiteral, file: LineIndex): number[] {
  const lines: number[] = [];
  let begins = true;
  for (const { start, value } of strings) {
    const { line } = file.at(start);
    for (const part of value.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      if (begins) lines.push(line);
      begins = part.endsWith('\n');
    }
  }
  return lines;
}

// -- JSON ------------------------------------------------------------------------------------------

function rootOf(raw: string): Node {
  const errors: ParseError[] = [];
  const root = parseTree(raw, errors, { disallowComments: true });
  if (!root || errors.length > 0 || root.type !== 'object') {
    throw new NotebookError('not a Jupyter notebook: it is not a JSON object');
  }
  return root;
}

function child(node: Node | undefined, key: string): Node | undefined {
  if (node?.type !== 'object') return undefined;
  // What a reader of JSON takes when a key stands twice is the last.
  return node.children?.findLast((each) => each.children?.[0]?.value === key)?.children?.[1];
}

function valueAt(node: Node, ...path: readonly string[]): unknown {
  return path.reduce<Node | undefined>(child, node)?.value;
}

/** Whether the cells are Python; a notebook that names no language is taken for it. */
function isPython(root: Node): boolean {
  const named =
    valueAt(root, 'metadata', 'language_info', 'name') ??
    valueAt(root, 'metadata', 'kernelspec', 'language') ??
    'python';
  return /^i?python\d?$/i.test(String(named));
}

/** The code cells that hold something, with their numbers among all cells. */
function codeCells(root: Node): { number: number; source: SourceLiteral }[] {
  const cells = child(root, 'cells')?.children ?? [];
  return cells.flatMap((cell, index) => {
    const node = child(cell, 'source');
    if (valueAt(cell, 'cell_type') !== 'code' || !node) return [];
    const strings = node.type === 'array' ? (node.children ?? []) : [node];
    if (strings.some(({ type }) => type !== 'string')) {
      throw new NotebookError(
        'the source of a cell is neither a text nor a list of lines',
        index + 1,
      );
    }
    const value = strings.map((each) => each.value).join('');
    if (value === '') return [];
    const ranges = strings.map((each) => ({
      start: each.offset,
      end: each.offset + each.length,
      value: String(each.value),
    }));
    const { offset, length } = node;
    const isList = node.type === 'array';
    const source = { value, start: offset, end: offset + length, strings: ranges, isList };
    return [{ number: index + 1, source }];
  });
}

function withoutSources(root: Node): string {
  const value = getNodeValue(root);
  for (const cell of value.cells ?? []) if (cell.cell_type === 'code') delete cell.source;
  return JSON.stringify(value);
}
