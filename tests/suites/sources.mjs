/**
 * Debian source packages, on the apt state that tests/python/apt.mjs keeps for a suite.
 *
 * apt-get(8), sources.list(5) and apt.conf(5) are the source of every option used here.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AptError } from '../python/apt.mjs';

/** The upstream source as Debian keeps it: `hypercorn_0.17.3.orig.tar.gz`. */
const UPSTREAM = /^[^_]+_(.+?)(?:[+~]dfsg[^_]*|[+~]ds[^_]*)?\.orig\.tar\.\w+$/;

/**
 * Downloads the upstream source of packages; apt checks the hashes against the signed lists. The
 * lists of sources lie beside the suite's other lists and are fetched when they are missing, or
 * when one of the packages is no longer what they say.
 *
 * @param {import('../python/apt.mjs').Suite} suite with package lists of its own
 * @param {string} sourcePackage
 * @param {string} into an existing folder
 * @returns {{archive: string, version: string}} the archive's path, and the upstream version
 * @throws {AptError} when it is missing or the network fails
 */
export function downloadUpstream(suite, sourcePackage, into) {
  const words = ['source', '--download-only', '--only-source', '--tar-only', sourcePackage];
  const known = existsSync(listsOf(suite));
  if (!known) updateSources(suite);
  try {
    aptGet(suite, words, into);
  } catch (error) {
    if (!known || !(error instanceof AptError)) throw error;
    updateSources(suite);
    aptGet(suite, words, into);
  }
  for (const name of readdirSync(into)) {
    const version = UPSTREAM.exec(name)?.[1];
    if (version) return { archive: join(into, name), version };
  }
  throw new AptError(`the source package ${sourcePackage} has no upstream archive`);
}

/**
 * Unpacks an archive without its top folder.
 *
 * @param {string} archive
 * @param {string} into made when missing
 * @throws {AptError}
 */
export function unpackArchive(archive, into) {
  mkdirSync(into, { recursive: true });
  run('tar', ['-xf', archive, '-C', into, '--strip-components=1', '--no-same-owner']);
}

/** @param {import('../python/apt.mjs').Suite} suite @returns {string} a folder */
function listsOf(suite) {
  return join(suite.folder, 'source-lists');
}

/** @param {import('../python/apt.mjs').Suite} suite */
function updateSources(suite) {
  console.log(`Debian ${suite.name}: fetching the lists of source packages`);
  const binaries = readFileSync(join(suite.folder, 'debian.sources'), 'utf8');
  const sources = binaries
    .replace(/^Types: .*$/m, 'Types: deb-src')
    .replace(/^Targets: .*$/m, 'Targets: Sources');
  writeFileSync(join(suite.folder, 'debian-src.sources'), sources);
  mkdirSync(join(listsOf(suite), 'partial'), { recursive: true });
  aptGet(suite, ['update'], suite.folder);
}

/**
 * @param {import('../python/apt.mjs').Suite} suite
 * @param {string[]} words
 * @param {string} cwd
 */
function aptGet(suite, words, cwd) {
  const settings = {
    'Dir::Etc::sourcelist': join(suite.folder, 'debian-src.sources'),
    'Dir::State::lists': listsOf(suite),
    'Dir::Cache': join(suite.folder, 'source-cache'),
  };
  mkdirSync(join(settings['Dir::Cache'], 'archives', 'partial'), { recursive: true });
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  run('apt-get', ['-q', '-c', suite.config, ...options, ...words], cwd);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} [cwd]
 * @throws {AptError} with the worst line of its complaint
 */
function run(command, args, cwd) {
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', env });
  if (done.error) throw new AptError(`${command}: ${done.error.message}`);
  if (done.status !== 0) {
    const complaints = done.stderr.split('\n').filter((line) => line.trim());
    const worst = complaints.find((line) => line.startsWith('E:')) ?? complaints[0] ?? 'failed';
    throw new AptError(`${command}: ${worst.trim()}`);
  }
}
