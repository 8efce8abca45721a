/** Answers the completion script of a shell while someone types. */

import { type Fit, fitsAt } from './complete.ts';
import { DONE } from './problems.ts';
import { type Shell, shellNamed } from './shells.ts';
import type { Terminal } from './terminal.ts';

/**
 * Writes a line for each word that fits, as that shell takes it; `:` when
 * nothing fits, and not even a path; nothing when the shell is to complete a path.
 *
 * @param words the shell, then the words of the command line as `fitsAt` takes them
 * @returns the exit code
 */
export async function answer(words: readonly string[], terminal: Terminal): Promise<number> {
  const [name = '', ...line] = words;
  const shell = shellNamed(name);
  const typed = shell === 'bash' ? joinAssignments(line) : line;
  const fits = await fitsAt(typed, () => terminal.engine.catalog());
  if (fits === 'files') return DONE;
  const lines = fits.map((fit) => LINES[shell](fit));
  terminal.stdout.write(`${(lines.length > 0 ? lines : [':']).join('\n')}\n`);
  return DONE;
}

const LINES: Readonly<Record<Shell, (fit: Fit) => string>> = {
  // Of `--phase=1`, bash replaces what follows the equals sign.
  bash: ({ word }) => word.replace(/^--[\w-]+=/, ''),
  zsh: ({ word, about }) =>
    [word, ...(about ? [about] : [])].map((text) => text.replace(/[\\:]/g, '\\$&')).join(':'),
  fish: ({ word, about }) => (about ? `${word}\t${about}` : word),
};

/** bash takes `--phase=1` apart, into three words. */
function joinAssignments(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const last = joined.at(-1) ?? '';
    const isAssignment = word === '=' ? /^--[\w-]+$/.test(last) : /^--[\w-]+=$/.test(last);
    if (isAssignment) joined[joined.length - 1] = last + word;
    else joined.push(word);
  }
  return joined;
}
