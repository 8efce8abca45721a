/**
 * The import statements at module level, in the order of the file: runs of them, the sections that
 * blank lines make of a run, and in a section the groups that isort's order makes: `__future__`,
 * the standard library, third party, first party, relative imports.
 */

import type { Node } from 'web-tree-sitter';
import { codeChildren } from '../syntax/nodes.ts';
import { STDLIB_MODULES } from '../syntax/stdlib.ts';
import { IMPORT_TYPES, type ImportStatement, readImport, standsAlone } from './import-statement.ts';
import type { TextLines } from './lines.ts';
import { aboveComments } from './members.ts';

/** Where a module comes from; `KINDS` gives the order of their sections. */
export type Kind = (typeof KINDS)[number];
const KINDS = ['future', 'stdlib', 'third', 'first', 'local'] as const;

export interface Entry {
  statement: ImportStatement;
  kind: Kind;
  module: string;
  /** Where its line starts. */
  start: number;
  /** Where an import that comes before it is written: above the comments that belong to it. */
  lead: number;
  /** Where the next line starts. */
  end: number;
}

const HEADING =
  /\b(?:imports?|standard|built-?ins?|third|first|local|external|librar(?:y|ies)|packages?)\b/i;

/** Entries of one kind, or a section that isort's order does not divide. */
export interface Group {
  entries: Entry[];
  kind: Kind | 'mixed';
}

/** Groups with no blank line between them. */
export type Section = Group[];

/** A run of import statements with no other statement between them. */
export interface Run {
  sections: Section[];
  /** Whether only conditional imports and the like lie between this run and the one before. */
  joinsPrevious: boolean;
}

/** Whether a kind's section comes before another's. */
export function precedes(a: Kind, b: Kind): boolean {
  return KINDS.indexOf(a) < KINDS.indexOf(b);
}

/** Where a module comes from, by its name as an import statement gives it. */
export function kindOf(module: string, isFirstParty: (module: string) => boolean): Kind {
  const top = module.split('.')[0] ?? '';
  if (top === '') return 'local';
  if (top === '__future__') return 'future';
  if (isStdlib(top)) return 'stdlib';
  return isFirstParty(top) ? 'first' : 'third';
}

/** Private modules count too: `_thread`, `_socket`, but not `_pytest`. */
function isStdlib(top: string): boolean {
  return STDLIB_MODULES.has(top) || top === '_thread' || STDLIB_MODULES.has(top.replace(/^_/, ''));
}

/** The import runs of a module. */
export function findRuns(
  root: Node,
  lines: TextLines,
  isFirstParty: (module: string) => boolean,
): Run[] {
  const runs: Run[] = [];
  let entries: Entry[] = [];
  let joins = true;
  const close = () => {
    if (entries.length > 0) {
      runs.push({ sections: splitSections(entries, lines), joinsPrevious: joins });
      joins = true;
    }
    entries = [];
  };
  for (const node of codeChildren(root)) {
    if (IMPORT_TYPES.has(node.type) && standsAlone(lines, node)) {
      entries.push(readEntry(node, lines, isFirstParty));
    } else {
      close();
      joins &&= isHeaderLike(node);
    }
  }
  close();
  return runs;
}

/** Statements that do not end the header of a module: docstrings, `try: import x`, `__all__ = …`. */
function isHeaderLike(node: Node): boolean {
  if (IMPORT_TYPES.has(node.type)) return true;
  if (node.type === 'expression_statement') {
    return /^(?:["']|[rRuU]["']|__\w+__\s*[:=])/.test(node.text);
  }
  const compound = node.type === 'if_statement' || node.type === 'try_statement';
  return compound && node.descendantsOfType([...IMPORT_TYPES]).length > 0;
}

function readEntry(node: Node, lines: TextLines, isFirstParty: (module: string) => boolean): Entry {
  const statement = readImport(node);
  const module = statement.from ?? statement.items[0]?.name ?? '';
  const start = lines.start(node.startIndex);
  const above = aboveComments(lines, start);
  const lead = isHeading(lines, above, start) ? start : above;
  const end = lines.next(node.endIndex);
  return { statement, kind: kindOf(module, isFirstParty), module, start, lead, end };
}

/**
 * Whether comments above an import speak of the section or the file and not of that import: they
 * name the section, or are the first lines of the file (shebang, encoding, licence).
 */
function isHeading(lines: TextLines, above: number, start: number): boolean {
  if (lines.previous(above) === undefined) return true;
  const text = lines.text.slice(above, start);
  return HEADING.test(text) || /^[ \t]*#\s*(?:pylint|ruff|mypy|flake8|isort|fmt)\s*:/m.test(text);
}

function splitSections(entries: readonly Entry[], lines: TextLines): Section[] {
  const sections: Entry[][] = [];
  let reached = -1;
  for (const entry of entries) {
    const last = sections.at(-1);
    if (last && !hasBlankLine(lines, reached, entry.start)) last.push(entry);
    else sections.push([entry]);
    reached = entry.end;
  }
  return sections.map(splitGroups);
}

function hasBlankLine(lines: TextLines, from: number, to: number): boolean {
  for (let at = from; at < to; at = lines.next(at)) if (lines.isBlank(at)) return true;
  return false;
}

function splitGroups(entries: readonly Entry[]): Section {
  const groups: Group[] = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last?.kind === entry.kind) last.entries.push(entry);
    else groups.push({ kind: entry.kind, entries: [entry] });
  }
  const ordered = groups.every((group, at) => {
    const previous = groups[at - 1];
    return !previous || precedes(previous.kind as Kind, group.kind as Kind);
  });
  return ordered ? groups : [{ kind: 'mixed', entries: [...entries] }];
}
