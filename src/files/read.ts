/** From a file's bytes to its text, in such a way that the text gives the same bytes back. */

import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import type { FileProblem } from '../result.ts';
import { codecFor, decode, encode, findCookie } from './encoding.ts';
import { errorCode, plainReason } from './reason.ts';

/** A source's text, and the name under which iconv-lite writes it (`utf8` for most). */
export interface DecodedSource {
  /** A byte order mark is its first character, U+FEFF. */
  text: string;
  encoding: string;
}

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Tells a problem from a result of `readBytes` or `decodeSource`. */
export function isProblem(result: Buffer | DecodedSource | FileProblem): result is FileProblem {
  return 'code' in result;
}

/**
 * Reads a file whole.
 *
 * @param path Absolute path.
 * @returns The bytes, or a problem: `not-found`, or `unreadable` with the reason.
 */
export function readBytes(path: string): Buffer | FileProblem {
  try {
    // Reading a pipe would wait for a writer for ever.
    if (!statSync(path).isFile()) {
      return { path, code: 'unreadable', message: 'not a regular file' };
    }
    return readFileSync(path);
  } catch (error) {
    const code = errorCode(error) === 'ENOENT' ? 'not-found' : 'unreadable';
    return { path, code, message: plainReason(error) };
  }
}

/**
 * Whether the bytes hold any of the words. Nothing is decoded: in each encoding that `decodeSource`
 * takes, an ASCII word is written in its ASCII bytes.
 *
 * @param words In ASCII.
 */
export function mentions(bytes: Buffer, words: readonly string[]): boolean {
  return words.some((word) => bytes.includes(word));
}

/**
 * Decodes a Python source as Python would (PEP 263): by its byte order mark, its encoding line,
 * else as UTF-8, strictly.
 *
 * @param path Absolute path, for the problem.
 * @returns The text, whose `encodeSource` is the very same bytes; or a problem: `syntax` for a NUL
 *   byte, `encoding` for an encoding that is unknown here, that the bytes are not valid in, or
 *   that does not give the same bytes back.
 */
export function decodeSource(path: string, bytes: Buffer): DecodedSource | FileProblem {
  const problem = (message: string, line?: number): FileProblem =>
    line === undefined
      ? { path, code: 'encoding', message }
      : { path, code: 'encoding', message, line };

  if (startsWithUtf16Mark(bytes)) {
    return problem('the file is UTF-16 or UTF-32, which Python does not read as source');
  }
  const nul = bytes.indexOf(0);
  if (nul !== -1) {
    const message = 'holds a NUL byte, which Python rejects';
    return { path, code: 'syntax', message, line: lineAt(bytes, nul) };
  }

  const hasMark = bytes.subarray(0, 3).equals(UTF8_MARK);
  const cookie = findCookie(hasMark ? bytes.subarray(3) : bytes);
  const encoding = cookie === undefined ? 'utf8' : codecFor(cookie.name);
  if (encoding === undefined) {
    return problem(`the encoding "${cookie?.name}" is not one that can be read here`, cookie?.line);
  }
  if (hasMark && encoding !== 'utf8') {
    const message = `begins with a UTF-8 byte order mark but declares "${cookie?.name}"`;
    return problem(message, cookie?.line);
  }
  if (encoding === 'utf8') {
    return isUtf8(bytes)
      ? { text: bytes.toString('utf8'), encoding }
      : problem(invalidUtf8(cookie?.name), firstInvalidLine(bytes));
  }

  const text = decode(bytes, encoding);
  // U+FFFD stands for what the encoding does not have; some codecs write it back as byte 255.
  if (text.includes('\uFFFD') || !encode(text, encoding).equals(bytes)) {
    return problem(`the bytes do not survive being read and written as "${cookie?.name}"`);
  }
  return { text, encoding };
}

/**
 * Encodes a text for its file.
 *
 * @param encoding As `decodeSource` gave it.
 * @throws {Error} with one line, when a character has no place in the encoding.
 */
export function encodeSource(text: string, encoding: string): Buffer {
  const bytes = encode(text, encoding);
  if (decode(bytes, encoding) === text) return bytes;
  throw new Error(`cannot be written as ${encoding}${describe(firstLost(text, encoding))}`);
}

function startsWithUtf16Mark(bytes: Buffer): boolean {
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  return mark === 0xfeff || mark === 0xfffe;
}

function invalidUtf8(declared: string | undefined): string {
  return declared === undefined
    ? 'the bytes are not UTF-8, and no other encoding is declared'
    : `declares "${declared}", but the bytes are not UTF-8`;
}

function firstInvalidLine(bytes: Buffer): number {
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
  }
  return lineAt(bytes, start);
}

/** The 1-based line of a byte offset, where LF ends lines. */
function lineAt(bytes: Buffer, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < offset; at = bytes.indexOf(0x0a, at + 1)) {
    line++;
  }
  return line;
}

function firstLost(text: string, encoding: string): string | undefined {
  return [...text].find((character) => decode(encode(character, encoding), encoding) !== character);
}

function describe(character: string | undefined): string {
  if (character === undefined) return '';
  const point = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  return `: it has no "${character}" (U+${point})`;
}
