/** The line that tells how far a run is: when it comes, what it says, and that it goes. */

import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { progressOn } from '../src/cli/progress.ts';
import { type MigrateOptions, migrate } from '../src/migrate.ts';
import { parseSelection } from '../src/phases.ts';
import type { Stage } from '../src/progress.ts';
import { transforms } from '../transforms/index.ts';
import { cli, migration, Sink } from './cli-harness.ts';
import { temporaryDirectory } from './files-temporary.ts';

const ERASE = '\r\x1b[2K';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function watched({ env = {}, isTTY = true, columns = 80 } = {}) {
  const stderr = new Sink();
  Object.assign(stderr, { isTTY, columns });
  return { stderr, progress: progressOn({ stderr, env }) };
}

/** What is done without a pause: the clock goes on, and no timer has its turn. */
function work(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds);
  const now = performance.now() + milliseconds;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
}

describe('the line', () => {
  test('does not come for work that is soon done', () => {
    const { stderr, progress } = watched();
    progress.show('reading 1 of 2 files');
    work(400);
    progress.show('reading 2 of 2 files');
    progress.done();
    vi.runAllTimers();
    expect(stderr.text).toBe('');
  });

  test('comes in the midst of work that never pauses, and no more often than need be', () => {
    const { stderr, progress } = watched();
    progress.show('0 of 9');
    work(600);
    for (const n of [1, 2, 3]) progress.show(`${n} of 9`);
    work(150);
    progress.show('4 of 9');
    progress.done();
    expect(stderr.text).toBe(`${ERASE}1 of 9${ERASE}4 of 9${ERASE}`);
  });

  test('comes by itself when work pauses, with the last that was said', () => {
    const { stderr, progress } = watched();
    progress.show('the tests begin');
    progress.show('the tests run');
    vi.advanceTimersByTime(10_000);
    expect(stderr.text).toBe(`${ERASE}the tests run`);
    progress.show('the tests have run');
    vi.advanceTimersByTime(10_000);
    progress.done();
    vi.advanceTimersByTime(10_000);
    expect(stderr.text).toBe(`${ERASE}the tests run${ERASE}the tests have run${ERASE}`);
  });

  test('never takes two lines', () => {
    const { stderr, progress } = watched({ columns: 20 });
    progress.show('x'.repeat(50));
    vi.advanceTimersByTime(1000);
    expect(stderr.text).toBe(ERASE + 'x'.repeat(19));
  });

  test.each([
    ['a pipe', { isTTY: false }],
    ['a CI', { env: { CI: 'true' } }],
    ['a terminal that cannot erase', { env: { TERM: 'dumb' } }],
  ])('never comes in %s', (_name, where) => {
    const { stderr, progress } = watched(where);
    progress.show('reading');
    vi.advanceTimersByTime(10_000);
    progress.show('reading on');
    progress.done();
    expect(stderr.text).toBe('');
  });
});

describe('a command', () => {
  const slow = ({ onProgress }: MigrateOptions) => {
    onProgress?.('read', 0, 1617);
    work(600);
    onProgress?.('read', 1200, 1617);
    return migration();
  };

  test('shows the line on a terminal, and takes it away before it reports', async () => {
    const { stdout, stderr } = await cli(['plan'], { tty: true, migration: slow });
    expect(stderr.text).toBe(`${ERASE}reading 1,200 of 1,617 files${ERASE}`);
    expect(stdout.text).not.toContain(ERASE);
  });

  test('says nothing for a program or a pipe', async () => {
    for (const [words, tty] of [
      [['plan', '--json'], true],
      [['plan', '--format', 'json'], true],
      [['plan'], false],
    ] as const) {
      const { stderr, asked } = await cli([...words], { tty, migration: slow });
      expect([stderr.text, asked?.onProgress]).toEqual(['', undefined]);
    }
  });

  test('leaves nothing of it before the words of a failure', async () => {
    const fails = (options: MigrateOptions) => {
      slow(options);
      throw new Error('no more');
    };
    const { code, stderr } = await cli(['plan'], { tty: true, migration: fails });
    expect(code).toBe(2);
    const [before, shown, said] = stderr.text.split(ERASE);
    expect([before, shown]).toEqual(['', 'reading 1,200 of 1,617 files']);
    expect(said).toMatch(/^anyio-codemod: internal error: no more/);
  });
});

test('a run tells of each stage from nothing to all, in order', async () => {
  vi.useRealTimers();
  const cwd = temporaryDirectory();
  cpSync(join(resolve(import.meta.dirname, '..'), 'fixtures', 'sample'), cwd, { recursive: true });
  const told: [Stage, number, number][] = [];
  const { account, filesSeen, changes } = await migrate({
    cwd,
    paths: ['.'],
    exclude: [],
    selection: parseSelection({ phase: ['1,2'] }, transforms, 'all'),
    includeReview: false,
    importStyle: 'keep',
    fastAcquire: false,
    onProgress: (...each) => told.push(each),
  });
  const stages = told.map(([stage]) => stage).filter((stage, i, all) => stage !== all[i - 1]);
  expect(stages).toEqual(['read', 'bind', 'judge', 'rewrite']);
  const of = (wanted: Stage) => told.filter(([stage]) => stage === wanted);
  for (const stage of stages) {
    const total = of(stage)[0]?.[2] ?? 0;
    const counts = of(stage).map(([, done]) => done);
    expect(counts, stage).toEqual(Array.from({ length: total + 1 }, (_, done) => done));
  }
  expect(of('read')[0]).toEqual(['read', 0, filesSeen]);
  expect(of('judge')[0]).toEqual(['judge', 0, account.found]);
  expect(of('rewrite')[0]).toEqual(['rewrite', 0, changes.length]);
});
