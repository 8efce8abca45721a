/**
 * What each run that wrote files keeps, so that it can be undone: the old bytes, and what the new
 * ones were. It is on disk before the first file is written, so a run that was killed can be undone
 * as well. No git is needed for it.
 *
 *     .anyio-codemod/undo/7/before       the old content of all files, one after the other
 *     .anyio-codemod/undo/7/entry.json   the rest; only with it is the folder an entry
 */

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { FileChange } from '../result.ts';
import { encodeSource, isProblem, readBytes } from './read.ts';
import { plainReason } from './reason.ts';
import { STATE_FOLDER, stateFolder } from './state.ts';
import { type Manner, type Written, writeAll } from './write.ts';

/** Entries beyond the newest ones are dropped. */
export const KEPT = 10;

/** One file that was to be written. */
export interface JournalFile extends Manner {
  /** The file itself, not a link to it: relative to the project's root, with slashes. */
  path: string;
  /** Where its old content is in `before`, in bytes. */
  offset: number;
  size: number;
  /** SHA-256 of the old content. */
  before: string;
  /** SHA-256 of each content that the run gave it. */
  after: string[];
  /** The name under which iconv-lite reads it. */
  encoding: string;
  /** It has its old content again. */
  undone?: boolean;
}

/** What the run did in git. */
export interface JournalGit {
  /** The branch it made, or else was on. */
  branch?: string;
  /** The branch it was on before. */
  from?: string;
  /** The commit it started at; none in a new repository. */
  start?: string;
  /** Commits in their order. */
  commits: { hash: string; subject: string }[];
}

/** The content of `entry.json`. */
export interface JournalEntry {
  version: 1;
  /** The command line that did it. */
  command: string;
  /** When it began, as Date writes it. */
  time: string;
  /** Whether the run came to its end. */
  finished: boolean;
  files: JournalFile[];
  git?: JournalGit;
}

/** Where a journal is, and what is to be written down of a run. */
export interface JournalOptions {
  /** Absolute path of the project's root; `Migration.root`. */
  root: string;
  /** The command line, as `commandLine` makes it. */
  command: string;
}

/**
 * Keeps what is on disk of all files that a run will write. Every command that writes code comes here,
 * by way of `writeSteps`. The caller has seen to it that they are
 * what the changes say (`findStale`), writes each step with `write`, and ends with `finish`.
 *
 * @param steps what is written one after the other; a file may come in several
 * @throws {Error} of one line when the old files cannot be kept
 */
export function openJournal(
  steps: readonly (readonly FileChange[])[],
  { root, command }: JournalOptions,
): Journal {
  let folder: string | undefined;
  try {
    const { files, contents } = record(steps, root);
    folder = newFolder(root);
    writeSynced(join(folder, 'before'), Buffer.concat(contents));
    const time = new Date().toISOString();
    const journal = new Journal(folder, root, {
      version: 1,
      command,
      time,
      finished: false,
      files,
    });
    journal.save();
    dropOldest(root);
    return journal;
  } catch (error) {
    if (folder) removeEntry(folder);
    throw new Error(`the old files cannot be kept in ${STATE_FOLDER}: ${plainReason(error)}`, {
      cause: error,
    });
  }
}

/** An entry that is being written. */
export class Journal {
  private readonly touched = new Set<string>();

  constructor(
    private readonly folder: string,
    private readonly root: string,
    private readonly entry: JournalEntry,
  ) {}

  /** Writes changes that were announced; see `writeAll`. */
  async write(changes: readonly FileChange[]): Promise<Written> {
    const result = await writeAll(changes);
    for (const path of result.written) this.touched.add(nameIn(this.root, path));
    return result;
  }

  /**
   * Takes what is on disk for what the run wrote: a commit hook may format the files.
   *
   * @param paths absolute
   * @returns those whose content was not one that the run gave them
   */
  adopt(paths: readonly string[]): string[] {
    const byPath = new Map(this.entry.files.map((file) => [file.path, file]));
    const adopted = paths.filter((path) => {
      const file = byPath.get(nameIn(this.root, path));
      const now = readBytes(path);
      if (!file || isProblem(now)) return false;
      const hash = hashOf(now);
      if (file.after.includes(hash)) return false;
      file.after.push(hash);
      return true;
    });
    if (adopted.length > 0) this.saveAgain();
    return adopted;
  }

  /** Notes what was done in git. */
  note(git: JournalGit): void {
    this.entry.git = git;
    this.saveAgain();
  }

  /** The run is at its end; files that it did not come to are forgotten, and an empty entry too. */
  finish(): void {
    this.entry.files = this.entry.files.filter(({ path }) => this.touched.has(path));
    this.entry.finished = true;
    if (this.entry.files.length > 0) this.saveAgain();
    else removeEntry(this.folder);
  }

  /** Brings the entry to disk; it is at every moment the old or the new one. */
  save(): void {
    saveEntry(this.folder, this.entry);
  }

  /** Files are written by now, and what the first `save` wrote is enough to restore them. */
  private saveAgain(): void {
    try {
      this.save();
    } catch {}
  }
}

/** @internal for `restore.ts` */
export function saveEntry(folder: string, entry: JournalEntry): void {
  const path = join(folder, 'entry.json');
  writeSynced(`${path}.tmp`, Buffer.from(`${JSON.stringify(entry, null, 1)}\n`));
  fs.renameSync(`${path}.tmp`, path);
}

/** Removes an entry; the part that makes it one goes first. */
export function removeEntry(folder: string): void {
  fs.rmSync(join(folder, 'entry.json'), { force: true });
  fs.rmSync(folder, { recursive: true, force: true });
}

/** Where the entries of a project are; the folder need not be there. */
export function journalFolder(root: string): string {
  return join(root, STATE_FOLDER, 'undo');
}

/** Numbers of the folders of entries, newest first, those that were never completed too. */
export function numbersIn(folder: string): number[] {
  if (!fs.existsSync(folder)) return [];
  const names = fs.readdirSync(folder).filter((name) => /^[1-9]\d*$/.test(name));
  return names.map(Number).sort((a, b) => b - a);
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

interface Recorded {
  files: JournalFile[];
  contents: Buffer[];
}

function record(steps: readonly (readonly FileChange[])[], root: string): Recorded {
  const files = new Map<string, JournalFile>();
  const contents: Buffer[] = [];
  let offset = 0;
  for (const { path, before, after, encoding } of steps.flat()) {
    const hash = hashOf(encodeSource(after, encoding));
    const known = files.get(path);
    if (known) {
      known.after.push(hash);
      continue;
    }
    const old = encodeSource(before, encoding);
    files.set(path, { ...describe(path, root), ...place(offset, old), after: [hash], encoding });
    contents.push(old);
    offset += old.length;
  }
  return { files: [...files.values()], contents };
}

function describe(path: string, root: string): Manner & Pick<JournalFile, 'path'> {
  const { mode, mtimeMs } = fs.statSync(path);
  return { path: nameIn(root, path), mode: mode & 0o7777, mtime: mtimeMs / 1000 };
}

function place(offset: number, old: Buffer): Pick<JournalFile, 'offset' | 'size' | 'before'> {
  return { offset, size: old.length, before: hashOf(old) };
}

/** A number that no entry has. Two runs at once do not get the same. */
function newFolder(root: string): string {
  stateFolder(root);
  const all = journalFolder(root);
  fs.mkdirSync(all, { recursive: true });
  for (let number = (numbersIn(all)[0] ?? 0) + 1; ; number++) {
    const folder = join(all, String(number));
    try {
      fs.mkdirSync(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function dropOldest(root: string): void {
  const all = journalFolder(root);
  for (const number of numbersIn(all).slice(KEPT)) removeEntry(join(all, String(number)));
}

function writeSynced(path: string, bytes: Buffer): void {
  fs.writeFileSync(path, bytes, { flush: true, mode: 0o600 });
}

/** The project may be moved, and reached through links, so both paths are taken as they really are. */
function nameIn(root: string, path: string): string {
  const [from, to] = [fs.realpathSync.native(root), fs.realpathSync.native(path)];
  return relative(from, to).split(sep).join('/');
}
