/**
 * Functions and classes of the project: how classes hang together, which method a name means, and
 * who overrides it. What an expression is, `inference.ts` tells.
 */

import type { Node } from 'web-tree-sitter';
import {
  codeChildren,
  enclosingFunction,
  isAsync,
  lastName,
  same,
  withParens,
} from '../syntax/nodes.ts';
import type { ContainerKind } from './container-kinds.ts';
import type { PythonFile } from './file.ts';
import { Inference } from './inference.ts';
import { Inheritance } from './inheritance.ts';
import type { Naming, Project } from './project.ts';
import type { BindingSite, Scope } from './scopes.ts';
import {
  type ClassInfo,
  decoratorName,
  decoratorsOf,
  definitionBody,
  definitionNode,
  type FunctionInfo,
  sameDefinition,
  type Type,
  withoutOverloads,
} from './types.ts';

export { type ClassInfo, type FunctionInfo, TRANSPARENT, type Type } from './types.ts';

const DEPTH_LIMIT = 8;
/** Bases that add no attribute of their own. */
const PLAIN_BASES = new Set(['object', 'ABC', 'Protocol', 'Generic']);

/** Answers questions on the project's definitions. One object a run: it remembers. */
export class Definitions {
  private readonly baseLists = new Map<string, ClassInfo[]>();
  private readonly classes = new Map<string, ClassInfo>();
  private readonly making = new Map<string, boolean>();
  private readonly stores = new Map<PythonFile, Map<string, Map<string, Node[]>>>();
  private readonly inheritance: Inheritance;
  private readonly inference: Inference;

  constructor(readonly project: Project) {
    this.inheritance = new Inheritance(project, this);
    this.inference = new Inference(project, this);
  }

  // -- definitions by node -----------------------------------------------------------------------

  /** The function of a `function_definition` node. */
  functionOf(file: PythonFile, node: Node): FunctionInfo {
    const body = definitionBody(node);
    const owner = body?.type === 'class_definition' ? this.classOf(file, body) : undefined;
    return {
      file,
      node,
      name: node.childForFieldName('name')?.text ?? '',
      owner,
      async: isAsync(node),
      decorators: decoratorsOf(node).map(decoratorName),
    };
  }

  classOf(file: PythonFile, node: Node): ClassInfo {
    const key = `${file.path}:${node.id}`;
    let info = this.classes.get(key);
    if (!info) {
      info = { file, node, name: node.childForFieldName('name')?.text ?? '', key };
      this.classes.set(key, info);
    }
    return info;
  }

  /** The class whose body, directly or through its methods, holds the node. */
  enclosingClass(file: PythonFile, node: Node): ClassInfo | undefined {
    for (let up = node.parent; up; up = up.parent) {
      if (up.type === 'class_definition') return this.classOf(file, up);
    }
    return undefined;
  }

  /** The function whose body holds the node; lambdas are passed over. */
  enclosing(file: PythonFile, node: Node): FunctionInfo | undefined {
    let at = enclosingFunction(node);
    while (at?.type === 'lambda') at = enclosingFunction(at);
    return at && this.functionOf(file, at);
  }

  // -- classes -----------------------------------------------------------------------------------

  /** Base classes that the project defines. */
  bases(info: ClassInfo): ClassInfo[] {
    const known = this.baseLists.get(info.key);
    if (known) return known;
    // A class among its own bases must not ask for ever.
    this.baseLists.set(info.key, []);
    const found = this.baseNodes(info)
      .map((base) => this.typeOfBase(info, base))
      .filter((type) => type?.kind === 'class')
      .map((type) => type.of);
    this.baseLists.set(info.key, found);
    return found;
  }

  private baseNodes(info: ClassInfo): Node[] {
    const list = info.node.childForFieldName('superclasses');
    if (!list) return [];
    return codeChildren(list).filter((base) => base.type !== 'keyword_argument');
  }

  private typeOfBase(info: ClassInfo, base: Node): Type | undefined {
    return this.typeOf(info.file, base.type === 'subscript' ? codeChildren(base)[0] : base);
  }

  /** Whether a base class cannot be resolved: it may be any class of the project. */
  hasUnknownBase(info: ClassInfo, depth = 0): boolean {
    return (
      this.baseNodes(info).some(
        (base) => !PLAIN_BASES.has(baseName(base)) && !this.typeOfBase(info, base),
      ) ||
      (depth < DEPTH_LIMIT && this.bases(info).some((base) => this.hasUnknownBase(base, depth + 1)))
    );
  }

  /** Last names of all bases, those of the project's own bases too: `BaseModel`, `Protocol`. */
  baseNames(info: ClassInfo, depth = 0): Set<string> {
    const names = new Set(this.baseNodes(info).map(baseName));
    if (depth > DEPTH_LIMIT) return names;
    for (const base of this.bases(info)) {
      for (const name of this.baseNames(base, depth + 1)) names.add(name);
    }
    return names;
  }

  /** Whether objects of any class may stand where this one is named: the class is a Protocol. */
  isProtocol(info: ClassInfo): boolean {
    return this.baseNodes(info).some((base) => baseName(base) === 'Protocol');
  }

  /** Whether one object may be of both classes, and so have their attributes in common. */
  related(a: ClassInfo, b: ClassInfo): boolean {
    return this.inheritance.related(a, b);
  }

  /** The keys of all classes that objects of the class may also be of, its own among them. */
  relatives(info: ClassInfo): ReadonlySet<string> {
    return this.inheritance.relatives(info);
  }

  /** A method by name, looked up through the project's base classes. */
  method(info: ClassInfo, name: string, depth = 0): FunctionInfo | undefined {
    const own = this.ownMethods(info, name)[0];
    if (own || depth > DEPTH_LIMIT) return own;
    return this.methodOfBases(info, name, depth + 1);
  }

  /** The method that `super().name` means. */
  methodOfBases(info: ClassInfo, name: string, depth = 0): FunctionInfo | undefined {
    for (const base of this.bases(info)) {
      const found = this.method(base, name, depth);
      if (found) return found;
    }
    return undefined;
  }

  /** The functions of that name in the class body: more than one for a property with a setter. */
  ownMethods(info: ClassInfo, name: string): FunctionInfo[] {
    const scope = info.file.scopes.byNode.get(info.node.id);
    return withoutOverloads(scope?.bindings.get(name) ?? []).flatMap((site) => {
      const node = site.kind === 'def' ? definitionNode(site) : undefined;
      return node ? [this.functionOf(info.file, node)] : [];
    });
  }

  /** Methods of the same name in classes that are related to the owner of this one. */
  overrides(method: FunctionInfo): FunctionInfo[] {
    const { owner, name } = method;
    if (!owner) return [];
    const found: FunctionInfo[] = [];
    for (const file of this.project.filesMentioning(`def ${name}`)) {
      for (const scope of file.scopes.byNode.values()) {
        if (scope.kind !== 'class' || !scope.bindings.has(name)) continue;
        const info = this.classOf(file, scope.node);
        if (sameDefinition(info, owner) || !this.related(info, owner)) continue;
        found.push(...this.ownMethods(info, name));
      }
    }
    return found;
  }

  /**
   * Every place that may mean a function or a class: of a method the attributes of its name in all
   * files, of what lies in a function only those of its own file.
   */
  *mentions(of: FunctionInfo | ClassInfo): Iterable<Naming> {
    const body = definitionBody(of.node);
    if (body?.type === 'module') return yield* this.project.namings(of.file, of.name);
    for (const { node } of of.file.references(of.name)) yield { file: of.file, node };
    const inClass = body?.type === 'class_definition';
    for (const file of inClass ? this.project.filesMentioning(`.${of.name}`) : [of.file]) {
      for (const node of file.attributes(of.name)) yield { file, node };
    }
  }

  /** Whether a name is bound to a function among others: defined twice, or imported from either. */
  mayMean(file: PythonFile, node: Node, definition: FunctionInfo, depth = 0): boolean {
    const name = lastName(node) ?? '';
    if (node.type === 'identifier') {
      const sites = file.scopeAt(node).lookup(name)?.bindings.get(name) ?? [];
      return this.anyMeans(file, sites, definition, depth);
    }
    const object = this.typeOf(file, node.childForFieldName('object'));
    const home = object?.kind === 'module' ? this.project.load(object.name, file) : undefined;
    const sites = home?.scopes.module.bindings.get(name) ?? [];
    return !!home && this.anyMeans(home, sites, definition, depth);
  }

  private anyMeans(
    file: PythonFile,
    sites: readonly BindingSite[],
    definition: FunctionInfo,
    depth: number,
  ): boolean {
    return sites.some(({ kind, node, imported }) => {
      if (kind === 'def') {
        return file === definition.file && same(node.parent, definition.node);
      }
      if (!imported || depth > DEPTH_LIMIT) return false;
      const path = this.project.absolute(file, imported.target).split('.');
      const name = path.pop() ?? '';
      const home = this.project.load(path.join('.'), file);
      const found = home?.scopes.module.bindings.get(name) ?? [];
      return !!home && this.anyMeans(home, found, definition, depth + 1);
    });
  }

  /** The calls that make an object of a class, or of one that derives from it. */
  constructions(info: ClassInfo): { file: PythonFile; call: Node }[] {
    const found: { file: PythonFile; call: Node }[] = [];
    for (const { file, node } of this.mentions(info)) {
      const outer = withParens(node);
      const call = outer.parent;
      if (call?.type !== 'call' || !same(call.childForFieldName('function'), outer)) continue;
      const type = this.typeOf(file, node);
      if (type?.kind === 'class' && sameDefinition(type.of, info)) found.push({ file, call });
    }
    return [...found, ...this.heirs(info).flatMap((heir) => this.constructions(heir))];
  }

  /** The classes that name this one among their bases. */
  heirs(info: ClassInfo): ClassInfo[] {
    return this.inheritance.heirs(info);
  }

  /** Whether a function of that name is defined anywhere in the project. */
  definesMethod(name: string): boolean {
    return this.project.filesMentioning(`def ${name}`).length > 0;
  }

  /** Whether every ancestor of the class is known: then a missing attribute is really missing. */
  fullyKnown(info: ClassInfo, depth = 0): boolean {
    const bases = this.baseNodes(info);
    const known = this.bases(info);
    const plain = bases.filter((base) => PLAIN_BASES.has(baseName(base)));
    return (
      known.length + plain.length === bases.length &&
      (depth > DEPTH_LIMIT || known.every((base) => this.fullyKnown(base, depth + 1)))
    );
  }

  // -- attributes --------------------------------------------------------------------------------

  /** The targets that give an attribute its value: in the class body, and through `self`. */
  fieldStores(info: ClassInfo, name: string): Node[] {
    const scope = info.file.scopes.byNode.get(info.node.id);
    const inBody = (scope?.bindings.get(name) ?? [])
      .filter((site) => site.kind === 'assignment')
      .map((site) => site.node);
    return [...inBody, ...(this.storesThroughSelf(info.file, name).get(info.key) ?? [])];
  }

  /** Where the methods of a file assign `self.name`, by the key of the class. */
  private storesThroughSelf(file: PythonFile, name: string): Map<string, Node[]> {
    const names = this.stores.get(file) ?? new Map<string, Map<string, Node[]>>();
    this.stores.set(file, names);
    const known = names.get(name);
    if (known) return known;
    const found = new Map<string, Node[]>();
    names.set(name, found);
    for (const node of file.attributes(name)) {
      if (node.parent?.type !== 'assignment' || !same(node.parent.childForFieldName('left'), node))
        continue;
      if (node.childForFieldName('object')?.text !== 'self') continue;
      const owner = this.enclosingClass(file, node)?.key;
      if (owner !== undefined) found.set(owner, [...(found.get(owner) ?? []), node]);
    }
    return found;
  }

  /**
   * Whether objects of a class have an attribute of their own making: a method, a value that is no
   * None, or an annotation that names a class of the project. A bare declaration, such as a mixin
   * has for what it expects of the others, makes nothing.
   */
  makes(info: ClassInfo, name: string, depth = 0): boolean {
    const key = `${info.key}|${name}`;
    const known = this.making.get(key);
    if (known !== undefined) return known;
    const found =
      this.makesItself(info, name) ||
      (depth <= DEPTH_LIMIT && this.bases(info).some((base) => this.makes(base, name, depth + 1)));
    // What the limit cut off deep inside another question may well be answered by itself.
    if (found || depth === 0) this.making.set(key, found);
    return found;
  }

  private makesItself(info: ClassInfo, name: string): boolean {
    if (this.ownMethods(info, name).length > 0) return true;
    return this.fieldStores(info, name).some((target) => {
      const value = target.parent?.childForFieldName('right');
      if (value && value.type !== 'none') return true;
      const annotation = target.parent?.childForFieldName('type');
      return !!annotation && this.inference.typeOfAnnotation(info.file, annotation) !== undefined;
    });
  }

  // -- expressions -------------------------------------------------------------------------------

  /** The function or class that a call's callee means. */
  callee(file: PythonFile, call: Node): Type | undefined {
    const callee = call.childForFieldName('function');
    return callee ? this.typeOf(file, callee) : undefined;
  }

  /** What an expression is. `scope` is where its names are looked up, when not where it stands. */
  typeOf(file: PythonFile, expression: Node | null | undefined, scope?: Scope): Type | undefined {
    return this.inference.typeOf(file, expression, scope, 0);
  }

  /** The kind of a container of the standard library; undefined for what may be anything else. */
  containerKind(file: PythonFile, expression: Node): ContainerKind | undefined {
    return this.inference.containerKind(file, expression);
  }
}

function baseName(base: Node): string {
  return lastName(base.type === 'subscript' ? codeChildren(base)[0] : base) ?? '?';
}
