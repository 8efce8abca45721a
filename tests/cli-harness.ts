/** For the tests of the command line and the reports: migrations made by hand, a terminal of strings. */

import { join } from 'node:path';
import type { PythonFile } from '../src/analysis/file.ts';
import type { Engine } from '../src/cli/engine.ts';
import { run } from '../src/cli/run.ts';
import type { Stream } from '../src/cli/terminal.ts';
import type { MigrateOptions } from '../src/migrate.ts';
import type { TransformInfo } from '../src/report/explain.ts';
import type { Account, FileChange, Migration } from '../src/result.ts';
import type { Run } from '../src/run.ts';
import type { Judged, Place, Role, Verdict } from '../src/transform.ts';

export const ROOT = '/project';

/** A place in the made-up project. */
export function place(file: string, line: number, column = 1): Place {
  return { file: join(ROOT, file), line, column };
}

export interface UseOptions {
  phase?: number;
  transform?: string;
  role?: Role;
  applied?: boolean;
  root?: string;
}

/** `use('app/a.py:12', 'asyncio.sleep', safe, {phase: 2, transform: 'sleep'})` */
export function use(
  where: string,
  name: string,
  verdict: Verdict,
  options: UseOptions = {},
): Judged {
  const [path = '', line = '1'] = where.split(':');
  const isSafe = verdict.kind === 'rewrite' && verdict.safety === 'safe';
  return {
    use: {
      // The reports ask a file for its path alone.
      file: { path: join(options.root ?? ROOT, path) } as PythonFile,
      name,
      role: options.role ?? 'call',
      span: { start: 0, end: name.length },
      node: undefined as never,
      spelling: 'module',
    },
    position: { line: Number(line), column: 5, endLine: Number(line), endColumn: 5 + name.length },
    phase: options.phase,
    transform: options.transform,
    verdict,
    applied: options.applied ?? isSafe,
  };
}

export const SAFE: Verdict = { kind: 'rewrite', safety: 'safe', edits: [], minAnyio: '4.0' };
export const DEFER: Verdict = { kind: 'defer' };

export function review(note: string, blocker?: Place): Verdict {
  return { kind: 'rewrite', safety: 'review', edits: [], minAnyio: '4.0', note, blocker };
}

export function refuse(code: string, message: string, help: string, blocker?: Place): Verdict {
  return { kind: 'refuse', diagnostic: { code, message, help, blocker } };
}

export function leave(reason: string): Verdict {
  return { kind: 'leave', reason };
}

export function change(path: string, before: string, after: string, encoding = 'utf8'): FileChange {
  return { path: join(ROOT, path), before, after, encoding };
}

/** A migration with these parts; the account is counted from the uses. */
export function migration(parts: Partial<Migration> = {}): Migration {
  const judged = parts.judged ?? [];
  return {
    root: ROOT,
    target: { anyio: '4.7', anyioSource: 'pyproject.toml', python: '3.10' },
    phases: [0, 1, 2],
    transforms: ['dependency', 'run', 'sleep', 'lock', 'event'],
    judged,
    changes: [],
    problems: [],
    notes: [],
    filesSeen: 12,
    filesWithUses: new Set(judged.map((each) => each.use.file.path)).size,
    account: accountOf(judged),
    ...parts,
  };
}

function accountOf(judged: readonly Judged[]): Account {
  const kinds = (kind: Verdict['kind']) => judged.filter((each) => each.verdict.kind === kind);
  const rewritten = kinds('rewrite');
  const safe = rewritten.filter(
    ({ verdict }) => verdict.kind === 'rewrite' && verdict.safety === 'safe',
  );
  return {
    found: judged.length,
    rewritten: rewritten.length,
    safe: safe.length,
    review: rewritten.length - safe.length,
    refused: kinds('refuse').length,
    deferred: kinds('defer').length,
    left: kinds('leave').length,
  };
}

/** A small project: every verdict, every kind of reason, several places in a line. */
export function sample(): Migration {
  const sleep = { phase: 2, transform: 'sleep' };
  const event = { phase: 2, transform: 'event' };
  const cleared = refuse(
    'event-clear',
    'the event is cleared, and an anyio event cannot be',
    'put a new Event where the old one is cleared, when nobody waits on the old one',
    place('app/state.py', 40),
  );
  const spawned = review('the coroutine is handed to a task: look at who cancels it');
  return migration({
    judged: [
      use('app/main.py:9', 'asyncio.run', SAFE, { phase: 1, transform: 'run' }),
      use('app/state.py:4', 'asyncio.Event', cleared, event),
      use('app/state.py:18', 'asyncio.Event', cleared, event),
      use('app/worker.py:7', 'asyncio.sleep', SAFE, sleep),
      use('app/worker.py:8', 'asyncio.sleep', SAFE, sleep),
      use('app/worker.py:21', 'asyncio.sleep', spawned, sleep),
      use('app/worker.py:21', 'asyncio.sleep', spawned, sleep),
      use('app/worker.py:30', 'asyncio.wait_for', DEFER, { phase: 3 }),
      use('app/worker.py:31', 'asyncio.wait_for', DEFER, { phase: 3 }),
      use('app/worker.py:32', 'asyncio.timeout', DEFER, { phase: 3 }),
      use('app/worker.py:33', 'asyncio.Semaphore', DEFER, { phase: 2 }),
      use('app/worker.py:40', 'asyncio.Task', leave('annotates a task that stays'), {
        role: 'annotation',
      }),
    ],
    changes: [
      change(
        'app/main.py',
        'import asyncio\nasyncio.run(main())\n',
        'import anyio\nanyio.run(main)\n',
      ),
      change(
        'app/worker.py',
        'import asyncio\n\nawait asyncio.sleep(1)\nawait asyncio.sleep(2)\n',
        'import anyio\n\nawait anyio.sleep(1)\nawait anyio.sleep(2)\n',
      ),
      {
        ...change('pyproject.toml', 'dependencies = []\n', 'dependencies = ["anyio>=4.7"]\n'),
        note: 'anyio>=4.7 added to [project] dependencies',
      },
    ],
    dependency: {
      verdict: 'rewrite',
      file: join(ROOT, 'pyproject.toml'),
      needed: '4.7',
      message: 'anyio>=4.7 added to [project] dependencies',
    },
  });
}

export const CATALOG: readonly TransformInfo[] = [
  info('dependency', 0, [], 'adds anyio to the project'),
  info('run', 1, ['asyncio.run'], 'asyncio.run(main()) -> anyio.run(main)'),
  info('sleep', 2, ['asyncio.sleep'], 'asyncio.sleep -> anyio.sleep'),
  info('lock', 2, ['asyncio.Lock'], 'asyncio.Lock -> anyio.Lock'),
  {
    ...info('event', 2, ['asyncio.Event'], 'asyncio.Event -> anyio.Event'),
    examples: [{ before: '\ne = asyncio.Event()\n', after: '\ne = anyio.Event()\n' }],
    diagnostics: [
      {
        code: 'event-clear',
        title: 'an event that is cleared',
        why: 'An anyio event is set once and for all. '.repeat(4),
        instead: 'if done:\n    event = anyio.Event()\n',
      },
    ],
  },
];

function info(id: string, phase: number, names: string[], summary: string): TransformInfo {
  return { id, phase, names, summary, examples: [], safety: `Why ${id} is safe.`, diagnostics: [] };
}

/** A stream that keeps what is written. */
export class Sink implements Stream {
  chunks: Buffer[] = [];
  isTTY?: boolean;
  columns?: number;

  write(chunk: string | Uint8Array): void {
    this.chunks.push(Buffer.from(chunk));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }
}

export interface RunOptions {
  migration?: Migration | ((options: MigrateOptions) => Migration);
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  tty?: boolean;
}

export interface Ran {
  code: number;
  stdout: Sink;
  stderr: Sink;
  /** What the engine was asked; undefined when it was not. */
  asked: MigrateOptions | undefined;
}

/** Runs the command line in this process, with a made-up engine. */
export async function cli(words: string[], options: RunOptions = {}): Promise<Ran> {
  const stdout = new Sink();
  const stderr = new Sink();
  stdout.isTTY = stderr.isTTY = options.tty;
  let asked: MigrateOptions | undefined;
  const answerTo = (request: MigrateOptions): Migration => {
    const answer = options.migration ?? sample();
    return typeof answer === 'function' ? answer(request) : answer;
  };
  const engine: Engine = {
    catalog: async () => CATALOG,
    migrate: async (request) => {
      asked = request;
      return answerTo(request);
    },
    open: async (request) => {
      asked = request;
      const made: Pick<Run, 'options' | 'root' | 'migration' | 'preview' | 'units' | 'dispose'> = {
        options: request,
        root: ROOT,
        migration: (choices) => answerTo({ ...request, ...choices }),
        preview: () => [],
        units: () => [],
        dispose: () => {},
      };
      return made as Run;
    },
  };
  const code = await run(words, {
    cwd: options.cwd ?? ROOT,
    env: options.env ?? {},
    stdout,
    stderr,
    engine,
    uninterrupted: (work) => work(),
  });
  return { code, stdout, stderr, asked };
}
