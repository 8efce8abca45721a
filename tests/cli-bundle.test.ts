/** The program as it is published: built, and run far from the checkout and its node_modules. */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const { build } = (await import('../src/build.mjs' as string)) as {
  build(outdir: string): Promise<void>;
};

let dist = '';
let project = '';

beforeAll(async () => {
  dist = realpathSync(mkdtempSync(join(tmpdir(), 'dist-')));
  await build(dist);
}, 30_000);

afterAll(() => rmSync(dist, { recursive: true, force: true }));

beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'project-')));
});

afterEach(() => rmSync(project, { recursive: true, force: true }));

const PROGRAM = `import asyncio


async def main():
    await asyncio.sleep(1)
    await asyncio.gather(work())


asyncio.run(main())
`;

function put(name: string, text: string): void {
  writeFileSync(join(project, name), text);
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: project, encoding: 'utf8' });
}

function commitAll(): void {
  git('init', '--quiet');
  git('config', 'user.name', 'Test');
  git('config', 'user.email', 'test@example.org');
  git('add', '.');
  git('commit', '--quiet', '--message', 'start');
}

function run(words: string[], env: NodeJS.ProcessEnv = {}, program = dist) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(program, 'main.js'), ...words],
    { cwd: project, encoding: 'utf8', env: { PATH: process.env.PATH, ...env } },
  );
  return { status, stdout, stderr };
}

describe('the package', () => {
  test('begins with a shebang and is executable', () => {
    expect(readFileSync(join(dist, 'main.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(join(dist, 'main.js')).mode & 0o111).toBe(0o111);
  });

  test('holds the wasm files, the schema, and every licence', () => {
    const names = readdirSync(dist);
    expect(names).toEqual(
      expect.arrayContaining(['web-tree-sitter.wasm', 'tree-sitter-python.wasm', 'schema.json']),
    );
    const licences = readFileSync(join(dist, 'LICENSES.txt'), 'utf8');
    for (const name of ['yargs', 'diff', 'iconv-lite', 'web-tree-sitter', 'tree-sitter-python']) {
      expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
    }
    expect(licences).toContain('Max Brunsfeld');
    expect(licences).not.toContain('(no text in the package)');
  });

  test('does not know where it was built', () => {
    for (const name of readdirSync(dist).filter((each) => /\.(js|txt|json)$/.test(each))) {
      expect(readFileSync(join(dist, name), 'utf8').includes(resolve('.')), name).toBe(false);
    }
  });
});

describe('run from another folder', () => {
  test('--version and --help, in any locale', () => {
    const env = { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' };
    expect(run(['--version'], env).stdout).toBe(`${manifest.version}\n`);
    for (const words of [['--help'], ['apply', '--help']]) {
      expect(run(words, env)).toEqual({ ...run(words), status: 0, stderr: '' });
      expect(run(words, env).stdout).toMatch(/^Usage: /);
    }
    const wrong = run(['diff', '--phase'], env);
    expect(wrong).toEqual({
      status: 2,
      stdout: '',
      stderr: 'anyio-codemod: --phase needs a value\n',
    });
  });

  test('what does not parse Python needs no parser', () => {
    const copy = join(project, 'copy');
    cpSync(dist, copy, { recursive: true });
    for (const name of readdirSync(copy)) if (name.endsWith('.wasm')) rmSync(join(copy, name));
    const asked = ['completion', '--words', 'bash', 'diff', '-t', 'sleep,'];
    for (const words of [['--help'], ['--version'], ['list'], ['explain', 'lock'], asked]) {
      expect(run(words, {}, copy).status, words.join(' ')).toBe(0);
    }
    put('a.py', PROGRAM);
    const { status, stderr } = run(['plan', 'a.py'], {}, copy);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^anyio-codemod: .*\n$/);
  });

  test('plan, diff and apply', () => {
    put('a.py', PROGRAM);
    put('requirements.txt', 'httpx\n');
    commitAll();
    const plan = JSON.parse(run(['plan', '--json']).stdout);
    expect(plan.totals).toMatchObject({ found: 3, rewritten: 2, deferred: 1, filesChanged: 2 });

    const diff = run(['diff']);
    expect([diff.status, run(['diff', '--exit-code']).status]).toEqual([0, 1]);
    expect(readFileSync(join(project, 'a.py'), 'utf8')).toBe(PROGRAM);
    execFileSync('git', ['apply'], { cwd: project, input: diff.stdout });
    const byGit = ['a.py', 'requirements.txt'].map((name) => readFileSync(join(project, name)));
    git('checkout', '--quiet', '.');

    expect(run(['apply', '--commit']).status).toBe(0);
    const written = ['a.py', 'requirements.txt'].map((name) => readFileSync(join(project, name)));
    expect(written).toEqual(byGit);
    expect(written[0]?.toString()).toContain('anyio.run(main)');
    expect(git('status', '--porcelain')).toBe('');
    expect(run(['diff', '--exit-code'])).toMatchObject({ status: 0, stdout: '' });
  });
});

test('a reader that goes away ends it quietly', async () => {
  // More than a pipe holds, so that writing has to meet the closed end.
  put('a.py', `import asyncio\n${'asyncio.sleep(1)\n'.repeat(2000)}`);
  const child = spawn(process.execPath, [join(dist, 'main.js'), 'plan', '--json'], {
    cwd: project,
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((done) => child.on('close', done));
  expect([code, errors]).toEqual([0, '']);
});

describe('an interrupt', () => {
  /** Starts the program, and interrupts it when `marker` is there. */
  async function interruptAt(marker: string, words: string[], path: string) {
    const child = spawn(process.execPath, [join(dist, 'main.js'), ...words], {
      cwd: project,
      env: { PATH: path },
    });
    const end = new Promise<number | null>((done) => child.on('close', done));
    while (!existsSync(join(project, marker)) && child.exitCode === null) {
      await new Promise((next) => setTimeout(next, 10));
    }
    child.kill('SIGINT');
    return end;
  }

  test('is exit code 130, and before the writing nothing is written', async () => {
    put('a.py', PROGRAM);
    mkdirSync(join(project, 'bin'));
    put('bin/python3', `#!/bin/sh\n: > ${project}/started\nexec sleep 5\n`);
    chmodSync(join(project, 'bin/python3'), 0o755);
    const path = `${join(project, 'bin')}:${process.env.PATH}`;
    expect(await interruptAt('started', ['apply', 'a.py'], path)).toBe(130);
    expect(readFileSync(join(project, 'a.py'), 'utf8')).toBe(PROGRAM);
  });

  test('waits until what was begun is written and committed', async () => {
    put('a.py', PROGRAM);
    put('.gitignore', 'started\n');
    commitAll();
    mkdirSync(join(project, '.git/hooks'), { recursive: true });
    put('.git/hooks/pre-commit', `#!/bin/sh\n: > ${project}/started\nsleep 0.3\n`);
    chmodSync(join(project, '.git/hooks/pre-commit'), 0o755);
    const words = ['apply', '-t', 'sleep', '--commit', 'a.py'];
    expect(await interruptAt('started', words, process.env.PATH ?? '')).toBe(130);
    expect(git('status', '--porcelain')).toBe('');
    expect(git('show', '--format=%s')).toContain('+    await anyio.sleep(1)');
  });
});
