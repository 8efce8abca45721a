/** Which encoding a Python source declares, and which codec of iconv-lite that is (PEP 263). */

import iconv from 'iconv-lite';

/** An encoding line: `# -*- coding: latin-1 -*-`. */
export interface Cookie {
  /** As it is written. */
  name: string;
  /** 1 or 2. */
  line: number;
}

/** The expression of PEP 263, word for word. */
const COOKIE = /^[ \t\f]*#.*?coding[:=][ \t]*([-_.a-zA-Z0-9]+)/;

/** What the first line must be for the second to count: blank, or a comment. */
const BLANK_OR_COMMENT = /^[ \t\f]*(?:#.*)?$/;

/**
 * Finds the encoding line of a source, by the rules of PEP 263: in the first line, or in the second
 * if the first is blank or a comment.
 *
 * @param bytes The source, without its byte order mark.
 */
export function findCookie(bytes: Buffer): Cookie | undefined {
  const [first, second] = firstTwoLines(bytes);
  const inFirst = COOKIE.exec(first)?.[1];
  if (inFirst !== undefined) return { name: inFirst, line: 1 };
  const inSecond = BLANK_OR_COMMENT.test(first) ? COOKIE.exec(second)?.[1] : undefined;
  return inSecond === undefined ? undefined : { name: inSecond, line: 2 };
}

/** Python ends lines at LF, CRLF and a lone CR when it compiles a file. */
function firstTwoLines(bytes: Buffer): [string, string] {
  const firstEnd = lineEnd(bytes, 0);
  const isCrLf = bytes[firstEnd] === 0x0d && bytes[firstEnd + 1] === 0x0a;
  const secondStart = firstEnd + (isCrLf ? 2 : 1);
  return [
    bytes.toString('latin1', 0, firstEnd),
    bytes.toString('latin1', secondStart, lineEnd(bytes, secondStart)),
  ];
}

function lineEnd(bytes: Buffer, start: number): number {
  let end = start;
  while (end < bytes.length && bytes[end] !== 0x0a && bytes[end] !== 0x0d) end++;
  return end;
}

/** Python's aliases (`encodings.aliases`) that iconv-lite does not know, without `-` and `_`. */
const PYTHON_ALIASES: Readonly<Record<string, string>> = {
  '646': 'ascii',
  '8859': 'latin1',
  cp154: 'pt154',
  cp65001: 'utf8',
  cp1051: 'hproman8',
  cp866u: 'cp1125',
  cyrillicasian: 'pt154',
  eucgb2312cn: 'gb2312',
  gb180302000: 'gb18030',
  hkscs: 'big5hkscs',
  iso8859: 'latin1',
  ksx1001: 'euckr',
  kz1048: 'rk1048',
  latin: 'latin1',
  maccentraleurope: 'maccenteuro',
  maclatin2: 'maccenteuro',
  ptcp154: 'pt154',
  ruscii: 'cp1125',
  u8: 'utf8',
  uhc: 'cp949',
  ujis: 'eucjp',
  utf: 'utf8',
  utf8sig: 'utf8',
};

/**
 * Finds the codec for a name as Python knows it.
 *
 * @returns The name under which iconv-lite knows it (`utf8` for UTF-8), or undefined when it does
 *   not know it, or when the encoding writes ASCII otherwise than ASCII does (UTF-7, UTF-16,
 *   EBCDIC): edits are ASCII, and such a source is none that people write.
 */
export function codecFor(pythonName: string): string | undefined {
  const plain = withoutEditorSuffix(pythonName.toLowerCase().replaceAll('_', '-'));
  const squashed = plain.replace(/[^a-z0-9]/g, '');
  const codec = PYTHON_ALIASES[squashed] ?? squashed;
  if (codec === 'utf8') return codec;
  return iconv.encodingExists(codec) && keepsAscii(codec) ? codec : undefined;
}

/** `get_normal_name` of Python's tokenizer: `utf-8-unix` and `latin-1-dos` are what Emacs writes. */
function withoutEditorSuffix(name: string): string {
  return /^(utf-8|latin-1|iso-8859-1|iso-latin-1)(?=-)/.exec(name)?.[0] ?? name;
}

const ASCII = String.fromCharCode(...Array(128).keys());

/** The shift sequences of UTF-7 (`+AGE-`) and of its IMAP kin (`&AGE-`) are part of the probe. */
const ASCII_PROBE = `${ASCII}+AGE-&AGE-`;

function keepsAscii(codec: string): boolean {
  return iconv.decode(Buffer.from(ASCII_PROBE, 'latin1'), codec) === ASCII_PROBE;
}

/**
 * Decodes bytes with a codec that `codecFor` gave. The result says nothing about whether the bytes
 * are valid: compare with `encode`.
 */
export function decode(bytes: Buffer, codec: string): string {
  return codec === 'utf8'
    ? bytes.toString('utf8')
    : iconv.decode(bytes, codec, { stripBOM: false });
}

/** Encodes text with a codec that `codecFor` gave; what cannot be encoded becomes `?` or U+FFFD. */
export function encode(text: string, codec: string): Buffer {
  return codec === 'utf8' ? Buffer.from(text, 'utf8') : iconv.encode(text, codec);
}
