/** What Python's scopes hold: the data that the scope walk of scopes.ts gathers. */

import type { Node } from 'web-tree-sitter';

export type ScopeKind = 'module' | 'class' | 'function' | 'comprehension' | 'type-parameters';

/** One place that binds a name. */
export interface BindingSite {
  kind: 'import' | 'def' | 'class' | 'parameter' | 'assignment' | 'target' | 'delete' | 'type';
  /** The identifier that is bound; for imports the `aliased_import`, `dotted_name` or wildcard. */
  node: Node;
  /** For imports: what the name stands for (`asyncio.locks`, `os`, `..compat.Lock`). */
  imported?: ImportedName;
}

/** What an import binds a name to. */
export interface ImportedName {
  /** The `import` or `from … import` statement. */
  statement: Node;
  /** The dotted name bound, with leading dots for a relative import: `asyncio`, `.compat.Lock`. */
  target: string;
  /** The dotted module of a from-import; undefined for `import x`. */
  from?: string;
}

/** An identifier in load position. */
export interface Reference {
  node: Node;
  name: string;
  scope: Scope;
}

/** A string literal and the scope that it stands in. */
export interface StringSite {
  node: Node;
  scope: Scope;
}

export class Scope {
  readonly bindings = new Map<string, BindingSite[]>();
  readonly globals = new Set<string>();
  readonly nonlocals = new Set<string>();

  constructor(
    readonly kind: ScopeKind,
    readonly node: Node,
    readonly parent: Scope | undefined,
  ) {}

  bind(name: string, site: BindingSite): void {
    const owner = this.owner(name);
    const sites = owner.bindings.get(name);
    if (sites) sites.push(site);
    else owner.bindings.set(name, [site]);
  }

  /** The scope in which a binding made here lands: `global x` sends it to the module. */
  private owner(name: string): Scope {
    if (this.globals.has(name)) return this.module;
    if (!this.nonlocals.has(name)) return this;
    for (let up = this.parent; up; up = up.parent) {
      if (up.kind === 'function' && up.bindings.has(name)) return up;
    }
    return this;
  }

  get module(): Scope {
    let top: Scope = this;
    while (top.parent) top = top.parent;
    return top;
  }

  /** The scope in which a name read here is bound, or undefined (a builtin, a star import). */
  lookup(name: string): Scope | undefined {
    let classSeen = this.kind === 'class' || this.kind === 'type-parameters';
    for (let at: Scope | undefined = this; at; at = at.parent) {
      if (at.kind === 'class' && !classSeen) continue;
      // What is nested in a function that says `global x` reads the global one too.
      if (at.globals.has(name)) return at.module.bindings.has(name) ? at.module : undefined;
      if (at.bindings.has(name)) return at;
      // A class body is visible to its own statements and their annotations, not to what is nested.
      classSeen = classSeen && at.kind === 'type-parameters';
    }
    return undefined;
  }
}

/** The scopes of one file. */
export interface ScopeTree {
  module: Scope;
  /** Scopes by the id of the node that opens them. */
  byNode: ReadonlyMap<number, Scope>;
  references: readonly Reference[];
  /** `from x import *`, which may only stand at module level. */
  stars: readonly ImportedName[];
  strings: readonly StringSite[];
  /** Which scope rules at which offset. */
  ranges: ScopeRanges;
}

interface Range {
  start: number;
  end: number;
  scope: Scope;
  /** The index of the range around it; -1 for the outermost. */
  outer: number;
}

/**
 * Which scope the names at an offset are looked up in. Ranges nest, and the innermost one rules: a
 * function's parameter list is its own, but for the defaults and annotations in it.
 */
export class ScopeRanges {
  private readonly pending: Range[] = [];
  private sorted: Range[] | undefined;

  /** `[start, end)` in UTF-16 code units. */
  add(start: number, end: number, scope: Scope): void {
    this.pending.push({ start, end, scope, outer: -1 });
  }

  /** The scope at a UTF-16 offset; undefined outside of all ranges. */
  at(offset: number): Scope | undefined {
    this.sorted ??= nested(this.pending);
    let low = 0;
    let high = this.sorted.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.sorted[middle]?.start ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    let found = this.sorted[low];
    while (found && (offset < found.start || offset >= found.end)) found = this.sorted[found.outer];
    return found?.scope;
  }
}

/** The ranges by start, those around others first, each with the index of the one around it. */
function nested(ranges: readonly Range[]): Range[] {
  const sorted = [...ranges].sort((a, b) => a.start - b.start || b.end - a.end);
  const open: number[] = [];
  for (const [index, range] of sorted.entries()) {
    while (open.length > 0 && (sorted[open.at(-1) ?? 0]?.end ?? 0) <= range.start) open.pop();
    range.outer = open.at(-1) ?? -1;
    open.push(index);
  }
  return sorted;
}
