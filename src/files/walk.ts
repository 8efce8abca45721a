/** Python files below a directory, by reading directories: what there is where git cannot help. */

import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FileProblem } from '../result.ts';
import { type Excluder, type IgnoreRules, isIgnored, rulesOf } from './ignore-rules.ts';
import { reasonAt } from './reason.ts';
import { ENVIRONMENT_MARK, isPythonName, isSkippedName } from './skip.ts';

export interface WalkOptions {
  /** Rules of the directories above. Those on the way down are read by the walk. */
  rules: IgnoreRules[];
  isExcluded: Excluder;
  /** What to do with another git checkout below: its files, as a listing; none to skip it. */
  listCheckout: (directory: string) => Listing;
}

/** Files of a directory, before symbolic links are looked at. */
export interface Listing {
  /** Absolute paths of files, and of links to whatever. In no order. */
  files: string[];
  problems: FileProblem[];
}

/**
 * Walks a directory down. Links to directories are not followed, so that the walk ends and finds
 * what git would; links with a Python name are listed. A directory that cannot be read is a
 * problem, and the others are still walked.
 *
 * @param start Absolute path. It is walked whatever it is called or ignored by.
 */
export function walkPython(start: string, options: WalkOptions): Listing {
  const listing: Listing = { files: [], problems: [] };
  const pending = [{ directory: start, rules: options.rules }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { directory } = next;
    const entries = readEntries(directory, listing.problems);
    if (directory !== start && isEnvironment(entries)) continue;
    if (directory !== start && isCheckout(entries)) {
      append(listing, options.listCheckout(directory));
      continue;
    }
    const rules = bringsRules(entries) ? [...next.rules, ...rulesOf(directory)] : next.rules;
    for (const entry of entries) {
      const path = join(directory, entry.name);
      if (!isWanted(entry) || isIgnored(rules, path, entry.isDirectory())) continue;
      if (options.isExcluded(path, entry.isDirectory())) continue;
      if (entry.isDirectory()) pending.push({ directory: path, rules });
      else listing.files.push(path);
    }
  }
  return listing;
}

function isWanted(entry: Dirent): boolean {
  if (entry.isDirectory()) return !isSkippedName(entry.name);
  return (entry.isFile() || entry.isSymbolicLink()) && isPythonName(entry.name);
}

function isEnvironment(entries: Dirent[]): boolean {
  return entries.some((entry) => entry.name === ENVIRONMENT_MARK);
}

function isCheckout(entries: Dirent[]): boolean {
  return entries.some((entry) => entry.name === '.git');
}

/** Asking for files that are not there is most of a walk's time, so the entries are asked. */
function bringsRules(entries: Dirent[]): boolean {
  return isCheckout(entries) || entries.some((entry) => entry.name === '.gitignore');
}

function append(to: Listing, from: Listing): void {
  for (const file of from.files) to.files.push(file);
  to.problems.push(...from.problems);
}

function readEntries(directory: string, problems: FileProblem[]): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    problems.push({ path: directory, code: 'unreadable', message: reasonAt(directory, error) });
    return [];
  }
}
