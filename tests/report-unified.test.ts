import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hunksOf, quoteName, unifiedBytes, unifiedText } from '../src/report/unified.ts';
import type { FileChange } from '../src/result.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unified-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const numbered = Array.from({ length: 30 }, (_, i) => `line ${i}`);

/** Pairs of texts that a diff tool has reason to stumble over. */
const TEXTS: Record<string, [before: string, after: string]> = {
  'one line': ['import asyncio\n', 'import anyio\n'],
  'two hunks': [
    `${numbered.join('\n')}\n`,
    `${numbered.join('\n').replace('line 3', 'three').replace('line 25', 'x\ny')}\n`,
  ],
  CRLF: ['import asyncio\r\nx = 1\r\n', 'import anyio\r\nx = 1\r\n'],
  'mixed line ends': ['import asyncio\r\nx = 1\ny = 2\r\n', 'import anyio\r\nx = 1\ny = 3\r\n'],
  'a lone carriage return': ['a = 1\rimport asyncio\rb\n', 'a = 1\rimport anyio\rb\n'],
  'a form feed and a vertical tab': ['\fimport asyncio\n\v\nx\n', '\fimport anyio\n\v\nx\n'],
  'Unicode line separators': ['"\u2028\u0085"\nasyncio\n', '"\u2028\u0085"\nanyio\n'],
  'no final newline': ['import asyncio\nx = 1', 'import anyio\nx = 1'],
  'a final newline gained': ['import asyncio', 'import anyio\n'],
  'a final newline lost': ['import asyncio\n', 'import anyio'],
  'no final newline, change far above': [
    `asyncio\n${numbered.join('\n')}`,
    `anyio\n${numbered.join('\n')}`,
  ],
  'a byte order mark': ['\ufeffimport asyncio\n', '\ufeffimport anyio\n'],
  'beyond the BMP': ['# 🎉 é\nimport asyncio\n', '# 🎉 é\nimport anyio\n'],
  'lines that look like a diff': [
    '--- a/x\n+++ b/x\n@@ -1 +1 @@\n\\ No newline\nasyncio\n',
    '--- a/x\n+++ b/x\n@@ -1 +1 @@\n\\ No newline\nanyio\n',
  ],
  'from empty': ['', 'anyio>=4.7\n'],
  'trailing blanks': ['x = 1  \nasyncio\t\n', 'x = 1  \nanyio\t\n'],
};

const LATIN: [string, string] = [
  '# café naïve ÿ\nimport asyncio\n',
  '# café naïve ÿ\nimport anyio\n',
];
const JAPANESE: [string, string] = ['# 表示 ソ\nimport asyncio\n', '# 表示 ソ\nimport anyio\n'];

const ENCODED: Record<string, [encoding: string, texts: [string, string]]> = {
  'latin-1': ['iso88591', LATIN],
  cp1252: ['windows1252', ['# “café” €\nimport asyncio\n', '# “café” €\nimport anyio\n']],
  'Shift JIS, with a backslash as second byte': ['shiftjis', JAPANESE],
  'EUC-JP': ['eucjp', JAPANESE],
};

const NAMES = [
  'plain.py',
  'deep/er/file.py',
  'with space.py',
  'dir with space/file.py',
  'naïve-名.py',
  'quote".py',
  'back\\slash.py',
  'tab\there.py',
  'naïve and space.py',
  '-dash.py',
];

function put({ path, before, encoding }: FileChange): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, iconv.encode(before, encoding));
}

/** What the file holds once a tool has taken our diff. */
function patched(change: FileChange, tool: 'git' | 'patch'): Buffer {
  put(change);
  const input = unifiedBytes(change, { from: folder });
  const [command, args] =
    tool === 'git' ? ['git', ['apply']] : ['patch', ['-p1', '--force', '--fuzz=0']];
  execFileSync(command as string, args as string[], { cwd: folder, input, stdio: 'pipe' });
  return readFileSync(change.path);
}

function changeOf([before, after]: [string, string], name = 'file.py', encoding = 'utf8') {
  return { path: join(folder, name), before, after, encoding };
}

describe.each(['git', 'patch'] as const)('%s takes the diff', (tool) => {
  test.each(Object.keys(TEXTS))('of a file with %s', (name) => {
    const change = changeOf(TEXTS[name] as [string, string]);
    expect(patched(change, tool)).toEqual(Buffer.from(change.after));
  });

  test.each(Object.keys(ENCODED))('of a file in %s', (name) => {
    const [encoding, texts] = ENCODED[name] as [string, [string, string]];
    const change = changeOf(texts, 'file.py', encoding);
    const wanted = iconv.encode(change.after, encoding);
    expect(wanted).not.toEqual(Buffer.from(change.after));
    expect(patched(change, tool)).toEqual(wanted);
  });

  test.each(NAMES)('of a file named %j', (name) => {
    const change = changeOf(['import asyncio\n', 'import anyio\n'], name);
    expect(patched(change, tool).toString()).toBe('import anyio\n');
  });

  test('of any text', () => {
    const line = fc.constantFrom('a', 'b', '', ' ', '\f', 'x\ry', '-', '+ b', 'é');
    const text = fc
      .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n'))), line)
      .map(([lines, last]) => lines.map((pair) => pair.join('')).join('') + last);
    const differing = fc
      .tuple(text, text)
      .filter(([before, after]) => before !== after && after !== '' && before !== '');
    fc.assert(
      fc.property(differing, (texts) => {
        const change = changeOf(texts);
        expect(patched(change, tool).toString()).toBe(change.after);
      }),
      { numRuns: 40 },
    );
  });
});

test('several files in one diff', () => {
  const changes = NAMES.map((name, i) => changeOf([`asyncio\n${i}\n`, `anyio\n${i}\n`], name));
  for (const change of changes) put(change);
  const diff = Buffer.concat(changes.map((change) => unifiedBytes(change, { from: folder })));
  execFileSync('git', ['apply'], { cwd: folder, input: diff });
  for (const change of changes) expect(readFileSync(change.path, 'utf8')).toBe(change.after);
});

test('names are quoted as git quotes them', () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
  git('init', '--quiet');
  const names = [...NAMES, 'bell\u0007.py', 'del\u007f.py'];
  for (const name of names) put(changeOf(['asyncio\n', ''], name));
  git('add', '.');
  for (const name of names) writeFileSync(join(folder, name), 'anyio\n');
  const headers = (diff: string) =>
    diff.split('\n').filter((line) => /^(diff|---|\+\+\+) /.test(line));
  const ours = names.map((name) =>
    unifiedText(changeOf(['asyncio\n', 'anyio\n'], name), { from: folder }),
  );
  expect(ours.flatMap(headers).sort()).toEqual(headers(git('diff')).sort());
});

test.each([
  ['a\nb\nc\n', 'a\nb\nnew\nc\n'],
  ['a\nb\nc\n', 'a\nc\n'],
  ['', 'new\n'],
  ['a\n', 'x\ny\na\nb\n'],
])('hunks without context begin where those of git do: %j to %j', (before, after) => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
  git('init', '--quiet');
  const change = changeOf([before, after]);
  put(change);
  git('add', '.');
  writeFileSync(change.path, after);
  const heads = (diff: string) => diff.match(/^@@ [^@]* @@/gm);
  const ours = unifiedText(change, { from: folder, context: 0 });
  expect(heads(ours)).toEqual(heads(git('diff', '-U0')));
});

test('a name of plain letters is not quoted', () => {
  expect(quoteName('a/x y.py')).toBe('a/x y.py');
});

test('the number of unchanged lines is as asked', () => {
  const [before, after] = TEXTS['two hunks'] as [string, string];
  const change = changeOf([before, after]);
  const lengths = (context: number) => hunksOf(change, context).map((hunk) => hunk.oldLines);
  expect(lengths(3)).toEqual([7, 7]);
  expect(lengths(0)).toEqual([1, 1]);
  expect(lengths(50)).toEqual([30]);
});

test('no diff for a file that does not change', () => {
  const change = changeOf(['x\n', 'x\n']);
  expect(unifiedText(change, { from: folder })).toBe('');
  expect(unifiedBytes(change, { from: folder })).toHaveLength(0);
});

test('colour goes around lines, never into them', () => {
  const change = changeOf(['asyncio\nx\n', 'anyio\nx\n']);
  const mark = (letter: string) => (text: string) => `<${letter}>${text}</${letter}>`;
  const style = {
    heading: mark('h'),
    code: mark('c'),
    faint: mark('f'),
    done: mark('d'),
    good: mark('g'),
    warn: mark('w'),
    bad: mark('b'),
    hunk: mark('u'),
  };
  expect(unifiedText(change, { from: folder, style })).toBe(
    [
      '<h>diff --git a/file.py b/file.py</h>',
      '<h>--- a/file.py</h>',
      '<h>+++ b/file.py</h>',
      '<u>@@ -1,2 +1,2 @@</u>',
      '<b>-asyncio</b>',
      '<g>+anyio</g>',
      ' x',
      '',
    ].join('\n'),
  );
});
