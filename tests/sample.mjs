/**
 * Lays a fresh copy of the sample project out as a git checkout of its own, and runs the built tool
 * on it:
 *
 *     node tests/sample.mjs plan
 *
 * A checkout of its own, because facts are gathered from the whole checkout that a path lies in.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const COPY = join(ROOT, '.cache', 'sample');

rmSync(COPY, { recursive: true, force: true });
cpSync(join(ROOT, 'fixtures', 'sample'), COPY, { recursive: true });
const author = ['-c', 'user.name=Sample', '-c', 'user.email=sample@example.org'];
for (const words of [
  ['init', '-q'],
  ['add', '-A'],
  [...author, 'commit', '-qm', 'The sample'],
]) {
  execFileSync('git', words, { cwd: COPY });
}
const words = process.argv.slice(2);
console.log(`In .cache/sample: anyio-codemod ${words.join(' ')}\n`);
const { status } = spawnSync(process.execPath, [join(ROOT, 'dist', 'main.js'), ...words], {
  cwd: COPY,
  stdio: 'inherit',
});
process.exitCode = status ?? 2;
