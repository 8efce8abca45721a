/** Rules in gitignore syntax: those of .gitignore files, each for its directory, and `--exclude`. */

import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { isWithin } from './root.ts';

/** The rules of one .gitignore file. */
export interface IgnoreRules {
  /** Absolute path of the directory that the rules are relative to. */
  base: string;
  matcher: Ignore;
}

/**
 * Reads the rules that a directory brings: its `.gitignore`, and `.git/info/exclude` at the top of
 * a checkout. None when there are no such files or they cannot be read, as git has it.
 */
export function rulesOf(directory: string): IgnoreRules[] {
  // In the order of git's precedence: the .gitignore wins.
  return [join('.git', 'info', 'exclude'), '.gitignore'].flatMap((name) => {
    const text = readIfThere(join(directory, name));
    return text === undefined ? [] : [{ base: directory, matcher: newMatcher().add(text) }];
  });
}

/** The rules of `top` and of each directory on the way down to `directory`, which is left out. */
export function rulesAbove(directory: string, top: string): IgnoreRules[] {
  if (directory === top || !isWithin(top, directory)) return [];
  const parent = dirname(directory);
  return [...rulesAbove(parent, top), ...rulesOf(parent)];
}

/**
 * Whether the rules ignore a path. Deeper rules come later and win; a rule that ignores one of the
 * path's directories ignores the path.
 */
export function isIgnored(rules: readonly IgnoreRules[], path: string, isDirectory: boolean) {
  for (let index = rules.length - 1; index >= 0; index--) {
    const { base, matcher } = rules[index] as IgnoreRules;
    const verdict = matcher.test(slashed(relative(base, path), isDirectory));
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

/** Whether `--exclude` takes a path away. */
export type Excluder = (path: string, isDirectory: boolean) => boolean;

/**
 * Makes the test for the patterns of `--exclude`.
 *
 * @param patterns In gitignore syntax; those with a slash are relative to `cwd`.
 * @param cwd Absolute path.
 * @param directory The named directory that is searched. For what lies outside `cwd` the patterns
 *   are relative to it, so that `--exclude build` works there as well.
 */
export function excluder(patterns: string[], cwd: string, directory: string): Excluder {
  if (patterns.length === 0) return () => false;
  const matcher = newMatcher().add(patterns);
  return (path, isDirectory) => {
    const base = [cwd, directory].find((candidate) => isWithin(candidate, path));
    if (base === undefined || base === path) return false;
    return matcher.ignores(slashed(relative(base, path), isDirectory));
  };
}

/** Upper and lower case differ where they differ for files, which is also git's default. */
function newMatcher(): Ignore {
  return ignore({ ignorecase: process.platform === 'win32' || process.platform === 'darwin' });
}

function slashed(way: string, isDirectory: boolean): string {
  return way.split(sep).join('/') + (isDirectory ? '/' : '');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    return undefined;
  }
}
