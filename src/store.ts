/** The project's files on disk: read once, decoded and parsed when first asked for. */

import { relative, sep } from 'node:path';
import { PythonFile } from './analysis/file.ts';
import type { Candidate, FileStore } from './analysis/project.ts';
import { decodeSource, isProblem, readBytes } from './files/read.ts';
import { hashesOf, isWordByte, mayHold, wordHashes } from './files/words.ts';
import type { FileProblem } from './result.ts';

/** So many words are looked for in the bytes themselves; from then on the file's words are known. */
const PLAIN_LOOKS = 6;

export class DiskStore implements FileStore {
  readonly candidates: readonly Candidate[];
  /** Files that could not be read, decoded or parsed. Only selected files are worth reporting. */
  readonly problems: FileProblem[] = [];
  private readonly bytes = new Map<string, Buffer | undefined>();
  private readonly files = new Map<string, PythonFile | undefined>();
  /** How often a file was asked for a word, and the hashes of its words. */
  private readonly asked = new Map<Candidate, number>();
  private readonly words = new Map<Candidate, Uint32Array>();

  /**
   * @param root absolute path that module names are relative to.
   * @param selected absolute paths that the user chose.
   * @param others absolute paths that are only read for facts.
   */
  constructor(root: string, selected: readonly string[], others: readonly string[]) {
    const chosen = new Set(selected);
    const all = [...chosen, ...others.filter((path) => !chosen.has(path))];
    this.candidates = all.map((path) => ({
      ...moduleOf(root, path),
      path,
      selected: chosen.has(path),
    }));
  }

  mentions(candidate: Candidate, words: readonly string[]): boolean {
    const bytes = this.read(candidate);
    return (
      bytes !== undefined &&
      words.some((word) => this.mayHold(candidate, bytes, word) && hasWord(bytes, word))
    );
  }

  /** Whether a look at the bytes is worth it, once the file has been asked for several words. */
  private mayHold(candidate: Candidate, bytes: Buffer, word: string): boolean {
    const asked = (this.asked.get(candidate) ?? 0) + 1;
    this.asked.set(candidate, asked);
    if (asked <= PLAIN_LOOKS) return true;
    let known = this.words.get(candidate);
    if (!known) {
      known = wordHashes(bytes);
      this.words.set(candidate, known);
    }
    const held = known;
    const hashes = hashesOf(word);
    return !hashes || hashes.every((hash) => mayHold(held, hash));
  }

  /** The decoded text, or undefined when the file has a problem. */
  text(candidate: Candidate): string | undefined {
    return this.decode(candidate)?.text;
  }

  load(candidate: Candidate): PythonFile | undefined {
    if (this.files.has(candidate.path)) return this.files.get(candidate.path);
    const decoded = this.decode(candidate);
    const file = decoded && new PythonFile({ ...candidate, ...decoded });
    this.files.set(candidate.path, file);
    if (file?.root.hasError && candidate.selected) {
      const line = firstError(file);
      const message = 'not valid Python for the parser of this tool; the file is left as it is';
      this.problems.push({ path: candidate.path, code: 'syntax', message, line });
    }
    return file;
  }

  /** Frees all trees. */
  dispose(): void {
    for (const file of this.files.values()) file?.dispose();
    this.files.clear();
  }

  private read(candidate: Candidate): Buffer | undefined {
    if (!this.bytes.has(candidate.path)) {
      const read = readBytes(candidate.path);
      if (isProblem(read)) this.report(candidate, read);
      this.bytes.set(candidate.path, isProblem(read) ? undefined : read);
    }
    return this.bytes.get(candidate.path);
  }

  private decode(candidate: Candidate): { text: string; encoding: string } | undefined {
    const bytes = this.read(candidate);
    if (!bytes) return undefined;
    const decoded = decodeSource(candidate.path, bytes);
    if (!isProblem(decoded)) return decoded;
    this.report(candidate, decoded);
    return undefined;
  }

  private report(candidate: Candidate, problem: FileProblem): void {
    const known = this.problems.some(
      (other) => other.path === problem.path && other.code === problem.code,
    );
    if (candidate.selected && !known) this.problems.push(problem);
  }
}

function moduleOf(root: string, path: string): { module: string; isPackage: boolean } {
  const parts = relative(root, path).split(sep);
  const last = (parts.pop() ?? '').replace(/\.pyi?$/, '');
  const isPackage = last === '__init__';
  return { module: [...parts, ...(isPackage ? [] : [last])].join('.'), isPackage };
}

/** Whether the bytes hold the word with no ASCII word character on either side. */
function hasWord(bytes: Buffer, word: string): boolean {
  for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + 1)) {
    const before = word.startsWith('.') || !isWordByte(bytes[at - 1]);
    if (before && !isWordByte(bytes[at + word.length])) return true;
  }
  return false;
}

function firstError(file: PythonFile): number {
  let node = file.root;
  for (;;) {
    const inner = node.children.find((child) => child.hasError || child.isMissing);
    if (!inner) return file.lines.at(node.startIndex).line;
    node = inner;
  }
}
