/**
 * The hooks for pre-commit and the action for GitHub, as a repository of ours gives them: pre-commit
 * itself installs and runs the hooks, and the steps of the action are run by bash, with what GitHub
 * would put into them. GitHub itself cannot be asked here.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { parse } from 'yaml';
import { git, isolateGit, makeRepository } from './files-temporary.ts';
import { newestPython, pythonEnv } from './python/env.ts';

const PROJECT = resolve(import.meta.dirname, '..');
const CACHE = resolve(process.env.ANYIO_CODEMOD_TEST_CACHE ?? join(PROJECT, '.cache'));
const MINUTES = 60_000;
/** What a clone of the repository has that its build needs. */
const SHIPPED = [
  ...['src', 'transforms', 'docs', 'package.json', 'package-lock.json', 'README.md'],
  ...['.npmrc', '.pre-commit-hooks.yaml', 'action.yml'],
];
const SLEEPS = 'import asyncio\n\n\nasync def work():\n    await asyncio.sleep(1)\n';

let home: string;
let hooks: string;

/** A folder in the one that is removed at the end. */
function folder(name: string): string {
  return realpathSync(mkdtempSync(join(home, `${name}-`)));
}

const yaml = (name: string) => parse(readFileSync(join(PROJECT, name), 'utf8'));

beforeAll(() => {
  isolateGit();
  home = mkdtempSync(join(realpathSync(tmpdir()), 'anyio-codemod-hooks-'));
  hooks = folder('repository');
  for (const name of SHIPPED) cpSync(join(PROJECT, name), join(hooks, name), { recursive: true });
  makeRepository(hooks, {});
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the hooks', () => {
  it('are in the package, with the action', () => {
    const { files } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
    expect(files).toEqual(expect.arrayContaining(['.pre-commit-hooks.yaml', 'action.yml']));
  });

  it('are what pre-commit reads', () => {
    const all = yaml('.pre-commit-hooks.yaml');
    expect(all.map(({ id }: { id: string }) => id)).toEqual([
      'anyio-codemod-check',
      'anyio-codemod-baseline',
      'anyio-codemod',
    ]);
    for (const hook of all) {
      expect(hook).toMatchObject({ language: 'node' });
      expect(hook.entry).toMatch(/^anyio-codemod (check|apply)\b/);
    }
  });

  it('npm pack names the package alone on stdout, which is where pre-commit looks', () => {
    const clone = folder('clone');
    cpSync(hooks, clone, { recursive: true });
    symlinkSync(join(PROJECT, 'node_modules'), join(clone, 'node_modules'));
    const name = execFileSync('npm', ['pack'], { cwd: clone, encoding: 'utf8', stdio: 'pipe' });
    expect(name).toMatch(/^anyio-codemod-[\d.]+\.tgz\n$/);
    expect(existsSync(join(clone, name.trim()))).toBe(true);
  });
});

describe('pre-commit', () => {
  /** Fetches it, and skips the test, with a warning, where that cannot be; in CI it fails. */
  function need(context: TestContext): void {
    const script = join(PROJECT, 'tests', 'python', 'fetch-pre-commit.mjs');
    const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    if (existsSync(join(CACHE, 'pre-commit', 'stamp.json')) && pythonEnv().interpreters.length > 0)
      return;
    console.warn(`\nSKIPPED: ${stderr.trim()}\n`);
    context.skip();
  }

  /** Variables with which git's hooks find it too. */
  function variables(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PYTHONPATH: join(CACHE, 'pre-commit', 'usr', 'lib', 'python3', 'dist-packages'),
      PRE_COMMIT_HOME: join(home, 'pre-commit'),
      PRE_COMMIT_COLOR: 'never',
      npm_config_prefer_offline: 'true',
    };
  }

  const run = (cwd: string, ...words: string[]) => {
    const python = newestPython(pythonEnv()).path;
    return spawnSync(python, ['-m', 'pre_commit', ...words], {
      cwd,
      encoding: 'utf8',
      env: variables(),
    });
  };

  it(
    'lets a commit pass, and stops one with a new asyncio.sleep',
    (context) => {
      need(context);
      const rev = git(hooks, 'rev-parse', 'HEAD').trim();
      const config = {
        repos: [
          {
            repo: hooks,
            rev,
            hooks: [{ id: 'anyio-codemod-check' }, { id: 'anyio-codemod-baseline' }],
          },
        ],
      };
      const app = makeRepository(folder('app'), {
        // JSON is YAML.
        '.pre-commit-config.yaml': JSON.stringify(config),
        'app.py': SLEEPS,
      });
      const made = run(app, 'run', '--hook-stage', 'manual', 'anyio-codemod-baseline', '--verbose');
      expect(made.stdout + made.stderr).toContain('is made: it lets 1 use pass.');
      expect(made.status).toBe(0);
      git(app, 'add', '--all');
      expect(run(app, 'install').status).toBe(0);
      const commit = (message: string) =>
        spawnSync('git', ['commit', '-qm', message], {
          cwd: app,
          encoding: 'utf8',
          env: variables(),
        });
      const first = commit('The baseline');
      expect({ status: first.status, output: first.stdout + first.stderr }).toMatchObject({
        status: 0,
      });

      writeFileSync(join(app, 'new.py'), SLEEPS);
      appendFileSync(join(app, 'app.py'), '\n\nX = 1\n');
      git(app, 'add', '--all');
      const second = commit('Sleep');
      expect(second.status).not.toBe(0);
      const output = second.stdout + second.stderr;
      expect(output).toContain('new.py:5:11: asyncio.sleep (phase 2 sleep): safe to rewrite');
      expect(output).not.toContain('app.py:');
      expect(git(app, 'log', '--format=%s').split('\n')[0]).toBe('The baseline');

      writeFileSync(join(app, 'new.py'), SLEEPS.replaceAll('asyncio', 'anyio'));
      git(app, 'add', '--all');
      expect(commit('Sleep well').status).toBe(0);
    },
    10 * MINUTES,
  );
});

describe('the action', () => {
  const action = yaml('action.yml');

  it('is a composite one, all of whose inputs have a default', () => {
    expect(action.runs.using).toBe('composite');
    for (const key of ['name', 'description']) expect(action[key]).not.toBe('');
    for (const [name, input] of Object.entries<Record<string, string>>(action.inputs)) {
      expect([name, typeof input.default, typeof input.description]).toEqual([
        name,
        'string',
        'string',
      ]);
    }
    for (const step of action.runs.steps) expect(step.shell).toBe('bash');
  });

  it('never pastes an input into a script', () => {
    for (const { run } of action.runs.steps) expect(run).not.toContain('${{');
  });

  it('asks only for what there is', () => {
    const asked = JSON.stringify(action).matchAll(/\$\{\{\s*([\w.-]+)/g);
    const ids = action.runs.steps.flatMap(({ id }: { id?: string }) => (id ? [id] : []));
    for (const [, name = ''] of asked) {
      const [root, key = ''] = name.split('.');
      if (root === 'inputs') expect(Object.keys(action.inputs)).toContain(key);
      else if (root === 'steps') expect(ids).toContain(key);
      else expect(name).toBe('github.action_path');
    }
  });

  /** Runs the last step as GitHub would: the expressions filled in, `bash -e -o pipefail`. */
  function check(workspace: string, inputs: Record<string, string>) {
    const step = action.runs.steps.at(-1);
    const given = (name: string) => inputs[name] ?? action.inputs[name].default;
    const filled = (text: string) =>
      text
        .replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name: string) => given(name))
        .replaceAll(/\$\{\{ github\.action_path \}\}/g, built);
    const output = join(workspace, 'output.txt');
    writeFileSync(output, '');
    const env = Object.fromEntries(
      Object.entries<string>(step.env).map(([name, value]) => [name, filled(value)]),
    );
    const script = join(workspace, 'step.sh');
    writeFileSync(script, step.run);
    const words = ['--noprofile', '--norc', '-e', '-o', 'pipefail', script];
    const done = spawnSync('bash', words, {
      cwd: join(workspace, filled(step['working-directory'])),
      encoding: 'utf8',
      env: { ...process.env, ...env, GITHUB_OUTPUT: output },
    });
    return { ...done, output: readFileSync(output, 'utf8') };
  }

  let built: string;
  beforeAll(() => {
    built = folder('action');
    execFileSync(process.execPath, [join(PROJECT, 'src', 'build.mjs'), join(built, 'dist')]);
  });

  it('annotates what is new, writes SARIF, and fails', () => {
    const workspace = makeRepository(folder('workspace'), { 'app/a.py': SLEEPS });
    const inputs = { 'sarif-file': 'out file.sarif', phase: '2', 'working-directory': 'app' };
    const { status, stdout, output } = check(workspace, inputs);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error file=app\/a\.py,line=5,/);
    const sarif = join(workspace, 'app', 'out file.sarif');
    expect(output).toBe(`sarif-file=${sarif}\n`);
    expect(JSON.parse(readFileSync(sarif, 'utf8')).runs[0].results).toHaveLength(1);
  });

  it('passes what the baseline lets pass, from a file of its own, with more flags', () => {
    const workspace = makeRepository(folder('workspace'), { 'a.py': SLEEPS, 'b.py': SLEEPS });
    mkdirSync(join(workspace, 'ci'));
    const update = { baseline: 'ci/a file.json', args: '--update-baseline --exclude b.py' };
    expect(check(workspace, update).status).toBe(0);
    const { status, stdout } = check(workspace, { baseline: 'ci/a file.json', format: 'text' });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^b\.py:5:11: /);
    expect(check(workspace, { baseline: 'ci/a file.json', args: 'a.py' }).status).toBe(0);
  });

  it('takes no command from an input', () => {
    const workspace = makeRepository(folder('workspace'), { 'a.py': SLEEPS });
    const { status } = check(workspace, { args: '$(touch broken) `touch broken`; touch broken' });
    expect(status).toBe(2);
    expect(existsSync(join(workspace, 'broken'))).toBe(false);
  });

  it('fails where the check itself does, and not only when it finds something', () => {
    const workspace = makeRepository(folder('workspace'), { 'a.py': 'import asyncio\ndef (:\n' });
    const { status, stdout } = check(workspace, { 'sarif-file': 'out.sarif' });
    expect(status).toBe(2);
    expect(stdout).toMatch(/^::error file=a\.py,(line=\d+,)?title=syntax::/);
  });
});
