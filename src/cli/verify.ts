/** `verify -- COMMAND`: do the tests hold, before and after, and if not, which rewrite is at fault. */

import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { findCheckout } from '../git/git.ts';
import { addWorktree, environmentsOf } from '../git/worktree.ts';
import { paragraph, plural } from '../report/layout.ts';
import { styleFor } from '../report/style.ts';
import { duration, heldUp, lastWords, runWords, verifyReport } from '../report/verify.ts';
import { verifyJson } from '../report/verify-json.ts';
import type { Migration } from '../result.ts';
import type { Run } from '../run.ts';
import { UsageError } from '../usage.ts';
import { makeSupport, type Support } from '../verify/support.ts';
import { BrokenBefore, type Verification, verify, type Watcher } from '../verify/verification.ts';
import { allValues, formatOf, isOn, lastValue, type ParsedArgs } from './argv.ts';
import { offerToLeaveOut } from './leave-out.ts';
import { DONE, FAILED, showNotes, showProblems, WOULD_CHANGE } from './problems.ts';
import { progressOn } from './progress.ts';
import { commandLine, type Request, requestOf } from './request.ts';
import { type Terminal, widthOf, writeLines } from './terminal.ts';

/**
 * @returns the exit code: 1 when something broke
 * @throws UsageError where there is no command, no checkout, or nothing to try
 */
export async function run(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  const command = commandOf(argv);
  formatOf(argv);
  const limit = limitOf(lastValue(argv, 'timeout'));
  const trio = isTrio(lastValue(argv, 'backend'));
  // What follows `--` is the command here, and no path.
  const own: ParsedArgs = { ...argv, '--': undefined };
  const request = await requestOf(own, terminal, 'hybrid');
  const opened = await terminal.engine.open(trio ? { ...request, testBackends: 'both' } : request);
  try {
    const migration = opened.migration();
    showProblems(migration.problems, terminal);
    showNotes(migration.notes, terminal);
    if (migration.changes.length === 0) throw new UsageError('nothing would be rewritten');
    const top = checkoutOf(opened);
    const links = allValues(argv, 'link').flatMap((value) => value.split(','));
    const result = await inWorktree({ top, links, terminal }, (support, worktree) =>
      verify({
        run: opened,
        migration,
        units: opened.units(migration).filter((unit) => unit.judged.some(({ applied }) => applied)),
        top,
        worktree,
        request: {
          command: resolved(command, terminal.cwd, join(worktree, insideOf(top, terminal.cwd))),
          cwd: join(worktree, insideOf(top, terminal.cwd)),
          env: terminal.env,
          support,
          onStart: stopper(terminal),
        },
        ...(limit === undefined ? {} : { limit }),
        bisect: !isOn(argv, 'no-bisect'),
        trio,
        watcher: watch(terminal),
      }),
    );
    return await report(result, { argv: own, migration, request }, terminal);
  } catch (error) {
    if (error instanceof BrokenBefore) return tellBroken(error, terminal);
    throw error;
  } finally {
    opened.dispose();
  }
}

interface Context {
  argv: ParsedArgs;
  migration: Migration;
  request: Request;
}

function reasonOf([first, ...others]: readonly string[]): string {
  if (first === undefined) return 'the test command fails with it';
  return `breaks ${first}${others.length > 0 ? ` and ${plural(others.length, 'other test')}` : ''}`;
}

/** There is nothing to compare with: the user's environment, or the command, is not what it should be. */
function tellBroken(
  { run: { status, timedOut }, run: ended }: BrokenBefore,
  terminal: Terminal,
): number {
  const end = timedOut
    ? 'does not end'
    : ended.tests
      ? 'passes no test'
      : `ends with exit status ${status ?? 'none'}`;
  writeLines(terminal.stderr, [
    ...lastWords(ended),
    ...paragraph(
      `anyio-codemod: the command ${end} before anything is rewritten. It runs in a copy of the ` +
        'checkout that lacks what git ignores; --link NAME shares a file or folder with it.',
      widthOf(terminal.stderr),
    ),
  ]);
  return FAILED;
}

async function report(result: Verification, context: Context, terminal: Terminal): Promise<number> {
  const { stdout, env, cwd } = terminal;
  const isJson = formatOf(context.argv) === 'json';
  if (isJson) stdout.write(`${JSON.stringify(verifyJson(result, context.migration), null, 2)}\n`);
  else {
    const page = { cwd, width: widthOf(stdout), style: styleFor(stdout, env) };
    writeLines(stdout, verifyReport(result, { ...page, verbose: isOn(context.argv, 'verbose') }));
  }
  if (heldUp(result)) {
    if (!isJson) writeLines(stdout, ['', 'Next:', `  ${commandLine('apply', context.argv)}`]);
    return DONE;
  }
  const sure = isOn(context.argv, 'leave-out');
  if (isJson && !sure) return WOULD_CHANGE;
  await offerToLeaveOut(
    result.culprits.map(({ units, tests }) => ({ units, reason: reasonOf(tests) })),
    { request: context.request, sure },
    isJson ? { ...terminal, stdout: terminal.stderr } : terminal,
  );
  return WOULD_CHANGE;
}

function commandOf(argv: ParsedArgs): [string, ...string[]] {
  const words = Array.isArray(argv['--']) ? argv['--'].map(String) : [];
  const [program, ...rest] = words;
  if (program === undefined) {
    throw new UsageError(
      "verify needs the command that runs the tests, after --: 'anyio-codemod verify -- pytest -q'",
    );
  }
  return [program, ...rest];
}

/** @throws UsageError unless `value` is a number of seconds */
function limitOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,6}$/.test(value) && Number(value) > 0) return Number(value) * 1000;
  throw new UsageError(`--timeout takes a number of seconds, not '${value}'`);
}

function isTrio(value: string | undefined): boolean {
  if (value === undefined || value === 'asyncio') return false;
  if (value === 'trio') return true;
  throw new UsageError(`--backend is asyncio or trio, not '${value}'`);
}

function checkoutOf({ root }: Run): string {
  const { top, reason } = findCheckout(root);
  if (top !== undefined) return realpathSync.native(top) === realpathSync.native(root) ? root : top;
  throw new UsageError(
    reason ?? `verify works in a git checkout, and ${root} is none: 'git init' and commit first`,
  );
}

/** The way from the top to a folder below it; '' for the top, and for a folder elsewhere. */
function insideOf(top: string, folder: string): string {
  const way = relative(realpathSync.native(top), realpathSync.native(folder));
  return way.startsWith('..') || isAbsolute(way) ? '' : way;
}

/** `.venv/bin/pytest` is ignored by git, and so not in the worktree: the user's own one is meant. */
function resolved(
  [program, ...words]: [string, ...string[]],
  cwd: string,
  worktree: string,
): [string, ...string[]] {
  const isPath = /[/\\]/.test(program) && !isAbsolute(program);
  const own = resolve(cwd, program);
  const missing = isPath && !existsSync(join(worktree, program)) && existsSync(own);
  return [missing ? own : program, ...words];
}

/** Makes the worktree and what else the runs need, and takes all of it away, whatever happens. */
async function inWorktree<Result>(
  { top, links, terminal }: { top: string; links: readonly string[]; terminal: Terminal },
  work: (support: Support, worktree: string) => Promise<Result>,
): Promise<Result> {
  const support = makeSupport();
  let clean = () => support.remove();
  const forget = terminal.onExit?.(() => clean());
  try {
    const shared = [...new Set([...environmentsOf(top), ...links])];
    for (const link of links) checkLink(top, link);
    const worktree = addWorktree(top, join(support.folder, 'checkout'), shared);
    clean = () => {
      worktree.remove();
      support.remove();
    };
    return await work(support, worktree.top);
  } finally {
    clean();
    forget?.();
  }
}

function checkLink(top: string, name: string): void {
  if (!existsSync(join(top, name))) throw new UsageError(`--link: there is no ${name} in ${top}`);
}

/** Has an interrupt stop what the tests have started as well. */
function stopper(terminal: Terminal): (stop: (() => void) | undefined) => void {
  let forget: (() => void) | undefined;
  return (stop) => {
    forget?.();
    forget = stop && terminal.onExit?.(stop);
  };
}

/** Tells of each run when it begins and when it has ended. */
function watch(terminal: Terminal): Watcher {
  const progress = progressOn(terminal);
  return {
    begin: (what) => progress.show(`${what}: the tests run`),
    end: (what, ended) => {
      progress.done();
      terminal.stderr.write(`${what}: ${runWords(ended)} in ${duration(ended.duration)}\n`);
    },
  };
}
