/** Texts of a JSON file with the very characters that spell them, so that what stays stays as it is. */

/** One line of a text, its newline included. */
interface SpelledLine {
  value: string;
  /** How the file spells it, without quotes. */
  raw: string;
}

/** A `source` of a cell as the file has it. */
export interface SourceLiteral {
  /** The text of the cell. */
  value: string;
  /** Half-open range of the JSON value in the file. */
  start: number;
  end: number;
  /** The ranges of its string literals, quotes included: the list's items, or the only one. */
  strings: readonly { start: number; end: number; value: string }[];
  isList: boolean;
}

/**
 * The JSON of a new text in place of an old one. Lines that were there before are spelled as they
 * were, and a list keeps its indentation.
 *
 * @param raw the file
 */
export function respell(raw: string, old: SourceLiteral, text: string): string {
  const known = new Map<string, string>();
  for (const { start, end } of old.strings) {
    for (const { value, raw: spelled } of spelledLines(raw.slice(start + 1, end - 1))) {
      known.set(value, spelled);
    }
  }
  const isAscii = escapesAll(raw);
  const lines = linesOf(text).map((line) => known.get(line) ?? spell(line, isAscii));
  if (!old.isList) return `"${lines.join('')}"`;
  return joinList(
    raw,
    old,
    lines.map((line) => `"${line}"`),
  );
}

function joinList(raw: string, old: SourceLiteral, items: readonly string[]): string {
  const [first, second] = old.strings;
  const last = old.strings.at(-1);
  if (!first || !last || items.length === 0) return `[${items.join(', ')}]`;
  const lead = raw.slice(old.start + 1, first.start);
  const between = second ? raw.slice(first.end, second.start) : `,${lead || blankIn(raw)}`;
  return `[${lead}${items.join(between)}${raw.slice(last.end, old.end - 1)}]`;
}

/** The blank behind a comma, where the file has one behind the colon of its first key. */
function blankIn(raw: string): string {
  return /^\s*\{\s*"[^"]*":\s/.test(raw) ? ' ' : '';
}

/** A text as Jupyter splits it: each line ends with its newline. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function spelledLines(literal: string): SpelledLine[] {
  const lines: SpelledLine[] = [];
  let raw = '';
  for (const [token] of literal.matchAll(/\\u[0-9a-fA-F]{4}|\\.|[^\\]+/g)) {
    raw += token;
    if (token !== '\\n') continue;
    lines.push({ raw, value: decoded(raw) });
    raw = '';
  }
  if (raw !== '') lines.push({ raw, value: decoded(raw) });
  return lines;
}

function decoded(raw: string): string {
  return JSON.parse(`"${raw}"`);
}

/** Whether a file writes all that is not ASCII as escapes, as `json.dump` does unless told otherwise. */
function escapesAll(raw: string): boolean {
  const escaped = /\\u(?!00[0-7])[0-9a-fA-F]{4}/.test(raw);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is meant
  return escaped && !/[^\x00-\x7F]/.test(raw);
}

function spell(line: string, isAscii: boolean): string {
  const literal = JSON.stringify(line).slice(1, -1);
  return isAscii ? literal.replace(/[^ -~]/g, asEscape) : literal;
}

function asEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
