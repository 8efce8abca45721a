/** Which lines of a file are new since another file was committed. */

import { runGit } from '../files/run-git.ts';

/**
 * The lines of the file as it is now that were added or changed since the last commit that touched
 * `marker`, or since HEAD when no commit has it.
 *
 * @param top the top of the checkout
 * @param marker absolute path; need not be in the checkout
 * @param file absolute path
 * @returns 1-based line numbers; undefined when git cannot tell
 */
export function addedLines(top: string, marker: string, file: string): Set<number> | undefined {
  const touched = runGit(top, ['log', '-1', '--format=%H', '--', marker]);
  const since = (touched.status === 0 && touched.stdout.trim()) || 'HEAD';
  const options = ['--unified=0', '--no-color', '--no-ext-diff', '--no-textconv', '--no-renames'];
  const diff = runGit(top, ['diff', ...options, since, '--', file]);
  if (diff.status !== 0) return undefined;
  const lines = new Set<number>();
  for (const [, start, length] of diff.stdout.matchAll(/^@@ -\S+ \+(\d+)(?:,(\d+))? @@/gm)) {
    for (let i = 0; i < Number(length ?? 1); i++) lines.add(Number(start) + i);
  }
  return lines;
}
