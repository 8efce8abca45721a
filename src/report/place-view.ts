/** What `explain FILE:LINE` is made from: the facts about one line. */

import type { Family, Operation } from '../analysis/families.ts';
import type { FileChange } from '../result.ts';
import type { DiagnosticInfo, Judged, Place, Use } from '../transform.ts';
import type { Page, TransformInfo } from './explain.ts';

/** One use on the line, with what hangs together with it. */
export interface UseView {
  judged: Judged;
  /** The object that it makes or speaks of, for primitives. */
  family?: Family;
  /** The tests that replace the name as this module sees it, or what a patch aims at. */
  patches: readonly Use[];
  /** The rewrites that are one decision, this one among them; for a rewrite. */
  unit: readonly Judged[];
  /** What the unit changes by itself; for a rewrite. */
  changes: readonly FileChange[];
}

/** Something that is done with an object whose making is a use elsewhere. */
export interface OperationView {
  operation: Operation;
  family: Family;
}

/** A name on the line that looks like a use and is none. */
export interface OtherName {
  name: string;
  /** `the parameter of line 3`, `time.sleep, imported in line 2`. */
  meaning: string;
}

/** An import on the line that uses come through. */
export interface ImportView {
  /** `aio` of `import asyncio as aio`. */
  local: string;
  /** `asyncio.sleep`. */
  target: string;
  /** Of the uses, ascending: `line 3`. */
  lines: readonly string[];
}

export interface PlaceView {
  /** Absolute. */
  file: string;
  /** 1-based; in a notebook counted in the cell. */
  line: number;
  /** As in `Position`. */
  cell?: number;
  uses: readonly UseView[];
  operations: readonly OperationView[];
  others: readonly OtherName[];
  imports: readonly ImportView[];
  /** Lines of the file, or of the cell, that have uses, ascending. */
  linesWithUses: readonly number[];
  /** All uses of the run by what they are: the verdicts of a family's other members. */
  judgedOf(use: Use): Judged | undefined;
  /** A line of a file of the project, without its end; undefined when it is not at hand. */
  textOf(place: Place): string | undefined;
}

export interface PlacePage extends Page {
  /** Absolute; names are shown as seen from here. */
  cwd: string;
  catalog: readonly TransformInfo[];
  /** Diagnostics that no transform gives by itself. */
  general: readonly DiagnosticInfo[];
}
