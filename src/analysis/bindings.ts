/**
 * Which names of a file mean asyncio, or a library beside it: the imports that bind them, in each
 * scope.
 *
 * The analysis does not follow control flow: when one scope binds a name both to asyncio and to
 * something else (`except ImportError: asyncio = None`), the binding carries the other sites, and
 * whoever judges its uses must refuse them.
 */

import { canonical, isLibraryPath, isPluginPath, libraryOf } from './names.ts';
import type { BindingSite, ImportedName, Scope, ScopeTree } from './scopes.ts';

/** A name of one scope that is bound, at least in one place, to asyncio or to a member of it. */
export interface Binding {
  scope: Scope;
  /** The name in the file: `asyncio`, `aio`, `sleep`, `nap`. */
  local: string;
  /** Its canonical name: `asyncio`, `asyncio.sleep`. */
  target: string;
  /** Whether the name is the module (`asyncio`, `asyncio.locks`) or a member. */
  imports: readonly ImportSite[];
  /** Other bindings of the same name in the same scope. */
  others: readonly BindingSite[];
  /** For a name taken from another module of the project that took it from asyncio. */
  via?: Through;
}

/** A module-level name of a project module, through which another file reaches asyncio. */
export interface Through {
  module: string;
  local: string;
}

export interface ImportSite extends BindingSite {
  imported: ImportedName;
  /** The canonical name that just this import gives. */
  target: string;
}

/** Tells what a dotted name of another project module is, if asyncio: see `Project.asyncioName`. */
export type ReexportLookup = (
  imported: ImportedName,
) => { target: string; via: Through } | undefined;

/** Whether a top-level module is the project's own, though it has the name of a library. */
export type IsOwn = (module: string) => boolean;

/** The asyncio bindings of every scope. */
export class Bindings {
  private readonly byScope = new Map<Scope, Map<string, Binding>>();
  /** `from asyncio import *` statements, the submodules' too. */
  readonly stars: readonly ImportedName[];
  /** Star imports of other modules: they may bind anything. */
  readonly otherStars: readonly ImportedName[];

  constructor(
    readonly scopes: ScopeTree,
    reexport: ReexportLookup,
    private readonly isOwn: IsOwn,
  ) {
    const reached = new Set<Scope>([scopes.module, ...scopes.byNode.values()]);
    for (const scope of reached) this.collect(scope, reexport);
    const ofLibrary = ({ from = '' }: ImportedName) =>
      isLibraryPath(from) && !isOwn(libraryOf(from));
    this.stars = scopes.stars.filter(ofLibrary);
    this.otherStars = scopes.stars.filter((star) => !ofLibrary(star));
  }

  private collect(scope: Scope, reexport: ReexportLookup): void {
    for (const [local, sites] of scope.bindings) {
      const imports: ImportSite[] = [];
      const others: BindingSite[] = [];
      const targets = new Set<string>();
      let via: Through | undefined;
      for (const site of sites) {
        const direct = site.imported && this.directTarget(site.imported);
        const indirect = site.imported && !direct ? reexport(site.imported) : undefined;
        const target = direct ?? indirect?.target;
        if (site.imported && target) {
          imports.push({ ...site, imported: site.imported, target });
          targets.add(target);
          via ??= indirect?.via;
        } else {
          others.push(site);
        }
      }
      // `from asyncio import timeout`, and for an older Python `from async_timeout import timeout`.
      const target = [...targets].find((name) => libraryOf(name) === 'asyncio') ?? [...targets][0];
      if (target === undefined) continue;
      // Two meanings under one name are a doubt like any other.
      const doubtful = imports.filter((site) => site.target !== target);
      const binding: Binding = { scope, local, target, imports, others: [...others, ...doubtful] };
      if (via !== undefined) binding.via = via;
      this.put(scope, local, binding);
    }
  }

  private put(scope: Scope, local: string, binding: Binding): void {
    const names = this.byScope.get(scope) ?? new Map<string, Binding>();
    names.set(local, binding);
    this.byScope.set(scope, names);
  }

  /** The asyncio binding of a name in just this scope. */
  of(scope: Scope, local: string): Binding | undefined {
    return this.byScope.get(scope)?.get(local);
  }

  /** All bindings, scope by scope. */
  *all(): Iterable<Binding> {
    for (const names of this.byScope.values()) yield* names.values();
  }

  /** The asyncio names that other modules can take from this one: module-level bindings. */
  exports(): Map<string, Binding> {
    const names = this.byScope.get(this.scopes.module) ?? [];
    return new Map([...names].filter(([, { target }]) => isLibraryPath(target)));
  }

  /** Whether anything of asyncio is bound here. */
  get empty(): boolean {
    return this.byScope.size === 0 && this.stars.length === 0;
  }

  /**
   * The canonical name that an import binds, or undefined when it is not asyncio's. The names of
   * pytest-asyncio are bound as well, so that its import goes when nothing needs it any more.
   */
  private directTarget({ target }: ImportedName): string | undefined {
    const ours = isLibraryPath(target) || isPluginPath(target);
    if (!ours || this.isOwn(libraryOf(target))) return undefined;
    return canonical(target.split('.')).name;
  }
}
