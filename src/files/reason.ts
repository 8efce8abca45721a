/** Plain words for what the operating system refuses. */

import { getSystemErrorMap } from 'node:util';

/**
 * Says in one line why a file operation failed, without the path and without a code:
 * "permission denied", "no space left on device".
 *
 * The words are libuv's, through `util.getSystemErrorMap`; an error that comes from elsewhere keeps
 * the first line of its own message.
 */
export function plainReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errno } = error as NodeJS.ErrnoException;
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno);
  return known?.[1] ?? (error.message.split('\n')[0] as string);
}

/** The code of a system error (`ENOENT`), or undefined for any other value. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** Whether the system's name of a file was not UTF-8, so that its path leads nowhere. */
export function isUndecodable(path: string): boolean {
  return path.includes('\uFFFD');
}

/** `plainReason` for a path that a listing gave: one that is not found was not decoded right. */
export function reasonAt(path: string, error: unknown): string {
  const isLost = errorCode(error) === 'ENOENT' && isUndecodable(path);
  return isLost ? 'the name is not valid UTF-8' : plainReason(error);
}
