/**
 * Changes of import statements that stay where they are: in functions, classes, `if` and `try`,
 * and on lines that they share with other statements.
 */

import type { Node } from 'web-tree-sitter';
import type { Binding } from '../analysis/bindings.ts';
import type { PythonFile } from '../analysis/file.ts';
import { codeChildren } from '../syntax/nodes.ts';
import { STDLIB_MODULES } from '../syntax/stdlib.ts';
import { commentsOf, joinComments, withoutPragmas } from './comments.ts';
import { type Fate, passesOnWhole } from './fates.ts';
import type { StatementChange } from './import-plan.ts';
import {
  dropItems,
  IMPORT_TYPES,
  type ImportStatement,
  itemComment,
  readImport,
  standsAlone,
} from './import-statement.ts';
import type { TextLines } from './lines.ts';
import { groupMembers, type ImportHabits, writeFrom } from './members.ts';
import { importKey, type NewImport } from './needs.ts';
import { compareNew } from './order.ts';
import { closeGap } from './removal.ts';
import type { Replacements } from './replacements.ts';

/** Writes the change of one statement where it stands. */
export function writeInPlace(
  file: PythonFile,
  lines: TextLines,
  change: StatementChange,
  fates: ReadonlyMap<Binding, Fate>,
  replacements: Replacements,
): void {
  new InPlaceWriter(file, lines, change, fates, replacements).write();
}

/** Whether a statement imports from the standard library alone. */
function isStandard(statement: Node): boolean {
  if (!IMPORT_TYPES.has(statement.type)) return false;
  const { from, items } = readImport(statement);
  const modules = from === undefined ? items.map(({ name }) => name) : [from];
  return modules.every((module) => STDLIB_MODULES.has(module.split('.')[0] ?? ''));
}

class InPlaceWriter {
  private readonly statement: ImportStatement;
  private readonly alone: boolean;
  private readonly habits: ImportHabits;

  constructor(
    private readonly file: PythonFile,
    private readonly lines: TextLines,
    private readonly change: StatementChange,
    private readonly fates: ReadonlyMap<Binding, Fate>,
    private readonly replacements: Replacements,
  ) {
    this.statement = readImport(change.node);
    this.alone = standsAlone(lines, change.node);
    const width = this.alone ? 88 : Infinity;
    const { from, items } = this.statement;
    const combinesAliases = from !== undefined && items.length > 1;
    this.habits = { width, combinesAliases, singleLine: false, order: 'type' };
  }

  write(): void {
    const { node, dropped } = this.change;
    const added = [...this.change.added.values()];
    if (dropped.size === 0) return this.alone ? this.addBehind(added) : this.addBefore(added);
    if (dropped.size < this.statement.items.length) return this.dropSome(added);
    if (added.length === 0) return this.drop();
    const module = passesOnWhole(node, this.file, this.fates);
    const name = node.childForFieldName('module_name');
    if (module !== undefined && name && this.passesOn(added, module)) {
      this.replacements.replace(name.startIndex, name.endIndex, module);
    } else {
      const texts = [...this.innerComments(() => true), ...this.texts(added)];
      this.replacements.replace(node.startIndex, node.endIndex, texts.join(this.separator()));
    }
  }

  /** Whether the added imports are just the statement's own names, from another module. */
  private passesOn(added: readonly NewImport[], module: string): boolean {
    const { items } = this.statement;
    return (
      added.length === items.length &&
      items.every(({ name, alias }) =>
        added.some((each) => importKey(each) === importKey({ module, name, alias })),
      )
    );
  }

  /** A block of its own behind the standard library's imports, as isort has it in a suite too. */
  private addBehind(added: readonly NewImport[]): void {
    let last = this.change.node;
    for (let next = this.below(last); next && isStandard(next); next = this.below(last))
      last = next;
    const { startIndex } = this.change.node;
    const newline = this.lines.newline(startIndex);
    const indent = this.lines.before(startIndex);
    const block = this.texts(added).map((text) => newline + indent + text);
    const follows = this.below(last);
    const gap = follows && IMPORT_TYPES.has(follows.type) ? newline : '';
    this.replacements.insert(this.lines.end(last.endIndex), newline + block.join('') + gap);
  }

  /** The statement on the very next line, if one begins there. */
  private below(node: Node): Node | undefined {
    const next = node.nextNamedSibling;
    return next && next.startIndex < this.lines.next(this.lines.next(node.endIndex))
      ? next
      : undefined;
  }

  private addBefore(added: readonly NewImport[], comments: readonly string[] = []): void {
    const texts = [...this.texts(added), ...comments].map((text) => text + this.separator());
    this.replacements.insert(this.change.node.startIndex, texts.join(''));
  }

  private dropSome(added: readonly NewImport[]): void {
    const { dropped } = this.change;
    const [item, ...more] = this.statement.items.filter(({ node }) => dropped.has(node.id));
    const [only, ...others] = added;
    // `import asyncio, os` has a place for the module that comes instead.
    if (this.statement.from === undefined && item && only && more.length + others.length === 0) {
      if (only.name === undefined) {
        this.replacements.replace(item.node.startIndex, item.node.endIndex, only.module);
        return;
      }
    }
    const behindDropped = this.statement.items
      .filter(({ node }) => dropped.has(node.id))
      .map((each) => itemComment(this.lines, this.statement, each));
    this.addBefore(
      added,
      this.innerComments((comment) => behindDropped.includes(comment)),
    );
    dropItems(this.lines, this.statement, new Set(dropped.keys()), this.replacements);
  }

  private drop(): void {
    const { node } = this.change;
    const suite = node.parent;
    const statements = suite ? codeChildren(suite) : [];
    if (statements.length === 1 && suite?.type === 'block') {
      this.replacements.replace(node.startIndex, node.endIndex, 'pass');
    } else if (this.alone) {
      this.dropLines(node.id === statements[0]?.id);
    } else {
      this.dropInline(statements);
    }
  }

  private dropLines(opens: boolean): void {
    const { node } = this.change;
    const start = this.lines.start(node.startIndex);
    const end = this.lines.next(node.endIndex);
    const comment = joinComments(
      withoutPragmas(commentsOf(this.lines, this.statement)),
    ).trimStart();
    if (comment !== '') {
      this.replacements.replace(node.startIndex, this.lines.end(node.endIndex), comment);
      return;
    }
    const [from, to] = closeGap(this.lines, start, end, opens);
    this.replacements.remove(from, to);
  }

  /** `import os; import asyncio; main()`: the statement goes with the semicolon beside it. */
  private dropInline(statements: readonly Node[]): void {
    const { node } = this.change;
    const at = statements.findIndex(({ id }) => id === node.id);
    const [previous, next] = [statements[at - 1], statements[at + 1]];
    const line = this.lines.end(node.endIndex);
    if (next && next.startIndex < line) {
      this.replacements.remove(node.startIndex, next.startIndex);
    } else if (previous && previous.endIndex > this.lines.start(node.startIndex)) {
      this.replacements.remove(previous.endIndex, node.endIndex);
    } else {
      this.replacements.replace(node.startIndex, node.endIndex, 'pass');
    }
  }

  private texts(added: readonly NewImport[]): string[] {
    const plain = added.filter(({ name }) => name === undefined).map(({ module }) => ({ module }));
    const modules = new Set(
      added.filter(({ name }) => name !== undefined).map(({ module }) => module),
    );
    const texts = plain.sort(compareNew).map(({ module }) => `import ${module}`);
    for (const module of [...modules].sort()) texts.push(...this.fromTexts(module, added));
    return texts;
  }

  private fromTexts(module: string, added: readonly NewImport[]): string[] {
    const comments = this.memberComments();
    const members = added.flatMap((each) =>
      each.module === module && each.name !== undefined
        ? [{ name: each.name, alias: each.alias, comment: comments.get(importKey(each)) }]
        : [],
    );
    const { startIndex } = this.change.node;
    const newline = this.lines.newline(startIndex);
    const indent = this.lines.before(startIndex);
    return groupMembers(members, this.habits).map((group) =>
      writeFrom(module, group, this.habits, newline, this.alone ? indent : ''),
    );
  }

  /** Comments behind names in a vertical list, by what comes in place of the name. */
  private memberComments(): Map<string, string> {
    const comments = new Map<string, string>();
    for (const item of this.statement.items) {
      const [first] = this.change.dropped.get(item.node.id)?.imports ?? [];
      const comment = itemComment(this.lines, this.statement, item);
      if (first?.name !== undefined && comment) comments.set(importKey(first), comment);
    }
    return comments;
  }

  /** Comments between the parentheses that go, and with no name. They get lines of their own. */
  private innerComments(goes: (comment: string) => boolean): string[] {
    if (!this.alone) return [];
    const moved = new Set(this.memberComments().values());
    const texts = this.statement.comments.map(({ text }) => text);
    return texts.filter((text) => goes(text) && !moved.has(text));
  }

  private separator(): string {
    const { startIndex } = this.change.node;
    if (!this.alone) return '; ';
    return this.lines.newline(startIndex) + this.lines.before(startIndex);
  }
}
