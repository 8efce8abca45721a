/** Where the product goes: `--format`, `--patch`. */

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encode } from '../src/files/encoding.ts';
import { cli, migration, sample } from './cli-harness.ts';
import { git, makeRepository, temporaryDirectory } from './files-temporary.ts';

describe('--format', () => {
  test.each(['plan', 'diff', 'apply'])('%s: json is what --json prints', async (command) => {
    const given = { migration: { ...sample(), changes: [] } };
    const short = await cli([command, '--json'], given);
    const long = await cli([command, '--format', 'json'], given);
    expect(long).toMatchObject({ code: 0, stdout: { text: short.stdout.text } });
    expect(JSON.parse(long.stdout.text)).toMatchObject({ schema: 1, command });
    const text = await cli([command, '--format', 'text'], given);
    expect(text.stdout.text).toBe((await cli([command], given)).stdout.text);
  });

  test.each([
    [['--format', 'yaml'], "--format is text or json, not 'yaml'"],
    [['--format', 'jsno'], "--format is text or json, not 'jsno'; did you mean 'json'?"],
    [['--json', '--format', 'text'], '--json and --format text exclude each other'],
    [['--format', ''], '--format needs a value'],
  ])('%j is wrong usage, said before anything is read', async (words, message) => {
    for (const command of ['plan', 'diff', 'apply']) {
      const { code, stderr, stdout, asked } = await cli([command, ...words]);
      expect([code, stdout.text, asked]).toEqual([2, '', undefined]);
      expect(stderr.text).toBe(`anyio-codemod: ${message}\n`);
    }
  });
});

describe('--patch', () => {
  function project() {
    const folder = temporaryDirectory();
    const before = {
      'a.py': 'import asyncio\n',
      'ä b.py': '# coding: latin-1\n# f\u00fcr\nx = 1\r\n',
    };
    const files = Object.entries(before).map(([name, text]) => {
      const encoding = name === 'a.py' ? 'utf8' : 'latin1';
      return { path: join(folder, name), before: text, after: `${text}# \u00fc\n`, encoding };
    });
    makeRepository(
      folder,
      Object.fromEntries(
        files.map((each) => [
          each.path.slice(folder.length + 1),
          encode(each.before, each.encoding),
        ]),
      ),
    );
    return { folder, files, given: migration({ root: folder, changes: files }) };
  }

  test.each(['plan', 'diff'])(
    'of %s is what git apply takes, in the bytes of each file',
    async (command) => {
      const { folder, files, given } = project();
      mkdirSync(join(folder, 'out'));
      const words = [command, '--patch', 'out/x.patch'];
      const { code, stderr, stdout } = await cli(words, { migration: given, cwd: folder });
      expect(code).toBe(0);
      expect(stderr.text).toMatch(/^Wrote out\/x\.patch\.$/m);
      // The diff is in the file: stdout has the plan, or nothing.
      expect(stdout.text).not.toContain('diff --git');
      git(folder, 'apply', 'out/x.patch');
      for (const { path, after, encoding } of files) {
        expect(readFileSync(path)).toEqual(encode(after, encoding));
      }
    },
  );

  test('is the diff that diff prints, with as many lines around', async () => {
    const { folder, given } = project();
    const printed = await cli(['diff', '-U0'], { migration: given, cwd: folder });
    await cli(['diff', '-U0', '--patch', 'x.patch'], { migration: given, cwd: folder });
    expect(readFileSync(join(folder, 'x.patch'))).toEqual(printed.stdout.bytes);
  });

  test.each([
    ['no/x.patch', 'there is no folder for no/x.patch'],
    ['.', '. is a folder'],
  ])('to %s is refused before anything is read', async (name, reason) => {
    const { folder, given } = project();
    for (const command of ['plan', 'diff']) {
      const words = [command, '--patch', name];
      const { code, stderr, asked } = await cli(words, { migration: given, cwd: folder });
      expect([code, stderr.text, asked]).toEqual([
        2,
        `anyio-codemod: --patch: ${reason}\n`,
        undefined,
      ]);
    }
    expect(existsSync(join(folder, 'no'))).toBe(false);
  });
});
