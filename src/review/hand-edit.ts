/** The part of a text that a person changes by hand, on its way to an editor and back. */

import { applyPatch, createPatch, structuredPatch } from 'diff';
import type { HandEdit } from './book.ts';
import type { FileView } from './session.ts';
import { CONTEXT } from './steps.ts';

/** So many lines around an edit may differ from what they were when it was made. */
const FUZZ = 2;

/** The lines of one hunk, as they are in the editor. */
interface Section {
  path: string;
  /** Counted from 0, in the lines of the new text. */
  start: number;
  lines: readonly string[];
  heading: string;
}

/** What is given to an editor, and how to read it when it comes back. */
export interface Draft {
  text: string;
  views: readonly FileView[];
  sections: readonly Section[];
  mark: string;
}

const INSTRUCTIONS = [
  'Change the code above. It stands in the place of what the tool would write.',
  'Lines that begin with {mark} are no part of it. Leave those that name a place.',
  'Without any code, or unchanged, the edit is dropped.',
];

/**
 * The new lines of each hunk under a line that names its place, and what to do with them.
 *
 * @param nameOf how a path is shown
 */
export function draftOf(views: readonly FileView[], nameOf: (path: string) => string): Draft {
  const hunks = views.flatMap((view) => newHunks(view).map((hunk) => ({ ...hunk, view })));
  // No line of the code may look like one of ours.
  let mark = '#~';
  while (hunks.some(({ lines }) => lines.some((line) => line.startsWith(mark)))) mark += '~';
  const sections = hunks.map(({ view, start, lines }) => ({
    path: view.path,
    start,
    lines,
    heading: `${mark} ${nameOf(view.path)}, line ${start + 1}`,
  }));
  const closing = INSTRUCTIONS.map((line) => `${mark} ${line.replace('{mark}', mark)}`);
  const body = sections.flatMap(({ heading, lines }) => [heading, ...lines]);
  return { text: `${[...body, mark, ...closing].join('\n')}\n`, views, sections, mark };
}

/**
 * The texts that a person made of a draft.
 *
 * @returns the changed files with the tool's text as `before`; none when the edit is dropped; a
 *   one-line reason when it cannot be read
 */
export function readDraft(draft: Draft, edited: string): FileView[] | string {
  const parts = partsOf(draft, edited.replace(/\r\n?/g, '\n'));
  if (typeof parts === 'string') return parts;
  if (parts.every((lines) => lines.every((line) => line.trim() === ''))) return [];
  return draft.views.flatMap((view) => {
    const after = replaced(draft, view, parts);
    return after === view.after ? [] : [{ ...view, before: view.after, after }];
  });
}

/** The edit to keep. `views` are what `readDraft` gave. */
export function handEditOf(
  views: readonly FileView[],
  keys: readonly string[],
  nameOf: (path: string) => string,
): HandEdit {
  const patches = views.map(({ path, before, after }) => ({
    path: nameOf(path),
    patch: createPatch(nameOf(path), before, after, '', '', { context: CONTEXT }),
  }));
  return { keys, patches };
}

/**
 * A text with the edit in it, though lines around it may have changed since.
 *
 * @param name of the file, as the edit has it
 * @returns undefined when the edit no longer fits
 */
export function patched(text: string, { patches }: HandEdit, name: string): string | undefined {
  let now = text;
  for (const { path, patch } of patches) {
    if (path !== name) continue;
    const next = applyPatch(now, patch, { fuzzFactor: FUZZ, autoConvertLineEndings: false });
    if (next === false) return undefined;
    now = next;
  }
  return now;
}

function newHunks({ before, after }: FileView): { start: number; lines: string[] }[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: CONTEXT });
  const lines = after.split('\n').map(withoutReturn);
  return hunks.map(({ newStart, newLines }) => {
    const start = Math.max(0, newStart - 1);
    return { start, lines: lines.slice(start, start + newLines) };
  });
}

/** The lines between the headings; a reason when the headings are not as they were. */
function partsOf({ sections, mark }: Draft, text: string): string[][] | string {
  const parts: string[][] = [];
  let ended = false;
  for (const line of text.split('\n')) {
    if (line.trimEnd() === sections[parts.length]?.heading) parts.push([]);
    else if (line.startsWith(mark)) ended = line.trimEnd() === mark || ended;
    else if (!ended) {
      const part = parts.at(-1);
      if (part) part.push(line);
      else if (line.trim() !== '') return 'there is code above the line that names the first place';
    } else if (line.trim() !== '') return 'there is code below the last lines';
  }
  const lines = parts.flat().some((line) => line.trim() !== '');
  if (!lines) return sections.map(() => []);
  if (parts.length === sections.length && ended) return parts;
  return `the lines that begin with ${mark} are not as they were`;
}

function replaced({ sections }: Draft, view: FileView, parts: readonly string[][]): string {
  const lines = view.after.split('\n');
  const end = view.after.includes('\r\n') ? '\r' : '';
  // From the last to the first, so that the places of the others stay.
  for (const [at, { path, start, lines: old }] of [...sections.entries()].reverse()) {
    const part = parts[at] ?? [];
    if (path !== view.path || part.join('\n') === old.join('\n')) continue;
    const isLast = start + old.length === lines.length;
    const fresh = part.map((line, n) => (isLast && n === part.length - 1 ? line : line + end));
    lines.splice(start, old.length, ...fresh);
  }
  return lines.join('\n');
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
