/**
 * Runs other people's test suites before and after `apply`, and tells which tests no
 * longer pass.
 *
 *     node src/build.mjs
 *     node tests/python/fetch.mjs && node tests/suites/fetch.mjs
 *     node tests/suites/run.mjs [NAME..] [--phase PHASES] [--review] [--python FILE] [--json FILE] [--keep FOLDER]
 *
 *     --phase PHASES   what to apply; hybrid unless told
 *     --review         also once with --include-review
 *     --python FILE    an interpreter, several times for several; python3 unless told. The last is
 *                      used, save for a package that was compiled for another
 *     --tool FILE      the program; dist/main.js unless told
 *     --quick          without the tests that packages.mjs calls slow
 *     --rounds N       how often suspects are run again in each copy; 3 unless told
 *     --json FILE      what was found, for programs
 *     --keep FOLDER    where the copies and pytest's logs go; a temporary folder unless told
 *     --seconds N      the limit for one run of a suite; 600 unless told
 *     --source FOLDER  another source of the one package named, such as a copy with a change
 *
 * Exits 0 when every test that passed still passes, 1 when one is broken, and 2 when a trial proves
 * nothing (no library, no suite, a run that had to be killed).
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PACKAGES } from './packages.mjs';
import { describeTrial } from './report.mjs';
import { TrialError, tryPackage } from './trial.mjs';

const project = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const cache = resolve(process.env.ANYIO_CODEMOD_TEST_CACHE ?? join(project, '.cache'));
const DIST_PACKAGES = join('usr', 'lib', 'python3', 'dist-packages');

await main();

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      phase: { type: 'string', default: 'hybrid' },
      review: { type: 'boolean', default: false },
      python: { type: 'string', multiple: true, default: ['python3'] },
      tool: { type: 'string', default: join(project, 'dist', 'main.js') },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      json: { type: 'string' },
      keep: { type: 'string' },
      seconds: { type: 'string', default: '600' },
      source: { type: 'string' },
    },
  });
  const wanted = PACKAGES.filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  const folder = values.keep
    ? resolve(values.keep)
    : mkdtempSync(join(tmpdir(), 'anyio-codemod-suites-'));
  const rewrites = { safe: [], ...(values.review ? { review: ['--include-review'] } : {}) };
  const trials = [];
  for (const known of wanted) {
    try {
      const trial = await tryPackage(subjectOf(known, values), {
        python: pythonFor(known, values.python),
        tool: resolve(values.tool),
        phase: values.phase,
        folder: join(folder, known.name),
        rewrites,
        rounds: Number(values.rounds),
        seconds: Number(values.seconds),
      });
      trials.push(trial);
      console.log(describeTrial(trial));
    } catch (error) {
      if (!(error instanceof TrialError)) throw error;
      console.error(`${known.name}: ${error.message}`);
      process.exitCode = 2;
    }
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(trials, null, 2)}\n`);
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
  const broken = trials
    .flatMap(({ rewrites: done }) => Object.values(done))
    .flatMap((d) => d.broken);
  if (broken.some(({ verdict }) => verdict.startsWith('broken'))) process.exitCode ||= 1;
  if (wanted.length === 0) {
    console.error(`no package ${positionals.join(' ')} in tests/suites/packages.mjs`);
    process.exitCode = 2;
  }
}

/**
 * @param {import('./packages.mjs').SuitePackage} known
 * @param {{source?: string, quick: boolean}} options
 * @returns {import('./trial.mjs').Subject}
 * @throws {TrialError} when it was not fetched
 */
function subjectOf(known, { source, quick }) {
  const home = join(cache, 'suites', known.name);
  const stamp = join(home, 'stamp.json');
  if (!existsSync(stamp)) {
    const skipped = join(home, 'SKIPPED');
    const reason = existsSync(skipped) ? readFileSync(skipped, 'utf8').trim() : 'not fetched';
    throw new TrialError(`${reason} (node tests/suites/fetch.mjs ${known.name})`);
  }
  return {
    ...known,
    pytest: [...(known.pytest ?? []), ...(quick ? deselect(known.slow ?? []) : [])],
    version: JSON.parse(readFileSync(stamp, 'utf8')).version,
    source: source ? resolve(source) : join(home, 'source'),
    libraries: [newestAnyio(), join(home, 'libraries', DIST_PACKAGES)],
  };
}

/** @param {string[]} tests @returns {string[]} arguments that make pytest leave them out */
function deselect(tests) {
  return tests.map((test) => `--deselect=${test}`);
}

/**
 * @param {import('./packages.mjs').SuitePackage} known
 * @param {string[]} interpreters
 * @returns {string} the interpreter to run its suite with
 * @throws {TrialError} when there is none
 */
function pythonFor({ python }, interpreters) {
  const chosen = interpreters.findLast(
    (interpreter) => python === undefined || minorVersion(interpreter) === python,
  );
  if (!chosen) throw new TrialError(`needs Python ${python} (--python FILE)`);
  return chosen;
}

/** @param {string} interpreter @returns {string} `3.11` */
function minorVersion(interpreter) {
  const script = 'import sys; print(*sys.version_info[:2], sep=".")';
  return spawnSync(interpreter, ['-c', script], { encoding: 'utf8' }).stdout?.trim() ?? '';
}

/** @returns {string} the folder of the newest anyio that tests/python/fetch.mjs unpacked */
function newestAnyio() {
  const stamp = join(cache, 'python', 'stamp.json');
  if (!existsSync(stamp)) throw new TrialError('no anyio (node tests/python/fetch.mjs)');
  /** @type {{kind: string, folder: string, version: string}[]} */
  const folders = JSON.parse(readFileSync(stamp, 'utf8')).folders;
  const newest = folders
    .filter(({ kind }) => kind === 'anyio')
    .sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }))
    .at(-1);
  if (!newest) throw new TrialError('no anyio (node tests/python/fetch.mjs)');
  return join(cache, 'python', newest.folder, DIST_PACKAGES);
}
