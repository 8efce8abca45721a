/** Notebooks in a project: found, judged, reported and written like other files. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { compileCheck } from '../src/cli/compile-check.ts';
import { discover } from '../src/files/discover.ts';
import { migrate } from '../src/migrate.ts';
import { planJson } from '../src/report/json.ts';
import schema from '../src/report/schema.json' with { type: 'json' };
import type { FileChange, Migration } from '../src/result.ts';
import { transforms } from '../transforms/index.ts';
import { cli } from './cli-harness.ts';
import { makeRepository, temporaryDirectory, writeTree } from './files-temporary.ts';

function notebook(sources: readonly string[], format = 4): string {
  const cells = sources.map((source) => ({
    cell_type: 'code',
    execution_count: null,
    metadata: {},
    outputs: [{ name: 'stdout', output_type: 'stream', text: ['asyncio.sleep(1)'] }],
    source: source.split(/(?<=\n)/),
  }));
  return `${JSON.stringify({ cells, metadata: {}, nbformat: format, nbformat_minor: 2 }, null, 1)}\n`;
}

function sourcesOf(raw: string): string[] {
  return JSON.parse(raw).cells.map((cell: { source: string[] }) => cell.source.join(''));
}

async function migration(
  files: Record<string, string | Buffer>,
  paths: string[] = [],
  chosen = ['sleep', 'lock', 'event', 'run'],
): Promise<Migration> {
  const cwd = temporaryDirectory();
  writeTree(cwd, files);
  return migrate({
    cwd,
    paths,
    exclude: [],
    selection: { phases: [1, 2], transforms: new Set(chosen) },
    includeReview: false,
    importStyle: 'keep',
    fastAcquire: false,
  });
}

const afterOf = ({ changes }: Migration, name: string) =>
  changes.find(({ path }) => path.endsWith(name))?.after ?? '';

describe('finding', () => {
  const files = {
    'a.ipynb': '{}',
    'notes/b.ipynb': '{}',
    'notes/.ipynb_checkpoints/b-checkpoint.ipynb': '{}',
    'c.ipynb.bak': '{}',
  };

  it.each([
    ['with git', (folder: string) => makeRepository(folder, files)],
    ['without', (folder: string) => writeTree(folder, files)],
  ])('%s takes notebooks, and no checkpoints of them', (_, make) => {
    const root = temporaryDirectory();
    make(root);
    const found = discover([], { cwd: root, root, exclude: [] });
    expect(found).toEqual({
      files: [join(root, 'a.ipynb'), join(root, 'notes', 'b.ipynb')],
      problems: [],
    });
  });
});

describe('judging', () => {
  it('follows names from cell to cell, and counts places by the cell', async () => {
    const found = await migration({
      'a.ipynb': notebook(['import asyncio', 'def f():\n    return asyncio.sleep(1)\n\nawait f()']),
    });
    expect(found.judged.map(({ position }) => position)).toEqual([
      { cell: 2, fileLine: 35, line: 2, column: 12, endLine: 2, endColumn: 25 },
    ]);
    expect(sourcesOf(afterOf(found, 'a.ipynb'))).toEqual([
      'import anyio',
      'def f():\n    return anyio.sleep(1)\n\nawait f()',
    ]);
  });

  it('takes a notebook for no module', async () => {
    // Were `rooms` the notebook, the lock would be that of another class.
    const room = 'import asyncio\n\n\nclass Room:\n    lock = asyncio.Lock()\n';
    const found = await migration({
      'rooms.py': room,
      'rooms.ipynb': notebook(['import asyncio\nclass Room:\n    lock = None']),
      'app.py':
        'from rooms import Room\n\n\nasync def f():\n    async with Room.lock:\n        pass\n',
    });
    expect(afterOf(found, 'rooms.py')).toBe(room.replaceAll('asyncio', 'anyio'));
  });

  it('sees what a notebook does with an object of the project', async () => {
    const found = await migration({
      'state.py': 'import asyncio\n\nready = asyncio.Event()\n',
      'use.ipynb': notebook(['from state import ready\n', 'ready.clear()']),
    });
    const [item] = found.judged;
    expect(item?.verdict).toMatchObject({
      kind: 'refuse',
      diagnostic: { code: 'event-clear', blocker: { cell: 2, line: 1, column: 1 } },
    });
  });

  it('leaves a name alone that a magic may use', async () => {
    const found = await migration({
      'a.ipynb': notebook(['from asyncio import sleep\n%profile sleep', 'await sleep(1)']),
    });
    expect(found.judged.map(({ verdict }) => verdict)).toMatchObject([
      { kind: 'refuse', diagnostic: { code: 'used-by-magic' } },
      { kind: 'rewrite' },
    ]);
    expect(sourcesOf(afterOf(found, 'a.ipynb'))[0]).toContain('%profile sleep');
  });
});

describe('problems', () => {
  it('are told where they lie', async () => {
    const found = await migration({
      'old.ipynb': notebook(['import asyncio'], 3),
      'open.ipynb': notebook(['import asyncio', 'f(']),
      'wrong.ipynb': notebook(['import asyncio', 'x = 1\nx ==== 2']),
    });
    const told = found.problems.map(({ path, code, cell, line }) => ({
      name: path.split('/').at(-1),
      code,
      cell,
      line,
    }));
    expect(told).toEqual([
      { name: 'old.ipynb', code: 'notebook', cell: undefined, line: undefined },
      { name: 'open.ipynb', code: 'notebook', cell: 2, line: undefined },
      { name: 'wrong.ipynb', code: 'syntax', cell: 2, line: 2 },
    ]);
    const { stderr } = await cli(['plan'], { migration: found, cwd: found.root });
    expect(stderr.text).toContain('open.ipynb:cell 2: the cell ends within a statement\n');
    expect(stderr.text).toContain('wrong.ipynb:cell 2:2: not valid Python');
  });

  it('are none of ours where a notebook has nothing to do with asyncio', async () => {
    const found = await migration({
      'a.ipynb': '{"no": "notebook"}',
      'b.ipynb': notebook(['f(']).replaceAll('asyncio', 'x'),
      'r.ipynb': notebook(['x <- asyncio']).replace(
        '"metadata": {},\n "nbformat"',
        '"metadata": {"kernelspec": {"language": "R"}},\n "nbformat"',
      ),
    });
    expect(found.problems).toEqual([]);
    expect(found.judged).toEqual([]);
  });
});

describe('reports', () => {
  it('name the cell', async () => {
    const found = await migration({
      'a.ipynb': notebook(['import asyncio', 'asyncio.run(f())\nasyncio.run(g())']),
    });
    const { stdout } = await cli(['plan'], { migration: found, cwd: found.root });
    expect(stdout.text).toContain('  a.ipynb:cell 2:1, 2\n');
    const report = planJson(found);
    const check = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
    expect(check(report)).toBe(true);
    expect(report).toMatchObject({
      uses: [
        { cell: 2, line: 1 },
        { cell: 2, line: 2 },
      ],
    });
  });

  it('show a diff of the file itself', async () => {
    const raw = notebook(['import asyncio', 'await asyncio.sleep(1)']);
    const found = await migration({ 'a.ipynb': raw });
    const { stdout } = await cli(['diff'], { migration: found, cwd: found.root });
    makeRepository(found.root, {});
    const run = spawnSync('git', ['apply'], { cwd: found.root, input: stdout.bytes });
    expect(String(run.stderr)).toBe('');
    expect(readFileSync(join(found.root, 'a.ipynb'), 'utf8')).toBe(afterOf(found, 'a.ipynb'));
  });
});

describe('the compile check', () => {
  const cell = (number: number, text: string) => ({ cell: number, text });
  const changed = (before: string, after: string): FileChange => ({
    path: '/p/a.ipynb',
    before: '{}',
    after: '{}',
    encoding: 'utf8',
    cells: {
      before: [cell(1, 'x = 1'), cell(3, before)],
      after: [cell(1, 'x = 1'), cell(3, after)],
    },
  });

  it('compiles cell by cell, and lets them await', async () => {
    const good = changed('await f()', 'async with a: await g()');
    const bad = changed('await f()', 'x = 2\nawait = 1');
    const { python, problems } = await compileCheck([good, bad], process.env);
    if (python === undefined) {
      if (process.env.CI) throw new Error('there is no Python');
      console.warn('SKIPPED: there is no Python to compile with');
      return;
    }
    expect(problems).toMatchObject([{ path: '/p/a.ipynb', code: 'compile', cell: 3, line: 2 }]);
  });
});

it('every transform can be asked of a notebook', async () => {
  const all = transforms.map(({ id }) => id);
  const before = ['import asyncio', 'task = asyncio.current_task()\nawait asyncio.to_thread(f)'];
  const found = await migration({ 'a.ipynb': notebook(before) }, ['a.ipynb'], all);
  expect(found.problems).toEqual([]);
  expect(found.judged.map(({ transform, verdict }) => [transform, verdict.kind])).toEqual([
    ['current-task', 'leave'],
    ['to-thread', 'rewrite'],
  ]);
});
