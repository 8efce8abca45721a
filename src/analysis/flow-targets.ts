/** Where a value goes that is assigned: names, attributes, elements, and patterns that unpack it. */

import type { Node } from 'web-tree-sitter';
import { codeChildren, same, withParens } from '../syntax/nodes.ts';
import type { ContainerFlow } from './flow-containers.ts';
import { EITHER, ELEMENT, iterated, keyOf, storedStep, taken, tupleIndex } from './paths.ts';
import { after, type Follower, type Value, within } from './value.ts';

/** Patterns that unpack what is assigned to them. */
const PATTERNS = new Set(['pattern_list', 'tuple_pattern', 'list_pattern', 'tuple', 'list']);
/** What a target may stand in: patterns, and the displays that look like them. */
const HOLDING_TARGETS = new Set([...PATTERNS, 'list_splat_pattern', 'expression_list']);

export class TargetFlow {
  constructor(
    private readonly follower: Follower,
    private readonly containers: ContainerFlow,
  ) {}

  /** The value is assigned to this target: a name, an attribute, an element or a pattern. */
  into(target: Node | null | undefined, from: Value): void {
    if (!target) return;
    if (PATTERNS.has(target.type)) return this.unpack(target, from);
    switch (target.type) {
      case 'identifier':
        return this.intoName(target, from);
      case 'attribute': {
        const name = target.childForFieldName('attribute')?.text ?? '';
        return this.intoAttribute(target.childForFieldName('object'), name, from);
      }
      case 'subscript':
        return this.intoElement(target, from);
      case 'as_pattern_target':
      case 'parenthesized_expression':
        return this.into(codeChildren(target)[0], from);
      default:
        this.follower.escape('an assignment that is not followed', from);
    }
  }

  private unpack(pattern: Node, from: Value): void {
    const targets = codeChildren(pattern);
    const [first, ...rest] = from.path;
    if (first === undefined) return this.follower.escape('an unpacking', from);
    const star = targets.findIndex((target) => target.type.startsWith('list_splat'));
    for (const [index, target] of targets.entries()) {
      // Behind a star, a target may get any of the later elements.
      const key = star >= 0 && index >= star ? undefined : String(index);
      const at = tupleIndex(first);
      if (at !== undefined && key === undefined && at < star) continue;
      const element = iterated(from.path) && taken(from.path, key);
      if (!element) continue;
      const value = after(from, { ...element, certain: element.certain && first !== EITHER });
      if (index === star)
        this.into(codeChildren(target)[0], within({ ...value, path: rest }, ELEMENT));
      else this.into(target, value);
    }
  }

  private intoName(target: Node, from: Value): void {
    const scope = from.file.scopeAt(target);
    const owner = scope.lookup(target.text) ?? scope;
    if (owner.kind === 'class') {
      const info = this.follower.definitions.classOf(from.file, owner.node);
      this.follower.slot({ kind: 'attribute', owner: info, name: target.text }, from);
    }
    this.follower.slot(
      { kind: 'variable', file: from.file, scope: owner, name: target.text },
      from,
    );
  }

  intoAttribute(object: Node | null, name: string, from: Value): void {
    const type = this.follower.definitions.typeOf(from.file, object);
    if (type?.kind === 'module') {
      const home = this.follower.definitions.project.load(type.name, from.file);
      if (home)
        this.follower.slot({ kind: 'variable', file: home, scope: home.scopes.module, name }, from);
      else this.follower.escape(`the module ${type.name}`, from);
      return;
    }
    // A mock stands for an object of the project: what reads the name may read it there.
    if (type?.kind === 'foreign' && !/mock/i.test(type.name)) {
      this.follower.escape(`an attribute of ${type.name}`, from);
    }
    if (/^sys\.modules\b|\bimport_module\(/.test(object?.text ?? ''))
      this.follower.escape('a module', from);
    const owner = type?.kind === 'instance' || type?.kind === 'class' ? type.of : undefined;
    this.follower.slot({ kind: 'attribute', owner, name }, from);
    for (const setter of owner ? this.follower.definitions.ownMethods(owner, name) : []) {
      if (setter.decorators.includes('setter')) this.follower.intoSetter(setter, from);
    }
  }

  /** `x[key] = value`, `vars(x)["name"] = value`. */
  private intoElement(subscript: Node, from: Value): void {
    const container = subscript.childForFieldName('value');
    const index = subscript.childForFieldName('subscript');
    if (!container) return;
    const fields = this.containers.namespaceOf(container);
    if (fields) return this.containers.intoNamespace(fields, index, from);
    if (index?.type === 'slice') return this.intoContainer(container, from);
    const kind = this.follower.definitions.containerKind(from.file, container);
    this.intoContainer(container, within(from, storedStep(keyOf(index), kind)));
  }

  intoContainer(container: Node, from: Value): void {
    switch (container.type) {
      case 'parenthesized_expression':
        return this.into(container, from);
      case 'identifier':
      case 'attribute':
        this.intoProjectContainer(container, from);
        return this.into(container, from);
      case 'subscript':
        return this.intoElement(container, from);
      case 'call': {
        // `self._locks.setdefault(room, {})[user] = Lock()`
        const made = this.containers.containerOf(container);
        if (made) return this.intoContainer(made, within(from, EITHER));
      }
    }
    this.follower.escape('a container that is not followed', from);
  }

  /** What a class of the project does with its elements cannot be told. */
  private intoProjectContainer(container: Node, from: Value): void {
    const type = this.follower.definitions.typeOf(from.file, container);
    if (type?.kind === 'instance') this.follower.escape(`an element of ${type.of.name}`, from);
  }
}

/** Whether an attribute or subscript is written, not read. */
export function isStore(node: Node): boolean {
  let outer = withParens(node);
  while (outer.parent && HOLDING_TARGETS.has(outer.parent.type)) outer = withParens(outer.parent);
  const { parent } = outer;
  switch (parent?.type) {
    case 'assignment':
    case 'augmented_assignment':
    case 'for_statement':
    case 'for_in_clause':
      return same(parent.childForFieldName('left'), outer);
    case 'delete_statement':
    case 'as_pattern_target':
      return true;
    default:
      return false;
  }
}
