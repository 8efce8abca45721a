/** Writing, so that a file is at every moment either the old one or the new one, whole. */

import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import fs from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileChange, FileProblem } from '../result.ts';
import { encodeSource, isProblem, readBytes } from './read.ts';
import { errorCode, plainReason } from './reason.ts';

/** What `writeAll` did. */
export interface Written {
  /** Absolute paths, in the order of the changes. */
  written: string[];
  /** One for each file that was left as it was. */
  problems: FileProblem[];
}

/** A change, ready to be written. */
interface Prepared {
  path: string;
  bytes: Buffer;
}

/**
 * Replaces the content of an existing file.
 *
 * The new content goes to a temporary file in the same directory, is brought to disk and renamed
 * over the old file. Mode bits are kept, the owner where the system allows it; through a symbolic
 * link the target is replaced and the link stays. A hard link is broken off, as with any editor
 * that renames.
 *
 * `write-file-atomic` is not used: version 7 calls `write` once and does not look at how much was
 * written, so on a full disk it renames a cut-off file over the whole one and reports no error.
 *
 * @param path Absolute path.
 * @throws {Error} with one line and no path in it ("no space left on device"). The old file is then
 *   whole and no temporary file is left.
 */
export async function writeAtomic(path: string, bytes: Buffer): Promise<void> {
  try {
    const target = await fs.realpath(path);
    const old = await fs.stat(target);
    await refuseReadOnly(target, old);
    await replace(target, old, bytes);
  } catch (error) {
    throw new Error(plainReason(error), { cause: error });
  }
}

/** What a file had beside its content. */
export interface Manner {
  /** Permission bits. */
  mode: number;
  /** The time of its last change, in seconds since 1970. */
  mtime: number;
}

/**
 * Puts the former content and time back, atomically as `writeAtomic` does. The permission bits are
 * those of the file as it stands; one that is gone is made again with its former ones.
 *
 * @param path Absolute path.
 * @throws {Error} As `writeAtomic` does.
 */
export async function writeBack(path: string, bytes: Buffer, manner: Manner): Promise<void> {
  try {
    const target = await fs.realpath(path).catch(() => path);
    const old = await fs.stat(target).catch(() => undefined);
    if (old) await refuseReadOnly(target, old);
    else await fs.mkdir(dirname(target), { recursive: true });
    await replace(target, old ?? { mode: manner.mode }, bytes, manner.mtime);
  } catch (error) {
    throw new Error(plainReason(error), { cause: error });
  }
}

/**
 * Writes changes, each file atomically. Before the first is written, every file on disk is compared
 * with what it was when it was read; one that differs becomes a problem and is left alone.
 *
 * @param readAgain Reads a file's present bytes.
 */
export async function writeAll(
  changes: readonly FileChange[],
  readAgain: (path: string) => Buffer | FileProblem = readBytes,
): Promise<Written> {
  const prepared = changes.map((change) => prepare(change, readAgain));
  const result: Written = { written: [], problems: prepared.filter(isFailure) };
  for (const { path, bytes } of prepared.filter((item): item is Prepared => !isFailure(item))) {
    try {
      await writeAtomic(path, bytes);
      result.written.push(path);
    } catch (error) {
      result.problems.push({ path, code: 'write', message: plainReason(error) });
    }
  }
  return result;
}

/**
 * Finds the changes that can no longer be written, because their files are not what was read or
 * because the new text does not fit the encoding. Writes nothing.
 *
 * @param readAgain Reads a file's present bytes.
 */
export function findStale(
  changes: readonly FileChange[],
  readAgain: (path: string) => Buffer | FileProblem = readBytes,
): FileProblem[] {
  return changes.map((change) => prepare(change, readAgain)).filter(isFailure);
}

function prepare(
  { path, before, after, encoding }: FileChange,
  readAgain: (path: string) => Buffer | FileProblem,
): Prepared | FileProblem {
  try {
    const now = readAgain(path);
    if (isProblem(now)) return { path, code: 'write', message: now.message };
    if (!now.equals(encodeSource(before, encoding))) {
      return { path, code: 'write', message: 'changed on disk since it was read' };
    }
    return { path, bytes: encodeSource(after, encoding) };
  } catch (error) {
    return { path, code: 'write', message: plainReason(error) };
  }
}

function isFailure(item: Prepared | FileProblem): item is FileProblem {
  return 'code' in item;
}

/** A rename needs no leave to write the old file, so we ask; the mode bits because root may all. */
async function refuseReadOnly(target: string, stats: Stats): Promise<void> {
  const isReadOnly = (stats.mode & 0o222) === 0;
  const isForbidden = await fs.access(target, constants.W_OK).then(
    () => false,
    (error) => ['EACCES', 'EPERM'].includes(errorCode(error) ?? ''),
  );
  if (isReadOnly || isForbidden) throw new Error('the file is read-only');
}

/** What a new file takes over from the old one; one that was not there had no owner. */
type Kept = Pick<Stats, 'mode'> & Partial<Pick<Stats, 'uid' | 'gid'>>;

/** Short, so that a long file name stays within the limit; not `.py`, so that no watcher runs it. */
const TEMPORARY = /^\.anyio-codemod-[0-9a-f]{12}\.tmp$/;

/** Whether a name is one that a file has while it is written: a killed run leaves one behind. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name);
}

async function replace(target: string, old: Kept, bytes: Buffer, mtime?: number): Promise<void> {
  const name = `.anyio-codemod-${randomBytes(6).toString('hex')}.tmp`;
  const temporary = join(dirname(target), name);
  try {
    await writeTemporary(temporary, old, bytes, mtime);
    await fs.rename(temporary, target);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
}

async function writeTemporary(
  temporary: string,
  old: Kept,
  bytes: Buffer,
  mtime: number | undefined,
): Promise<void> {
  const handle = await fs.open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await keepOwner(handle, old);
    // After the owner: a change of owner clears the set-user-id bits.
    await handle.chmod(old.mode & 0o7777);
    if (mtime !== undefined) await handle.utimes(mtime, mtime);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function keepOwner(handle: fs.FileHandle, { uid, gid }: Kept): Promise<void> {
  if (uid === undefined || gid === undefined) return;
  const fresh = await handle.stat();
  if (fresh.uid === uid && fresh.gid === gid) return;
  try {
    await handle.chown(uid, gid);
  } catch (error) {
    if (!['EPERM', 'EINVAL', 'ENOSYS'].includes(errorCode(error) ?? '')) throw error;
  }
}
