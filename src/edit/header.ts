/** Import changes at the top of a module: whole lines come and go, blank lines stay in order. */

import type { Binding } from '../analysis/bindings.ts';
import type { PythonFile } from '../analysis/file.ts';
import { type Comments, commentsOf, joinComments, withoutPragmas } from './comments.ts';
import { type Fate, passesOnWhole } from './fates.ts';
import type { HeaderImport, ImportPlan, StatementChange, Successor } from './import-plan.ts';
import { dropItems, type ImportStatement, itemComment, readImport } from './import-statement.ts';
import type { TextLines } from './lines.ts';
import {
  addComment,
  addMembers,
  groupMembers,
  type ImportHabits,
  type Member,
  readHabits,
  writeFrom,
} from './members.ts';
import { importKey, type NewImport } from './needs.ts';
import { compareNew, type Sortable } from './order.ts';
import { closeGap } from './removal.ts';
import type { Replacements } from './replacements.ts';
import { type Entry, findRuns, kindOf, precedes, type Run } from './sections.ts';
import { type Slot, SlotFinder } from './slots.ts';
import type { EditOptions } from './types.ts';

/** A new statement on lines of its own. */
interface NewLine {
  sort: Sortable;
  text: string;
  comment: string;
  wanted: HeaderImport;
}

/** Comments that look for a place. */
interface Loose {
  statement: ImportStatement;
  successor: Successor;
  comments: Comments;
}

/** Writes the changes of a plan that concern the module's own import lines. */
export function writeHeader(
  file: PythonFile,
  lines: TextLines,
  plan: ImportPlan,
  fates: ReadonlyMap<Binding, Fate>,
  options: EditOptions,
  replacements: Replacements,
): void {
  new HeaderWriter(file, lines, plan, fates, options, replacements).write();
}

class HeaderWriter {
  private readonly runs: Run[];
  private readonly habits: ImportHabits;
  /** Statements all of whose names go. */
  private readonly removed: { change: StatementChange; statement: ImportStatement }[] = [];
  private readonly newLines: NewLine[] = [];
  private readonly lineOf = new Map<string, NewLine>();
  /** Existing statements that take new names, by the key of what they take. */
  private readonly mergedInto = new Map<string, ImportStatement>();
  private readonly memberComments = new Map<string, string>();
  /** Comments behind names that become no name of a from-import. */
  private readonly loose: Loose[] = [];
  /** Existing statements that got a comment. */
  private readonly commented = new Set<number>();
  /** Starts of removed statements whose comment stays there on a line of its own. */
  private readonly commentLines = new Set<number>();

  constructor(
    private readonly file: PythonFile,
    private readonly lines: TextLines,
    private readonly plan: ImportPlan,
    private readonly fates: ReadonlyMap<Binding, Fate>,
    private readonly options: EditOptions,
    private readonly replacements: Replacements,
  ) {
    this.runs = findRuns(file.root, lines, options.isFirstParty);
    this.habits = readHabits(this.entries().map(({ statement }) => statement));
  }

  write(): void {
    for (const change of this.plan.statements) if (change.inHeader) this.dropNames(change);
    this.addPlain();
    this.addFroms();
    for (const loose of this.loose) if (!this.hasMoved(loose.statement)) this.settle(loose);
    for (const { change, statement } of this.removed) this.keepComments(change, statement);
    const filled = this.insertLines();
    this.removeLines(filled);
  }

  private entries(): Entry[] {
    return this.runs.flatMap(({ sections }) => sections.flat().flatMap(({ entries }) => entries));
  }

  // -- what goes ---------------------------------------------------------------------------------

  private dropNames(change: StatementChange): void {
    const statement = readImport(change.node);
    if (change.dropped.size === statement.items.length) {
      this.removed.push({ change, statement });
      this.takeItemComments(change, statement);
    } else if (change.dropped.size > 0) {
      this.takeItemComments(change, statement);
      dropItems(this.lines, statement, new Set(change.dropped.keys()), this.replacements);
    }
  }

  /** Comments behind names in a vertical list go where the name goes. */
  private takeItemComments(change: StatementChange, statement: ImportStatement): void {
    for (const item of statement.items) {
      const successor = change.dropped.get(item.node.id);
      const comment = itemComment(this.lines, statement, item);
      if (!successor || !comment) continue;
      const [first] = successor.imports;
      if (first?.name === undefined) {
        this.loose.push({
          statement,
          successor,
          comments: { trailing: `  ${comment}`, inner: [] },
        });
      } else {
        const known = this.memberComments.get(importKey(first));
        this.memberComments.set(importKey(first), known ? `${known}  ${comment}` : comment);
      }
    }
  }

  private removeLines(filled: readonly Slot[]): void {
    for (const bounds of this.removedRuns()) {
      const [start, end] = [bounds[0] ?? 0, bounds.at(-1) ?? 0];
      const kept =
        filled.some(({ at }) => at >= start && at <= end) || this.leavesComment(start, end);
      const [from, to] = kept ? [start, end] : closeGap(this.lines, start, end, false);
      // Statement by statement, since something may be inserted between two of them.
      const cuts = [from, ...bounds.slice(1, -1), to];
      for (const [at, cut] of cuts.slice(1).entries()) {
        this.replacements.remove(cuts[at] ?? cut, cut);
      }
    }
  }

  /** The lines that go: runs of neighbours, each as the offsets where a statement begins or ends. */
  private removedRuns(): number[][] {
    const runs: number[][] = [];
    for (const { statement } of this.removed) {
      const start = this.lines.start(statement.node.startIndex);
      const end = this.lines.next(statement.node.endIndex);
      const last = runs.at(-1);
      if (last?.at(-1) === start) last.push(end);
      else runs.push([start, end]);
    }
    return runs;
  }

  private leavesComment(start: number, end: number): boolean {
    return [...this.commentLines].some((at) => at >= start && at < end);
  }

  // -- what comes --------------------------------------------------------------------------------

  private addPlain(): void {
    for (const wanted of this.plan.header.values()) {
      const { module, name } = wanted.wanted;
      if (name !== undefined) continue;
      const line = { sort: { module }, text: `import ${module}`, comment: '', wanted };
      this.addLine([importKey(wanted.wanted)], line);
    }
  }

  private addFroms(): void {
    const modules = new Map<string, HeaderImport[]>();
    for (const wanted of this.plan.header.values()) {
      if (wanted.wanted.name === undefined) continue;
      const list = modules.get(wanted.wanted.module) ?? [];
      list.push(wanted);
      modules.set(wanted.wanted.module, list);
    }
    for (const [module, wanted] of modules) this.addFrom(module, wanted);
  }

  private addFrom(module: string, wanted: readonly HeaderImport[]): void {
    if (this.moveWhole(module, wanted)) return;
    const members = wanted.map(({ wanted: each }) => this.member(each));
    for (const group of groupMembers(members, this.habits)) {
      const keys = group.map(({ name, alias }) => importKey({ module, name, alias }));
      const sources = wanted.filter(({ wanted: each }) => keys.includes(importKey(each)));
      const source = earliest(sources);
      const existing = this.mergeable(module, group, source.before);
      if (existing) {
        addMembers(this.lines, existing, group, this.habits, this.replacements);
        for (const key of keys) this.mergedInto.set(key, existing);
        continue;
      }
      const anchor = source.anchor ?? this.file.root;
      const text = writeFrom(module, group, this.habits, this.lines.newline(anchor.startIndex));
      this.addLine(keys, { sort: { module, members: group }, text, comment: '', wanted: source });
    }
  }

  private member({ module, name = '', alias }: NewImport): Member {
    const comment = this.memberComments.get(importKey({ module, name, alias }));
    return { name, ...(alias ? { alias } : {}), ...(comment ? { comment } : {}) };
  }

  /** A statement whose names all pass on keeps its very form, only the module's name changes. */
  private moveWhole(module: string, wanted: readonly HeaderImport[]): boolean {
    const [first, ...more] = new Set(wanted.map(({ anchor }) => anchor?.id));
    const source = this.removed.find(({ statement }) => statement.node.id === first);
    if (more.length > 0 || !source || this.mergeable(module, [], Infinity)) return false;
    const { statement, change } = source;
    if (statement.items.length !== wanted.length) return false;
    if (passesOnWhole(statement.node, this.file, this.fates) !== module) return false;
    const name = statement.node.childForFieldName('module_name');
    if (!name) return false;
    const { text, startIndex } = statement.node;
    const moved =
      text.slice(0, name.startIndex - startIndex) + module + text.slice(name.endIndex - startIndex);
    const keys = wanted.map((each) => importKey(each.wanted));
    const sort = { module, members: statement.items };
    this.addLine(keys, { sort, text: moved, comment: '', wanted: earliest(wanted) });
    change.movedWhole = true;
    return true;
  }

  private mergeable(
    module: string,
    group: readonly Member[],
    before: number,
  ): ImportStatement | undefined {
    if (this.habits.singleLine) return undefined;
    const aliased = (members: readonly Member[]) =>
      members.some(({ alias }) => alias !== undefined);
    return this.entries()
      .map(({ statement }) => statement)
      .find(
        ({ from, items, node }) =>
          from === module &&
          items.length > 0 &&
          node.startIndex < before &&
          (this.habits.combinesAliases || (!aliased(items) && !aliased(group))),
      );
  }

  private addLine(keys: readonly string[], line: NewLine): void {
    this.newLines.push(line);
    for (const key of keys) this.lineOf.set(key, line);
  }

  // -- comments ----------------------------------------------------------------------------------

  /** The comments of a statement that goes, those behind its names aside. */
  private keepComments(change: StatementChange, statement: ImportStatement): void {
    const comments = commentsOf(this.lines, statement);
    const items = statement.items.map((item) => itemComment(this.lines, statement, item));
    comments.inner = change.movedWhole
      ? []
      : comments.inner.filter((comment) => !items.includes(comment));
    const [successor] = change.dropped.values();
    if (successor) this.settle({ statement, successor, comments });
  }

  /** Writes comments beside what comes in place of a name, else where the name stood. */
  private settle({ statement, successor, comments }: Loose): void {
    if (joinComments(comments) === '' || this.onNewLine(successor, comments)) return;
    const text = joinComments(withoutPragmas(comments));
    if (text === '') return;
    const existing = this.existing(successor);
    if (existing && !this.commented.has(existing.node.id)) {
      if (addComment(this.lines, existing, text, this.replacements)) {
        this.commented.add(existing.node.id);
        return;
      }
    }
    const at = this.lines.start(statement.node.startIndex);
    this.commentLines.add(at);
    this.replacements.insert(at, text.trimStart() + this.lines.newline(at));
  }

  private hasMoved({ node }: ImportStatement): boolean {
    return this.removed.some(({ change }) => change.node.id === node.id && change.movedWhole);
  }

  private onNewLine({ imports }: Successor, comments: Comments): boolean {
    const line = imports.map((each) => this.lineOf.get(importKey(each))).find((each) => each);
    if (line) line.comment += joinComments(comments);
    return line !== undefined;
  }

  private existing(successor: Successor): ImportStatement | undefined {
    for (const each of successor.imports) {
      const merged = this.mergedInto.get(importKey(each));
      if (merged) return merged;
    }
    return successor.existing && readImport(successor.existing);
  }

  // -- lines -------------------------------------------------------------------------------------

  /** Inserts the new lines; gives the places they went to. */
  private insertLines(): Slot[] {
    const removed = new Set(this.removed.map(({ statement }) => statement.node.id));
    const finder = new SlotFinder(this.file.root, this.lines, this.runs, removed);
    const kind = (line: NewLine) => kindOf(line.sort.module, this.options.isFirstParty);
    const ordered = [...this.newLines].sort(
      (a, b) => order(kind(a), kind(b)) || compareNew(a.sort, b.sort),
    );
    const placed = ordered.map((line) => {
      const { anchor, before } = line.wanted;
      return { line, slot: finder.find({ sort: line.sort, kind: kind(line), anchor, before }) };
    });
    for (const at of new Set(placed.map(({ slot }) => slot.at))) {
      for (const apart of ['no', 'both', 'after'] as const) {
        const here = placed.filter(({ slot }) => slot.at === at && slot.apart === apart);
        if (here.length > 0)
          this.insertAt(
            { at, apart },
            here.map(({ line }) => line),
          );
      }
    }
    return placed.map(({ slot }) => slot);
  }

  private insertAt({ at, apart }: Slot, added: readonly NewLine[]): void {
    const { text } = this.lines;
    const newline = this.lines.newline(at);
    const rows = added.map((line) => line.text + line.comment);
    if (apart === 'both') rows.unshift('');
    if (apart !== 'no' && at < text.length && !this.lines.isBlank(at)) {
      rows.push('', ...(DEFINITION.test(text.slice(at, this.lines.end(at))) ? [''] : []));
    }
    const block = rows.join(newline);
    // A last line without a newline gets one only when something follows it.
    const unfinished = /[^\r\n\uFEFF]$/.test(text);
    if (unfinished && at === text.length) this.replacements.insert(at, newline + block);
    else if (unfinished && this.isLastLine(at)) this.replacements.insert(at, block);
    else this.replacements.insert(at, block + newline);
  }

  /** Whether all that stands from an offset to the end of the text goes. */
  private isLastLine(at: number): boolean {
    return this.removedRuns().some(
      (bounds) => bounds.includes(at) && bounds.at(-1) === this.lines.text.length,
    );
  }
}

/** A line that black keeps two blank lines above. */
const DEFINITION = /^(@|(async\s+def|def|class)\b)/;

function order(a: ReturnType<typeof kindOf>, b: ReturnType<typeof kindOf>): number {
  return a === b ? 0 : precedes(a, b) ? -1 : 1;
}

/** The import of several that stands first, needed before all that need any of them. */
function earliest(wanted: readonly HeaderImport[]): HeaderImport {
  const sorted = [...wanted].sort(
    (a, b) => (a.anchor?.startIndex ?? Infinity) - (b.anchor?.startIndex ?? Infinity),
  );
  const [first] = sorted;
  if (!first) throw new Error('no import to place');
  return { ...first, before: Math.min(...wanted.map(({ before }) => before)) };
}
