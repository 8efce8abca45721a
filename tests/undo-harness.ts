/** A folder, a made-up migration of it, and the command line: for the tests of undo. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { FileChange, Migration } from '../src/result.ts';
import { cli, migration, SAFE, use } from './cli-harness.ts';
import { isolateGit, temporaryDirectory } from './files-temporary.ts';

export let root = '';

beforeEach(() => {
  isolateGit();
  root = temporaryDirectory();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

export const OLD = 'import asyncio\nasyncio.sleep(1)\n';
export const NEW = 'import anyio\nanyio.sleep(1)\n';

export function change(name: string, before = OLD, after = NEW, encoding = 'utf8'): FileChange {
  return { path: join(root, name), before, after, encoding };
}

export function found(...changes: FileChange[]): Migration {
  const sleep = { phase: 2, transform: 'sleep', root };
  return migration({ root, changes, judged: [use('a.py:2', 'asyncio.sleep', SAFE, sleep)] });
}

export function tool(words: string[], given?: Migration, cwd = root) {
  return cli(words, { migration: given, cwd, env: { PATH: process.env.PATH } });
}

export async function apply(changes: FileChange[], ...words: string[]): Promise<void> {
  const { code, stderr } = await tool(['apply', ...words], found(...changes));
  expect([code, stderr.text]).toEqual([0, '']);
}

export function read(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}
