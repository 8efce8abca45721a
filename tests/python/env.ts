/**
 * Real Python for the tests: the interpreters of this machine, and the libraries that
 * `node tests/python/fetch.mjs` unpacks.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { describe, it } from 'vitest';

export interface Interpreter {
  /** Absolute path. */
  path: string;
  /** `3.12.1`. */
  version: string;
}

/** A release of anyio, with trio and all that both need. */
export interface AnyioLibrary {
  /** `4.15.1`. */
  version: string;
  /** The folder for PYTHONPATH. */
  path: string;
}

/** A package that uses asyncio, to be read and rewritten, not run: its own needs are not there. */
export interface CorpusPackage {
  /** `aiohttp`. */
  name: string;
  version: string;
  /** The folder that holds the package's top folders. */
  path: string;
}

/** The pure Python part of a release's library: no interpreter comes with it. */
export interface StandardLibrary {
  /** `3.15.0`. */
  version: string;
  /** The folder that holds `asyncio` and its like. */
  path: string;
}

export interface PythonEnv {
  /** One a minor version from 3.10 on, ascending. */
  interpreters: Interpreter[];
  /** Ascending by version. */
  anyio: AnyioLibrary[];
  corpus: CorpusPackage[];
  /** The folder for PYTHONPATH of pytest and pytest-asyncio; it needs an anyio library beside it. */
  pytest?: string;
  /** Python's own library, of the newest version that there is, to be read. */
  stdlib?: StandardLibrary;
  /** Why tests that need all of this cannot run; undefined when they can. */
  missing?: string;
}

export interface RunOptions {
  /** The program's text, or else `file`. */
  script?: string;
  /** The program's path. */
  file?: string;
  args?: readonly string[];
  /** The libraries that the program can import. */
  anyio?: AnyioLibrary;
  /** After which it is killed; 30 seconds unless told. */
  timeoutMs?: number;
  /** Set over the environment of the tests, from which Python's own variables are taken out. */
  env?: Readonly<Record<string, string>>;
  /** What the program reads from stdin. */
  input?: string;
  cwd?: string;
}

export interface RunResult {
  stdout: string;
  stderr: string;
  /** Null when a signal ended it. */
  code: number | null;
  timedOut: boolean;
}

const PROJECT = resolve(import.meta.dirname, '..', '..');
/** Where Debian's Python packages lay their modules. */
const DIST_PACKAGES = join('usr', 'lib', 'python3', 'dist-packages');
const PATH_NAMES = ['python3', ...[10, 11, 12, 13, 14].map((minor) => `python3.${minor}`)];
const OLDEST_MINOR = 10;

let known: PythonEnv | undefined;
let warned = false;

/**
 * The Pythons and libraries of this machine, looked for once a test file. The environment variable
 * ANYIO_CODEMOD_TEST_CACHE names another folder than `.cache` to look in for the libraries.
 */
export function pythonEnv(): PythonEnv {
  known ??= findEnv();
  return known;
}

/** The newest interpreter: its `ast` gives the best positions and knows the newest syntax. */
export function newestPython(env: PythonEnv): Interpreter {
  const newest = env.interpreters.at(-1);
  if (!newest) throw new Error('no Python 3.10 or later');
  return newest;
}

/**
 * Runs a program to its end, with no module of the user's own site and no bytecode written. Hashes
 * are the same in each run, and the streams are UTF-8.
 *
 * @throws when the interpreter cannot be started
 */
export function runPython(interpreter: Interpreter, options: RunOptions): RunResult {
  const program = options.file === undefined ? ['-c', options.script ?? ''] : [options.file];
  const done = spawnSync(interpreter.path, ['-s', ...program, ...(options.args ?? [])], {
    cwd: options.cwd,
    encoding: 'utf8',
    env: { ...pythonVariables(options.anyio), ...options.env },
    input: options.input ?? '',
    killSignal: 'SIGKILL',
    maxBuffer: 256 * 1024 * 1024,
    timeout: options.timeoutMs ?? 30_000,
  });
  const timedOut = isTimeout(done.error);
  if (done.error && !timedOut) throw done.error;
  return { stdout: done.stdout, stderr: done.stderr, code: done.status, timedOut };
}

/**
 * A `describe` that needs interpreters and libraries. Without them its tests are skipped, with a
 * warning; where `CI` is set, they fail.
 */
export function describeWithPython(name: string, tests: (env: PythonEnv) => void): void {
  const env = pythonEnv();
  const { missing } = env;
  if (missing === undefined) {
    describe(name, () => tests(env));
  } else if (process.env.CI) {
    describe(name, () => {
      it('needs Python and its libraries', () => {
        throw new Error(missing);
      });
    });
  } else {
    warnOnce(missing);
    describe(name, () => it.skip(`needs Python: ${missing}`));
  }
}

function warnOnce(missing: string): void {
  if (!warned) console.warn(`\nSKIPPED: TESTS THAT RUN PYTHON: ${missing}\n`);
  warned = true;
}

function isTimeout(error: Error | undefined): boolean {
  return error !== undefined && 'code' in error && error.code === 'ETIMEDOUT';
}

function pythonVariables(anyio: AnyioLibrary | undefined): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PYTHON'));
  return {
    ...Object.fromEntries(inherited),
    ...(anyio ? { PYTHONPATH: anyio.path } : {}),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONHASHSEED: '0',
    PYTHONIOENCODING: 'utf-8',
    PYTHONNOUSERSITE: '1',
  };
}

function findEnv(): PythonEnv {
  const interpreters = findInterpreters();
  const libraries = findLibraries();
  const reasons = interpreters.length === 0 ? ['no Python 3.10 or later is on the PATH'] : [];
  if (libraries.missing) reasons.push(libraries.missing);
  return {
    ...libraries,
    interpreters,
    ...(reasons.length > 0 ? { missing: reasons.join('; ') } : {}),
  };
}

// -- interpreters --------------------------------------------------------------------------------

function findInterpreters(): Interpreter[] {
  const pyenvRoot = outputOf('pyenv', ['root']);
  const byMinor = new Map<number, Interpreter>();
  for (const candidate of [...onPath(pyenvRoot), ...inPyenv(pyenvRoot)]) {
    const interpreter = probe(candidate);
    const minor = Number(interpreter?.version.split('.')[1]);
    if (interpreter && minor >= OLDEST_MINOR && !byMinor.has(minor)) {
      byMinor.set(minor, interpreter);
    }
  }
  return [...byMinor.values()].sort(byVersion);
}

function onPath(pyenvRoot: string | undefined): string[] {
  // A shim of pyenv's starts slowly, or not at all, what lies in its versions folder.
  const isShim = (folder: string) => pyenvRoot && folder === join(pyenvRoot, 'shims');
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !isShim(folder));
  return folders
    .filter(Boolean)
    .flatMap((folder) => PATH_NAMES.map((name) => join(folder, name)))
    .filter((path) => existsSync(path));
}

function inPyenv(root: string | undefined): string[] {
  const versions = root && join(root, 'versions');
  if (!versions || !existsSync(versions)) return [];
  return readdirSync(versions)
    .filter((version) => /^3\.1\d/.test(version))
    .map((version) => join(versions, version, 'bin', 'python3'))
    .filter((path) => existsSync(path));
}

function probe(path: string): Interpreter | undefined {
  const version = outputOf(path, ['-c', 'import sys; print(*sys.version_info[:3], sep=".")']);
  return version?.startsWith('3.') ? { path, version } : undefined;
}

function outputOf(command: string, args: string[]): string | undefined {
  const done = spawnSync(command, args, { encoding: 'utf8', timeout: 20_000 });
  return done.status === 0 ? done.stdout.trim() : undefined;
}

// -- libraries -----------------------------------------------------------------------------------

interface Stamp {
  folders: { kind: 'anyio' | 'corpus' | 'pytest' | 'stdlib'; folder: string; version: string }[];
}

function findLibraries(): Omit<PythonEnv, 'interpreters'> {
  const cache = resolve(process.env.ANYIO_CODEMOD_TEST_CACHE ?? join(PROJECT, '.cache'));
  const home = join(cache, 'python');
  const stamp = join(home, 'stamp.json');
  if (!existsSync(stamp)) return { anyio: [], corpus: [], missing: whyNotFetched(home) };
  const { folders } = JSON.parse(readFileSync(stamp, 'utf8')) as Stamp;
  const anyio: AnyioLibrary[] = [];
  const corpus: CorpusPackage[] = [];
  let pytest: string | undefined;
  let stdlib: StandardLibrary | undefined;
  for (const { kind, folder, version } of folders) {
    const path = join(home, folder, DIST_PACKAGES);
    if (kind === 'anyio') anyio.push({ version, path });
    else if (kind === 'pytest') pytest = path;
    else if (kind === 'stdlib') stdlib = { version, path: libraryIn(join(home, folder), version) };
    else corpus.push({ name: folder.split('/').at(-1) ?? folder, version, path });
  }
  const found = { anyio: anyio.sort(byVersion), corpus };
  return { ...found, ...(pytest === undefined ? {} : { pytest }), ...(stdlib ? { stdlib } : {}) };
}

function libraryIn(folder: string, version: string): string {
  const [major, minor] = version.split('.');
  return join(folder, 'usr', 'lib', `python${major}.${minor}`);
}

function whyNotFetched(home: string): string {
  const skipped = join(home, 'SKIPPED');
  return existsSync(skipped)
    ? `the libraries could not be fetched: ${readFileSync(skipped, 'utf8').trim()}`
    : 'no libraries: run `node tests/python/fetch.mjs`';
}

function byVersion(a: { version: string }, b: { version: string }): number {
  return a.version.localeCompare(b.version, 'en', { numeric: true });
}
