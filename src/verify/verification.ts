/**
 * Whether a migration breaks the user's own tests, and which of its rewrites do: runs them on the
 * code as it is and as it would be, and takes rewrites away until nothing breaks any more.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { encode } from '../files/encoding.ts';
import type { FileChange, Migration } from '../result.ts';
import type { Run } from '../run.ts';
import type { Diagnostic, Use } from '../transform.ts';
import type { Unit } from '../units.ts';
import { type Comparison, compare, isBroken } from './compare.ts';
import { smallestFailing } from './smallest.ts';
import { type RunRequest, runTests, type TestRun, wasImported } from './test-run.ts';

/** Rewrites that break something only together, and what they break. */
export interface Culprit {
  units: Unit[];
  /** By name; none where the tests cannot be told apart. */
  tests: string[];
}

export interface Verification {
  before: TestRun;
  after: TestRun;
  comparison: Comparison;
  /** Broken at first, and passed when run once more. */
  flaky: string[];
  /** Broken both times. */
  broken: string[];
  /** Whether the command as a whole breaks, where no single test can be named. */
  wholeBroken: boolean;
  culprits: Culprit[];
  /** Set when something broke and no rewrite was found to be at fault. */
  unexplained?: string;
  /** Of a last run without the culprits. */
  without?: { run: TestRun; comparison: Comparison };
  /** Of a run on trio. */
  trio?: { run: TestRun; comparison: Comparison };
  /** Absolute paths, in the user's checkout, of the rewritten Python files that no test imported. */
  unseen: string[];
  /** How many Python files were rewritten. */
  rewritten: number;
}

/** What a verification tells while it goes on. */
export interface Watcher {
  /** A run begins: `before`, `after`, `with 12 of 40 rewrites`. */
  begin(what: string): void;
  end(what: string, run: TestRun): void;
}

export interface VerifyOptions {
  run: Run;
  /** As it would be applied. */
  migration: Migration;
  /** The units of the migration of which something is applied. */
  units: readonly Unit[];
  /** Absolute: the user's checkout, and the throw-away one with the same content. */
  top: string;
  worktree: string;
  request: Omit<RunRequest, 'only' | 'backend' | 'limit' | 'top'>;
  /** In milliseconds, for each run; made from the first run if not given. */
  limit?: number;
  /** Whether to look for the rewrites at fault. */
  bisect: boolean;
  trio: boolean;
  watcher: Watcher;
}

/** The command did not work on the code as it is. */
export class BrokenBefore extends Error {
  override readonly name = 'BrokenBefore';
  constructor(readonly run: TestRun) {
    super('the command fails before anything is rewritten');
  }
}

/** Tests that run once an hour are not waited for. In milliseconds. */
const FIRST_LIMIT = 3_600_000;
/** A run, or a test, may take this many times as long as the first, and a run this much more, in milliseconds. */
const SLOWER = 4;
const GRACE = 60_000;
/** The same for one test, in seconds. */
const TEST_GRACE = 10;
/** Culprits that are looked for, one after the other. */
const ROUNDS = 10;

const LEFT_OUT: Diagnostic = {
  code: 'left-out',
  message: 'it is left out of this run of the tests',
  help: 'none is needed',
};

/**
 * Runs all of it. The worktree holds the last state that was tried afterwards.
 *
 * @throws {BrokenBefore} when the first run gives nothing to compare with
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const trials = new Trials(options);
  const before = await trials.run('before', NOTHING);
  if (before.timedOut || !hasWorked(before)) throw new BrokenBefore(before);
  const after = await trials.run('after', options.migration.changes);
  const result: Verification = {
    before,
    after,
    comparison: compare(before, after),
    flaky: [],
    broken: [],
    wholeBroken: false,
    culprits: [],
    ...importedFiles(options, [before, after]),
  };
  if (isBroken(result.comparison)) await explain(result, trials, options);
  if (options.trio) {
    const changes = trials.changesWithout(result.culprits);
    const run = await trials.run('on trio', changes, { backend: 'trio' });
    result.trio = { run, comparison: compare(before, run) };
  }
  return result;
}

/** Tests that all fail, or fail to be collected, are nothing to compare with. */
function hasWorked({ status, tests }: TestRun): boolean {
  return tests ? [...tests.outcomes.values()].includes('passed') : status === 0;
}

const NOTHING: readonly FileChange[] = [];

/** Runs once more what broke, and looks for the rewrites at fault. */
async function explain(
  result: Verification,
  trials: Trials,
  options: VerifyOptions,
): Promise<void> {
  const again = await trials.run('after, once more', options.migration.changes);
  const second = compare(result.before, again);
  const still = new Set(second.broken);
  const first = result.comparison.broken;
  // A run without a report cannot say that a test passed.
  const isSure = (name: string) => still.has(name) || second.whole === 'broken';
  result.broken = first.filter(isSure);
  result.flaky = first.filter((name) => !isSure(name));
  result.wholeBroken = result.comparison.whole === 'broken' && isBroken(second);
  if (!options.bisect || (result.broken.length === 0 && !result.wholeBroken)) return;
  await findCulprits(result, trials, options.units);
  if (result.culprits.length === 0) return;
  const run = await trials.run('without them', trials.changesWithout(result.culprits));
  result.without = { run, comparison: compare(result.before, run) };
}

async function findCulprits(
  result: Verification,
  trials: Trials,
  units: readonly Unit[],
): Promise<void> {
  const judge = await trials.judgeFor(result, units);
  if (!judge) {
    result.unexplained =
      'it breaks with none of the rewrites too: by what changes beside them (the manifest, settings), or now and then';
    return;
  }
  let left = [...units];
  for (let round = 0; round < ROUNDS && left.length > 0; round++) {
    const found = await smallestFailing(left, async (some) => (await judge(some)).fails);
    result.culprits.push({ units: found, tests: (await judge(found)).tests });
    left = left.filter((unit) => !found.includes(unit));
    if (left.length === 0 || !(await judge(left)).fails) return;
  }
}

/** Whether some units alone break what broke, and which tests. */
type Judge = (units: readonly Unit[]) => Promise<{ fails: boolean; tests: string[] }>;

/** Puts states of the code into the worktree and runs the tests on them. */
class Trials {
  private written: readonly FileChange[] = NOTHING;
  private limit: number | undefined;
  private testLimit: number | undefined;
  private readonly all: ReadonlySet<Unit>;

  constructor(private readonly options: VerifyOptions) {
    this.all = new Set(options.units);
    this.limit = options.limit;
  }

  async run(
    what: string,
    changes: readonly FileChange[],
    wishes: Pick<RunRequest, 'only' | 'backend'> = {},
  ): Promise<TestRun> {
    const { request, watcher, worktree } = this.options;
    this.write(changes);
    watcher.begin(what);
    const limit = this.limit ?? FIRST_LIMIT;
    const testLimit = this.testLimit;
    const run = await runTests({ ...request, ...wishes, top: worktree, limit, testLimit });
    watcher.end(what, run);
    this.limit ??= run.duration * SLOWER + GRACE;
    this.testLimit ??= run.tests && Math.ceil(run.tests.slowest * SLOWER) + TEST_GRACE;
    return run;
  }

  /** What is written when only these units are, with what goes with them. */
  changesWith(units: readonly Unit[]): readonly FileChange[] {
    const chosen = new Set(units);
    return this.changes([...this.all].filter((unit) => !chosen.has(unit)));
  }

  changesWithout(culprits: readonly Culprit[]): readonly FileChange[] {
    return this.changes(culprits.flatMap(({ units }) => units));
  }

  /** Undefined when the tests fail with none of the units too. */
  async judgeFor(result: Verification, units: readonly Unit[]): Promise<Judge | undefined> {
    // Only what broke is run, if it breaks by itself as well: tests may need the ones before them.
    const single = this.judge(result, result.broken);
    const whole = this.judge(result, undefined);
    const isSingle = result.broken.length > 0 && (await single(units)).fails;
    const judge = isSingle ? single : whole;
    return (await judge([])).fails ? undefined : judge;
  }

  private judge(result: Verification, only: readonly string[] | undefined): Judge {
    const broken = new Set(result.broken);
    const known = new Map<string, { fails: boolean; tests: string[] }>();
    return async (units) => {
      const key = units.map(({ id }) => id).join('\n');
      const answer = known.get(key);
      if (answer) return answer;
      const what = `with ${units.length} of ${this.all.size} rewrites`;
      const run = await this.run(what, this.changesWith(units), only ? { only } : {});
      const outcomes = run.tests?.outcomes;
      const tests = outcomes ? [...broken].filter((name) => outcomes.get(name) !== 'passed') : [];
      const ended = compare(result.before, run).whole === 'broken' || run.timedOut;
      const made = { fails: tests.length > 0 || ended, tests };
      known.set(key, made);
      return made;
    };
  }

  private changes(leftOut: readonly Unit[]): readonly FileChange[] {
    const { run, migration } = this.options;
    if (leftOut.length === 0) return migration.changes;
    const uses = new Set<Use>(leftOut.flatMap(({ judged }) => judged.map(({ use }) => use)));
    return run.migration({ leaveOut: (use) => (uses.has(use) ? LEFT_OUT : undefined) }).changes;
  }

  private write(changes: readonly FileChange[]): void {
    const now = new Set(changes.map(({ path }) => path));
    for (const old of this.written) if (!now.has(old.path)) this.put(old, old.before);
    for (const change of changes) this.put(change, change.after);
    this.written = changes;
  }

  private put({ path, encoding }: FileChange, text: string): void {
    const { top, worktree } = this.options;
    const target = join(worktree, relative(top, path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, encode(text, encoding));
  }
}

/** Which rewritten files the tests imported. Settings and scripts are not imported by anybody. */
function importedFiles(
  { migration, top, worktree }: VerifyOptions,
  runs: readonly TestRun[],
): Pick<Verification, 'unseen' | 'rewritten'> {
  const python = migration.changes.map(({ path }) => path).filter((path) => path.endsWith('.py'));
  const isSeen = (path: string) =>
    runs.some((run) => wasImported(run, join(worktree, relative(top, path))));
  return { unseen: python.filter((path) => !isSeen(path)), rewritten: python.length };
}
