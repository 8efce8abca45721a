/**
 * What crosses files: the modules of the project, what they re-export, and which file mentions
 * which word. Files are decoded and parsed only when something asks for them.
 */

import type { Node } from 'web-tree-sitter';
import { counted, type OnProgress } from '../progress.ts';
import { STDLIB_MODULES } from '../syntax/stdlib.ts';
import type { Through } from './bindings.ts';
import type { PythonFile } from './file.ts';
import { canonical, isLibrary, isLibraryPath, publicNames, starHas } from './names.ts';

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
  /** Dotted names of folders that hold modules: packages, with an `__init__` or without. */
  private readonly folders = new Set<string>();
  private readonly holding = new Map<string, ReadonlySet<Candidate>>();
  private readonly mentioning = new Map<string, readonly PythonFile[]>();
  /**
   * Module-level names of the project that stand for asyncio or something of it (`asyncio`,
   * `Lock`, `nap`). Only paths that hold one of them can lead to asyncio, so only those are
   * followed, which keeps the rest of the project unparsed.
   */
  readonly exportNames = new Set<string>();

  constructor(readonly store: FileStore) {
    const packages = new Set<string>();
    for (const file of store.candidates) if (file.isPackage) packages.add(file.module);
    const paths = new Set(store.candidates.map(({ path }) => path));
    for (const candidate of store.candidates) {
      // A stub beside a module only describes it.
      if (candidate.path.endsWith('.pyi') && paths.has(candidate.path.slice(0, -1))) continue;
      // Nothing imports a notebook.
      if (candidate.path.endsWith('.ipynb')) continue;
      const parts = candidate.module.split('.');
      for (let at = 0; at < parts.length; at++) {
        // What lies in a package can be imported through the package only; a plain folder
        // (`src/`, a folder of scripts) may itself be on the path.
        if (at > 0 && packages.has(parts.slice(0, at).join('.'))) break;
        const name = parts.slice(at).join('.');
        for (let end = parts.length - 1; end > at; end--) {
          this.folders.add(parts.slice(at, end).join('.'));
        }
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
    onProgress?: OnProgress,
  ): PythonFile[] {
    const loaded = new Map<string, PythonFile>();
    const load = (candidate: Candidate) => {
      const file = this.store.load(candidate);
      if (file) loaded.set(candidate.path, file);
    };
    for (const candidate of counted(this.store.candidates, 'read', onProgress)) {
      if (this.store.mentions(candidate, triggers) && worthParsing(candidate)) load(candidate);
    }
    const done = new Set<string>();
    for (let changed = true; changed; ) {
      changed = false;
      for (const file of [...loaded.values()]) {
        file.rebind(
          (imported) => this.reexport(file, imported.target),
          (module) => this.isOwn(module, file),
        );
        const names = [...this.exportsOf(file, loaded)];
        const fresh = names.filter((local) => !done.has(`${file.path}:${local}`));
        if (fresh.length === 0) continue;
        changed = true;
        for (const local of fresh) {
          done.add(`${file.path}:${local}`);
          this.exportNames.add(local);
        }
        this.loadImporters(file, fresh, triggers, load);
      }
    }
    return [...loaded.values()];
  }

  private reexport(file: PythonFile, target: string): { target: string; via: Through } | undefined {
    const path = this.absolute(file, target).split('.');
    return this.asyncioName(path);
  }

  /** The asyncio names that other modules can take from a file, through its star imports too. */
  private exportsOf(
    file: PythonFile,
    loaded: ReadonlyMap<string, PythonFile>,
    seen: ReadonlySet<PythonFile> = new Set(),
  ): Set<string> {
    const names = new Set(file.bindings.exports().keys());
    for (const { from = '' } of file.bindings.stars) {
      for (const name of publicNames(from)) names.add(name);
    }
    for (const { from = '' } of file.bindings.otherStars) {
      const module = this.module(this.absolute(file, from), file);
      const home = module && loaded.get(module.path);
      if (!home || seen.has(home)) continue;
      for (const name of this.exportsOf(home, loaded, new Set([...seen, file]))) names.add(name);
    }
    return names;
  }

  /** Files that may say `from <module> import <local>`, or name it in a patch target. */
  private loadImporters(
    from: PythonFile,
    locals: readonly string[],
    triggers: readonly string[],
    load: (candidate: Candidate) => void,
  ): void {
    // What holds a trigger word is loaded already.
    const names = locals.filter((local) => !triggers.includes(local));
    if (names.length === 0) return;
    for (const candidate of this.store.candidates) {
      if (candidate.path === from.path || !this.mayImport(candidate, from)) continue;
      if (this.store.mentions(candidate, [...names, STAR])) load(candidate);
    }
  }

  /** Whether a file names another in its imports: by the last part of its name, or as its package. */
  private mayImport(candidate: Candidate, from: PythonFile): boolean {
    // `from . import x` names no module; it means the package that the file lies in.
    if (from.info.isPackage && candidate.path.startsWith(folder(from.path))) return true;
    const name = from.info.module.split('.').at(-1) ?? '';
    return name !== '' && this.candidatesWith(name).has(candidate);
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

  /** Whether a dotted name may mean a file: true, false for one of several, undefined for "no". */
  mayBe(dotted: string, file: PythonFile, from: PythonFile): boolean | undefined {
    const found = this.module(dotted, from);
    if (found) return found.path === file.path ? true : undefined;
    const several = this.byName.get(dotted)?.some(({ path }) => path === file.path);
    return several ? false : undefined;
  }

  /** Whether a dotted name is a module, or a folder of modules without an `__init__`. */
  isModule(dotted: string, from?: PythonFile): boolean {
    if (this.module(dotted, from)) return true;
    return this.folders.has(dotted) && !STDLIB_MODULES.has(dotted);
  }

  /** Whether the project has a module of its own that bears the name of a library. */
  isOwn(module: string, from?: PythonFile): boolean {
    return isLibrary(module) && this.isModule(module, from);
  }

  /** The project module that a dotted path begins with, and that is no more than its beginning. */
  longestModule(path: readonly string[]): Candidate | undefined {
    for (let length = path.length - 1; length > 0; length--) {
      const found = this.module(path.slice(0, length).join('.'));
      if (found) return found;
    }
    return undefined;
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
      const mentioned = this.store.mentions(candidate, [local, STAR]);
      const file = mentioned ? this.store.load(candidate) : undefined;
      if (!file) return undefined;
      for (const target of importTargets(file, local)) {
        const absolute = this.absolute(file, target).split('.');
        const rest = path.slice(length + 1);
        if (isLibrary(absolute[0] ?? '') && !this.isOwn(absolute[0] ?? '', file)) {
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
   * The parsed files whose bytes hold one of the words: where a name may be used. A word with a
   * leading dot is looked for as an attribute, one in quotes as a string.
   */
  filesMentioning(...words: readonly string[]): readonly PythonFile[] {
    return this.loaded(
      words.join(' or '),
      () => new Set(words.flatMap((word) => [...this.candidatesWith(word)])),
    );
  }

  /** The parsed files whose bytes hold one word of each list. */
  filesMentioningAll(...lists: readonly (readonly string[])[]): readonly PythonFile[] {
    return this.loaded(lists.map((words) => words.join(' or ')).join(' and '), () =>
      this.store.candidates.filter((candidate) =>
        lists.every((words) => words.some((word) => this.candidatesWith(word).has(candidate))),
      ),
    );
  }

  /** The parsed files other than `home` that hold the name and may take it from there. */
  importersOf(home: PythonFile, name: string): readonly PythonFile[] {
    return this.loaded(`${name} of ${home.path}`, () =>
      [...this.candidatesWith(name)].filter(
        (candidate) => candidate.path !== home.path && this.mayImport(candidate, home),
      ),
    );
  }

  /** The parsed files that say `from <home> import *`. */
  starImportersOf(home: PythonFile): readonly PythonFile[] {
    const files = this.loaded(`* of ${home.path}`, () =>
      [...this.candidatesWith(STAR)].filter((candidate) => this.mayImport(candidate, home)),
    );
    return files.filter((file) =>
      file.scopes.stars.some(
        ({ from = '' }) => this.mayBe(this.absolute(file, from), home, file) !== undefined,
      ),
    );
  }

  /**
   * Every identifier that is read and every attribute by which files may mean a module-level name:
   * in its own file, and in those that import it, whatever they call it.
   */
  *namings(home: PythonFile, name: string): Iterable<Naming> {
    const seen = new Set<string>();
    const queue = [{ home, name }];
    for (const from of queue) {
      const key = `${from.home.path}:${from.name}`;
      if (seen.has(key)) continue;
      seen.add(key);
      yield* namingsIn(from.home, from.name);
      for (const file of this.importersOf(from.home, from.name)) {
        yield* namingsIn(file, from.name);
        for (const local of file.importedAs(from.name)) queue.push({ home: file, name: local });
      }
      for (const file of this.starImportersOf(from.home))
        queue.push({ home: file, name: from.name });
    }
  }

  private loaded(key: string, candidates: () => Iterable<Candidate>): readonly PythonFile[] {
    let files = this.mentioning.get(key);
    if (!files) {
      files = [...candidates()]
        .map((candidate) => this.store.load(candidate))
        .filter((file) => file !== undefined);
      this.mentioning.set(key, files);
    }
    return files;
  }

  private candidatesWith(word: string): ReadonlySet<Candidate> {
    let found = this.holding.get(word);
    if (!found) {
      found = new Set(this.store.candidates.filter((each) => this.store.mentions(each, [word])));
      this.holding.set(word, found);
    }
    return found;
  }
}

/** A place where a name stands: an identifier that is read, or an attribute. */
export interface Naming {
  file: PythonFile;
  node: Node;
}

function* namingsIn(file: PythonFile, name: string): Iterable<Naming> {
  for (const { node } of file.references(name)) yield { file, node };
  for (const node of file.attributes(name)) yield { file, node };
}

/** How a star import is looked for in bytes. */
const STAR = 'import *';

/** What the imports of a module may bind a name of it to: dotted targets, relative ones with dots. */
function importTargets(file: PythonFile, local: string): string[] {
  const sites = file.scopes.module.bindings.get(local);
  if (sites) return sites.flatMap(({ imported }) => (imported ? [imported.target] : []));
  return file.scopes.stars
    .filter(({ from = '' }) => !isLibraryPath(from) || starHas(from, local))
    .map(({ target }) => target.replace(/\*$/, local));
}

function folder(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')));
}
