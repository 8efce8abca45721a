/** What yargs cannot tell: whether the word behind a flag is its value, where it needs none. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { nearest } from '../usage.ts';
import { ALL_FLAGS, type Flag } from './flags.ts';

const SWITCHES = new Set(ALL_FLAGS.filter(({ value }) => !value).map(({ short }) => short));

/**
 * The words with the value of each flag that may stand alone (`--commit`) joined to it. The word
 * behind it is taken for its value if it is one, or nearly one and no path; so a path may follow.
 *
 * @param cwd absolute
 */
export function withValues(words: readonly string[], cwd: string): string[] {
  const result: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') return [...result, ...words.slice(at)];
    const flag = ALL_FLAGS.find((each) => each.alone !== undefined && isTyped(each, word));
    if (!flag?.choices) {
      result.push(word);
      continue;
    }
    // Of -nc, the letters before are flags of their own.
    if (/^-\w{2,}$/.test(word)) result.push(word.slice(0, -1));
    const next = words[at + 1];
    const isValue = next !== undefined && isMeant(next, flag.choices, cwd);
    if (isValue) at++;
    result.push(`--${flag.name}=${isValue ? next : flag.alone}`);
  }
  return result;
}

function isTyped({ name, short }: Flag, word: string): boolean {
  if (word === `--${name}`) return true;
  const letters = /^-(\w+)$/.exec(word)?.[1] ?? '';
  const others = [...letters.slice(0, -1)];
  return letters.at(-1) === short && others.every((letter) => SWITCHES.has(letter));
}

function isMeant(word: string, choices: readonly string[], cwd: string): boolean {
  if (choices.includes(word)) return true;
  return nearest(word, choices) !== undefined && !existsSync(resolve(cwd, word));
}
