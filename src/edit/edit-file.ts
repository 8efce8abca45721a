/** From verdicts to new text: spells the needed names, changes the imports, applies the edits. */

import type { PythonFile } from '../analysis/file.ts';
import type { Diagnostic, Edit, MovedText, Use } from '../transform.ts';
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
  const spelled: Spelled[] = [];
  for (const rewrite of rewrites) {
    const diagnostic = spellAll(rewrite, speller, spelled);
    if (diagnostic) refused.set(rewrite.use, diagnostic);
  }
  if (refused.size > 0) return { text: file.text, refused };
  placeAll(spelled, replacements);

  const lines = new TextLines(file.text);
  const plan = planImports(file, lines, fates, speller.needed);
  writeHeader(file, lines, plan, fates, options, replacements);
  for (const change of plan.statements) {
    if (!change.inHeader) writeInPlace(file, lines, change, fates, replacements);
  }
  return { text: replacements.apply(), refused };
}

/** An edit with its names spelled. */
interface Spelled {
  start: number;
  end: number;
  parts: (string | MovedText)[];
  /** As in `Edit`. */
  lines?: readonly number[];
  once?: boolean;
}

/** Records the edits of one rewrite; gives the diagnostic when one of them cannot be spelled. */
function spellAll(
  { use, verdict }: Rewrite,
  speller: Speller,
  spelled: Spelled[],
): Diagnostic | undefined {
  try {
    for (const edit of verdict.edits) {
      const parts = speller.spell(use, edit);
      const { start, end, lines, once } = edit;
      if (lines || once) {
        spelled.push({ start, end, parts, ...(lines ? { lines } : {}), ...(once ? { once } : {}) });
        continue;
      }
      const [text] = parts;
      const module = typeof text === 'string' && changedModule(use, edit, text);
      if (module) spelled.push({ start, end: module.end, parts: [module.text] });
      else spelled.push({ start, end, parts });
    }
    return undefined;
  } catch (error) {
    if (error instanceof Collision) return error.diagnostic;
    throw error;
  }
}

/**
 * Edits in text that moves go with it; the others are made where they stand. An edit that moves a
 * line to another depth has nothing to do where another takes the beginning of the line away.
 */
function placeAll(spelled: readonly Spelled[], replacements: Replacements): void {
  const moved = spelled.flatMap(({ parts }) => parts.filter((part) => typeof part !== 'string'));
  const lies = ({ start, end }: Spelled, { from, to }: MovedText) => start >= from && end <= to;
  const render = ({ parts }: Spelled): string =>
    parts.map((part) => (typeof part === 'string' ? part : rendered(part))).join('');
  const rendered = (text: MovedText): string => {
    let result = '';
    let at = text.from;
    const inside = spelled.filter((edit) => lies(edit, text));
    for (const edit of inside.sort((a, b) => a.start - b.start || a.end - b.end)) {
      result += replacements.original.slice(at, edit.start) + render(edit);
      at = edit.end;
    }
    return result + replacements.original.slice(at, text.to);
  };
  const removals = spelled.filter(({ start, end, parts }) => end > start && parts.join('') === '');
  const isBlank = (edit: Spelled) =>
    (render(edit) + replacements.original.slice(edit.start, edit.end)).trim() === '';
  for (const edit of spelled) {
    const { start, end, lines, once } = edit;
    const isTaken = (removal: Spelled) => start > removal.start && end < removal.end;
    if (lines) replacements.shift(start, end, render(edit), lines);
    else if (once) replacements.replaceOnce(start, end, render(edit));
    else if (moved.some((text) => lies(edit, text))) continue;
    else if (!(removals.some(isTaken) && isBlank(edit))) {
      replacements.replace(start, end, render(edit));
    }
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
