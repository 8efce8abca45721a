/** Plain prose and Python source as Markdown. */

/** Brackets with at most one pair inside. */
const CALL = String.raw`\((?:[^()\x60]|\([^()\x60]*\))*\)`;
/**
 * What is code in a sentence though nobody marked it: flags, names of the libraries, calls, names
 * with an underscore, exceptions.
 */
const CODE = new RegExp(
  `(?<![\\w\x60.@-])(?:${[
    '--[a-z]+(?:-[a-z]+)*',
    `(?:asyncio|anyio|uvloop|pytest|unittest|functools|inspect)(?:${CALL})?(?:\\.\\w+(?:${CALL})?)+`,
    `(?:\\w+\\.)*[A-Za-z_]\\w*${CALL}(?:\\.\\w+(?:${CALL})?)*`,
    `(?:\\w+\\.)*\\w*_\\w+(?:\\.\\w+)*`,
    '[A-Z]\\w*Error\\b',
  ].join('|')})`,
  'g',
);

/**
 * A sentence or several. What stands in backticks stays; names and calls get them; everything that
 * Markdown would take for a sign of its own is escaped.
 */
export function prose(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : marked(part)))
    .join('');
}

function marked(text: string): string {
  let at = 0;
  let result = '';
  for (const { 0: found, index } of text.matchAll(CODE)) {
    result += `${escaped(text.slice(at, index))}\`${found}\``;
    at = index + found.length;
  }
  return result + escaped(text.slice(at));
}

function escaped(text: string): string {
  return text.replaceAll(/[\\*_<[\]|]/g, '\\$&');
}

/** A block of source. The fence is longer than any in it. */
export function fence(text: string, language = ''): string[] {
  const inner = text.replace(/^\n+|\s+$/g, '');
  const ticks = '`'.repeat(
    Math.max(3, ...[...inner.matchAll(/`{3,}/g)].map(([run]) => run.length + 1)),
  );
  return [`${ticks}${language}`, ...inner.split('\n'), ticks];
}

/** A table. A bar would end a cell, also one in code. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll(/(?<!\\)\|/g, '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)];
}

/** The anchor that GitHub gives a heading. */
export function anchorOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

/** One page: its lines, parted as they are, and a line break at the end. */
export function page(...lines: readonly string[]): string {
  return `${lines.join('\n').trimEnd()}\n`;
}
