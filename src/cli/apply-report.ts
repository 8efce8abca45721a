/** What `apply` says when it is done, or as far as it got, and what comes next. */

import { relative } from 'node:path';
import { isWithin } from '../files/root.ts';
import { findCheckout } from '../git/git.ts';
import { superproject } from '../git/ready.ts';
import { PHASES } from '../phases.ts';
import { isDeferred } from '../report/counts.ts';
import { applyJson } from '../report/json.ts';
import { listing, paragraph, relativePath } from '../report/layout.ts';
import type { FileProblem, Migration } from '../result.ts';
import { formatOf, isOn, lastRaw, lastValue, type ParsedArgs } from './argv.ts';
import { closing } from './diff.ts';
import { type NextStep, nextSteps } from './next-steps.ts';
import { showNotes, showProblems } from './problems.ts';
import { commandLine, quoteWord } from './request.ts';
import { type Terminal, widthOf, writeLines } from './terminal.ts';
import type { Failure, WriteOutcome } from './write-run.ts';

/** Of what a hook printed, this much is shown. */
const LAST_LINES = 10;

/** The migration when only some files, or none, were written. */
export function onlyWritten(
  migration: Migration,
  written: readonly string[],
  problems: readonly FileProblem[],
): Migration {
  const paths = new Set(written);
  return {
    ...migration,
    changes: migration.changes.filter((change) => paths.has(change.path)),
    judged: migration.judged.map((judged) => ({
      ...judged,
      applied: judged.applied && paths.has(judged.use.file.path),
    })),
    problems: [...migration.problems, ...problems],
  };
}

/**
 * Says what was done, and not done.
 *
 * @param planned what was to be written
 * @returns how many files could not be taken along
 */
export async function report(
  planned: Migration,
  outcome: WriteOutcome,
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<number> {
  const { written, branch, commits, failure, problems } = outcome;
  const state = outcome.reached?.state ?? planned;
  const migration = problems.length > 0 ? onlyWritten(state, written, problems) : state;
  const width = widthOf(terminal.stdout);
  if (formatOf(argv) === 'json') {
    const json = applyJson(migration, { written, branch, commits });
    terminal.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  } else {
    writeLines(terminal.stdout, [
      ...(branch === undefined ? [] : [`On the new branch ${branch}.`]),
      ...closing(migration, argv, terminal, 'did'),
      // A failure tells them with what it has to say.
      ...(failure ? [] : commitLines(outcome, planned.root)),
    ]);
  }
  if (failure)
    writeLines(terminal.stderr, failureLines(failure, outcome, planned.root, argv, terminal));
  else if (formatOf(argv) !== 'json' && written.length > 0) {
    const steps = await nextOf(migration, outcome, argv, terminal);
    if (problems.length === 0) steps.push(...(await planStep(migration, argv, terminal)));
    writeLines(terminal.stdout, nextSteps(steps, width));
  }
  showNotes(migration.notes, terminal);
  showProblems(migration.problems, terminal);
  return migration.problems.length;
}

function commitLines({ commits }: WriteOutcome, root: string): string[] {
  const [only, ...more] = commits;
  if (only === undefined) return [];
  const lines =
    more.length === 0
      ? [`Committed as ${only.hash}.`]
      : ['Committed:', ...commits.map(({ hash, subject }) => `  ${hash} ${subject}`)];
  const { top } = findCheckout(root);
  const outer = top && superproject(top);
  return outer ? [...lines, `This is a submodule: commit it in ${outer} as well.`] : lines;
}

async function nextOf(
  migration: Migration,
  { commits }: WriteOutcome,
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<NextStep[]> {
  const steps: NextStep[] = [];
  if (commits.length > 1) steps.push([`git log --stat -${commits.length}`, 'look at the commits']);
  else if (commits.length === 1) steps.push(['git show', 'look at the commit']);
  else if (findCheckout(migration.root).top) steps.push(['git diff', 'look at it']);
  return [...steps, ...undoStep(migration.root, argv, terminal)];
}

/** `undo` looks upwards from the current folder for the project. */
function undoStep(root: string, argv: ParsedArgs, { cwd }: Terminal): NextStep[] {
  if (isOn(argv, 'no-undo')) return [];
  const folder = isWithin(root, cwd) ? '' : ` ${quoteWord(relative(cwd, root))}`;
  return [[`anyio-codemod undo${folder}`, 'take it back']];
}

/**
 * A later phase that has something to do here, and transforms that do it; else one passed over. None
 * where single transforms were chosen.
 */
async function planStep(
  migration: Migration,
  argv: ParsedArgs,
  { engine }: Terminal,
): Promise<NextStep[]> {
  const catalog = await engine.catalog();
  const chosen = new Set(migration.transforms);
  if (catalog.some(({ id, phase }) => migration.phases.includes(phase) && !chosen.has(id)))
    return [];
  const left = new Set(migration.judged.filter(isDeferred).map(({ phase }) => phase));
  const open = PHASES.filter(
    ({ number }) => left.has(number) && catalog.some(({ phase }) => phase === number),
  );
  const next = open.find(({ number }) => number > Math.max(...migration.phases)) ?? open[0];
  if (next === undefined) return [];
  const plan = commandLine('plan', argv, ['--phase', String(next.number)]);
  return [[plan, `what comes next: ${next.name}`]];
}

/** What went wrong, what is there now, and the ways on. */
function failureLines(
  failure: Failure,
  { commits }: WriteOutcome,
  root: string,
  argv: ParsedArgs,
  terminal: Terminal,
): string[] {
  const width = widthOf(terminal.stderr);
  const { uncommitted, unwritten, message } = failure;
  const output = failure.output.split('\n').filter((line) => line.trim() !== '');
  const isPart = uncommitted !== undefined && (commits.length > 0 || unwritten.length > 0);
  const lines = [`anyio-codemod: ${isPart ? `${uncommitted.name}: ` : ''}${message}`];
  // One line is in the message already.
  if (output.length > 1) lines.push(...output.slice(-LAST_LINES).map((line) => `  | ${line}`));
  if (failure.changedByHooks.length > 0) {
    const names = failure.changedByHooks.map((path) => relativePath(terminal.cwd, path));
    const words = `The hooks changed ${shortListing(names)} after that was written: look at it.`;
    lines.push(...paragraph(words, width));
  }
  if (commits.length > 0) {
    lines.push('Committed before:', ...commits.map(({ hash, subject }) => `  ${hash} ${subject}`));
  }
  if (unwritten.length > 0) {
    const names = listing(unwritten.map((step) => step.name));
    lines.push(...paragraph(`Not written: ${names}.`, width));
  }
  const steps: NextStep[] = [];
  if (uncommitted) steps.push(['git commit --all', 'commit what is written, once that is mended']);
  if (unwritten.length > 0) steps.push([goOn(argv), 'then go on with the rest']);
  steps.push(...undoStep(root, argv, terminal));
  return [...lines, ...nextSteps(steps, width)];
}

/** The same command: what is done is found done. The branch is there. */
function goOn(argv: ParsedArgs): string {
  const message = lastValue(argv, 'message');
  const more = [`--commit=${lastRaw(argv, 'commit')}`];
  if (message !== undefined) more.push('--message', message);
  return commandLine('apply', argv, undefined, more);
}

function shortListing(names: readonly string[]): string {
  const shown = names.slice(0, 3);
  const more = names.length - shown.length;
  return listing(more > 0 ? [...shown, `${more} more`] : shown);
}
