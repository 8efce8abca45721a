/**
 * Bundles the program to `dist/`: one executable, the chunks that it loads on demand, the two wasm
 * files, the schema of the JSON report, and the licences of all of it. What it writes needs no
 * `node_modules`.
 *
 *     node src/build.mjs [OUTDIR]
 */

import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

/** What comes along beside the code, by the name that `src/packaged.ts` asks for; and where it lies. */
export const ASSETS = {
  'web-tree-sitter.wasm': require.resolve('web-tree-sitter/web-tree-sitter.wasm'),
  'tree-sitter-python.wasm': require.resolve('tree-sitter-python/tree-sitter-python.wasm'),
  'schema.json': join(ROOT, 'src/report/schema.json'),
  'completion.bash': join(ROOT, 'src/cli/completion.bash'),
  'completion.zsh': join(ROOT, 'src/cli/completion.zsh'),
  'completion.fish': join(ROOT, 'src/cli/completion.fish'),
  ...htmlAssets(),
};

/** The style and the scripts of the HTML report, as `src/report/html/assets.ts` asks for them. */
function htmlAssets() {
  const folder = join(ROOT, 'src/report/html');
  const names = readdirSync(folder).filter((name) => /\.(css|js)$/.test(name));
  return Object.fromEntries(names.map((name) => [`report-${name}`, join(folder, name)]));
}

/** Bundled CommonJS packages ask for Node's own modules through `require`. */
const BANNER = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

/**
 * yargs parses and routes for us; the help pages and the messages are our own. So what it would lay
 * out a page with stays out (a third of the start-up), and so do its translations, which it would
 * read from a folder three levels above its own, wherever that is for a bundle.
 */
const yargsWithoutPages = {
  name: 'yargs-without-pages',
  setup(build) {
    build.onLoad({ filter: /node_modules[/\\]cliui[/\\].*\.m?js$/ }, () => ({
      contents: `export default () => ({ div() {}, span() {}, toString: () => '' });`,
    }));
    build.onLoad({ filter: /node_modules[/\\]string-width[/\\].*\.js$/ }, ({ path }) => {
      // The prompts count columns with one of their own.
      if (/[/\\]@inquirer[/\\]/.test(path)) return undefined;
      return { contents: `export default (text) => text.length;` };
    });
    build.onLoad({ filter: /node_modules[/\\]y18n[/\\]index\.mjs$/ }, () => ({
      contents: `import { format } from 'node:util';
        export default () => ({
          __: (text, ...values) => format(text, ...values),
          __n: (one, many, n, ...values) => format(n === 1 ? one : many, ...values),
          getLocale: () => 'en',
          setLocale() {},
          updateLocale() {},
        });`,
    }));
  },
};

/**
 * Bundles in memory, in the one way that the package and the executable share.
 *
 * @param {esbuild.BuildOptions} options the format, and what comes with it
 * @returns {Promise<esbuild.BuildResult>} with `outputFiles` and `metafile`
 */
export function bundle(options) {
  const { version } = readJson(join(ROOT, 'package.json'));
  return esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ['src/main.ts'],
    bundle: true,
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    // Its other form asks for its parts in a way that a bundler does not see.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    plugins: [yargsWithoutPages],
    metafile: true,
    logLevel: 'warning',
    write: false,
    ...options,
    define: { ANYIO_CODEMOD_VERSION: JSON.stringify(version), ...options.define },
  });
}

/**
 * @param {string} outdir absolute; what it held is removed
 * @returns {Promise<void>}
 */
export async function build(outdir = join(ROOT, 'dist')) {
  const { metafile, outputFiles } = await bundle({
    outdir,
    splitting: true,
    format: 'esm',
    banner: { js: BANNER },
  });
  // A build that fails leaves the old one alone; one that succeeds leaves no old chunks.
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
  chmodSync(join(outdir, 'main.js'), 0o755);
  for (const [name, path] of Object.entries(ASSETS)) {
    copyFileSync(path, join(outdir, name));
    chmodSync(join(outdir, name), 0o644);
  }
  writeFileSync(join(outdir, 'LICENSES.txt'), licences(metafile));
}

/**
 * The licence texts of every package that the bundle or an asset comes from.
 *
 * @param {esbuild.Metafile} metafile of the bundle
 * @returns {string} for `LICENSES.txt`
 */
export function licences(metafile) {
  const assets = Object.values(ASSETS).map((path) => relative(ROOT, path));
  const folders = new Set(
    [...Object.keys(metafile.inputs), ...assets].map(packageFolder).filter(Boolean),
  );
  const texts = [...folders].map((folder) => licence(resolve(ROOT, folder)));
  const rule = `\n\n${'-'.repeat(80)}\n\n`;
  return `anyio-codemod contains the work of others, under these licences.${rule}${texts
    .sort()
    .join(rule)}\n`;
}

/** `node_modules/@scope/name` of a path within it, the innermost one. */
function packageFolder(path) {
  return /^.*node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(path)?.[0];
}

/** @throws {Error} when a package says nothing of its licence: it must not be shipped then */
function licence(folder) {
  const { name, version, license } = readJson(join(folder, 'package.json'));
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each));
  if (!file && !license) throw new Error(`${name} has no licence`);
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '(no text in the package)';
  return `${name} ${version} (${license ?? 'see below'})\n\n${text}`;
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await build(process.argv[2] ? resolve(process.argv[2]) : undefined);
}
