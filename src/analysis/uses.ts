/**
 * Finds every use of asyncio in a file: names through imports, names in string annotations, string
 * targets of patches, dynamic imports, and imports that nothing in the file refers to.
 */

import type { Node } from 'web-tree-sitter';
import { lineText } from '../syntax/lines.ts';
import { ancestor, argumentsOf, codeChildren, dottedParts, plainString } from '../syntax/nodes.ts';
import { parse } from '../syntax/parser.ts';
import type { Role, Use } from '../transform.ts';
import type { Binding, Through } from './bindings.ts';
import { reachedThroughClasses } from './class-imports.ts';
import type { PythonFile } from './file.ts';
import { attributesOn, longestName } from './longest-name.ts';
import {
  canonical,
  isLibrary,
  isModuleName,
  LIBRARIES,
  libraryOf,
  patchedName,
  publicNames,
  starHas,
} from './names.ts';
import { moduleUse, replacesInSysModules } from './patch-calls.ts';
import type { Project } from './project.ts';
import { roleOf } from './roles.ts';
import { buildScopes, type Reference, type Scope, type StringSite } from './scopes.ts';
import { lastPiece, stringRole } from './strings.ts';

const CALLS: ReadonlySet<string> = new Set(['call']);
const DOTTED = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
const LIBRARY = `(?:${LIBRARIES.join('|')})`;
/** `.asyncio.sleep` at the end of a string that begins with something computed. */
const DOTTED_TAIL = new RegExp(String.raw`(?:^|\.)(${LIBRARY}(?:\.[A-Za-z_]\w*)*)$`);
/** A dotted path that leads through another module to a name of asyncio. */
const DOTTED_ASYNCIO = new RegExp(String.raw`^[A-Za-z_][\w.]*\.${LIBRARY}\.\w+$`);
/** The names of asyncio in an annotation that cannot be read as one text. */
const IN_TEXT = new RegExp(String.raw`\b(${LIBRARY})(\.\w+)*`);

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
    for (const site of this.stringsWithNames()) this.string(site);
    for (const { node, binding } of reachedThroughClasses(this.file)) {
      const doubt = `it is reached through the class whose body imports \`${binding.local}\``;
      this.throughImport(node, { target: binding.target, binding, doubt }, undefined);
    }
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
    const star = this.file.bindings.stars.find(({ from = '' }) => starHas(from, name));
    if (!star) return this.throughStar(name);
    const [other] = this.file.bindings.otherStars;
    const line = other && lineText(this.file.lines.at(other.statement.startIndex));
    return {
      target: canonical([...(star.from ?? 'asyncio').split('.'), name]).name,
      star: true,
      ...(other ? { doubt: `the star import in ${line} may bind \`${name}\` too` } : {}),
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
    const { node, end, name } = longestName(head, resolved.target);
    if (resolved.binding) this.referenced.add(resolved.binding);
    if (resolved.star) this.starReferenced = true;
    const shift = string?.shift ?? 0;
    const use: Use = {
      file: this.file,
      name,
      role: string?.role ?? roleOf(node),
      span: { start: node.startIndex + shift, end: end + shift },
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

  /** A bare module may mean a name of it, or several, by the call that takes it. */
  private refineModule(use: Use): void {
    // `worker.asyncio = fake` replaces the module itself.
    if (use.role === 'patch-target') return;
    const { role, members } = moduleUse(use.node);
    const path = use.name.split('.');
    const [first, ...others] = members.map((name) => canonical([...path, ...name.split('.')]).name);
    use.role = role;
    // `patch.multiple(worker.asyncio, sleep=…, wait=…)`: a use for each name.
    for (const name of others) this.uses.push({ ...use, name });
    if (first !== undefined) use.name = first;
  }

  /** `loop_module.asyncio.sleep`: asyncio reached through another module of the project. */
  private throughModule(reference: Reference): void {
    const owner = reference.scope.lookup(reference.name);
    // `import app.loop` and `import app.net` both bind `app`, and one of them leads on.
    for (const { imported } of owner?.bindings.get(reference.name) ?? []) {
      const use = imported && this.useThroughModule(reference.node, imported.target);
      if (!use) continue;
      if (isModuleName(use.name)) this.refineModule(use);
      this.uses.push(use);
      return;
    }
  }

  private useThroughModule(head: Node, target: string): Use | undefined {
    const path = this.project.absolute(this.file, target).split('.');
    if (!this.project.isModule(path[0] ?? '', this.file)) return undefined;
    const chain = attributesOn(head);
    if (chain.length === 0) return undefined;
    const names = chain.map((node) => node.childForFieldName('attribute')?.text ?? '');
    const found = this.project.asyncioName([...path, ...names]);
    const node = found && chain[found.parts - path.length - 1];
    if (!found || !node) return undefined;
    return {
      file: this.file,
      name: found.target,
      role: roleOf(node),
      span: { start: node.startIndex, end: node.endIndex },
      node,
      spelling: 'module',
      doubt: `it is reached through the module ${found.via.module}`,
      through: found.via,
    };
  }

  // -- strings -----------------------------------------------------------------------------------

  /** The strings in which a word stands that may lead to asyncio: they are few among many. */
  private stringsWithNames(): StringSite[] {
    const words = new Set([...LIBRARIES, ...this.project.exportNames]);
    for (const { local } of this.file.bindings.all()) words.add(local);
    for (const { from = '' } of this.file.bindings.stars) {
      for (const name of publicNames(from)) words.add(name);
    }
    const found = [
      ...this.file.text.matchAll(new RegExp(`\\b(?:${[...words].join('|')})\\b`, 'g')),
    ];
    const sites = [...this.file.scopes.strings];
    sites.sort((a, b) => a.node.startIndex - b.node.startIndex);
    let next = 0;
    return sites.filter(({ node }, at) => {
      while (next < found.length && (found[next]?.index ?? 0) < node.startIndex) next++;
      const word = found[next]?.index;
      if (word === undefined) return false;
      // Only a string with interpolations can hold the next one; else the end need not be asked for.
      const behind = sites[at + 1]?.node.startIndex ?? Number.POSITIVE_INFINITY;
      const apart =
        word > behind && !/^\w*[fFtT]/.test(this.file.text.slice(node.startIndex, behind));
      return !apart && word < node.endIndex;
    });
  }

  private string(site: StringSite): void {
    const role = stringRole(site.node);
    const plain = plainString(site.node);
    if (role === 'annotation') return this.annotation(site, plain);
    if (role === 'patch-target' && !plain) return this.computedTarget(site.node);
    if (!plain) return;
    const { content, start } = plain;
    if (this.isLibrary(content) && replacesInSysModules(site.node)) {
      return this.patched(site.node, content, start, content, undefined);
    }
    if (role === 'member') return this.patchedMember(site.node, content, start);
    if (role === 'import') return this.dynamicImport(site.node, content, start);
    if (role === 'patch-target') return this.patchTarget(site.node, content, start);
    // A constant, or one of the values of a parametrized test, that is handed to a patcher.
    if (DOTTED_ASYNCIO.test(content) && this.project.longestModule(content.split('.'))) {
      this.patchTarget(site.node, content, start);
    }
  }

  private annotation(
    site: StringSite,
    plain: { content: string; start: number } | undefined,
  ): void {
    const text = plain?.content ?? site.node.text;
    if (plain && site.node.parent?.type !== 'concatenated_string') {
      this.quoted(site, plain.content, plain.start);
    } else {
      this.unreadable(site, text);
    }
  }

  /** The names in the text of an annotation; strings within it may hold further ones. */
  private quoted(site: StringSite, content: string, start: number): void {
    // In parentheses, since an annotation string may span lines.
    const tree = parse(`(${content}\n)`);
    try {
      const { references, strings } = buildScopes(tree.rootNode);
      for (const { node, name } of references) {
        const resolved = this.resolve(name, site.scope);
        if (!resolved) continue;
        const string = { node: site.node, shift: start - 1, role: 'annotation' as const };
        this.throughImport(node, resolved, string);
      }
      for (const { node } of strings) {
        const plain = plainString(node);
        if (plain) this.quoted(site, plain.content, start + plain.start - 1);
      }
    } finally {
      tree.delete();
    }
  }

  /** An annotation put together from several literals, or with escapes: its names have no place. */
  private unreadable(site: StringSite, text: string): void {
    const [path, library] = IN_TEXT.exec(text) ?? [];
    if (path === undefined || !this.resolve(library ?? '', site.scope)) return;
    this.uses.push({
      file: this.file,
      name: canonical(path.split('.')).name,
      role: 'annotation',
      span: { start: site.node.startIndex, end: site.node.endIndex },
      node: site.node,
      spelling: 'string',
      doubt: 'the string that it stands in is no single plain literal',
    });
  }

  private patchTarget(node: Node, content: string, start: number): void {
    if (!DOTTED.test(content)) {
      if (/^\.\w/.test(content)) this.computedTarget(node);
      return;
    }
    const parts = content.split('.');
    const known = this.project.asyncioName(parts);
    const name = known?.target ?? patchedName(parts);
    if (name === undefined || !this.isLibrary(libraryOf(name))) return;
    this.patched(node, name, start, content, known?.via);
  }

  /** `patch(f"{MODULE}.asyncio.sleep")`, `patch(MODULE + ".asyncio.sleep")`. */
  private computedTarget(node: Node): void {
    const piece = lastPiece(node);
    const [tail, path] = (piece && DOTTED_TAIL.exec(piece.content)) ?? [];
    if (!piece || tail === undefined || path === undefined) return;
    const start = piece.start + piece.content.length - tail.length;
    this.patched(node, canonical(path.split('.')).name, start, tail, undefined);
  }

  private patched(
    node: Node,
    name: string,
    start: number,
    text: string,
    through: Through | undefined,
  ): void {
    const span = { start, end: start + text.length };
    const use: Use = {
      file: this.file,
      name,
      role: 'patch-target',
      span,
      node,
      spelling: 'string',
    };
    if (through) use.through = through;
    this.uses.push(use);
  }

  /** `patch.object(worker, "asyncio")`, `monkeypatch.setattr(worker, "sleep", fake)`. */
  private patchedMember(node: Node, content: string, start: number): void {
    const call = ancestor(node, CALLS);
    const { positional, keywords } = argumentsOf(call ?? node);
    const object = positional[0] ?? keywords.get('target') ?? keywords.get('obj');
    const parts = object && dottedParts(object);
    const [head = '', ...rest] = parts ?? [];
    const sites = this.file.scopeAt(node).lookup(head)?.bindings.get(head) ?? [];
    for (const { imported } of sites) {
      if (!imported) continue;
      const path = [...this.project.absolute(this.file, imported.target).split('.'), ...rest];
      // `patch.object(worker.asyncio, "sleep")` is a use by its first argument.
      if (this.project.asyncioName(path)) return;
      const found = this.project.asyncioName([...path, content]);
      if (!found || found.parts !== path.length + 1) continue;
      return this.patched(node, found.target, start, content, found.via);
    }
  }

  private dynamicImport(node: Node, content: string, start: number): void {
    const parts = content.split('.');
    if (!this.isLibrary(parts[0] ?? '') || !DOTTED.test(content)) return;
    const span = { start, end: start + content.length };
    const { name } = canonical(parts);
    this.uses.push({ file: this.file, name, role: 'import', span, node, spelling: 'string' });
  }

  /** Whether a top-level module is one whose names are uses, and not the project's own. */
  private isLibrary(module: string): boolean {
    return isLibrary(module) && !this.project.isOwn(module, this.file);
  }

  // -- imports that nothing refers to --------------------------------------------------------------

  private unreferenced(binding: Binding): void {
    for (const { node, target } of binding.imports) {
      const use: Use = {
        file: this.file,
        name: target,
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
    const line = lineText(file.lines.at(other.node.startIndex));
    return { doubt: `\`${binding.local}\` is also bound in ${line}` };
  }
  if (binding.via) return { doubt: `it is imported from the module ${binding.via.module}` };
  return {};
}
