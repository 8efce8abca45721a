/** Where a family begins: what each use of a primitive's class says of the objects of the program. */

import type { Node } from 'web-tree-sitter';
import {
  ancestor,
  argumentsOf,
  codeChildren,
  lastName,
  same,
  withParens,
} from '../syntax/nodes.ts';
import type { Use } from '../transform.ts';
import { aliasReads, useAt } from './aliases.ts';
import { type Annotated, annotated, isAliasValue } from './annotations.ts';
import type { Definitions } from './definitions.ts';
import { isFieldFactory } from './factories.ts';
import type { Slot } from './families.ts';
import { MAX_PATH, mappingStep, type Path, VALUE } from './paths.ts';
import type { Readers } from './readers.ts';
import { recordKind } from './records.ts';
import { roleOf } from './roles.ts';
import { type ClassInfo, isContextManager, isFixture } from './types.ts';
import type { Value } from './value.ts';

/** What a seed gives to follow. */
export interface Soil {
  value(value: Value): void;
  slot(slot: Slot, path: Path): void;
  into(target: Node | null, value: Value): void;
  escape(how: string, value: Value): void;
  /** What is no plain object of the primitive comes to the same places. */
  mixed(what: string, value: Value): void;
}

const CASE = new Set(['case_clause']);
/** Expressions that name what holds an object. */
const HOLDERS = new Set(['identifier', 'attribute', 'subscript']);

/** Sends the objects that a use speaks of on their way. */
export class Seeds {
  constructor(
    private readonly definitions: Definitions,
    private readonly readers: Readers,
    private readonly soil: Soil,
  ) {}

  plant(use: Use): void {
    const outer = withParens(use.node);
    switch (use.role) {
      case 'call':
      case 'raise':
        if (outer.parent) this.soil.value(valueAt(use, outer.parent, []));
        return;
      case 'default-factory':
        return this.factory(use, outer);
      case 'annotation':
        return this.annotation(use);
      case 'isinstance':
        return this.test(use);
      case 'base-class':
        return this.subclass(use);
      default:
        return this.compared(use, outer);
    }
  }

  /** Objects of a class that derives from the primitive stay; what they share a place with, too. */
  private subclass(use: Use): void {
    const node = ancestor(use.node, new Set(['class_definition']));
    if (!node) return;
    const info = this.definitions.classOf(use.file, node);
    for (const { file, call } of this.definitions.constructions(info)) {
      const value: Value = { node: call, file, path: [], certain: true };
      this.soil.mixed(`object of ${info.name}, which derives from ${use.name}`, value);
      this.soil.value(value);
    }
  }

  /** `asyncio.Event.clear(event)`, and `type(event) is asyncio.Event` that asks for the very class. */
  private compared(use: Use, outer: Node): void {
    let holder = outer.parent;
    if (holder?.type === 'attribute' && holder.parent?.type === 'call') {
      const [object] = argumentsOf(holder.parent).positional;
      if (object && HOLDERS.has(object.type)) this.soil.into(object, valueAt(use, use.node, []));
      return;
    }
    while (holder && ['tuple', 'list', 'set'].includes(holder.type)) holder = holder.parent;
    if (holder?.type !== 'comparison_operator') return;
    for (const side of codeChildren(holder)) {
      const callee = side.type === 'call' ? side.childForFieldName('function') : null;
      const asked =
        callee?.text === 'type'
          ? argumentsOf(side).positional[0]
          : lastName(side) === '__class__'
            ? side.childForFieldName('object')
            : undefined;
      if (asked && HOLDERS.has(asked.type)) this.soil.into(asked, valueAt(use, use.node, []));
    }
  }

  private factory(use: Use, outer: Node): void {
    const keyword = outer.parent?.type === 'keyword_argument' ? outer.parent : undefined;
    const call = keyword ? keyword.parent?.parent : outer.parent?.parent;
    const callee = call?.type === 'call' ? lastName(call.childForFieldName('function')) : undefined;
    if (call && callee === 'defaultdict') this.soil.value(valueAt(use, call, [VALUE]));
    else if (call && isFieldFactory(keyword, callee)) this.soil.value(valueAt(use, call, []));
    else this.escape(use, outer, `a factory argument of ${callee ?? 'a call'}()`);
  }

  private annotation(use: Use): void {
    const found = annotated(use);
    const parent = found?.root.parent;
    if (!found || !parent || !this.annotatedPlace(use, found, parent)) {
      this.escape(use, use.node, 'an annotation that is not followed');
    }
  }

  private annotatedPlace(use: Use, found: Annotated, parent: Node): boolean {
    const { root, path } = found;
    switch (parent.type) {
      case 'assignment':
        if (!same(parent.childForFieldName('type'), root)) return this.alias(use, found, parent);
        this.soil.into(parent.childForFieldName('left'), valueAt(use, root, path));
        this.fieldOfMapping(use, parent, path);
        return true;
      case 'type_alias_statement':
        return this.alias(use, found, parent);
      case 'typed_parameter':
      case 'typed_default_parameter': {
        const scope = parent.parent?.parent && use.file.scopes.byNode.get(parent.parent.parent.id);
        const name = parent.childForFieldName('name') ?? parent.namedChild(0);
        if (!scope || name?.type !== 'identifier') return false;
        this.soil.slot({ kind: 'variable', file: use.file, scope, name: name.text }, path);
        return true;
      }
      case 'function_definition': {
        const definition = this.definitions.functionOf(use.file, parent);
        const context = isContextManager(definition);
        const given = found.iterator && (context || isFixture(definition)) ? path.slice(1) : path;
        this.soil.slot({ kind: context ? 'context' : 'return', of: definition }, given);
        return true;
      }
      case 'argument_list':
        if (parent.parent?.type !== 'call') return false;
        this.soil.value(valueAt(use, parent.parent, path));
        return true;
      default:
        return false;
    }
  }

  /** An alias says of every place that an annotation by it says it of. */
  private alias(use: Use, { root, path, iterator }: Annotated, definition: Node): boolean {
    const left = definition.childForFieldName('left');
    const name = left?.type === 'type' ? left.descendantsOfType('identifier')[0] : left;
    const isAlias = definition.type === 'type_alias_statement' || isAliasValue(root, use.node);
    if (!name || !isAlias || path.length > MAX_PATH) return false;
    for (const read of aliasReads(name, use.file, this.readers)) {
      const there = useAt(use, read);
      const inner = read.annotation ? annotated(there) : undefined;
      const parent = inner?.root.parent;
      const whole = inner && {
        root: inner.root,
        path: [...inner.path, ...path],
        iterator: inner.path.length > 0 ? inner.iterator : iterator,
      };
      // `type Tree = list[Tree]` speaks of itself.
      if (same(parent, definition)) continue;
      if (!whole || !parent || !this.annotatedPlace(there, whole, parent)) {
        this.escape(there, read.node, `the alias ${name.text}, where it is not followed`);
      }
    }
    return true;
  }

  /** A field of a TypedDict is the element of all dicts that an annotation by the class means. */
  private fieldOfMapping(use: Use, field: Node, path: Path): void {
    const definition = field.parent?.parent?.parent;
    const name = field.childForFieldName('left')?.text ?? '';
    if (definition?.type !== 'class_definition') return;
    const info = this.definitions.classOf(use.file, definition);
    if (recordKind(info, this.definitions) !== 'typed-dict') return;
    this.ofMappings(use, info, [mappingStep(`'${name}'`), ...path]);
  }

  private ofMappings(use: Use, info: ClassInfo, path: Path): void {
    const name = info.node.childForFieldName('name');
    if (!name || path.length > MAX_PATH) return;
    for (const read of aliasReads(name, info.file, this.readers)) {
      const there = useAt(use, read);
      const inner = read.annotation ? annotated(there) : undefined;
      const parent = inner?.root.parent;
      if (inner && parent) {
        this.annotatedPlace(there, { ...inner, path: [...inner.path, ...path] }, parent);
      } else if (roleOf(read.node) === 'call' && read.node.parent) {
        this.soil.value(valueAt(there, withParens(read.node).parent ?? read.node, path));
      }
    }
    for (const heir of this.definitions.heirs(info)) this.ofMappings(use, heir, path);
  }

  /** `isinstance(x, asyncio.Lock)` and `case asyncio.Lock():` belong to whatever `x` holds. */
  private test(use: Use): void {
    const tested = testedBy(use);
    if (!tested || !HOLDERS.has(tested.type)) {
      return this.escape(use, use.node, 'a test of something that is not followed');
    }
    this.soil.into(tested, valueAt(use, use.node, []));
  }

  private escape(use: Use, node: Node, how: string): void {
    this.soil.escape(how, valueAt(use, node, []));
  }
}

function valueAt(use: Use, node: Node, path: Path): Value {
  return { node, file: use.file, path, certain: true };
}

function testedBy(use: Use): Node | undefined {
  const clause = ancestor(use.node, CASE);
  const pattern = ancestor(use.node, new Set(['class_pattern']));
  if (clause && pattern) {
    const outermost = pattern.parent?.parent;
    const statement = same(outermost, clause) ? clause.parent?.parent : undefined;
    return statement?.childForFieldName('subject') ?? undefined;
  }
  let call: Node | null = use.node;
  while (call && call.type !== 'call') call = call.parent;
  return call ? argumentsOf(call).positional[0] : undefined;
}
