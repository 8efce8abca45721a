/**
 * Which asyncio names the tests replace, and in which modules.
 *
 * `patch("game.loop.asyncio.sleep")` aims at `game.loop`. `patch("asyncio.sleep")` replaces the
 * function for the whole program; it is taken to aim at the patching file, at the files whose tests
 * run under it, and at the project modules that those import or name. Where none of these uses the
 * name, the modules that they import are looked at, and theirs, up to a few steps.
 */

import { plainString } from '../syntax/nodes.ts';
import type { Place, Use } from '../transform.ts';
import type { PythonFile } from './file.ts';
import { isLibrary, isModuleName, libraryOf } from './names.ts';
import { filesUnder } from './patch-reach.ts';
import type { Project } from './project.ts';

const DOTTED = /^\w+(\.\w+)+$/;
/** How far imports of imports are followed. */
const STEPS = 3;

export class PatchIndex {
  /** `path|asyncio.sleep` to the patches that aim there. */
  private readonly byTarget = new Map<string, Use[]>();
  private readonly known = new Map<Use, Set<string>>();

  constructor(
    private readonly project: Project,
    files: readonly PythonFile[],
  ) {
    for (const file of files) {
      for (const use of file.uses) if (use.role === 'patch-target') this.add(use);
    }
  }

  /** The patches of a name, or of the whole module, as this file sees it. */
  patchesOf(file: PythonFile, name: string): readonly Use[] {
    const own = this.byTarget.get(`${file.path}|${name}`) ?? [];
    return [...own, ...(this.byTarget.get(`${file.path}|${libraryOf(name)}`) ?? [])];
  }

  /** The place of the first of them. */
  patched(file: PythonFile, name: string): Place | undefined {
    const [patch] = this.patchesOf(file, name);
    return patch && { file: patch.file.path, ...patch.file.lines.at(patch.span.start) };
  }

  private add(use: Use): void {
    for (const path of this.aims(use)) {
      const key = `${path}|${use.name}`;
      const list = this.byTarget.get(key);
      if (list) list.push(use);
      else this.byTarget.set(key, [use]);
    }
  }

  /** Absolute paths of the files for which a patch replaces its name. */
  aims(use: Use): Set<string> {
    let paths = this.known.get(use);
    if (!paths) {
      paths = this.findAims(use);
      this.known.set(use, paths);
    }
    return paths;
  }

  private findAims(use: Use): Set<string> {
    const reached = use.through && this.project.module(use.through.module);
    if (reached) return new Set([reached.path]);
    const target = use.file.text.slice(use.span.start, use.span.end).split('.');
    const module = this.project.longestModule(target);
    if (module) return new Set([module.path]);
    const first = target[0] ?? '';
    // Another package's own `asyncio`: nothing of ours. A computed beginning may be any module.
    if (use.spelling === 'string' && !isLibrary(first) && first !== '') return new Set();
    const files = [use.file, ...filesUnder(use, this.project)];
    return new Set(files.flatMap((file) => [...this.around(file, use.name)]));
  }

  /** The file, and what it imports; and what this imports, until somebody there uses the name. */
  private around(file: PythonFile, name: string): Set<string> {
    const result = new Set([file.path]);
    let level: PythonFile[] = [file];
    for (let step = 0; step < STEPS && level.length > 0; step++) {
      const paths = new Set(level.flatMap((each) => [...this.neighbours(each)]));
      level = this.project.store.candidates
        .filter(({ path }) => paths.has(path) && !result.has(path))
        .map((candidate) => this.project.store.load(candidate))
        .filter((each) => each !== undefined);
      for (const { path } of level) result.add(path);
      if (level.some((each) => usesName(each, name))) break;
    }
    return result;
  }

  /** The file and the project modules that it imports, in whatever scope, or names in strings. */
  private neighbours(file: PythonFile): Set<string> {
    const result = new Set([file.path]);
    for (const scope of [file.scopes.module, ...file.scopes.byNode.values()]) {
      for (const sites of scope.bindings.values()) {
        for (const { imported, node } of sites) {
          if (!imported) continue;
          // `import a.b` binds `a`, and loads `a.b`.
          const loaded =
            !imported.from && node.type === 'dotted_name' ? node.text : imported.target;
          const absolute = this.project.absolute(file, loaded).split('.');
          const found = this.project.longestModule([...absolute, '*']);
          if (found) result.add(found.path);
        }
      }
    }
    for (const { node } of file.scopes.strings) {
      const content = plainString(node)?.content;
      const named = content && DOTTED.test(content) ? this.project.module(content) : undefined;
      if (named) result.add(named.path);
    }
    return result;
  }
}

function usesName(file: PythonFile, name: string): boolean {
  return file.uses.some(
    (use) =>
      (use.name === name || (isModuleName(name) && libraryOf(use.name) === libraryOf(name))) &&
      use.role !== 'patch-target' &&
      use.role !== 'import',
  );
}
