/** Ignore comments: which uses they keep from being rewritten, and which of them ignore nothing. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from './analysis/file.ts';
import { isLibrary, PUBLIC_NAMES, publicNames } from './analysis/names.ts';
import { laterPhase } from './catalogue.ts';
import { type Directive, directivesIn, mayHoldDirective } from './ignore-comments.ts';
import { type LeaveOut, type OwnerOf, ownersOf } from './judge.ts';
import { findPhase, PHASES } from './phases.ts';
import type { Note } from './result.ts';
import { LineIndex } from './syntax/lines.ts';
import { codeChildren, isBareString, same, statementOf } from './syntax/nodes.ts';
import type { Diagnostic, Place, Transform, Use } from './transform.ts';
import { didYouMean } from './usage.ts';

/** A directive in its file. */
interface Ignore extends Directive {
  place: Place;
  /** What else stands on its line. */
  beside: 'nothing' | 'an import' | 'code';
  /** Of its names, those that mean a use that is there; `''` where it has no names. */
  hits: Set<string>;
}

/** The ignore comments of a file. */
interface FileIgnores {
  file: PythonFile;
  /** Of the text as it is read; those of a notebook's cells have the same numbers. */
  lines: LineIndex;
  byLine: ReadonlyMap<number, readonly Ignore[]>;
  wholeFile: readonly Ignore[];
  /** What is wrong with others. */
  faults: readonly Note[];
}

/** The ignore comments of the files of a run, held against all uses in them. */
export class Ignores {
  private readonly byPath = new Map<string, FileIgnores>();
  private readonly owner: OwnerOf;
  private readonly ids: readonly string[];

  /**
   * @param files those that were selected
   * @param transforms all there are, selected or not
   */
  constructor(files: readonly PythonFile[], transforms: readonly Transform[]) {
    this.owner = ownersOf(transforms);
    this.ids = transforms.map(({ id }) => id);
    for (const file of files) {
      if (mayHoldDirective(file.text)) this.byPath.set(file.path, this.read(file));
    }
  }

  /** Refuses what a comment says to leave. */
  readonly leaveOut: LeaveOut = (use) => {
    const ignores = this.byPath.get(use.file.path);
    if (!ignores) return undefined;
    const ignore = this.matching(ignores, use)[0]?.ignore;
    return ignore && diagnosticOf(ignore, use);
  };

  /**
   * A note for each comment, or name in one, that has no effect.
   *
   * @param usesOf all uses of a file, those of transforms that are not selected too
   */
  notes(usesOf: (file: PythonFile) => readonly Use[]): Note[] {
    return [...this.byPath.values()].flatMap((ignores) => {
      for (const use of usesOf(ignores.file)) {
        for (const { ignore, name } of this.matching(ignores, use)) ignore.hits.add(name);
      }
      const all = [...[...ignores.byLine.values()].flat(), ...ignores.wholeFile];
      const notes = [...ignores.faults, ...all.flatMap((ignore) => this.notesOn(ignore, ignores))];
      return notes.sort((a, b) => (a.cell ?? 0) - (b.cell ?? 0) || a.line - b.line);
    });
  }

  /** The comments that mean a use, each with the name that does; `''` for one without names. */
  private matching(
    { lines, byLine, wholeFile }: FileIgnores,
    use: Use,
  ): { ignore: Ignore; name: string }[] {
    if (use.role === 'import') return [];
    const near =
      byLine.size === 0 ? [] : linesOf(use, lines).flatMap((line) => byLine.get(line) ?? []);
    return [...near, ...wholeFile].flatMap((ignore) =>
      (ignore.names ?? [''])
        .filter((name) => name === '' || this.means(name, use))
        .map((name) => ({ ignore, name })),
    );
  }

  private means(name: string, use: Use): boolean {
    const owner = this.owner(use);
    if (owner?.id === name.toLowerCase()) return true;
    const phase = findPhase(name);
    if (phase && phase.number === (owner?.phase ?? laterPhase(use.name))) return true;
    return use.name === name || use.name.slice(use.name.lastIndexOf('.') + 1) === name;
  }

  private read(file: PythonFile): FileIgnores {
    const byLine = new Map<number, Ignore[]>();
    const wholeFile: Ignore[] = [];
    const faults: Note[] = [];
    const lines = new LineIndex(file.text);
    const start = firstStatement(file);
    for (const comment of file.root.descendantsOfType('comment')) {
      if (!comment || !mayHoldDirective(comment.text)) continue;
      const place = file.place(comment);
      const fault = (message: string) => faults.push(noteAt(place, 'unknown-ignore', message));
      for (const parsed of directivesIn(comment.text)) {
        if ('fault' in parsed) {
          fault(parsed.fault);
          continue;
        }
        for (const name of this.unknownIn(parsed, file)) fault(this.unknown(name, parsed));
        const ignore = {
          ...parsed,
          place,
          beside: besideOf(comment, file, lines),
          hits: new Set<string>(),
        };
        if (parsed.kind === 'ignore') {
          const { line } = lines.at(comment.startIndex);
          byLine.set(line, [...(byLine.get(line) ?? []), ignore]);
        } else if (comment.startIndex < start) wholeFile.push(ignore);
        else fault('`ignore-file` stands below the first statement, and has no effect there');
      }
    }
    return { file, lines, byLine, wholeFile, faults };
  }

  private unknownIn({ names = [] }: Directive, file: PythonFile): string[] {
    return names.filter((name) => !this.isKnown(name, file));
  }

  private isKnown(name: string, file: PythonFile): boolean {
    if (this.ids.includes(name.toLowerCase()) || findPhase(name)) return true;
    const [library = '', ...rest] = name.split('.');
    const member = isLibrary(library) ? rest[0] : name;
    if (rest.length > 1 || (member !== undefined && publicNames(library).has(member))) return true;
    return file.uses.some((use) => this.means(name, use));
  }

  private unknown(name: string, { kind }: Directive): string {
    const asyncio = [...PUBLIC_NAMES].map((each) =>
      name.includes('.') ? `asyncio.${each}` : each,
    );
    const candidates = [...this.ids, ...PHASES.map((phase) => phase.name), ...asyncio];
    return `\`${kind}[${name}]\`: no transform, phase or asyncio name is called '${name}'${didYouMean(name, candidates)}`;
  }

  private notesOn(ignore: Ignore, { file }: FileIgnores): Note[] {
    const { kind, names, place, hits } = ignore;
    const where = kind === 'ignore' ? 'on its line' : 'in the file';
    const note = (message: string) => noteAt(place, 'unused-ignore', message);
    if (names === undefined) {
      if (hits.size > 0) return [];
      return [note(`\`${kind}\` ignores nothing: no use of asyncio is ${where}${hint(ignore)}`)];
    }
    return names
      .filter((name) => !hits.has(name) && this.isKnown(name, file))
      .map((name) =>
        note(`\`${kind}[${name}]\` ignores nothing: no use of ${name} is ${where}${hint(ignore)}`),
      );
  }
}

function noteAt({ file, line, cell }: Place, code: Note['code'], message: string): Note {
  return { code, path: file, line, message, ...(cell === undefined ? {} : { cell }) };
}

function hint({ kind, beside, names }: Ignore): string {
  if (kind === 'ignore-file' || beside === 'code') return '';
  if (beside === 'nothing') return '; it goes behind the code, on the line of the use';
  const wider = names === undefined ? 'ignore-file' : `ignore-file[${names.join(', ')}]`;
  return `; for all of the file, write \`${wider}\` above the first statement`;
}

function diagnosticOf({ kind, reason, place }: Ignore, use: Use): Diagnostic {
  const what = kind === 'ignore' ? 'an ignore comment keeps it' : 'ignore-file keeps it';
  const diagnostic: Diagnostic = {
    code: 'ignored',
    message: reason === undefined ? `${what}, and gives no reason` : `${what}: ${reason}`,
    help: 'take the comment away to have it rewritten',
  };
  const at = use.file.lines.at(use.span.start);
  const isBeside = at.line === place.line && at.cell === place.cell;
  return isBeside ? diagnostic : { ...diagnostic, blocker: place };
}

/** Where the code of a file begins, behind its docstring. */
function firstStatement(file: PythonFile): number {
  const [first, second] = codeChildren(file.root);
  const statement = first && isBareString(first) ? second : first;
  return statement?.startIndex ?? file.text.length;
}

function besideOf(comment: Node, file: PythonFile, lines: LineIndex): Ignore['beside'] {
  const start = comment.startIndex - (lines.at(comment.startIndex).column - 1);
  const before = file.text.slice(start, comment.startIndex);
  const code = before.search(/[^\s\ufeff]/);
  if (code < 0) return 'nothing';
  const node = file.root.descendantForIndex(start + code);
  const isImport = node !== null && /^import_|^future_import/.test(statementOf(node).type);
  return isImport ? 'an import' : 'code';
}

/**
 * The lines that a comment may stand on: those of the name, and the first and the last of its call,
 * of what is called on the result, and of the parentheses around, where formatters put comments.
 */
function linesOf({ span, node }: Use, lines: LineIndex): number[] {
  const offsets = [span.start, span.end];
  for (let at: Node | null = node; at; at = outward(at)) offsets.push(at.startIndex, at.endIndex);
  return [...new Set(offsets.map((offset) => lines.at(offset).line))];
}

function outward(node: Node): Node | null {
  const { parent } = node;
  if (!parent) return null;
  if (parent.type === 'await' || parent.type === 'parenthesized_expression') return parent;
  const head = parent.childForFieldName(parent.type === 'call' ? 'function' : 'object');
  return same(head, node) ? parent : null;
}
