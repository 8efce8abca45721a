/** The last look at a new text before it may be written. A finding here is a mistake of ours. */

import type { Node, Tree } from 'web-tree-sitter';
import { PythonFile, type SourceInfo } from '../analysis/file.ts';
import { BUILTIN_TOO, LIBRARIES } from '../analysis/names.ts';
import { buildScopes, type Reference, type Scope, type StringSite } from '../analysis/scopes.ts';
import { plainString } from '../syntax/nodes.ts';
import { parse } from '../syntax/parser.ts';
import type { NeededName } from '../transform.ts';
import { ownUses } from './fates.ts';
import { isNeededName } from './needs.ts';
import { type Rewrite, replacing } from './types.ts';

/**
 * Compares a new text with the file it was made from.
 *
 * @returns a one-line reason why the text must not be written, or undefined: it parses at least as
 *   well, each name that the rewrites brought in comes from an import, and the asyncio names that
 *   are left are just those that were not rewritten.
 */
export function validateEdit(
  file: PythonFile,
  rewrites: readonly Rewrite[],
  text: string,
): string | undefined {
  const before = file.alone();
  const after = new PythonFile({ ...file.info, text });
  try {
    return (
      parsesWorse(before.tree, after.tree) ??
      losesName(before, after, rewrites) ??
      changesUses(before, after, rewrites) ??
      lacksImport(before, after, rewrites)
    );
  } finally {
    after.dispose();
  }
}

/**
 * Looks at what a person made of a new text, where only what the tool answers for is checked.
 *
 * @param info of the file that the text was made from
 * @param before the text as the tool made it
 * @returns a one-line reason why it must not be written, or undefined: it parses, and what it uses of
 *   the libraries and of the file's imports is imported
 */
export function checkByHand(info: SourceInfo, before: string, text: string): string | undefined {
  const old = new PythonFile({ ...info, text: before });
  const now = new PythonFile({ ...info, text });
  try {
    if (countErrors(now.root) > countErrors(old.root)) return 'it is not valid Python';
    const watched = new Set(['anyio', ...LIBRARIES, ...importedNames(old), ...importedNames(now)]);
    const known = countNames(old, watched, unbound);
    for (const [name, count] of countNames(now, watched, unbound)) {
      if (BUILTIN_TOO.has(name)) continue;
      if (count > (known.get(name) ?? 0)) return `nothing in the file imports \`${name}\``;
    }
    return undefined;
  } finally {
    old.dispose();
    now.dispose();
  }
}

/** The names that imports bind, wherever they stand. */
function importedNames({ scopes }: PythonFile): string[] {
  return [scopes.module, ...scopes.byNode.values()].flatMap(({ bindings }) =>
    [...bindings]
      .filter(([, sites]) => sites.some(({ imported }) => imported))
      .map(([name]) => name),
  );
}

function parsesWorse(before: Tree, after: Tree): string | undefined {
  const [old, now] = [countErrors(before.rootNode), countErrors(after.rootNode)];
  return now > old
    ? `the new text has ${now} syntax errors where the old one had ${old}`
    : undefined;
}

function countErrors(node: Node): number {
  if (!node.hasError) return 0;
  const own = node.isError || node.isMissing ? 1 : 0;
  return node.children.reduce((sum, child) => sum + countErrors(child), own);
}

/** A name that an import gave before, or that new code counts on, and that nothing binds now. */
function losesName(
  before: PythonFile,
  after: PythonFile,
  rewrites: readonly Rewrite[],
): string | undefined {
  const watched = new Set(rewrites.flatMap(({ verdict }) => neededNames(verdict.edits, headOf)));
  for (const { local } of before.bindings.all()) watched.add(local);
  const old = countNames(before, watched, unbound);
  for (const [name, count] of countNames(after, watched, unbound)) {
    if (BUILTIN_TOO.has(name)) continue;
    if (count > (old.get(name) ?? 0)) return `nothing binds \`${name}\` in the new text`;
  }
  return undefined;
}

const unbound = ({ name, scope }: Reference) => (scope.lookup(name) ? undefined : name);

function headOf({ module }: { module: string }): string {
  return module.split('.')[0] ?? module;
}

/** The asyncio names of the new text must be the old ones without those that were rewritten. */
function changesUses(
  before: PythonFile,
  after: PythonFile,
  rewrites: readonly Rewrite[],
): string | undefined {
  const left = countUses(before);
  for (const { use } of replacing(rewrites)) {
    const throughImport = use.binding ? use.binding.via === undefined : use.spelling === 'star';
    if (throughImport && use.role !== 'import') add(left, use.name, -1);
  }
  const now = countUses(after);
  for (const name of new Set([...left.keys(), ...now.keys()])) {
    const [expected, found] = [left.get(name) ?? 0, now.get(name) ?? 0];
    if (expected !== found) {
      return `the new text has ${found} uses of ${name} where ${expected} should be left`;
    }
  }
  return undefined;
}

function countUses(file: PythonFile): Map<string, number> {
  const counts = new Map<string, number>();
  for (const use of ownUses(file)) {
    const named = use.binding !== undefined || use.spelling === 'star';
    if (named && use.role !== 'import') add(counts, use.name, 1);
  }
  return counts;
}

/** Each name that a rewrite brought in must be found in the new text, through an import. */
function lacksImport(
  before: PythonFile,
  after: PythonFile,
  rewrites: readonly Rewrite[],
): string | undefined {
  const needed = new Map<string, number>();
  const made = new Set<number>();
  for (const { use, verdict } of rewrites) {
    if (use.spelling === 'string') continue;
    // What several ask for is made once.
    const edits = verdict.edits.filter(({ start, once }) => !once || !made.has(start));
    for (const { start, once } of edits) if (once) made.add(start);
    const names = neededNames(edits, ({ module, name }) =>
      name === undefined ? module : `${module}.${name}`,
    );
    for (const name of names) add(needed, name, 1);
  }
  const wanted = new Set(needed.keys());
  const old = countNames(before, wanted, imported);
  const now = countNames(after, wanted, imported);
  for (const [name, count] of needed) {
    const found = (now.get(name) ?? 0) - (old.get(name) ?? 0);
    if (found < count) return `the new text imports ${name} for ${found} of ${count} places`;
  }
  return undefined;
}

/** The dotted name that a reference has through imports: `anyio.sleep` for `a.sleep` and `nap`. */
function imported({ node, name, scope }: Reference): string | undefined {
  const sites = scope.lookup(name)?.bindings.get(name) ?? [];
  const targets = new Set(sites.map((site) => site.imported?.target));
  const [target] = targets;
  if (targets.size !== 1 || target === undefined) return undefined;
  const parts = [target];
  for (let at = node, up = node.parent; up?.type === 'attribute'; at = up, up = up.parent) {
    if (up.childForFieldName('object')?.id !== at.id) break;
    parts.push(up.childForFieldName('attribute')?.text ?? '');
  }
  return parts.join('.');
}

/**
 * Counts references by a name derived from each; names in strings count too, so that quoted
 * annotations are seen.
 * @param wanted the names that matter; `a.b.c` counts for a wanted `a.b`.
 */
function countNames(
  file: PythonFile,
  wanted: ReadonlySet<string>,
  nameOf: (reference: Reference) => string | undefined,
): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (reference: Reference) => {
    const parts = nameOf(reference)?.split('.') ?? [];
    const found = parts.map((_, at) => parts.slice(0, at + 1).join('.'));
    for (const name of found) if (wanted.has(name)) add(counts, name, 1);
  };
  for (const reference of file.scopes.references) count(reference);
  if (nameOf === unbound) return counts;
  for (const { node, scope } of stringsNaming(file, localNames(file, wanted))) {
    quotedReferences(node, scope, count);
  }
  return counts;
}

/** The names by which imports of a file can lead to dotted names: `a` of `import anyio as a`. */
function localNames(file: PythonFile, wanted: ReadonlySet<string>): Set<string> {
  const names = new Set<string>();
  for (const scope of [file.scopes.module, ...file.scopes.byNode.values()]) {
    for (const [local, sites] of scope.bindings) {
      const leads = sites.some(({ imported }) =>
        [...wanted].some((name) => imported && `${name}.`.startsWith(`${imported.target}.`)),
      );
      if (leads) names.add(local);
    }
  }
  return names;
}

/** The strings that hold one of the names: they are few among many, and asking each is dear. */
function stringsNaming(file: PythonFile, names: ReadonlySet<string>): StringSite[] {
  if (names.size === 0) return [];
  const sites = [...file.scopes.strings].sort((a, b) => a.node.startIndex - b.node.startIndex);
  const found = new Set<StringSite>();
  let next = 0;
  for (const { index } of file.text.matchAll(
    new RegExp(`\\b(?:${[...names].join('|')})\\b`, 'g'),
  )) {
    while ((sites[next]?.node.startIndex ?? Number.POSITIVE_INFINITY) <= index) next++;
    const site = sites[next - 1];
    if (site) found.add(site);
  }
  return [...found];
}

/** Hands on the references of a string that could be an annotation, as seen from its scope. */
function quotedReferences(node: Node, scope: Scope, take: (reference: Reference) => void): void {
  const content = plainString(node)?.content;
  if (content === undefined || content.length > 1000 || !/^[\s\w.,|[\]()'"]+$/.test(content))
    return;
  const tree = parse(`(${content}\n)`);
  try {
    if (tree.rootNode.hasError) return;
    for (const inner of buildScopes(tree.rootNode).references) {
      take({ node: inner.node, name: inner.name, scope });
    }
  } finally {
    tree.delete();
  }
}

function neededNames(
  edits: Rewrite['verdict']['edits'],
  text: (name: NeededName) => string,
): string[] {
  return edits.flatMap(({ pieces }) => pieces.filter(isNeededName).map(text));
}

function add(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
