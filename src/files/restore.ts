/** Taking back what a run wrote: from its entry in the journal, file by file. */

import fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileChange, FileProblem } from '../result.ts';
import { decode } from './encoding.ts';
import {
  hashOf,
  type JournalEntry,
  type JournalFile,
  journalFolder,
  numbersIn,
  removeEntry,
  saveEntry,
} from './journal.ts';
import { isProblem, readBytes } from './read.ts';
import { errorCode, plainReason } from './reason.ts';
import { nearestWith } from './root.ts';
import { STATE_FOLDER } from './state.ts';
import { isTemporaryName, writeBack } from './write.ts';

/** An entry on disk. */
export interface Recorded extends JournalEntry {
  /** Counts up; the newest has the highest. */
  number: number;
  folder: string;
  /** Absolute path of the project's root, where it is now. */
  root: string;
}

/** How a file of an entry is today. */
export interface FileNow {
  file: JournalFile;
  /** Absolute. */
  path: string;
  /**
   * `written`: as the run left it. `old`: as it was before the run. `changed`: neither of them.
   * `gone`: not there. `unreadable`: there, but cannot be read.
   */
  state: 'written' | 'old' | 'changed' | 'gone' | 'unreadable';
  /** Undefined where it cannot be read. */
  now: Buffer | undefined;
  old: Buffer;
}

/**
 * The root of the project whose runs can be undone: the nearest folder, from `directory` up, that
 * holds entries.
 */
export function undoRoot(directory: string): string | undefined {
  for (let at: string | undefined = directory; at !== undefined; ) {
    const root = nearestWith(at, [STATE_FOLDER]);
    if (root === undefined || entriesOf(root).length > 0) return root;
    at = dirname(root) === root ? undefined : dirname(root);
  }
  return undefined;
}

/** What can be undone in a project, the newest first. */
export function entriesOf(root: string): Recorded[] {
  const all = journalFolder(root);
  return numbersIn(all).flatMap((number) => {
    const folder = join(all, String(number));
    const entry = readEntry(folder);
    return entry ? [{ ...entry, number, folder, root }] : [];
  });
}

/** Undefined where the run was killed before its entry was whole: it had written nothing then. */
function readEntry(folder: string): JournalEntry | undefined {
  try {
    const entry = JSON.parse(fs.readFileSync(join(folder, 'entry.json'), 'utf8'));
    return entry.version === 1 && Array.isArray(entry.files) ? entry : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Compares the files of an entry with what the run made of them. Files that were restored earlier
 * are not among them.
 *
 * @throws {Error} of one line when the old content cannot be read
 */
export function filesNow(entry: Recorded): FileNow[] {
  const before = oldContent(entry);
  return entry.files
    .filter(({ undone }) => !undone)
    .map((file) => {
      const path = join(entry.root, file.path);
      const old = before.subarray(file.offset, file.offset + file.size);
      if (hashOf(old) !== file.before) throw new Error(`${entry.folder} is damaged`);
      return { file, path, old, ...stateOf(file, path) };
    });
}

function oldContent({ folder }: Recorded): Buffer {
  try {
    return fs.readFileSync(join(folder, 'before'));
  } catch (error) {
    throw new Error(`the old files cannot be read in ${folder}: ${plainReason(error)}`);
  }
}

function stateOf(file: JournalFile, path: string): Pick<FileNow, 'state' | 'now'> {
  const now = readBytes(path);
  if (isProblem(now)) {
    return { state: now.code === 'not-found' ? 'gone' : 'unreadable', now: undefined };
  }
  const hash = hashOf(now);
  if (hash === file.before) return { state: 'old', now };
  return { state: file.after.includes(hash) ? 'written' : 'changed', now };
}

/** What restoring a file would change, for showing; one that is gone counts as empty. */
export function changeOf({ file, path, now, old }: FileNow): FileChange {
  const { encoding } = file;
  return {
    path,
    before: decode(now ?? Buffer.alloc(0), encoding),
    after: decode(old, encoding),
    encoding,
  };
}

/** What `restore` did. */
export interface Restored {
  /** Absolute paths. */
  restored: string[];
  /** Files that are neither as the run left them nor as they were before; nothing was done to them. */
  left: FileNow[];
  /** Files that could not be written. */
  problems: FileProblem[];
}

/** Whether `restore` writes a file: it is as the run left it, or whatever it is now is given up. */
export function isToRestore({ state }: FileNow, force: boolean): boolean {
  return state === 'written' || (force && state !== 'old');
}

/**
 * Gives files their old content and time again, each atomically. An entry whose files are then all
 * as they were is dropped; else the others can be restored later. May be interrupted, and run again.
 *
 * @param files as `filesNow` gives them
 * @param force whether files that have changed since are restored as well
 */
export async function restore(
  entry: Recorded,
  files: readonly FileNow[],
  force: boolean,
): Promise<Restored> {
  const result: Restored = { restored: [], left: [], problems: [] };
  for (const now of files) {
    const { file, path, old, state } = now;
    if (state === 'old') {
      file.undone = true;
    } else if (!isToRestore(now, force)) {
      result.left.push(now);
    } else {
      const problem = await writeBack(path, old, file).then(
        () => undefined,
        (error): FileProblem => ({ path, code: 'write', message: plainReason(error) }),
      );
      if (problem) result.problems.push(problem);
      else result.restored.push(path);
      file.undone = problem === undefined;
    }
  }
  if (!entry.finished) removeTemporaries(entry);
  settle(entry);
  return result;
}

function settle({ number: _number, folder, root: _root, ...entry }: Recorded): void {
  if (entry.files.every(({ undone }) => undone)) removeEntry(folder);
  else saveEntry(folder, entry);
}

/** A run that was killed may have left the half of a file behind, beside the file. */
function removeTemporaries({ root, files }: Recorded): void {
  for (const folder of new Set(files.map(({ path }) => dirname(join(root, path))))) {
    for (const name of namesIn(folder).filter(isTemporaryName)) {
      fs.rmSync(join(folder, name), { force: true });
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
