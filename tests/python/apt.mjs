/**
 * Debian packages without installing them: a private apt state for a suite, fed from the mirror
 * that the machine's own apt sources name.
 *
 * apt.conf(5) and sources.list(5) are the source of every option used here.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The keyring that the package debian-archive-keyring installs. */
const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Suites and code names under which a source can only be the Debian archive itself. */
const DEBIAN_SUITES =
  /^(stable|oldstable|testing|unstable|sid|buster|bullseye|bookworm|trixie|forky|duke)$/;

/**
 * @typedef {object} Mirror
 * @property {string} uri      where the archive lies, as apt's sources write it
 * @property {string} signedBy the value of `Signed-By`: a keyring's path, or a key block of
 *   several lines; empty when the source names none
 */

/** A problem of the machine (no network, no apt), told to a person in one line. */
export class AptError extends Error {}

/**
 * The mirrors of the Debian archive named by the machine's apt sources, the likeliest first.
 *
 * @returns {Mirror[]}
 * @throws {AptError} when apt is missing or names no Debian mirror
 */
export function machineMirrors() {
  const places = run('apt-config', [
    'shell',
    'LIST',
    'Dir::Etc::sourcelist/f',
    'PARTS',
    'Dir::Etc::sourceparts/d',
  ]);
  const list = /^LIST='(.*)'$/m.exec(places)?.[1];
  const parts = /^PARTS='(.*)'$/m.exec(places)?.[1];
  const files = [];
  if (list && existsSync(list)) files.push(list);
  if (parts && existsSync(parts)) {
    for (const name of readdirSync(parts).sort()) {
      if (/\.(list|sources)$/.test(name)) files.push(join(parts, name));
    }
  }
  const mirrors = files.flatMap((file) => mirrorsIn(file, readFileSync(file, 'utf8')));
  if (mirrors.length === 0) {
    throw new AptError("apt's sources name no mirror of the Debian archive");
  }
  return likeliestFirst(mirrors);
}

/**
 * The mirrors of the Debian archive in one sources file.
 *
 * @param {string} file its name; the ending `.sources` means the deb822 format
 * @param {string} text
 * @returns {Mirror[]}
 */
export function mirrorsIn(file, text) {
  return file.endsWith('.sources') ? mirrorsInDeb822(text) : mirrorsInOneLines(text);
}

/** @param {string} text @returns {Mirror[]} */
function mirrorsInDeb822(text) {
  const mirrors = [];
  for (const stanza of text.replace(/^#.*\n/gm, '').split(/\n\s*\n/)) {
    const fields = deb822Fields(stanza);
    const words = (/** @type {string} */ name) => (fields.get(name) ?? '').split(/\s+/);
    if ((fields.get('enabled') ?? 'yes').toLowerCase() === 'no') continue;
    if (!words('types').includes('deb') || !words('components').includes('main')) continue;
    if (!words('suites').some((suite) => DEBIAN_SUITES.test(suite))) continue;
    for (const uri of words('uris').filter(Boolean)) {
      mirrors.push({ uri, signedBy: fields.get('signed-by') ?? '' });
    }
  }
  return mirrors;
}

/** @param {string} stanza @returns {Map<string, string>} field names in lower case */
function deb822Fields(stanza) {
  const fields = new Map();
  let name = '';
  for (const line of stanza.split('\n')) {
    const field = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
    if (field) {
      name = field[1].toLowerCase();
      fields.set(name, field[2].trimEnd());
    } else if (name && /^\s/.test(line)) {
      fields.set(name, `${fields.get(name)}\n${line}`);
    }
  }
  return fields;
}

/** @param {string} text @returns {Mirror[]} */
function mirrorsInOneLines(text) {
  const mirrors = [];
  for (const line of text.split('\n')) {
    const entry = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (!entry) continue;
    const [, options = '', uri, suite, components] = entry;
    if (!DEBIAN_SUITES.test(suite) || !components.trim().split(/\s+/).includes('main')) continue;
    mirrors.push({ uri, signedBy: /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1] ?? '' });
  }
  return mirrors;
}

/**
 * Others' archives use Debian's suite names too; Debian's own nearly always lies in `debian`.
 *
 * @param {Mirror[]} mirrors
 * @returns {Mirror[]}
 */
function likeliestFirst(mirrors) {
  const isDebian = (/** @type {Mirror} */ mirror) => /\/debian\/*$/.test(mirror.uri);
  return [...mirrors.filter(isDebian), ...mirrors.filter((mirror) => !isDebian(mirror))];
}

/** One Debian suite, with apt state of its own in a folder of ours. */
export class Suite {
  /**
   * @param {string} name a suite or code name: `trixie`
   * @param {string} folder where the state may lie; made when missing
   */
  constructor(name, folder) {
    this.name = name;
    this.folder = folder;
    this.config = join(folder, 'apt.conf');
  }

  /**
   * Fetches the suite's package lists from the first mirror that has them.
   *
   * @param {Mirror[]} mirrors
   * @throws {AptError} when none gives them
   */
  update(mirrors) {
    this.#writeConfig();
    const complaints = [];
    for (const mirror of mirrors) {
      writeFileSync(join(this.folder, 'debian.sources'), this.#source(mirror));
      try {
        run('apt-get', ['-q', '-c', this.config, 'update']);
        return;
      } catch (error) {
        complaints.push(String(/** @type {Error} */ (error).message));
      }
    }
    throw new AptError(`no package lists of Debian ${this.name}: ${complaints[0]}`);
  }

  /**
   * Downloads packages; apt checks their hashes against the signed lists.
   *
   * @param {readonly string[]} packages
   * @param {string} into an existing folder
   * @throws {AptError} when one is missing or the network fails
   */
  download(packages, into) {
    run('apt-get', ['-q', '-c', this.config, 'download', ...packages], into);
  }

  /**
   * The package of the highest version that fits a name with a star: `libpython3.15-stdlib` for
   * `libpython3.*-stdlib`. A name without a star is itself.
   *
   * @param {string} pattern
   * @returns {string}
   * @throws {AptError} when the suite has none
   */
  newest(pattern) {
    const [before = '', after] = pattern.split('*');
    if (after === undefined) return pattern;
    const names = run('apt-cache', ['-c', this.config, 'pkgnames', before]).split('\n');
    const fits = names.filter(
      (name) => name.endsWith(after) && /^\d+$/.test(name.slice(before.length, -after.length)),
    );
    const number = (/** @type {string} */ name) => Number(name.slice(before.length, -after.length));
    const [newest] = fits.sort((a, b) => number(b) - number(a));
    if (newest === undefined) throw new AptError(`Debian ${this.name} has no ${pattern}`);
    return newest;
  }

  /** @param {Mirror} mirror @returns {string} a deb822 stanza */
  #source(mirror) {
    const keys = mirror.signedBy || (existsSync(DEBIAN_KEYRING) ? DEBIAN_KEYRING : '');
    return [
      'Types: deb',
      `URIs: ${mirror.uri}`,
      `Suites: ${this.name}`,
      'Components: main',
      'Targets: Packages',
      ...(keys ? [`Signed-By: ${keys}`] : []),
      '',
    ].join('\n');
  }

  #writeConfig() {
    for (const part of ['lists/partial', 'state', 'cache/archives/partial']) {
      mkdirSync(join(this.folder, part), { recursive: true });
    }
    const status = join(this.folder, 'state', 'status');
    writeFileSync(status, '');
    // The hooks that distributions add after an update touch the system's own cache.
    writeFileSync(
      this.config,
      `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "${join(this.folder, 'debian.sources')}";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "${join(this.folder, 'state')}";
Dir::State::lists "${join(this.folder, 'lists')}";
Dir::State::status "${status}";
Dir::Cache "${join(this.folder, 'cache')}";
Dir::Log "${join(this.folder, 'state')}";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
`,
    );
  }
}

/**
 * Unpacks a package's files; runs none of its scripts.
 *
 * @param {string} archive a `.deb`
 * @param {string} into
 * @throws {AptError}
 */
export function unpack(archive, into) {
  run('dpkg-deb', ['-x', archive, into]);
}

/**
 * @param {string} archive a `.deb`
 * @returns {string} the package's version, Debian's part included: `4.8.0-3`
 * @throws {AptError}
 */
export function packageVersion(archive) {
  return run('dpkg-deb', ['-f', archive, 'Version']).trim();
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} [cwd]
 * @returns {string} what it printed
 * @throws {AptError} with the last line of its complaint
 */
function run(command, args, cwd) {
  const done = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (done.error) throw new AptError(`${command}: ${done.error.message}`);
  if (done.status !== 0) {
    const complaints = `${done.stderr}\n${done.stdout}`.split('\n').filter((line) => line.trim());
    const worst = complaints.find((line) => line.startsWith('E:')) ?? complaints[0] ?? 'failed';
    throw new AptError(`${command}: ${worst.trim()}`);
  }
  return done.stdout;
}
