/** What a command sees of the outside. Tests hand in their own. */

import type { Engine } from './engine.ts';
import type { Prompter } from './prompter.ts';

/** The little that we need of `process.stdout`. */
export interface Stream {
  write(chunk: string | Uint8Array): unknown;
  isTTY?: boolean;
  /** The width of a terminal. */
  columns?: number;
}

export interface Terminal {
  /** Absolute. */
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Nothing comes from it unless it is given. */
  stdin?: AsyncIterable<Uint8Array | string>;
  stdout: Stream;
  stderr: Stream;
  engine: Engine;
  /** Runs work that an interrupt must not cut in half; the interrupt takes effect afterwards. */
  uninterrupted<Result>(work: () => Promise<Result>): Promise<Result>;
  /**
   * Has something cleared away when the program ends before its time; what it gives takes that back.
   * Without it nothing is cleared.
   */
  onExit?(clear: () => void): () => void;
  /** Asks the person at the terminal; undefined where there is none. */
  prompter?: () => Promise<Prompter>;
}

/** The width to lay text out for: a terminal's, but never above 80 columns nor below 40. */
export function widthOf(stream: Stream): number {
  return Math.max(40, Math.min(80, stream.columns ?? 80));
}

/** Writes lines, if there are any. */
export function writeLines(stream: Stream, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
}
