/** The machine-readable report, version 1. `schema.json` beside this file describes it. */

import type { FileProblem, Migration, Note } from '../result.ts';
import type { Judged, Place } from '../transform.ts';
import { relativePath } from './layout.ts';
import { blockerOf } from './places.ts';
import { hunksOf } from './unified.ts';

/** Raised with any change that a reader of the old form would trip over. */
export const JSON_SCHEMA_VERSION = 1;

/** What `apply` did beyond what `diff` shows. */
export interface Applied {
  /** Absolute paths. */
  written: readonly string[];
  branch?: string;
  /** In their order. */
  commits: readonly { hash: string; subject: string }[];
}

/** The report of `plan`: uses, dependency, problems, totals. */
export function planJson(migration: Migration): object {
  return commonJson('plan', migration);
}

/** The report of `diff`: the plan's, and the hunks of each changed file. */
export function diffJson(migration: Migration, context?: number): object {
  return { ...commonJson('diff', migration), changes: changesOf(migration, context) };
}

/** The report of `apply`: the diff's, and what was written. */
export function applyJson(migration: Migration, applied: Applied): object {
  return {
    ...commonJson('apply', migration),
    changes: changesOf(migration),
    written: applied.written.map((path) => relativePath(migration.root, path)),
    branch: applied.branch ?? null,
    commit: applied.commits.at(-1)?.hash ?? null,
    commits: applied.commits.map(({ hash, subject }) => ({ hash, subject })),
  };
}

/** What the reports of all commands have. */
export function commonJson(command: string, migration: Migration) {
  const { root, target, account } = migration;
  return {
    schema: JSON_SCHEMA_VERSION,
    command,
    root,
    target: {
      anyio: target.anyio ?? null,
      anyioSource: target.anyioSource ?? null,
      python: target.python ?? null,
    },
    config: migration.configFile === undefined ? null : relativePath(root, migration.configFile),
    phases: migration.phases,
    transforms: migration.transforms,
    uses: migration.judged.map((judged) => useOf(judged, root)),
    dependency: dependencyOf(migration),
    problems: migration.problems.map((problem) => problemOf(problem, root)),
    notes: migration.notes.map((note) => ({ ...problemOf(note, root), line: note.line })),
    arrived: arrivedOf(migration),
    totals: {
      ...account,
      filesSeen: migration.filesSeen,
      filesWithUses: migration.filesWithUses,
      filesChanged: migration.changes.length,
    },
  };
}

function useOf(judged: Judged, root: string) {
  const { use, verdict, position } = judged;
  const diagnostic = verdict.kind === 'refuse' ? verdict.diagnostic : undefined;
  return {
    file: relativePath(root, use.file.path),
    cell: position.cell ?? null,
    line: position.line,
    column: position.column,
    endLine: position.endLine,
    endColumn: position.endColumn,
    use: use.name,
    role: use.role,
    // What stays belongs to no phase, whoever owns the name elsewhere.
    phase: (verdict.kind === 'leave' ? undefined : judged.phase) ?? null,
    transform: (verdict.kind === 'leave' ? undefined : judged.transform) ?? null,
    verdict: verdict.kind,
    safety: verdict.kind === 'rewrite' ? verdict.safety : null,
    applied: judged.applied,
    note: ('note' in verdict ? verdict.note : undefined) ?? null,
    reason: verdict.kind === 'leave' ? verdict.reason : null,
    code: diagnostic?.code ?? null,
    message: diagnostic?.message ?? null,
    help: diagnostic?.help ?? null,
    blocker: placeOf(blockerOf(judged), root),
  };
}

function placeOf(place: Place | undefined, root: string) {
  if (!place) return null;
  const { line, column, cell = null } = place;
  return { file: relativePath(root, place.file), cell, line, column };
}

function dependencyOf({ dependency, root }: Migration) {
  if (!dependency) return null;
  return {
    verdict: dependency.verdict,
    file: dependency.file === undefined ? null : relativePath(root, dependency.file),
    needed: dependency.needed,
    declared: dependency.declared ?? null,
    message: dependency.message,
    code: dependency.code ?? null,
    help: dependency.help ?? null,
  };
}

/** How often names of anyio stand where each phase puts them; null when they were not counted. */
function arrivedOf({ arrived, root }: Migration) {
  if (!arrived) return null;
  return arrived.map(({ path, phase, uses }) => ({ file: relativePath(root, path), phase, uses }));
}

function problemOf(problem: FileProblem | Note, root: string) {
  return {
    file: relativePath(root, problem.path),
    cell: problem.cell ?? null,
    line: problem.line ?? null,
    code: problem.code,
    message: problem.message,
  };
}

function changesOf(migration: Migration, context?: number) {
  return migration.changes.map((change) => ({
    file: relativePath(migration.root, change.path),
    hunks: hunksOf(change, context),
  }));
}
