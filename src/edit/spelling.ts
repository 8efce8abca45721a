/** How each needed name is spelled at its place, and which imports that takes. */

import type { Node } from 'web-tree-sitter';
import type { Binding } from '../analysis/bindings.ts';
import type { PythonFile } from '../analysis/file.ts';
import { isCompanionPath } from '../analysis/names.ts';
import type { BindingSite, Scope } from '../analysis/scopes.ts';
import { lineText } from '../syntax/lines.ts';
import type { Diagnostic, Edit, MovedText, NeededName, Use } from '../transform.ts';
import type { Fate } from './fates.ts';
import { importKey, isAnyio, isNeededName, type NewImport, splitMember } from './needs.ts';
import type { EditOptions } from './types.ts';
import { isBody, means, type Place, type Visible, visibleImport } from './visible.ts';

/** Imports that the new spellings count on. */
export interface Needed {
  /** New imports by the asyncio binding whose references need them. */
  byBinding: Map<Binding, Map<string, NewImport>>;
  /** Existing imports that serve a binding's references instead of a new one. */
  served: Map<Binding, Visible>;
  /** New imports at module level that belong to no asyncio import. */
  loose: Map<string, NewImport>;
  /** Offsets of the uses that need an import, by its key. */
  places: Map<string, number[]>;
}

/** Thrown while a use is spelled; never leaves the edit room. */
export class Collision extends Error {
  constructor(readonly diagnostic: Diagnostic) {
    super(diagnostic.message);
  }
}

export class Speller {
  readonly needed: Needed = {
    byBinding: new Map(),
    served: new Map(),
    loose: new Map(),
    places: new Map(),
  };
  private readonly scopes = new Map<number, Scope>();

  constructor(
    private readonly file: PythonFile,
    private readonly fates: ReadonlyMap<Binding, Fate>,
    private readonly options: EditOptions,
  ) {
    for (const { node, scope } of file.scopes.references) this.scopes.set(node.startIndex, scope);
    for (const { node, scope } of file.scopes.strings) this.scopes.set(node.startIndex, scope);
  }

  /**
   * The text of an edit, in parts: text that moves is put in when all edits are known.
   * @throws Collision when a needed name cannot be reached from its place.
   */
  spell(use: Use, edit: Edit): (string | MovedText)[] {
    return edit.pieces.map((piece) => (isNeededName(piece) ? this.name(use, edit, piece) : piece));
  }

  private name(use: Use, edit: Edit, needed: NeededName): string {
    if (use.spelling === 'string') return dotted(needed);
    const binding = this.bindingOf(use);
    const place = this.place(use, edit, binding);
    if (!isAnyio(needed.module)) return this.outsideName(needed, place);
    if (this.isFirstParty(needed.module)) throw new Collision(this.projectModule('anyio'));
    const member = this.imported(needed, binding, place);
    if (member !== undefined) return member;
    const { imported, rest } = splitMember(needed);
    const fate = binding && this.fates.get(binding);
    const local = binding && place.scope.lookup(binding.local) === binding.scope;
    if (local && sameName(fate?.takeover, imported)) {
      this.need(withAlias(imported, binding.local), binding, place);
      return binding.local + rest;
    }
    const home = binding && this.givesPlace(binding) ? binding : undefined;
    const from = home ? place : this.place(use, edit, undefined);
    const { name } = imported;
    if (name !== undefined && (this.prefersBare(use, fate) || this.isOwn(needed))) {
      const bare = this.bareName({ ...imported, name }, home, from);
      if (bare !== undefined) return bare + rest;
    }
    return dotted({ ...needed, module: this.module(needed.module, home, from) });
  }

  /**
   * Whether the new import belongs where the old one stands. uvloop is imported where it is wanted,
   * beside code that runs on plain asyncio: there anyio is needed on both ways.
   */
  private givesPlace({ target, imports }: Binding): boolean {
    if (!isCompanionPath(target)) return true;
    const { module } = this.file.scopes;
    return imports.every(({ imported }) => {
      const suite = imported.statement.parent;
      return suite !== null && isBody(suite, module);
    });
  }

  /** `run_sync`, where the file has `from anyio.to_thread import run_sync` already. */
  private imported(
    needed: NeededName,
    binding: Binding | undefined,
    place: Place,
  ): string | undefined {
    const existing = splitMember(needed).rest !== '' && visibleImport(dotted(needed), place);
    if (!existing) return undefined;
    if (binding) this.needed.served.set(binding, existing);
    return existing.local;
  }

  /** The file's binding of a use, also when the bindings were made anew since it was found. */
  private bindingOf({ binding }: Use): Binding | undefined {
    return binding && (this.file.bindings.of(binding.scope, binding.local) ?? binding);
  }

  private place(use: Use, edit: Edit, binding: Binding | undefined): Place {
    const [first, ...more] = (binding?.imports ?? []).map(({ imported }) =>
      around(imported.statement),
    );
    const suites = new Set(first);
    for (const other of more) for (const id of suites) if (!other.has(id)) suites.delete(id);
    return { scope: this.scopeOf(use, edit), at: edit.start, suites };
  }

  private scopeOf(use: Use, edit: Edit): Scope {
    const overlaps = edit.start < use.span.end && edit.end > use.span.start;
    const node = overlaps ? use.node : this.file.root.descendantForIndex(edit.start);
    const known = node && this.scopes.get(leftmost(node.startIndex, use, overlaps));
    return known ?? this.file.scopeAt(node ?? this.file.root);
  }

  private prefersBare(use: Use, fate: Fate | undefined): boolean {
    if (this.options.importStyle !== 'keep') return this.options.importStyle === 'from';
    return use.spelling === 'from' && fate?.goes === true;
  }

  private isOwn({ own }: NeededName): boolean {
    return own === true && this.options.importStyle !== 'module';
  }

  // -- anyio -------------------------------------------------------------------------------------

  private module(module: string, binding: Binding | undefined, place: Place): string {
    const existing = visibleImport(module, place);
    if (existing) {
      if (binding) this.needed.served.set(binding, existing);
      return existing.local;
    }
    // `import anyio` loads its parts as well: `anyio.abc` needs no import of its own.
    const parent = module.lastIndexOf('.');
    if (parent > 0)
      return this.module(module.slice(0, parent), binding, place) + module.slice(parent);
    this.assertFree(module, binding?.scope ?? this.file.scopes.module, place);
    this.need({ module }, binding, place);
    return module;
  }

  /** `sleep` through a from-import, or undefined where the name is taken. */
  private bareName(needed: Member, binding: Binding | undefined, place: Place): string | undefined {
    const existing = visibleImport(`${needed.module}.${needed.name}`, place);
    if (existing) {
      if (binding) this.needed.served.set(binding, existing);
      return existing.local;
    }
    const home = binding?.scope ?? this.file.scopes.module;
    if (!this.isFree(needed, home, place)) return undefined;
    this.need({ module: needed.module, name: needed.name }, binding, place);
    return needed.name;
  }

  private isFree(needed: Member, home: Scope, place: Place): boolean {
    const { name } = needed;
    const own = home.bindings.get(name);
    if (own) {
      const binding = this.file.bindings.of(home, name);
      const fate = binding && this.fates.get(binding);
      if (!sameName(fate?.takeover, needed) || binding?.others.length !== 0) return false;
    }
    const owner = place.scope.lookup(name);
    if (owner && owner !== home) return false;
    return !this.captures(home, name);
  }

  /** Whether binding a name in a scope would change what a reference in it means today. */
  private captures(home: Scope, name: string): boolean {
    return this.file.references(name).some(({ scope }) => {
      const owner = scope.lookup(name);
      return owner !== home && encloses(home, scope) && !(owner && encloses(home, owner));
    });
  }

  /** @throws Collision unless `import module` in `home` gives the name its meaning at the place. */
  private assertFree(module: string, home: Scope, place: Place): void {
    const [head = module] = module.split('.');
    if (this.isFirstParty(head)) throw new Collision(this.projectModule(head));
    const owner = place.scope.lookup(head);
    const sites = [...(owner?.bindings.get(head) ?? []), ...(home.bindings.get(head) ?? [])];
    const other = sites.find((site) => !means(site, head));
    if (other) throw new Collision(this.otherMeaning(head, other));
    // An import of the same module in between makes the name local there, and it may not have run.
    const between = owner && owner !== home && encloses(home, owner) && sites[0];
    if (between) throw new Collision(this.notYetImported(head, between));
  }

  // -- other libraries -----------------------------------------------------------------------------

  /** A name such as `functools.partial`: as the file imports it already, else through the module. */
  private outsideName(needed: NeededName, place: Place): string {
    const member = visibleImport(dotted(needed), place);
    if (member) return member.local;
    const module = visibleImport(needed.module, place);
    if (module) return dotted({ ...needed, module: module.local });
    this.assertFree(needed.module, this.file.scopes.module, place);
    this.need({ module: needed.module }, undefined, place);
    return dotted(needed);
  }

  // -- records -----------------------------------------------------------------------------------

  private need(wanted: NewImport, binding: Binding | undefined, place: Place): void {
    const key = importKey(wanted);
    let list = this.needed.loose;
    if (binding) {
      list = this.needed.byBinding.get(binding) ?? new Map();
      this.needed.byBinding.set(binding, list);
    }
    list.set(key, wanted);
    const places = this.needed.places.get(key);
    if (places) places.push(place.at);
    else this.needed.places.set(key, [place.at]);
  }

  private isFirstParty(module: string): boolean {
    return this.options.isFirstParty(module.split('.')[0] ?? module);
  }

  private projectModule(head: string): Diagnostic {
    return {
      code: 'name-collision',
      message: `the project has a module called \`${head}\`, which \`import ${head}\` would find instead of the library`,
      help: `rename that module, or rewrite this use by hand`,
    };
  }

  private otherMeaning(head: string, site: BindingSite): Diagnostic {
    const blocker = this.file.place(site.node);
    return {
      code: 'name-collision',
      message: `the new code needs the name \`${head}\`, which means something else here: it is bound in ${lineText(blocker)}`,
      help: `give the \`${head}\` of ${lineText(blocker)} another name`,
      blocker,
    };
  }

  private notYetImported(head: string, site: BindingSite): Diagnostic {
    const blocker = this.file.place(site.node);
    return {
      code: 'name-collision',
      message: `\`${head}\` is imported in ${lineText(blocker)}, in this very scope, which may not have run when the name is needed`,
      help: `move that import to the top of the file`,
      blocker,
    };
  }
}

/** The ids of the nodes that a statement lies in. */
function around(statement: Node): Set<number> {
  const ids = new Set<number>();
  for (let up = statement.parent; up; up = up.parent) ids.add(up.id);
  return ids;
}

/** Where the leftmost identifier of a use starts; a string knows its scope by its own start. */
function leftmost(nodeStart: number, use: Use, isUse: boolean): number {
  return isUse && use.node.type !== 'string' ? use.span.start : nodeStart;
}

/** A needed name that is no whole module. */
type Member = NeededName & { name: string };

/** `anyio.sleep`, or `anyio` for the module itself. */
function dotted({ module, name }: NeededName): string {
  return name === undefined ? module : `${module}.${name}`;
}

function sameName(a: NeededName | undefined, b: NeededName): boolean {
  return a?.module === b.module && a.name === b.name;
}

function withAlias({ module, name }: NeededName, local: string): NewImport {
  const wanted: NewImport = name === undefined ? { module } : { module, name };
  return local === name ? wanted : { ...wanted, alias: local };
}

/** Whether `inner` is `outer` or lies in it. */
function encloses(outer: Scope, inner: Scope): boolean {
  for (let at: Scope | undefined = inner; at; at = at.parent) if (at === outer) return true;
  return false;
}
