/** `-`, `--stdin-filename` and `--files-from`, in a project of its own with the real engine. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engine } from '../src/cli/engine.ts';
import { run } from '../src/cli/run.ts';
import { Sink } from './cli-harness.ts';
import { git, makeRepository, temporaryDirectory, writeTree } from './files-temporary.ts';

const SLEEPER = 'import asyncio\n\n\nasync def f():\n    await asyncio.sleep(1)\n';
const SLEEPER_AFTER = SLEEPER.replaceAll('asyncio', 'anyio');
const MANIFEST = '[project]\nname = "app"\ndependencies = []\n';
const FILES = {
  'pyproject.toml': MANIFEST,
  'app/state.py': 'import asyncio\n\nready = asyncio.Event()\n',
  'app/use.py': 'from app.state import ready\n\nready.clear()\n',
  'app/sleeper.py': SLEEPER,
  'other.py': SLEEPER,
  'README.md': 'asyncio\n',
};

interface Ran {
  code: number;
  out: Buffer;
  text: string;
  err: string;
}

class Folder {
  readonly root = temporaryDirectory();

  constructor(files: Record<string, string | Buffer> = FILES) {
    makeRepository(this.root, files);
  }

  async run(words: readonly string[], input: string | Buffer = ''): Promise<Ran> {
    const stdout = new Sink();
    const stderr = new Sink();
    const bytes = Buffer.from(input);
    const code = await run(words, {
      cwd: this.root,
      env: { PATH: process.env.PATH },
      // In two parts, as a pipe may give it.
      stdin: (async function* () {
        yield bytes.subarray(0, 7);
        yield bytes.subarray(7);
      })(),
      stdout,
      stderr,
      engine,
      uninterrupted: (work) => work(),
    });
    return { code, out: stdout.bytes, text: stdout.text, err: stderr.text };
  }

  get isUntouched(): boolean {
    return git(this.root, 'status', '--porcelain') === '';
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }
}

describe('apply -', () => {
  it('prints the new text, and writes nothing', async () => {
    const folder = new Folder();
    const ran = await folder.run(['apply', '-', '--stdin-filename', 'app/new.py'], SLEEPER);
    expect(ran).toMatchObject({ code: 0, text: SLEEPER_AFTER, err: '' });
    expect(folder.isUntouched).toBe(true);
    expect(existsSync(join(folder.root, '.anyio-codemod'))).toBe(false);
    expect(readdirSync(join(folder.root, 'app'))).not.toContain('new.py');
  });

  it('needs no name', async () => {
    const ran = await new Folder().run(['apply', '-'], SLEEPER);
    expect(ran).toMatchObject({ code: 0, text: SLEEPER_AFTER, err: '' });
  });

  it('keeps encoding, byte order mark and line ends', async () => {
    const latin = '# -*- coding: latin-1 -*-\r\n# caf\xe9\r\nimport asyncio\r\nasyncio.sleep(1)';
    const bytes = Buffer.from(latin, 'latin1');
    const ran = await new Folder().run(['apply', '-'], bytes);
    expect(ran.out.toString('latin1')).toBe(latin.replaceAll('asyncio', 'anyio'));
    const marked = await new Folder().run(['apply', '-'], `\uFEFF${SLEEPER}`);
    expect(marked.out.toString('utf8')).toBe(`\uFEFF${SLEEPER_AFTER}`);
  });

  it('prints a text without anything to change as it came', async () => {
    const bytes = Buffer.from('x = 1\r\n\r\ny = "\u00e9"');
    const ran = await new Folder().run(['apply', '-'], bytes);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out.equals(bytes)).toBe(true);
  });

  it.each([
    ['no Python', Buffer.from('import asyncio\nf('), 'stdin.py:2: not valid Python'],
    ['no UTF-8', Buffer.from('import asyncio # \xe9', 'latin1'), 'stdin.py:1: the bytes are not'],
  ])('prints what is %s as it came, and fails', async (_, bytes, message) => {
    const ran = await new Folder().run(['apply', '-'], bytes);
    expect(ran.code).toBe(2);
    expect(ran.out.equals(bytes)).toBe(true);
    expect(ran.err).toContain(message);
  });

  it('takes the text for the file, and the others from disk', async () => {
    const folder = new Folder();
    const state = FILES['app/state.py'];
    const path = ['--stdin-filename', 'app/state.py'];
    expect((await folder.run(['apply', '-', ...path], state)).text).toBe(state);
    // On disk it is cleared; as the editor has it, it is not.
    const use = await folder.run(
      ['plan', '-', '--stdin-filename', 'app/use.py', '--format', 'json'],
      'from app.state import ready\nimport asyncio\nready.set()\nasyncio.sleep(1)\n',
    );
    const { uses } = JSON.parse(use.text);
    expect(uses.map((each: { file: string; line: number }) => [each.file, each.line])).toEqual([
      ['app/use.py', 4],
    ]);
    const set = FILES['app/use.py'].replace('clear', 'set');
    writeTree(folder.root, { 'app/use.py': set });
    expect((await folder.run(['apply', '-', ...path], state)).text).toBe(
      state.replaceAll('asyncio', 'anyio'),
    );
  });

  it('goes by the configuration that is nearest to the name', async () => {
    const folder = new Folder({
      ...FILES,
      'tools/pyproject.toml': '[tool.anyio-codemod]\ntransform = ["lock"]\n',
    });
    const here = await folder.run(['apply', '-', '--stdin-filename', 'x.py'], SLEEPER);
    const there = await folder.run(['apply', '-', '--stdin-filename', 'tools/x.py'], SLEEPER);
    expect([here.text, there.text]).toEqual([SLEEPER_AFTER, SLEEPER]);
  });

  it('counts on the anyio of the manifest, which it leaves', async () => {
    const folder = new Folder({
      ...FILES,
      'pyproject.toml': MANIFEST.replace('[]', '["anyio>=4.0"]'),
    });
    const cleared = 'import asyncio\n\nasyncio.Event()\n';
    const ran = await folder.run(['plan', '-', '--json'], cleared);
    const report = JSON.parse(ran.text);
    expect(report.dependency).toBeNull();
    expect(report.transforms).not.toContain('dependency');
    expect(report.uses).toMatchObject([{ verdict: 'refuse', code: 'anyio-too-old' }]);
    expect(folder.read('pyproject.toml')).toContain('anyio>=4.0');
  });

  it('rewrites a notebook', async () => {
    const cell = { cell_type: 'code', metadata: {}, outputs: [], source: 'await asyncio.sleep(1)' };
    const first = { ...cell, source: 'import asyncio' };
    const raw = JSON.stringify({ cells: [first, cell], metadata: {}, nbformat: 4 });
    const ran = await new Folder().run(['apply', '-', '--stdin-filename', 'a.ipynb'], raw);
    expect(ran).toMatchObject({ code: 0, text: raw.replaceAll('asyncio', 'anyio'), err: '' });
  });

  it.each([
    [['--branch', 'b'], '--branch is for files'],
    [['--commit'], '--commit is for files'],
    [['--json'], "'diff - --format json' reports on it"],
    [['app'], "'-' is the text on stdin, and goes with no other path"],
    [['--files-from', '-'], "'-' is the text on stdin, and goes with no other path"],
    [['--stdin-filename', 'app'], 'app is a folder'],
  ])('refuses %j', async (words, message) => {
    const ran = await new Folder().run(['apply', '-', ...words], SLEEPER);
    expect(ran).toMatchObject({ code: 2, text: '' });
    expect(ran.err).toContain(message);
  });

  it('can be tried out', async () => {
    const ran = await new Folder().run(['apply', '-', '--dry-run'], SLEEPER);
    expect(ran.text).toContain('--- a/stdin.py\n+++ b/stdin.py\n');
  });
});

describe('other commands', () => {
  it('diff the text under its name', async () => {
    const folder = new Folder();
    const words = ['diff', '-', '--stdin-filename', 'app/sleeper.py', '--exit-code'];
    const ran = await folder.run(words, SLEEPER.replace('(1)', '(2)'));
    expect(ran.code).toBe(1);
    expect(ran.text).toContain('--- a/app/sleeper.py\n');
    expect(ran.text).toContain('-    await asyncio.sleep(2)\n');
  });

  it('check the text alone', async () => {
    const folder = new Folder();
    const words = ['check', '-', '--stdin-filename', 'app/sleeper.py'];
    const bad = await folder.run(words, SLEEPER);
    expect(bad).toMatchObject({ code: 1 });
    expect(bad.text).toContain('app/sleeper.py:5:11: asyncio.sleep');
    expect(bad.text).not.toContain('other.py');
    expect(await folder.run(words, SLEEPER_AFTER)).toMatchObject({ code: 0 });
  });

  it('repeat it in what they suggest', async () => {
    const ran = await new Folder().run(['plan', '-', '--stdin-filename', 'a b.py'], SLEEPER);
    expect(ran.text).toContain("anyio-codemod apply - --phase 2 --stdin-filename 'a b.py'\n");
  });

  it('do not read stdin when they have no use for it', async () => {
    const ran = await new Folder().run(['plan', '--stdin-filename', 'a.py']);
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining("give '-' as the path") });
  });
});

describe('--files-from', () => {
  const names = (ran: Ran) => [...ran.text.matchAll(/^--- a\/(.*)$/gm)].map(([, name]) => name);

  it.each([
    ['lines', 'app/sleeper.py\nother.py\n'],
    ['lines of Windows, and blank ones', '\r\napp/sleeper.py\r\n\r\nother.py\r\n'],
    ['the last without an end', 'app/sleeper.py\nother.py'],
    ['NUL', 'app/sleeper.py\0other.py\0'],
    ['what is no Python, and what is gone', 'README.md\napp\ngone.py\nother.py\napp/sleeper.py\n'],
    ['one twice', 'other.py\n./other.py\napp/sleeper.py\n'],
  ])('takes %s', async (_, list) => {
    const ran = await new Folder().run(['diff', '-t', 'sleep', '--files-from', '-'], list);
    expect(ran.code).toBe(0);
    expect(names(ran)).toEqual(['app/sleeper.py', 'other.py']);
  });

  it('takes what git prints, also names in quotes', async () => {
    const folder = new Folder({ ...FILES, 'für "mich".py': 'x = 1\n' });
    writeTree(folder.root, { 'für "mich".py': SLEEPER, 'README.md': 'more\n' });
    for (const flags of [[], ['-z']]) {
      const list = git(folder.root, 'diff', '--name-only', ...flags);
      const ran = await folder.run(['check', '--files-from', '-'], list);
      expect(ran.code).toBe(1);
      expect(ran.text).toContain('für "mich".py:5:11: asyncio.sleep');
      expect(ran.text).not.toContain('other.py');
    }
  });

  it('reads files, and goes with paths', async () => {
    const folder = new Folder({ ...FILES, 'list.txt': 'other.py\n' });
    const words = ['diff', '-t', 'sleep', '--files-from', 'list.txt'];
    expect(names(await folder.run(words))).toEqual(['other.py']);
    expect(names(await folder.run([...words, 'app']))).toEqual(['app/sleeper.py', 'other.py']);
  });

  it('leaves out what is excluded', async () => {
    const folder = new Folder();
    const words = ['diff', '-t', 'sleep', '--files-from', '-', '--exclude', 'app'];
    expect(names(await folder.run(words, 'app/sleeper.py\nother.py\n'))).toEqual(['other.py']);
  });

  it.each(['', '\n', 'README.md\n'])('does nothing for the list %j', async (list) => {
    const folder = new Folder();
    const calls = [['plan'], ['diff', '--exit-code'], ['check'], ['apply']];
    for (const words of calls) {
      const ran = await folder.run([...words, '--files-from', '-'], list);
      expect([words[0], ran.code]).toEqual([words[0], 0]);
      expect(ran.text).not.toContain('sleeper');
    }
    expect(folder.isUntouched).toBe(true);
  });

  it('says when a list is not there', async () => {
    const ran = await new Folder().run(['plan', '--files-from', 'no.txt']);
    expect(ran).toMatchObject({ code: 2, text: '' });
    expect(ran.err).toBe('anyio-codemod: --files-from: no.txt: no such file or directory\n');
  });
});
