/** The Python helpers of this folder, called from TypeScript. */

import { delimiter, join } from 'node:path';
import { type AnyioLibrary, type Interpreter, type RunOptions, runPython } from './env.ts';

/** One use of asyncio as Python's own `ast` finds it; census.py tells what each field means. */
export interface CensusUse {
  /** 1-based. */
  line: number;
  /** 1-based, in UTF-16 code units. */
  column: number;
  /** Canonical: `asyncio.Lock`. */
  name: string;
  kind:
    | 'name'
    | 'module'
    | 'getattr'
    | 'annotation-string'
    | 'patch-target'
    | 'import-string'
    | 'import';
  /** Whether the name is bound to something else in its scope too. */
  doubt: boolean;
}

export interface CensusFile {
  path: string;
  uses: CensusUse[];
  /** Why the file could not be read or parsed. */
  error: string | null;
}

/** An exception that left a program. */
export interface RaisedException {
  /** With its module unless it is built in: `KeyError`, `asyncio.exceptions.CancelledError`. */
  type: string;
  message: string;
  /** The members of an exception group; empty for others. */
  exceptions: RaisedException[];
}

export interface CaseResult {
  stdout: string;
  stderr: string;
  exception: RaisedException | null;
  /** The interpreter's exit code, negative for a signal; null after a time-out. */
  code: number | null;
  timedOut: boolean;
}

export interface CaseOptions {
  anyio?: AnyioLibrary;
  /** What `anyio.run` runs on where the program names no backend; asyncio unless told. */
  backend?: 'asyncio' | 'trio';
  /** 10 seconds unless told. */
  timeoutMs?: number;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

/** A file that Python's compiler rejects. */
export interface CompileFailure {
  path: string;
  /** 1-based. */
  line: number | null;
  message: string;
}

/** The uses of asyncio in each file, in the order of `paths`. Best with Python 3.12 or later. */
export function census(interpreter: Interpreter, paths: readonly string[]): CensusFile[] {
  const input = nulList(paths);
  const counted = runTool(interpreter, 'census.py', { input, timeoutMs: 300_000 });
  return (counted as { files: CensusFile[] }).files;
}

/** Runs one program; how it ended is in the result, never thrown. */
export function runCase(
  interpreter: Interpreter,
  program: string,
  options: CaseOptions = {},
): CaseResult {
  const { backend = 'asyncio', timeoutMs = 10_000, args = [], ...rest } = options;
  const seconds = String(timeoutMs / 1000);
  return runTool(interpreter, 'run_case.py', {
    ...rest,
    args: ['--backend', backend, '--timeout', seconds, program, ...args],
    // The helper keeps the limit itself; this one is for the helper.
    timeoutMs: timeoutMs + 20_000,
  }) as CaseResult;
}

/** One run of `runCases`. */
export interface CaseJob {
  /** Absolute path. */
  program: string;
  backend: 'asyncio' | 'trio';
  /** Absolute path. */
  cwd: string;
}

/** Small modules in the place of libraries that are compiled, or that are not fetched. */
const STAND_INS = join(import.meta.dirname, 'stand-ins');

/** Runs many programs with one library, several at once; the results in the order of the jobs. */
export function runCases(
  interpreter: Interpreter,
  anyio: AnyioLibrary,
  jobs: readonly CaseJob[],
  timeoutMs = 10_000,
): CaseResult[] {
  const input = JSON.stringify(jobs.map((job) => ({ ...job, timeout: timeoutMs / 1000 })));
  const env = { PYTHONPATH: [anyio.path, STAND_INS].join(delimiter) };
  const options = { env, args: ['--batch'], input, timeoutMs: 900_000 };
  return runTool(interpreter, 'run_case.py', options) as CaseResult[];
}

/** The files among `paths` that Python's compiler rejects. */
export function compileFailures(
  interpreter: Interpreter,
  paths: readonly string[],
): CompileFailure[] {
  const input = nulList(paths);
  const options = { args: ['--compile'], input, timeoutMs: 300_000 };
  return runTool(interpreter, 'run_case.py', options) as CompileFailure[];
}

function runTool(interpreter: Interpreter, tool: string, options: RunOptions): unknown {
  const file = join(import.meta.dirname, tool);
  const { stdout, stderr, code, timedOut } = runPython(interpreter, { ...options, file });
  if (code !== 0) throw new Error(`${tool}: ${timedOut ? 'out of time' : stderr}`);
  return JSON.parse(stdout);
}

function nulList(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('');
}
