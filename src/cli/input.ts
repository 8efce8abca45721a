/** Which files a command is about: paths, lists of paths, and a text on stdin. */

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Chosen, canonicalPath, chosenRoot } from '../files/chosen.ts';
import { plainReason } from '../files/reason.ts';
import { UsageError } from '../usage.ts';
import { allValues, isFromStdin, lastValue, type ParsedArgs, pathsOf, STDIN } from './argv.ts';
import type { Terminal } from './terminal.ts';

/** The name of a text on stdin that has none. */
const NAMELESS = 'stdin.py';

/** Stdin can be read once, and several parts of a command ask. */
const known = new WeakMap<ParsedArgs, Promise<Chosen>>();

/**
 * What was asked for on the command line. Without any path that is the current folder.
 *
 * @throws UsageError for a list that cannot be read, and where stdin would stand for two things
 */
export function inputOf(argv: ParsedArgs, terminal: Terminal): Promise<Chosen> {
  const found = known.get(argv) ?? read(argv, terminal);
  known.set(argv, found);
  return found;
}

async function read(argv: ParsedArgs, terminal: Terminal): Promise<Chosen> {
  const { cwd } = terminal;
  const paths = pathsOf(argv);
  const lists = allValues(argv, 'files-from');
  const name = lastValue(argv, 'stdin-filename');
  if (isFromStdin(argv)) {
    if (paths.length > 1 || lists.length > 0) {
      throw new UsageError("'-' is the text on stdin, and goes with no other path");
    }
    return provided(name ?? NAMELESS, terminal);
  }
  if (name !== undefined) {
    throw new UsageError("--stdin-filename names the text on stdin: give '-' as the path");
  }
  if (lists.length === 0) return { cwd, paths: paths.length > 0 ? paths : ['.'] };
  if (lists.filter((list) => list === STDIN).length > 1) {
    throw new UsageError('--files-from - can be given once');
  }
  const listed: string[] = [];
  for (const list of lists) listed.push(...pathsIn(await bytesOf(list, terminal)));
  return { cwd, paths, listed };
}

async function provided(name: string, { cwd, stdin }: Terminal): Promise<Chosen> {
  const path = resolve(cwd, name);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--stdin-filename is the name of a file, and ${name} is a folder`);
  }
  const chosen = { cwd, paths: [], provided: { path, bytes: await readAll(stdin) } };
  chosen.provided.path = canonicalPath(path, chosenRoot(chosen));
  return chosen;
}

async function bytesOf(list: string, { cwd, stdin }: Terminal): Promise<Buffer> {
  if (list === STDIN) return readAll(stdin);
  try {
    return readFileSync(resolve(cwd, list));
  } catch (error) {
    throw new UsageError(`--files-from: ${list}: ${plainReason(error)}`);
  }
}

async function readAll(stream: Terminal['stdin'] = NOTHING): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const NOTHING: NonNullable<Terminal['stdin']> = (async function* () {})();

/** The paths of a list: a line each, or ended by a NUL each, as `git diff --name-only -z` has it. */
function pathsIn(list: Buffer): string[] {
  const isNul = list.includes(0);
  const entries = list.toString('utf8').split(isNul ? '\0' : /\r?\n/);
  const paths = isNul ? entries : entries.map(unquoted);
  return paths.filter((path) => path.trim() !== '');
}

/** Git writes names with other characters than ASCII in quotes: `"f\303\274r.py"`. */
function unquoted(line: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(line)?.[1];
  if (quoted === undefined) return line;
  const bytes = quoted.replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? code),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
