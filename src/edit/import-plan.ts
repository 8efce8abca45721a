/**
 * Which import statements change, and how: what is added at the top of the module, what is added
 * or replaced where a statement stands, and which names leave which statement.
 */

import type { Node } from 'web-tree-sitter';
import type { Binding, ImportSite } from '../analysis/bindings.ts';
import type { PythonFile } from '../analysis/file.ts';
import { type Fate, isImportedGlobally } from './fates.ts';
import { standsAlone } from './import-statement.ts';
import type { TextLines } from './lines.ts';
import { importKey, type NewImport } from './needs.ts';
import type { Needed } from './spelling.ts';

/** An import that goes to the top of the module. */
export interface HeaderImport {
  wanted: NewImport;
  /** The module-level asyncio import that it takes the place of, if there is one. */
  anchor?: Node;
  /** The offset of the first use behind the anchor: the import must come before it. */
  before: number;
}

/** One changed asyncio import statement. */
export interface StatementChange {
  node: Node;
  /** A statement of the module itself, alone on its lines: what it needs goes to the top. */
  inHeader: boolean;
  /** Names that go, by node id, with what serves their references from now on. */
  dropped: Map<number, Successor>;
  /** Set when the statement moved with its form and the comments in it. */
  movedWhole?: boolean;
  /** Imports to add where the statement stands. */
  added: Map<string, NewImport>;
}

/** What comes in place of a name: new imports, or an import statement that was there already. */
export interface Successor {
  imports: NewImport[];
  existing?: Node;
}

export interface ImportPlan {
  header: Map<string, HeaderImport>;
  /** In the order of the text. */
  statements: StatementChange[];
}

/** Plans the import changes for the names that were spelled. */
export function planImports(
  file: PythonFile,
  lines: TextLines,
  fates: ReadonlyMap<Binding, Fate>,
  needed: Needed,
): ImportPlan {
  return new Planner(file, lines, fates, needed).plan();
}

class Planner {
  private readonly header = new Map<string, HeaderImport>();
  private readonly statements = new Map<number, StatementChange>();

  constructor(
    private readonly file: PythonFile,
    private readonly lines: TextLines,
    private readonly fates: ReadonlyMap<Binding, Fate>,
    private readonly needed: Needed,
  ) {}

  plan(): ImportPlan {
    const bindings = new Set([...this.needed.byBinding.keys(), ...this.fates.keys()]);
    for (const binding of bindings) {
      const wanted = [...(this.needed.byBinding.get(binding)?.values() ?? [])];
      this.add(binding, wanted);
      if (this.fates.get(binding)?.goes) this.drop(binding, wanted);
    }
    for (const wanted of this.needed.loose.values()) this.addLoose(wanted);
    const statements = [...this.statements.values()];
    statements.sort((a, b) => a.node.startIndex - b.node.startIndex);
    forgetRepetitions(statements);
    return { header: this.header, statements };
  }

  private add(binding: Binding, wanted: readonly NewImport[]): void {
    if (wanted.length === 0) return;
    if (binding.via !== undefined || isImportedGlobally(binding, this.file)) {
      for (const each of wanted) this.addToHeader(each, undefined);
      return;
    }
    const top = binding.imports.find((site) => this.inHeader(site.imported.statement));
    if (top) for (const each of wanted) this.addToHeader(each, top.imported.statement);
    for (const { imported } of binding.imports) {
      const { statement } = imported;
      // What an import at the top gives need not be imported again below it, unless the statement
      // there would otherwise lose what it imported.
      const served = top && top.imported.statement.startIndex <= statement.startIndex;
      if (this.inHeader(statement) || (served && !this.fates.get(binding)?.goes)) continue;
      this.addInPlace(statement, wanted);
    }
  }

  private addLoose(wanted: NewImport): void {
    const [star] = this.file.bindings.stars;
    const anchored = star && wanted.module === 'anyio';
    if (anchored && !this.inHeader(star.statement)) this.addInPlace(star.statement, [wanted]);
    else this.addToHeader(wanted, anchored ? star.statement : undefined);
  }

  private addToHeader(wanted: NewImport, anchor: Node | undefined): void {
    const key = importKey(wanted);
    const known = this.header.get(key);
    const first = firstOf(known?.anchor, anchor);
    const places = this.needed.places.get(key) ?? [];
    const after = first?.startIndex ?? -1;
    const before = Math.min(Number.POSITIVE_INFINITY, ...places.filter((place) => place > after));
    const entry: HeaderImport = { wanted, before };
    if (first) entry.anchor = first;
    this.header.set(key, entry);
  }

  private addInPlace(statement: Node, wanted: readonly NewImport[]): void {
    const { added } = this.change(statement);
    for (const each of wanted) added.set(importKey(each), each);
  }

  private drop(binding: Binding, wanted: NewImport[]): void {
    const existing = this.needed.served.get(binding)?.site.imported?.statement;
    for (const site of binding.imports) {
      const successor: Successor = { imports: wanted };
      if (existing) successor.existing = existing;
      this.change(site.imported.statement).dropped.set(itemId(site), successor);
    }
  }

  private change(node: Node): StatementChange {
    let change = this.statements.get(node.id);
    if (!change) {
      const inHeader = this.inHeader(node);
      change = { node, inHeader, dropped: new Map(), added: new Map() };
      this.statements.set(node.id, change);
    }
    return change;
  }

  private inHeader(statement: Node): boolean {
    return statement.parent?.type === 'module' && standsAlone(this.lines, statement);
  }
}

/** An import that an earlier statement of the same suite adds already is not added again. */
function forgetRepetitions(statements: readonly StatementChange[]): void {
  const seen = new Set<string>();
  for (const { node, added } of statements) {
    for (const key of [...added.keys()]) {
      const inSuite = `${node.parent?.id} ${key}`;
      if (seen.has(inSuite)) added.delete(key);
      seen.add(inSuite);
    }
  }
}

function itemId(site: ImportSite): number {
  return site.node.id;
}

function firstOf(a: Node | undefined, b: Node | undefined): Node | undefined {
  if (!a || !b) return a ?? b;
  return a.startIndex <= b.startIndex ? a : b;
}
