/**
 * Fetches what the tests run programs against: two releases of anyio with trio (and async_timeout,
 * which anyio takes the place of), pytest with pytest-asyncio, a corpus of packages that use
 * asyncio, and, to be read, the library of the newest Python that there is; all out of Debian
 * packages that are unpacked and never installed.
 *
 *     node tests/python/fetch.mjs
 *
 * Leaves, in the ignored folder `.cache/python/`:
 *
 *     anyio-<major.minor>/usr/lib/python3/dist-packages/…
 *     pytest-<major.minor>/usr/lib/python3/dist-packages/…
 *     corpus/<name>/usr/lib/python3/dist-packages/…
 *     stdlib-<major.minor>/usr/lib/python<major.minor>/…
 *     stamp.json    what is there; written last, so that without it nothing counts
 *     SKIPPED       in its place, when this machine cannot fetch: the reason, in one line
 *
 * Exits 0 when all is there or cannot be had, and 1 instead of the latter where `CI` is set. To
 * fetch anew (Debian's testing suite moves), remove the folder.
 */

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
import { machineMirrors, packageVersion, Suite, unpack } from './apt.mjs';
import { fetchLocked } from './locked.mjs';

const ANYIO = [
  'python3-anyio',
  'python3-async-timeout',
  'python3-idna',
  'python3-sniffio',
  'python3-typing-extensions',
  'python3-trio',
  'python3-attr',
  'python3-outcome',
  'python3-sortedcontainers',
];

const NEWEST_PYTHON = 'libpython3.*-stdlib';

/**
 * What is unpacked together, and out of which suite each package comes. Debian's testing suite has
 * no exceptiongroup any more, which anyio and trio need on Python 3.10. A star stands for the highest version that the suite has.
 *
 * @type {{kind: 'anyio' | 'corpus' | 'pytest' | 'stdlib', main: string, packages: Record<string, string[]>}[]}
 */
const WANTED = [
  {
    kind: 'anyio',
    main: 'python3-anyio',
    packages: { trixie: [...ANYIO, 'python3-exceptiongroup'] },
  },
  {
    kind: 'anyio',
    main: 'python3-anyio',
    packages: { forky: ANYIO, trixie: ['python3-exceptiongroup'] },
  },
  {
    kind: 'pytest',
    main: 'python3-pytest',
    packages: {
      trixie: [
        'python3-pytest',
        'python3-pytest-asyncio',
        'python3-pluggy',
        'python3-iniconfig',
        'python3-packaging',
      ],
    },
  },
  ...['aiohttp', 'aiosqlite', 'asyncssh', 'slixmpp', 'telethon', 'zeroconf'].map((name) => ({
    kind: /** @type {const} */ ('corpus'),
    main: `python3-${name}`,
    packages: { trixie: [`python3-${name}`] },
  })),
  { kind: 'stdlib', main: NEWEST_PYTHON, packages: { forky: [NEWEST_PYTHON] } },
];

const project = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const cache = resolve(process.env.ANYIO_CODEMOD_TEST_CACHE ?? join(project, '.cache'));
const home = join(cache, 'python');
const stampFile = join(home, 'stamp.json');
const skippedFile = join(home, 'SKIPPED');

main();

function main() {
  mkdirSync(home, { recursive: true });
  if (isReady()) {
    console.log(`Python libraries for the tests are in ${home}`);
  } else {
    fetchLocked(import.meta.url, cache, fetchAll, skip);
  }
}

/** Whether an earlier run left all that is wanted now. */
function isReady() {
  try {
    const stamp = JSON.parse(readFileSync(stampFile, 'utf8'));
    return stamp.recipe === JSON.stringify(WANTED) && stamp.folders.every(isThere);
  } catch {
    return false;
  }
}

/** @param {{folder: string}} unpacked */
function isThere(unpacked) {
  return existsSync(join(home, unpacked.folder));
}

function fetchAll() {
  const staging = join(home, '.partial');
  rmSync(staging, { recursive: true, force: true });
  const suites = updatedSuites();
  const folders = WANTED.map((wanted, index) => ({
    ...unpackTogether(wanted, suites, join(staging, String(index))),
    kind: wanted.kind,
  }));
  rmSync(stampFile, { force: true });
  for (const { staged, folder } of folders) {
    const place = join(home, folder);
    rmSync(place, { recursive: true, force: true });
    mkdirSync(dirname(place), { recursive: true });
    renameSync(staged, place);
  }
  writeStamp(folders.map(({ staged: _, ...kept }) => kept));
  rmSync(staging, { recursive: true, force: true });
  rmSync(skippedFile, { force: true });
  for (const { folder, version } of folders) console.log(`${folder}  ${version}`);
}

/** @returns {Map<string, Suite>} by name, with fresh package lists */
function updatedSuites() {
  const mirrors = machineMirrors();
  const names = new Set(WANTED.flatMap((wanted) => Object.keys(wanted.packages)));
  const suites = new Map();
  for (const name of names) {
    console.log(`Debian ${name}: fetching the package lists`);
    const suite = new Suite(name, join(cache, 'apt', name));
    suite.update(mirrors);
    suites.set(name, suite);
  }
  return suites;
}

/**
 * @param {(typeof WANTED)[number]} wanted
 * @param {Map<string, Suite>} suites
 * @param {string} staging
 * @returns {{staged: string, folder: string, version: string, packages: Record<string, string>}}
 *   where it lies now, where it belongs below `.cache/python`, and the upstream version
 */
function unpackTogether(wanted, suites, staging) {
  const archives = join(staging, 'archives');
  const staged = join(staging, 'unpacked');
  mkdirSync(archives, { recursive: true });
  mkdirSync(staged, { recursive: true });
  for (const [name, wishes] of Object.entries(wanted.packages)) {
    const suite = suites.get(name);
    const packages = wishes.map((wish) => suite?.newest(wish) ?? wish);
    console.log(`Debian ${name}: fetching ${packages.join(' ')}`);
    suite?.download(packages, archives);
  }
  /** @type {Record<string, string>} */
  const versions = {};
  for (const archive of readdirSync(archives).sort()) {
    unpack(join(archives, archive), staged);
    versions[archive.replace(/_.*/, '')] = packageVersion(join(archives, archive));
  }
  const main = wanted.kind === 'stdlib' ? Object.keys(versions)[0] : wanted.main;
  const version = upstreamVersion(versions[main ?? ''] ?? '');
  const name = wanted.kind === 'stdlib' ? 'stdlib' : wanted.main.replace(/^python3-/, '');
  const [major, minor] = version.split('.');
  const folder = wanted.kind === 'corpus' ? `corpus/${name}` : `${name}-${major}.${minor}`;
  return { staged, folder, version, packages: versions };
}

/** @param {string} version Debian's: `1:4.8.0+dfsg-3` @returns {string} `4.8.0` */
function upstreamVersion(version) {
  return version.replace(/^\d+:/, '').replace(/[-+~].*/, '');
}

/** @param {object[]} folders */
function writeStamp(folders) {
  const text = JSON.stringify({ recipe: JSON.stringify(WANTED), folders }, null, 2);
  writeFileSync(`${stampFile}.new`, `${text}\n`);
  renameSync(`${stampFile}.new`, stampFile);
}

/** @param {string} reason one line */
function skip(reason) {
  writeFileSync(skippedFile, `${reason}\n`);
  console.error(`NO PYTHON LIBRARIES: tests that run Python will be skipped: ${reason}`);
  process.exitCode = process.env.CI ? 1 : 0;
}
