/** Putting words on a page of a given width. */

import { relative, sep } from 'node:path';

/** Breaks `text` at spaces so that no line is wider than `width`, unless one word is. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/**
 * A paragraph: `text` wrapped to `width`, each line indented by `indent` spaces, all but the first
 * by `hanging` more. Several paragraphs, parted by an empty line in `text`, stay parted.
 */
export function paragraph(text: string, width: number, indent = 0, hanging = 0): string[] {
  const blocks = text.trim().split(/\n\s*\n/);
  return blocks.flatMap((block, i) => {
    const lines = wrap(block, width - indent - hanging).map(
      (line, n) => ' '.repeat(indent + (n === 0 ? 0 : hanging)) + line,
    );
    return i === 0 ? lines : ['', ...lines];
  });
}

/** Two columns: a name in `nameWidth` columns, then its description, wrapped beside it. */
export function entry(name: string, text: string, nameWidth: number, width: number): string[] {
  const beside = wrap(text, width - nameWidth);
  const room = name.length <= nameWidth - 2;
  const first = room ? [name.padEnd(nameWidth) + (beside.shift() ?? '')] : [name];
  return [...first, ...beside.map((line) => ' '.repeat(nameWidth) + line)].map((line) =>
    line.trimEnd(),
  );
}

/** `1,617` */
export function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** `1 use`, `1,617 uses` */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c` */
export function listing(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}

/** `path` as seen from the folder `from`, with forward slashes. */
export function relativePath(from: string, path: string): string {
  return relative(from, path).split(sep).join('/');
}

/** The items under their keys, in the order in which the keys come up. */
export function groupBy<Item, Key>(
  items: Iterable<Item>,
  keyOf: (item: Item) => Key,
): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** The names with how often each comes up, most frequent first, then by name. */
export function tally(names: Iterable<string>): [name: string, times: number][] {
  const times = new Map<string, number>();
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
  return [...times].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}
