/** `review` as it is published, at a real terminal: Python's `pty` sits before it and types. */

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { git, isolateGit } from './files-temporary.ts';
import { sampleCheckout } from './review-harness.ts';

const { build } = (await import('../src/build.mjs' as string)) as {
  build(outdir: string): Promise<void>;
};

const DRIVER = resolve(import.meta.dirname, 'python/terminal.py');
const HAS_TERMINAL = spawnSync('python3', ['-c', 'import pty, termios']).status === 0;
if (!HAS_TERMINAL && !process.env.CI) {
  console.warn('SKIPPED: the review at a real terminal needs python3, not on Windows');
}

let dist = '';
beforeAll(async () => {
  dist = await realpath(await mkdtemp(join(tmpdir(), 'dist-')));
  await build(dist);
}, 60_000);
afterAll(() => rmSync(dist, { recursive: true, force: true }));
beforeEach(isolateGit);
afterEach(() => vi.unstubAllEnvs());

type Keys = readonly (readonly [seen: string, keys: string])[];

/** What a person at a terminal of 80 columns sees. */
function type(folder: string, words: readonly string[], keys: Keys, env: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env;
  const input = JSON.stringify({
    argv: [process.execPath, join(dist, 'main.js'), 'review', ...words],
    cwd: folder,
    env: { PATH, HOME, TERM: 'xterm-256color', ...env },
    columns: 80,
    rows: 40,
    keys,
  });
  const said = execFileSync('python3', [DRIVER], { input, encoding: 'utf8' });
  const result: { code: number; output: string; left: unknown[] } = JSON.parse(said);
  const { code, output, left } = result;
  expect({ left, output: left.length > 0 ? output : '' }).toEqual({ left: [], output: '' });
  return { code, output, screen: stripVTControlCharacters(output) };
}

const WORDS = ['-t', 'sleep', 'mud/announcer.py'];
const ASKED = 'Rewrite this? [y,n,t,f,s,e,x';

describe.skipIf(!HAS_TERMINAL && !process.env.CI)('at a terminal', () => {
  it('takes single keys, splits, explains, edits, and writes', () => {
    const folder = sampleCheckout();
    const { code, screen } = type(
      folder,
      WORDS,
      [
        [ASKED, '?'],
        ['leave it as it is', 'z'],
        ['Press one of these keys', 's'],
        ['1 of 2', ''],
        [ASKED, 'x'],
        ['More: anyio-codemod explain sleep', ''],
        [ASKED, 'y'],
        ['2 of 2', ''],
        [ASKED, 'e'],
        ['Write 1 file? [y,u,q,?]', 'y'],
      ],
      { EDITOR: "sed -i 's/sleep(0)/sleep(0.25)/'" },
    );
    expect(code).toBe(0);
    expect(screen).toContain('Rewrite this? split');
    expect(screen).toContain('Taken as you wrote it:');
    expect(screen).toContain('rewrote mud/announcer.py (sleep x2)');
    const text = readFileSync(join(folder, 'mud/announcer.py'), 'utf8');
    expect(text).toContain('await anyio.sleep(0.001)');
    expect(text).toContain('await anyio.sleep(0.25)');
    expect(git(folder, 'diff', '--name-only')).toBe('mud/announcer.py\n');
  }, 90_000);

  it.each([
    ['Ctrl-C', '\u0003', 130],
    ['Ctrl-D', '\u0004', 130],
    ['q', 'q', 0],
  ])(
    'is left with %s, and goes on where it was',
    (_, key, expected) => {
      const folder = sampleCheckout();
      const keys = [
        [ASKED, 'y'],
        ['2 of ', ''],
        [ASKED, key],
      ] as const;
      const { code, screen } = type(folder, ['-t', 'sleep'], keys);
      expect(code).toBe(expected);
      expect(screen).toMatch(/Kept: \d yes; \d+ open\. Nothing is written\./);
      expect(git(folder, 'status', '--porcelain')).toBe('');
      const again = type(
        folder,
        ['-t', 'sleep'],
        [
          ['2 of ', ''],
          [ASKED, 'q'],
        ],
      );
      expect(again.screen).toContain('Answered before: ');
    },
    90_000,
  );

  it('has colour, unless NO_COLOR says otherwise', () => {
    const folder = sampleCheckout();
    const keys = [[ASKED, 'q']] as const;
    const green = '\u001b[32m+';
    expect(type(folder, WORDS, keys).output).toContain(green);
    const { output } = type(folder, WORDS, keys, { NO_COLOR: '1' });
    expect(output).toContain('await anyio.sleep(0.001)');
    expect(output.split('\u001b[').filter((part) => /^(?:1|3\d)m/.test(part))).toEqual([]);
  }, 90_000);
});

it('without one says what to do', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(dist, 'main.js'), 'review'], {
    encoding: 'utf8',
    cwd: sampleCheckout(),
  });
  expect(status).toBe(2);
  expect(stderr).toContain('needs a terminal');
});
