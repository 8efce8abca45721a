/** Imports that the file has already, as seen from one place. */

import type { Node } from 'web-tree-sitter';
import type { BindingSite, Scope } from '../analysis/scopes.ts';

/** An import that can be used as it is. */
export interface Visible {
  local: string;
  site: BindingSite;
}

/** Where a name is to be read. */
export interface Place {
  scope: Scope;
  /** UTF-16 offset: an import behind it does not count. */
  at: number;
  /** Suites that have run whenever this place is reached, the scopes' own bodies aside. */
  suites: ReadonlySet<number>;
}

/**
 * The import of a dotted target (`anyio`, `anyio.sleep`) that has certainly run before the place
 * is reached, and whose local name means it there. The name that is no alias comes first.
 */
export function visibleImport(target: string, place: Place): Visible | undefined {
  const plain = target.slice(target.lastIndexOf('.') + 1);
  for (let scope: Scope | undefined = place.scope; scope; scope = scope.parent) {
    const found: Visible[] = [];
    for (const [local, sites] of scope.bindings) {
      const site = sites.find((each) => means(each, target) && hasRun(each, scope, place));
      if (!site || !sites.every((each) => means(each, target))) continue;
      if (place.scope.lookup(local) === scope) found.push({ local, site });
    }
    const best = found.find(({ local }) => local === plain) ?? found[0];
    if (best) return best;
  }
  return undefined;
}

/** Whether a site is an import that binds its name to the dotted target. */
export function means(site: BindingSite, target: string): boolean {
  return site.imported?.target === target;
}

function hasRun({ imported }: BindingSite, scope: Scope | undefined, place: Place): boolean {
  const statement = imported?.statement;
  if (!statement || statement.startIndex >= place.at || !scope) return false;
  const suite = statement.parent;
  return suite !== null && (isBody(suite, scope) || place.suites.has(suite.id));
}

/** Whether a suite is the body of a scope itself, not of an `if` or `try` in it. */
export function isBody(suite: Node, scope: Scope): boolean {
  return suite.id === scope.node.id || suite.parent?.id === scope.node.id;
}
