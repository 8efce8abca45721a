/**
 * Which names of a file mean asyncio: the imports that bind them, in each scope.
 *
 * The analysis does not follow control flow: when one scope binds a name both to asyncio and to
 * something else (`except ImportError: asyncio = None`), the binding carries the other sites, and
 * whoever judges its uses must refuse them.
 */

import { canonical, isAsyncioPath, isPluginPath } from './names.ts';
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
}

/** Tells what a dotted name of another project module is, if asyncio: see `Project.asyncioName`. */
export type ReexportLookup = (
  imported: ImportedName,
) => { target: string; via: Through } | undefined;

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
  ) {
    const reached = new Set<Scope>([scopes.module, ...scopes.byNode.values()]);
    for (const scope of reached) this.collect(scope, reexport);
    this.stars = scopes.stars.filter(({ from = '' }) => isAsyncioPath(from));
    this.otherStars = scopes.stars.filter(({ from = '' }) => !isAsyncioPath(from));
  }

  private collect(scope: Scope, reexport: ReexportLookup): void {
    for (const [local, sites] of scope.bindings) {
      const imports: ImportSite[] = [];
      const others: BindingSite[] = [];
      const targets = new Set<string>();
      let via: Through | undefined;
      for (const site of sites) {
        const direct = site.imported && directTarget(site.imported);
        const indirect = site.imported && !direct ? reexport(site.imported) : undefined;
        const target = direct ?? indirect?.target;
        if (site.imported && target) {
          imports.push({ ...site, imported: site.imported });
          targets.add(target);
          via ??= indirect?.via;
        } else {
          others.push(site);
        }
      }
      const [target] = targets;
      if (target === undefined) continue;
      // `import a.asyncio_thing` twice under one name with two meanings is a doubt like any other.
      const doubtful = targets.size > 1 ? imports.slice(1) : [];
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
    return new Map([...names].filter(([, { target }]) => isAsyncioPath(target)));
  }

  /** Whether anything of asyncio is bound here. */
  get empty(): boolean {
    return this.byScope.size === 0 && this.stars.length === 0;
  }
}

/**
 * The canonical name that an import binds, or undefined when it is not asyncio's. The names of
 * pytest-asyncio are bound as well, so that its import goes when nothing needs it any more.
 */
function directTarget({ target }: ImportedName): string | undefined {
  const ours = isAsyncioPath(target) || isPluginPath(target);
  return ours ? canonical(target.split('.')).name : undefined;
}
