import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findStale, writeAll, writeAtomic } from '../src/files/write.ts';
import type { FileChange } from '../src/result.ts';
import {
  asOrdinaryUser,
  giveToOrdinaryUser,
  HAS_ORDINARY_USER,
  temporaryDirectory,
  writeTree,
} from './files-temporary.ts';

const IS_ROOT = process.getuid?.() === 0;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('writeAtomic', () => {
  it('replaces the content and keeps mode bits and owner', async () => {
    const top = temporaryDirectory();
    const path = join(top, 'x.py');
    writeFileSync(path, 'old');
    if (IS_ROOT) chownSync(path, 1234, 2345);
    chmodSync(path, 0o2751);
    const old = statSync(path);

    await writeAtomic(path, Buffer.from('new content'));

    expect(readFileSync(path, 'utf8')).toBe('new content');
    const now = statSync(path);
    expect([now.mode, now.uid, now.gid]).toEqual([old.mode, old.uid, old.gid]);
    expect(now.ino).not.toBe(old.ino);
    expect(readdirSync(top)).toEqual(['x.py']);
  });

  it('writes the target of a link and leaves the link', async () => {
    const top = temporaryDirectory();
    writeTree(top, { 'real/x.py': 'old' });
    mkdirSync(join(top, 'links'));
    symlinkSync('../real/x.py', join(top, 'links/y.py'));

    await writeAtomic(join(top, 'links/y.py'), Buffer.from('new'));

    expect(readFileSync(join(top, 'real/x.py'), 'utf8')).toBe('new');
    expect(readlinkSync(join(top, 'links/y.py'))).toBe('../real/x.py');
    expect(readdirSync(join(top, 'links'))).toEqual(['y.py']);
  });

  it('writes a file with a name of the greatest length, and one of several megabytes', async () => {
    const path = join(temporaryDirectory(), `${'n'.repeat(252)}.py`);
    writeFileSync(path, '');
    const bytes = Buffer.alloc(5_000_000, 'x = 1\n');
    await writeAtomic(path, bytes);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('does not replace a read-only file', async () => {
    const path = join(temporaryDirectory(), 'x.py');
    writeFileSync(path, 'old');
    chmodSync(path, 0o444);
    await expect(writeAtomic(path, Buffer.from('new'))).rejects.toThrow('the file is read-only');
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('does not make a file that is not there', async () => {
    const top = temporaryDirectory();
    symlinkSync('nowhere', join(top, 'link.py'));
    for (const name of ['none.py', 'link.py']) {
      await expect(writeAtomic(join(top, name), Buffer.from('x'))).rejects.toThrow(
        /^no such file or directory$/,
      );
    }
    expect(readdirSync(top)).toEqual(['link.py']);
  });

  it.skipIf(!HAS_ORDINARY_USER)("does not replace another's file or write where it may not", () => {
    const top = temporaryDirectory();
    writeTree(top, { 'open/x.py': 'old', 'closed/y.py': 'old' });
    giveToOrdinaryUser(join(top, 'closed/y.py'));
    chmodSync(join(top, 'open'), 0o777);
    // Who is not root has no other user's file at hand; the mode bits stand in.
    if (!IS_ROOT) chmodSync(join(top, 'open/x.py'), 0o444);
    chmodSync(join(top, 'closed'), 0o555);
    const driver = `
      import { writeAtomic } from '../src/files/write.ts';
      const attempt = (path: string) =>
        writeAtomic(path, Buffer.from('new')).then(() => 'written', (error) => error.message);
      const paths = ${JSON.stringify([join(top, 'open/x.py'), join(top, 'closed/y.py')])};
      Promise.all(paths.map(attempt)).then(report);`;
    expect(asOrdinaryUser(driver)).toEqual(['the file is read-only', 'permission denied']);
    expect(readFileSync(join(top, 'open/x.py'), 'utf8')).toBe('old');
    expect(readFileSync(join(top, 'closed/y.py'), 'utf8')).toBe('old');
    expect(readdirSync(join(top, 'open'))).toEqual(['x.py']);
    chmodSync(join(top, 'closed'), 0o755);
  });

  it.each(['writeFile', 'sync', 'chmod'] as const)(
    'leaves the old file and nothing else when %s fails',
    async (method) => {
      const top = temporaryDirectory();
      const path = join(top, 'x.py');
      writeFileSync(path, 'old');
      const open = fs.open;
      vi.spyOn(fs, 'open').mockImplementation(async (...args) => {
        const handle = await open(...args);
        const full = Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC', errno: -28 });
        vi.spyOn(handle, method).mockRejectedValue(full);
        return handle;
      });
      await expect(writeAtomic(path, Buffer.from('new'))).rejects.toThrow(/^no space left on/);
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect(readdirSync(top)).toEqual(['x.py']);
    },
  );

  it('leaves the old file and nothing else when the rename fails', async () => {
    const top = temporaryDirectory();
    const path = join(top, 'x.py');
    writeFileSync(path, 'old');
    vi.spyOn(fs, 'rename').mockRejectedValue(new Error('no luck'));
    await expect(writeAtomic(path, Buffer.from('new'))).rejects.toThrow(/^no luck$/);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(top)).toEqual(['x.py']);
  });

  it('survives a disk that is really full, where one can be mounted', async (context) => {
    const top = temporaryDirectory();
    const mount = ['-t', 'tmpfs', '-o', 'size=16k', 'none', top];
    if (!IS_ROOT || spawnSync('mount', mount).status !== 0) {
      console.warn('SKIPPED: a full disk needs leave to mount a tmpfs');
      return context.skip();
    }
    try {
      const path = join(top, 'x.py');
      writeFileSync(path, 'old');
      // The first pages fit, so that the system reports a short write before it reports an error.
      await expect(writeAtomic(path, Buffer.alloc(20_000, 97))).rejects.toThrow(
        /^no space left on device$/,
      );
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect(readdirSync(top)).toEqual(['x.py']);
    } finally {
      spawnSync('umount', [top]);
    }
  });
});

describe('writeAll', () => {
  function change(path: string, before: string, after: string, encoding = 'utf8'): FileChange {
    return { path, before, after, encoding };
  }

  it('writes each file in its encoding', async () => {
    const top = temporaryDirectory();
    const [a, b] = [join(top, 'a.py'), join(top, 'b.py')];
    writeFileSync(a, '\uFEFFé\r\n');
    writeFileSync(b, Buffer.from('"\xe9"', 'latin1'));
    const changes = [change(a, '\uFEFFé\r\n', '\uFEFFê\r\n'), change(b, '"é"', '"ê"', 'latin1')];
    expect(await writeAll(changes)).toEqual({ written: [a, b], problems: [] });
    expect(readFileSync(a, 'utf8')).toBe('\uFEFFê\r\n');
    expect(readFileSync(b)).toEqual(Buffer.from('"\xea"', 'latin1'));
  });

  it('leaves alone what changed, vanished, or cannot be encoded, and writes the rest', async () => {
    const top = temporaryDirectory();
    const at = (name: string): string => join(top, name);
    writeTree(top, { 'changed.py': 'theirs', 'narrow.py': 'x', 'good.py': 'x', 'late.py': 'x' });
    const changes = [
      change(at('changed.py'), 'x', 'y'),
      change(at('gone.py'), 'x', 'y'),
      change(at('narrow.py'), 'x', '€', 'latin1'),
      change(at('good.py'), 'x', 'y'),
    ];
    const problems = [
      ['changed.py', 'changed on disk since it was read'],
      ['gone.py', 'no such file or directory'],
      ['narrow.py', 'cannot be written as latin1: it has no "€" (U+20AC)'],
    ].map(([name, message]) => ({ path: at(name as string), code: 'write', message }));

    expect(findStale(changes)).toEqual(problems);
    expect(readFileSync(at('good.py'), 'utf8')).toBe('x');
    expect(await writeAll(changes)).toEqual({ written: [at('good.py')], problems });
    expect(readFileSync(at('changed.py'), 'utf8')).toBe('theirs');
    expect(readFileSync(at('narrow.py'), 'utf8')).toBe('x');
    expect(lstatSync(at('gone.py'), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('goes on after a file that cannot be written', async () => {
    const top = temporaryDirectory();
    const [a, b] = [join(top, 'a.py'), join(top, 'b.py')];
    writeTree(top, { 'a.py': 'x', 'b.py': 'x' });
    chmodSync(a, 0o400);
    expect(await writeAll([change(a, 'x', 'y'), change(b, 'x', 'y')])).toEqual({
      written: [b],
      problems: [{ path: a, code: 'write', message: 'the file is read-only' }],
    });
  });

  it('reads every file before it writes the first', async () => {
    const top = temporaryDirectory();
    const [a, b] = [join(top, 'a.py'), join(top, 'b.py')];
    writeTree(top, { 'a.py': 'x', 'b.py': 'x' });
    const seen: string[] = [];
    const readAgain = (path: string): Buffer => {
      seen.push(readFileSync(a, 'utf8'));
      return readFileSync(path);
    };
    await writeAll([change(a, 'x', 'y'), change(b, 'x', 'y')], readAgain);
    expect(seen).toEqual(['x', 'x']);
    expect(readFileSync(b, 'utf8')).toBe('y');
  });
});
