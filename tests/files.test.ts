import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mentions, readBytes } from '../src/files/read.ts';
import { findRoot, isWithin } from '../src/files/root.ts';
import {
  asOrdinaryUser,
  giveToOrdinaryUser,
  HAS_ORDINARY_USER,
  temporaryDirectory,
  writeTree,
} from './files-temporary.ts';

describe('findRoot', () => {
  it('is the nearest directory with .git above all paths', () => {
    const top = temporaryDirectory();
    writeTree(top, {
      '.git/HEAD': '',
      'pkg/pyproject.toml': '',
      'pkg/a/x.py': '',
      'pkg/b/y.py': '',
    });
    expect(findRoot(['pkg/a/x.py', 'pkg/b'], top)).toBe(top);
    expect(findRoot([], join(top, 'pkg/a'))).toBe(top);
  });

  it('takes the .git file of a worktree', () => {
    const top = temporaryDirectory();
    writeTree(top, { '.git/HEAD': '', 'tree/.git': 'gitdir: elsewhere\n', 'tree/a/x.py': '' });
    expect(findRoot(['tree/a/x.py'], top)).toBe(join(top, 'tree'));
    expect(findRoot(['tree/a/x.py', 'z.py'], top)).toBe(top);
  });

  it('is the nearest directory with a manifest outside of git', () => {
    const top = temporaryDirectory();
    writeTree(top, { 'setup.cfg': '', 'pkg/requirements.txt': '', 'pkg/a/x.py': '', 'z/y.py': '' });
    expect(findRoot(['pkg/a'], top)).toBe(join(top, 'pkg'));
    expect(findRoot(['pkg/a/x.py', 'z/y.py'], top)).toBe(top);
  });

  it('is the common directory when nothing marks a project', () => {
    const top = temporaryDirectory();
    writeTree(top, { 'ab/x.py': '', 'abc/y.py': '' });
    expect(findRoot(['ab/x.py'], top)).toBe(join(top, 'ab'));
    expect(findRoot(['ab', 'abc/y.py'], top)).toBe(top);
    expect(findRoot(['ab/none/at-all.py'], top)).toBe(join(top, 'ab/none'));
  });

  it('does not take a name that begins alike for a directory inside', () => {
    expect(isWithin('/a/b', '/a/b/c')).toBe(true);
    expect(isWithin('/a/b', '/a/b')).toBe(true);
    expect(isWithin('/a/b', '/a/bc')).toBe(false);
    expect(isWithin('/a/b', '/a')).toBe(false);
    expect(isWithin('/a/b', '/a/b/..c')).toBe(true);
  });
});

describe('readBytes', () => {
  it('gives the bytes', () => {
    const path = join(temporaryDirectory(), 'x.py');
    writeFileSync(path, 'x\r\n');
    expect(readBytes(path)).toEqual(Buffer.from('x\r\n'));
  });

  it('says what is wrong with the rest', () => {
    const top = temporaryDirectory();
    expect(readBytes(join(top, 'none.py'))).toEqual({
      path: join(top, 'none.py'),
      code: 'not-found',
      message: 'no such file or directory',
    });
    expect(readBytes(top)).toMatchObject({ code: 'unreadable', message: 'not a regular file' });
  });

  it('does not wait for a pipe', () => {
    const pipe = join(temporaryDirectory(), 'pipe.py');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    expect(readBytes(pipe)).toMatchObject({ code: 'unreadable', message: 'not a regular file' });
  });

  it.skipIf(!HAS_ORDINARY_USER)('says that permission is denied', () => {
    const path = join(temporaryDirectory(), 'x.py');
    writeFileSync(path, '');
    giveToOrdinaryUser(path);
    chmodSync(path, 0o200);
    const driver = `
      import { readBytes } from '../src/files/read.ts';
      report(readBytes(${JSON.stringify(path)}));`;
    expect(asOrdinaryUser(driver)).toMatchObject({
      code: 'unreadable',
      message: 'permission denied',
    });
  });
});

describe('mentions', () => {
  it('finds a word anywhere in the bytes, whatever surrounds it', () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xc3]), Buffer.from('import asyncio')]);
    expect(mentions(bytes, ['trio', 'asyncio'])).toBe(true);
    expect(mentions(bytes, ['trio', 'curio'])).toBe(false);
    expect(mentions(bytes, [])).toBe(false);
    expect(mentions(Buffer.alloc(0), ['asyncio'])).toBe(false);
  });
});
