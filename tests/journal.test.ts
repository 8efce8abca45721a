/** What is kept for undo: before the first file is written, and so that a killed run can be undone. */

import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { openJournal } from '../src/files/journal.ts';
import { entriesOf } from '../src/files/restore.ts';
import { git, makeRepository, temporaryDirectory, writeTree } from './files-temporary.ts';
import { writeWithJournal } from './journal-harness.ts';
import { apply, change, found, NEW, OLD, read, root, tool } from './undo-harness.ts';

describe('what is kept', () => {
  it('is out of the sight of git', async () => {
    rmSync(root, { recursive: true });
    makeRepository(root, { 'a.py': OLD });
    await apply([change('a.py')]);
    expect(git(root, 'status', '--porcelain')).toBe(' M a.py\n');
  });

  it('is nothing when nothing was written, and only the files that were', async () => {
    writeTree(root, { 'a.py': OLD, 'b.py': OLD });
    chmodSync(join(root, 'a.py'), 0o444);
    const options = { root, command: 'c' };
    expect((await writeWithJournal([change('a.py')], options)).written).toEqual([]);
    expect(entriesOf(root)).toEqual([]);
    const { problems } = await writeWithJournal([change('a.py'), change('b.py')], options);
    expect(problems).toEqual([
      { path: join(root, 'a.py'), code: 'write', message: 'the file is read-only' },
    ]);
    expect(entriesOf(root)[0]?.files.map(({ path }) => path)).toEqual(['b.py']);
  });

  it('keeps all from being written when it cannot be kept, but for --no-undo', async () => {
    writeTree(root, { 'a.py': OLD, '.anyio-codemod': 'a file' });
    const { code, stderr } = await tool(['apply'], found(change('a.py')));
    expect(code).toBe(2);
    expect(stderr.text).toBe(
      'anyio-codemod: nothing is written: the old files cannot be kept in .anyio-codemod: ' +
        'file already exists; --no-undo writes without\n',
    );
    expect(read('a.py')).toBe(OLD);
    const { code: done, stdout } = await tool(['apply', '--no-undo'], found(change('a.py')));
    expect([done, read('a.py')]).toEqual([0, NEW]);
    expect(stdout.text).not.toContain('anyio-codemod undo');
  });

  it('survives a disk that is full, where one can be mounted', async (context) => {
    const mount = ['-t', 'tmpfs', '-o', 'size=64k', 'none', root];
    if (process.getuid?.() !== 0 || spawnSync('mount', mount).status !== 0) {
      console.warn('SKIPPED: a full disk needs leave to mount a tmpfs');
      return context.skip();
    }
    try {
      const old = 'x'.repeat(30_000);
      writeTree(root, { 'a.py': old });
      const other = change('a.py', old, `${old}y`);
      // The old bytes no longer fit.
      writeFileSync(join(root, 'ballast'), Buffer.alloc(20_000));
      await expect(writeWithJournal([other], { root, command: 'c' })).rejects.toThrow(
        'the old files cannot be kept in .anyio-codemod: no space left on device',
      );
      expect([read('a.py'), entriesOf(root)]).toEqual([old, []]);
    } finally {
      spawnSync('umount', [root]);
    }
  });

  it('covers every step of a run that writes in several', async () => {
    writeTree(root, { 'a.py': '1', 'b.py': '1' });
    const steps = [
      [change('a.py', '1', '2')],
      [change('a.py', '2', '3'), change('b.py', '1', '2')],
    ];
    const journal = openJournal(steps, { root, command: 'c' });
    await journal.write(steps[0] ?? []);
    // As if the run had been killed here.
    expect((await tool(['undo'])).stdout.text).toContain(
      '1 file restored, as they were before: c (which was',
    );
    expect([read('a.py'), read('b.py')]).toEqual(['1', '1']);
  });

  it('takes what a hook made of a file for what was written', async () => {
    writeTree(root, { 'a.py': OLD });
    const journal = openJournal([[change('a.py')]], { root, command: 'c' });
    await journal.write([change('a.py')]);
    writeTree(root, { 'a.py': `${NEW}\n` });
    expect(journal.adopt([join(root, 'a.py')])).toEqual([join(root, 'a.py')]);
    journal.finish();
    expect((await tool(['undo'])).code).toBe(0);
    expect(read('a.py')).toBe(OLD);
  });
});

describe('a run that is killed while it writes', () => {
  /** Runs `writeWithJournal` in a process that kills itself at the given rename of a file. */
  function killedAt(rename: number, names: string[]): void {
    const bundle = join(temporaryDirectory(), 'driver.cjs');
    const changes = names.map((name) => change(name));
    buildSync({
      stdin: {
        contents: `
          import fs from 'node:fs/promises';
          import { writeWithJournal } from './journal-harness.ts';
          let left = ${rename};
          const rename = fs.rename;
          fs.rename = async (...args) => {
            if (left-- === 0) process.kill(process.pid, 'SIGKILL');
            return rename(...args);
          };
          writeWithJournal(${JSON.stringify(changes)}, {root: ${JSON.stringify(root)}, command: 'it'});`,
        resolveDir: import.meta.dirname,
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: bundle,
    });
    expect(spawnSync(process.execPath, [bundle]).signal).toBe('SIGKILL');
  }

  it('can be undone, and leaves nothing behind', async () => {
    const names = ['a.py', 'b.py', 'sub/c.py', 'sub/d.py'];
    writeTree(root, Object.fromEntries(names.map((name) => [name, OLD])));
    killedAt(2, names);
    expect(names.map(read)).toEqual([NEW, NEW, OLD, OLD]);
    expect(readdirSync(join(root, 'sub'))).toHaveLength(3);

    const { code, stdout } = await tool(['undo']);

    expect(code).toBe(0);
    expect(stdout.text).toContain(
      '2 files restored, as they were before: it (which was interrupted)',
    );
    expect(names.map(read)).toEqual([OLD, OLD, OLD, OLD]);
    expect(readdirSync(join(root, 'sub'))).toEqual(['c.py', 'd.py']);
  });

  it('is spoken of when the next run finds its files changed', async () => {
    rmSync(root, { recursive: true });
    makeRepository(root, { 'a.py': OLD, 'b.py': OLD });
    killedAt(1, ['a.py', 'b.py']);
    const { code, stderr } = await tool(['apply'], found(change('a.py', NEW, OLD)));
    expect([code, stderr.text]).toEqual([2, expect.stringContaining('(anyio-codemod undo), or ')]);
    expect((await tool(['undo'])).code).toBe(0);
    expect(git(root, 'status', '--porcelain')).toBe('');
    await apply([change('a.py')]);
    const again = await tool(['apply'], found(change('a.py', NEW, OLD)));
    expect([again.code, again.stderr.text]).toEqual([2, expect.not.stringContaining('undo')]);
  });
});
