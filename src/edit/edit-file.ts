/** From verdicts to new text: spells the needed names, changes the imports, applies the edits. */

import type { PythonFile } from '../analysis/file.ts';
import type { Diagnostic, Edit, Use } from '../transform.ts';
import { decideFates } from './fates.ts';
import { writeHeader } from './header.ts';
import { planImports } from './import-plan.ts';
import { writeInPlace } from './in-place.ts';
import { TextLines } from './lines.ts';
import { overlaps } from './overlaps.ts';
import { Replacements } from './replacements.ts';
import { Collision, Speller } from './spelling.ts';
import type { EditOptions, EditOutcome, Rewrite } from './types.ts';

export type { EditOptions, EditOutcome, Rewrite, RewriteVerdict } from './types.ts';
export { validateEdit } from './validate.ts';

/**
 * Applies the rewrites of one file, and the import changes that follow from them.
 *
 * Only the spans of the edits and of the import statements concerned change. When a needed name
 * cannot be reached from its place, or a rewrite would move text that another one changes, its use
 * is in `refused` and the text is the old one: whether an import goes hangs on all of its uses, so
 * the caller drops the refused ones and calls again.
 *
 * @param rewrites the uses to be rewritten, each with its verdict; all other uses stay.
 * @throws Error when the edits of one use overlap, which is a mistake of a transform.
 */
export function editFile(
  file: PythonFile,
  rewrites: readonly Rewrite[],
  options: EditOptions,
): EditOutcome {
  const moving = overlaps(file, rewrites);
  if (moving.size > 0) return { text: file.text, refused: moving };

  const fates = decideFates(file, rewrites, options);
  const speller = new Speller(file, fates, options);
  const replacements = new Replacements(file.text);
  const refused = new Map<Use, Diagnostic>();
  for (const rewrite of rewrites) {
    const diagnostic = spellAll(rewrite, speller, replacements);
    if (diagnostic) refused.set(rewrite.use, diagnostic);
  }
  if (refused.size > 0) return { text: file.text, refused };

  const lines = new TextLines(file.text);
  const plan = planImports(file, lines, fates, speller.needed);
  writeHeader(file, lines, plan, fates, options, replacements);
  for (const change of plan.statements) {
    if (!change.inHeader) writeInPlace(file, lines, change, fates, replacements);
  }
  return { text: replacements.apply(), refused };
}

/** Records the edits of one rewrite; gives the diagnostic when one of them cannot be spelled. */
function spellAll(
  { use, verdict }: Rewrite,
  speller: Speller,
  replacements: Replacements,
): Diagnostic | undefined {
  try {
    for (const edit of verdict.edits) {
      const text = speller.spell(use, edit);
      const module = changedModule(use, edit, text);
      if (module) replacements.replace(edit.start, module.end, module.text);
      else replacements.replace(edit.start, edit.end, text);
    }
    return undefined;
  } catch (error) {
    if (error instanceof Collision) return error.diagnostic;
    throw error;
  }
}

/**
 * Where a comment stands between module and member, the module alone is replaced: the comment
 * stays.
 */
function changedModule(
  use: Use,
  edit: Edit,
  text: string,
): { end: number; text: string } | undefined {
  const { node, span } = use;
  if (node.type !== 'attribute' || edit.start !== span.start || edit.end !== span.end)
    return undefined;
  const object = node.childForFieldName('object');
  const member = `.${node.childForFieldName('attribute')?.text}`;
  const commented = node.namedChildren.some((child) => child.type === 'comment');
  if (!object || !commented || !text.endsWith(member)) return undefined;
  return { end: object.endIndex, text: text.slice(0, -member.length) };
}
