/**
 * Python's scopes: which names each one binds, and which identifiers are read where.
 *
 * One walk over the tree, by the rules of the language reference (4.2 Naming and binding): function,
 * lambda, class and comprehension scopes, type parameters, `global` and `nonlocal`, the first
 * iterable of a comprehension and the defaults of a function evaluated outside.
 */

import type { Node } from 'web-tree-sitter';
import { codeChildren } from '../syntax/nodes.ts';

export type ScopeKind = 'module' | 'class' | 'function' | 'comprehension' | 'type-parameters';

/** One place that binds a name. */
export interface BindingSite {
  kind: 'import' | 'def' | 'class' | 'parameter' | 'assignment' | 'target' | 'delete' | 'type';
  /** The identifier that is bound; for imports the `aliased_import`, `dotted_name` or wildcard. */
  node: Node;
  /** For imports: what the name stands for (`asyncio.locks`, `os`, `..compat.Lock`). */
  imported?: ImportedName;
}

/** What an import binds a name to. */
export interface ImportedName {
  /** The `import` or `from … import` statement. */
  statement: Node;
  /** The dotted name bound, with leading dots for a relative import: `asyncio`, `.compat.Lock`. */
  target: string;
  /** The dotted module of a from-import; undefined for `import x`. */
  from?: string;
}

/** An identifier in load position. */
export interface Reference {
  node: Node;
  name: string;
  scope: Scope;
}

export class Scope {
  readonly bindings = new Map<string, BindingSite[]>();
  readonly globals = new Set<string>();
  readonly nonlocals = new Set<string>();

  constructor(
    readonly kind: ScopeKind,
    readonly node: Node,
    readonly parent: Scope | undefined,
  ) {}

  bind(name: string, site: BindingSite): void {
    const owner = this.owner(name);
    const sites = owner.bindings.get(name);
    if (sites) sites.push(site);
    else owner.bindings.set(name, [site]);
  }

  /** The scope in which a binding made here lands: `global x` sends it to the module. */
  private owner(name: string): Scope {
    if (this.globals.has(name)) return this.module;
    if (this.nonlocals.has(name)) {
      for (let up = this.parent; up; up = up.parent) {
        if (up.kind === 'function' && up.bindings.has(name)) return up;
      }
    }
    return this;
  }

  get module(): Scope {
    let top: Scope = this;
    while (top.parent) top = top.parent;
    return top;
  }

  /** The scope in which a name read here is bound, or undefined (a builtin, a star import). */
  lookup(name: string): Scope | undefined {
    if (this.globals.has(name)) return this.module.bindings.has(name) ? this.module : undefined;
    let classSeen = this.kind === 'class' || this.kind === 'type-parameters';
    for (let at: Scope | undefined = this; at; at = at.parent) {
      if (at.kind === 'class' && !classSeen) continue;
      if (at.bindings.has(name)) return at;
      // A class body is visible to its own statements and their annotations, not to what is nested.
      classSeen = classSeen && at.kind === 'type-parameters';
    }
    return undefined;
  }
}

/** A string literal and the scope that it stands in. */
export interface StringSite {
  node: Node;
  scope: Scope;
}

/** The scopes of one file. */
export interface ScopeTree {
  module: Scope;
  /** Scopes by the id of the node that opens them. */
  byNode: ReadonlyMap<number, Scope>;
  references: readonly Reference[];
  /** `from x import *`, which may only stand at module level. */
  stars: readonly ImportedName[];
  strings: readonly StringSite[];
}

/** Walks a module's tree. */
export function buildScopes(root: Node): ScopeTree {
  return new ScopeWalk(root).tree();
}

class ScopeWalk {
  private readonly references: Reference[] = [];
  private readonly stars: ImportedName[] = [];
  private readonly strings: StringSite[] = [];
  private readonly byNode = new Map<number, Scope>();
  private readonly module: Scope;
  /** Function bodies are walked after their enclosing scope, whose `nonlocal` targets must be known. */
  private readonly later: (() => void)[] = [];

  constructor(private readonly root: Node) {
    this.module = this.open('module', root, undefined);
  }

  tree(): ScopeTree {
    this.children(this.root, this.module);
    for (let next = this.later.shift(); next; next = this.later.shift()) next();
    return {
      module: this.module,
      byNode: this.byNode,
      references: this.references,
      stars: this.stars,
      strings: this.strings,
    };
  }

  private open(kind: ScopeKind, node: Node, parent: Scope | undefined): Scope {
    const scope = new Scope(kind, node, parent);
    this.byNode.set(node.id, scope);
    return scope;
  }

  private children(node: Node, scope: Scope): void {
    for (const child of node.namedChildren) this.visit(child, scope);
  }

  private visitField(node: Node, field: string, scope: Scope): void {
    for (const child of node.childrenForFieldName(field)) this.visit(child, scope);
  }

  private visit(node: Node, scope: Scope): void {
    switch (node.type) {
      case 'identifier':
        this.references.push({ node, name: node.text, scope });
        return;
      case 'comment':
      case 'string_content':
        return;
      case 'string':
        this.strings.push({ node, scope });
        this.children(node, scope);
        return;
      case 'attribute':
        this.visitField(node, 'object', scope);
        return;
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
        this.target(node.childForFieldName('left'), scope, 'assignment');
        this.visitField(node, 'type', scope);
        this.visitField(node, 'right', scope);
        return;
      case 'augmented_assignment': {
        const left = node.childForFieldName('left');
        if (left?.type === 'identifier') this.visit(left, scope);
        this.target(left, scope, 'assignment');
        this.visitField(node, 'right', scope);
        return;
      }
      case 'named_expression':
        return this.namedExpression(node, scope);
      case 'for_statement':
        this.target(node.childForFieldName('left'), scope, 'target');
        for (const field of ['right', 'body', 'alternative']) this.visitField(node, field, scope);
        return;
      case 'as_pattern':
        return this.asPattern(node, scope);
      case 'import_statement':
        return this.importStatement(node, scope);
      case 'import_from_statement':
        return this.importFrom(node, scope);
      case 'future_import_statement':
        return;
      case 'global_statement':
        for (const name of codeChildren(node)) scope.globals.add(name.text);
        return;
      case 'nonlocal_statement':
        for (const name of codeChildren(node)) scope.nonlocals.add(name.text);
        return;
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

  // -- definitions -------------------------------------------------------------------------------

  private functionDefinition(node: Node, scope: Scope): void {
    const name = node.childForFieldName('name');
    if (name) scope.bind(name.text, { kind: 'def', node: name });
    const outer = this.typeParameters(node, scope);
    const parameters = node.childForFieldName('parameters');
    if (parameters) this.parameterDefaults(parameters, scope, outer);
    this.visitField(node, 'return_type', outer);
    const inner = this.open('function', node, outer);
    if (parameters) this.parameterNames(parameters, inner);
    const body = node.childForFieldName('body');
    if (!body) return;
    this.declarations(body, inner);
    this.later.push(() => this.children(body, inner));
  }

  private lambda(node: Node, scope: Scope): void {
    const parameters = node.childForFieldName('parameters');
    if (parameters) this.parameterDefaults(parameters, scope, scope);
    const inner = this.open('function', node, scope);
    if (parameters) this.parameterNames(parameters, inner);
    this.later.push(() => this.visitField(node, 'body', inner));
  }

  private classDefinition(node: Node, scope: Scope): void {
    const name = node.childForFieldName('name');
    if (name) scope.bind(name.text, { kind: 'class', node: name });
    const outer = this.typeParameters(node, scope);
    this.visitField(node, 'superclasses', outer);
    const inner = this.open('class', node, outer);
    const body = node.childForFieldName('body');
    if (!body) return;
    this.declarations(body, inner);
    this.children(body, inner);
  }

  /** `global` and `nonlocal` rule a whole body, so they are read before anything is bound in it. */
  private declarations(body: Node, scope: Scope): void {
    for (const statement of body.descendantsOfType(['global_statement', 'nonlocal_statement'])) {
      if (!statement || this.definitionOf(statement) !== scope.node.id) continue;
      const names = statement.type === 'global_statement' ? scope.globals : scope.nonlocals;
      for (const name of codeChildren(statement)) names.add(name.text);
    }
  }

  private definitionOf(node: Node): number | undefined {
    for (let up = node.parent; up; up = up.parent) {
      if (up.type === 'function_definition' || up.type === 'class_definition') return up.id;
    }
    return undefined;
  }

  private typeParameters(node: Node, scope: Scope): Scope {
    const parameters = node.childForFieldName('type_parameters');
    if (!parameters) return scope;
    const inner = this.open('type-parameters', parameters, scope);
    for (const parameter of codeChildren(parameters)) this.typeParameter(parameter, inner);
    return inner;
  }

  private typeParameter(node: Node, scope: Scope): void {
    if (node.type === 'identifier') {
      scope.bind(node.text, { kind: 'type', node });
      return;
    }
    const [first, ...rest] = codeChildren(node);
    if (first) this.typeParameter(first, scope);
    for (const bound of rest) this.visit(bound, scope);
  }

  private typeAlias(node: Node, scope: Scope): void {
    const left = node.childForFieldName('left');
    const [name] = left?.descendantsOfType('identifier') ?? [];
    if (name) scope.bind(name.text, { kind: 'type', node: name });
    this.visitField(node, 'right', scope);
  }

  private parameterDefaults(parameters: Node, defaults: Scope, annotations: Scope): void {
    for (const parameter of codeChildren(parameters)) {
      this.visitField(parameter, 'value', defaults);
      this.visitField(parameter, 'type', annotations);
    }
  }

  private parameterNames(parameters: Node, scope: Scope): void {
    for (const parameter of codeChildren(parameters)) {
      const name = parameter.childForFieldName('name') ?? parameter;
      for (const found of name.type === 'identifier' ? [name] : [codeChildren(name)[0]]) {
        const identifier = innermostIdentifier(found);
        if (identifier) scope.bind(identifier.text, { kind: 'parameter', node: identifier });
      }
    }
  }

  // -- targets -----------------------------------------------------------------------------------

  /** Binds the names of an assignment target; attributes and subscripts in it are read. */
  private target(node: Node | null, scope: Scope, kind: BindingSite['kind']): void {
    if (!node) return;
    switch (node.type) {
      case 'identifier':
        scope.bind(node.text, { kind, node });
        return;
      case 'attribute':
      case 'subscript':
        this.visit(node, scope);
        return;
      case 'comment':
        return;
      default:
        for (const child of node.namedChildren) this.target(child, scope, kind);
    }
  }

  private namedExpression(node: Node, scope: Scope): void {
    let owner = scope;
    while (owner.kind === 'comprehension' && owner.parent) owner = owner.parent;
    this.target(node.childForFieldName('name'), owner, 'assignment');
    this.visitField(node, 'value', scope);
  }

  private asPattern(node: Node, scope: Scope): void {
    const alias = node.childForFieldName('alias');
    for (const child of codeChildren(node)) {
      if (child.id === alias?.id) this.target(alias, scope, 'target');
      else this.visit(child, scope);
    }
  }

  private comprehension(node: Node, scope: Scope): void {
    const inner = this.open('comprehension', node, scope);
    let first = true;
    for (const child of codeChildren(node)) {
      if (child.type !== 'for_in_clause') {
        continue;
      }
      this.target(child.childForFieldName('left'), inner, 'target');
      this.visitField(child, 'right', first ? scope : inner);
      first = false;
    }
    for (const child of codeChildren(node)) {
      if (child.type !== 'for_in_clause') this.visit(child, inner);
    }
  }

  /** Patterns of `match`: a lone name captures, a dotted one is read. */
  private pattern(node: Node, scope: Scope): void {
    switch (node.type) {
      case 'dotted_name': {
        const parts = codeChildren(node);
        const [head] = parts;
        if (!head) return;
        if (parts.length > 1) this.references.push({ node: head, name: head.text, scope });
        else if (head.text !== '_') scope.bind(head.text, { kind: 'target', node: head });
        return;
      }
      case 'identifier':
        if (node.text !== '_') scope.bind(node.text, { kind: 'target', node });
        return;
      case 'class_pattern': {
        const [name, ...rest] = codeChildren(node);
        const head = name && codeChildren(name)[0];
        if (head) this.references.push({ node: head, name: head.text, scope });
        for (const child of rest) this.pattern(child, scope);
        return;
      }
      case 'keyword_pattern': {
        const [, ...values] = codeChildren(node);
        for (const child of values) this.pattern(child, scope);
        return;
      }
      default:
        for (const child of node.namedChildren) this.pattern(child, scope);
    }
  }

  // -- imports -----------------------------------------------------------------------------------

  private importStatement(node: Node, scope: Scope): void {
    for (const item of node.childrenForFieldName('name')) {
      if (!item) continue;
      const dotted = item.type === 'aliased_import' ? item.childForFieldName('name') : item;
      const alias = item.type === 'aliased_import' ? item.childForFieldName('alias') : null;
      if (!dotted) continue;
      const path = compactDotted(dotted.text);
      // `import a.b` binds `a`; `import a.b as c` binds `a.b`.
      const local = alias?.text ?? path.split('.')[0] ?? path;
      const target = alias ? path : local;
      scope.bind(local, { kind: 'import', node: item, imported: { statement: node, target } });
    }
  }

  private importFrom(node: Node, scope: Scope): void {
    const from = compactDotted(node.childForFieldName('module_name')?.text ?? '');
    if (codeChildren(node).some((child) => child.type === 'wildcard_import')) {
      this.stars.push({ statement: node, target: `${from}.*`, from });
      return;
    }
    for (const item of node.childrenForFieldName('name')) {
      if (!item) continue;
      const dotted = item.type === 'aliased_import' ? item.childForFieldName('name') : item;
      const alias = item.type === 'aliased_import' ? item.childForFieldName('alias') : null;
      if (!dotted) continue;
      const target = from.endsWith('.') ? `${from}${dotted.text}` : `${from}.${dotted.text}`;
      const imported = { statement: node, target, from };
      scope.bind(alias?.text ?? dotted.text, { kind: 'import', node: item, imported });
    }
  }
}

/** Python allows `a . b` in an import; nobody writes it, but the path is the same. */
function compactDotted(text: string): string {
  return text.replaceAll(/\s+/g, '');
}

function innermostIdentifier(node: Node | undefined): Node | undefined {
  let at = node;
  while (at && at.type !== 'identifier') at = codeChildren(at)[0];
  return at;
}
