/**
 * The tool as people get it: packed, installed elsewhere, run on the sample project in a git
 * checkout of its own, and the migrated game played under real Python.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeWithPython, type PythonEnv, runPython } from './python/env.ts';

const PROJECT = resolve(import.meta.dirname, '..');
const folders: string[] = [];
let tool: string;
let checkout: string;

function temporary(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `anyio-codemod-${name}-`));
  folders.push(folder);
  return folder;
}

function git(...words: string[]): string {
  const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
  return execFileSync('git', [...author, ...words], { cwd: checkout, encoding: 'utf8' });
}

function run(...words: string[]): { code: number | null; stdout: string; stderr: string } {
  const identity = { GIT_AUTHOR_NAME: 'Test', GIT_AUTHOR_EMAIL: 'test@example.org' };
  const committer = { GIT_COMMITTER_NAME: 'Test', GIT_COMMITTER_EMAIL: 'test@example.org' };
  const env = { ...process.env, ...identity, ...committer, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(tool, words, {
    cwd: checkout,
    encoding: 'utf8',
    env,
  });
  return { code: status, stdout, stderr };
}

beforeAll(() => {
  const packs = temporary('pack');
  const home = temporary('home');
  const npm = (cwd: string, ...words: string[]) =>
    execFileSync('npm', words, { cwd, stdio: 'pipe' });
  npm(PROJECT, 'pack', '--pack-destination', packs);
  const [pack = ''] = readdirSync(packs);
  writeFileSync(join(home, 'package.json'), '{"private": true}');
  npm(home, 'install', '--offline', '--no-audit', '--no-fund', join(packs, pack));
  tool = join(home, 'node_modules', '.bin', 'anyio-codemod');
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  checkout = temporary('checkout');
  cpSync(join(PROJECT, 'fixtures', 'sample'), checkout, { recursive: true });
  for (const words of [
    ['init', '-q'],
    ['add', '-A'],
    ['commit', '-qm', 'The sample'],
  ])
    git(...words);
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

describe('the packed tool', () => {
  it('plans, and touches nothing', () => {
    const { code, stdout, stderr } = run('plan');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^1 scripts /m);
    expect(stdout).toMatch(/event-clear {2}1\n/);
    expect(stdout).toContain('mud/ticks.py:23');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(git('status', '--porcelain')).toBe('');
  });

  it('prints a diff of phase 1 that git applies to the very files that apply writes', () => {
    const { code, stdout } = run('diff', '--phase', '1');
    expect(code).toBe(0);
    expect(git('status', '--porcelain')).toBe('');
    execFileSync('git', ['apply'], { cwd: checkout, input: stdout });
    const patched = git('diff');
    git('checkout', '-q', '.');
    expect(run('apply', '--phase', 'scripts').code).toBe(0);
    expect(git('diff')).toBe(patched);
    expect(patched).toMatch(/^\+ {4}anyio\.run\(main\)$/m);
    expect(patched).not.toMatch(/^\+.*anyio\.sleep/m);
  });

  it('applies phase 1 in a branch, then phase 2, and says nothing is left to do', () => {
    expect(run('apply', '--phase', '0,1', '--branch', 'anyio-phase-1', '--commit').code).toBe(0);
    expect(git('branch', '--show-current')).toBe('anyio-phase-1\n');
    expect(run('apply', '--phase', '0,2', '--commit').code).toBe(0);
    expect(git('log', '--format=%s').trim().split('\n')).toHaveLength(3);
    expect(git('status', '--porcelain')).toBe('');
    expect(run('diff', '--exit-code')).toMatchObject({ code: 0, stdout: '' });
  });

  it('runs a single transform on one file', () => {
    expect(run('apply', '--transform', 'sleep', 'mud/rooms.py').code).toBe(0);
    expect(git('diff', '--name-only')).toBe('mud/rooms.py\n');
    const text = readFileSync(join(checkout, 'mud', 'rooms.py'), 'utf8');
    expect(text).toContain('anyio.sleep(');
    expect(text).toContain('asyncio.Lock');
  });

  it('refuses to write over changes that are not committed', () => {
    const path = join(checkout, 'mud', 'ticks.py');
    writeFileSync(path, `${readFileSync(path, 'utf8')}# mine\n`);
    const { code, stderr } = run('apply');
    expect(code).toBe(2);
    expect(stderr).toContain('mud/ticks.py');
    expect(git('diff', '--name-only')).toBe('mud/ticks.py\n');
  });
});

describeWithPython('the sample under real Python', (env: PythonEnv) => {
  const transcript = readFileSync(join(PROJECT, 'fixtures', 'sample', 'transcript.txt'), 'utf8');

  it('plays the same session and passes its tests after every step of the plan', () => {
    for (const python of env.interpreters) {
      expect(runPython(python, { file: 'main.py', cwd: checkout }).stdout).toBe(transcript);
    }
    for (const phase of ['0,1', '0,2']) {
      expect(run('apply', '--phase', phase, '--commit').code).toBe(0);
      for (const python of env.interpreters) {
        for (const anyio of env.anyio) {
          const played = runPython(python, { file: 'main.py', cwd: checkout, anyio });
          expect({ stdout: played.stdout, stderr: played.stderr }).toEqual({
            stdout: transcript,
            stderr: '',
          });
        }
      }
      const anyio = env.anyio.at(-1);
      const [python] = env.interpreters.slice(-1);
      const words = ['-m', 'unittest', 'discover', 'tests'];
      const script = `import runpy, sys; sys.path.insert(0, "."); sys.argv = ${JSON.stringify(words.slice(1))}; runpy.run_module("unittest", run_name="__main__")`;
      const tested = python && runPython(python, { script, cwd: checkout, anyio });
      expect(tested?.stderr).toMatch(/\nOK\n/);
    }
  });
});
