/** From verdicts to new texts, each checked before anybody sees it. */

import type { PythonFile } from './analysis/file.ts';
import { editFile } from './edit/edit-file.ts';
import type { EditOptions, Rewrite } from './edit/types.ts';
import { validateEdit } from './edit/validate.ts';
import { settle } from './judge.ts';
import { counted, type OnProgress } from './progress.ts';
import type { FileChange, FileProblem } from './result.ts';
import type { JudgeContext, Judged, Use, Verdict } from './transform.ts';
import { refuse } from './verdicts.ts';

/**
 * Makes the new texts and marks what is applied. A rewrite that cannot be spelled is refused; a
 * file whose text fails its checks is left as it was. Whatever shares an object with those falls
 * out too, and then all is made again, until nothing more does.
 *
 * @param only absolute paths of the files whose texts are made; all, unless told
 */
export function rewriteFiles(
  judged: readonly Judged[],
  context: JudgeContext,
  settings: EditOptions,
  includeReview: boolean,
  additions: Additions = NOTHING_ADDED,
  onProgress?: OnProgress,
  only?: ReadonlySet<string>,
): { changes: FileChange[]; problems: FileProblem[] } {
  const problems: FileProblem[] = [];
  for (;;) {
    const changes: FileChange[] = [];
    const verdicts = new Map<Use, Verdict>();
    const rewritten = rewritesByFile(judged, includeReview);
    const added = additions.to(new Set([...rewritten.values()].flat().map(({ use }) => use)));
    for (const rewrite of added) addTo(rewritten, rewrite);
    const files = [...rewritten].filter(([file]) => only?.has(file.path) ?? true);
    for (const [file, rewrites] of counted(files, 'rewrite', onProgress)) {
      const attempt = attemptFile(file, rewrites, settings);
      for (const [use, verdict] of attempt.refused) {
        const causes = additions.causes(use);
        for (const each of causes.length > 0 ? causes : [use]) verdicts.set(each, verdict);
      }
      if (attempt.problem) problems.push(attempt.problem);
      if (attempt.change) {
        const isAdded = added.some(({ use }) => use.file === file);
        changes.push(isAdded ? { ...attempt.change, added: additions.what } : attempt.change);
      }
    }
    if (verdicts.size === 0) {
      for (const item of judged) item.applied = isApplied(item.verdict, includeReview);
      return { changes, problems };
    }
    for (const item of judged) item.verdict = verdicts.get(item.use) ?? item.verdict;
    settle(judged, context, settings.importStyle);
  }
}

/** New text that no use of its own stands for, and that the rewrites count on. */
export interface Additions {
  /** What is added, for the summary. */
  what: string;
  /** What the applied uses need; each of the rewrites is of a use that was made for it. */
  to(applied: ReadonlySet<Use>): Rewrite[];
  /** The uses that cannot be rewritten when such a made use is refused; none for any other use. */
  causes(made: Use): readonly Use[];
}

const NOTHING_ADDED: Additions = { what: '', to: () => [], causes: () => [] };

interface Attempt {
  change?: FileChange;
  problem?: FileProblem;
  refused: Map<Use, Verdict>;
}

function attemptFile(
  file: PythonFile,
  rewrites: readonly Rewrite[],
  settings: EditOptions,
): Attempt {
  try {
    const { text, refused } = editFile(file, rewrites, settings);
    if (refused.size > 0) {
      const verdicts = [...refused].map(
        ([use, diagnostic]) => [use, { kind: 'refuse', diagnostic }] as const,
      );
      return { refused: new Map(verdicts) };
    }
    const reason = validateEdit(file, rewrites, text);
    if (reason !== undefined) return failedAttempt(file, rewrites, reason);
    return text === file.text
      ? { refused: new Map() }
      : { change: changeOf(file, text), refused: new Map() };
  } catch (error) {
    return failedAttempt(file, rewrites, error instanceof Error ? error.message : String(error));
  }
}

/** @throws Error when the text cannot be brought back into its notebook */
function changeOf({ path, info }: PythonFile, text: string): FileChange {
  const { notebook, encoding } = info;
  if (!notebook) return { path, before: info.text, after: text, encoding };
  return {
    path,
    before: notebook.raw,
    after: notebook.rawWith(text),
    encoding,
    cells: { before: notebook.pythonOf(info.text), after: notebook.pythonOf(text) },
  };
}

function failedAttempt(file: PythonFile, rewrites: readonly Rewrite[], reason: string): Attempt {
  const verdict = refuse(
    'validation-failed',
    `the new text did not pass the checks: ${reason}`,
    'report it, with the file',
  );
  const message = `${reason}; this is a bug of anyio-codemod, and the file is left as it is`;
  return {
    problem: { path: file.path, code: 'validation', message },
    refused: new Map(rewrites.map(({ use }) => [use, verdict])),
  };
}

function rewritesByFile(
  judged: readonly Judged[],
  includeReview: boolean,
): Map<PythonFile, Rewrite[]> {
  const result = new Map<PythonFile, Rewrite[]>();
  for (const { use, verdict } of judged) {
    if (verdict.kind !== 'rewrite' || !isApplied(verdict, includeReview)) continue;
    addTo(result, { use, verdict });
  }
  return result;
}

function addTo(byFile: Map<PythonFile, Rewrite[]>, rewrite: Rewrite): void {
  const list = byFile.get(rewrite.use.file);
  if (list) list.push(rewrite);
  else byFile.set(rewrite.use.file, [rewrite]);
}

/** Whether a verdict changes text in this run. */
export function isApplied(verdict: Verdict, includeReview: boolean): boolean {
  return verdict.kind === 'rewrite' && (includeReview || verdict.safety === 'safe');
}
