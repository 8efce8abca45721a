/** Runs a package's own tests in a copy of it, and tells what became of each. */

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLUGIN = join(dirname(fileURLToPath(import.meta.url)), 'plugin');

/** Seconds after which a single test counts as failed. */
const TEST_SECONDS = 60;

/**
 * @typedef {object} SuiteRun
 * @property {Map<string, string>} outcomes by pytest's node id: passed, failed, skipped, xfailed or
 *   xpassed
 * @property {string[]} uncollected what pytest could not import or collect
 * @property {Map<string, Set<number>>} ran of the lines asked for, those that ran: 1-based, by path
 *   relative to the copy
 * @property {string | null} module the file that the module under test was loaded from
 * @property {boolean} timedOut whether the whole run was killed
 * @property {number} seconds
 * @property {string} log the file that holds pytest's own words
 */

/**
 * @typedef {object} SuiteOptions
 * @property {string} python the interpreter
 * @property {string[]} path folders for PYTHONPATH, the import root of the copy first
 * @property {string} module the module under test
 * @property {string[]} tests files, folders or node ids, relative to the copy
 * @property {string[]} [pytest] more arguments
 * @property {Record<string, string>} [environment]
 * @property {Map<string, number[]>} [lines] 1-based lines to look out for, by relative path
 * @property {number} seconds after which the run is killed
 */

/**
 * Runs pytest with the suite's own configuration, less its extra arguments (coverage and the like).
 *
 * @param {string} copy the top of the copy; what the run leaves lies beside it
 * @param {string} label names this run's files: `before`
 * @param {SuiteOptions} options
 * @returns {Promise<SuiteRun>}
 */
export async function runSuite(copy, label, options) {
  const files = {
    outcomes: `${copy}.${label}.jsonl`,
    lines: `${copy}.${label}.lines.json`,
    log: `${copy}.${label}.log`,
    home: `${copy}.${label}.home`,
  };
  mkdirSync(files.home, { recursive: true });
  writeFileSync(files.outcomes, '');
  if (options.lines) writeFileSync(files.lines, linesJson(copy, options.lines));
  const words = [
    ...['-s', '-m', 'pytest', '-p', 'suite_outcomes', '-p', 'no:cacheprovider'],
    ...['-o', 'addopts=', '-q', `--timeout=${TEST_SECONDS}`],
    // Modules that want a server or a library that is not here are left out of both runs.
    '--continue-on-collection-errors',
    ...(options.pytest ?? []),
    ...options.tests,
  ];
  const environment = {
    ...inherited(),
    ...options.environment,
    HOME: files.home,
    PYTHONPATH: [...options.path, PLUGIN].join(delimiter),
    // Not in the copies, and not beside the libraries; shared by all runs of a trial.
    PYTHONPYCACHEPREFIX: join(dirname(copy), 'bytecode'),
    PYTHONHASHSEED: '0',
    PYTHONNOUSERSITE: '1',
    SUITE_OUTCOMES: files.outcomes,
    SUITE_MODULE: options.module,
    ...(options.lines ? { SUITE_LINES: files.lines } : {}),
  };
  const start = Date.now();
  const timedOut = await runToLog(options.python, words, {
    cwd: copy,
    env: environment,
    log: files.log,
    seconds: options.seconds,
  });
  const seconds = (Date.now() - start) / 1000;
  return { ...readOutcomes(files.outcomes, copy), timedOut, seconds, log: files.log };
}

/** @returns {NodeJS.ProcessEnv} without what leads a Python or a client elsewhere */
function inherited() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(PYTHON|PYTEST|VIRTUAL_ENV)|_proxy$/i.test(name),
  );
  return { ...Object.fromEntries(kept), LANG: 'C.UTF-8' };
}

/** @param {string} copy @param {Map<string, number[]>} lines @returns {string} JSON */
function linesJson(copy, lines) {
  const absolute = [...lines].map(([file, numbers]) => [join(copy, file), numbers]);
  return JSON.stringify(Object.fromEntries(absolute));
}

/**
 * @param {string} command
 * @param {string[]} words
 * @param {{cwd: string, env: NodeJS.ProcessEnv, log: string, seconds: number}} options
 * @returns {Promise<boolean>} whether it had to be killed
 * @throws when it cannot be started
 */
async function runToLog(command, words, { cwd, env, log, seconds }) {
  const output = openSync(log, 'w');
  // A group of its own: servers that a suite starts must not outlive it.
  const child = spawn(command, words, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', output, output],
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child.pid);
  }, seconds * 1000);
  try {
    await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', resolve);
    });
  } finally {
    clearTimeout(timer);
    killGroup(child.pid);
    closeSync(output);
  }
  return timedOut;
}

/** @param {number | undefined} pid of the group's leader */
function killGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

/**
 * @param {string} file
 * @param {string} copy
 * @returns {Pick<SuiteRun, 'outcomes' | 'uncollected' | 'ran' | 'module'>}
 */
function readOutcomes(file, copy) {
  const outcomes = new Map();
  const uncollected = [];
  const ran = new Map();
  let module = null;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const fact = parsed(line);
    if (fact.test) outcomes.set(withoutAddresses(fact.test), fact.outcome);
    if (fact.collection) uncollected.push(fact.collection);
    if (fact.ran) addLine(ran, fact.ran[0].slice(copy.length + 1), fact.ran[1]);
    if (fact.module) module = fact.module;
  }
  return { outcomes, uncollected, ran, module };
}

/** @param {string} line the last one may be cut short @returns {Record<string, any>} */
function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

/** @param {string} nodeId whose parameters may print objects @returns {string} */
function withoutAddresses(nodeId) {
  return nodeId.replace(/\b0x[0-9a-f]{6,}\b/g, '0x…');
}

/** @param {Map<string, Set<number>>} lines @param {string} file @param {number} line */
function addLine(lines, file, line) {
  lines.set(file, (lines.get(file) ?? new Set()).add(line));
}
