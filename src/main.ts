#!/usr/bin/env node
/** The program: joins the command line, the streams and the signals to `run`. */

import { engine } from './cli/engine.ts';
import type { Prompter } from './cli/prompter.ts';
import { run } from './cli/run.ts';

/** The exit codes are 128 and the number of the signal, as shells count. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

let unbreakable = 0;
/** The exit code that is due when what must not be cut in half is done. */
let due: number | undefined;

for (const [signal, code] of Object.entries(SIGNALS)) {
  process.on(signal, () => {
    if (unbreakable === 0 || due !== undefined) process.exit(code);
    due = code;
  });
}

/** What is to be cleared away, the last first, if the program is ended from outside. */
const clearing = new Set<() => void>();
process.on('exit', () => {
  for (const clear of [...clearing].reverse()) clear();
});

function onExit(clear: () => void): () => void {
  clearing.add(clear);
  return () => clearing.delete(clear);
}

const canAsk = process.stdin.isTTY === true && process.stdout.isTTY === true;

/** The reader went away (`| head`): there is no one left to tell. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 2);
  });
}

async function uninterrupted<Result>(work: () => Promise<Result>): Promise<Result> {
  unbreakable += 1;
  try {
    const result = await work();
    // Work may have blocked: an interrupt that came meanwhile is delivered when the loop polls,
    // which it surely has when a second immediate runs.
    await new Promise((turn) => setImmediate(() => setImmediate(turn)));
    return result;
  } finally {
    unbreakable -= 1;
  }
}

async function prompter(): Promise<Prompter> {
  return (await import('./cli/prompts.ts')).prompter(process);
}

/** Not awaited at the top: the executable is one CommonJS file, which knows no such thing. */
async function main(): Promise<void> {
  const code = await run(process.argv.slice(2), {
    cwd: process.cwd(),
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    engine,
    uninterrupted,
    onExit,
    ...(canAsk ? { prompter } : {}),
  });
  process.exitCode = due ?? code;
}

void main();
