/** Builds the families of the whole project: see families.ts for what they are. */

import type { Node } from 'web-tree-sitter';
import type { Use } from '../transform.ts';
import type { Definitions } from './definitions.ts';
import {
  attributeId,
  type Family,
  Groups,
  type Operation,
  type Slot,
  slotId,
  slotName,
} from './families.ts';
import type { PythonFile } from './file.ts';
import { Flow, type Value } from './flow.ts';
import { MAX_PATH, mappingStep, overlap, type Path } from './paths.ts';
import type { Project } from './project.ts';
import { Readers } from './readers.ts';
import { Seeds } from './seeds.ts';

/** A slot that holds the object of a group, and where in it the object lies. */
interface Held {
  group: string;
  slot: Slot;
  path: Path;
}

/** Answers which family a use belongs to. The index is built on the first question. */
export class FamilyIndex {
  private readonly groups = new Groups();
  /** Slots and paths that were reached, and whether for certain. */
  private readonly seen = new Map<string, boolean>();
  /** What was reached, by the id of the slot. */
  private readonly reached = new Map<string, Held[]>();
  /** The attributes that were reached, by their name. */
  private readonly attributes = new Map<string, Held[]>();
  private readonly holders: Held[] = [];
  private readonly operations = new Map<string, Map<string, Operation>>();
  private readonly queue: { group: string; value: Value }[] = [];
  private readonly visited = new Set<string>();
  private families: Map<Use, Family> | undefined;
  /** The group that what is being followed belongs to. */
  private current = '';
  private readonly flow: Flow;
  private readonly seeds: Seeds;
  private readonly readers: Readers;

  /**
   * @param names the primitives to follow: canonical names of classes, `asyncio.Lock`.
   * @param files the files whose uses seed families.
   */
  constructor(
    project: Project,
    definitions: Definitions,
    private readonly files: readonly PythonFile[],
    private readonly names: ReadonlySet<string>,
  ) {
    this.readers = new Readers(project, definitions);
    this.flow = new Flow(definitions, {
      slot: (slot, path, certain) => this.reach(slot, path, certain),
      value: (value) => this.enqueue(value),
      operation: (kind, name, node, from) => this.operate(kind, name, node, from),
    });
    this.seeds = new Seeds(definitions, this.readers, {
      value: (value) => this.enqueue(value),
      slot: (slot, path) => this.reach(slot, path, true),
      into: (target, value) => this.flow.into(target, value),
      escape: (how, value) => this.flow.escape(how, value),
      mixed: (what, value) => this.operate('mixed', what, value.node, value),
    });
  }

  /** The family of a use of one of the primitives. */
  familyOf(use: Use): Family | undefined {
    this.families ??= this.build();
    return this.families.get(use);
  }

  private build(): Map<Use, Family> {
    const uses = this.files.flatMap((file) => file.uses.filter((use) => this.names.has(use.name)));
    for (const use of uses) {
      this.current = seedKey(use);
      this.groups.find(this.current);
      this.seeds.plant(use);
      this.drain();
    }
    this.adopt(uses);
    return this.collect(uses);
  }

  /**
   * An object that is stored on a receiver of unknown class may be the one that a class declares
   * and does not make, or tests for: then they move together.
   */
  private adopt(uses: readonly Use[]): void {
    const roles = new Map<string, Set<string>>();
    for (const use of uses) {
      const root = this.groups.find(seedKey(use));
      roles.set(root, (roles.get(root) ?? new Set()).add(use.role));
    }
    for (const { group, slot, path } of this.holders) {
      if (slot.kind !== 'attribute' || slot.owner) continue;
      for (const other of this.attributes.get(slot.name) ?? []) {
        const known = roles.get(this.groups.find(other.group)) ?? new Set<string>();
        const made = known.has('call') || known.has('default-factory');
        if ((!made || known.has('isinstance')) && overlap(path, other.path)) {
          this.groups.union(group, other.group);
        }
      }
    }
  }

  private drain(): void {
    for (let next = this.queue.pop(); next; next = this.queue.pop()) {
      this.current = next.group;
      this.flow.follow(next.value);
    }
  }

  private collect(uses: readonly Use[]): Map<Use, Family> {
    const byRoot = new Map<string, Family>();
    const result = new Map<Use, Family>();
    for (const use of uses) {
      const root = this.groups.find(seedKey(use));
      const family = byRoot.get(root) ?? emptyFamily(byRoot.size + 1, use.name);
      byRoot.set(root, family);
      if (family.name !== use.name) family.operations.push(mixed(use));
      family.uses.push(use);
      result.set(use, family);
    }
    for (const { group, slot } of this.holders) {
      const family = byRoot.get(this.groups.find(group));
      const name = slotName(slot);
      if (family && !family.holders.includes(name)) family.holders.push(name);
    }
    for (const [root, operations] of this.operationsByRoot()) {
      byRoot.get(root)?.operations.push(...operations.values());
    }
    return result;
  }

  /** All operations of what was found to be one group: each once, as sure as the surest. */
  private operationsByRoot(): Map<string, Map<string, Operation>> {
    const merged = new Map<string, Map<string, Operation>>();
    for (const [group, operations] of this.operations) {
      const root = this.groups.find(group);
      const all = merged.get(root) ?? new Map<string, Operation>();
      merged.set(root, all);
      for (const [key, operation] of operations) {
        const known = all.get(key);
        if (known) known.certain ||= operation.certain;
        else all.set(key, { ...operation });
      }
    }
    return merged;
  }

  // -- what the flow reports ---------------------------------------------------------------------

  private enqueue(value: Value): void {
    const { file, node, path, certain } = value;
    const key = `${file.path}:${node.id}:${path.join('/')}:${certain}`;
    const seen = `${this.groups.find(this.current)}|${key}`;
    if (this.visited.has(seen)) return;
    this.visited.add(seen);
    this.queue.push({ group: this.current, value });
  }

  private operate(kind: Operation['kind'], name: string, node: Node, from: Value): void {
    const group = this.operations.get(this.current) ?? new Map<string, Operation>();
    this.operations.set(this.current, group);
    const key = operationKey(kind, name, node, from.file);
    const known = group.get(key);
    if (known) known.certain ||= from.certain;
    else {
      const place = from.file.place(node);
      group.set(key, { kind, name, node, file: from.file, place, certain: from.certain });
    }
  }

  private reach(slot: Slot, path: Path, certain: boolean): void {
    const group = `${slotId(slot)}|${path.join('/')}`;
    this.groups.union(this.current, group);
    const known = this.seen.get(group);
    if (known || known === certain) return;
    this.seen.set(group, certain);
    if (known === undefined) this.join({ group, slot, path });
    const from = this.current;
    this.current = group;
    if (path.length > MAX_PATH) this.tooDeep(slot, certain);
    else this.follow(slot, path, certain);
    this.current = from;
  }

  /** Brings together the slots that may hold the same object. */
  private join(held: Held): void {
    for (const id of this.sameSlots(held.slot)) {
      for (const other of this.reached.get(id) ?? []) {
        if (overlap(held.path, other.path)) this.groups.union(held.group, other.group);
      }
    }
    put(this.reached, slotId(held.slot), held);
    if (held.slot.kind === 'attribute') put(this.attributes, held.slot.name, held);
    this.holders.push(held);
  }

  /** The ids of the slots that may be this one: of an attribute, those of all related classes. */
  private sameSlots(slot: Slot): string[] {
    if (slot.kind !== 'attribute' || !slot.owner) return [slotId(slot)];
    const keys = this.flow.definitions.relatives(slot.owner);
    return [...keys].map((key) => attributeId(key, slot.name));
  }

  private follow(slot: Slot, path: Path, certain: boolean): void {
    this.readers.of(slot, {
      read: (node, file, sure) => this.enqueue({ node, file, path, certain: certain && sure }),
      alias: (other, sure) => this.reach(other, path, certain && sure),
      target: (node, file, sure) =>
        this.flow.into(node, { node, file, path, certain: certain && sure }),
      namespace: (node, file, key, sure) =>
        this.enqueue({
          node,
          file,
          path: [mappingStep(key), ...path],
          certain: certain && sure,
        }),
      escape: (how, node, file, sure) =>
        this.operate('escape', how, node, { node, file, path, certain: certain && sure }),
    });
  }

  /** `x = [x]`: containers within containers without end. */
  private tooDeep(slot: Slot, certain: boolean): void {
    const file = slot.kind === 'variable' ? slot.file : undefined;
    const node = slot.kind === 'variable' ? slot.scope.node : undefined;
    const home = slot.kind === 'attribute' ? slot.owner : undefined;
    const of = slot.kind === 'return' || slot.kind === 'context' ? slot.of : home;
    const at = node ?? of?.node;
    const within = file ?? of?.file;
    if (!at || !within) return;
    const from: Value = { node: at, file: within, path: [], certain };
    this.operate('escape', `containers nested too deep in ${slotName(slot)}`, at, from);
  }
}

function emptyFamily(number: number, name: string): Family {
  return { id: `family-${number}`, name, uses: [], operations: [], holders: [] };
}

function put(lists: Map<string, Held[]>, key: string, held: Held): void {
  const list = lists.get(key);
  if (list) list.push(held);
  else lists.set(key, [held]);
}

function operationKey(kind: string, name: string, node: Node, file: PythonFile): string {
  return `${file.path}:${node.id}:${kind}:${name}`;
}

function seedKey(use: Use): string {
  return `use:${use.file.path}:${use.span.start}`;
}

function mixed(use: Use): Operation {
  return {
    kind: 'mixed',
    name: use.name,
    node: use.node,
    file: use.file,
    place: use.file.place(use.node),
    certain: true,
  };
}
