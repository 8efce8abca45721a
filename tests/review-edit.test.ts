/** What a person writes in the place of the tool: the way to the editor and back, and what stays of it. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readBook } from '../src/review/book.ts';
import { draftOf, handEditOf, patched, readDraft } from '../src/review/hand-edit.ts';
import { outcomeOf } from '../src/review/outcome.ts';
import { type FileView, Session } from '../src/review/session.ts';
import type { Run } from '../src/run.ts';
import { git, isolateGit } from './files-temporary.ts';
import { type Asked, isStep, review, sampleCheckout } from './review-harness.ts';
import { sampleRun } from './sample-run.ts';

const sample = sampleRun(false);
const SAMPLE = sample.folder;
const ANNOUNCER = join(SAMPLE, 'mud/announcer.py');

let run: Run;
beforeAll(() => {
  run = sample.run();
});
beforeEach(() => {
  isolateGit();
  rmSync(join(SAMPLE, '.anyio-codemod'), { recursive: true, force: true });
});
afterEach(() => vi.unstubAllEnvs());

const nameOf = (path: string) => path.slice(SAMPLE.length + 1);
const fresh = () => new Session(run, true, { answers: new Map(), edits: [] });

describe('a draft', () => {
  const BEFORE = 'import asyncio\r\n\r\n\r\nasync def f():\r\n    await asyncio.sleep(1)\r\n';
  const AFTER = BEFORE.replaceAll('asyncio', 'anyio');
  const view: FileView = {
    path: join(SAMPLE, 'a.py'),
    before: BEFORE,
    after: AFTER,
    encoding: 'utf8',
  };

  it('holds the new lines alone, and the file keeps its line ends', () => {
    const draft = draftOf([view], nameOf);
    expect(draft.text.split('\n').slice(0, 6)).toEqual([
      '#~ a.py, line 1',
      'import anyio',
      '',
      '',
      'async def f():',
      '    await anyio.sleep(1)',
    ]);
    const read = readDraft(draft, draft.text.replace('sleep(1)', 'sleep(2)\n    print("done")'));
    expect(read).toEqual([
      {
        ...view,
        before: AFTER,
        after: AFTER.replace('sleep(1)', 'sleep(2)\r\n    print("done")'),
      },
    ]);
  });

  it('that is unchanged, or without code, is no edit', () => {
    const draft = draftOf([view], nameOf);
    expect(readDraft(draft, draft.text)).toEqual([]);
    expect(readDraft(draft, '')).toEqual([]);
    expect(readDraft(draft, draft.text.replace(/^[^#].*\n/gm, ''))).toEqual([]);
  });

  it.each([
    [(text: string) => text.replace(/^#~ a\.py.*\n/m, ''), 'above the line that names'],
    [(text: string) => `${text}x = 1\n`, 'below the last lines'],
    [(text: string) => text.replace(/^#~\n/m, ''), 'not as they were'],
  ])('that lost its place says so (%#)', (change, words) => {
    const draft = draftOf([view], nameOf);
    expect(readDraft(draft, change(draft.text))).toContain(words);
  });

  it('marks its own lines otherwise than the code does', () => {
    const draft = draftOf([{ ...view, after: `${AFTER}#~ mine\r\n` }], nameOf);
    expect(draft.text).toMatch(/^#~~ a\.py, line 1\n/);
    expect(readDraft(draft, draft.text)).toEqual([]);
  });

  it('can be made of every step, and read again', () => {
    const session = fresh();
    for (let step = session.next(); step; step = session.next()) {
      const draft = draftOf(session.view(step.items), nameOf);
      expect(readDraft(draft, draft.text)).toEqual([]);
      const read = readDraft(draft, draft.text.replace('\n#~\n', '\n# by hand\n#~\n'));
      expect(read).toHaveLength(1);
      session.answer(step.items, 'yes');
    }
  });
});

describe('an edit that is kept', () => {
  const view = { path: join(SAMPLE, 'a.py'), encoding: 'utf8' };

  it('fits where lines have come above it, and not where its own are gone', () => {
    const before = 'import anyio\n\n\nasync def f():\n    await anyio.sleep(1)\n';
    const after = before.replace('sleep(1)', 'sleep(2)');
    const edit = handEditOf([{ ...view, before, after }], ['key'], nameOf);
    expect(patched(before, edit, 'a.py')).toBe(after);
    expect(patched(`# One more.\n${before}`, edit, 'a.py')).toBe(`# One more.\n${after}`);
    expect(patched(before, edit, 'b.py')).toBe(before);
    expect(patched(before.replaceAll('anyio', 'asyncio'), edit, 'a.py')).toBeUndefined();
  });

  /** Takes the first item of the announcer with an edit of it; gives those that are left there. */
  function takeEdited(session: Session, from: string, to: string) {
    const [first, ...others] = session.items.filter(({ paths }) => paths.has(ANNOUNCER));
    if (!first) throw new Error('the sample has no announcer');
    const draft = draftOf(session.view([first]), nameOf);
    const read = readDraft(draft, draft.text.replace(from, to));
    if (typeof read === 'string') throw new Error(read);
    session.answer([first], 'yes', handEditOf(read, [first.key], nameOf));
    return others;
  }

  const announcerIn = (session: Session) =>
    outcomeOf(session, true).migration.changes.find(({ path }) => path === ANNOUNCER)?.after;

  it('is in what later steps show, in what is written, and in the next review', () => {
    const session = fresh();
    for (const other of takeEdited(session, 'Wakes every', 'By hand: wakes every')) {
      for (const { before, after } of session.view([other])) {
        expect(before).toContain('By hand');
        expect(after).toContain('By hand');
      }
      session.answer([other], 'yes');
    }
    expect(outcomeOf(session, true).dropped).toEqual([]);
    expect(announcerIn(session)).toContain('By hand: wakes every');
    expect(announcerIn(session)).not.toContain('asyncio');
    const resumed = new Session(run, true, readBook(SAMPLE));
    expect(resumed.edits).toEqual(session.edits);
    expect(announcerIn(resumed)).toBe(announcerIn(session));
  });

  it('and counts on an import that later answers take away is left out, and said', () => {
    const session = fresh();
    const others = takeEdited(session, 'self._text = ""', 'self._text = asyncio.__name__');
    expect(outcomeOf(session, true).dropped).toEqual([]);
    expect(announcerIn(session)).toContain('asyncio.__name__');
    session.answer(others, 'yes');
    const { dropped } = outcomeOf(session, true);
    expect(dropped.map(({ reason }) => reason)).toEqual(['nothing in the file imports `asyncio`']);
    expect(announcerIn(session)).toContain('asyncio.Event()');
    expect(announcerIn(session)).not.toContain('__name__');
  });

  it('goes with its answer, and comes back with no other', () => {
    const session = fresh();
    takeEdited(session, 'Wakes every', 'By hand: wakes every');
    session.undo();
    expect(session.edits).toEqual([]);
    const [first] = session.items.filter(({ paths }) => paths.has(ANNOUNCER));
    if (!first) throw new Error('the sample has no announcer');
    session.answer([first], 'yes');
    expect(announcerIn(session)).not.toContain('By hand');
  });
});

describe('e', () => {
  const words = ['-t', 'sleep', 'mud/announcer.py'];
  const changed = (from: string, to: string) => ({
    edit: (text: string) => ({ text: text.replace(from, to) }),
  });

  it('shows and writes what the person wrote', async () => {
    const folder = sampleCheckout();
    const person = (asked: Asked) => (isStep(asked) ? 'e' : 'y');
    const { code, stdout } = await review(folder, words, person, changed('0.001', '0.005'));
    expect(code).toBe(0);
    expect(stdout).toContain('Taken as you wrote it:');
    expect(stdout).toContain('+            await anyio.sleep(0.005)');
    const text = readFileSync(join(folder, 'mud/announcer.py'), 'utf8');
    expect(text).toContain('await anyio.sleep(0.005)');
    expect(text).toContain('await anyio.sleep(0)');
  });

  it.each([
    ['anyio.sleep(0.001)', 'anyio.sleep(0.001', 'it is not valid Python'],
    ['anyio.sleep(0.001)', 'uvloop.sleep(0.001)', 'nothing in the file imports `uvloop`'],
    ['import anyio\n', '\n', 'nothing in the file imports `anyio`'],
  ])('refuses %j for %j, and lets the edit be dropped', async (from, to, reason) => {
    const folder = sampleCheckout();
    const keys = ['e', 'n', 'q'];
    const person = (_: Asked, times: number) => keys[times - 1];
    const { asked, stdout } = await review(folder, words, person, changed(from, to));
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      `It cannot be taken: mud/announcer.py: ${reason}`,
    );
    expect(asked.map(({ question }) => question)).toEqual([
      'Rewrite this?',
      'Edit it again?',
      'Rewrite this?',
    ]);
  });

  it('without an editor says so, and asks on', async () => {
    const folder = sampleCheckout();
    const keys = ['e', 'q'];
    const { asked } = await review(folder, words, (_, times) => keys[times - 1]);
    expect(asked[1]?.seen).toBe('Not edited: no editor.\n');
  });
});

describe('at the end it is said', () => {
  const flat = ({ seen }: Asked) => seen.replace(/\s+/g, ' ');

  it('which edit no longer fits', async () => {
    const folder = sampleCheckout();
    const options = {
      edit: (text: string) => ({
        text: text.replace('self._text = ""', 'self._text = asyncio.__name__'),
      }),
    };
    const person = (asked: Asked, times: number) => {
      if (asked.question.startsWith('Write')) return 'q';
      return times === 1 ? 'e' : 'y';
    };
    const { asked } = await review(folder, ['mud/announcer.py', '-p', '2'], person, options);
    expect(flat(asked.at(-1) as Asked)).toContain(
      'Your edit of mud/announcer.py no longer fits (nothing in the file imports `asyncio`); ' +
        'left out: event (2 places).',
    );
  });

  it('what was taken and is left out, since it needs what was declined', async () => {
    const folder = sampleCheckout();
    const path = join(folder, 'pyproject.toml');
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('"fastapi>=0.110",');
    writeFileSync(path, text.replace('"fastapi>=0.110",', '"anyio>=4.0",'));
    git(folder, 'commit', '-qam', 'anyio');
    const person = ({ question }: Asked) => {
      if (question === 'Declare it?') return 'n';
      return question.startsWith('Write') ? 'q' : 'y';
    };
    const { asked } = await review(folder, ['mud/announcer.py'], person);
    const last = asked.at(-1) as Asked;
    expect(last.question).toBe('Write 1 file?');
    expect(flat(last)).toMatch(
      /Taken, but left out: mud\/announcer\.py:11 event \(2 places\): anyio-too-old, /,
    );
  });
});
