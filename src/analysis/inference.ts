/**
 * What an expression is: enough type knowledge to tell whose method is called and whose attribute is
 * read.
 *
 * It answers only what it can follow: names, imports, annotations, `self`, and what a constructor
 * or an annotated function returns. "Undefined" means "cannot tell", and callers must allow for it.
 */

import type { Node } from 'web-tree-sitter';
import { codeChildren, lastName, same, stripParens } from '../syntax/nodes.ts';
import { STDLIB_MODULES } from '../syntax/stdlib.ts';
import { namedType } from './annotations.ts';
import { type ContainerKind, isContainerName, kindAnnotated, kindMade } from './container-kinds.ts';
import type { Definitions } from './definitions.ts';
import type { PythonFile } from './file.ts';
import type { Project } from './project.ts';
import type { BindingSite, Scope } from './scopes.ts';
import {
  asInstance,
  type ClassInfo,
  definitionNode,
  PROPERTIES,
  parameterOf,
  sameType,
  TRANSPARENT,
  type Type,
  withoutOverloads,
} from './types.ts';

const DEPTH_LIMIT = 8;
/** Container methods that give one element. */
const TAKING = new Set(['get', 'pop', 'setdefault', 'popleft']);
export class Inference {
  /** What the names of each scope are; `null` while a name is being asked for. */
  private readonly names = new Map<Scope, Map<string, Type | null | undefined>>();

  constructor(
    private readonly project: Project,
    private readonly definitions: Definitions,
  ) {}

  typeOf(
    file: PythonFile,
    expression: Node | null | undefined,
    scope: Scope | undefined,
    depth: number,
  ): Type | undefined {
    if (!expression || depth > DEPTH_LIMIT) return undefined;
    const node = stripParens(expression);
    switch (node.type) {
      case 'identifier':
        return this.typeOfName(file, node.text, scope ?? file.scopeAt(node), depth);
      case 'attribute':
        return this.typeOfAttribute(file, node, scope, depth);
      case 'call':
        return this.typeOfCall(file, node, scope, depth);
      case 'subscript':
        return this.typeOfElement(file, node.childForFieldName('value'), depth + 1);
      case 'await': {
        const [operand] = codeChildren(node);
        if (operand?.type !== 'call') return undefined;
        const function_ = operand.childForFieldName('function');
        const callee = this.typeOf(file, function_, scope, depth + 1);
        return callee && this.called(callee, depth, true);
      }
      case 'string':
      case 'integer':
      case 'dictionary':
      case 'list':
      case 'set':
        return { kind: 'foreign', name: node.type };
      default:
        return undefined;
    }
  }

  // -- names -------------------------------------------------------------------------------------

  private typeOfName(
    file: PythonFile,
    name: string,
    scope: Scope,
    depth: number,
  ): Type | undefined {
    const owner = scope.lookup(name);
    if (!owner) return undefined;
    const known = this.names.get(owner) ?? new Map<string, Type | null | undefined>();
    this.names.set(owner, known);
    if (known.has(name)) return known.get(name) ?? undefined;
    // A name assigned in terms of itself cannot be told, and must not be asked for again.
    known.set(name, null);
    const type = this.commonType(withoutOverloads(owner.bindings.get(name) ?? []), (site) =>
      this.typeOfSite(file, site, owner, depth + 1),
    );
    // What the limit cut off deep inside another question may well be answered by itself.
    if (type || depth === 0) known.set(name, type);
    else known.delete(name);
    return type;
  }

  /** The one type that all sites give; the first that cannot be told ends the search. */
  private commonType<T>(
    sites: readonly T[],
    typeOf: (site: T) => Type | undefined,
  ): Type | undefined {
    let common: Type | undefined;
    for (const site of sites) {
      const type = typeOf(site);
      if (!type || (common && !sameType(common, type))) return undefined;
      common ??= type;
    }
    return common;
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
        return node && { kind: 'function', of: this.definitions.functionOf(file, node) };
      }
      case 'class': {
        const node = site.node.parent;
        return node ? { kind: 'class', of: this.definitions.classOf(file, node) } : undefined;
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
    if (this.project.isModule(absolute, file)) return { kind: 'module', name: absolute };
    const [head = ''] = absolute.split('.');
    const at = absolute.lastIndexOf('.');
    const home = at > 0 ? this.project.load(absolute.slice(0, at), file) : undefined;
    if (!home) {
      const known = this.project.isModule(head, file);
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
    if (annotation) {
      // `*args: C` is a tuple of them.
      const splat = codeChildren(parameter)[0]?.type.endsWith('splat_pattern');
      return splat ? undefined : this.typeOfAnnotation(file, annotation, depth);
    }
    const info = this.definitions.functionOf(file, definition);
    const [first] = codeChildren(definition.childForFieldName('parameters') ?? definition);
    if (!info.owner || !same(first, parameter) || info.decorators.includes('staticmethod'))
      return undefined;
    const ofClass = info.decorators.includes('classmethod') || info.name === '__new__';
    return { kind: ofClass ? 'class' : 'instance', of: info.owner };
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
    return this.typeOf(file, value, undefined, depth + 1);
  }

  // -- annotations -------------------------------------------------------------------------------

  /** The class that an annotation names: `C`, `"C"`, `C | None`, `Optional[C]`, `C[int]`. */
  typeOfAnnotation(file: PythonFile, annotation: Node, depth = 0): Type | undefined {
    const node = namedType(annotation);
    if (node?.type === 'string') return this.typeOfQuoted(file, node, depth);
    if (node?.type !== 'identifier' && node?.type !== 'attribute') return undefined;
    return asInstance(this.typeOf(file, node, undefined, depth + 1));
  }

  private typeOfQuoted(file: PythonFile, string: Node, depth: number): Type | undefined {
    const name = string.text.replaceAll(/^['"]|['"]$/g, '').replace(/\s*\|\s*None$/, '');
    if (!/^[A-Za-z_]\w*$/.test(name)) return undefined;
    return asInstance(this.typeOfName(file, name, file.scopeAt(string), depth + 1));
  }

  // -- containers --------------------------------------------------------------------------------

  /** The class of what a container holds, from the container's annotation: `dict[str, C]`. */
  private typeOfElement(file: PythonFile, container: Node | null, depth: number): Type | undefined {
    if (!container || depth > DEPTH_LIMIT) return undefined;
    const found = this.annotationOf(file, container, depth + 1);
    const node = found && codeChildren(found.annotation)[0];
    if (node?.type !== 'generic_type' && node?.type !== 'subscript') return undefined;
    const [head, ...rest] = codeChildren(node);
    if (!isContainerName(lastName(head))) return undefined;
    const inner = rest[0]?.type === 'type_parameter' ? codeChildren(rest[0]) : rest;
    const last = inner.at(-1);
    return last && found ? this.typeOfAnnotation(found.file, last, depth + 1) : undefined;
  }

  /** The annotation of a variable or of an attribute of a known class. */
  private annotationOf(
    file: PythonFile,
    expression: Node,
    depth: number,
  ): { file: PythonFile; annotation: Node } | undefined {
    for (const holder of this.declarations(file, expression, depth)) {
      const annotation = holder.node.childForFieldName('type');
      if (annotation) return { file: holder.file, annotation };
    }
    return undefined;
  }

  /** The parameters and assignments that say what a variable or an attribute is. */
  private declarations(
    file: PythonFile,
    expression: Node,
    depth: number,
  ): { file: PythonFile; node: Node }[] {
    if (expression.type === 'identifier') {
      const name = expression.text;
      const sites = file.scopeAt(expression).lookup(name)?.bindings.get(name) ?? [];
      return sites.flatMap(({ kind, node }) => {
        const holder = kind === 'parameter' ? parameterOf(node) : node.parent;
        return holder ? [{ file, node: holder }] : [];
      });
    }
    if (expression.type !== 'attribute') return [];
    const owner = this.typeOf(file, expression.childForFieldName('object'), undefined, depth + 1);
    if (owner?.kind !== 'instance' && owner?.kind !== 'class') return [];
    const stores = this.definitions.fieldStores(owner.of, lastName(expression) ?? '');
    return stores.flatMap(({ parent }) => (parent ? [{ file: owner.of.file, node: parent }] : []));
  }

  /** The kind of a container of the standard library; undefined for what may be anything else. */
  containerKind(file: PythonFile, expression: Node): ContainerKind | undefined {
    const node = stripParens(expression);
    const made = kindMade(node);
    if (made || node.type === 'call') return made;
    const kinds = this.declarations(file, node, 0).map(
      (declared) =>
        kindAnnotated(declared.node.childForFieldName('type')) ?? this.kindAssigned(declared),
    );
    const [first, ...others] = kinds;
    return others.every((kind) => kind === first) ? first : undefined;
  }

  private kindAssigned(declared: { file: PythonFile; node: Node }): ContainerKind | undefined {
    const value = declared.node.childForFieldName('right');
    if (!value || value.type === 'identifier') return undefined;
    return this.containerKind(declared.file, value);
  }

  // -- attributes and calls ----------------------------------------------------------------------

  private typeOfAttribute(
    file: PythonFile,
    node: Node,
    scope: Scope | undefined,
    depth: number,
  ): Type | undefined {
    const object = this.typeOf(file, node.childForFieldName('object'), scope, depth + 1);
    const name = node.childForFieldName('attribute')?.text ?? '';
    switch (object?.kind) {
      case 'module': {
        const dotted = `${object.name}.${name}`;
        if (this.project.isModule(dotted, file)) return { kind: 'module', name: dotted };
        const home = this.project.load(object.name, file);
        return home && this.typeOfName(home, name, home.scopes.module, depth + 1);
      }
      case 'foreign':
        // What an object of unseen code holds may be anything, an object of the project too.
        return object.name.endsWith(')')
          ? undefined
          : { kind: 'foreign', name: `${object.name}.${name}` };
      case 'class':
      case 'instance':
        return this.typeOfMember(object, name, depth);
      default:
        return undefined;
    }
  }

  private typeOfMember(
    object: Type & { kind: 'class' | 'instance' },
    name: string,
    depth: number,
  ): Type | undefined {
    if (name === '__class__') return { kind: 'class', of: object.of };
    const method = object.above
      ? this.definitions.methodOfBases(object.of, name)
      : this.definitions.method(object.of, name);
    if (!method) return this.typeOfField(object.of, name, depth + 1);
    const property = method.decorators.some((decorator) => PROPERTIES.has(decorator));
    const function_: Type = { kind: 'function', of: method };
    return property ? this.called(function_, depth, false) : function_;
  }

  /** The type of an attribute of a class, from the class body and `self.x = …` in its methods. */
  private typeOfField(info: ClassInfo, name: string, depth: number): Type | undefined {
    if (depth > DEPTH_LIMIT) return undefined;
    const values: Node[] = [];
    for (const store of this.definitions.fieldStores(info, name)) {
      const annotation = store.parent?.childForFieldName('type');
      if (annotation) return this.typeOfAnnotation(info.file, annotation, depth);
      const value = store.parent?.childForFieldName('right');
      if (value && value.type !== 'none') values.push(value);
    }
    if (values.length > 0) {
      return this.commonType(values, (value) =>
        this.typeOf(info.file, value, undefined, depth + 1),
      );
    }
    for (const base of this.definitions.bases(info)) {
      const found = this.typeOfField(base, name, depth + 1);
      if (found) return found;
    }
    return undefined;
  }

  private typeOfCall(
    file: PythonFile,
    call: Node,
    scope: Scope | undefined,
    depth: number,
  ): Type | undefined {
    const function_ = call.childForFieldName('function');
    const callee = this.typeOf(file, function_, scope, depth + 1);
    if (callee) return this.called(callee, depth, false);
    if (function_?.type === 'identifier') return this.typeOfBuiltin(file, call, function_, depth);
    const taking = function_?.type === 'attribute' && TAKING.has(lastName(function_) ?? '');
    return taking
      ? this.typeOfElement(file, function_.childForFieldName('object'), depth + 1)
      : undefined;
  }

  /** `super()` and `type(x)`. */
  private typeOfBuiltin(
    file: PythonFile,
    call: Node,
    function_: Node,
    depth: number,
  ): Type | undefined {
    const name = function_.text;
    if ((name !== 'super' && name !== 'type') || file.scopeAt(call).lookup(name)) return undefined;
    if (name === 'super') {
      const home = this.definitions.enclosing(file, call);
      if (!home?.owner) return undefined;
      const ofClass = home.decorators.includes('classmethod');
      return { kind: ofClass ? 'class' : 'instance', of: home.owner, above: true };
    }
    const [argument, more] = codeChildren(call.childForFieldName('arguments') ?? call);
    const type = more ? undefined : this.typeOf(file, argument, undefined, depth + 1);
    return type?.kind === 'instance' ? { kind: 'class', of: type.of } : undefined;
  }

  /** What calling something gives; for an `async def`, what awaiting the call gives. */
  private called(callee: Type, depth: number, awaited: boolean): Type | undefined {
    switch (callee.kind) {
      case 'class':
        return awaited ? undefined : { kind: 'instance', of: callee.of };
      case 'foreign':
        // A constructor makes an object of its own; a function may hand out one of the project's.
        return /(^|\.)[A-Z]\w*$/.test(callee.name)
          ? { kind: 'foreign', name: `${callee.name}()` }
          : undefined;
      case 'function': {
        const { node, file, owner } = callee.of;
        const returns = node.childForFieldName('return_type');
        if (!returns || callee.of.async !== awaited) return undefined;
        if (callee.of.decorators.some((decorator) => !TRANSPARENT.has(decorator))) return undefined;
        if (owner && /^['"]?Self['"]?$/.test(returns.text)) return { kind: 'instance', of: owner };
        return this.typeOfAnnotation(file, returns, depth + 1);
      }
      default:
        return undefined;
    }
  }
}
