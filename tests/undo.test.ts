/** What apply wrote is taken back: byte for byte, with and without git, also after a crash. */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../src/cli/commands.ts';
import { KEPT, openJournal, writeWithJournal } from '../src/files/journal.ts';
import { entriesOf } from '../src/files/restore.ts';
import type { FileChange, Migration } from '../src/result.ts';
import { cli, migration, SAFE, use } from './cli-harness.ts';
import {
  git,
  isolateGit,
  makeRepository,
  temporaryDirectory,
  writeTree,
} from './files-temporary.ts';

let root = '';

beforeEach(() => {
  isolateGit();
  root = temporaryDirectory();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const OLD = 'import asyncio\nasyncio.sleep(1)\n';
const NEW = 'import anyio\nanyio.sleep(1)\n';

function change(name: string, before = OLD, after = NEW, encoding = 'utf8'): FileChange {
  return { path: join(root, name), before, after, encoding };
}

function found(...changes: FileChange[]): Migration {
  const sleep = { phase: 2, transform: 'sleep', root };
  return migration({ root, changes, judged: [use('a.py:2', 'asyncio.sleep', SAFE, sleep)] });
}

function tool(words: string[], given?: Migration, cwd = root) {
  return cli(words, { migration: given, cwd, env: { PATH: process.env.PATH } });
}

async function apply(changes: FileChange[], ...words: string[]): Promise<void> {
  const { code, stderr } = await tool(['apply', ...words], found(...changes));
  expect([code, stderr.text]).toEqual([0, '']);
}

function read(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

describe('undo', () => {
  it('gives each file its bytes, its bits and its time back, and says so', async () => {
    const latin = Buffer.from('# coding: latin-1\r\nimport asyncio\r\nx = "\xe9"\r\n', 'latin1');
    const marked = `\uFEFF${OLD}`;
    writeTree(root, { 'a.py': marked, 'b/c.py': latin, 'other.py': OLD });
    chmodSync(join(root, 'a.py'), 0o755);
    utimesSync(join(root, 'a.py'), 1_600_000_000, 1_600_000_000.25);
    const text = latin.toString('latin1');
    await apply([
      change('a.py', marked, `\uFEFF${NEW}`),
      change('b/c.py', text, text.replace('asyncio', 'anyio'), 'iso88591'),
    ]);
    expect(read('a.py')).toBe(`\uFEFF${NEW}`);

    const { code, stdout, stderr } = await tool(['undo']);

    expect([code, stderr.text]).toEqual([0, '']);
    expect(stdout.text).toBe(
      'restored a.py\nrestored b/c.py\n2 files restored, as they were before: anyio-codemod apply\n',
    );
    expect(read('a.py')).toBe(marked);
    expect(readFileSync(join(root, 'b/c.py')).equals(latin)).toBe(true);
    const { mode, mtimeMs } = statSync(join(root, 'a.py'));
    expect([mode & 0o777, mtimeMs]).toEqual([0o755, 1_600_000_000_250]);
    expect(readdirSync(root).sort()).toEqual(['.anyio-codemod', 'a.py', 'b', 'other.py']);
    expect((await tool(['undo'])).code).toBe(2);
  });

  it('run again takes back the run before, and says what is next', async () => {
    writeTree(root, { 'a.py': '1' });
    await apply([change('a.py', '1', '2')], '--phase', '1');
    await apply([change('a.py', '2', '3')], '--phase', '2');
    const first = await tool(['undo']);
    expect(first.stdout.text).toContain('before: anyio-codemod apply --phase 2\n');
    expect(first.stdout.text).toContain(
      'takes back the one before: anyio-codemod apply --phase 1\n',
    );
    expect(read('a.py')).toBe('2');
    expect((await tool(['undo'])).code).toBe(0);
    expect(read('a.py')).toBe('1');
    const third = await tool(['undo']);
    expect(third.code).toBe(2);
    expect(third.stderr.text).toMatch(/^anyio-codemod: nothing to undo: .*\n$/);
  });

  it('leaves what has changed since, names it, and restores it with --force', async () => {
    writeTree(root, { 'a.py': OLD, 'b.py': OLD, 'c.py': OLD, 'd.py': OLD });
    await apply(['a.py', 'b.py', 'c.py', 'd.py'].map((name) => change(name)));
    writeTree(root, { 'b.py': `${NEW}# mine\n`, 'd.py': OLD });
    rmSync(join(root, 'c.py'));

    const { code, stdout, stderr } = await tool(['undo']);

    expect(code).toBe(2);
    expect(stdout.text).toContain(
      'restored a.py\n1 file restored, 2 not, of: anyio-codemod apply\n',
    );
    expect(stdout.text).toContain('  anyio-codemod undo --force ');
    expect(stderr.text).toBe(
      'b.py: has changed since; left as it is\nc.py: is gone; left as it is\n',
    );
    expect([read('a.py'), read('b.py'), read('d.py')]).toEqual([OLD, `${NEW}# mine\n`, OLD]);
    expect(existsSync(join(root, 'c.py'))).toBe(false);

    // What was restored is the user's again.
    writeTree(root, { 'a.py': 'later' });
    const again = await tool(['undo', '--force']);
    expect([again.code, again.stderr.text]).toEqual([0, '']);
    expect(['a.py', 'b.py', 'c.py'].map(read)).toEqual(['later', OLD, OLD]);
    expect(entriesOf(root)).toEqual([]);
  });

  it('can go past a run that cannot be undone whole', async () => {
    writeTree(root, { 'a.py': '1', 'b.py': '1' });
    await apply([change('a.py', '1', '2')]);
    await apply([change('b.py', '1', '2')]);
    writeTree(root, { 'b.py': 'mine' });
    const { stdout } = await tool(['undo']);
    expect(stdout.text).toContain('  anyio-codemod undo --number 1 ');
    expect((await tool(['undo', '--number', '1'])).code).toBe(0);
    expect([read('a.py'), read('b.py')]).toEqual(['1', 'mine']);
    const none = await tool(['undo', '--number', '1']);
    expect(none.stderr.text).toContain('there is no number 1 to undo; there is 2');
  });

  it('with --dry-run prints what would change, in the bytes of the file, and writes nothing', async () => {
    const latin = Buffer.from('# coding: latin-1\nimport asyncio  # \xe9\n', 'latin1');
    writeTree(root, { 'a.py': latin, 'b.py': OLD });
    const text = latin.toString('latin1');
    await apply([
      change('a.py', text, text.replace('asyncio', 'anyio'), 'iso88591'),
      change('b.py'),
    ]);
    writeTree(root, { 'b.py': 'mine' });
    const { code, stdout, stderr } = await tool(['undo', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout.bytes.toString('latin1')).toContain(
      '-import anyio  # \xe9\n+import asyncio  # \xe9',
    );
    expect(stdout.text).not.toContain('b.py');
    expect(stderr.text).toBe(
      'b.py: has changed since; would be left as it is\n' +
        '1 file would be restored, as they were before: anyio-codemod apply\n',
    );
    expect(read('a.py')).toContain('import anyio');
    const forced = await tool(['undo', '--dry-run', '--force']);
    expect(forced.stdout.text).toContain('-mine');
  });

  it('lists what can be undone, the newest first', async () => {
    expect((await tool(['undo', '--list'])).stdout.text).toBe('Nothing can be undone here.\n');
    writeTree(root, { 'a.py': '1' });
    await apply([change('a.py', '1', '2')], '--phase', '1');
    await apply([change('a.py', '2', '3')], '--transform', 'sleep', 'a.py');
    expect((await tool(['undo', '--list'])).stdout.text).toMatch(
      new RegExp(
        ' {2}2 {2}anyio-codemod apply a\\.py --transform sleep\\n' +
          ' {5}\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d, 1 file\\n' +
          ' {2}1 {2}anyio-codemod apply --phase 1\\n',
      ),
    );
  });

  it('keeps the last ten', async () => {
    writeTree(root, { 'a.py': '0' });
    for (let n = 0; n < KEPT + 2; n++) {
      await writeWithJournal([change('a.py', `${n}`, `${n + 1}`)], { root, command: `${n}` });
    }
    expect(entriesOf(root).map(({ command }) => command)).toEqual(
      Array.from({ length: KEPT }, (_, n) => `${KEPT + 1 - n}`),
    );
    expect(readdirSync(join(root, '.anyio-codemod/undo'))).toHaveLength(KEPT);
  });

  it('has examples that work', async () => {
    const examples = COMMANDS.find(({ name }) => name === 'undo')?.examples ?? [];
    expect(examples.length).toBeGreaterThan(1);
    for (const [example] of examples) {
      writeTree(root, { 'a.py': OLD });
      await apply([change('a.py')]);
      const { code } = await tool(example.split(' ').slice(1));
      expect([example, code]).toEqual([example, 0]);
    }
  });

  it('is found from below, and from elsewhere when the folder is named', async () => {
    writeTree(root, { 'sub/deep/a.py': OLD });
    await apply([change('sub/deep/a.py')]);
    // A review keeps its answers in such a folder too: nothing to undo is there.
    mkdirSync(join(root, 'sub/.anyio-codemod'));
    expect((await tool(['undo'], undefined, join(root, 'sub/deep'))).stdout.text).toContain(
      'restored a.py\n',
    );
    await apply([change('sub/deep/a.py')]);
    const elsewhere = temporaryDirectory();
    expect((await tool(['undo'], undefined, elsewhere)).code).toBe(2);
    expect((await tool(['undo', root], undefined, elsewhere)).code).toBe(0);
    expect(read('sub/deep/a.py')).toBe(OLD);
  });

  it('works when the project has been moved, and leaves a link a link', async () => {
    writeTree(root, { 'real/a.py': OLD });
    symlinkSync('real/a.py', join(root, 'link.py'));
    await apply([change('link.py')]);
    expect(read('real/a.py')).toBe(NEW);
    const moved = join(temporaryDirectory(), 'moved');
    renameSync(root, moved);
    expect((await tool(['undo'], undefined, moved)).code).toBe(0);
    expect(readFileSync(join(moved, 'real/a.py'), 'utf8')).toBe(OLD);
    expect(lstatSync(join(moved, 'link.py')).isSymbolicLink()).toBe(true);
  });

  it('says that a file cannot be written, and restores it when it can', async () => {
    writeTree(root, { 'a.py': OLD, 'b.py': OLD });
    await apply([change('a.py'), change('b.py')]);
    chmodSync(join(root, 'a.py'), 0o444);
    const { code, stderr } = await tool(['undo']);
    expect([code, stderr.text]).toEqual([2, 'a.py: the file is read-only\n']);
    expect(read('b.py')).toBe(OLD);
    chmodSync(join(root, 'a.py'), 0o644);
    expect((await tool(['undo'])).code).toBe(0);
    expect(read('a.py')).toBe(OLD);
  });

  it('says that what was kept is damaged', async () => {
    writeTree(root, { 'a.py': OLD });
    await apply([change('a.py')]);
    writeFileSync(join(root, '.anyio-codemod/undo/1/before'), 'x');
    const { code, stderr } = await tool(['undo']);
    expect(code).toBe(2);
    expect(stderr.text).toMatch(/^anyio-codemod: .*undo\/1 is damaged\n$/);
    expect(read('a.py')).toBe(NEW);
  });
});

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
          import { writeWithJournal } from '../src/files/journal.ts';
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
});

describe('undo of a run that committed', () => {
  beforeEach(() => {
    rmSync(root, { recursive: true });
    makeRepository(root, { 'a.py': OLD });
  });

  it('restores the files, leaves the commit, and says how to drop it', async () => {
    const start = git(root, 'rev-parse', 'HEAD').trim();
    await apply([change('a.py')], '--branch', 'anyio', '--commit');
    const commit = git(root, 'rev-parse', '--short', 'HEAD').trim();

    const { code, stdout } = await tool(['undo']);

    expect(code).toBe(0);
    expect(read('a.py')).toBe(OLD);
    expect(git(root, 'rev-parse', '--short', 'HEAD').trim()).toBe(commit);
    expect(stdout.text).toContain('This commit stays on the branch anyio');
    expect(stdout.text).toContain(commit);
    // The commands that it says do what it says.
    const reset = /^ {2}git (reset \w+) /m.exec(stdout.text)?.[1]?.split(' ') ?? [];
    git(root, ...reset);
    expect(git(root, 'rev-parse', 'HEAD').trim()).toBe(start);
    expect(git(root, 'status', '--porcelain')).toBe('');
    expect(stdout.text).toContain('  git switch main ');
  });

  it('does not speak of resetting when others have committed since', async () => {
    await apply([change('a.py')], '--commit');
    git(root, 'commit', '--quiet', '--allow-empty', '-m', 'later');
    const { stdout } = await tool(['undo']);
    expect(stdout.text).toContain('This commit stays');
    expect(stdout.text).not.toContain('git reset');
  });

  it('waits for its branch to be checked out', async () => {
    await apply([change('a.py')], '--branch', 'anyio', '--commit');
    git(root, 'switch', '--quiet', 'main');
    const { code, stdout } = await tool(['undo']);
    expect(code).toBe(0);
    expect(stdout.text).toMatch(/^Nothing to restore: .*\nThis commit stays on the branch anyio/);
    git(root, 'switch', '--quiet', 'anyio');
    expect((await tool(['undo'])).stdout.text).toContain('restored a.py\n');
  });
});
