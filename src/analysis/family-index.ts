/** Builds the families of the whole project: see families.ts for what they are. */

import type { Node } from 'web-tree-sitter';
import { argumentsOf, lastName, plainString, same, withParens } from '../syntax/nodes.ts';
import type { Use } from '../transform.ts';
import { annotated } from './annotations.ts';
import {
  type ClassInfo,
  type Definitions,
  type FunctionInfo,
  PROPERTIES,
  TRANSPARENT,
} from './definitions.ts';
import { type Family, Groups, type Operation, type Slot, slotKey, slotName } from './families.ts';
import type { PythonFile } from './file.ts';
import { Flow, isFieldFactory, isFixture, isStore, type Value } from './flow.ts';
import type { Project } from './project.ts';

interface SeenSlot {
  slot: Slot;
  depth: number;
  certain: boolean;
}

/** Answers which family a use belongs to. The index is built on the first question. */
export class FamilyIndex {
  private readonly groups = new Groups();
  private readonly slots = new Map<string, SeenSlot>();
  private readonly operations = new Map<string, Map<string, Operation>>();
  private readonly queue: { group: string; value: Value }[] = [];
  private readonly visited = new Set<string>();
  private families: Map<Use, Family> | undefined;
  /** The group that what is being followed belongs to. */
  private current = '';
  private readonly flow: Flow;

  /**
   * @param names the primitives to follow: canonical names of classes, `asyncio.Lock`.
   * @param files the files whose uses seed families.
   */
  constructor(
    private readonly project: Project,
    private readonly definitions: Definitions,
    private readonly files: readonly PythonFile[],
    private readonly names: ReadonlySet<string>,
  ) {
    this.flow = new Flow(definitions, {
      slot: (slot, depth, certain) => this.reach(slot, depth, certain),
      value: (value) => this.enqueue(value),
      operation: (kind, name, node, from) => this.operate(kind, name, node, from),
    });
  }

  /** The family of a use of one of the primitives. */
  familyOf(use: Use): Family | undefined {
    this.families ??= this.build();
    return this.families.get(use);
  }

  private build(): Map<Use, Family> {
    const seeds = this.files.flatMap((file) => file.uses.filter((use) => this.names.has(use.name)));
    for (const use of seeds) {
      this.current = seedKey(use);
      this.groups.find(this.current);
      this.plant(use);
      this.drain();
    }
    return this.collect(seeds);
  }

  private drain(): void {
    for (let next = this.queue.pop(); next; next = this.queue.pop()) {
      this.current = next.group;
      this.flow.follow(next.value);
    }
  }

  private collect(seeds: readonly Use[]): Map<Use, Family> {
    const byRoot = new Map<string, Family>();
    const result = new Map<Use, Family>();
    for (const use of seeds) {
      const root = this.groups.find(seedKey(use));
      let family = byRoot.get(root);
      if (!family) {
        family = {
          id: `family-${byRoot.size + 1}`,
          name: use.name,
          uses: [],
          operations: [],
          holders: [],
        };
        byRoot.set(root, family);
      }
      if (family.name !== use.name) family.operations.push(mixed(use));
      family.uses.push(use);
      result.set(use, family);
    }
    for (const [key, { slot }] of this.slots) {
      byRoot.get(this.groups.find(key))?.holders.push(slotName(slot));
    }
    for (const [key, operations] of this.operations) {
      byRoot.get(this.groups.find(key))?.operations.push(...operations.values());
    }
    return result;
  }

  // -- seeds -------------------------------------------------------------------------------------

  private plant(use: Use): void {
    const file = use.file;
    const outer = withParens(use.node);
    switch (use.role) {
      case 'call':
      case 'raise':
        if (outer.parent) this.start(file, outer.parent, 0);
        return;
      case 'default-factory':
        return this.plantFactory(use, outer);
      case 'annotation':
        return this.plantAnnotation(use);
      case 'isinstance':
        return this.plantTest(use);
      default:
        return;
    }
  }

  private start(file: PythonFile, node: Node, depth: number): void {
    this.enqueue({ node, file, depth, certain: true });
  }

  private plantFactory(use: Use, outer: Node): void {
    const keyword = outer.parent?.type === 'keyword_argument' ? outer.parent : undefined;
    const call = keyword ? keyword.parent?.parent : outer.parent?.parent;
    const callee = call?.type === 'call' ? lastName(call.childForFieldName('function')) : undefined;
    if (call && callee === 'defaultdict') this.start(use.file, call, 1);
    else if (call && isFieldFactory(keyword, callee)) this.start(use.file, call, 0);
    else this.escape(use, outer, `a factory argument of ${callee ?? 'a call'}()`);
  }

  private plantAnnotation(use: Use): void {
    const found = annotated(use);
    const parent = found?.root.parent;
    if (!found || !parent) return this.escape(use, use.node, 'an annotation that is not followed');
    const value: Value = { node: found.root, file: use.file, depth: found.depth, certain: true };
    switch (parent.type) {
      case 'assignment':
        return this.flow.into(parent.childForFieldName('left'), value);
      case 'typed_parameter':
      case 'typed_default_parameter': {
        const scope = parent.parent?.parent && use.file.scopes.byNode.get(parent.parent.parent.id);
        const name = parent.childForFieldName('name') ?? parent.namedChild(0);
        if (!scope || name?.type !== 'identifier') break;
        return this.reach(
          { kind: 'variable', file: use.file, scope, name: name.text },
          found.depth,
          true,
        );
      }
      case 'function_definition':
        return this.reach(
          { kind: 'return', of: this.definitions.functionOf(use.file, parent) },
          found.depth,
          true,
        );
      case 'argument_list':
        if (parent.parent) return this.start(use.file, parent.parent, found.depth);
    }
    this.escape(use, use.node, 'an annotation that is not followed');
  }

  /** `isinstance(x, asyncio.Lock)` belongs to whatever `x` holds. */
  private plantTest(use: Use): void {
    let call: Node | null = use.node;
    while (call && call.type !== 'call') call = call.parent;
    const [tested] = call ? argumentsOf(call).positional : [];
    if (tested?.type !== 'identifier' && tested?.type !== 'attribute') {
      return this.escape(use, use.node, 'a test of something that is not followed');
    }
    this.flow.into(tested, { node: use.node, file: use.file, depth: 0, certain: true });
  }

  private escape(use: Use, node: Node, how: string): void {
    this.operate('escape', how, node, { node, file: use.file, depth: 0, certain: true });
  }

  // -- what the flow reports ---------------------------------------------------------------------

  private enqueue(value: Value): void {
    const key = `${value.file.path}:${value.node.id}:${value.depth}:${value.certain}`;
    const seen = `${this.groups.find(this.current)}|${key}`;
    if (this.visited.has(seen)) return;
    this.visited.add(seen);
    this.queue.push({ group: this.current, value });
  }

  private operate(kind: Operation['kind'], name: string, node: Node, from: Value): void {
    const group = this.operations.get(this.current) ?? new Map<string, Operation>();
    this.operations.set(this.current, group);
    const key = `${from.file.path}:${node.id}:${kind}:${name}`;
    const known = group.get(key);
    if (known) known.certain ||= from.certain;
    else {
      const place = from.file.place(node);
      group.set(key, { kind, name, node, file: from.file, place, certain: from.certain });
    }
  }

  private reach(slot: Slot, depth: number, certain: boolean): void {
    const key = slotKey(slot, (info) => this.definitions.roots(info));
    const from = this.current;
    this.groups.union(from, key);
    const seen = this.slots.get(key);
    if (seen && seen.depth === depth && (seen.certain || !certain)) return;
    if (seen && seen.depth !== depth) return this.confused(slot, key);
    this.slots.set(key, { slot, depth, certain });
    this.current = key;
    this.readers(slot, (node, file, sure) => {
      this.enqueue({ node, file, depth, certain: certain && sure });
    });
    this.current = from;
  }

  /** One place holds both the object and containers of it: what its readers get cannot be told. */
  private confused(slot: Slot, key: string): void {
    const seed = this.files
      .flatMap((file) => file.uses)
      .find((use) => seedKey(use) === this.current);
    const file = slot.kind === 'variable' ? slot.file : seed?.file;
    const node = slot.kind === 'variable' ? slot.scope.node : seed?.node;
    if (!file || !node) return;
    this.operations.set(key, this.operations.get(key) ?? new Map());
    const place = file.place(node);
    this.operations.get(key)?.set('confused', {
      kind: 'escape',
      name: `${slotName(slot)}, which holds both single objects and collections`,
      node,
      file,
      place,
      certain: true,
    });
  }

  // -- who reads a slot --------------------------------------------------------------------------

  private readers(slot: Slot, found: Reader): void {
    switch (slot.kind) {
      case 'variable':
        return this.variableReaders(slot.file, slot.scope, slot.name, found);
      case 'attribute':
        return this.attributeReaders(slot.owner, slot.name, found);
      case 'return':
        return this.callers(slot.of, found);
    }
  }

  private variableReaders(
    file: PythonFile,
    scope: import('./scopes.ts').Scope,
    name: string,
    found: Reader,
  ): void {
    for (const reference of file.references(name)) {
      if (reference.scope.lookup(name) === scope) found(reference.node, file, true);
    }
    if (scope.kind !== 'module') return;
    for (const other of this.project.filesMentioning(name)) {
      if (other === file) continue;
      for (const importer of [other.scopes.module, ...other.scopes.byNode.values()]) {
        for (const [local, sites] of importer.bindings) {
          const imports = sites.some(
            (site) => site.imported && this.isName(other, site.imported.target, file, name),
          );
          if (imports)
            this.reach(
              { kind: 'variable', file: other, scope: importer, name: local },
              this.depthOf(file, scope, name),
              true,
            );
        }
      }
      for (const attribute of other.attributes(name)) {
        const type = this.definitions.typeOf(
          other,
          attribute.childForFieldName('object') ?? undefined,
        );
        if (type?.kind !== 'module' || isStore(attribute)) continue;
        if (this.project.module(type.name, other)?.path === file.path)
          found(attribute, other, true);
      }
    }
  }

  private depthOf(file: PythonFile, scope: import('./scopes.ts').Scope, name: string): number {
    const key = slotKey({ kind: 'variable', file, scope, name }, () => new Set());
    return this.slots.get(key)?.depth ?? 0;
  }

  private isName(from: PythonFile, target: string, file: PythonFile, name: string): boolean {
    const absolute = this.project.absolute(from, target);
    if (!absolute.endsWith(`.${name}`)) return false;
    return this.project.module(absolute.slice(0, -name.length - 1), from)?.path === file.path;
  }

  private attributeReaders(owner: ClassInfo | undefined, name: string, found: Reader): void {
    for (const file of this.project.filesMentioning(`.${name}`)) {
      for (const node of file.attributes(name)) {
        if (isStore(node)) continue;
        const sure = this.receives(file, node.childForFieldName('object'), owner);
        if (sure !== undefined) found(node, file, sure);
      }
    }
    for (const file of this.project.filesMentioning(name)) {
      for (const { node } of file.scopes.strings) {
        const call = node.parent?.parent;
        if (call?.type !== 'call' || plainString(node)?.content !== name) continue;
        const { positional } = argumentsOf(call);
        if (
          lastName(call.childForFieldName('function')) !== 'getattr' ||
          !same(positional[1], node)
        )
          continue;
        const sure = this.receives(file, positional[0] ?? null, owner);
        if (sure !== undefined) found(call, file, sure);
      }
    }
  }

  /** Whether a receiver is of the class: true, false for "may be", undefined for "is not". */
  private receives(
    file: PythonFile,
    receiver: Node | null,
    owner: ClassInfo | undefined,
  ): boolean | undefined {
    const type = this.definitions.typeOf(file, receiver ?? undefined);
    if (type?.kind === 'instance' || type?.kind === 'class') {
      if (!owner) return false;
      const roots = this.definitions.roots(owner);
      return [...this.definitions.roots(type.of)].some((root) => roots.has(root))
        ? true
        : undefined;
    }
    return type === undefined ? false : undefined;
  }

  /** The calls of a function, or what pytest hands to the parameters that bear a fixture's name. */
  private callers(definition: FunctionInfo, found: Reader): void {
    if (isFixture(definition)) return this.fixtureParameters(definition);
    const opaque = definition.decorators.find((name) => !TRANSPARENT.has(name));
    if (opaque !== undefined) {
      const value: Value = {
        node: definition.node,
        file: definition.file,
        depth: 0,
        certain: true,
      };
      return this.operate(
        'escape',
        `the decorator @${opaque} of ${definition.name}()`,
        definition.node,
        value,
      );
    }
    const property = definition.decorators.some((name) => PROPERTIES.has(name));
    for (const file of this.project.filesMentioning(definition.name)) {
      const names = file.references(definition.name).map((reference) => reference.node);
      for (const node of [...names, ...file.attributes(definition.name)]) {
        const sure = this.means(file, node, definition, property);
        if (sure === undefined) continue;
        if (property) found(node, file, sure);
        else this.calledAt(file, node, definition, sure, found);
      }
    }
  }

  private means(
    file: PythonFile,
    node: Node,
    definition: FunctionInfo,
    property: boolean,
  ): boolean | undefined {
    if (property) return this.receives(file, node.childForFieldName('object'), definition.owner);
    const type = this.definitions.typeOf(file, node);
    if (type?.kind === 'function') {
      const target = type.of;
      return target.file === definition.file && same(target.node, definition.node)
        ? true
        : undefined;
    }
    if (type !== undefined) return undefined;
    return node.type === 'attribute' && definition.owner ? false : undefined;
  }

  private calledAt(
    file: PythonFile,
    node: Node,
    definition: FunctionInfo,
    sure: boolean,
    found: Reader,
  ): void {
    const call = withParens(node).parent;
    if (call?.type !== 'call' || !same(call.childForFieldName('function'), withParens(node))) {
      if (sure)
        this.operate('escape', `the function ${definition.name} itself, handed on`, node, {
          node,
          file,
          depth: 0,
          certain: true,
        });
      return;
    }
    if (!definition.async) return found(call, file, sure);
    const awaited = withParens(call).parent;
    if (awaited?.type === 'await') found(awaited, file, sure);
    else if (sure)
      this.operate('escape', `a call of ${definition.name}() that is not awaited at once`, call, {
        node,
        file,
        depth: 0,
        certain: true,
      });
  }

  private fixtureParameters(fixture: FunctionInfo): void {
    const shared = /(^|[\\/])conftest\.py$/.test(fixture.file.path);
    const folder = fixture.file.path.replace(/[^\\/]*$/, '');
    const key = slotKey({ kind: 'return', of: fixture }, () => new Set());
    const depth = this.slots.get(key)?.depth ?? 0;
    const files = shared
      ? this.project.filesMentioning(fixture.name).filter((file) => file.path.startsWith(folder))
      : [fixture.file];
    for (const file of files) {
      for (const scope of file.scopes.byNode.values()) {
        const parameter = scope.bindings
          .get(fixture.name)
          ?.some((site) => site.kind === 'parameter');
        if (parameter)
          this.reach({ kind: 'variable', file, scope, name: fixture.name }, depth, true);
      }
    }
  }
}

type Reader = (node: Node, file: PythonFile, certain: boolean) => void;

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
