/**
 * What `check` found as workflow commands of GitHub Actions, which become annotations on the lines
 * of a pull request:
 * https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */

import type { FileProblem, Note } from '../result.ts';
import type { Position } from '../transform.ts';
import {
  beyondCount,
  type CheckResult,
  type Finding,
  findingNotes,
  useWords,
  verdictWords,
} from './check.ts';
import { plural, relativePath } from './layout.ts';
import { inCell } from './places.ts';

/** GitHub shows no more errors of one step than these; all stand in its log. */
const SHOWN = 10;

/**
 * An error for each new use, before them the sum where GitHub would not show them all; then what
 * could not be read, and warnings of what has no effect.
 */
export function checkAnnotations({ findings, migration }: CheckResult): string[] {
  const { root, problems, notes } = migration;
  const errors = [
    ...findings.flatMap((finding) => annotationsOf(finding, root)),
    ...problems.map((problem) => plain('error', problem, root)),
  ];
  const warnings = notes.map((note) => plain('warning', note, root));
  if (errors.length <= SHOWN) return [...errors, ...warnings];
  const sum =
    `${plural(beyondCount(findings), 'use')} of asyncio beyond the baseline; not all of them are ` +
    'annotated, and the log of this step has them all';
  return [command('error', { title: 'asyncio beyond the baseline' }, sum), ...errors, ...warnings];
}

function annotationsOf(finding: Finding, root: string): string[] {
  const notes = findingNotes(finding);
  return finding.shown.map((use) => {
    const { position, use: at } = use.judged;
    const properties = {
      // GitHub wants names from the top of the repository, wherever the step runs.
      file: relativePath(root, at.file.path),
      ...linesOf(position),
      title: useWords(use),
    };
    const where = position.cell === undefined ? '' : `${inCell(position)}${position.line}: `;
    return command('error', properties, [where + verdictWords(use.judged), ...notes].join('\n'));
  });
}

/** Who looks at a notebook here sees its file, in which the columns are others. */
function linesOf({ fileLine, cell, ...own }: Position): Record<string, number> {
  const { line, endLine, column, endColumn } = own;
  if (cell === undefined) return { line, endLine, col: column, endColumn };
  return fileLine === undefined ? {} : { line: fileLine };
}

function plain(level: 'error' | 'warning', about: FileProblem | Note, root: string): string {
  const { path, line, code, message } = about;
  const isKnown = line !== undefined && about.cell === undefined;
  const place = { file: relativePath(root, path), ...(isKnown ? { line } : {}) };
  return command(level, { ...place, title: code }, message);
}

function command(
  level: 'error' | 'warning',
  properties: Readonly<Record<string, string | number>>,
  message: string,
): string {
  const words = Object.entries(properties).map(
    ([name, value]) => `${name}=${property(`${value}`)}`,
  );
  return `::${level} ${words.join(',')}::${data(message)}`;
}

/** As the toolkit of GitHub Actions escapes a message. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** As it escapes the value of a property. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
