/** One run in several commits: what is written for each phase, or for each transform. */

import { type KnownTransform, PHASES, type Selection } from '../phases.ts';
import { commitMessage } from '../report/commit-message.ts';
import type { FileChange, Migration } from '../result.ts';
import type { Run } from '../run.ts';
import type { Judged } from '../transform.ts';
import { didYouMean, UsageError } from '../usage.ts';
import { lastRaw, lastValue, type ParsedArgs } from './argv.ts';
import { COMMIT_MODES } from './flags.ts';
import { commandLine } from './request.ts';
import type { Step } from './write-run.ts';

export type CommitMode = (typeof COMMIT_MODES)[number];

/**
 * How `--commit` was asked for, if it was.
 *
 * @throws UsageError for a word that is no mode, naming the nearest
 */
export function commitModeOf(argv: ParsedArgs): CommitMode | undefined {
  const typed = lastRaw(argv, 'commit');
  if (typed === undefined) return undefined;
  // Among joined letters, as in -nc, the flag has no value.
  if (typed === '') return 'once';
  const mode = COMMIT_MODES.find((each) => each === typed);
  if (mode) return mode;
  const meant = didYouMean(typed, COMMIT_MODES);
  throw new UsageError(`--commit is once, per-phase or per-transform, not '${typed}'${meant}`);
}

/**
 * Everything at once, in one commit or none.
 *
 * @param command the one that does it
 */
export function wholeStep(command: string, migration: Migration, argv: ParsedArgs): Step[] {
  const { changes } = migration;
  if (changes.length === 0) return [];
  const options = { subject: lastValue(argv, 'message'), command: commandLine(command, argv) };
  const message = commitModeOf(argv) && commitMessage(migration, options);
  return [{ name: 'all', state: migration, changes, message }];
}

/** What is selected by one step beyond the steps before. */
interface Part {
  name: string;
  phase: number;
  /** All of the selection up to this part. */
  upTo: Selection;
  /** Its own transforms. */
  own: ReadonlySet<string>;
  /** The flags that select it alone, and those that select all up to it. */
  selectors: readonly string[];
  allSelectors: readonly string[];
}

/**
 * Parts a migration into steps, each of which leaves the project as the tool itself would leave it
 * if it were asked for the phases (or transforms) up to that one. So the code works after each, and
 * no rewrite is torn from what has to go with it. Steps that would change nothing are left out.
 *
 * @param whole `run.migration()`; the last step ends with exactly its texts
 */
export function stepsOf(
  run: Run,
  whole: Migration,
  mode: 'per-phase' | 'per-transform',
  argv: ParsedArgs,
  catalog: readonly KnownTransform[],
): Step[] {
  const { selection } = run.options;
  const parts =
    mode === 'per-phase' ? byPhase(selection, catalog) : byTransform(selection, catalog);
  // The first commit declares the anyio that the last one needs: each commit then runs with what is
  // installed for any other, and the manifest (and its lock file) changes once.
  const leastAnyio = whole.dependency?.needed;
  const steps: Step[] = [];
  let before: Migration = { ...whole, changes: [], judged: [] };
  for (const part of parts) {
    const isLast = part === parts.at(-1);
    const state = isLast ? whole : run.migration({ selection: part.upTo, leastAnyio });
    const changes = difference(before.changes, state.changes);
    if (changes.length > 0) {
      const message = messageOf({ ...state, changes }, before, part, argv);
      steps.push({ name: part.name, state, changes, message });
      before = state;
    }
  }
  // Steps behind it change nothing, so this is where all of them are taken.
  const last = steps.at(-1);
  if (last) last.state = whole;
  return steps;
}

function byPhase(selection: Selection, catalog: readonly KnownTransform[]): Part[] {
  return selection.phases.flatMap((phase) => {
    const ofPhase = catalog.filter((each) => each.phase === phase).map(({ id }) => id);
    const own = ofPhase.filter((id) => selection.transforms.has(id));
    if (own.length === 0) return [];
    const phases = selection.phases.filter((each) => each <= phase);
    const selectors =
      own.length === ofPhase.length ? ['--phase', String(phase)] : ['--transform', own.join(',')];
    const name = PHASES.find(({ number }) => number === phase)?.name ?? String(phase);
    const upTo = { phases, transforms: chosen(selection, catalog, ({ phase: n }) => n <= phase) };
    const isWhole = selectors[0] === '--phase';
    const all = isWhole
      ? ['--phase', phases.join(',')]
      : ['--transform', [...upTo.transforms].join(',')];
    return [{ name, phase, upTo, own: new Set(own), selectors, allSelectors: all }];
  });
}

function byTransform(selection: Selection, catalog: readonly KnownTransform[]): Part[] {
  const list = catalog.filter(({ id }) => selection.transforms.has(id));
  return list.map(({ id, phase }, index) => {
    const before = list.slice(0, index + 1);
    const upTo = {
      phases: [...new Set(before.map((each) => each.phase))],
      transforms: new Set(before.map((each) => each.id)),
    };
    return {
      ...{ name: id, phase, upTo, own: new Set([id]) },
      selectors: ['--transform', id],
      allSelectors: ['--transform', [...upTo.transforms].join(',')],
    };
  });
}

function chosen(
  { transforms }: Selection,
  catalog: readonly KnownTransform[],
  test: (each: KnownTransform) => boolean,
): Set<string> {
  const ids = catalog.filter((each) => transforms.has(each.id) && test(each)).map(({ id }) => id);
  return new Set(ids);
}

/** From the texts of one state to those of the next; a file that no change names is as it was. */
function difference(before: readonly FileChange[], after: readonly FileChange[]): FileChange[] {
  const [old, now] = [byPath(before), byPath(after)];
  return [...new Map([...now, ...old]).keys()].flatMap((path) => {
    const [from, to] = [old.get(path), now.get(path)];
    const change = to ?? from;
    if (change === undefined) return [];
    const step = {
      ...change,
      before: from ? from.after : change.before,
      after: to ? to.after : change.before,
    };
    if (step.before === step.after) return [];
    if (from?.added === step.added) delete step.added;
    if (change.cells) {
      const { before: first, after: last } = change.cells;
      step.cells = { before: from?.cells?.after ?? first, after: to ? last : first };
    }
    return [step];
  });
}

function byPath(changes: readonly FileChange[]): Map<string, FileChange> {
  return new Map(changes.map((change) => [change.path, change]));
}

/** Counts what this step does and refuses itself. */
function messageOf(
  state: Migration,
  before: Migration,
  { name, phase, own, selectors, allSelectors }: Part,
  argv: ParsedArgs,
): string {
  const done = new Map(
    before.judged.filter(({ applied }) => applied).map((item) => [item.use, item]),
  );
  const isOwn = ({ use, applied, verdict, transform }: Judged): boolean =>
    applied ? !done.has(use) : verdict.kind === 'refuse' && own.has(transform ?? '');
  const isRedone = state.judged.some((item) => {
    const earlier = done.get(item.use);
    return earlier !== undefined && !isSame(earlier, item);
  });
  const given = lastValue(argv, 'message');
  return commitMessage(
    { ...state, phases: [phase], judged: state.judged.filter(isOwn) },
    {
      subject: given === undefined ? undefined : `${given} (${name})`,
      command: commandLine('apply', argv, isRedone ? allSelectors : selectors),
      remarks: [
        ...(own.has('dependency') ? ['The bound is what the commits after this one need.'] : []),
        ...(isRedone ? [REDONE] : []),
      ],
    },
  );
}

/** A wait becomes another block when its handler may be rewritten with it, for one. */
const REDONE =
  'Some of it is written otherwise than in the commits before: the command makes\n' +
  'all of them at once, of the code as it was before the first.';

function isSame({ verdict: one }: Judged, { verdict: other, applied }: Judged): boolean {
  if (one.kind !== 'rewrite' || other.kind !== 'rewrite' || !applied) return false;
  return JSON.stringify(one.edits) === JSON.stringify(other.edits);
}
