/** What `verify` and `review` write into `leave-out`, and that nothing else in the file changes. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { diffArrays } from 'diff';
import { describe, expect, it } from 'vitest';
import { type LeaveOutEntry, readConfig } from '../src/config/read.ts';
import { addLeaveOut, withLeaveOut } from '../src/config/write.ts';
import { temporaryDirectory, writeTree } from './files-temporary.ts';

const ENTRY: LeaveOutEntry = { where: 'app/a.py::Room.enter::asyncio.Lock', reason: 'verify' };
const OTHER: LeaveOutEntry = { where: 'app/b.py', reason: 'says "no"\\ \u007f ü' };

/** The pyproject files of real projects that phase 0 is tested on. */
const FIXTURES = resolve(import.meta.dirname, '../fixtures');
const REAL = readdirSync(join(FIXTURES, 'dependency'))
  .filter((name) => name !== 'malformed')
  .map((name) => join(FIXTURES, 'dependency', name, 'before', 'pyproject.toml'))
  .concat(join(FIXTURES, 'sample', 'pyproject.toml'))
  .filter((file) => existsSync(file));

function add(text: string, ...entries: LeaveOutEntry[]): string {
  return withLeaveOut(text, entries, 'pyproject.toml').text;
}

/** The lines of the new text that the old one has not, after a look that no old line is gone. */
function addedLines(before: string, after: string): string[] {
  const parts = diffArrays(before.split('\n'), after.split('\n'));
  expect(parts.filter(({ removed }) => removed)).toEqual([]);
  return parts.flatMap(({ added, value }) => (added ? value : []));
}

describe('a file that has nothing of ours', () => {
  it('is tried with enough real ones', () => expect(REAL.length).toBeGreaterThan(40));

  it.each(REAL.map((file) => [file.slice(FIXTURES.length + 1), file]))('%s', async (_, file) => {
    const before = readFileSync(file, 'utf8');
    const folder = temporaryDirectory();
    writeTree(folder, { 'pyproject.toml': before });
    const copy = join(folder, 'pyproject.toml');
    expect(await addLeaveOut(copy, [ENTRY, OTHER, ENTRY])).toBe(2);
    const after = readFileSync(copy, 'utf8');
    const config = readConfig(copy, folder);
    expect(config?.leaveOut.map(({ where, reason }) => ({ where, reason }))).toEqual([
      ENTRY,
      OTHER,
    ]);
    expect(after.startsWith(before)).toBe(true);
    const newline = before.includes('\r\n') ? '\r\n' : '\n';
    const added = after.slice(before.length);
    expect(added.replaceAll(newline, '')).not.toMatch(/[\r\n]/);
    expect(await addLeaveOut(copy, [OTHER])).toBe(0);
    expect(readFileSync(copy, 'utf8')).toBe(after);
  });

  it('is made when it is not there', async () => {
    const file = join(temporaryDirectory(), 'pyproject.toml');
    await addLeaveOut(file, [ENTRY]);
    expect(readFileSync(file, 'utf8')).toBe(
      '[[tool.anyio-codemod.leave-out]]\nwhere = "app/a.py::Room.enter::asyncio.Lock"\nreason = "verify"\n',
    );
  });
});

const BLOCK = [
  '[[tool.anyio-codemod.leave-out]]',
  'where = "app/a.py::Room.enter::asyncio.Lock"',
  'reason = "verify"',
];
const INLINE = '{ where = "app/a.py::Room.enter::asyncio.Lock", reason = "verify" }';

describe('the entry is written as the file has it', () => {
  it('behind the table, in front of the next one and its comment', () => {
    const before =
      '[tool.anyio-codemod]\nphase = "hybrid"  # for now\n\n# the formatter\n[tool.ruff]\nline-length = 100\n';
    const after = add(before, ENTRY);
    expect(after).toBe(before.replace('now\n', `now\n\n${BLOCK.join('\n')}\n`));
  });

  it('behind the last of its kind', () => {
    const first = '[[tool.anyio-codemod.leave-out]]\r\nwhere = "x.py"  # why\r\n';
    const before = `\ufeff${first}\r\n[tool.anyio-codemod]\r\nphase = 1\r\n`;
    expect(add(before, ENTRY)).toBe(
      `\ufeff${first}\r\n${BLOCK.join('\r\n')}\r\n\r\n[tool.anyio-codemod]\r\nphase = 1\r\n`,
    );
  });

  it.each<[string, string[]]>([
    [
      '[tool.anyio-codemod]\nleave-out = [\n  # a\n  { where = "x.py" },  # b\n]\nphase = 1\n',
      [`  ${INLINE},`],
    ],
    [
      "[tool.anyio-codemod]\nleave-out = [\n    {where='x.py'}, {where='y.py'},\n    ]\n",
      [`    ${INLINE},`],
    ],
    ['[tool.anyio-codemod]\nleave-out = [\n]\n', [`    ${INLINE},`]],
    ['[tool]\nanyio-codemod.phase = 1\nother.x = 2\n', [`anyio-codemod.leave-out = [${INLINE}]`]],
    ['[tool.anyio-codemod]\n[tool.z]\n', ['', ...BLOCK]],
  ])('%j', (before, lines) => {
    expect(addedLines(before, add(before, ENTRY))).toEqual(lines);
  });

  it.each<[string, string]>([
    ['[tool.anyio-codemod]\nleave-out = []  # c\n', `[${INLINE}]  # c`],
    ['[tool.anyio-codemod]\nleave-out = [{ where = "x.py" }]\n', `[{ where = "x.py" }, ${INLINE}]`],
    ['[tool]\nanyio-codemod = { phase = 1 }\n', `{ phase = 1, leave-out = [${INLINE}] }`],
  ])('in the line: %j', (before, part) => expect(add(before, ENTRY)).toContain(part));

  it('several, one after the other', () => {
    const twice = add(add('', ENTRY), OTHER);
    expect(twice).toBe(add('', ENTRY, OTHER));
    expect(twice.match(/^\[\[/gm)?.length).toBe(2);
  });
});

it('what cannot be added to, or is no TOML, is refused and left alone', async () => {
  expect(() => add('tool = { x = 1 }\n', ENTRY)).toThrow('add { where = "app/a.py');
  expect(() => add('[tool\n', ENTRY)).toThrow('not valid TOML');
  const folder = temporaryDirectory();
  writeTree(folder, { 'pyproject.toml': Buffer.from([0x23, 0xff, 0x0a]) });
  await expect(addLeaveOut(join(folder, 'pyproject.toml'), [ENTRY])).rejects.toThrow(
    'not text in UTF-8',
  );
});
