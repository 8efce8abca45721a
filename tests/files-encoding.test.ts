import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { decodeSource, encodeSource, isProblem } from '../src/files/read.ts';

const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Decodes, and expects that it works and that the same bytes come back. */
function decoded(source: Buffer | string): { text: string; encoding: string } {
  const bytes = typeof source === 'string' ? Buffer.from(source, 'latin1') : source;
  const result = decodeSource('/x.py', bytes);
  if (isProblem(result)) throw new Error(`${result.code}: ${result.message}`);
  expect(encodeSource(result.text, result.encoding)).toEqual(bytes);
  return result;
}

function problemOf(source: Buffer | string) {
  const bytes = typeof source === 'string' ? Buffer.from(source, 'latin1') : source;
  const result = decodeSource('/x.py', bytes);
  return isProblem(result) ? result : undefined;
}

describe('decodeSource', () => {
  it('reads UTF-8, and keeps line ends, form feeds and a byte order mark', () => {
    const text = 'a = "é😀"\r\n\f\tb\rc\n';
    expect(decoded(Buffer.from(text))).toEqual({ text, encoding: 'utf8' });
    expect(decoded(Buffer.concat([MARK, Buffer.from(text)]))).toEqual({
      text: `\uFEFF${text}`,
      encoding: 'utf8',
    });
    expect(decoded('')).toEqual({ text: '', encoding: 'utf8' });
    expect(decoded(MARK).text).toBe('\uFEFF');
  });

  it('names the line of the first byte that is not UTF-8', () => {
    expect(problemOf('a\nb\nc = "\xe9"\nd = "\xe9"\n')).toEqual({
      path: '/x.py',
      code: 'encoding',
      message: 'the bytes are not UTF-8, and no other encoding is declared',
      line: 3,
    });
    expect(problemOf('# coding: utf-8\nx = "\xe9"')).toMatchObject({
      code: 'encoding',
      message: 'declares "utf-8", but the bytes are not UTF-8',
      line: 2,
    });
    // A surrogate and an overlong form, which lax decoders let through.
    expect(problemOf('"\xed\xa0\x80"')).toMatchObject({ code: 'encoding', line: 1 });
    expect(problemOf('"\xc0\x80"')).toMatchObject({ code: 'encoding', line: 1 });
  });

  // What counts, as `python3.11 file` has it: each of these was run.
  it.each([
    ['# coding: latin-1\n"\xe9"'],
    ['# -*- coding: latin-1 -*-\n"\xe9"'],
    ['# vim: set fileencoding=latin1 :\n"\xe9"'],
    ['#!/usr/bin/python\n# coding=latin_1\n"\xe9"'],
    ['\x0c\n# coding: latin-1\n"\xe9"'],
    ['\r\n \t# encoding:\tlatin-1\r\n"\xe9"'],
    ['\r# coding: latin-1\r"\xe9"'],
    ['# coding: latin-1-unix\n"\xe9"'],
    ['# Coding: x coding: latin-1\n"\xe9"'],
  ])('finds the declared encoding in %j', (source) => {
    expect(decoded(source).text).toBe(source);
  });

  it.each([
    ['in the second line after code', 'x = 1\n# coding: latin-1\n"\xe9"'],
    ['in the third line', '\n\n# coding: latin-1\n"\xe9"'],
    ['in a docstring', '"""\n# coding: latin-1\n"""\n"\xe9"'],
    ['after code on its line', 'x = 1 # coding: latin-1\n"\xe9"'],
    ['with another case', '# Coding: latin-1\n"\xe9"'],
    ['with a no-break space', '# coding:\xa0latin-1\n"\xe9"'],
  ])('takes no encoding that is declared %s', (_, source) => {
    expect(problemOf(source)?.message).toContain('no other encoding is declared');
  });

  it.each([
    ['iso-8859-15', 0xa4, '€'],
    ['cp1252', 0x80, '€'],
    ['latin-1', 0x80, '\x80'],
    ['koi8-r', 0xc1, 'а'],
    ['mac-roman', 0x8e, 'é'],
    ['cp437', 0x82, 'é'],
    ['ISO_8859_5', 0xd0, 'а'],
  ])('reads %s', (name, byte, character) => {
    expect(decoded(`# coding: ${name}\n"${String.fromCharCode(byte)}"`).text).toBe(
      `# coding: ${name}\n"${character}"`,
    );
  });

  it.each([
    ['euc-jp', [0xc6, 0xfc, 0xcb, 0xdc], '日本'],
    // The second byte of 表 is a backslash in ASCII.
    ['shift_jis', [0x95, 0x5c], '表'],
    ['cp932', [0x95, 0x5c], '表'],
    ['gbk', [0xc4, 0xe3], '你'],
    ['gb18030', [0x81, 0x30, 0x84, 0x36], '¥'],
    ['big5', [0xa4, 0xa4], '中'],
    ['euc-kr', [0xb0, 0xa1], '가'],
  ])('reads %s', (name, word, character) => {
    const source = Buffer.concat([
      Buffer.from(`# coding: ${name}\n"`),
      Buffer.from(word),
      Buffer.from('" \\ ~\n'),
    ]);
    expect(decoded(source).text).toBe(`# coding: ${name}\n"${character}" \\ ~\n`);
  });

  it.each(['utf-8', 'utf8', 'UTF_8', 'utf-8-unix', 'utf-8-sig', 'u8'])(
    'takes %s for UTF-8',
    (name) => {
      const bytes = Buffer.from(`# coding: ${name}\n"é"`);
      expect(decoded(bytes).encoding).toBe('utf8');
      expect(decoded(Buffer.concat([MARK, bytes])).encoding).toBe('utf8');
    },
  );

  it.each([
    ...['rot13', 'punycode', 'idna', 'utf-7', 'utf-16', 'utf-32', 'raw_unicode_escape'],
    ...['unicode_escape', 'hz', 'iso2022_jp', 'cp037', 'cp864', 'base64', 'hex', 'ucs2'],
    ...['utf8-unix', 'no.such-codec', 'constructor', '__proto__'],
  ])('leaves a file in %s alone', (name) => {
    expect(problemOf(`#!x\n# coding: ${name}\nx = 1\n`)).toEqual({
      path: '/x.py',
      code: 'encoding',
      message: `the encoding "${name}" is not one that can be read here`,
      line: 2,
    });
  });

  it('refuses bytes that the encoding does not have', () => {
    for (const name of ['ascii', 'euc-jp', 'iso-8859-7', 'shift_jis']) {
      expect(problemOf(`# coding: ${name}\n"\xff\xff"\n`)).toMatchObject({
        code: 'encoding',
        message: `the bytes do not survive being read and written as "${name}"`,
      });
    }
  });

  it('refuses a byte order mark of UTF-8 beside another encoding', () => {
    const source = Buffer.concat([MARK, Buffer.from('# coding: latin-1\n')]);
    expect(problemOf(source)).toMatchObject({
      code: 'encoding',
      message: 'begins with a UTF-8 byte order mark but declares "latin-1"',
      line: 1,
    });
  });

  it('knows UTF-16 by its mark, and otherwise by its NUL bytes', () => {
    const plain = Buffer.from('x = 1\n', 'utf16le');
    const marked = Buffer.concat([Buffer.from([0xff, 0xfe]), plain]);
    expect(problemOf(marked)).toMatchObject({ code: 'encoding' });
    expect(problemOf(marked.swap16())?.message).toContain('UTF-16');
    expect(problemOf(plain)).toMatchObject({ code: 'syntax', line: 1 });
    expect(problemOf('a\nb\0\n')).toEqual({
      path: '/x.py',
      code: 'syntax',
      message: 'holds a NUL byte, which Python rejects',
      line: 2,
    });
  });
});

const HAS_PYTHON = spawnSync('python3', ['--version']).status === 0;
if (!HAS_PYTHON) console.warn('SKIPPED: the comparison with Python needs python3');

describe.skipIf(!HAS_PYTHON)('decodeSource beside Python', () => {
  const program = `
import io, json, sys, tokenize
def read(data):
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError):
        return None
print(json.dumps([read(bytes.fromhex(one)) for one in json.load(sys.stdin)]))`;

  function pythonReads(sources: Buffer[]): (string | null)[] {
    const input = JSON.stringify(sources.map((source) => source.toString('hex')));
    const run = spawnSync('python3', ['-c', program], { input, encoding: 'utf8' });
    return JSON.parse(run.stdout);
  }

  it('gives the same text wherever both give one', () => {
    const names = [
      ...['utf-8', 'ascii', 'latin-1', 'l1', '8859', 'iso-8859-2', 'iso-8859-15', 'latin9'],
      ...['cp1250', 'cp1251', 'windows-1252', 'cp850', 'cp866', 'koi8-r', 'koi8-u', 'ptcp154'],
      ...['kz1048', 'mac-latin2', 'hp-roman8', 'iso8859', 'cp1125', 'no-such'],
    ];
    const words = ['plain', '\xe9\xc1', '\xc3\xa9', '\xa4', '\x81', '\xff', '+AGE-', '\\~|{}'];
    const sources = names.flatMap((name) =>
      words.map((word) => Buffer.from(`# coding: ${name}\n"${word}"\n`, 'latin1')),
    );
    const wide = ['euc-jp', 'ujis', 'shift_jis', 'cp932', 'gbk', 'gb2312', 'big5', 'euc-kr', 'uhc'];
    for (const name of wide) {
      // No c6fc, a kana: iconv-lite reads big5 as browsers do, which have other kana there.
      for (const word of ['b0a1', '83658358', 'c4e3bac3', 'a4a4a4e5', '80', 'a1', '5c7e']) {
        const head = Buffer.from(`# coding: ${name}\n"`);
        sources.push(Buffer.concat([head, Buffer.from(word, 'hex'), Buffer.from('"\n')]));
      }
    }
    const reads = pythonReads(sources);
    expect(reads).toHaveLength(sources.length);
    let taken = 0;
    for (const [index, bytes] of sources.entries()) {
      const ours = decodeSource('/x.py', bytes);
      const source = bytes.toString('latin1');
      if (isProblem(ours)) continue;
      taken++;
      // Python rejects some bytes that iconv-lite maps to controls; such a program does not run.
      if (reads[index] !== null) expect([source, ours.text]).toEqual([source, reads[index]]);
    }
    const readable = reads.filter((text) => text !== null).length;
    expect(taken).toBeGreaterThan(readable * 0.9);
  });
});

describe('encodeSource', () => {
  it('throws for a character that the encoding does not have', () => {
    expect(() => encodeSource('a = "€"', 'latin1')).toThrow('latin1: it has no "€" (U+20AC)');
    expect(() => encodeSource('"é"', 'ascii')).toThrow('ascii: it has no "é" (U+00E9)');
    expect(() => encodeSource('"\ud800"', 'utf8')).toThrow('cannot be written as utf8');
  });

  it('writes ASCII into any encoding', () => {
    expect(encodeSource('import anyio\n', 'shiftjis')).toEqual(Buffer.from('import anyio\n'));
  });
});
