/**
 * Fetches pre-commit out of Debian packages, unpacked and never installed, for the test of the hooks.
 *
 *     node tests/python/fetch-pre-commit.mjs
 *
 * Leaves it in the ignored folder `.cache/pre-commit/`, complete when `stamp.json` is there. Exits 0
 * when it is there or cannot be had (which stderr tells in one line), and 1 instead of the latter
 * where `CI` is set.
 */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineMirrors, Suite, unpack } from './apt.mjs';
import { fetchLocked } from './locked.mjs';

const SUITE = 'trixie';
const PACKAGES = ['pre-commit', 'python3-cfgv', 'python3-identify', 'nodeenv', 'python3-yaml'];

const project = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const cache = resolve(process.env.ANYIO_CODEMOD_TEST_CACHE ?? join(project, '.cache'));
const home = join(cache, 'pre-commit');
const stamp = join(home, 'stamp.json');

if (!existsSync(stamp)) fetchLocked(import.meta.url, cache, fetchAll, skip);

function fetchAll() {
  const staging = join(cache, '.pre-commit-partial');
  const archives = join(staging, 'archives');
  const unpacked = join(staging, 'unpacked');
  rmSync(staging, { recursive: true, force: true });
  for (const folder of [archives, unpacked]) mkdirSync(folder, { recursive: true });
  const suite = new Suite(SUITE, join(cache, 'apt', SUITE));
  suite.update(machineMirrors());
  suite.download(PACKAGES, archives);
  const names = readdirSync(archives).sort();
  for (const name of names) unpack(join(archives, name), unpacked);
  rmSync(home, { recursive: true, force: true });
  renameSync(unpacked, home);
  writeFileSync(stamp, `${JSON.stringify({ archives: names }, null, 2)}\n`);
  rmSync(staging, { recursive: true, force: true });
}

/** @param {string} reason one line */
function skip(reason) {
  console.error(`NO PRE-COMMIT: the hooks are not run by it: ${reason}`);
  process.exitCode = process.env.CI ? 1 : 0;
}
