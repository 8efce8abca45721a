/**
 * Families: one object that the program makes (a Lock, an Event), every place that can hold it, and
 * every operation on it. All of a family moves to anyio, or none of it.
 *
 * A family grows from its seeds (the uses that make it, annotate it or test for it) by following
 * the value: into variables, attributes, containers, parameters and return values. Where following
 * ends (a call into code that cannot be seen), the family records the escape.
 */

import type { Node } from 'web-tree-sitter';
import type { Place, Use } from '../transform.ts';
import type { ClassInfo, FunctionInfo } from './definitions.ts';
import type { PythonFile } from './file.ts';
import type { Scope } from './scopes.ts';

/** Something that can hold the object, or a container of it. */
export type Slot =
  | { kind: 'variable'; file: PythonFile; scope: Scope; name: string }
  | { kind: 'attribute'; owner: ClassInfo | undefined; name: string }
  /** What calling the function gives; for an `async def`, what awaiting the call gives. */
  | { kind: 'return'; of: FunctionInfo }
  /** What `with` gives out that enters the context manager. */
  | { kind: 'context'; of: FunctionInfo };

/** What the program does with the object. */
export interface Operation {
  kind:
    | 'method' // a call: `x.name(...)`
    | 'attribute' // `x.name` without a call: a callback, a private field
    | 'store' // `x.name = …`
    | 'async-with' // `async with x`
    | 'with' // `with x`
    | 'argument' // handed to asyncio's own API: `asyncio.Condition(x)`
    | 'mixed' // the same place also holds another primitive
    | 'escape'; // where following ends
  /** The member, or for `argument` the asyncio name, or for `escape` what takes the object. */
  name: string;
  node: Node;
  file: PythonFile;
  place: Place;
  /**
   * False when the object may be another one: the attribute was read on something whose class
   * cannot be told.
   */
  certain: boolean;
}

export interface Family {
  /** Stable within a run. */
  id: string;
  /** The primitive: `asyncio.Lock`. */
  name: string;
  uses: Use[];
  operations: Operation[];
  /** The slots' names, for messages: `self._lock`. */
  holders: string[];
}

/** A union-find over keys. */
export class Groups {
  private readonly parents = new Map<string, string>();

  find(key: string): string {
    if (!this.parents.has(key)) this.parents.set(key, key);
    let root = key;
    for (let up = this.parents.get(root); up && up !== root; up = this.parents.get(root)) root = up;
    // Later questions take the short way.
    for (let at = key; at !== root; ) {
      const up = this.parents.get(at) ?? root;
      this.parents.set(at, root);
      at = up;
    }
    return root;
  }

  union(a: string, b: string): void {
    this.parents.set(this.find(a), this.find(b));
  }
}

/** One string for one slot. */
export function slotId(slot: Slot): string {
  switch (slot.kind) {
    case 'variable':
      return `variable:${slot.file.path}:${slot.scope.node.id}:${slot.name}`;
    case 'attribute':
      return attributeId(slot.owner?.key, slot.name);
    default:
      return `${slot.kind}:${slot.of.file.path}:${slot.of.node.id}`;
  }
}

/** The id of the slot of an attribute, by the key of the class if it is known. */
export function attributeId(owner: string | undefined, name: string): string {
  return `attribute:${owner ?? '?'}:${name}`;
}

/** A slot as a person would write it. */
export function slotName(slot: Slot): string {
  switch (slot.kind) {
    case 'variable':
      return slot.name;
    case 'attribute':
      return slot.owner ? `${slot.owner.name}.${slot.name}` : `.${slot.name}`;
    default:
      return `${slot.of.name}()`;
  }
}
