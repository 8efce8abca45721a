/** `review` with the real engine: what is asked, what is kept, and what is written. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../src/cli/commands.ts';
import { parse } from '../src/syntax/parser.ts';
import { git, isolateGit, writeTree } from './files-temporary.ts';
import { type Asked, command, isStep, review, sampleCheckout, tree } from './review-harness.ts';

beforeEach(isolateGit);
afterEach(() => vi.unstubAllEnvs());

const always = (key: string) => () => key;
const head = ({ seen }: Asked) => /^\d+ of \d+.*$/m.exec(seen)?.[0] ?? '';
const isSplittable = (asked: Asked) => / x\d|, /.test(head(asked));
const isOffer = ({ question }: Asked) => /^Leave out .* for everybody\?$/.test(question);
const place = ({ seen }: Asked) => /^\d+ of \d+ {2}(\S+)/m.exec(seen)?.[1];

describe('the answers', () => {
  it('yes to all writes what apply --include-review writes', async () => {
    const [mine, other] = [sampleCheckout(), sampleCheckout()];
    const { code, asked, stderr } = await review(mine, [], always('y'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(asked.filter(isStep).length).toBeGreaterThan(20);
    expect((await command(other, 'apply', '--include-review')).code).toBe(0);
    expect(tree(mine)).toEqual(tree(other));
    expect(git(mine, 'status', '--porcelain')).toContain('M pyproject.toml');
  });

  it('yes to all that needs no look writes what apply writes', async () => {
    const [mine, other] = [sampleCheckout(), sampleCheckout()];
    const words = ['--phase', 'full'];
    expect((await review(mine, ['--no-include-review', ...words], always('y'))).code).toBe(0);
    expect((await command(other, 'apply', ...words)).code).toBe(0);
    expect(tree(mine)).toEqual(tree(other));
  });

  it('no to all changes nothing, and is not asked again', async () => {
    const folder = sampleCheckout();
    const before = tree(folder);
    const answers = ({ question }: Asked) => (question === 'Done?' ? 'y' : 'n');
    const { code, stdout } = await review(folder, [], answers);
    expect(code).toBe(0);
    expect(stdout).toContain('Everything was declined: no file changes.');
    expect(tree(folder)).toEqual(before);
    expect(git(folder, 'status', '--porcelain')).toBe('');
    const again = await review(folder, [], always('n'));
    expect(again.asked).toEqual([]);
    expect(again.stdout).toContain('--restart asks again');
    const anew = await review(folder, ['--restart'], always('q'));
    expect(anew.asked).toHaveLength(1);
  });

  it('any answers give code that parses, once, and what was declined stays', async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.constantFrom('y', 'n', 'y', 's')), async (stream) => {
        const folder = sampleCheckout();
        const { code, asked } = await review(folder, ['--phase', 'full'], (now) => {
          if (!isStep(now)) return isOffer(now) ? 'n' : 'y';
          const key = stream.next().value;
          return key === 's' && !isSplittable(now) ? 'n' : key;
        });
        expect(code).toBe(0);
        expect(asked.some(({ question }) => /^(Write|Done)/.test(question))).toBe(true);
        for (const [path, text] of tree(folder)) {
          if (!path.endsWith('.py')) continue;
          const parsed = parse(text);
          expect({ path, hasError: parsed.rootNode.hasError }).toEqual({ path, hasError: false });
          parsed.delete();
        }
        const again = await review(folder, ['--phase', 'full', '--allow-dirty'], always('q'));
        expect(again.asked.filter(isStep).map(({ seen }) => seen)).toEqual([]);
      }),
      { numRuns: 4, seed: process.env.CI ? 7 : Date.now() },
    );
  }, 120_000);
});

describe('a step', () => {
  it('shows an import with the first that needs it, and not again', async () => {
    const folder = sampleCheckout();
    const { asked } = await review(folder, ['mud'], always('y'));
    const brings = asked.filter(isStep).filter(({ seen }) => /^\+import anyio$/m.test(seen));
    const files = brings.map((each) => place(each)?.split(':')[0]);
    expect(brings.length).toBeGreaterThan(5);
    expect(new Set(files).size).toBe(files.length);
    const takes = asked.filter(isStep).filter(({ seen }) => /^-import asyncio$/m.test(seen));
    expect(takes.length).toBeGreaterThan(0);
  });

  it('holds all of a family, and says why it cannot be split', async () => {
    const folder = sampleCheckout();
    const { asked, stdout } = await review(folder, ['-t', 'lock'], ({ seen }, times) => {
      if (times > 12) return 'q';
      return /lock \(\d places/.test(seen) ? 's' : 'y';
    });
    const family = asked.find(({ seen }) => /lock \(\d places/.test(seen));
    expect(family?.seen).toMatch(/^\+.*anyio\.Lock/m);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'what is done with this asyncio.Lock moves together or not at all',
    );
  });

  it('that is split is asked one by one, and back takes that back', async () => {
    const folder = sampleCheckout();
    const words = ['-t', 'sleep', 'mud/announcer.py'];
    const keys = ['s', 'n', 'u', 'u', 'y', 'q'];
    const { asked } = await review(folder, words, (_, times) => keys[times - 1]);
    const heads = asked.map(({ seen }) => /^\d+ of \d+.*$/m.exec(seen)?.[0]);
    const [whole, first, second, firstAgain, wholeAgain] = heads;
    expect(whole).toBe('1 of 1  mud/announcer.py:30  sleep x2  safe');
    expect(first).toBe('1 of 2  mud/announcer.py:30  sleep  safe');
    expect(second).toBe('2 of 2  mud/announcer.py:36  sleep  safe');
    expect(firstAgain).toBe(first);
    expect(wholeAgain).toBe(whole);
  });

  it('to be looked at says what at, and x explains', async () => {
    const folder = sampleCheckout();
    const words = ['-t', 'event', 'mud/announcer.py'];
    const { asked } = await review(folder, words, (_, times) => (times === 1 ? 'x' : 'q'));
    expect(asked[0]?.seen).toContain('look at it');
    expect(asked[0]?.seen).toContain('Look at: clear() becomes a new Event');
    expect(asked[1]?.seen).toContain('asyncio.Event -> anyio.Event');
    expect(asked[1]?.seen).toContain('More: anyio-codemod explain event');
  });

  it('fits 80 columns but for the code', async () => {
    const folder = sampleCheckout();
    const { stdout } = await review(folder, ['-p', 'full'], always('y'));
    const own = stdout.split('\n').filter((line) => !/^[-+ ]|^(would )?rewr|^rewrote/.test(line));
    expect(own.filter((line) => line.length > 80)).toEqual([]);
  });
});

describe('yes to more than one', () => {
  it('takes the transform from here on, but not what needs a look', async () => {
    const folder = sampleCheckout();
    const { asked } = await review(folder, ['-t', 'event,sleep'], ({ seen }) =>
      / sleep.* safe$/m.test(seen) ? 't' : 'n',
    );
    const steps = asked.filter(isStep).filter(({ seen }) => /\d of \d/.test(seen));
    expect(steps.filter(({ seen }) => / {2}sleep/.test(seen))).toHaveLength(1);
    expect(steps.filter(({ seen }) => / {2}event/.test(seen)).length).toBeGreaterThan(3);
  });

  it('takes the rest of the file, and asks what reaches into another', async () => {
    const folder = sampleCheckout();
    const { asked } = await review(folder, [], (now) =>
      place(now)?.startsWith('mud/rooms.py') ? 'f' : 'n',
    );
    const here = asked.filter(isStep).filter((now) => place(now)?.startsWith('mud/rooms.py'));
    expect(here.length).toBeGreaterThan(0);
    for (const { seen } of here.slice(1)) expect(seen).toMatch(/in \d files|look at it/);
  });
});

it('does what its examples say', async () => {
  const folder = sampleCheckout();
  const examples = COMMANDS.find(({ name }) => name === 'review')?.examples ?? [];
  expect(examples.length).toBeGreaterThan(2);
  for (const [example] of examples) {
    const words = example.split(' ').slice(2);
    const inSample = words.map((word) => (word === 'app' ? 'mud' : word));
    const { code, stderr } = await review(folder, inSample, always('q'));
    expect({ example, code, stderr }).toEqual({ example, code: 0, stderr: '' });
  }
});

describe('a review that stops', () => {
  const firstThen = (count: number, key: string | undefined) => (_: Asked, times: number) =>
    times <= count ? 'y' : key;

  it.each([
    ['q', 0],
    [undefined, 130],
  ])('with %s goes on where it was, and has written nothing', async (key, expected) => {
    const folder = sampleCheckout();
    const first = await review(folder, [], firstThen(5, key));
    expect(first.code).toBe(expected);
    expect(first.stdout).toContain('Nothing is written.');
    expect(first.stdout).toContain('anyio-codemod review --accepted');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    const next = await review(folder, [], always('q'));
    expect(next.stdout).toMatch(/Answered before: \d+ yes; --restart asks again\./);
    expect(place(next.asked[0] as Asked)).toBe(place(first.asked[5] as Asked));
  });

  it('asks anew only where the code has changed', async () => {
    const folder = sampleCheckout();
    const answers = ({ question }: Asked) => (question === 'Write it?' ? 'q' : 'n');
    await review(folder, ['-t', 'sleep'], answers);
    const path = join(folder, 'mud/announcer.py');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, `# A line above.\n${text.replace('sleep(0.001)', 'sleep(0.002)')}`);
    git(folder, 'commit', '-qam', 'slower');
    const again = await review(folder, ['-t', 'sleep'], always('q'));
    expect(again.asked).toHaveLength(1);
    expect(again.asked[0]?.seen).toContain('mud/announcer.py:31  sleep  safe');
  });

  it('can write what was taken so far, without a person', async () => {
    const folder = sampleCheckout();
    await review(folder, ['-t', 'sleep'], (now, times) =>
      times > 3 ? 'q' : place(now)?.startsWith('mud/announcer.py') ? 'y' : 'n',
    );
    const dry = await command(folder, 'review', '-t', 'sleep', '--accepted', '--dry-run');
    expect(dry.stdout).toContain('+            await anyio.sleep(0.001)');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    const written = await command(folder, 'review', '-t', 'sleep', '--accepted');
    expect(written.code).toBe(0);
    expect(git(folder, 'diff', '--name-only')).toBe('mud/announcer.py\n');
    const again = await review(folder, ['-t', 'sleep', '--allow-dirty'], always('q'));
    expect(place(again.asked[0] as Asked)).not.toMatch(/announcer/);
  });
});

describe('what was declined', () => {
  const declineOne = (now: Asked) =>
    place(now)?.startsWith('mud/announcer.py') || isOffer(now) ? 'n' : 'y';

  it('is offered for the configuration, once', async () => {
    const folder = sampleCheckout();
    const before = readFileSync(join(folder, 'pyproject.toml'), 'utf8');
    const { code, asked } = await review(folder, ['-t', 'sleep'], declineOne);
    expect(code).toBe(0);
    expect(asked.at(-1)?.question).toBe('Leave out the 2 you declined for everybody?');
    expect(readFileSync(join(folder, 'pyproject.toml'), 'utf8')).toBe(before);
    const again = await review(folder, ['-t', 'sleep', '--allow-dirty'], always('q'));
    expect(again.asked).toEqual([]);
  });

  it('goes there with the reason, and no command counts it in any more', async () => {
    const folder = sampleCheckout();
    const person = (now: Asked) => (isOffer(now) ? 'y' : declineOne(now));
    const words = ['-t', 'sleep', 'mud/announcer.py'];
    const { stdout } = await review(folder, words, person, { line: 'it is timed' });
    expect(stdout).toContain('pyproject.toml: ');
    const config = readFileSync(join(folder, 'pyproject.toml'), 'utf8');
    expect(config).toContain('mud/announcer.py::Announcer.call::asyncio.sleep');
    expect(config).toContain('it is timed');
    const { stdout: diff, stderr } = await command(folder, 'diff', ...words);
    expect(diff).toBe('');
    expect(stderr).toContain('left-out');
    expect((await review(folder, [...words, '--restart'], always('q'))).asked).toEqual([]);
  });
});

it('goes to the configuration in the same commit, where that is written anyway', async () => {
  const folder = sampleCheckout();
  const person = (now: Asked) => (place(now)?.startsWith('mud/announcer.py') ? 'n' : 'y');
  const { code, stdout } = await review(folder, ['--commit'], person);
  expect(code).toBe(0);
  expect(stdout).toContain('entries in leave-out)');
  expect(git(folder, 'status', '--porcelain')).toBe('');
  expect(git(folder, 'show', 'HEAD:pyproject.toml')).toMatch(/announcer\.py::.*asyncio\.sleep/);
  expect(git(folder, 'show', 'HEAD:pyproject.toml')).toContain('anyio>=');
  await command(folder, 'undo');
  expect(readFileSync(join(folder, 'pyproject.toml'), 'utf8')).toBe(
    git(folder, 'show', 'HEAD~:pyproject.toml'),
  );
  expect(readFileSync(join(folder, '.anyio-codemod/review.json'), 'utf8')).not.toContain(
    'dependency@',
  );
});

describe('what refuses does so before the first question', () => {
  it('files with uncommitted changes', async () => {
    const folder = sampleCheckout();
    writeFileSync(join(folder, 'main.py'), `${readFileSync(join(folder, 'main.py'))}# mine\n`);
    const { code, asked, stderr } = await review(folder, [], always('y'));
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
    expect(stderr).toContain('main.py');
  });

  it('no terminal', async () => {
    const { code, stderr } = await command(sampleCheckout(), 'review');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'anyio-codemod: review asks questions, and needs a terminal for them; diff and apply ask nothing\n',
    );
  });
});

it('writes on a branch, in a commit that says how', async () => {
  const folder = sampleCheckout();
  const words = ['-t', 'sleep', '--branch', 'anyio', '--commit'];
  expect((await review(folder, words, always('y'))).code).toBe(0);
  expect(git(folder, 'branch', '--show-current')).toBe('anyio\n');
  expect(git(folder, 'log', '-1', '--format=%B')).toContain('anyio-codemod review');
  expect(git(folder, 'status', '--porcelain')).toBe('');
});

it('shows a notebook cell by cell, and writes it as apply does', async () => {
  const folders = [sampleCheckout(), sampleCheckout()];
  const cell = (...source: string[]) => ({
    cell_type: 'code',
    execution_count: null,
    metadata: {},
    outputs: [],
    source,
  });
  const cells = [
    cell('import asyncio\n', 'lock = asyncio.Lock()'),
    cell('%time\n', 'await asyncio.sleep(1)\n', 'await asyncio.sleep(2)'),
    cell('await asyncio.sleep(3)'),
  ];
  const notebook = { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
  for (const folder of folders) {
    writeTree(folder, { 'a.ipynb': `${JSON.stringify(notebook, null, 1)}\n` });
    git(folder, 'add', 'a.ipynb');
    git(folder, 'commit', '-qm', 'a notebook');
  }
  const [mine = '', other = ''] = folders;
  const { code, asked } = await review(mine, ['-t', 'sleep', 'a.ipynb'], always('y'));
  expect(code).toBe(0);
  expect(asked.filter(isStep).map(head)).toEqual([
    '1 of 2  a.ipynb:cell 2:2  sleep x2  safe',
    '2 of 2  a.ipynb:cell 3:1  sleep  safe',
  ]);
  expect(asked[0]?.keys).not.toContain('e');
  await command(other, 'apply', '-t', 'sleep', 'a.ipynb');
  expect(readFileSync(join(mine, 'a.ipynb'), 'utf8')).toContain('anyio.sleep(3)');
  expect(tree(mine)).toEqual(tree(other));
});

it('makes one commit, and refuses to make several', async () => {
  const words = ['--commit', 'per-phase'];
  const { code, asked, stderr } = await review(sampleCheckout(), words, always('y'));
  expect({ code, asked }).toEqual({ code: 2, asked: [] });
  expect(stderr).toContain('--commit takes no other word here');
});
