/** Small repositories for the tests of the git room, and what it refuses. */

import { join } from 'node:path';
import { expect } from 'vitest';
import { GitError } from '../src/git/git.ts';
import { makeRepository, temporaryDirectory, writeTree } from './files-temporary.ts';

/** A repository with one commit of files whose content is `old`. */
export function repository(names: string[]): string {
  return makeRepository(
    join(temporaryDirectory(), 'top'),
    Object.fromEntries(names.map((name) => [name, 'old\n'])),
  );
}

/** Writes files of the same content, and gives their paths. */
export function write(top: string, names: string[], content = 'new\n'): string[] {
  writeTree(top, Object.fromEntries(names.map((name) => [name, content])));
  return names.map((name) => join(top, name));
}

/** The GitError that an action throws. */
export function refusal(action: () => unknown): GitError {
  try {
    action();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    expect(error.message).not.toContain('\n');
    return error;
  }
  throw new Error('nothing was thrown');
}
