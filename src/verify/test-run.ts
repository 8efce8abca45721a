/** Runs the user's own test command once, in a throw-away checkout. */

import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { withoutForeignGit } from '../files/run-git.ts';
import { UsageError } from '../usage.ts';
import { readJunit, type TestResults, together } from './junit.ts';
import { PLUGIN_NAME, type Support } from './support.ts';

/** How a run ended, and what its tests did. */
export interface TestRun {
  /** Null when it was killed. */
  status: number | null;
  /** Whether it took longer than it was given. */
  timedOut: boolean;
  /** In milliseconds. */
  duration: number;
  /** By test, where pytest wrote a report. */
  tests?: TestResults;
  /** The last lines that the command printed. */
  lastLines: string[];
  /** The library that could not be imported, of those that rewritten code needs. */
  missing?: string;
  /** Modules of the checkout that were imported: absolute paths without the suffix. */
  imported: ReadonlySet<string>;
}

export interface RunRequest {
  /** The command and its arguments. */
  command: readonly [string, ...string[]];
  /** Absolute; where the command runs. */
  cwd: string;
  /** Absolute; the top of the throw-away checkout. */
  top: string;
  /** In milliseconds, after which it is killed. */
  limit: number;
  env: NodeJS.ProcessEnv;
  support: Support;
  /** The tests that are asked for, by the names of the report; all if not given. */
  only?: readonly string[];
  /** In seconds: a test of pytest that takes longer fails, and the others go on. */
  testLimit?: number;
  /** The backend that `anyio.run` and anyio's pytest plugin take. */
  backend?: 'trio';
  /** Is told how to stop what runs, and undefined when it has ended. */
  onStart?: (stop: (() => void) | undefined) => void;
}

const LAST_LINES = 15;

/**
 * Runs the command with what pytest is to be told in its environment, since the command may be
 * `make test` as well.
 *
 * @throws UsageError when there is no such command
 */
export async function runTests(request: RunRequest): Promise<TestRun> {
  const folder = mkdtempSync(join(request.support.folder, 'run-'));
  const reports = join(folder, 'reports');
  mkdirSync(reports);
  const log = join(folder, 'output.txt');
  // One for all runs, or all libraries would be compiled each time; what it holds of the checkout goes,
  // since a file may have changed within the same second, and to the same size.
  const bytecode = join(request.support.folder, 'bytecode');
  rmSync(join(bytecode, request.top), { recursive: true, force: true });
  const env = environmentOf(request, { reports, bytecode, folder });
  const start = performance.now();
  const ended = await finish(request, env, log);
  const printed = readFileSync(log, 'utf8');
  const run: TestRun = {
    ...ended,
    duration: performance.now() - start,
    lastLines: (printed.trimEnd() || '(it printed nothing)').split('\n').slice(-LAST_LINES),
    imported: importedIn(bytecode, request.top),
  };
  const [, missing] = /No module named '(anyio|trio)'/.exec(printed) ?? [];
  if (missing !== undefined) run.missing = missing;
  const tests = readReports(reports);
  if (tests) run.tests = tests;
  return run;
}

/** Whether Python imported a file of the checkout during a run. Scripts that are run do not count. */
export function wasImported({ imported }: TestRun, path: string): boolean {
  return imported.has(path.replace(/\.py$/, ''));
}

/** Python lays the bytecode of `/a/b.py` at `/a/b.cpython-312.pyc` below the folder it is told. */
function importedIn(bytecode: string, top: string): Set<string> {
  const folder = join(bytecode, top);
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
  const modules = files.filter((name) => name.endsWith('.pyc'));
  return new Set(modules.map((name) => join(top, name.replace(/\.[^/\\]*$/, ''))));
}

/** What all reports of a run say together; a command may run pytest several times. */
function readReports(folder: string): TestResults | undefined {
  const files = readdirSync(folder).filter((name) => name.endsWith('.xml'));
  if (files.length === 0) return undefined;
  return together(files.sort().map((name) => readJunit(readFileSync(join(folder, name), 'utf8'))));
}

function environmentOf(
  { env, support, only, backend, top, testLimit }: RunRequest,
  { reports, bytecode, folder }: { reports: string; bytecode: string; folder: string },
): NodeJS.ProcessEnv {
  const made: NodeJS.ProcessEnv = {
    ...withoutForeignGit(env),
    PYTEST_ADDOPTS: [env.PYTEST_ADDOPTS, `-p ${PLUGIN_NAME}`].filter(Boolean).join(' '),
    ANYIO_CODEMOD_REPORTS: reports,
    // What is imported leaves its bytecode there: so it can be told whether it was this code.
    PYTHONPYCACHEPREFIX: bytecode,
    // The checkout comes before an editable installation, which is of the user's own one.
    PYTHONPATH: [support.modules, top, join(top, 'src'), env.PYTHONPATH]
      .filter(Boolean)
      .join(delimiter),
    // It would point the user's own environment at a folder that will be gone.
    UV_NO_SYNC: '1',
    ANYIO_CODEMOD_VERIFY: '1',
  };
  delete made.PYTHONDONTWRITEBYTECODE;
  if (testLimit !== undefined) {
    made.ANYIO_CODEMOD_TEST_LIMIT = String(testLimit);
    // Where pytest-timeout is installed, it does that, and asks for this.
    made.PYTEST_TIMEOUT ??= String(testLimit);
  }
  if (only) made.ANYIO_CODEMOD_ONLY = support.listFile(folder, only);
  if (backend) made.ANYIO_CODEMOD_BACKEND = backend;
  return made;
}

async function finish(
  { command, cwd, limit, onStart }: RunRequest,
  env: NodeJS.ProcessEnv,
  log: string,
): Promise<{ status: number | null; timedOut: boolean }> {
  const output = openSync(log, 'w');
  const [program, ...words] = command;
  // A group of its own: what the tests start must end with them.
  const child = spawn(program, words, {
    cwd,
    env,
    detached: process.platform !== 'win32',
    stdio: ['ignore', output, output],
  });
  const stop = () => killGroup(child.pid);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, limit);
  onStart?.(stop);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', (error: NodeJS.ErrnoException) =>
        reject(
          error.code === 'ENOENT' ? new UsageError(`there is no command '${program}'`) : error,
        ),
      );
      child.on('exit', resolve);
    });
    return { status, timedOut };
  } finally {
    clearTimeout(timer);
    stop();
    closeSync(output);
    onStart?.(undefined);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
