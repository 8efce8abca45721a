/**
 * Makes one executable with everything inside: Node itself, the program, the wasm files, the schema
 * and the licences. Who has it needs no Node. It is for the system and processor of the Node that
 * runs this:
 *
 *     node src/build-exe.mjs [OUTDIR]
 *
 * The steps are those of Node's documentation, "Single executable applications".
 */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ASSETS, bundle, licences } from './build.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

/** What marks a Node that takes a program in, and where in it the program goes. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const RESOURCE = 'NODE_SEA_BLOB';

/** A CommonJS file has no `import.meta`; and in the executable `__filename` is the executable. */
const BANNER = `const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;`;

/**
 * @param {string} outdir absolute; only the executable in it is replaced
 * @returns {Promise<string>} the path of the executable
 * @throws {Error} when the Node that runs this cannot take a program in
 */
export async function buildExecutable(outdir = join(ROOT, 'dist-exe')) {
  if (!takesPrograms()) {
    throw new Error(
      `${process.execPath} cannot take a program in, as some distributions build it; ` +
        'run this with a Node from nodejs.org',
    );
  }
  const work = mkdtempSync(join(tmpdir(), 'anyio-codemod-exe-'));
  try {
    const blob = await makeBlob(work);
    const made = join(work, 'made');
    copyFileSync(process.execPath, made);
    chmodSync(made, 0o755);
    beforeInjection(made);
    inject(made, blob);
    if (process.platform === 'darwin') execFileSync('codesign', ['--sign', '-', made]);
    const name = process.platform === 'win32' ? 'anyio-codemod.exe' : 'anyio-codemod';
    const target = join(outdir, name);
    mkdirSync(outdir, { recursive: true });
    // Removed, not written over: who runs the old one keeps it.
    rmSync(target, { force: true });
    copyFileSync(made, target);
    return target;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Whether the Node that runs this can take a program in. */
export function takesPrograms() {
  return readFileSync(process.execPath).includes(FUSE);
}

/**
 * The program and what comes along with it, as Node packs them.
 *
 * @returns {Promise<string>} the path of the blob
 */
async function makeBlob(work) {
  const { metafile, outputFiles } = await bundle({
    outfile: join(work, 'main.cjs'),
    format: 'cjs',
    // The program in the executable has no loader that `import()` could ask.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': '__importMetaUrl' },
    banner: { js: BANNER },
    // Its ES module makes a `require` of its own, in the place of the one that `import()` became.
    alias: { 'web-tree-sitter': require.resolve('web-tree-sitter') },
  });
  for (const { path, contents } of outputFiles) writeFileSync(path, contents);
  writeFileSync(join(work, 'LICENSES.txt'), `${licences(metafile)}\n${licenceOfNode()}`);
  const config = {
    // Stack traces show it, so it is relative.
    main: 'main.cjs',
    output: join(work, 'program.blob'),
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    assets: { ...ASSETS, 'LICENSES.txt': join(work, 'LICENSES.txt') },
  };
  writeFileSync(join(work, 'sea.json'), JSON.stringify(config));
  quietly(['--experimental-sea-config', 'sea.json'], work);
  return config.output;
}

/** Lays the blob into the executable. */
function inject(executable, blob) {
  const postject = join(dirname(require.resolve('postject')), 'cli.js');
  const words = [executable, RESOURCE, blob, '--sentinel-fuse', FUSE];
  if (process.platform === 'darwin') words.push('--macho-segment-name', 'NODE_SEA');
  quietly([postject, ...words]);
}

/** Runs Node. What it says is shown when it fails: it warns of sections that it need not know. */
function quietly(words, cwd) {
  execFileSync(process.execPath, words, { cwd, stdio: 'pipe' });
}

/**
 * Readies the copy of Node: a signature would no longer be true, and symbols that only a debugger
 * reads are a fifth of its size. Where there is no `strip`, they stay.
 */
function beforeInjection(path) {
  if (process.platform === 'darwin') execFileSync('codesign', ['--remove-signature', path]);
  if (process.platform === 'linux') {
    const { error, status, stderr } = spawnSync('strip', ['--strip-all', path]);
    if (!error && status !== 0) throw new Error(`strip failed: ${stderr}`);
  }
}

/** Node's own licence, from where its packages lay it. */
function licenceOfNode() {
  const bin = dirname(process.execPath);
  const folders = [bin, join(bin, '..'), join(bin, '../share/doc/nodejs')];
  const file = folders.map((folder) => join(folder, 'LICENSE')).find((each) => existsSync(each));
  const text = file
    ? readFileSync(file, 'utf8').trim()
    : `https://github.com/nodejs/node/blob/${process.version}/LICENSE`;
  return `${'-'.repeat(80)}\n\nNode.js ${process.version}\n\n${text}\n`;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  console.log(await buildExecutable(process.argv[2] ? resolve(process.argv[2]) : undefined));
}
