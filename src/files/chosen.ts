/** What a run is about, as it was asked for: paths, a list of files, a text that is handed in. */

import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { findRoot, isWithin } from './root.ts';

/** The content of a file that need not be on disk: an editor holds it. */
export interface Provided {
  /** Absolute, as `canonicalPath` gives it. */
  path: string;
  bytes: Buffer;
}

export interface Chosen {
  /** Absolute path that the others are relative to. */
  cwd: string;
  /** Files and folders. */
  paths: readonly string[];
  /** Files of a list that a program made: those that are no Python, or gone, are passed over. */
  listed?: readonly string[];
  /** Stands for its path, whatever is there on disk. */
  provided?: Provided;
}

/** The paths of all that was asked for. */
export function chosenPaths({ paths, listed = [], provided }: Chosen): string[] {
  return [...paths, ...listed, ...(provided ? [provided.path] : [])];
}

/** The root of the project that was asked for, as `findRoot` has it. */
export function chosenRoot(chosen: Chosen): string {
  return findRoot(chosenPaths(chosen), chosen.cwd);
}

/**
 * The one path of a file, with no link in it, spelled from `root` where it lies below: the search
 * gives the same. The file, and folders on the way to it, need not exist.
 *
 * @param path Absolute path.
 * @param root Absolute path.
 */
export function canonicalPath(path: string, root: string): string {
  const [real, realRoot] = [realPath(path), realPath(root)];
  return isWithin(realRoot, real) ? join(root, relative(realRoot, real)) : real;
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPath(above), basename(path));
  }
}
