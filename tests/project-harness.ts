/** A project with the real engine in it, for the tests of what is written, committed and undone. */

import { chmodSync, cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { engine } from '../src/cli/engine.ts';
import { run } from '../src/cli/run.ts';
import type { Terminal } from '../src/cli/terminal.ts';
import { Sink } from './cli-harness.ts';
import {
  git,
  isolateGit,
  makeRepository,
  temporaryDirectory,
  writeTree,
} from './files-temporary.ts';

const SAMPLE = resolve(import.meta.dirname, '../fixtures/sample');

/** Where the project of the test is, or is to be. */
export let root = '';

/** Goes on in another folder. */
export function moveTo(folder: string): void {
  root = folder;
}

beforeEach(() => {
  isolateGit();
  root = join(temporaryDirectory(), 'game');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** The sample, or some files, committed on `main`. */
export function project(files?: Record<string, string>): void {
  if (files === undefined) cpSync(SAMPLE, root, { recursive: true });
  makeRepository(root, files ?? {});
}

/** Runs the command line in this process. */
export async function tool(...words: string[]) {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const terminal: Terminal = {
    cwd: root,
    env: { PATH: process.env.PATH },
    ...{ stdout, stderr, engine },
    uninterrupted: (work) => work(),
  };
  const code = await run(words, terminal);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

export function log(format: string): string[] {
  return git(root, 'log', '--reverse', `--format=${format}`).trimEnd().split('\n').slice(1);
}

export function tree(commit = 'HEAD'): string {
  return git(root, 'rev-parse', `${commit}^{tree}`).trim();
}

export function hook(name: string, ...lines: string[]): void {
  writeTree(root, { [`.git/hooks/${name}`]: ['#!/bin/sh', ...lines, ''].join('\n') });
  chmodSync(join(root, '.git/hooks', name), 0o755);
}
