/**
 * Which classes of the project may be those of one object. Answers are remembered by class, so that
 * thousands of classes cost no more than their number.
 */

import type { Definitions } from './definitions.ts';
import type { PythonFile } from './file.ts';
import type { Project } from './project.ts';
import type { ClassInfo } from './types.ts';

export class Inheritance {
  private readonly ancestorSets = new Map<string, ReadonlySet<string>>();
  private readonly relativeSets = new Map<string, ReadonlySet<string>>();
  private readonly heirsByFile = new Map<PythonFile, ReadonlyMap<string, ClassInfo[]>>();

  constructor(
    private readonly project: Project,
    private readonly definitions: Definitions,
  ) {}

  /**
   * Whether one object may be of both classes, and so have their attributes in common: one derives
   * from the other, or a third derives from both (a mixin and a base). Mere siblings have their
   * attributes apart.
   */
  related(a: ClassInfo, b: ClassInfo): boolean {
    // The answer is the same both ways; that of the class which was asked about before is at hand.
    return this.relativeSets.has(a.key)
      ? this.relatives(a).has(b.key)
      : this.relatives(b).has(a.key);
  }

  /** The keys of all classes that objects of the class may also be of, its own among them. */
  relatives(info: ClassInfo): ReadonlySet<string> {
    const known = this.relativeSets.get(info.key);
    if (known) return known;
    const found = new Set<string>();
    const line = [info];
    const seen = new Set([info.key]);
    for (const each of line) {
      for (const key of this.ancestors(each)) found.add(key);
      for (const heir of this.heirs(each)) {
        if (seen.has(heir.key)) continue;
        seen.add(heir.key);
        line.push(heir);
      }
    }
    this.relativeSets.set(info.key, found);
    return found;
  }

  /** The class and its project ancestors, by their keys. */
  private ancestors(info: ClassInfo): ReadonlySet<string> {
    const known = this.ancestorSets.get(info.key);
    if (known) return known;
    const found = new Set([info.key]);
    this.ancestorSets.set(info.key, found);
    for (const base of this.definitions.bases(info)) {
      for (const key of this.ancestors(base)) found.add(key);
    }
    return found;
  }

  /** The classes that name this one among their bases; an import under another name names it too. */
  heirs(info: ClassInfo): ClassInfo[] {
    return this.project
      .filesMentioning(info.name)
      .flatMap((file) => this.heirsIn(file).get(info.key) ?? []);
  }

  /** The classes of a file by the keys of their bases. */
  private heirsIn(file: PythonFile): ReadonlyMap<string, ClassInfo[]> {
    const known = this.heirsByFile.get(file);
    if (known) return known;
    const found = new Map<string, ClassInfo[]>();
    for (const scope of file.scopes.byNode.values()) {
      if (scope.kind !== 'class') continue;
      const heir = this.definitions.classOf(file, scope.node);
      for (const { key } of this.definitions.bases(heir)) {
        if (key !== heir.key) found.set(key, [...(found.get(key) ?? []), heir]);
      }
    }
    this.heirsByFile.set(file, found);
    return found;
  }
}
