/**
 * New lines in code that was formatted before are as ruff, and so black, would have them. The code is
 * that of Debian packages (and of ANYIO_CODEMOD_CORPUS), formatted first, since few of them are.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, relative } from 'node:path';
import { Workspace } from '@astral-sh/ruff-wasm-nodejs';
import { diffLines } from 'diff';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { discover } from '../src/files/discover.ts';
import { decodeSource } from '../src/files/read.ts';
import { migrate } from '../src/migrate.ts';
import type { Migration } from '../src/result.ts';
import { transforms } from '../transforms/index.ts';
import { describeWithPython, type PythonEnv } from './python/env.ts';

/** Trees beside these, as in corpus.test.ts. */
const extra = (process.env.ANYIO_CODEMOD_CORPUS ?? '')
  .split(delimiter)
  .filter((path) => path !== '');

/** Of a hundred rewrites so many must stand as the formatter would have them. */
const WANTED = 95;

describeWithPython('new lines in formatted code', (env: PythonEnv) => {
  const ruff = new Workspace({ 'line-length': 88 }, 1);
  let folder: string;
  let migration: Migration;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'anyio-codemod-format-'));
    for (const { path, name } of env.corpus) layOutFormatted(path, join(folder, name));
    for (const path of extra) layOutFormatted(path, join(folder, basename(path)));
    const ids = transforms.filter(({ phase }) => phase <= 3).map(({ id }) => id);
    migration = await migrate({
      cwd: folder,
      paths: ['.'],
      exclude: [],
      selection: { phases: [1, 2, 3], transforms: new Set(ids) },
      includeReview: true,
      importStyle: 'keep',
      fastAcquire: false,
    });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The files that use asyncio, formatted; those that ruff cannot read are left out. */
  function layOutFormatted(from: string, to: string): void {
    for (const path of discover(['.'], { cwd: from, root: from, exclude: [] }).files) {
      const source = decodeSource(path, readFileSync(path));
      if ('code' in source || !path.endsWith('.py') || !source.text.includes('asyncio')) continue;
      const formatted = format(source.text);
      if (formatted === undefined) continue;
      const target = join(to, relative(from, path));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, formatted);
    }
  }

  function format(text: string): string | undefined {
    try {
      return ruff.format(text);
    } catch {
      return undefined;
    }
  }

  it('are left alone by the formatter', () => {
    const applied = migration.judged.filter((item) => item.applied);
    const changed: string[] = [];
    for (const { path, after } of migration.changes) {
      const formatted = format(after);
      expect(formatted, path).toBeDefined();
      const parts = diffLines(after, formatted ?? '');
      for (const [at, part] of parts.entries()) {
        // A removed part and what stands for it are one.
        if (!part.removed && (!part.added || parts[at - 1]?.removed)) continue;
        const instead = parts[at + 1]?.added ? parts[at + 1]?.value : '';
        changed.push(`${relative(folder, path)}\n${part.value}->\n${instead}`);
      }
    }
    expect(applied.length).toBeGreaterThan(100);
    const alone = 100 * (1 - changed.length / applied.length);
    expect(alone, changed.join('\n')).toBeGreaterThanOrEqual(WANTED);
  });
});
