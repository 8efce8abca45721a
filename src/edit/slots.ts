/**
 * The place of a new import at module level: with the imports of its kind, else in a section of
 * its own between those that come before and after it, and always before it is needed.
 */

import type { Node } from 'web-tree-sitter';
import { isBareString } from '../syntax/nodes.ts';
import type { TextLines } from './lines.ts';
import { entryAfter, isSorted, type Sortable } from './order.ts';
import { type Entry, type Group, type Kind, precedes, type Run, type Section } from './sections.ts';

/** A place for whole lines. */
export interface Slot {
  /** The start of a line, a UTF-16 offset. */
  at: number;
  /** Whether blank lines set the new lines off from what stands before and after. */
  apart: 'no' | 'after' | 'both';
}

/** What is to be placed. */
export interface Placed {
  sort: Sortable;
  kind: Kind;
  /** The module-level asyncio import that it takes the place of, if any. */
  anchor?: Node;
  /** The new import must come before this offset. */
  before: number;
}

export class SlotFinder {
  /** Groups that got a new import: they are not empty, even when all their own imports go. */
  private readonly filled = new Set<Group>();

  constructor(
    private readonly root: Node,
    private readonly lines: TextLines,
    private readonly runs: readonly Run[],
    /** Ids of the statements that go altogether. */
    private readonly removed: ReadonlySet<number>,
  ) {}

  find(placed: Placed): Slot {
    const runs = this.candidates(placed.anchor);
    const [home] = runs;
    for (const run of runs) {
      const slot = this.inGroup(placed, run, run === home);
      if (slot && slot.at < placed.before) return slot;
    }
    const slot = home && this.ownSection(placed, home);
    return slot && slot.at < placed.before ? slot : this.top();
  }

  /** The anchor's run, those before it, and those behind it that are still header. */
  private candidates(anchor: Node | undefined): Run[] {
    const home = anchor ? this.runs.findIndex((run) => holds(run, anchor)) : 0;
    const own = this.runs[home];
    if (!own) return [];
    const behind = this.runs.slice(home + 1);
    const end = behind.findIndex(({ joinsPrevious }) => !joinsPrevious);
    return [own, ...this.runs.slice(0, home), ...behind.slice(0, end < 0 ? behind.length : end)];
  }

  // -- with its kind -----------------------------------------------------------------------------

  private inGroup(placed: Placed, run: Run, isHome: boolean): Slot | undefined {
    const groups = run.sections.flat();
    const group = groups.find(({ kind }) => kind === placed.kind);
    if (group) return this.sorted(placed, group, run);
    const mixed = groups.find((each) => each.kind === 'mixed' && concerns(each, placed));
    return mixed && this.inMixed(placed, mixed, run, isHome);
  }

  private inMixed(placed: Placed, group: Group, run: Run, isHome: boolean): Slot {
    const anchor = group.entries.find((entry) => entry.statement.node.id === placed.anchor?.id);
    if (!isHome || !anchor || isSorted(group.entries)) return this.sorted(placed, group, run);
    return {
      at: this.removed.has(anchor.statement.node.id) ? anchor.start : anchor.end,
      apart: 'no',
    };
  }

  private sorted(placed: Placed, group: Group, run: Run): Slot {
    const evidence = run.sections.map((section) => section.flatMap(({ entries }) => entries));
    const next = entryAfter(placed.sort, group.entries, evidence);
    const at = next ? next.lead : endOf(group);
    if (at < placed.before) this.filled.add(group);
    return { at, apart: 'no' };
  }

  // -- in a section of its own -------------------------------------------------------------------

  private ownSection(placed: Placed, run: Run): Slot | undefined {
    const groups = run.sections.flat();
    const previous = groups.filter(({ kind }) => isBefore(kind, placed.kind)).at(-1);
    if (previous) {
      const section = run.sections.find((each) => each.includes(previous));
      return this.behind(previous, section ?? [previous]);
    }
    const [next] = groups[0]?.entries ?? [];
    return next && { at: this.startOfSection(next), apart: 'after' };
  }

  private behind(group: Group, section: Section): Slot {
    const first = group.entries[0];
    if (first && this.isEmptied(group)) return { at: first.start, apart: 'no' };
    const followed = section.at(-1) !== group;
    return { at: endOf(group), apart: followed ? 'no' : 'both' };
  }

  private isEmptied(group: Group): boolean {
    const { entries } = group;
    return (
      !this.filled.has(group) &&
      entries.every(({ statement }) => this.removed.has(statement.node.id))
    );
  }

  /** Above the section's heading, but not above the first lines of the file. */
  private startOfSection({ start, lead }: Entry): number {
    let at = lead;
    for (let up = this.lines.previous(start); up !== undefined; up = this.lines.previous(up)) {
      if (!/^[ \t]*#/.test(this.lines.after(up))) return at;
      at = up;
    }
    return lead;
  }

  // -- without imports to go by ------------------------------------------------------------------

  /** Behind the docstring and the `__future__` imports, or the comments that open the file. */
  private top(): Slot {
    let end: number | undefined;
    for (const node of this.root.namedChildren) {
      const header = node.type === 'comment' ? end === undefined : isPrologue(node);
      if (!header && node.type !== 'comment') break;
      if (header && node.type !== 'comment') end = this.lines.next(node.endIndex);
    }
    end ??= this.endOfComments();
    const atTop = this.lines.previous(end) === undefined;
    return { at: end, apart: atTop ? 'after' : 'both' };
  }

  private endOfComments(): number {
    let at = this.lines.text.startsWith('\uFEFF') ? 1 : 0;
    while (/^[ \t]*#/.test(this.lines.after(at))) at = this.lines.next(at);
    return at;
  }
}

function isPrologue(node: Node): boolean {
  return node.type === 'future_import_statement' || isBareString(node);
}

function isBefore(kind: Group['kind'], other: Kind): boolean {
  return kind === 'mixed' || precedes(kind, other);
}

/** Whether an undivided group is the place for an import: it has its like, or its anchor. */
function concerns(group: Group, { kind, anchor }: Placed): boolean {
  return group.entries.some(
    (entry) => entry.kind === kind || entry.statement.node.id === anchor?.id,
  );
}

function holds(run: Run, node: Node): boolean {
  return run.sections.flat().some(({ entries }) => {
    return entries.some(({ statement }) => statement.node.id === node.id);
  });
}

function endOf(group: Group): number {
  return group.entries.at(-1)?.end ?? 0;
}
