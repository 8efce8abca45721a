/**
 * The promises on code that nobody here wrote: Debian packages full of asyncio, and any tree that
 * ANYIO_CODEMOD_CORPUS names (paths joined as in PATH).
 */

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { discover } from '../src/files/discover.ts';
import { encodeSource } from '../src/files/read.ts';
import { migrate } from '../src/migrate.ts';
import { PLANS } from '../src/phases.ts';
import type { Migration } from '../src/result.ts';
import { transforms } from '../transforms/index.ts';
import { describeWithPython, newestPython, type PythonEnv } from './python/env.ts';
import { census, compileFailures } from './python/tools.ts';

const extra = (process.env.ANYIO_CODEMOD_CORPUS ?? '')
  .split(delimiter)
  .filter((path) => path !== '');

/** Phases 0 to 3, all that is for review too. */
function move(cwd: string): Promise<Migration> {
  const phases = [...(PLANS.hybrid ?? []), 3];
  const ids = transforms.filter(({ phase }) => phases.includes(phase)).map(({ id }) => id);
  const selection = { phases, transforms: new Set(['dependency', ...ids]) };
  const options = { importStyle: 'keep', fastAcquire: false } as const;
  return migrate({ ...options, paths: ['.'], exclude: [], cwd, selection, includeReview: true });
}

function write({ changes }: Migration): void {
  for (const { path, after, encoding } of changes)
    writeFileSync(path, encodeSource(after, encoding));
}

describeWithPython('real code', (env: PythonEnv) => {
  const python = newestPython(env);
  const trees = [
    ...env.corpus.map(({ name, path }) => ({ name, path })),
    ...extra.map((path) => ({ name: basename(path), path })),
  ];

  describe.each(trees)('$name', ({ path }) => {
    let cwd: string;
    let plan: Migration;

    beforeAll(async () => {
      cwd = mkdtempSync(join(tmpdir(), 'anyio-codemod-corpus-'));
      cpSync(path, cwd, { recursive: true, filter: (source) => basename(source) !== '.git' });
      plan = await move(cwd);
    });
    afterAll(() => rmSync(cwd, { recursive: true, force: true }));

    it("finds every use that Python's own ast finds", () => {
      const files = discover(['.'], { cwd, root: cwd, exclude: [] }).files;
      const everywhere = census(python, files);
      const found = new Set(
        plan.judged.map(
          ({ use, position }) => `${use.file.path}:${position.line}:${position.column} ${use.name}`,
        ),
      );
      const wanted = everywhere.flatMap(({ path: file, uses }) =>
        uses.map(({ line, column, name }) => `${file}:${line}:${column} ${name}`),
      );
      expect(wanted.length).toBeGreaterThan(0);
      expect(wanted.filter((use) => !found.has(use))).toEqual([]);
    });

    it('balances the account', () => {
      const { found, rewritten, refused, deferred, left, safe, review } = plan.account;
      expect(found).toBe(plan.judged.length);
      expect(rewritten + refused + deferred + left).toBe(found);
      expect(safe + review).toBe(rewritten);
    });

    it('writes code that compiles, and has nothing to do a second time', async () => {
      expect(plan.problems.filter(({ code }) => code === 'validation')).toEqual([]);
      const changed = plan.changes
        .map((change) => change.path)
        .filter((file) => file.endsWith('.py'));
      expect(changed.length).toBeGreaterThan(0);
      const before = compileFailures(python, changed).map((failure) => failure.path);
      write(plan);
      const after = compileFailures(python, changed).filter(
        (failure) => !before.includes(failure.path),
      );
      expect(after).toEqual([]);
      const second = await move(cwd);
      expect(second.changes).toEqual([]);
      expect(second.account.rewritten).toBe(0);
    });
  });
});
