/** What one run gives: the input of every report. */

import type { NotebookCell } from './analysis/file.ts';
import type { Judged, Target } from './transform.ts';

/** A file that could not be taken along, and why. The other files are still done. */
export interface FileProblem {
  /** Absolute path. */
  path: string;
  /** `not-found`, `unreadable`, `encoding`, `syntax`, `validation`, `write` … */
  code:
    | 'not-found'
    | 'no-python'
    | 'unreadable'
    | 'encoding'
    | 'syntax'
    | 'notebook'
    | 'validation'
    | 'compile'
    | 'write';
  /** One line for a person, without the path. */
  message: string;
  /** 1-based, when the problem has a place. */
  line?: number;
  /** In a notebook, the number of the cell; `line` is counted in it. */
  cell?: number;
}

/** Something said beside the run, which changes nothing of it: a comment or an entry without effect. */
export interface Note {
  code: 'unused-ignore' | 'unknown-ignore' | 'unused-leave-out';
  /** Absolute path. */
  path: string;
  /** 1-based; in a notebook counted in the cell. */
  line: number;
  /** As in a problem. */
  cell?: number;
  /** One line for a person, without the path. */
  message: string;
}

/** A file whose text would change. Python files and, in phase 0, the project's manifest. */
export interface FileChange {
  /** Absolute path. */
  path: string;
  before: string;
  after: string;
  /** The name under which iconv-lite writes the file's bytes; `utf8` for most. A BOM is part of the text. */
  encoding: string;
  /** For a notebook: the cells before and after, in the same order, as Python without magics. */
  cells?: { before: readonly NotebookCell[]; after: readonly NotebookCell[] };
  /** For a manifest or settings: what was done ("anyio>=4.7 added to [project] dependencies"). */
  note?: string;
  /** For a Python file: what was added that no use stands for ("anyio_backend added"). */
  added?: string;
}

/** What phase 0 found and would do; there is at most one manifest that it changes. */
export interface DependencyOutcome {
  verdict: 'rewrite' | 'refuse' | 'leave';
  /** Absolute path of the manifest looked at, if there is one. */
  file?: string;
  /** The version that the code, as rewritten, needs. */
  needed: string;
  /** What the manifest says now (`anyio>=3.6`), if it names anyio. */
  declared?: string;
  /** One line for a person. */
  message: string;
  /** For a refusal. */
  code?: string;
  help?: string;
}

/** How often names of anyio stand in a file where the rewrites of a phase put them. */
export interface Arrived {
  /** Absolute path. */
  path: string;
  phase: number;
  uses: number;
}

/** Sums over the uses. `found = rewritten + refused + deferred + left`, always. */
export interface Account {
  found: number;
  rewritten: number;
  /** Of `rewritten`. */
  safe: number;
  /** Of `rewritten`. */
  review: number;
  refused: number;
  deferred: number;
  left: number;
}

export interface Migration {
  /** Absolute path of the project's root: paths are shown relative to it in JSON. */
  root: string;
  target: Target;
  /** Phases that were selected, ascending. */
  phases: number[];
  /** Transform ids that were selected; `dependency` among them stands for phase 0. */
  transforms: string[];
  /** Each use found in the selected files, ordered by file and place. */
  judged: Judged[];
  changes: FileChange[];
  /** Set when phase 0 was selected. */
  dependency?: DependencyOutcome;
  problems: FileProblem[];
  notes: Note[];
  /** Absolute path of the configuration that the run went by, if there is one. */
  configFile?: string;
  /** How many Python files were selected, and how many of them use asyncio. */
  filesSeen: number;
  filesWithUses: number;
  account: Account;
  /** What is on anyio already; only when it was asked for. */
  arrived?: readonly Arrived[];
}
