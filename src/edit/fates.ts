/**
 * What becomes of each asyncio import whose references are rewritten: does it go, and does its
 * local name pass on to anyio's function of the same name?
 */

import type { Node } from 'web-tree-sitter';
import type { Binding } from '../analysis/bindings.ts';
import type { PythonFile } from '../analysis/file.ts';
import { isCompanionPath, isModuleName } from '../analysis/names.ts';
import { Project } from '../analysis/project.ts';
import { collectUses } from '../analysis/uses.ts';
import { ancestor, codeChildren, plainString } from '../syntax/nodes.ts';
import type { NeededName, Piece, Use } from '../transform.ts';
import { readImport } from './import-statement.ts';
import { isAnyio, isNeededName, splitMember } from './needs.ts';
import { type EditOptions, type Rewrite, replacing } from './types.ts';

/** What becomes of one binding. A binding without a fate is not touched. */
export interface Fate {
  /** Nothing needs the import any more. */
  goes: boolean;
  /** The name of anyio that the local name stands for from now on. */
  takeover?: NeededName;
}

/** Decides over the bindings that the rewrites refer to. */
export function decideFates(
  file: PythonFile,
  rewrites: readonly Rewrite[],
  options: EditOptions,
): Map<Binding, Fate> {
  const rewritten = new Map(replacing(rewrites).map((rewrite) => [spanKey(rewrite.use), rewrite]));
  const kept = new KeptNames(file);
  const fates = new Map<Binding, Fate>();
  for (const [binding, uses] of referencesByBinding(file)) {
    const own = uses.map((use) => rewritten.get(spanKey(use)));
    if (own.every((rewrite) => rewrite === undefined)) continue;
    const stays = own.includes(undefined) || mustStay(binding, file, kept, options);
    const fate: Fate = { goes: !stays };
    if (fate.goes && options.importStyle !== 'module') {
      const takeover = takenOver(
        binding,
        own.filter((rewrite) => rewrite !== undefined),
      );
      if (takeover) fate.takeover = takeover;
    }
    fates.set(binding, fate);
  }
  return fates;
}

/** The uses of this file's own names; what crosses files plays no part in its imports. */
export function ownUses(file: PythonFile): Use[] {
  const alone = new Project({ candidates: [], mentions: () => false, load: () => undefined });
  return collectUses(file, alone);
}

/** The references to each binding, the import statements themselves not counted. */
function referencesByBinding(file: PythonFile): Map<Binding, Use[]> {
  const result = new Map<Binding, Use[]>();
  for (const use of ownUses(file)) {
    const { binding } = use;
    if (!binding || binding.imports.some(({ node }) => node.id === use.node.id)) continue;
    const list = result.get(binding);
    if (list) list.push(use);
    else result.set(binding, [use]);
  }
  return result;
}

function spanKey({ span }: Use): string {
  return `${span.start}:${span.end}`;
}

function mustStay(
  binding: Binding,
  file: PythonFile,
  kept: KeptNames,
  options: EditOptions,
): boolean {
  return (
    binding.others.length > 0 ||
    binding.via !== undefined ||
    isImportedGlobally(binding, file) ||
    mayFail(binding) ||
    isReexported(binding, file) ||
    kept.has(binding) ||
    options.keep(binding) !== undefined
  );
}

/** `global asyncio; import asyncio` in a function: the import lies in another scope than the name. */
export function isImportedGlobally(binding: Binding, file: PythonFile): boolean {
  return binding.imports.some(({ imported }) => file.scopeAt(imported.statement) !== binding.scope);
}

/**
 * Whether the program looks whether a library is there: `try: import uvloop`. asyncio always is, and
 * nothing is lost with such an import of it.
 */
function mayFail({ target, imports }: Binding): boolean {
  return (
    isCompanionPath(target) &&
    imports.some(({ imported }) => ancestor(imported.statement, GUARDS) !== undefined)
  );
}

const GUARDS: ReadonlySet<string> = new Set(['try_statement', 'with_statement']);

/** `from x import y as y`, and from-imports of a package: PEP 484's forms of handing a name on. */
function isReexported(binding: Binding, file: PythonFile): boolean {
  if (binding.scope !== file.scopes.module) return false;
  return binding.imports.some(({ node, imported }) => {
    if (file.info.isPackage && imported.from !== undefined) return true;
    const alias = node.childForFieldName('alias')?.text;
    return alias !== undefined && node.childForFieldName('name')?.text === alias;
  });
}

/** The one anyio name that all rewrites of a from-import need, if the local name can stand for it. */
function takenOver(binding: Binding, rewrites: readonly Rewrite[]): NeededName | undefined {
  if (isModuleName(binding.target)) return undefined;
  let found: NeededName | undefined;
  let isRenamed = true;
  for (const { use, verdict } of rewrites) {
    const needed = verdict.edits.flatMap(({ pieces }) => pieces).filter(isAnyioName);
    if (use.spelling !== 'from' || needed.length === 0) return undefined;
    for (const name of needed) {
      const { imported, rest } = splitMember(name);
      found ??= imported;
      if (imported.module !== found.module || imported.name !== found.name) return undefined;
      isRenamed &&= rest === '';
    }
    isRenamed &&= verdict.edits.some(
      ({ start, end }) => start === use.span.start && end === use.span.end,
    );
  }
  if (!found) return undefined;
  // An alias says what the function is for; it would be wrong for what is no counterpart of it.
  const aliased = binding.imports.every(({ node }) => node.type === 'aliased_import');
  return (aliased && isRenamed) || found.name === binding.local ? found : undefined;
}

function isAnyioName(piece: Piece): piece is NeededName {
  return isNeededName(piece) && isAnyio(piece.module);
}

/** Names that something beside the code refers to: `__all__` and type comments. */
class KeptNames {
  private readonly exported: ReadonlySet<string>;
  private readonly commented: ReadonlySet<string>;

  constructor(private readonly file: PythonFile) {
    this.exported = new Set(this.exports());
    this.commented = new Set(this.typeComments());
  }

  has({ scope, local }: Binding): boolean {
    const atModule = scope === this.file.scopes.module;
    return (atModule && this.exported.has(local)) || this.commented.has(local);
  }

  /** The strings of the statements that mention `__all__`: lists, `+=`, `extend`, `append`. */
  private *exports(): Iterable<string> {
    if (!this.file.text.includes('__all__')) return;
    for (const statement of codeChildren(this.file.root)) {
      if (!/^__all__\b/.test(statement.text)) continue;
      for (const string of statement.descendantsOfType('string')) {
        const content = string && plainString(string)?.content;
        if (content) yield content;
      }
    }
  }

  /** Words of `# type: asyncio.Lock`; type checkers read them, and `# type: ignore` is none. */
  private *typeComments(): Iterable<string> {
    if (!/#\s*type:/.test(this.file.text)) return;
    for (const comment of this.comments()) {
      const type = /^#\s*type:\s*(?!ignore\b)(.*)$/.exec(comment.text)?.[1];
      yield* type?.match(/[A-Za-z_]\w*/g) ?? [];
    }
  }

  private comments(): Node[] {
    return this.file.root.descendantsOfType('comment').filter((node) => node !== null);
  }
}

/** Whether an import statement hands on every name to the taker of its own name, one to one. */
export function passesOnWhole(
  statement: Node,
  file: PythonFile,
  fates: ReadonlyMap<Binding, Fate>,
): string | undefined {
  const { from, items } = readImport(statement);
  if (from === undefined) return undefined;
  const modules = new Set<string>();
  for (const item of items) {
    const binding = bindingOf(item.node, item.alias ?? item.name, file);
    const takeover = binding && fates.get(binding)?.takeover;
    if (!takeover || takeover.name !== item.name) return undefined;
    modules.add(takeover.module);
  }
  const [module] = modules;
  return modules.size === 1 ? module : undefined;
}

function bindingOf(item: Node, local: string, file: PythonFile): Binding | undefined {
  for (const binding of file.bindings.all()) {
    if (binding.local === local && binding.imports.some(({ node }) => node.id === item.id)) {
      return binding;
    }
  }
  return undefined;
}
