/** Containers of the standard library, by how they are written. */

import type { Node } from 'web-tree-sitter';
import { codeChildren, lastName } from '../syntax/nodes.ts';

/** What indices mean to a container: keys of their own, or places in an order. */
export type ContainerKind = 'mapping' | 'sequence';

const CONTAINERS: ReadonlyMap<string, ContainerKind> = new Map([
  ...namesOf(
    'mapping',
    'dict Dict defaultdict DefaultDict OrderedDict Mapping MutableMapping WeakValueDictionary',
  ),
  ...namesOf(
    'sequence',
    'list List deque Deque Sequence MutableSequence set Set MutableSet frozenset FrozenSet WeakSet',
  ),
]);
const DISPLAYS: ReadonlyMap<string, ContainerKind> = new Map([
  ...namesOf('mapping', 'dictionary dictionary_comprehension'),
  ...namesOf('sequence', 'list set list_comprehension set_comprehension'),
]);

/** Whether a class or a generic of that name is a container. */
export function isContainerName(name: string | undefined): boolean {
  return CONTAINERS.has(name ?? '');
}

/** The kind of what a display, a comprehension or a call of a constructor makes. */
export function kindMade(expression: Node): ContainerKind | undefined {
  if (expression.type !== 'call') return DISPLAYS.get(expression.type);
  return CONTAINERS.get(lastName(expression.childForFieldName('function')) ?? '');
}

/** The kind that a `type` node names: `dict`, `t.List[int]`. */
export function kindAnnotated(type: Node | null): ContainerKind | undefined {
  const annotated = type && codeChildren(type)[0];
  const plain = annotated?.type === 'identifier' || annotated?.type === 'attribute';
  const head = plain ? annotated : annotated && codeChildren(annotated)[0];
  return CONTAINERS.get(lastName(head) ?? '');
}

function namesOf(kind: ContainerKind, names: string): [string, ContainerKind][] {
  return names.split(' ').map((name) => [name, kind]);
}
