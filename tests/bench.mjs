/**
 * How long the commands take, as multiples of two things that nobody can do without: starting Node,
 * and parsing every file that names asyncio. Only such ratios, taken in turn in one run, say anything:
 * the seconds of a machine do not.
 *
 *     npm run bench [FOLDER]     a Python project; else the packages that the tests fetch from Debian
 */

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Language, Parser } from 'web-tree-sitter';
import { build } from '../src/build.mjs';

const ROUNDS = 5;
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const given = resolve(process.argv[2] ?? join(ROOT, '.cache', 'python', 'corpus'));
if (!existsSync(given)) {
  console.error(`There is no ${given}; npm run python fetches what the bench reads by itself.`);
  process.exit(2);
}

const scratch = mkdtempSync(join(tmpdir(), 'anyio-codemod-bench-'));
const [dist, folder] = [join(scratch, 'dist'), join(scratch, 'project')];
try {
  await build(dist);
  // A copy: where it lies, it may be a part of a larger checkout, all of which would be read.
  cpSync(given, folder, { recursive: true, filter: (path) => basename(path) !== '.git' });
  const parseAll = await parsing(folder);
  const program = join(dist, 'main.js');
  const run =
    (...words) =>
    () =>
      command([program, ...words]);
  const subjects = [
    ['node -e ""', () => command(['-e', ''])],
    ['parse what names asyncio', parseAll],
    ['--version', run('--version')],
    ['explain lock', run('explain', 'lock')],
    ['plan --phase 1', run('plan', '--phase', '1')],
    ['plan --phase hybrid', run('plan', '--phase', 'hybrid')],
    ['plan', run('plan')],
    ['diff --phase hybrid', run('diff', '--phase', 'hybrid')],
    ['check', run('check')],
  ];
  report(measure(subjects));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** @returns {Promise<() => void>} parses all of it once, in this process */
async function parsing(top) {
  await Parser.init();
  const require = createRequire(import.meta.url);
  const wasm = require.resolve('tree-sitter-python/tree-sitter-python.wasm');
  const parser = new Parser();
  parser.setLanguage(await Language.load(wasm));
  const texts = readdirSync(top, { recursive: true })
    .map((name) => join(top, String(name)))
    .filter((path) => path.endsWith('.py') && statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => readFileSync(path, 'utf8'))
    .filter((text) => text.includes('asyncio'));
  const size = texts.reduce((sum, text) => sum + text.length, 0);
  console.log(
    `${texts.length} files that name asyncio, ${(size / 1e6).toFixed(1)} MB, in ${given}`,
  );
  return () => {
    for (const text of texts) parser.parse(text)?.delete();
  };
}

function command(words) {
  const { status, error } = spawnSync(process.execPath, words, {
    cwd: folder,
    stdio: 'ignore',
    env: { ...process.env, NO_COLOR: '1' },
  });
  // check says 1 where there is asyncio.
  if (error || status > 1) throw error ?? new Error(`${words.join(' ')}: exit status ${status}`);
}

/** In turn, so that what else the machine does hits all alike. @returns the least of each, in ms */
function measure(subjects) {
  const least = new Map(subjects.map(([name]) => [name, Number.POSITIVE_INFINITY]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, work] of subjects) {
      const start = performance.now();
      work();
      least.set(name, Math.min(least.get(name), performance.now() - start));
    }
  }
  return least;
}

function report(least) {
  const [node, parse] = [...least.values()];
  console.log(`least of ${ROUNDS}${' '.repeat(22)}ms    x node    x parse`);
  for (const [name, ms] of least) {
    const cells = [ms.toFixed(0), (ms / node).toFixed(1), (ms / parse).toFixed(2)];
    console.log(`${name.padEnd(26)}${cells.map((cell) => cell.padStart(10)).join('')}`);
  }
}
