/** `explain FILE:LINE`, with the real engine, on a copy of the sample. */

import { cpSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { engine } from '../src/cli/engine.ts';
import { run } from '../src/cli/run.ts';
import { Sink } from './cli-harness.ts';
import { temporaryDirectory, writeTree } from './files-temporary.ts';

let project = '';
beforeEach(() => {
  project = temporaryDirectory();
  cpSync(resolve(import.meta.dirname, '../fixtures/sample'), project, { recursive: true });
});

async function explain(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const terminal = { cwd: project, env: {}, stdout, stderr, engine };
  const code = await run(['explain', ...words], {
    ...terminal,
    uninterrupted: (work) => work(),
  });
  return { code, out: stdout.text, err: stderr.text };
}

/** `mud/rooms.py:34` for the first line of the file that holds the text. */
function lineWith(file: string, text: string): string {
  const lines = readFileSync(join(project, file), 'utf8').split('\n');
  const at = lines.findIndex((line) => line.includes(text));
  if (at < 0) throw new Error(`${file} has no "${text}"`);
  return `${file}:${at + 1}`;
}

describe('explain FILE:LINE', () => {
  it('tells how the name is read, the verdict, the family and what it becomes', async () => {
    const { code, out } = await explain(lineWith('mud/rooms.py', 'self._item_locks:'));
    expect(code).toBe(0);
    expect(out).toContain('asyncio.Lock  annotation, mud/rooms.py:34:44');
    expect(out).toContain('                                       ^^^^^^^^^^^^\n');
    expect(out).toContain(
      '`asyncio` is the module asyncio, by the import in line 3 (`import asyncio`).',
    );
    expect(out).toContain('rewrite, safe: transform lock, phase 2 primitives');
    expect(out).toContain('held in RoomRegistry._item_locks');
    expect(out).toMatch(/mud\/rooms\.py:92 +annotation, safe\n/);
    expect(out).toMatch(/tests\/test_rooms\.py:35 +async with\n/);
    expect(out).toContain('    +    def lock_for(self, item: str) -> "anyio.Lock":');
    expect(out).toContain('`# anyio-codemod: ignore[lock] why`');
    expect(out).toContain('It goes with the annotation of column 44: see there.');
    for (const line of out.split('\n')) {
      // Code is shown as it is; our own words keep to 80 columns.
      if (!/^ {4}/.test(line)) expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  it('tells why a use is refused, where the obstacle is, and what to do', async () => {
    const { out } = await explain(lineWith('mud/ticks.py', 'self._running = asyncio.Event()'));
    expect(out).toContain('refused, event-clear: transform event, phase 2 primitives');
    expect(out).toMatch(/because of mud\/ticks\.py:35\n +self\._running\.clear\(\)/);
    expect(out).toContain('What would change its mind\n  - make a new anyio.Event for each round');
    expect(out).not.toContain('What it becomes');
  });

  it('leads from what is done with an object to the object', async () => {
    const { out } = await explain(lineWith('mud/ticks.py', 'self._running.clear()'));
    expect(out).toContain('.clear()  on an asyncio.Event, mud/ticks.py:35');
    expect(out).toContain('anyio-codemod explain mud/ticks.py:23');
  });

  it('takes a column, and one use of the line then', async () => {
    writeTree(project, {
      'two.py':
        'import asyncio\n\n\nasync def f(t):\n    await asyncio.sleep(await asyncio.wait_for(t, 1))\n',
    });
    const both = await explain('two.py:5');
    expect(both.out).toContain('asyncio.sleep  call');
    expect(both.out).toContain('asyncio.wait_for  call');
    const one = await explain('two.py:5:33');
    expect(one.out).toContain('asyncio.wait_for  call');
    expect(one.out).not.toContain('asyncio.sleep  call');
  });

  it('names the test that replaces a name, which moves with it', async () => {
    const { out } = await explain(lineWith('mud/connections.py', 'asyncio.sleep(GRACE'));
    expect(out).toContain('2 uses are one change');
    expect(out).toMatch(/tests\/test_connections\.py:19 +patch-target, safe/);
    expect(out).toContain('mud.connections.anyio.sleep');
  });

  it('tells of names that only look like it', async () => {
    writeTree(project, {
      'other.py':
        'import asyncio\nfrom time import sleep\n\nsleep(1)\n\n\ndef f(Lock):\n    return Lock()\n\n\nasyncio.run(f(1))\n',
    });
    expect((await explain('other.py:4')).out).toContain(
      '`sleep` is time.sleep, imported in line 2.',
    );
    expect((await explain('other.py:8')).out).toContain('`Lock` is bound in line 7 (parameter).');
    expect((await explain('other.py:4')).out).toContain(
      'The nearest lines of this file with uses: 11.',
    );
    expect((await explain('other.py:1')).out).toContain(
      '1 use of this file comes through it, in line 11.',
    );
  });

  it('says what a name may mean besides', async () => {
    writeTree(project, {
      'maybe.py':
        'try:\n    from asyncio import Lock\nexcept ImportError:\n    from threading import Lock\n\nlock = Lock()\n',
    });
    const { out } = await explain('maybe.py:6');
    expect(out).toContain('It may mean something else at run time');
    expect(out).toContain('also in line 4');
  });

  it('leaves to a later phase what is not selected', async () => {
    const { out } = await explain('--phase', '1', lineWith('mud/rooms.py', 'self._item_locks:'));
    expect(out).toContain('deferred: it belongs to phase 2 primitives');
    expect(out).toContain('Select it: --phase 2, or --transform lock.');
  });

  it('says what is wrong with the place', async () => {
    expect(await explain('mud/none.py:3')).toMatchObject({
      code: 2,
      err: expect.stringContaining('there is no file'),
    });
    expect(await explain('main.py:4000')).toMatchObject({
      code: 2,
      err: expect.stringContaining('lines, not 4000'),
    });
    writeTree(project, { 'bad.py': 'import asyncio\nasyncio.run((\n' });
    expect(await explain('bad.py:2')).toMatchObject({
      code: 2,
      err: expect.stringContaining('not valid Python'),
    });
  });
});

describe('a notebook', () => {
  const cell = { cell_type: 'code', metadata: {}, outputs: [], execution_count: null };
  const source = ['gate = asyncio.Lock()\n', 'async with gate:\n', '    await asyncio.sleep(1)'];
  const raw = JSON.stringify(
    {
      cells: [
        { ...cell, source: ['import asyncio'] },
        { cell_type: 'markdown', metadata: {}, source: ['asyncio'] },
        { ...cell, source },
      ],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 4,
    },
    null,
    1,
  );
  beforeEach(() => writeTree(project, { 'a.ipynb': raw }));

  it('is asked by the cell, and tells by the cell', async () => {
    const { code, out } = await explain('a.ipynb:cell 3:1');
    expect(code).toBe(0);
    expect(out).toContain('asyncio.Lock  call, a.ipynb:cell 3:1:8\n');
    expect(out).toContain('    gate = asyncio.Lock()\n           ^^^^^^^^^^^^\n');
    expect(out).toContain('by the import in line 1 of cell 1 (`import\n  asyncio`).');
    expect(out).toMatch(/a\.ipynb:cell 3:2 +async with\n/);
  });

  it('is asked by the line of its file, as grep tells it', async () => {
    const { out } = await explain(lineWith('a.ipynb', 'asyncio.sleep'));
    expect(out).toContain('asyncio.sleep  call, a.ipynb:cell 3:3:11\n');
    const { code, err } = await explain(lineWith('a.ipynb', '"nbformat"'));
    expect(code).toBe(2);
    expect(err).toMatch(/a\.ipynb:\d+ is in no cell with code\n$/);
  });

  it('tells of lines without a use, and of those that are not there', async () => {
    const { out } = await explain('a.ipynb:cell', '3:2');
    expect(out).toContain('on an asyncio.Lock, a.ipynb:cell 3:2');
    expect(out).toContain("anyio-codemod explain 'a.ipynb:cell 3:1'\n");
    const { err } = await explain('a.ipynb:cell 1:4');
    expect(err).toContain('has 1 lines, not 4');
  });
});
