/** What the page's scripts work on, as JSON in the page. */

import type { Migration } from '../../result.ts';
import { groupBy, relativePath } from '../layout.ts';
import { countsOf, STATES } from '../progress.ts';
import { type Mark, markedFiles } from './hunks.ts';
import type { HtmlInput, ReportCommands } from './input.ts';

/** `[oldStart, newStart, lines, marks]`; the marks are places in the list of all. */
type HunkData = [number, number, string[], number[]];

export interface PageData {
  marks: Mark[];
  diff: { name: string; hunks: HunkData[] }[];
  /** A row for each file with a use or a change: its name, and its counts in the order of a bar. */
  files: [string, number[]][];
  commands: Pick<ReportCommands, 'apply' | 'paths' | 'selectors'>;
  /** Whether phase 0 has something to write, which the other phases count on. */
  needsDependency: boolean;
}

export function pageData({ plan, full, cwd, commands }: HtmlInput): PageData {
  const marks = new Map<string, number>();
  const numberOf = (mark: Mark) => {
    const key = JSON.stringify(mark);
    if (!marks.has(key)) marks.set(key, marks.size);
    return marks.get(key) ?? 0;
  };
  const diff = markedFiles(full).map(({ path, hunks }) => ({
    name: relativePath(cwd, path),
    hunks: hunks.map(
      (hunk): HunkData => [hunk.oldStart, hunk.newStart, hunk.lines, hunk.marks.map(numberOf)],
    ),
  }));
  return {
    marks: [...marks.keys()].map((key) => JSON.parse(key)),
    diff,
    files: fileRows(plan, cwd),
    commands: { apply: commands.apply, paths: commands.paths, selectors: commands.selectors },
    needsDependency: full.dependency?.verdict === 'rewrite',
  };
}

function fileRows({ judged, arrived = [] }: Migration, cwd: string): [string, number[]][] {
  const uses = groupBy(judged, (use) => use.use.file.path);
  const done = groupBy(arrived, (each) => each.path);
  const paths = [...new Set([...uses.keys(), ...done.keys()])].sort();
  return paths.map((path) => {
    const counts = countsOf(uses.get(path) ?? [], done.get(path) ?? []);
    return [relativePath(cwd, path), STATES.map((state) => counts[state])];
  });
}
