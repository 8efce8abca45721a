/** The project's files on disk: read once, decoded and parsed when first asked for. */

import { relative, sep } from 'node:path';
import { type NotebookSource, PythonFile } from './analysis/file.ts';
import { LIBRARIES } from './analysis/names.ts';
import type { Candidate, FileStore } from './analysis/project.ts';
import type { Provided } from './files/chosen.ts';
import { decodeSource, isProblem, mentions, readBytes } from './files/read.ts';
import { isNotebookName } from './files/skip.ts';
import { hashesOf, isWordByte, mayHold, wordHashes } from './files/words.ts';
import type { FileProblem } from './result.ts';

/** So many words are looked for in the bytes themselves; from then on the file's words are known. */
const PLAIN_LOOKS = 6;

/** What the store needs for notebooks; loaded only where there are any. */
export type NotebookReader = typeof import('./notebook/notebook.ts');

interface Decoded {
  text: string;
  encoding: string;
  notebook?: NotebookSource;
}

export class DiskStore implements FileStore {
  readonly candidates: readonly Candidate[];
  /** Files that could not be read, decoded or parsed. Only selected files are worth reporting. */
  readonly problems: FileProblem[] = [];
  private readonly bytes = new Map<string, Buffer | undefined>();
  private readonly files = new Map<string, PythonFile | undefined>();
  /** How often a file was asked for a word, and the hashes of its words. */
  private readonly asked = new Map<Candidate, number>();
  private readonly words = new Map<Candidate, Uint32Array>();
  private readonly notebooks = new Map<Candidate, Decoded | undefined>();
  /** The bytes of what the cells of a notebook hold: escapes and outputs are none of it. */
  private readonly cellBytes = new Map<Candidate, Buffer | undefined>();

  /**
   * @param root absolute path that module names are relative to.
   * @param selected absolute paths that the user chose.
   * @param others absolute paths that are only read for facts.
   * @param notebookReader needed when there are notebooks among the paths.
   * @param provided a file whose content is not read from disk.
   */
  constructor(
    root: string,
    selected: readonly string[],
    others: readonly string[],
    private readonly notebookReader?: NotebookReader,
    provided?: Provided,
  ) {
    if (provided) this.bytes.set(provided.path, provided.bytes);
    const chosen = new Set(selected);
    const all = [...chosen, ...others.filter((path) => !chosen.has(path))];
    this.candidates = all.map((path) => ({
      ...moduleOf(root, path),
      path,
      selected: chosen.has(path),
    }));
  }

  mentions(candidate: Candidate, words: readonly string[]): boolean {
    const bytes = isNotebookName(candidate.path)
      ? this.cellsOf(candidate, words)
      : this.read(candidate);
    return (
      bytes !== undefined &&
      words.some((word) => this.mayHold(candidate, bytes, word) && hasWord(bytes, word))
    );
  }

  /**
   * What is searched of a notebook; undefined where none of the words can be in it. Its JSON is read
   * only when the file holds one of them, or is asked for so many that reading it is cheaper.
   */
  private cellsOf(candidate: Candidate, words: readonly string[]): Buffer | undefined {
    const raw = this.read(candidate);
    if (!raw) return undefined;
    if (!this.cellBytes.has(candidate)) {
      const asked = (this.asked.get(candidate) ?? 0) + 1;
      this.asked.set(candidate, asked);
      const mayHold = (word: string) =>
        (word.match(/[A-Za-z0-9_]+/g) ?? []).every((part) => raw.includes(part));
      if (asked <= PLAIN_LOOKS && !words.some(mayHold)) return undefined;
      const text = this.decode(candidate)?.text;
      this.cellBytes.set(candidate, text === undefined ? undefined : Buffer.from(text));
    }
    return this.cellBytes.get(candidate);
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
      const message = 'not valid Python for the parser of this tool; the file is left as it is';
      this.problems.push({ path: candidate.path, code: 'syntax', message, ...firstError(file) });
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

  private decode(candidate: Candidate): Decoded | undefined {
    if (!isNotebookName(candidate.path)) return this.decodeText(candidate);
    if (!this.notebooks.has(candidate)) {
      this.notebooks.set(candidate, this.decodeNotebook(candidate));
    }
    return this.notebooks.get(candidate);
  }

  private decodeNotebook(candidate: Candidate): Decoded | undefined {
    const bytes = this.read(candidate);
    if (!bytes || !this.notebookReader) return undefined;
    const decoded = this.decodeText(candidate);
    if (!decoded) return undefined;
    const { Notebook, NotebookError } = this.notebookReader;
    try {
      const notebook = Notebook.read(decoded.text);
      return { ...decoded, text: notebook?.text ?? '', ...(notebook ? { notebook } : {}) };
    } catch (error) {
      if (!(error instanceof NotebookError)) throw error;
      const { message, cell } = error;
      // One that has nothing to do with asyncio is of no interest, whatever is wrong with it.
      if (!mentions(bytes, LIBRARIES)) return undefined;
      this.report(candidate, {
        path: candidate.path,
        code: 'notebook',
        message,
        ...(cell === undefined ? {} : { cell }),
      });
      return undefined;
    }
  }

  private decodeText(candidate: Candidate): Decoded | undefined {
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

function firstError(file: PythonFile): { line: number; cell?: number } {
  let node = file.root;
  for (;;) {
    const inner = node.children.find((child) => child.hasError || child.isMissing);
    if (!inner) {
      const { line, cell } = file.lines.at(node.startIndex);
      return cell === undefined ? { line } : { line, cell };
    }
    node = inner;
  }
}
