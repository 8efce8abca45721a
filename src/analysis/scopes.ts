/**
 * Python's scopes: which names each one binds, and which identifiers are read where.
 *
 * One walk over the tree, by the rules of the language reference (4.2 Naming and binding): function,
 * lambda, class and comprehension scopes, type parameters, `global` and `nonlocal`, the first
 * iterable of a comprehension and the defaults of a function evaluated outside.
 *
 * The walk crosses into wasm for each node it makes and each field it asks for, and this is where
 * most of its time goes: hence names are read from the text, and chains are walked in a loop.
 */

import type { Node } from 'web-tree-sitter';
import { codeChildren } from '../syntax/nodes.ts';
import { importedNames, starImport } from './imports.ts';
import { namesInPattern } from './match-patterns.ts';
import {
  type BindingSite,
  type ImportedName,
  type Reference,
  Scope,
  type ScopeKind,
  ScopeRanges,
  type ScopeTree,
  type StringSite,
} from './scope.ts';

export type {
  BindingSite,
  ImportedName,
  Reference,
  Scope,
  ScopeTree,
  StringSite,
} from './scope.ts';

/** Walks the tree of a module, or of an expression. `root` is the tree's root node. */
export function buildScopes(root: Node): ScopeTree {
  return new ScopeWalk(root).tree();
}

const IDENTIFIER = /[\w\u0080-\uffff]+/y;
const INTERPOLATED = /^[rR]?[fFtT]/;

class ScopeWalk {
  private readonly references: Reference[] = [];
  private readonly stars: ImportedName[] = [];
  private readonly strings: StringSite[] = [];
  private readonly byNode = new Map<number, Scope>();
  private readonly ranges = new ScopeRanges();
  private readonly module: Scope;
  private readonly text: string;
  /** `global` and `nonlocal` statements by the id of the definition whose body they rule. */
  private readonly declarations: ReadonlyMap<number, Node[]>;
  /** Reads in class bodies of names not bound there so far. */
  private readonly early: Reference[] = [];
  /** Bindings by `nonlocal`, whose owner may bind the name further down. */
  private readonly nonlocals: { scope: Scope; name: string; site: BindingSite }[] = [];

  constructor(private readonly root: Node) {
    this.text = root.text;
    this.declarations = declarationsOf(root, this.text);
    this.module = this.open('module', root, undefined);
    this.ranges.add(0, Number.POSITIVE_INFINITY, this.module);
  }

  tree(): ScopeTree {
    this.children(this.root, this.module);
    for (const { scope, name, site } of this.nonlocals) scope.bind(name, site);
    // A class body looks a name up among its own so far, and then among the module's: it never
    // asks the functions around it for a name that it binds itself somewhere.
    for (const read of this.early) {
      if (read.scope.bindings.has(read.name)) read.scope = this.module;
    }
    const { module, byNode, references, stars, strings, ranges } = this;
    return { module, byNode, references, stars, strings, ranges };
  }

  private open(kind: ScopeKind, node: Node, parent: Scope | undefined): Scope {
    const scope = new Scope(kind, node, parent);
    this.byNode.set(node.id, scope);
    for (const statement of this.declarations.get(node.id) ?? []) {
      const names = statement.type === 'global_statement' ? scope.globals : scope.nonlocals;
      for (const name of codeChildren(statement)) names.add(name.text);
    }
    return scope;
  }

  private bind(scope: Scope, identifier: Node, kind: BindingSite['kind']): void {
    const name = this.nameOf(identifier);
    const site: BindingSite = { kind, node: identifier };
    if (scope.nonlocals.has(name)) this.nonlocals.push({ scope, name, site });
    else scope.bind(name, site);
  }

  private read(identifier: Node, scope: Scope): void {
    const name = this.nameOf(identifier);
    const reference: Reference = { node: identifier, name, scope };
    this.references.push(reference);
    if (scope.kind === 'class' && !scope.bindings.has(name)) this.early.push(reference);
  }

  /** The text of an identifier, without asking the tree for its end. */
  private nameOf(identifier: Node): string {
    IDENTIFIER.lastIndex = identifier.startIndex - this.root.startIndex;
    return IDENTIFIER.exec(this.text)?.[0] ?? identifier.text;
  }

  private children(node: Node, scope: Scope): void {
    for (const child of node.namedChildren) this.visit(child, scope);
  }

  private visitField(node: Node, field: string, scope: Scope): Node | null {
    const child = node.childForFieldName(field);
    if (child) this.visit(child, scope);
    return child;
  }

  private visit(start: Node, scope: Scope): void {
    // Chains of calls, attributes and operators nest by the thousand on their left side.
    for (let node: Node | null = start; node; ) {
      switch (node.type) {
        case 'attribute':
          node = node.namedChild(0);
          continue;
        case 'call':
        case 'subscript':
        case 'binary_operator':
        case 'boolean_operator': {
          const [left, ...rest]: Node[] = node.namedChildren;
          for (const child of rest) this.visit(child, scope);
          node = left ?? null;
          continue;
        }
        default:
          this.visitOther(node, scope);
          return;
      }
    }
  }

  private visitOther(node: Node, scope: Scope): void {
    switch (node.type) {
      case 'identifier':
        return this.read(node, scope);
      case 'comment':
      case 'integer':
      case 'float':
      case 'true':
      case 'false':
      case 'none':
      case 'pass_statement':
      case 'future_import_statement':
        return;
      case 'global_statement':
      case 'nonlocal_statement':
        return;
      case 'string':
        return this.string(node, scope);
      case 'keyword_argument':
        this.visitField(node, 'value', scope);
        return;
      case 'function_definition':
        return this.functionDefinition(node, scope);
      case 'lambda':
        return this.lambda(node, scope);
      case 'class_definition':
        return this.classDefinition(node, scope);
      case 'list_comprehension':
      case 'set_comprehension':
      case 'dictionary_comprehension':
      case 'generator_expression':
        return this.comprehension(node, scope);
      case 'assignment':
      case 'augmented_assignment':
        return this.assignment(node, scope);
      case 'named_expression':
        return this.namedExpression(node, scope);
      case 'for_statement':
        this.visitField(node, 'right', scope);
        this.target(node.childForFieldName('left'), scope, 'target');
        this.visitField(node, 'body', scope);
        this.visitField(node, 'alternative', scope);
        return;
      case 'as_pattern':
        return this.asPattern(node, scope);
      case 'import_statement':
      case 'import_from_statement':
        return this.importStatement(node, scope);
      case 'delete_statement':
        for (const child of codeChildren(node)) this.target(child, scope, 'delete');
        return;
      case 'type_alias_statement':
        return this.typeAlias(node, scope);
      case 'case_clause':
        for (const child of codeChildren(node)) {
          if (child.type === 'case_pattern') this.pattern(child, scope);
          else this.visit(child, scope);
        }
        return;
      default:
        this.children(node, scope);
    }
  }

  private string(node: Node, scope: Scope): void {
    this.strings.push({ node, scope });
    const at = node.startIndex - this.root.startIndex;
    if (INTERPOLATED.test(this.text.slice(at, at + 2))) this.children(node, scope);
  }

  // -- definitions -------------------------------------------------------------------------------

  private functionDefinition(node: Node, scope: Scope): void {
    const name = node.childForFieldName('name');
    const outer = this.typeParameters(node, scope);
    const inner = this.open('function', node, outer);
    this.parameters(node, scope, outer, inner);
    this.visitField(node, 'return_type', outer);
    if (name) this.bind(scope, name, 'def');
    this.body(node, inner);
  }

  private lambda(node: Node, scope: Scope): void {
    const inner = this.open('function', node, scope);
    this.parameters(node, scope, scope, inner);
    this.body(node, inner);
  }

  private classDefinition(node: Node, scope: Scope): void {
    const name = node.childForFieldName('name');
    const outer = this.typeParameters(node, scope);
    this.visitField(node, 'superclasses', outer);
    this.body(node, this.open('class', node, outer));
    if (name) this.bind(scope, name, 'class');
  }

  private body(definition: Node, inner: Scope): void {
    const body = definition.childForFieldName('body');
    if (!body) return;
    this.ranges.add(body.startIndex, body.endIndex, inner);
    this.visit(body, inner);
  }

  /** Defaults belong to the scope around, annotations to that of the type parameters, if any. */
  private parameters(definition: Node, defaults: Scope, annotations: Scope, inner: Scope): void {
    const list = definition.childForFieldName('parameters');
    if (!list) return;
    this.ranges.add(list.startIndex, list.endIndex, inner);
    for (const parameter of list.namedChildren) {
      if (parameter.type === 'identifier') {
        this.bind(inner, parameter, 'parameter');
        continue;
      }
      const value = this.visitField(parameter, 'value', defaults);
      if (value) this.ranges.add(value.startIndex, value.endIndex, defaults);
      const type = this.visitField(parameter, 'type', annotations);
      if (type) this.ranges.add(type.startIndex, type.endIndex, annotations);
      const name = parameter.childForFieldName('name') ?? codeChildren(parameter)[0];
      for (const identifier of identifiersIn(name)) this.bind(inner, identifier, 'parameter');
    }
  }

  private typeParameters(node: Node, scope: Scope): Scope {
    const parameters = node.childForFieldName('type_parameters');
    if (!parameters) return scope;
    const inner = this.open('type-parameters', parameters, scope);
    this.ranges.add(parameters.startIndex, node.endIndex, inner);
    for (const parameter of codeChildren(parameters)) this.typeParameter(parameter, inner);
    return inner;
  }

  private typeParameter(node: Node, scope: Scope): void {
    if (node.type === 'identifier') return this.bind(scope, node, 'type');
    const [first, ...rest] = codeChildren(node);
    if (first) this.typeParameter(first, scope);
    for (const bound of rest) this.visit(bound, scope);
  }

  private typeAlias(node: Node, scope: Scope): void {
    const left = node.childForFieldName('left');
    const [name] = left?.descendantsOfType('identifier') ?? [];
    if (name) this.bind(scope, name, 'type');
    const inner = this.open('type-parameters', node, scope);
    this.ranges.add(node.startIndex, node.endIndex, inner);
    const [parameters] = left?.descendantsOfType('type_parameter') ?? [];
    for (const parameter of parameters ? codeChildren(parameters) : []) {
      this.typeParameter(parameter, inner);
    }
    this.visitField(node, 'right', inner);
  }

  private comprehension(node: Node, scope: Scope): void {
    const inner = this.open('comprehension', node, scope);
    // The bracket itself belongs to the scope around, as the name of a function does.
    this.ranges.add(node.startIndex + 1, node.endIndex, inner);
    const children = codeChildren(node);
    let outer: Scope | undefined = scope;
    for (const child of children) {
      if (child.type !== 'for_in_clause') continue;
      this.target(child.childForFieldName('left'), inner, 'target');
      const right = this.visitField(child, 'right', outer ?? inner);
      if (right && outer) this.ranges.add(right.startIndex, right.endIndex, outer);
      outer = undefined;
    }
    for (const child of children) if (child.type !== 'for_in_clause') this.visit(child, inner);
  }

  // -- targets -----------------------------------------------------------------------------------

  /** Binds the names of an assignment target; attributes and subscripts in it are read. */
  private target(node: Node | null, scope: Scope, kind: BindingSite['kind']): void {
    if (!node) return;
    switch (node.type) {
      case 'identifier':
        return this.bind(scope, node, kind);
      case 'attribute':
      case 'subscript':
        return this.visit(node, scope);
      case 'comment':
        return;
      default:
        for (const child of node.namedChildren) this.target(child, scope, kind);
    }
  }

  private assignment(node: Node, scope: Scope): void {
    const left = node.childForFieldName('left');
    if (node.type === 'augmented_assignment' && left?.type === 'identifier') this.read(left, scope);
    if (node.type === 'assignment') this.visitField(node, 'type', scope);
    this.visitField(node, 'right', scope);
    this.target(left, scope, 'assignment');
  }

  private namedExpression(node: Node, scope: Scope): void {
    let owner = scope;
    while (owner.kind === 'comprehension' && owner.parent) owner = owner.parent;
    this.visitField(node, 'value', scope);
    this.target(node.childForFieldName('name'), owner, 'assignment');
  }

  private asPattern(node: Node, scope: Scope): void {
    const alias = node.childForFieldName('alias');
    for (const child of codeChildren(node)) {
      if (child.id === alias?.id) this.target(alias, scope, 'target');
      else this.visit(child, scope);
    }
  }

  /** Patterns of `match`: a lone name captures, a dotted one is read. */
  private pattern(node: Node, scope: Scope): void {
    const { captures, reads } = namesInPattern(node);
    for (const name of reads) this.read(name, scope);
    for (const name of captures) this.bind(scope, name, 'target');
  }

  // -- imports -----------------------------------------------------------------------------------

  private importStatement(node: Node, scope: Scope): void {
    const star = starImport(node);
    if (star) {
      this.stars.push(star);
      return;
    }
    for (const { local, item, imported } of importedNames(node)) {
      const site: BindingSite = { kind: 'import', node: item, imported };
      if (scope.nonlocals.has(local)) this.nonlocals.push({ scope, name: local, site });
      else scope.bind(local, site);
    }
  }
}

/** The `global` and `nonlocal` statements of a file, by the node whose body they rule. */
function declarationsOf(root: Node, text: string): Map<number, Node[]> {
  const found = new Map<number, Node[]>();
  if (!/\b(global|nonlocal)\b/.test(text)) return found;
  for (const statement of root.descendantsOfType(['global_statement', 'nonlocal_statement'])) {
    if (!statement) continue;
    let home = statement.parent;
    while (home?.parent && !DEFINITIONS.has(home.type)) home = home.parent;
    if (home) found.set(home.id, [...(found.get(home.id) ?? []), statement]);
  }
  return found;
}

const DEFINITIONS: ReadonlySet<string> = new Set(['function_definition', 'class_definition']);

/** The names that a parameter binds: one, but for the tuples of Python 2. */
function identifiersIn(node: Node | undefined): Node[] {
  if (!node) return [];
  return node.type === 'identifier' ? [node] : codeChildren(node).flatMap(identifiersIn);
}
