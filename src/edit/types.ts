/** What the edit room takes and gives. */

import type { Binding } from '../analysis/bindings.ts';
import type { Diagnostic, DiagnosticInfo, Use, Verdict } from '../transform.ts';

export type RewriteVerdict = Extract<Verdict, { kind: 'rewrite' }>;

/** A use that is to be rewritten now. */
export interface Rewrite {
  use: Use;
  verdict: RewriteVerdict;
}

/**
 * The rewrites of a file whose use is written anew: one may also only add to what stands around its
 * use, and a statement that goes may hold the uses of others.
 */
export function replacing(rewrites: readonly Rewrite[]): Rewrite[] {
  const edits = rewrites.flatMap(({ verdict }) => verdict.edits);
  return rewrites.filter(({ use: { span } }) =>
    edits.some(({ start, end, lines }) => !lines && start <= span.start && end >= span.end),
  );
}

export interface EditOptions {
  /** `keep`: as the file spells it; `module`: `anyio.sleep`; `from`: `sleep`, where it is free. */
  importStyle: 'keep' | 'module' | 'from';
  /**
   * Why a binding's import must stay although nothing in the file refers to it any more (another
   * module imports it, a patch target names it), or undefined.
   */
  keep(binding: Binding): string | undefined;
  /** Whether a top-level name is a module of the project itself (first party). */
  isFirstParty(module: string): boolean;
}

export interface EditOutcome {
  /** The new text; the old one when anything is refused. */
  text: string;
  /** Rewrites that cannot be spelled. The caller drops them, with their families, and calls again. */
  refused: Map<Use, Diagnostic>;
}

/** For `explain`. */
export const NAME_COLLISION: DiagnosticInfo = {
  code: 'name-collision',
  title: 'the name anyio (or functools) means something else there',
  why:
    'The new code would say `anyio.sleep`, but a parameter, a variable or a module of the project ' +
    'is called `anyio` at that place, so the name would not mean the library. Rename it, and the ' +
    'use can be rewritten.',
};
