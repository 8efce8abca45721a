/**
 * Fetches the packages whose own test suites are run before and after the rewrite, and pytest with
 * all that the suites import: out of Debian packages, unpacked and never installed.
 *
 *     node tests/suites/fetch.mjs [NAME..]      all of packages.mjs unless told
 *
 * Leaves, in the ignored folder `.cache/suites/<name>/`:
 *
 *     source/       the upstream source
 *     libraries/    usr/lib/python3/dist-packages/… of pytest and the suite's needs
 *     stamp.json    what is there; written last, so that without it nothing counts
 *     SKIPPED       in its place, when this machine cannot fetch: the reason, in one line
 *
 * Exits 0 when all is there or cannot be had, and 1 instead of the latter where `CI` is set, and
 * for a name that is not known.
 */

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AptError, machineMirrors, packageVersion, Suite, unpack } from '../python/apt.mjs';
import { PACKAGES, PYTEST } from './packages.mjs';
import { downloadUpstream, unpackArchive } from './sources.mjs';

/** @typedef {import('./packages.mjs').SuitePackage} SuitePackage */

const project = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const cache = resolve(process.env.ANYIO_CODEMOD_TEST_CACHE ?? join(project, '.cache'));

main(process.argv.slice(2).filter((word) => !word.startsWith('-')));

/** @param {string[]} names */
function main(names) {
  const unknown = names.find((name) => !PACKAGES.some((known) => known.name === name));
  if (unknown) {
    console.error(`no package '${unknown}' in tests/suites/packages.mjs`);
    process.exitCode = 1;
    return;
  }
  const wanted = PACKAGES.filter((known) => names.length === 0 || names.includes(known.name));
  const missing = wanted.filter((known) => !isReady(known));
  if (missing.length === 0) console.log(`Test suites: ${names.join(' ') || 'all'} there`);
  else if (process.argv.includes('--locked')) fetchEach(missing);
  else fetchAlone(missing);
}

/** @param {SuitePackage} wanted @returns {string} its folder below the cache */
function homeOf(wanted) {
  return join(cache, 'suites', wanted.name);
}

/** @param {SuitePackage} wanted @returns {string} what the stamp compares */
function recipeOf({ source, libraries }) {
  return JSON.stringify([source, libraries ?? {}, PYTEST]);
}

/** @param {SuitePackage} wanted whether an earlier run left what is wanted now */
function isReady(wanted) {
  try {
    const stamp = JSON.parse(readFileSync(join(homeOf(wanted), 'stamp.json'), 'utf8'));
    return stamp.recipe === recipeOf(wanted);
  } catch {
    return false;
  }
}

/**
 * Runs itself once more under the lock of tests/python/fetch.mjs, whose apt state is used here; the
 * kernel drops it when its holder dies.
 *
 * @param {SuitePackage[]} missing
 */
function fetchAlone(missing) {
  mkdirSync(cache, { recursive: true });
  const self = [process.execPath, fileURLToPath(import.meta.url), '--locked'];
  const words = [join(cache, 'python.lock'), ...self, ...missing.map(({ name }) => name)];
  const done = spawnSync('flock', words, { stdio: 'inherit' });
  if (done.error) for (const each of missing) skip(each, `flock: ${done.error.message}`);
  else process.exitCode = done.status ?? 1;
}

/** @param {SuitePackage[]} missing */
function fetchEach(missing) {
  const suites = new Map();
  for (const wanted of missing) {
    try {
      fetchOne(wanted, (name) => {
        if (!suites.has(name)) suites.set(name, openSuite(name));
        return suites.get(name);
      });
    } catch (error) {
      if (!(error instanceof AptError)) throw error;
      skip(wanted, error.message);
    }
  }
}

/**
 * @param {string} name
 * @returns {Suite} with package lists, fetched when this machine has none yet
 */
function openSuite(name) {
  const suite = new Suite(name, join(cache, 'apt', name));
  const lists = join(suite.folder, 'lists');
  const hasLists = existsSync(lists) && readdirSync(lists).some((file) => /_Packages/.test(file));
  if (!hasLists) updateSuite(suite);
  return suite;
}

/** @param {Suite} suite */
function updateSuite(suite) {
  console.log(`Debian ${suite.name}: fetching the package lists`);
  suite.update(machineMirrors());
}

/**
 * @param {SuitePackage} wanted
 * @param {(name: string) => Suite} suiteOf
 */
function fetchOne(wanted, suiteOf) {
  console.log(`${wanted.name}: fetching its source and its needs`);
  const home = homeOf(wanted);
  const staging = `${home}.partial`;
  rmSync(staging, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
  const archives = join(staging, 'archives');
  mkdirSync(archives, { recursive: true });

  const upstream = downloadUpstream(suiteOf(wanted.source.suite), wanted.source.package, archives);
  unpackArchive(upstream.archive, join(staging, 'source'));
  const packages = fetchLibraries(wanted, suiteOf, archives, join(staging, 'libraries'));

  rmSync(archives, { recursive: true });
  const stamp = { recipe: recipeOf(wanted), version: upstream.version, packages };
  writeFileSync(join(staging, 'stamp.json'), `${JSON.stringify(stamp, null, 2)}\n`);
  renameSync(staging, home);
}

/**
 * @param {SuitePackage} wanted
 * @param {(name: string) => Suite} suiteOf
 * @param {string} archives
 * @param {string} into
 * @returns {Record<string, string>} Debian's versions by package
 */
function fetchLibraries(wanted, suiteOf, archives, into) {
  /** @type {Record<string, string[]>} */
  const needs = { ...wanted.libraries };
  needs.trixie = [...new Set([...PYTEST, ...(needs.trixie ?? [])])];
  for (const [name, packages] of Object.entries(needs)) {
    downloadFresh(suiteOf(name), packages, archives);
  }
  /** @type {Record<string, string>} */
  const versions = {};
  for (const archive of readdirSync(archives).filter((file) => file.endsWith('.deb'))) {
    unpack(join(archives, archive), into);
    versions[archive.replace(/_.*/, '')] = packageVersion(join(archives, archive));
  }
  return versions;
}

/**
 * The lists that were there may be older than the archive.
 *
 * @param {Suite} suite
 * @param {string[]} packages
 * @param {string} into
 */
function downloadFresh(suite, packages, into) {
  try {
    suite.download(packages, into);
  } catch (error) {
    if (!(error instanceof AptError)) throw error;
    updateSuite(suite);
    suite.download(packages, into);
  }
}

/**
 * @param {SuitePackage} wanted
 * @param {string} reason one line
 */
function skip(wanted, reason) {
  const home = homeOf(wanted);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'SKIPPED'), `${reason}\n`);
  console.error(`NO TEST SUITE OF ${wanted.name}: it will not be run: ${reason}`);
  if (process.env.CI) process.exitCode = 1;
}
