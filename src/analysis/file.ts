/** One parsed Python file, with what the analysis knows of it. */

import type { Node, Tree } from 'web-tree-sitter';
import { LineIndex } from '../syntax/lines.ts';
import { parse } from '../syntax/parser.ts';
import type { Place, Use } from '../transform.ts';
import { Bindings, type IsOwn, type ReexportLookup } from './bindings.ts';
import { buildScopes, type Reference, type Scope, type ScopeTree } from './scopes.ts';

/** The decoded text of a file and where it belongs. */
export interface SourceInfo {
  /** Absolute path. */
  path: string;
  /** Decoded, a BOM kept as U+FEFF. */
  text: string;
  /** The name under which iconv-lite writes the file again. */
  encoding: string;
  /** Dotted module name within the project (`server.app.main`; a package's name for `__init__`). */
  module: string;
  /** Whether the file is a package's `__init__`. */
  isPackage: boolean;
  /** Whether the user chose the file, or it is only read for facts. */
  selected: boolean;
  /** Set for a notebook: `text` is what its code cells make together. */
  notebook?: NotebookSource;
}

/** What is asked of the notebook that a text was made from. */
export interface NotebookSource {
  /** The text of the file itself. */
  readonly raw: string;
  /** Lines and columns as they are counted in the cells. */
  readonly lines: LineIndex & {
    /** The place in a cell of a line of the file, 1-based; undefined for one outside of code. */
    inFile(line: number): { cell: number; line: number } | undefined;
  };
  /** What a cell holds, by its number among all cells; undefined for one without code. */
  sourceOf(cell: number): string | undefined;
  /** Whether a stretch of the text stands for a magic, which is no Python. */
  isMasked(start: number, end: number): boolean;
  /**
   * The file's own text, with the cells of a new text.
   * @throws Error with one line, when the cells cannot be told apart in it
   */
  rawWith(text: string): string;
  /** The cells of a text as Python that has no magics in it. Throws as `rawWith` does. */
  pythonOf(text: string): NotebookCell[];
}

/** A cell by its number among all cells of the notebook, 1-based. */
export interface NotebookCell {
  cell: number;
  text: string;
}

export class PythonFile {
  readonly tree: Tree;
  readonly scopes: ScopeTree;
  bindings: Bindings;
  uses: Use[] = [];
  private lineIndex: LineIndex | undefined;
  private referenceIndex: Map<string, Reference[]> | undefined;
  private attributeIndex: Map<string, Node[]> | undefined;

  /** @param parsed the tree and the scopes of the text, where they are at hand. */
  constructor(
    readonly info: SourceInfo,
    parsed?: Pick<PythonFile, 'tree' | 'scopes'>,
  ) {
    this.tree = parsed?.tree ?? parse(info.text);
    this.scopes = parsed?.scopes ?? buildScopes(this.tree.rootNode);
    this.bindings = new Bindings(
      this.scopes,
      () => undefined,
      () => false,
    );
  }

  /** The file as it is by its own imports, without re-exports. The tree is still this file's to free. */
  alone(): PythonFile {
    return new PythonFile(this.info, this);
  }

  get path(): string {
    return this.info.path;
  }

  get text(): string {
    return this.info.text;
  }

  get root(): Node {
    return this.tree.rootNode;
  }

  get lines(): LineIndex {
    this.lineIndex ??= this.info.notebook?.lines ?? new LineIndex(this.info.text);
    return this.lineIndex;
  }

  /** Binds again, now that other modules' re-exports are known. */
  rebind(reexport: ReexportLookup, isOwn: IsOwn): void {
    this.bindings = new Bindings(this.scopes, reexport, isOwn);
  }

  /** The package that relative imports start from: the module itself for an `__init__`. */
  get package(): string {
    if (this.info.isPackage) return this.info.module;
    return this.info.module.split('.').slice(0, -1).join('.');
  }

  place(node: Node): Place {
    return { file: this.path, ...this.lines.at(node.startIndex) };
  }

  /** The scope that a node's names are looked up in; for a definition, the one around it. */
  scopeAt(node: Node): Scope {
    return this.scopes.ranges.at(node.startIndex) ?? this.scopes.module;
  }

  /** All reads of a name. */
  references(name: string): readonly Reference[] {
    if (!this.referenceIndex) {
      this.referenceIndex = new Map();
      for (const reference of this.scopes.references) {
        const list = this.referenceIndex.get(reference.name);
        if (list) list.push(reference);
        else this.referenceIndex.set(reference.name, [reference]);
      }
    }
    return this.referenceIndex.get(name) ?? [];
  }

  /** The names that imports of the file give to what is called this elsewhere. */
  importedAs(name: string): readonly string[] {
    const found: string[] = [];
    for (const scope of [this.scopes.module, ...this.scopes.byNode.values()]) {
      for (const [local, sites] of scope.bindings) {
        if (sites.some(({ imported }) => imported?.target.endsWith(`.${name}`))) found.push(local);
      }
    }
    return found;
  }

  /** All `x.name` expressions, read or written, by the attribute's name. */
  attributes(name: string): readonly Node[] {
    if (!this.attributeIndex) {
      this.attributeIndex = new Map();
      for (const node of this.root.descendantsOfType('attribute')) {
        const attribute = node?.childForFieldName('attribute')?.text;
        if (!node || attribute === undefined) continue;
        const list = this.attributeIndex.get(attribute);
        if (list) list.push(node);
        else this.attributeIndex.set(attribute, [node]);
      }
    }
    return this.attributeIndex.get(name) ?? [];
  }

  /** Frees the tree; no node of the file may be touched afterwards. */
  dispose(): void {
    this.tree.delete();
  }
}
