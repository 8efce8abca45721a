/** Who reads an attribute: by `x.name`, by its name in a string, by a pattern. */

import type { Node } from 'web-tree-sitter';
import { argumentsOf, codeChildren, lastName, plainString, same } from '../syntax/nodes.ts';
import { STDLIB_MODULES } from '../syntax/stdlib.ts';
import { ComputedNames } from './computed-names.ts';
import type { Definitions } from './definitions.ts';
import type { PythonFile } from './file.ts';
import { isStore } from './flow-targets.ts';
import type { Project } from './project.ts';
import type { Report } from './readers.ts';
import type { ClassInfo, Type } from './types.ts';

/** Calls by whose first argument an attribute is named and not read. */
const NAMING = new Set(['hasattr', 'delattr', 'setattr', '__setattr__', '__delattr__', 'object']);
const LITERALS = new Set(['string', 'integer', 'dictionary', 'list', 'set']);
/** Patterns that compare, and capture nothing. */
const COMPARED = new Set(['none', 'true', 'false', 'string', 'integer', 'float', 'dotted_name']);
/** What reads attributes by names that the syntax does not show. */
const DYNAMIC = ['getattr', 'vars', 'attrgetter', '__getattribute__'];
const BY_NAME = [...DYNAMIC, '__dict__', 'globals'];

/** Reads of an attribute from objects of one class; of what is no class of the project without. */
interface Reads {
  of: ClassInfo | undefined;
  reads: { node: Node; file: PythonFile }[];
}

interface ReadGroups {
  byClass: ReadonlyMap<string, Reads>;
  /** Those that may be from an object of any class. */
  loose: readonly Reads[];
  all: readonly Reads[];
}

export class AttributeReaders {
  private readonly computed: ComputedNames;
  private readonly groups = new Map<string, ReadGroups>();

  constructor(
    private readonly project: Project,
    private readonly definitions: Definitions,
  ) {
    this.computed = new ComputedNames(definitions);
  }

  /** Reports the readers of an attribute of a class, or of an object of unknown class. */
  of(owner: ClassInfo | undefined, name: string, report: Report): void {
    for (const spelled of spellings(owner, name)) {
      this.byAttribute(owner, name, spelled, report);
      for (const file of this.filesNaming(spelled)) this.inStrings(file, owner, spelled, report);
    }
    if (owner) this.byComputedName(owner, name, report);
    if (owner) this.inPatterns(owner, name, report);
  }

  private byAttribute(
    owner: ClassInfo | undefined,
    name: string,
    spelled: string,
    report: Report,
  ): void {
    const groups = this.readsOf(spelled, name);
    const tell = (group: Reads | undefined, sure: boolean) => {
      for (const { node, file } of group?.reads ?? []) report.read(node, file, sure);
    };
    if (!owner) {
      for (const group of groups.all) tell(group, false);
      return;
    }
    const relatives = this.definitions.relatives(owner);
    for (const key of relatives) tell(groups.byClass.get(key), true);
    for (const group of groups.loose) {
      if (!group.of || !relatives.has(group.of.key)) tell(group, false);
    }
  }

  /** The reads of all attributes of a name, by the class of what they are read from. */
  private readsOf(spelled: string, name: string): ReadGroups {
    const key = `${spelled} ${name}`;
    const known = this.groups.get(key);
    if (known) return known;
    const byClass = new Map<string, Reads>();
    const untold: Reads = { of: undefined, reads: [] };
    const foreign: Reads = { of: undefined, reads: [] };
    for (const file of this.project.filesMentioning(`.${spelled}`)) {
      for (const node of file.attributes(spelled)) {
        if (isStore(node)) continue;
        const type = this.definitions.typeOf(file, node.childForFieldName('object'));
        if (isLiteral(type)) continue;
        let group: Reads;
        if (type?.kind === 'instance' || type?.kind === 'class') {
          group = byClass.get(type.of.key) ?? { of: type.of, reads: [] };
          byClass.set(type.of.key, group);
        } else group = !type || (type.kind === 'foreign' && !isForeign(type)) ? untold : foreign;
        group.reads.push({ node, file });
      }
    }
    const loose = [...byClass.values()].filter(({ of }) => of && !this.isSurelyOther(of, name));
    const found = {
      byClass,
      loose: [...loose, untold],
      all: [...byClass.values(), untold, foreign],
    };
    this.groups.set(key, found);
    return found;
  }

  /** Whether an object of the class has the attribute from it alone, and from no unrelated class. */
  private isSurelyOther(info: ClassInfo, name: string): boolean {
    // The object may be of a class that only looks like the one that the annotation names.
    return (
      this.definitions.makes(info, name) &&
      !this.definitions.isProtocol(info) &&
      !this.definitions.hasUnknownBase(info)
    );
  }

  /**
   * Whether the receiver of an `x.name` expression is of the class: true, false for "may be",
   * undefined for "is not".
   */
  receives(
    file: PythonFile,
    attribute: Node,
    owner: ClassInfo | undefined,
    name: string,
  ): boolean | undefined {
    return this.mayHold(file, attribute.childForFieldName('object'), owner, name);
  }

  private mayHold(
    file: PythonFile,
    object: Node | null | undefined,
    owner: ClassInfo | undefined,
    name: string,
  ): boolean | undefined {
    const type = this.definitions.typeOf(file, object);
    if (!type || !owner) return isLiteral(type) ? undefined : false;
    if (type.kind === 'foreign') return isLiteral(type) || isForeign(type) ? undefined : false;
    if (type.kind !== 'instance' && type.kind !== 'class') return undefined;
    if (this.definitions.related(type.of, owner)) return true;
    return this.isSurelyOther(type.of, name) ? undefined : false;
  }

  /** Files that have the name as a string, and something that reads by names in strings. */
  private filesNaming(name: string): readonly PythonFile[] {
    return this.project.filesMentioningAll([`"${name}"`, `'${name}'`], BY_NAME);
  }

  // -- by name in a string -----------------------------------------------------------------------

  private inStrings(
    file: PythonFile,
    owner: ClassInfo | undefined,
    name: string,
    report: Report,
  ): void {
    for (const { node } of file.scopes.strings) {
      if (plainString(node)?.content !== name) continue;
      const read = readByString(node);
      if (read === 'stored') continue;
      if (read) {
        const sure = this.mayHold(file, read.object, owner, name);
        if (sure !== undefined) report.read(read.expression, file, sure);
      } else if (!isHarmless(node) && this.isDynamic(file, name)) {
        report.escape(`the name "${name}" in a string`, node, file, false);
      }
    }
  }

  /** `getattr(mod, "lock")` and `globals()["lock"]` for a variable of a module. */
  namedInStrings(home: PythonFile, name: string, report: Report): void {
    for (const file of this.filesNaming(name)) {
      for (const { node } of file.scopes.strings) {
        if (plainString(node)?.content !== name) continue;
        const read = readByString(node);
        if (!read || read === 'stored') continue;
        const type = this.definitions.typeOf(file, read.object);
        const own = read.object === undefined && file === home;
        const module = type?.kind === 'module' && this.project.module(type.name, file);
        if (own || (module && module.path === home.path)) report.read(read.expression, file, true);
      }
    }
  }

  /** Whether a file reads attributes by names that are no literals, and may be this one. */
  private isDynamic(file: PythonFile, name: string): boolean {
    return (
      file.attributes('__dict__').length > 0 ||
      DYNAMIC.some((reader) =>
        file.references(reader).some(({ node }) => this.mayRead(file, node, name)),
      )
    );
  }

  /** Whether a `getattr`, by its callee, reads under a computed name that may be this one. */
  private mayRead(file: PythonFile, callee: Node, name: string): boolean {
    const call = callee.parent;
    const given = call?.type === 'call' ? argumentsOf(call).positional[1] : undefined;
    if (!given || given.type === 'list_splat') return true;
    return plainString(given) === undefined && this.computed.mayBe(file, given, name);
  }

  /**
   * `getattr(self, name)` in the files that name the class: its own, those of its heirs, and those
   * that annotate by it; `vars(self)` and `self.__dict__` in its own.
   */
  private byComputedName(owner: ClassInfo, name: string, report: Report): void {
    for (const file of this.project.filesMentioningAll(['getattr'], [owner.name])) {
      for (const { node } of file.references('getattr')) {
        const call = node.parent;
        if (call?.type !== 'call' || !this.mayRead(file, node, name)) continue;
        const [object] = argumentsOf(call).positional;
        if (this.mayHold(file, object, owner, name)) {
          report.escape('getattr() with a computed name', call, file, true);
        }
      }
    }
    const { file } = owner;
    const namespaces = [
      ...file.references('vars').flatMap(({ node }) => (node.parent ? [node.parent] : [])),
      ...file.attributes('__dict__'),
    ];
    for (const node of namespaces) {
      const found = namespaceObject(node);
      if (!found?.object || !this.mayHold(file, found.object, owner, name)) continue;
      report.namespace(node, file, `'${name}'`, true);
    }
  }

  // -- by a pattern ------------------------------------------------------------------------------

  /** `case Server(lock=held)` binds what the attribute holds. */
  private inPatterns(owner: ClassInfo, name: string, report: Report): void {
    for (const file of this.project.filesMentioningAll([owner.name], ['case'], [name])) {
      for (const pattern of file.root.descendantsOfType('keyword_pattern')) {
        const [key, value] = pattern ? codeChildren(pattern) : [];
        if (!pattern || key?.text !== name || !value) continue;
        const head = pattern.parent?.parent;
        const type = this.definitions.typeOf(file, head && codeChildren(head)[0]?.namedChild(0));
        if (type && (type.kind !== 'class' || !this.definitions.related(type.of, owner))) continue;
        const captured = value.type === 'dotted_name' ? codeChildren(value) : [];
        const [only, more] = captured;
        if (only && !more) report.target(only, file, type !== undefined);
        else if (!COMPARED.has(value.type)) report.escape('a pattern', pattern, file, !!type);
      }
    }
  }
}

function isLiteral(type: Type | undefined): boolean {
  return type?.kind === 'foreign' && LITERALS.has(type.name);
}

/**
 * Whether something from outside the project is surely no object of it: a class, an object made by
 * one, anything of the standard library. Any other foreign name may hold what the project put there.
 */
function isForeign({ name }: Type & { kind: 'foreign' }): boolean {
  const [head = ''] = name.split('.');
  return STDLIB_MODULES.has(head) || /^[A-Z]/.test(name.slice(name.lastIndexOf('.') + 1));
}

/** A name as it is written in the class, and as it is mangled outside: `__lock`, `_Server__lock`. */
function spellings(owner: ClassInfo | undefined, name: string): string[] {
  if (name.startsWith('__') && !name.endsWith('__') && owner) {
    return [name, `_${owner.name.replace(/^_+/, '')}${name}`];
  }
  const [, plain] = /^_[A-Za-z]\w*?(__\w*[^_\W])$/.exec(name) ?? [];
  return plain === undefined ? [name] : [name, plain];
}

interface ReadByString {
  /** The object that is read from; undefined for the module's own `globals()`. */
  object: Node | undefined;
  /** The expression that gives the attribute's value. */
  expression: Node;
}

/** `getattr(x, "name")`, `vars(x)["name"]`, `x.__dict__.get("name")`, by the node of the string. */
function readByString(string: Node): ReadByString | 'stored' | undefined {
  const holder = string.parent;
  if (holder?.type === 'subscript') {
    const namespace = namespaceObject(holder.childForFieldName('value'));
    if (!namespace) return undefined;
    return isStore(holder) ? 'stored' : { ...namespace, expression: holder };
  }
  const call = holder?.type === 'argument_list' ? holder.parent : undefined;
  if (call?.type !== 'call') return undefined;
  const callee = call.childForFieldName('function');
  const name = lastName(callee);
  const { positional } = argumentsOf(call);
  if (name === 'getattr' && same(positional[1], string)) {
    return { object: positional[0], expression: call };
  }
  if (name === '__getattribute__' && same(positional.at(-1), string)) {
    const object = positional.length > 1 ? positional[0] : callee?.childForFieldName('object');
    return { object: object ?? undefined, expression: call };
  }
  if ((name === 'get' || name === 'pop' || name === 'setdefault') && same(positional[0], string)) {
    const namespace = namespaceObject(callee?.childForFieldName('object'));
    return namespace && { ...namespace, expression: call };
  }
  return undefined;
}

/** The object whose namespace an expression is: `x` of `vars(x)` and `x.__dict__`. */
function namespaceObject(node: Node | null | undefined): { object: Node | undefined } | undefined {
  if (node?.type === 'attribute' && lastName(node) === '__dict__') {
    return { object: node.childForFieldName('object') ?? undefined };
  }
  if (node?.type !== 'call') return undefined;
  const callee = node.childForFieldName('function')?.text;
  const [object] = argumentsOf(node).positional;
  if (callee === 'globals') return { object: undefined };
  return callee === 'vars' && object ? { object } : undefined;
}

/** Whether a string that is an attribute's name only names it: in `__slots__`, in `hasattr`. */
function isHarmless(string: Node): boolean {
  for (let up = string.parent; up; up = up.parent) {
    if (up.type === 'call') return NAMING.has(lastName(up.childForFieldName('function')) ?? '');
    if (up.type === 'assignment') return /^__\w+__$/.test(up.childForFieldName('left')?.text ?? '');
    if (up.type === 'block' || up.type === 'module') return false;
  }
  return false;
}
