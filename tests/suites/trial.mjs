/** One package's trial: its suite before, the rewrite, its suite after. */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { countBy, countOutcomes, suspects, verdictOn, verdictTogether } from './compare.mjs';
import { runSuite } from './pytest.mjs';

/** @typedef {import('./pytest.mjs').SuiteRun} SuiteRun */

/**
 * @typedef {object} Subject what is tried
 * @property {string} name
 * @property {string} version
 * @property {string} source the folder that is copied, never written
 * @property {string} module
 * @property {string} [importRoot]
 * @property {string[]} tests
 * @property {string[]} [pytest]
 * @property {Record<string, string>} [environment]
 * @property {Record<string, string>} [files]
 * @property {string[]} libraries folders for PYTHONPATH
 */

/**
 * @typedef {object} TrialOptions
 * @property {string} python the interpreter
 * @property {string} tool the built program
 * @property {string} folder an empty folder for the copies and logs
 * @property {string} phase what `apply --phase` is given
 * @property {Record<string, string[]>} rewrites flags of `apply`, by the name of the rewrite
 * @property {number} rounds how often suspects are run again alone in each copy: a racy test may
 *   fail every other time
 * @property {number} seconds after which one run of the suite is killed
 */

/**
 * @typedef {object} Broken
 * @property {string} test
 * @property {string} after
 * @property {import('./compare.mjs').BrokenVerdict} verdict
 */

/**
 * @typedef {object} Rewritten what one rewrite did
 * @property {Record<string, number>} account the tool's own totals
 * @property {Record<string, number>} transforms uses that were rewritten, by transform
 * @property {Record<string, number>} refusals uses that were refused, by code
 * @property {number} lines of the rewritten uses
 * @property {number} executed of these, how many the suite ran before the rewrite
 * @property {Record<string, number>} outcomes
 * @property {number} seconds
 * @property {Broken[]} broken
 */

/**
 * @typedef {object} Trial
 * @property {string} name
 * @property {string} version
 * @property {Record<string, number>} before
 * @property {string[]} uncollected
 * @property {number} seconds
 * @property {Record<string, Rewritten>} rewrites
 */

/** How often whole suites are run again, where a suspect passes alone now and then. */
const ROUNDS_TOGETHER = 2;

/** That a trial proves nothing: the suite did not run, or the tool failed. */
export class TrialError extends Error {}

/**
 * @param {Subject} subject
 * @param {TrialOptions} options
 * @returns {Promise<Trial>}
 * @throws {TrialError}
 */
export async function tryPackage(subject, options) {
  const trial = new Runner(subject, options);
  const applied = Object.entries(options.rewrites).map(([name, flags]) => {
    const copy = trial.copy(name);
    return { name, copy, report: trial.apply(copy, flags) };
  });
  const lines = linesOf(applied.flatMap(({ report }) => rewrittenUses(report)));

  const unchanged = trial.copy('unchanged');
  const before = await trial.run(unchanged, 'before', { lines });
  if (!Object.hasOwn(countOutcomes(before.outcomes), 'passed')) {
    throw new TrialError(`no test of ${subject.name} passes before the rewrite: see ${before.log}`);
  }
  /** @type {Record<string, Rewritten>} */
  const rewrites = {};
  for (const { name, copy, report } of applied) {
    const after = await trial.run(copy, 'after', {});
    rewrites[name] = {
      ...summaryOf(report, before),
      outcomes: countOutcomes(after.outcomes),
      seconds: after.seconds,
      broken: await trial.judge(unchanged, copy, suspects(before.outcomes, after.outcomes)),
    };
  }
  const { name, version } = subject;
  const { uncollected, seconds } = before;
  return { name, version, before: countOutcomes(before.outcomes), uncollected, seconds, rewrites };
}

class Runner {
  /** @param {Subject} subject @param {TrialOptions} options */
  constructor(subject, options) {
    this.subject = subject;
    this.options = options;
    mkdirSync(options.folder, { recursive: true });
    this.folder = realpathSync(options.folder);
  }

  /**
   * @param {string} name
   * @returns {string} a fresh git checkout of the source, with one commit
   */
  copy(name) {
    const copy = join(this.folder, name);
    rmSync(copy, { recursive: true, force: true });
    const filter = (/** @type {string} */ path) => basename(path) !== '.git';
    cpSync(this.subject.source, copy, { recursive: true, filter });
    for (const [file, text] of Object.entries(this.subject.files ?? {})) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      writeFileSync(join(copy, file), text);
    }
    const author = ['-c', 'user.name=Suites', '-c', 'user.email=suites@example.org'];
    const commit = [...author, 'commit', '--quiet', '--no-verify', '-m', 'Upstream source'];
    for (const words of [['init', '--quiet'], ['add', '--all', '--force'], commit]) {
      execFileSync('git', words, { cwd: copy, stdio: ['ignore', 'ignore', 'inherit'] });
    }
    return copy;
  }

  /**
   * @param {string} copy
   * @param {string[]} flags
   * @returns {any} the tool's JSON report
   * @throws {TrialError} when the tool fails; a file that it cannot take along is no failure
   */
  apply(copy, flags) {
    const words = [this.options.tool, 'apply', '--phase', this.options.phase, '--json', ...flags];
    const done = spawnSync(process.execPath, words, {
      cwd: copy,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    });
    try {
      return JSON.parse(done.stdout);
    } catch {
      throw new TrialError(`the tool failed on ${this.subject.name}: ${done.stderr || done.error}`);
    }
  }

  /**
   * @param {string} copy
   * @param {string} label
   * @param {{tests?: string[], lines?: Map<string, number[]>}} only
   * @returns {Promise<SuiteRun>}
   * @throws {TrialError} when it had to be killed, or tested something else than the copy
   */
  async run(copy, label, { tests, lines }) {
    const { subject, options } = this;
    const run = await runSuite(copy, label, {
      python: options.python,
      path: [join(copy, subject.importRoot ?? '.'), ...subject.libraries],
      module: subject.module,
      tests: tests ?? subject.tests,
      pytest: subject.pytest,
      environment: subject.environment,
      lines,
      seconds: options.seconds,
    });
    if (run.timedOut) {
      throw new TrialError(
        `${subject.name} ${label}: killed after ${options.seconds} s: ${run.log}`,
      );
    }
    if (run.module !== null && !run.module.startsWith(copy)) {
      throw new TrialError(`${subject.name} ${label}: ${subject.module} came from ${run.module}`);
    }
    return run;
  }

  /**
   * Runs the suspects alone, several times in each copy, for tests are racy and machines are busy.
   * If some pass that way in the changed copy, whole suites are run again.
   *
   * @param {string} unchanged
   * @param {string} changed
   * @param {import('./compare.mjs').Suspect[]} found
   * @returns {Promise<Broken[]>}
   */
  async judge(unchanged, changed, found) {
    if (found.length === 0) return [];
    const tests = found.map(({ test }) => test);
    const alone = await this.rounds(this.options.rounds, unchanged, changed, { tests });
    const judged = found.map((suspect) => ({
      ...suspect,
      verdict: verdictOn(suspect.test, alone),
    }));
    if (!judged.some(({ verdict }) => verdict === 'unsteady')) return judged;
    const together = await this.rounds(ROUNDS_TOGETHER, unchanged, changed, {});
    return judged.map((suspect) =>
      suspect.verdict === 'unsteady'
        ? { ...suspect, verdict: verdictTogether(suspect.test, together) }
        : suspect,
    );
  }

  /**
   * @param {number} count
   * @param {string} unchanged
   * @param {string} changed
   * @param {{tests?: string[]}} only
   * @returns {Promise<import('./compare.mjs').Rounds>}
   */
  async rounds(count, unchanged, changed, only) {
    /** @type {import('./compare.mjs').Rounds} */
    const rounds = { unchanged: [], changed: [] };
    for (let round = 0; round < count; round += 1) {
      rounds.unchanged.push((await this.run(unchanged, 'again', only)).outcomes);
      rounds.changed.push((await this.run(changed, 'again', only)).outcomes);
    }
    return rounds;
  }
}

/** @param {any} report @returns {any[]} the uses whose rewrite is in the new text */
function rewrittenUses(report) {
  return report.uses.filter((/** @type {any} */ use) => use.applied);
}

/** @param {any[]} uses @returns {Map<string, number[]>} their lines before the rewrite, by file */
function linesOf(uses) {
  const lines = new Map();
  for (const { file, line } of uses) {
    lines.set(file, [...new Set([...(lines.get(file) ?? []), line])]);
  }
  return lines;
}

/** @param {any} report @param {SuiteRun} before */
function summaryOf(report, { ran }) {
  const uses = rewrittenUses(report);
  const lines = [...linesOf(uses)].flatMap(([file, numbers]) =>
    numbers.map((line) => ({ file, line })),
  );
  const refused = report.uses.filter((/** @type {any} */ use) => use.verdict === 'refuse');
  return {
    account: report.totals,
    transforms: countBy(uses, (use) => use.transform),
    refusals: countBy(refused, (use) => use.code),
    lines: lines.length,
    executed: lines.filter(({ file, line }) => ran.get(file)?.has(line)).length,
  };
}
