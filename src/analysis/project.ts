/**
 * What crosses files: the modules of the project, what they re-export, and which file mentions
 * which word. Files are decoded and parsed only when something asks for them.
 */

import { STDLIB_MODULES } from '../syntax/stdlib.ts';
import type { Through } from './bindings.ts';
import type { PythonFile } from './file.ts';
import { canonical, isModuleName } from './names.ts';

/** A file of the project before it is parsed. */
export interface Candidate {
  /** Absolute path. */
  path: string;
  module: string;
  isPackage: boolean;
  /** Chosen by the user, not only read for facts. */
  selected: boolean;
}

/** How the project reaches its files; the engine gives one that reads, a test one that holds texts. */
export interface FileStore {
  candidates: readonly Candidate[];
  /** Whether the file's bytes hold any of the words, as whole words. */
  mentions(candidate: Candidate, words: readonly string[]): boolean;
  /** The parsed file, or undefined when it cannot be read or parsed. The store caches and owns it. */
  load(candidate: Candidate): PythonFile | undefined;
}

/** What a dotted path means, if asyncio. */
export interface AsyncioName {
  target: string;
  /** The project module and its name that the path goes through first. */
  via: Through;
  /** How many parts of the path it took. */
  parts: number;
}

export class Project {
  /** The dotted names by which each file can be imported. */
  private readonly byName = new Map<string, Candidate[]>();
  private readonly mentioning = new Map<string, readonly PythonFile[]>();
  /**
   * Module-level names of the project that stand for asyncio or something of it (`asyncio`,
   * `Lock`, `nap`). Only paths that hold one of them can lead to asyncio, so only those are
   * followed, which keeps the rest of the project unparsed.
   */
  private readonly exportNames = new Set<string>();

  constructor(readonly store: FileStore) {
    const packages = new Set<string>();
    for (const file of store.candidates) if (file.isPackage) packages.add(file.module);
    for (const candidate of store.candidates) {
      const parts = candidate.module.split('.');
      for (let at = 0; at < parts.length; at++) {
        // What lies in a package can be imported through the package only; a plain folder
        // (`src/`, a folder of scripts) may itself be on the path.
        if (at > 0 && packages.has(parts.slice(0, at).join('.'))) break;
        const name = parts.slice(at).join('.');
        const list = this.byName.get(name);
        if (list) list.push(candidate);
        else this.byName.set(name, [candidate]);
      }
    }
  }

  /**
   * Loads the files that hold one of the words, and those that take an asyncio name from another
   * module of the project, and binds them all.
   * @param triggers words without which a file cannot import asyncio.
   * @param worthParsing a finer test on a file that holds a trigger.
   */
  bindAll(
    triggers: readonly string[],
    worthParsing: (candidate: Candidate) => boolean,
  ): PythonFile[] {
    const loaded = new Set<PythonFile>();
    const load = (candidate: Candidate) => {
      const file = this.store.load(candidate);
      if (file) loaded.add(file);
    };
    for (const candidate of this.store.candidates) {
      if (this.store.mentions(candidate, triggers) && worthParsing(candidate)) load(candidate);
    }
    const done = new Set<string>();
    for (let changed = true; changed; ) {
      changed = false;
      for (const file of [...loaded]) {
        file.rebind((imported) => this.reexport(file, imported.target));
        for (const [local, binding] of file.bindings.exports()) {
          const key = `${file.path}:${local}`;
          if (done.has(key)) continue;
          done.add(key);
          this.exportNames.add(local);
          changed = true;
          if (!isModuleName(binding.target)) this.loadImporters(file, local, load);
        }
      }
    }
    return [...loaded];
  }

  private reexport(file: PythonFile, target: string): { target: string; via: Through } | undefined {
    const path = this.absolute(file, target).split('.');
    return this.asyncioName(path);
  }

  /** Files that may say `from <module> import <local>`, or name it in a patch target. */
  private loadImporters(
    from: PythonFile,
    local: string,
    load: (candidate: Candidate) => void,
  ): void {
    const moduleName = from.info.module.split('.').at(-1) ?? '';
    for (const candidate of this.store.candidates) {
      if (candidate.path === from.path) continue;
      const names = this.store.mentions(candidate, [local]);
      if (names && this.store.mentions(candidate, [moduleName])) load(candidate);
    }
  }

  /** The file of an absolute dotted module name; none when two files could bear it. */
  module(dotted: string, from?: PythonFile): Candidate | undefined {
    const found = this.byName.get(dotted);
    if (!found) return undefined;
    const exact = found.find((file) => file.module === dotted);
    if (STDLIB_MODULES.has(dotted) && !exact) return undefined;
    // A script's own folder comes first on its path: `import helpers` next to it.
    const sibling = from && found.find((file) => folder(file.path) === folder(from.path));
    if (sibling) return sibling;
    if (exact) return exact;
    return found.length === 1 ? found[0] : undefined;
  }

  /** A dotted import target as an absolute one: `..compat.Lock` in `a.b.c` is `a.compat.Lock`. */
  absolute(file: PythonFile, target: string): string {
    const dots = /^\.*/.exec(target)?.[0].length ?? 0;
    if (dots === 0) return target;
    const base = file.package === '' ? [] : file.package.split('.');
    const kept = base.slice(0, base.length - (dots - 1));
    return [...kept, target.slice(dots)].filter((part) => part !== '').join('.');
  }

  /** Parsed file of a module, by its dotted name. */
  load(dotted: string, from?: PythonFile): PythonFile | undefined {
    const candidate = this.module(dotted, from);
    return candidate && this.store.load(candidate);
  }

  /**
   * What a dotted path of the project means, when it leads through a project module to asyncio:
   * `game.loop.asyncio.sleep`, `pkg.compat.Lock`. Follows re-exports from module to module.
   */
  asyncioName(
    path: readonly string[],
    seen: ReadonlySet<string> = new Set(),
  ): AsyncioName | undefined {
    if (!path.slice(1).some((part) => this.exportNames.has(part))) return undefined;
    for (let length = path.length - 1; length > 0; length--) {
      const module = path.slice(0, length).join('.');
      const candidate = this.module(module);
      const local = path[length];
      if (!candidate || local === undefined) continue;
      const key = `${candidate.path}:${local}`;
      if (seen.has(key)) return undefined;
      const file = this.store.mentions(candidate, [local]) ? this.store.load(candidate) : undefined;
      const sites = file?.scopes.module.bindings.get(local);
      if (!file || !sites) return undefined;
      for (const { imported } of sites) {
        if (!imported) continue;
        const absolute = this.absolute(file, imported.target).split('.');
        const rest = path.slice(length + 1);
        if (absolute[0] === 'asyncio') {
          const { name, parts } = canonical([...absolute, ...rest]);
          const taken = length + 1 + Math.max(0, parts - absolute.length);
          return { target: name, via: { module: candidate.module, local }, parts: taken };
        }
        const further = this.asyncioName([...absolute, ...rest], new Set([...seen, key]));
        if (further) {
          const taken = length + 1 + Math.max(0, further.parts - absolute.length);
          return { target: further.target, via: { module: candidate.module, local }, parts: taken };
        }
      }
      return undefined;
    }
    return undefined;
  }

  /**
   * The parsed files whose bytes hold a word: where a name may be used. A word with a leading dot
   * is looked for as an attribute.
   */
  filesMentioning(word: string): readonly PythonFile[] {
    let files = this.mentioning.get(word);
    if (!files) {
      files = this.store.candidates
        .filter((candidate) => this.store.mentions(candidate, [word]))
        .map((candidate) => this.store.load(candidate))
        .filter((file) => file !== undefined);
      this.mentioning.set(word, files);
    }
    return files;
  }
}

function folder(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')));
}
