/**
 * Which asyncio names the tests replace, and in which modules.
 *
 * `patch("game.loop.asyncio.sleep")` aims at `game.loop`. `patch("asyncio.sleep")` replaces the
 * function for the whole program; it is taken to aim at the project modules that the patching file
 * imports or names, and at that file itself. Modules further away are not followed.
 */

import type { Place, Use } from '../transform.ts';
import type { PythonFile } from './file.ts';
import type { Project } from './project.ts';

export class PatchIndex {
  /** `path|asyncio.sleep` to the first patch that aims there. */
  private readonly places = new Map<string, Place>();

  constructor(
    private readonly project: Project,
    files: readonly PythonFile[],
  ) {
    for (const file of files) {
      for (const use of file.uses) if (use.role === 'patch-target') this.add(use);
    }
  }

  /** Where a test replaces the name, or the whole module, as this file sees it; or undefined. */
  patched(file: PythonFile, name: string): Place | undefined {
    return this.places.get(`${file.path}|${name}`) ?? this.places.get(`${file.path}|asyncio`);
  }

  private add(use: Use): void {
    const { line, column } = use.file.lines.at(use.span.start);
    const place = { file: use.file.path, line, column };
    for (const path of this.aims(use)) {
      const key = `${path}|${use.name}`;
      if (!this.places.has(key)) this.places.set(key, place);
    }
  }

  private aims(use: Use): Set<string> {
    const reached = use.through && this.project.module(use.through.module);
    if (reached) return new Set([reached.path]);
    const target = use.file.text.slice(use.span.start, use.span.end).split('.');
    const module = this.longestModule(target);
    if (module) return new Set([module]);
    const first = target[0] ?? '';
    // Another package's own `asyncio`: nothing of ours.
    if (use.spelling === 'string' && first !== 'asyncio') return new Set();
    return this.neighbours(use.file);
  }

  /** The project module that a dotted path begins with. */
  private longestModule(path: readonly string[]): string | undefined {
    for (let length = path.length - 1; length > 0; length--) {
      const found = this.project.module(path.slice(0, length).join('.'));
      if (found) return found.path;
    }
    return undefined;
  }

  /** The file and the project modules that it imports, in whatever scope. */
  private neighbours(file: PythonFile): Set<string> {
    const result = new Set([file.path]);
    for (const scope of [file.scopes.module, ...file.scopes.byNode.values()]) {
      for (const sites of scope.bindings.values()) {
        for (const { imported } of sites) {
          if (!imported) continue;
          const absolute = this.project.absolute(file, imported.target).split('.');
          const found = this.longestModule([...absolute, '*']);
          if (found) result.add(found);
        }
      }
    }
    return result;
  }
}
