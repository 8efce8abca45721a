/** Projects held in memory, for the tests of the analysis room. */

import { Definitions } from '../src/analysis/definitions.ts';
import type { Family } from '../src/analysis/families.ts';
import { FamilyIndex } from '../src/analysis/family-index.ts';
import { PythonFile } from '../src/analysis/file.ts';
import { LIBRARIES } from '../src/analysis/names.ts';
import { type Candidate, type FileStore, Project } from '../src/analysis/project.ts';
import type { Scope } from '../src/analysis/scopes.ts';
import { collectUses } from '../src/analysis/uses.ts';
import { loadParser } from '../src/syntax/parser.ts';
import type { Use } from '../src/transform.ts';

await loadParser();

/** Texts by path relative to the project's root: `app/worker.py`. */
export type Texts = Readonly<Record<string, string>>;

const ROOT = '/project/';
const FOLLOWED = new Set(['asyncio.Lock', 'asyncio.Event']);

/** A project whose files are texts. `mentions` keeps the contract of the store on disk. */
export class MemoryStore implements FileStore {
  readonly candidates: readonly Candidate[];
  /** Paths of the files that something asked to be parsed. */
  readonly loaded = new Set<string>();
  private readonly files = new Map<string, PythonFile>();

  constructor(private readonly texts: Texts) {
    this.candidates = Object.keys(texts).map((path) => {
      const isPackage = path.endsWith('__init__.py');
      const module = path.replace(/(^|\/)__init__\.py$|\.pyi?$/, '').replaceAll('/', '.');
      return { path: ROOT + path, module, isPackage, selected: true };
    });
  }

  mentions(candidate: Candidate, words: readonly string[]): boolean {
    const text = this.texts[candidate.path.slice(ROOT.length)] ?? '';
    return words.some((word) => {
      const before = word.startsWith('.') ? '' : '(?<![A-Za-z0-9_])';
      const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return new RegExp(`${before}${escaped}(?![A-Za-z0-9_])`).test(text);
    });
  }

  load(candidate: Candidate): PythonFile {
    const known = this.files.get(candidate.path);
    if (known) return known;
    const path = candidate.path.slice(ROOT.length);
    this.loaded.add(path);
    const file = new PythonFile({ ...candidate, text: this.texts[path] ?? '', encoding: 'utf8' });
    this.files.set(candidate.path, file);
    return file;
  }
}

/** A project that is bound and whose uses are found, as the engine does it. */
export class Workspace {
  readonly store: MemoryStore;
  readonly project: Project;
  readonly definitions: Definitions;
  readonly families: FamilyIndex;
  /** The files that were bound, in the order of their paths. */
  readonly files: PythonFile[];

  constructor(texts: Texts) {
    this.store = new MemoryStore(texts);
    this.project = new Project(this.store);
    this.files = this.project.bindAll(LIBRARIES, () => true);
    this.files.sort((a, b) => (a.path < b.path ? -1 : 1));
    for (const file of this.files) file.uses = collectUses(file, this.project);
    this.definitions = new Definitions(this.project);
    this.families = new FamilyIndex(this.project, this.definitions, this.files, FOLLOWED);
  }

  get uses(): Use[] {
    return this.files.flatMap((file) => file.uses);
  }

  /** The file at a path relative to the root, parsed if it was not. */
  file(path: string): PythonFile {
    const candidate = this.store.candidates.find((found) => found.path === ROOT + path);
    if (!candidate) throw new Error(`no ${path} in the project`);
    return this.store.load(candidate);
  }

  /** The families of all uses of Lock and Event, each once, in the order of their first use. */
  get allFamilies(): Family[] {
    const found = this.uses.filter((use) => FOLLOWED.has(use.name));
    return [...new Set(found.map((use) => this.families.familyOf(use)))].filter((f) => !!f);
  }
}

/** A project of one file, `m.py`. */
export function oneFile(text: string): Workspace {
  return new Workspace({ 'm.py': text });
}

/** A text without the first newline, and without the indentation that its first line has. */
export function py(strings: TemplateStringsArray, ...values: string[]): string {
  const text = String.raw({ raw: strings.raw }, ...values).replace(/^\n/, '');
  const indent = /^ */.exec(text)?.[0] ?? '';
  return text.replaceAll(new RegExp(`^${indent}`, 'gm'), '').replace(/ +$/, '');
}

/** `asyncio.Lock call 3`: name, role and 1-based line of a use. */
export function describeUse(use: Use): string {
  return `${use.name} ${use.role} ${use.file.lines.at(use.span.start).line}`;
}

/** `C._lock` for what a scope is called: `module`, `class C`, `def f`, `lambda`, `comprehension`. */
export function scopeName(scope: Scope | undefined): string {
  if (!scope) return 'builtin';
  const name = scope.node.childForFieldName('name')?.text;
  switch (scope.kind) {
    case 'class':
      return `class ${name}`;
    case 'function':
      return name === undefined ? 'lambda' : `def ${name}`;
    default:
      return scope.kind;
  }
}
