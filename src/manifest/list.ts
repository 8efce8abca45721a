/** The list of what a project needs at run time, wherever it is written. */

import type { Requirement } from './requirement.ts';
import type { Constraint, SpecifierStyle } from './specifier.ts';
import type { ManifestText, TextEdit } from './text.ts';

/** One dependency of a list. Offsets are UTF-16 code units of the whole file. */
export interface DependencyEntry {
  /** As PEP 503 normalises it. */
  name: string;
  /** As a person would quote it: `anyio>=3.6`, `anyio = "^3.6"`. */
  text: string;
  /** All but the version (extras, markers, other keys): must not change when it is raised. */
  withoutVersion: string;
  /** Undefined when the version could not be read, or when there is none (a URL). */
  constraint?: Constraint;
  /** Not from an index: a URL, a path, a repository. */
  url?: boolean;
  /** Installed only with an extra (Poetry's `optional = true`). */
  optional?: boolean;
  /** The environments that it is limited to, if it is. */
  marker?: string;
}

/** The dependencies of one manifest, and how one more is written into it. */
export interface DependencyList {
  file: ManifestText;
  /** For messages: `[project] dependencies`. */
  place: string;
  entries: DependencyEntry[];
  style: SpecifierStyle;
  /** Why the file is not edited, whatever is in it. */
  locked?: 'hashes' | 'generated';
  /** Everything that the list does not hold: must be the same after an edit. */
  outside: unknown;
  /**
   * The edits that add `anyio>=<version>`.
   *
   * @returns undefined when the file's layout has no place for it that we know
   */
  add(version: string): TextEdit[] | undefined;
  /** Reads the same list out of another text of the same file. */
  reread(text: string): DependencyList | undefined;
}

/** The entries that name anyio; more than one when markers tell them apart. */
export function anyioEntries(list: DependencyList): DependencyEntry[] {
  return list.entries.filter(({ name }) => name === 'anyio');
}

/** A PEP 508 requirement as an entry. */
export function requirementEntry(requirement: Requirement): DependencyEntry {
  const { name, text, withoutVersion, constraint, url, marker } = requirement;
  return {
    name,
    text,
    withoutVersion,
    ...(url === undefined ? { constraint } : { url: true }),
    ...(marker ? { marker } : {}),
  };
}
