/** A project of its own for the tests of `check`, and the command run in it with the real engine. */

import { engine } from '../src/cli/engine.ts';
import { run } from '../src/cli/run.ts';
import { Sink } from './cli-harness.ts';
import { git, makeRepository, temporaryDirectory, writeTree } from './files-temporary.ts';

export const BASELINE = '.anyio-codemod-baseline.json';

/** A loop body with this many sleeps, one a line. */
export function sleeper(name: string, times = 1): string {
  const lines = Array.from({ length: times }, (_, i) => `    await asyncio.sleep(${i + 1})\n`);
  return `async def ${name}():\n${lines.join('')}`;
}

/** A module that imports asyncio and holds these parts. */
export function module(...parts: string[]): string {
  return ['import asyncio\n', ...parts].join('\n\n');
}

export interface Checked {
  code: number;
  /** Lines. */
  out: string[];
  text: string;
  err: string;
}

export class CheckedProject {
  readonly root = temporaryDirectory();

  constructor(files: Record<string, string>) {
    makeRepository(this.root, {
      'pyproject.toml': '[project]\nname = "app"\ndependencies = ["anyio>=4.8"]\n',
      ...files,
    });
  }

  write(files: Record<string, string>): void {
    writeTree(this.root, files);
  }

  git(...words: string[]): string {
    return git(this.root, ...words);
  }

  /** Runs any command line of the program. */
  async run(
    words: readonly string[],
    options: { cwd?: string; tty?: boolean } = {},
  ): Promise<Checked> {
    const stdout = new Sink();
    const stderr = new Sink();
    stdout.isTTY = stderr.isTTY = options.tty;
    const code = await run(words, {
      cwd: options.cwd ?? this.root,
      env: {},
      stdout,
      stderr,
      engine,
      uninterrupted: (work) => work(),
    });
    return { code, out: stdout.text.split('\n'), text: stdout.text, err: stderr.text };
  }

  check(...words: string[]): Promise<Checked> {
    return this.run(['check', ...words]);
  }

  /** Makes or shrinks the baseline. */
  async update(...words: string[]): Promise<Checked> {
    return this.check('--update-baseline', ...words);
  }
}
