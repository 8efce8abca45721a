/** A review of a copy of the sample project, with answers in the place of a person. */

import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { engine } from '../src/cli/engine.ts';
import type { Choice, Edited, Prompter } from '../src/cli/prompter.ts';
import { run } from '../src/cli/run.ts';
import { Sink } from './cli-harness.ts';
import { git, temporaryDirectory } from './files-temporary.ts';

const SAMPLE = resolve(import.meta.dirname, '../fixtures/sample');

/** A copy of the sample in a git checkout of its own. Call `isolateGit` before. */
export function sampleCheckout(): string {
  const folder = temporaryDirectory();
  cpSync(SAMPLE, folder, { recursive: true });
  commitAll(folder);
  return folder;
}

/** Makes a checkout of a folder, with all of it committed. */
export function commitAll(folder: string): void {
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'config', 'user.name', 'Ada');
  git(folder, 'config', 'user.email', 'ada@example.org');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '-m', 'first');
}

/** What a person sees when they are asked. */
export interface Asked {
  question: string;
  keys: string[];
  /** What was written since the last question. */
  seen: string;
}

/** A key, or undefined for Ctrl-C. */
export type Person = (asked: Asked, times: number) => string | undefined;

export interface Reviewed {
  code: number;
  stdout: string;
  stderr: string;
  asked: Asked[];
}

export interface ReviewOptions {
  /** What the person makes of a text in their editor. */
  edit?: (text: string) => Edited;
  /** What they type where a line is asked for; Return alone, unless told. */
  line?: string;
  env?: NodeJS.ProcessEnv;
}

/** Runs `review` in a folder. */
export async function review(
  folder: string,
  words: readonly string[],
  person: Person,
  options: ReviewOptions = {},
): Promise<Reviewed> {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const asked: Asked[] = [];
  let read = 0;
  const prompter: Prompter = {
    ask: async (question, choices: readonly Choice[]) => {
      const { text } = stdout;
      const now = { question, keys: choices.map(({ key }) => key), seen: text.slice(read) };
      read = text.length;
      asked.push(now);
      const key = person(now, asked.length);
      if (key !== undefined && !now.keys.includes(key)) {
        throw new Error(`'${key}' is not among the keys ${now.keys} of '${question}'`);
      }
      return key;
    },
    line: async (_question, fallback) => options.line ?? fallback,
    edit: async (_path, text) => options.edit?.(text) ?? { problem: 'no editor' },
  };
  const code = await run(['review', ...words], {
    cwd: folder,
    env: options.env ?? { PATH: process.env.PATH },
    stdout,
    stderr,
    engine,
    uninterrupted: (work) => work(),
    prompter: async () => prompter,
  });
  return { code, stdout: stdout.text, stderr: stderr.text, asked };
}

/** Runs another command in a folder, without a person. */
export async function command(folder: string, ...words: string[]): Promise<Reviewed> {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const code = await run(words, {
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdout,
    stderr,
    engine,
    uninterrupted: (work) => work(),
  });
  return { code, stdout: stdout.text, stderr: stderr.text, asked: [] };
}

/** The content of all files of a folder, git's and the tool's own left out. */
export function tree(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/^(\.git|\.anyio-codemod)(\/|$)/.test(path))
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile());
  return new Map(paths.map((path) => [relative(folder, path), readFileSync(path, 'latin1')]));
}

/** Whether a question is about a step. */
export const isStep = ({ question }: Asked) => question === 'Rewrite this?';
