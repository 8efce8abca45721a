/** The parts of `verify`: the report of the tests, comparing, the smallest set, the worktree. */

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addWorktree, environmentsOf } from '../src/git/worktree.ts';
import { compare, isBroken } from '../src/verify/compare.ts';
import { type Outcome, readJunit, together } from '../src/verify/junit.ts';
import { smallestFailing } from '../src/verify/smallest.ts';
import type { TestRun } from '../src/verify/test-run.ts';
import {
  git,
  isolateGit,
  makeRepository,
  temporaryDirectory,
  writeTree,
} from './files-temporary.ts';

describe('the JUnit report', () => {
  // As pytest 8.3 writes it, less the times.
  const REPORT = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="2" failures="1" skipped="2" tests="6">
<testcase classname="tests.test_rooms" name="test_enter[north &amp; south]" time="0.001" />
<testcase classname="tests.test_rooms.RoomsTest" name="test_leave" time="0.01"><failure message="AssertionError: assert 1 == 2&#10;  more">def test_leave():
&gt;       assert 1 == 2</failure></testcase>
<testcase classname="tests.test_rooms" name="test_old" time="0.0"><skipped type="pytest.skip" message="old">x</skipped></testcase>
<testcase classname="tests.test_rooms" name="test_xfail" time="0.0"><skipped type="pytest.xfail" message="" /></testcase>
<testcase classname="tests.test_rooms" name="test_torn" time="0.0" />
<testcase classname="tests.test_rooms" name="test_torn" time="0.0"><error message="failed on teardown with &quot;OSError&quot;">x</error></testcase>
<testcase classname="" name="tests.test_broken" time="0.0"><error message="collection failure">ImportError: anyio</error></testcase>
</testsuite></testsuites>`;

  it('tells what became of each test', () => {
    const { outcomes, messages, slowest } = readJunit(REPORT);
    expect(slowest).toBe(0.01);
    expect(Object.fromEntries(outcomes)).toEqual({
      'tests.test_rooms::test_enter[north & south]': 'passed',
      'tests.test_rooms.RoomsTest::test_leave': 'failed',
      'tests.test_rooms::test_old': 'skipped',
      'tests.test_rooms::test_xfail': 'skipped',
      'tests.test_rooms::test_torn': 'failed',
      'tests.test_broken': 'failed',
    });
    expect(messages.get('tests.test_rooms.RoomsTest::test_leave')).toBe(
      'AssertionError: assert 1 == 2',
    );
    expect(messages.get('tests.test_rooms::test_torn')).toBe('failed on teardown with "OSError"');
  });

  it('keeps tests of one name apart', () => {
    const twice =
      '<testsuite><testcase classname="a" name="b"/><testcase classname="a" name="b"/></testsuite>';
    expect([...readJunit(twice).outcomes.keys()]).toEqual(['a::b', 'a::b#2']);
  });

  it('is one of several', () => {
    const one = readJunit('<testsuite><testcase classname="a" name="b" time="2"/></testsuite>');
    const failed = '<testcase classname="a" name="b" time="1"><failure message="no"/></testcase>';
    const two = readJunit(`<testsuite>${failed}<testcase classname="a" name="c"/></testsuite>`);
    const { outcomes, messages, slowest } = together([one, two]);
    expect([...outcomes]).toEqual([
      ['a::b', 'passed'],
      ['a::b#2', 'failed'],
      ['a::c', 'passed'],
    ]);
    expect([...messages]).toEqual([['a::b#2', 'no']]);
    expect(slowest).toBe(2);
  });

  it('is refused when it was cut off', () => {
    expect(() => readJunit(REPORT.slice(0, 400))).toThrow('not XML');
  });
});

function ran(outcomes?: Record<string, Outcome>, more: Partial<TestRun> = {}): TestRun {
  const run: TestRun = {
    status: 0,
    timedOut: false,
    duration: 1,
    lastLines: [],
    imported: new Set(),
    ...more,
  };
  if (outcomes)
    run.tests = { outcomes: new Map(Object.entries(outcomes)), messages: new Map(), slowest: 0 };
  return run;
}

describe('comparing two runs', () => {
  it('sorts the tests', () => {
    const before = ran({
      a: 'passed',
      b: 'passed',
      c: 'failed',
      d: 'failed',
      e: 'passed',
      f: 'skipped',
    });
    const after = ran({
      a: 'passed',
      b: 'failed',
      c: 'failed',
      d: 'passed',
      f: 'failed',
      g: 'passed',
    });
    expect(compare(before, after)).toEqual({
      broken: ['b', 'e'],
      mended: ['d'],
      failing: ['c'],
      passing: 1,
      added: ['g'],
    });
  });

  it('goes by the exit status where nothing tells of tests', () => {
    expect(isBroken(compare(ran(), ran()))).toBe(false);
    expect(isBroken(compare(ran(), ran(undefined, { status: 2 })))).toBe(true);
    expect(isBroken(compare(ran(), ran(undefined, { status: null, timedOut: true })))).toBe(true);
    expect(isBroken(compare(ran(undefined, { status: 1 }), ran(undefined, { status: 1 })))).toBe(
      false,
    );
  });

  it('takes a run that came to no report for broken', () => {
    expect(isBroken(compare(ran({ a: 'passed' }), ran(undefined, { status: 4 })))).toBe(true);
  });
});

describe('the smallest failing set', () => {
  it('is found, and none of it can be taken away', async () => {
    const sets = fc.uniqueArray(fc.nat(39), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(sets, { minLength: 1, maxLength: 3 }), async (culprits) => {
        const all = Array.from({ length: 40 }, (_, at) => at);
        const fails = (some: readonly number[]) =>
          culprits.some((culprit) => culprit.every((item) => some.includes(item)));
        const found = await smallestFailing(all, async (some) => fails(some));
        expect(fails(found)).toBe(true);
        for (const item of found)
          expect(fails(found.filter((other) => other !== item))).toBe(false);
      }),
    );
  });

  it('is found among a thousand in some twenty runs, when it is one', async () => {
    let runs = 0;
    const all = Array.from({ length: 1000 }, (_, at) => at);
    const found = await smallestFailing(all, async (some) => {
      runs += 1;
      return some.includes(617);
    });
    expect(found).toEqual([617]);
    expect(runs).toBeLessThanOrEqual(20);
  });

  it('asks for no set twice, and not for all of them', async () => {
    const asked: string[] = [];
    await smallestFailing([1, 2, 3, 4, 5, 6, 7], async (some) => {
      asked.push(some.join());
      return [2, 5, 7].every((item) => some.includes(item));
    });
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).not.toContain('1,2,3,4,5,6,7');
  });
});

describe('a throw-away worktree', () => {
  beforeEach(isolateGit);
  afterEach(() => vi.unstubAllEnvs());

  function checkout(): string {
    return makeRepository(temporaryDirectory(), {
      'a.py': 'a\n',
      'b.py': 'b\n',
      'c.py': 'c\n',
      '.gitignore': '.venv\n*.log\n',
    });
  }

  it('holds the checkout as it is now, and leaves nothing behind', () => {
    const top = checkout();
    writeTree(top, {
      'a.py': 'changed\n',
      'new/d.py': 'd\n',
      'x.log': 'x',
      '.venv/pyvenv.cfg': '',
    });
    rmSync(join(top, 'b.py'));
    writeFileSync(join(top, 'c.py'), 'staged\n');
    git(top, 'add', 'c.py');
    const status = git(top, 'status', '--porcelain');
    const folder = join(temporaryDirectory(), 'copy');
    const worktree = addWorktree(top, folder, environmentsOf(top));
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    expect([read('a.py'), read('c.py'), read('new/d.py')]).toEqual([
      'changed\n',
      'staged\n',
      'd\n',
    ]);
    expect(existsSync(join(folder, 'b.py'))).toBe(false);
    expect(existsSync(join(folder, 'x.log'))).toBe(false);
    expect(lstatSync(join(folder, '.venv')).isSymbolicLink()).toBe(true);
    worktree.remove();
    worktree.remove();
    expect(existsSync(folder)).toBe(false);
    expect(existsSync(join(top, '.venv', 'pyvenv.cfg'))).toBe(true);
    expect(git(top, 'worktree', 'list').trim().split('\n')).toHaveLength(1);
    expect(git(top, 'status', '--porcelain')).toBe(status);
    expect(git(top, 'stash', 'list')).toBe('');
  });

  it('copies links as links, also one that leads nowhere', () => {
    const top = checkout();
    symlinkSync('nowhere', join(top, 'link'));
    const worktree = addWorktree(top, join(temporaryDirectory(), 'copy'));
    expect(lstatSync(join(worktree.top, 'link')).isSymbolicLink()).toBe(true);
    worktree.remove();
  });

  it('runs no hook', () => {
    const top = checkout();
    mkdirSync(join(top, '.git', 'hooks'), { recursive: true });
    const hook = join(top, '.git', 'hooks', 'post-checkout');
    writeFileSync(hook, '#!/bin/sh\ntouch "$(git rev-parse --git-common-dir)/ran"\n', {
      mode: 0o755,
    });
    addWorktree(top, join(temporaryDirectory(), 'copy')).remove();
    expect(existsSync(join(top, '.git', 'ran'))).toBe(false);
  });

  it('needs a commit', () => {
    const top = temporaryDirectory();
    git(top, 'init', '--quiet');
    expect(() => addWorktree(top, join(temporaryDirectory(), 'copy'))).toThrow('no commit yet');
  });
});
