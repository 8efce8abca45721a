/**
 * The guide: prose written by hand, and in it the output of real commands on the sample project.
 *
 * A block of ```console shows commands, each on a line that begins with `$ `, and what they print.
 * They are run one after the other in one copy of the sample, a git repository of its own, and what
 * stands below each is written anew. A comment in front of a block shows a part of a long output:
 *
 *     <!-- from "Refused" to "Review" -->
 *
 * which is the lines from the first that begins so up to the next that begins so. Either may be
 * missing.
 */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { engine } from '../../src/cli/engine.ts';
import { run } from '../../src/cli/run.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { git } from '../files-temporary.ts';
import { pythonEnv } from '../python/env.ts';
import { environmentOf } from './play.ts';

const SAMPLE = resolve(import.meta.dirname, '..', '..', 'fixtures', 'sample');

/** Whoever commits, and when: what is printed must not hang on them. */
export const AUTHOR: Readonly<Record<string, string>> = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'Ada'],
    [`GIT_${role}_EMAIL`, 'ada@example.org'],
    [`GIT_${role}_DATE`, '2026-01-05T09:00:00Z'],
  ]),
);

const BLOCK =
  /^(?:<!-- (?:from "(?<from>[^"]+)")? ?(?:to "(?<to>[^"]+)")? -->\n)?```console\n(?<lines>[\s\S]*?)^```$/gm;

/**
 * The guide with the output of today. The environment must hold `AUTHOR`, and git's settings must be
 * out of reach.
 *
 * @param text the guide as it is
 * @param applied called after each command that writes, with the folder of the project
 */
export async function withOutput(
  text: string,
  applied: (command: string, cwd: string) => void,
): Promise<string> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'anyio-codemod-guide-'));
  const cwd = join(folder, 'sample');
  const env = environmentOf(pythonEnv(), join(folder, 'bin'));
  try {
    cpSync(SAMPLE, cwd, { recursive: true });
    git(cwd, 'init', '--quiet', '--initial-branch=main');
    git(cwd, 'add', '--all');
    git(cwd, 'commit', '--quiet', '--message', 'The sample');
    let result = '';
    let at = 0;
    for (const match of text.matchAll(BLOCK)) {
      const { lines = '', from, to } = match.groups ?? {};
      // Its tests need Python: what stands there is not looked at where there is none.
      if (lines.startsWith('$ anyio-codemod verify') && !env) continue;
      const commands = lines.split('\n').filter((line) => line.startsWith('$ '));
      const parts: string[] = [];
      for (const line of commands) {
        const command = line.slice(2);
        const printed = part(await printedBy(command, cwd, env ?? process.env), from, to);
        parts.push([line, ...printed, ...(printed.length > 0 ? [''] : [])].join('\n'));
        if (command.startsWith('anyio-codemod apply')) applied(command, cwd);
      }
      const start = match.index + match[0].indexOf(lines);
      result += `${text.slice(at, start)}${parts.join('\n').trimEnd()}\n`;
      at = start + lines.length;
    }
    return result + text.slice(at);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a terminal of 80 columns shows, line by line; how long something took is always the same. */
async function printedBy(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const [program, ...words] = wordsOf(command);
  const text =
    program === 'anyio-codemod'
      ? await printedByTool(words, cwd, env)
      : execFileSync('sh', ['-c', command], { cwd, encoding: 'utf8' });
  const shown = text.trimEnd().replaceAll(/\b(?:\d+ min )?\d+(?:\.\d+)? s$/gm, '1.0 s');
  return shown === '' ? [] : shown.split('\n');
}

async function printedByTool(
  words: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  let text = '';
  const write = (part: string | Uint8Array) => (text += Buffer.from(part).toString());
  const stream = { write, isTTY: false, columns: 80 };
  const terminal: Terminal = {
    cwd,
    env,
    stdout: stream,
    stderr: stream,
    engine,
    uninterrupted: (work) => work(),
  };
  await run(words, terminal);
  return text;
}

/** The words of a simple command line, quotes taken off. */
function wordsOf(command: string): string[] {
  const words = command.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
  return words.map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));
}

/** The lines from one that begins with `from` up to the next that begins with `to`. */
function part(lines: readonly string[], from?: string, to?: string): string[] {
  const start = from === undefined ? 0 : indexOf(lines, from, 0);
  const end = to === undefined ? lines.length : indexOf(lines, to, start + 1);
  const shown = lines.slice(start, end);
  while (shown.at(-1) === '') shown.pop();
  return [...(start > 0 ? ['...'] : []), ...shown, ...(end < lines.length ? ['...'] : [])];
}

function indexOf(lines: readonly string[], begin: string, after: number): number {
  const at = lines.findIndex((line, n) => n >= after && line.startsWith(begin));
  if (at < 0) {
    throw new Error(
      `docs/guide.md: no line of the output begins with "${begin}", which the comment in front of ` +
        `its block names. Change the comment. The output:\n${lines.join('\n')}`,
    );
  }
  return at;
}
