/**
 * Finds every use of asyncio in a file: names through imports, names in string annotations, string
 * targets of patches, dynamic imports, and imports that nothing in the file refers to.
 */

import type { Node } from 'web-tree-sitter';
import {
  argumentsOf,
  codeChildren,
  dottedParts,
  lastName,
  plainString,
  same,
  withParens,
} from '../syntax/nodes.ts';
import { parse } from '../syntax/parser.ts';
import type { Role, Span, Use } from '../transform.ts';
import type { Binding, Through } from './bindings.ts';
import type { PythonFile } from './file.ts';
import { canonical, isModuleName, PUBLIC_NAMES } from './names.ts';
import type { Project } from './project.ts';
import { roleOf } from './roles.ts';
import { buildScopes, type Reference, type Scope, type StringSite } from './scopes.ts';

/** Calls whose first argument names, as a string, something to replace in a test. */
const PATCHERS = new Set(['patch', 'setattr', 'delattr']);
/** Calls that take the object and the attribute's name: `patch.object(asyncio, "sleep")`. */
const OBJECT_PATCHERS = new Set(['object', 'setattr', 'delattr']);
const DYNAMIC_IMPORTS = new Set(['import_module', '__import__', 'importorskip']);
const DOTTED = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;

/** The uses of a file, in the order of the text. */
export function collectUses(file: PythonFile, project: Project): Use[] {
  return new Collector(file, project).run();
}

class Collector {
  private readonly uses: Use[] = [];
  private readonly referenced = new Set<Binding>();
  private starReferenced = false;

  constructor(
    private readonly file: PythonFile,
    private readonly project: Project,
  ) {}

  run(): Use[] {
    for (const reference of this.file.scopes.references) this.reference(reference);
    for (const site of this.file.scopes.strings) this.string(site);
    for (const binding of this.file.bindings.all()) {
      if (!this.referenced.has(binding)) this.unreferenced(binding);
    }
    if (!this.starReferenced) this.unreferencedStars();
    return this.uses.sort((a, b) => a.span.start - b.span.start);
  }

  // -- names -------------------------------------------------------------------------------------

  private reference(reference: Reference): void {
    const resolved = this.resolve(reference.name, reference.scope);
    if (resolved) this.throughImport(reference.node, resolved, undefined);
    else this.throughModule(reference);
  }

  private resolve(name: string, scope: Scope): Resolved | undefined {
    const owner = scope.lookup(name);
    if (owner) {
      const binding = this.file.bindings.of(owner, name);
      return binding && { target: binding.target, binding, ...doubtOf(binding, this.file) };
    }
    const [star] = this.file.bindings.stars;
    if (!star || !PUBLIC_NAMES.has(name)) return this.throughStar(name);
    const [other] = this.file.bindings.otherStars;
    const line = other && this.file.lines.at(other.statement.startIndex).line;
    return {
      target: canonical([...(star.from ?? 'asyncio').split('.'), name]).name,
      star: true,
      ...(other ? { doubt: `the star import in line ${line} may bind \`${name}\` too` } : {}),
    };
  }

  /** `from .compat import *`, where compat has the name from asyncio. */
  private throughStar(name: string): Resolved | undefined {
    for (const { from } of this.file.bindings.otherStars) {
      const module = this.project.absolute(this.file, from ?? '');
      const found = this.project.asyncioName([...module.split('.'), name]);
      if (found) {
        const doubt = `it comes through the star import of ${found.via.module}`;
        return { target: found.target, star: true, through: found.via, doubt };
      }
    }
    return undefined;
  }

  /** `string` is set for a name inside a string: its node, and the offset to add to the inner tree's. */
  private throughImport(
    head: Node,
    resolved: Resolved,
    string: { node: Node; shift: number; role: Role } | undefined,
  ): void {
    const { node, name } = this.longestName(head, resolved.target);
    if (resolved.binding) this.referenced.add(resolved.binding);
    if (resolved.star) this.starReferenced = true;
    const shift = string?.shift ?? 0;
    const use: Use = {
      file: this.file,
      name,
      role: string?.role ?? roleOf(node),
      span: { start: node.startIndex + shift, end: node.endIndex + shift },
      node: string?.node ?? node,
      spelling: resolved.star ? 'star' : isModuleName(resolved.target) ? 'module' : 'from',
    };
    if (resolved.binding) use.binding = resolved.binding;
    if (resolved.doubt) use.doubt = resolved.doubt;
    const through = resolved.through ?? resolved.binding?.via;
    if (through) use.through = through;
    if (isModuleName(name) && !string) this.refineModule(use);
    this.uses.push(use);
  }

  /** Extends `asyncio` over `.locks.Lock` as far as asyncio's own names go. */
  private longestName(head: Node, target: string): { node: Node; name: string } {
    const base = target.split('.');
    const path = [...base];
    const nodes: Node[] = [head];
    if (isModuleName(target)) {
      for (let at = head; ; ) {
        const up: Node | null = withParens(at).parent;
        if (up?.type !== 'attribute' || !same(up.childForFieldName('object'), withParens(at)))
          break;
        path.push(up.childForFieldName('attribute')?.text ?? '');
        nodes.push(up);
        at = up;
      }
    }
    const { name, parts } = canonical(path);
    return { node: nodes[Math.max(0, parts - base.length)] ?? head, name };
  }

  /** A bare module that is handed to `getattr` or a patcher with a literal name means that name. */
  private refineModule(use: Use): void {
    use.role = 'module';
    const outer = withParens(use.node);
    const list = outer.parent;
    if (list?.type !== 'argument_list' || list.parent?.type !== 'call') return;
    const { positional } = argumentsOf(list.parent);
    if (!same(positional[0], outer)) return;
    const callee = lastName(list.parent.childForFieldName('function')) ?? '';
    const literal = positional[1] && plainString(positional[1]);
    if (!literal) return;
    if (callee === 'getattr' || callee === 'hasattr') use.role = 'getattr';
    else if (OBJECT_PATCHERS.has(callee)) use.role = 'patch-target';
    else return;
    use.name = canonical([...use.name.split('.'), ...literal.content.split('.')]).name;
  }

  /** `loop_module.asyncio.sleep`: asyncio reached through another module of the project. */
  private throughModule(reference: Reference): void {
    const owner = reference.scope.lookup(reference.name);
    const sites = owner?.bindings.get(reference.name) ?? [];
    const [site] = sites;
    if (sites.length !== 1 || !site?.imported || !owner) return;
    const nodes: Node[] = [reference.node];
    const path = this.project.absolute(this.file, site.imported.target).split('.');
    for (let at = reference.node; ; ) {
      const up: Node | null = at.parent;
      if (up?.type !== 'attribute' || !same(up.childForFieldName('object'), at)) break;
      path.push(up.childForFieldName('attribute')?.text ?? '');
      nodes.push(up);
      at = up;
    }
    if (nodes.length === 1) return;
    const found = this.project.asyncioName(path);
    const node = found && nodes[nodes.length - 1 - (path.length - found.parts)];
    if (!found || !node) return;
    const use: Use = {
      file: this.file,
      name: found.target,
      role: roleOf(node),
      span: { start: node.startIndex, end: node.endIndex },
      node,
      spelling: 'module',
      doubt: `it is reached through the module ${found.via.module}`,
      through: found.via,
    };
    if (isModuleName(use.name)) this.refineModule(use);
    this.uses.push(use);
  }

  // -- strings -----------------------------------------------------------------------------------

  private string(site: StringSite): void {
    const role = stringRole(site.node);
    if (!role) return;
    const plain = plainString(site.node);
    if (!plain) return;
    if (role === 'annotation') this.annotation(site, plain.content, plain.start);
    else if (role === 'member') this.patchedMember(site.node, plain.content, plain.start);
    else if (DOTTED.test(plain.content)) {
      if (role === 'import') this.dynamicImport(site.node, plain.content, plain.start);
      else this.patchTarget(site.node, plain.content, plain.start);
    }
  }

  private annotation(site: StringSite, content: string, start: number): void {
    if (!content.includes('asyncio') && !this.bindsAnyOf(content)) return;
    // In parentheses, since an annotation string may span lines.
    const tree = parse(`(${content}\n)`);
    try {
      for (const { node, name } of buildScopes(tree.rootNode).references) {
        const resolved = this.resolve(name, site.scope);
        if (!resolved) continue;
        const string = { node: site.node, shift: start - 1, role: 'annotation' as const };
        this.throughImport(node, resolved, string);
      }
    } finally {
      tree.delete();
    }
  }

  private bindsAnyOf(content: string): boolean {
    const words = content.match(/[A-Za-z_]\w*/g) ?? [];
    const { bindings } = this.file;
    return words.some(
      (word) =>
        (bindings.stars.length > 0 && PUBLIC_NAMES.has(word)) ||
        [...bindings.all()].some((binding) => binding.local === word),
    );
  }

  private patchTarget(node: Node, content: string, start: number): void {
    const parts = content.split('.');
    const known = this.project.asyncioName(parts);
    const name = known?.target ?? this.patchedName(parts);
    if (name === undefined) return;
    const span: Span = { start, end: start + content.length };
    const use: Use = {
      file: this.file,
      name,
      role: 'patch-target',
      span,
      node,
      spelling: 'string',
    };
    if (known) use.through = known.via;
    this.uses.push(use);
  }

  /** `patch.object(worker, "asyncio")`, `monkeypatch.setattr(worker, "sleep", fake)`. */
  private patchedMember(node: Node, content: string, start: number): void {
    const call = node.parent?.parent;
    const [object] = call ? argumentsOf(call).positional : [];
    const parts = object && dottedParts(object);
    const [head = '', ...rest] = parts ?? [];
    const sites = this.file.scopeAt(node).lookup(head)?.bindings.get(head) ?? [];
    const target = sites.length === 1 ? sites[0]?.imported?.target : undefined;
    if (target === undefined) return;
    const path = this.project.absolute(this.file, target).split('.');
    // `patch.object(worker.asyncio, "sleep")` is a use by its first argument.
    if (this.project.asyncioName([...path, ...rest])) return;
    const found = this.project.asyncioName([...path, ...rest, content]);
    if (!found || found.parts !== path.length + rest.length + 1) return;
    this.uses.push({
      file: this.file,
      name: found.target,
      role: 'patch-target',
      span: { start, end: start + content.length },
      node,
      spelling: 'string',
      through: found.via,
    });
  }

  private patchedName(parts: string[]): string | undefined {
    const at = parts.lastIndexOf('asyncio');
    if (at < 0) return undefined;
    // `sqlalchemy.ext.asyncio.AsyncSession` is another package's own module.
    const member = parts[at + 1];
    const ours =
      member !== undefined && (PUBLIC_NAMES.has(member) || isModuleName(`asyncio.${member}`));
    if (at > 0 && !ours) return undefined;
    return canonical(parts.slice(at)).name;
  }

  private dynamicImport(node: Node, content: string, start: number): void {
    const parts = content.split('.');
    if (parts[0] !== 'asyncio') return;
    const span = { start, end: start + content.length };
    const { name } = canonical(parts);
    this.uses.push({ file: this.file, name, role: 'import', span, node, spelling: 'string' });
  }

  // -- imports that nothing refers to --------------------------------------------------------------

  private unreferenced(binding: Binding): void {
    for (const { node } of binding.imports) {
      const use: Use = {
        file: this.file,
        name: binding.target,
        role: 'import',
        span: { start: node.startIndex, end: node.endIndex },
        node,
        spelling: isModuleName(binding.target) ? 'module' : 'from',
        binding,
      };
      if (binding.via) use.through = binding.via;
      this.uses.push(use);
    }
  }

  private unreferencedStars(): void {
    for (const { statement, from } of this.file.bindings.stars) {
      const wildcard = codeChildren(statement).at(-1) ?? statement;
      this.uses.push({
        file: this.file,
        name: from ?? 'asyncio',
        role: 'import',
        span: { start: wildcard.startIndex, end: wildcard.endIndex },
        node: wildcard,
        spelling: 'star',
      });
    }
  }
}

interface Resolved {
  target: string;
  binding?: Binding;
  star?: boolean;
  doubt?: string;
  through?: Through;
}

/** Why a binding may mean something else than asyncio. */
function doubtOf(binding: Binding, file: PythonFile): { doubt?: string } {
  const [other] = binding.others;
  if (other) {
    const { line } = file.lines.at(other.node.startIndex);
    return { doubt: `\`${binding.local}\` is also bound in line ${line}` };
  }
  if (binding.via) return { doubt: `it is imported from the module ${binding.via.module}` };
  return {};
}

/** `member` is the second argument of a patcher, the name of what it replaces on an object. */
type StringRole = 'annotation' | 'patch-target' | 'member' | 'import';

/** What a string literal is for, if a name may stand in it. */
function stringRole(node: Node): StringRole | undefined {
  for (let at = node, up = node.parent; up; at = up, up = up.parent) {
    switch (up.type) {
      case 'type':
        if (up.parent?.type !== 'type_parameter') return 'annotation';
        break;
      case 'generic_type':
      case 'subscript':
        if (isLiteralOrExtra(up, at)) return undefined;
        break;
      case 'type_parameter':
      case 'binary_operator':
      case 'list':
      case 'tuple':
        break;
      case 'argument_list':
        return argumentRole(up, at);
      default:
        return undefined;
    }
  }
  return undefined;
}

/** Strings in `Literal[...]`, and the extras of `Annotated[...]`, are values and no annotations. */
function isLiteralOrExtra(generic: Node, child: Node): boolean {
  const [head] = codeChildren(generic);
  const name = head && dottedParts(head)?.at(-1);
  if (name === 'Literal') return true;
  if (name !== 'Annotated') return false;
  const [, first] = codeChildren(generic);
  return !same(codeChildren(first ?? generic)[0], child) && !same(first, child);
}

function argumentRole(list: Node, argument: Node): StringRole | undefined {
  if (list.parent?.type !== 'call') return undefined;
  const callee = lastName(list.parent.childForFieldName('function')) ?? '';
  const [first, second] = codeChildren(list);
  if (same(second, argument)) return OBJECT_PATCHERS.has(callee) ? 'member' : undefined;
  if (!same(first, argument)) return undefined;
  if (callee === 'cast') return 'annotation';
  if (argument.type !== 'string') return undefined;
  if (PATCHERS.has(callee)) return 'patch-target';
  return DYNAMIC_IMPORTS.has(callee) ? 'import' : undefined;
}
