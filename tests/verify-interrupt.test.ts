/** `verify`, as it is published, when it is ended from outside: nothing of it is left. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { git, makeRepository, temporaryDirectory } from './files-temporary.ts';

const { build } = (await import('../src/build.mjs' as string)) as {
  build(outdir: string): Promise<void>;
};

let dist = '';
beforeAll(async () => {
  dist = realpathSync(mkdtempSync(join(tmpdir(), 'dist-')));
  await build(dist);
}, 30_000);
afterAll(() => rmSync(dist, { recursive: true, force: true }));

/** Says that it runs, with its process number, and does not end by itself. */
const ENDLESS = `require('node:fs').writeFileSync(process.argv[1], String(process.pid));
setInterval(() => {}, 1000);`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it.skipIf(process.platform === 'win32').each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('leaves nothing behind after %s', async (signal, status) => {
  const project = makeRepository(join(temporaryDirectory(), 'project'), {
    'a.py': 'import asyncio\n\n\nasync def f():\n    await asyncio.sleep(1)\n',
  });
  const [temporary, marks] = [temporaryDirectory(), temporaryDirectory()];
  const mark = join(marks, 'pid');
  const words = ['verify', '--', process.execPath, '-e', ENDLESS, mark];
  const child = spawn(process.execPath, [join(dist, 'main.js'), ...words], {
    cwd: project,
    env: { ...process.env, TMPDIR: temporary },
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const patience = { timeout: 60_000, interval: 50 };
  await vi.waitFor(
    () => expect(existsSync(mark) && readFileSync(mark, 'utf8')).toMatch(/\d/),
    patience,
  );
  const worktrees = () => git(project, 'worktree', 'list').trim().split('\n').length;
  expect(worktrees()).toBe(2);
  child.kill(signal);
  expect(await ended).toBe(status);
  expect(worktrees()).toBe(1);
  expect(readdirSync(temporary)).toEqual([]);
  expect(git(project, 'status', '--porcelain')).toBe('');
  await vi.waitFor(() => expect(isAlive(Number(readFileSync(mark, 'utf8')))).toBe(false), patience);
});
