/** What apply wrote is taken back: byte for byte, with and without git, also after a crash. */

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
import { beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/cli/commands.ts';
import { KEPT } from '../src/files/journal.ts';
import { entriesOf } from '../src/files/restore.ts';
import { git, makeRepository, temporaryDirectory, writeTree } from './files-temporary.ts';
import { writeWithJournal } from './journal-harness.ts';
import { apply, change, NEW, OLD, read, root, tool } from './undo-harness.ts';

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
      'take back the one before: anyio-codemod apply --phase 1\n',
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
    expect(stdout.text).toContain('1 commit stays on the branch anyio');
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
    expect(stdout.text).toContain('1 commit stays');
    expect(stdout.text).not.toContain('git reset');
  });

  it('waits for its branch to be checked out', async () => {
    await apply([change('a.py')], '--branch', 'anyio', '--commit');
    git(root, 'switch', '--quiet', 'main');
    const { code, stdout } = await tool(['undo']);
    expect(code).toBe(0);
    expect(stdout.text).toMatch(/^Nothing to restore: .*\n1 commit stays on the branch anyio/);
    git(root, 'switch', '--quiet', 'anyio');
    expect((await tool(['undo'])).stdout.text).toContain('restored a.py\n');
  });
});
