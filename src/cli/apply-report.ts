/** What `apply` says when it is done, or as far as it got, and what comes next. */

import { relative } from 'node:path';
import { isWithin } from '../files/root.ts';
import { findCheckout } from '../git/git.ts';
import { PHASES } from '../phases.ts';
import { isDeferred } from '../report/counts.ts';
import { applyJson } from '../report/json.ts';
import { listing, paragraph, relativePath } from '../report/layout.ts';
import type { FileProblem, Migration } from '../result.ts';
import { closing } from './diff.ts';
import { formatOf, isOn, type ParsedArgs } from './flags.ts';
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
      ...commitLines(outcome),
    ]);
  }
  if (failure) writeLines(terminal.stderr, failureLines(failure, outcome, argv, terminal));
  else if (formatOf(argv) !== 'json' && written.length > 0) {
    const steps = await nextOf(migration, outcome, argv, terminal);
    writeLines(terminal.stdout, nextSteps(steps, width));
  }
  showNotes(migration.notes, terminal);
  showProblems(migration.problems, terminal);
  return migration.problems.length;
}

function commitLines({ commits }: WriteOutcome): string[] {
  const [only, ...more] = commits;
  if (only === undefined) return [];
  if (more.length === 0) return [`Committed as ${only.hash}.`];
  return ['Committed:', ...commits.map(({ hash, subject }) => `  ${hash} ${subject}`)];
}

async function nextOf(
  migration: Migration,
  { commits, problems }: WriteOutcome,
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<NextStep[]> {
  const steps: NextStep[] = [];
  if (commits.length > 1) steps.push([`git log --stat -${commits.length}`, 'look at the commits']);
  else if (commits.length === 1) steps.push(['git show', 'look at the commit']);
  else if (findCheckout(migration.root).top) steps.push(['git diff', 'look at it']);
  const undo = undoStep(migration.root, argv, terminal);
  if (undo) steps.push(undo);
  const next = problems.length > 0 ? undefined : await nextPhase(migration, argv, terminal);
  if (next) {
    const plan = commandLine('plan', argv, ['--phase', String(next.number)]);
    steps.push([plan, `what comes next: ${next.name}`]);
  }
  return steps;
}

/** `undo` looks upwards from the current folder for the project. */
function undoStep(root: string, argv: ParsedArgs, { cwd }: Terminal): NextStep | undefined {
  if (isOn(argv, 'no-undo')) return undefined;
  const folder = isWithin(root, cwd) ? '' : ` ${quoteWord(relative(cwd, root))}`;
  return [`anyio-codemod undo${folder}`, 'take it back'];
}

/** A later phase that has something to do here, and transforms that do it; else one passed over. */
async function nextPhase(migration: Migration, argv: ParsedArgs, { engine }: Terminal) {
  if (argv.transform !== undefined) return undefined;
  const catalog = await engine.catalog();
  const left = new Set(migration.judged.filter(isDeferred).map(({ phase }) => phase));
  const open = PHASES.filter(
    ({ number }) => left.has(number) && catalog.some(({ phase }) => phase === number),
  );
  return open.find(({ number }) => number > Math.max(...migration.phases)) ?? open[0];
}

/** What went wrong, what is there now, and the ways on. */
function failureLines(
  failure: Failure,
  { commits }: WriteOutcome,
  argv: ParsedArgs,
  terminal: Terminal,
): string[] {
  const width = widthOf(terminal.stderr);
  const output = failure.output.split('\n').filter((line) => line.trim() !== '');
  const name = (path: string): string => relativePath(terminal.cwd, path);
  const lines = [`anyio-codemod: ${failure.message}`];
  // One line is in the message already.
  if (output.length > 1) lines.push(...output.slice(-LAST_LINES).map((line) => `  | ${line}`));
  if (failure.changedByHooks.length > 0) {
    const files = listing(failure.changedByHooks.map(name));
    const words = `The hooks changed ${files}: look at that, it is not what was written.`;
    lines.push(...paragraph(words, width));
  }
  if (commits.length > 0) {
    lines.push(
      'Committed before that:',
      ...commits.map((each) => `  ${each.hash} ${each.subject}`),
    );
  }
  if (failure.unwritten.length > 0) {
    const names = listing(failure.unwritten.map((step) => step.name));
    lines.push(...paragraph(`Not written: ${names}.`, width));
  }
  const undo = undoStep(failure.step.state.root, argv, terminal);
  const steps: NextStep[] = [['git commit --all', 'commit what is written, when that is mended']];
  if (undo) steps.push(undo);
  return [...lines, ...nextSteps(steps, width)];
}
