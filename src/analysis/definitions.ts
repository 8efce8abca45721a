/**
 * Functions and classes of the project, and which of them an expression means: enough type
 * knowledge to tell whose method is called and whose attribute is read.
 *
 * It answers only what it can follow: names, imports, annotations, `self`, and what a constructor
 * or an annotated function returns. "Undefined" means "cannot tell", and callers must allow for it.
 */

import type { Node } from 'web-tree-sitter';
import {
  codeChildren,
  enclosingFunction,
  isAsync,
  lastName,
  same,
  stripParens,
} from '../syntax/nodes.ts';
import { STDLIB_MODULES } from '../syntax/stdlib.ts';
import type { PythonFile } from './file.ts';
import type { Project } from './project.ts';
import type { BindingSite, Scope } from './scopes.ts';

export interface FunctionInfo {
  file: PythonFile;
  /** The `function_definition`. */
  node: Node;
  name: string;
  owner: ClassInfo | undefined;
  async: boolean;
  /** Last names of the decorators: `staticmethod`, `fixture`, `asynccontextmanager`. */
  decorators: string[];
}

export interface ClassInfo {
  file: PythonFile;
  /** The `class_definition`. */
  node: Node;
  name: string;
  key: string;
}

/** What an expression is, as far as it can be told. */
export type Type =
  | { kind: 'instance'; of: ClassInfo }
  | { kind: 'class'; of: ClassInfo }
  | { kind: 'function'; of: FunctionInfo }
  | { kind: 'module'; name: string }
  /** Something from outside the project: not one of its classes. */
  | { kind: 'foreign'; name: string };

const DEPTH_LIMIT = 8;

/** Answers questions on the project's definitions. One object a run: it remembers. */
export class Definitions {
  private readonly ancestors = new Map<string, Set<string>>();
  private readonly classes = new Map<string, ClassInfo>();

  constructor(readonly project: Project) {}

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
      decorators: decoratorNames(node),
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
    const list = info.node.childForFieldName('superclasses');
    if (!list) return [];
    const scope = info.file.scopeAt(info.node);
    return codeChildren(list)
      .filter((base) => base.type !== 'keyword_argument')
      .map((base) =>
        this.typeOf(info.file, base.type === 'subscript' ? codeChildren(base)[0] : base, scope),
      )
      .filter((type) => type?.kind === 'class')
      .map((type) => type.of);
  }

  /**
   * The keys of the topmost project ancestors of a class, itself when it has none. Two classes that
   * share one may share an attribute: a method of the ancestor reads what a subclass stores.
   */
  roots(info: ClassInfo): ReadonlySet<string> {
    const known = this.ancestors.get(info.key);
    if (known) return known;
    const roots = new Set<string>();
    this.ancestors.set(info.key, roots);
    const bases = this.bases(info);
    if (bases.length === 0) roots.add(info.key);
    for (const base of bases) for (const root of this.roots(base)) roots.add(root);
    return roots;
  }

  /** A method by name, looked up through the project's base classes. */
  method(info: ClassInfo, name: string, depth = 0): FunctionInfo | undefined {
    const scope = info.file.scopes.byNode.get(info.node.id);
    const site = scope?.bindings.get(name)?.find((found) => found.kind === 'def');
    const node = site && definitionNode(site);
    if (node) return this.functionOf(info.file, node);
    if (depth > DEPTH_LIMIT) return undefined;
    for (const base of this.bases(info)) {
      const found = this.method(base, name, depth + 1);
      if (found) return found;
    }
    return undefined;
  }

  /** Whether every ancestor of the class is known: then a missing attribute is really missing. */
  fullyKnown(info: ClassInfo, depth = 0): boolean {
    const list = info.node.childForFieldName('superclasses');
    const bases = list ? codeChildren(list).filter((base) => base.type !== 'keyword_argument') : [];
    const known = this.bases(info);
    const plain = bases.filter((base) =>
      ['object', 'ABC', 'Protocol'].includes(lastName(base) ?? ''),
    );
    return (
      known.length + plain.length === bases.length &&
      (depth > DEPTH_LIMIT || known.every((base) => this.fullyKnown(base, depth + 1)))
    );
  }

  // -- expressions -------------------------------------------------------------------------------

  /** The function or class that a call's callee means. */
  callee(file: PythonFile, call: Node): Type | undefined {
    const callee = call.childForFieldName('function');
    return callee ? this.typeOf(file, callee) : undefined;
  }

  /** What an expression is. `scope` is where its names are looked up, when not where it stands. */
  typeOf(
    file: PythonFile,
    expression: Node | undefined,
    scope: Scope | undefined = undefined,
    depth = 0,
  ): Type | undefined {
    if (!expression || depth > DEPTH_LIMIT) return undefined;
    const node = stripParens(expression);
    const at = scope ?? file.scopeAt(node);
    switch (node.type) {
      case 'identifier':
        return this.typeOfName(file, node.text, at, depth);
      case 'attribute':
        return this.typeOfAttribute(file, node, at, depth);
      case 'call': {
        const function_ = node.childForFieldName('function');
        const callee = this.typeOf(file, function_ ?? undefined, at, depth + 1);
        if (callee) return this.called(callee, depth, false);
        const taking = function_?.type === 'attribute' && TAKING.has(lastName(function_) ?? '');
        return taking
          ? this.typeOfElement(file, function_.childForFieldName('object'), depth + 1)
          : undefined;
      }
      case 'subscript':
        return this.typeOfElement(file, node.childForFieldName('value'), depth + 1);
      case 'await': {
        const [operand] = codeChildren(node);
        if (operand?.type !== 'call') return undefined;
        const callee = this.typeOf(
          file,
          operand.childForFieldName('function') ?? undefined,
          at,
          depth + 1,
        );
        return callee && this.called(callee, depth, true);
      }
      case 'string':
      case 'integer':
      case 'dictionary':
      case 'list':
        return { kind: 'foreign', name: node.type };
      default:
        return undefined;
    }
  }

  private typeOfName(
    file: PythonFile,
    name: string,
    scope: Scope,
    depth: number,
  ): Type | undefined {
    const owner = scope.lookup(name);
    if (!owner) return undefined;
    const sites = owner.bindings.get(name) ?? [];
    const types = sites.map((site) => this.typeOfSite(file, site, owner, depth + 1));
    const [first] = types;
    return first && types.every((type) => type && sameType(type, first)) ? first : undefined;
  }

  private typeOfSite(
    file: PythonFile,
    site: BindingSite,
    scope: Scope,
    depth: number,
  ): Type | undefined {
    switch (site.kind) {
      case 'def': {
        const node = definitionNode(site);
        return node && { kind: 'function', of: this.functionOf(file, node) };
      }
      case 'class': {
        const node = site.node.parent;
        return node ? { kind: 'class', of: this.classOf(file, node) } : undefined;
      }
      case 'import':
        return site.imported && this.imported(file, site.imported.target, depth);
      case 'parameter':
        return this.typeOfParameter(file, site.node, scope, depth);
      case 'assignment':
        return this.typeOfAssigned(file, site.node, depth);
      default:
        return undefined;
    }
  }

  /** What a dotted import target is: a module, or a name of a project module. */
  private imported(file: PythonFile, target: string, depth: number): Type | undefined {
    const absolute = this.project.absolute(file, target);
    if (this.project.module(absolute, file)) return { kind: 'module', name: absolute };
    const [head = ''] = absolute.split('.');
    const at = absolute.lastIndexOf('.');
    const home = at > 0 ? this.project.load(absolute.slice(0, at), file) : undefined;
    if (!home) {
      const known = this.project.module(head, file);
      return known && !STDLIB_MODULES.has(head) ? undefined : { kind: 'foreign', name: absolute };
    }
    return this.typeOfName(home, absolute.slice(at + 1), home.scopes.module, depth + 1);
  }

  private typeOfParameter(
    file: PythonFile,
    name: Node,
    scope: Scope,
    depth: number,
  ): Type | undefined {
    const parameter = parameterOf(name);
    const definition = scope.node;
    if (!parameter || definition.type !== 'function_definition') return undefined;
    const annotation = parameter.childForFieldName('type');
    if (annotation) return this.typeOfAnnotation(file, annotation, depth);
    const info = this.functionOf(file, definition);
    const [first] = codeChildren(definition.childForFieldName('parameters') ?? definition);
    if (!info.owner || !same(first, parameter) || info.decorators.includes('staticmethod'))
      return undefined;
    const kind = info.decorators.includes('classmethod') ? 'class' : 'instance';
    return { kind, of: info.owner };
  }

  private typeOfAssigned(file: PythonFile, target: Node, depth: number): Type | undefined {
    const assignment = target.parent;
    if (assignment?.type !== 'assignment' && assignment?.type !== 'named_expression')
      return undefined;
    const annotation = assignment.childForFieldName('type');
    if (annotation) return this.typeOfAnnotation(file, annotation, depth);
    const value = assignment.childForFieldName(
      assignment.type === 'assignment' ? 'right' : 'value',
    );
    return value ? this.typeOf(file, value, undefined, depth + 1) : undefined;
  }

  /** The class of what a container holds, from the container's annotation: `dict[str, C]`. */
  private typeOfElement(file: PythonFile, container: Node | null, depth: number): Type | undefined {
    if (!container || depth > DEPTH_LIMIT) return undefined;
    const found = this.annotationOf(file, container, depth + 1);
    let node = found && codeChildren(found.annotation)[0];
    if (node?.type !== 'generic_type' && node?.type !== 'subscript') return undefined;
    const [head, ...rest] = codeChildren(node);
    if (!CONTAINERS.has((head && lastName(head)) ?? '')) return undefined;
    const inner = rest[0]?.type === 'type_parameter' ? codeChildren(rest[0]) : rest;
    node = inner.at(-1);
    return node && found ? this.typeOfAnnotation(found.file, node, depth + 1) : undefined;
  }

  /** The annotation of a variable or of an attribute of a known class. */
  private annotationOf(
    file: PythonFile,
    expression: Node,
    depth: number,
  ): { file: PythonFile; annotation: Node } | undefined {
    if (expression.type === 'identifier') {
      const sites =
        file.scopeAt(expression).lookup(expression.text)?.bindings.get(expression.text) ?? [];
      for (const site of sites) {
        const holder = site.kind === 'parameter' ? parameterOf(site.node) : site.node.parent;
        const annotation = holder?.childForFieldName('type');
        if (annotation) return { file, annotation };
      }
      return undefined;
    }
    if (expression.type !== 'attribute') return undefined;
    const owner = this.typeOf(
      file,
      expression.childForFieldName('object') ?? undefined,
      undefined,
      depth + 1,
    );
    if (owner?.kind !== 'instance' && owner?.kind !== 'class') return undefined;
    for (const store of this.fieldStores(owner.of, lastName(expression) ?? '')) {
      const annotation = store.parent?.childForFieldName('type');
      if (annotation) return { file: owner.of.file, annotation };
    }
    return undefined;
  }

  /** The class that an annotation names: `C`, `"C"`, `C | None`, `Optional[C]`. */
  typeOfAnnotation(file: PythonFile, annotation: Node, depth = 0): Type | undefined {
    let node: Node | undefined =
      annotation.type === 'type' ? codeChildren(annotation)[0] : annotation;
    if (node?.type === 'generic_type' || node?.type === 'subscript') {
      const [head, inner] = codeChildren(node);
      const wrapper = head && lastName(head);
      if (!['Optional', 'Annotated', 'Final', 'ClassVar'].includes(wrapper ?? '')) {
        return undefined;
      }
      node = inner?.type === 'type_parameter' ? codeChildren(inner)[0] : inner;
      if (node?.type === 'type') node = codeChildren(node)[0];
    }
    if (node?.type === 'binary_operator') {
      const sides = [node.childForFieldName('left'), node.childForFieldName('right')];
      const real = sides.filter((side) => side && side.type !== 'none');
      node = real.length === 1 ? (real[0] ?? undefined) : undefined;
    }
    if (node?.type === 'string') return this.typeOfQuoted(file, node, depth);
    if (!node || (node.type !== 'identifier' && node.type !== 'attribute')) return undefined;
    return asInstance(this.typeOf(file, node, undefined, depth + 1));
  }

  private typeOfQuoted(file: PythonFile, string: Node, depth: number): Type | undefined {
    const name = string.text.replaceAll(/^['"]|['"]$/g, '').replace(/\s*\|\s*None$/, '');
    if (!/^[A-Za-z_]\w*$/.test(name)) return undefined;
    return asInstance(this.typeOfName(file, name, file.scopeAt(string), depth + 1));
  }

  private typeOfAttribute(
    file: PythonFile,
    node: Node,
    scope: Scope,
    depth: number,
  ): Type | undefined {
    const object = this.typeOf(
      file,
      node.childForFieldName('object') ?? undefined,
      scope,
      depth + 1,
    );
    const name = node.childForFieldName('attribute')?.text ?? '';
    switch (object?.kind) {
      case 'module': {
        if (this.project.module(`${object.name}.${name}`)) {
          return { kind: 'module', name: `${object.name}.${name}` };
        }
        const home = this.project.load(object.name, file);
        return home && this.typeOfName(home, name, home.scopes.module, depth + 1);
      }
      case 'foreign':
        // What an object of unseen code holds may be anything, an object of the project too.
        return object.name.endsWith(')')
          ? undefined
          : { kind: 'foreign', name: `${object.name}.${name}` };
      case 'class':
      case 'instance': {
        const method = this.method(object.of, name);
        if (method) {
          if (method.decorators.some((decorator) => PROPERTIES.has(decorator))) {
            return this.called({ kind: 'function', of: method }, depth, false);
          }
          return { kind: 'function', of: method };
        }
        return this.typeOfField(object.of, name, depth + 1);
      }
      default:
        return undefined;
    }
  }

  /** The type of an attribute of a class, from the class body and `self.x = …` in its methods. */
  private typeOfField(info: ClassInfo, name: string, depth: number): Type | undefined {
    if (depth > DEPTH_LIMIT) return undefined;
    const types: (Type | undefined)[] = [];
    for (const store of this.fieldStores(info, name)) {
      const assignment = store.parent;
      const annotation = assignment?.childForFieldName('type');
      if (annotation) return this.typeOfAnnotation(info.file, annotation, depth);
      const value = assignment?.childForFieldName('right');
      if (value && value.type !== 'none')
        types.push(this.typeOf(info.file, value, undefined, depth + 1));
    }
    const [first] = types;
    if (first) return types.every((type) => type && sameType(type, first)) ? first : undefined;
    if (types.length > 0) return undefined;
    for (const base of this.bases(info)) {
      const found = this.typeOfField(base, name, depth + 1);
      if (found) return found;
    }
    return undefined;
  }

  /** The targets that give an attribute its value: in the class body, and through `self`. */
  private fieldStores(info: ClassInfo, name: string): Node[] {
    const scope = info.file.scopes.byNode.get(info.node.id);
    const inBody = (scope?.bindings.get(name) ?? [])
      .filter((site) => site.kind === 'assignment')
      .map((site) => site.node);
    const throughSelf = info.file.attributes(name).filter((node) => {
      if (node.parent?.type !== 'assignment' || !same(node.parent.childForFieldName('left'), node))
        return false;
      const object = node.childForFieldName('object');
      return object?.text === 'self' && same(this.enclosingClass(info.file, node)?.node, info.node);
    });
    return [...inBody, ...throughSelf];
  }

  /** What calling something gives; for an `async def`, what awaiting the call gives. */
  private called(callee: Type, depth: number, awaited: boolean): Type | undefined {
    switch (callee.kind) {
      case 'class':
        return { kind: 'instance', of: callee.of };
      case 'foreign':
        // A constructor makes an object of its own; a function may hand out one of the project's.
        return /(^|\.)[A-Z]\w*$/.test(callee.name)
          ? { kind: 'foreign', name: `${callee.name}()` }
          : undefined;
      case 'function': {
        const { node, file } = callee.of;
        const returns = node.childForFieldName('return_type');
        if (!returns || callee.of.async !== awaited) return undefined;
        if (callee.of.decorators.some((decorator) => !TRANSPARENT.has(decorator))) return undefined;
        return this.typeOfAnnotation(file, returns, depth + 1);
      }
      default:
        return undefined;
    }
  }
}

/** Container methods that give one element. */
const TAKING = new Set(['get', 'pop', 'setdefault', 'popleft']);
const CONTAINERS = new Set(
  (
    'dict Dict defaultdict DefaultDict OrderedDict Mapping MutableMapping list List deque Deque ' +
    'Sequence MutableSequence WeakValueDictionary'
  ).split(' '),
);
export const PROPERTIES = new Set(['property', 'cached_property']);
/** Decorators that leave call and result as they are written. */
export const TRANSPARENT = new Set([
  'staticmethod',
  'classmethod',
  'property',
  'cached_property',
  'override',
  'final',
  'abstractmethod',
  'lru_cache',
  'cache',
  'no_type_check',
  'deprecated',
]);

/** The `function_definition` behind the name of a `def` binding. */
export function definitionNode(site: BindingSite): Node | undefined {
  const node = site.node.parent;
  return node?.type === 'function_definition' ? node : undefined;
}

/** The parameter node that declares a name: `typed_parameter`, `default_parameter`, or the name. */
export function parameterOf(name: Node): Node | undefined {
  let at = name;
  while (at.parent && !['parameters', 'lambda_parameters'].includes(at.parent.type)) at = at.parent;
  return at.parent ? at : undefined;
}

/** The node whose body a definition is a direct statement of: a class, a function or the module. */
function definitionBody(definition: Node): Node | undefined {
  let at: Node | null = definition.parent;
  while (at && !['class_definition', 'function_definition', 'module'].includes(at.type))
    at = at.parent;
  return at ?? undefined;
}

function decoratorNames(definition: Node): string[] {
  const outer = definition.parent;
  if (outer?.type !== 'decorated_definition') return [];
  return codeChildren(outer)
    .filter((child) => child.type === 'decorator')
    .map((child) => codeChildren(child)[0])
    .map(
      (node) => lastName(node?.type === 'call' ? node.childForFieldName('function') : node) ?? '?',
    );
}

/**
 * What an annotation promises: an object of a project class. A foreign class tells nothing, since
 * the object may be of a subclass that the project defines (and `Any` may be anything).
 */
function asInstance(type: Type | undefined): Type | undefined {
  return type?.kind === 'class' ? { kind: 'instance', of: type.of } : undefined;
}

function sameType(a: Type, b: Type): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'module' || a.kind === 'foreign') return a.name === (b as { name: string }).name;
  const [left, right] = [a.of, (b as { of: ClassInfo | FunctionInfo }).of];
  return left.file.path === right.file.path && left.node.id === right.node.id;
}
