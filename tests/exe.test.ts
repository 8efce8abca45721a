/** The executable: built once, and run where there is no Node, nor anything else, on the PATH. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { git, makeRepository, temporaryDirectory } from './files-temporary.ts';

const { build } = (await import('../src/build.mjs' as string)) as {
  build(outdir: string): Promise<void>;
};
const { buildExecutable, takesPrograms } = (await import('../src/build-exe.mjs' as string)) as {
  buildExecutable(outdir: string): Promise<string>;
  takesPrograms(): boolean;
};

/** Some distributions build a Node that cannot become an executable; CI's can. */
const CAN_BUILD = takesPrograms() || Boolean(process.env.CI);
if (!CAN_BUILD) {
  console.warn(`SKIPPED: the tests of the executable, which ${process.execPath} cannot be made to`);
}

const SAMPLE = join(resolve(import.meta.dirname, '..'), 'fixtures', 'sample');
/** No environment but this: `env -i PATH=/empty`. */
const NOTHING = { PATH: '/empty' };

let made: string;
let executable: string;
let bundle: string;

beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'made-'));
  if (!CAN_BUILD) return;
  executable = await buildExecutable(join(made, 'exe'));
  bundle = join(made, 'bundle');
  await build(bundle);
});

afterAll(() => rmSync(made, { recursive: true, force: true }));

function sample(): string {
  const folder = join(temporaryDirectory(), 'sample');
  cpSync(SAMPLE, folder, { recursive: true });
  return folder;
}

function run(cwd: string, words: string[], env: NodeJS.ProcessEnv = NOTHING) {
  const { status, stdout, stderr, error } = spawnSync(executable, words, { cwd, env });
  if (error) throw error;
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** The same by the package: its Node is named outright, so that nothing else differs. */
function runBundle(cwd: string, words: string[]) {
  const all = [join(bundle, 'main.js'), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { cwd, env: NOTHING });
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

describe.runIf(CAN_BUILD)('the executable, with no node on the PATH', () => {
  test('is one file, and tells its version', () => {
    expect(basename(executable)).toMatch(/^anyio-codemod(\.exe)?$/);
    const { status, stdout, stderr } = run(temporaryDirectory(), ['--version']);
    expect([status, stdout, stderr]).toEqual([0, `${manifest.version}\n`, '']);
  });

  test.each([
    [['--help'], 0],
    [['plan'], 0],
    [['plan', '--json', 'mud'], 0],
    [['diff'], 0],
    [['diff', '--exit-code', '--phase', '1'], 1],
    [['list'], 0],
    [['explain', 'event-clear'], 0],
    [['explain', 'schema'], 0],
    [['plan', '--phase', 'scirpts'], 2],
  ])('%j: what the package does, byte for byte', (words, status) => {
    const project = sample();
    const ran = run(project, words);
    expect(ran.status).toBe(status);
    expect(ran.stdout + ran.stderr).not.toBe('');
    expect(ran).toEqual(runBundle(project, words));
  });

  test('apply writes what the package writes, and undo takes it back', () => {
    const [one, other] = [sample(), sample()];
    const ran = run(one, ['apply']);
    expect(ran.status).toBe(0);
    expect(ran).toEqual(runBundle(other, ['apply']));
    expect(contents(one)).toEqual(contents(other));
    expect(readFileSync(join(one, 'main.py'), 'utf8')).toContain('anyio.run(');
    expect(run(one, ['undo']).status).toBe(0);
    expect(contents(one)).toEqual(contents(SAMPLE));
  });

  test('finds git where there is one', () => {
    const project = sample();
    makeRepository(project, {});
    const words = ['apply', '--phase', '1', '--branch', 'anyio', '--commit'];
    expect(run(project, words, { PATH: process.env.PATH }).status).toBe(0);
    expect(git(project, 'branch', '--show-current')).toBe('anyio\n');
    expect(git(project, 'status', '--porcelain')).toBe('');
  });

  test('shows the licences of all that is in it', () => {
    const { status, stdout } = run(temporaryDirectory(), ['explain', 'licences']);
    expect(status).toBe(0);
    for (const name of ['yargs', 'web-tree-sitter', 'tree-sitter-python', 'Node.js']) {
      expect(stdout).toMatch(new RegExp(`^${name} v?\\d+\\.\\d+\\.\\d+`, 'm'));
    }
  });

  test('does not know where it was built', () => {
    const bytes = readFileSync(executable);
    expect(bytes.includes('asyncio.Event')).toBe(true);
    expect(bytes.includes(resolve('.'))).toBe(false);
    expect(bytes.includes('anyio-codemod-exe-')).toBe(false);
  });
});

/** Every file of a project with its text; what the tool keeps for itself has the time in it. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => !path.startsWith('.anyio-codemod'))
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), 'latin1')]),
  );
}
