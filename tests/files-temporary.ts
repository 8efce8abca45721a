/** Temporary directories and other users, for the tests of the files room and the git room. */

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterEach, vi } from 'vitest';

const made: string[] = [];

/** Makes an empty directory that is removed after the test. Its path holds no link. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'anyio codemod ü '));
  // Other users must get in, for the tests that become one.
  chmodSync(directory, 0o755);
  made.push(directory);
  return directory;
}

afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** Writes files, given by their paths relative to the directory, and the directories on the way. */
export function writeTree(directory: string, files: Record<string, string | Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
}

/** Keeps the settings of whoever runs the tests out of git. Undone by `vi.unstubAllEnvs`. */
export function isolateGit(): void {
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
  vi.stubEnv('GIT_CONFIG_NOSYSTEM', '1');
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) vi.stubEnv(name, undefined);
}

/** Runs git in a directory and gives what it prints. */
export function git(directory: string, ...args: string[]): string {
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  return execFileSync('git', ['-C', directory, ...args], { encoding: 'utf8', stdio });
}

/** Makes a repository with one commit of the files, and an author. */
export function makeRepository(directory: string, files: Record<string, string | Buffer>): string {
  mkdirSync(directory, { recursive: true });
  git(directory, 'init', '--quiet', '--initial-branch=main');
  git(directory, 'config', 'user.name', 'Ada');
  git(directory, 'config', 'user.email', 'ada@example.org');
  writeTree(directory, files);
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '--allow-empty', '-m', 'first');
  return directory;
}

const NOBODY = 65534;
const IS_ROOT = process.getuid?.() === 0;

/** Whether a test can run as a user whom permissions hold back. */
export const HAS_ORDINARY_USER =
  process.platform !== 'win32' &&
  (!IS_ROOT ||
    spawnSync(process.execPath, ['-e', ''], { uid: NOBODY, gid: NOBODY, cwd: '/' }).status === 0);

/**
 * Runs a module as a user who is not root, and gives what it passes to `report`.
 *
 * @param source TypeScript. Imports are relative to the directory of the tests.
 */
export function asOrdinaryUser(source: string): unknown {
  const directory = temporaryDirectory();
  const bundle = join(directory, 'driver.cjs');
  buildSync({
    stdin: {
      contents: `const report = (value: unknown) => console.log(JSON.stringify(value));\n${source}`,
      resolveDir: import.meta.dirname,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: bundle,
  });
  const run = spawnSync(process.execPath, [bundle], {
    ...(IS_ROOT ? { uid: NOBODY, gid: NOBODY } : {}),
    cwd: directory,
    env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

/** Gives a tree to the user that `asOrdinaryUser` runs as. */
export function giveToOrdinaryUser(directory: string): void {
  if (IS_ROOT) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, directory]);
}

if (!HAS_ORDINARY_USER) {
  console.warn('SKIPPED: the tests of permissions need a user other than root');
}
