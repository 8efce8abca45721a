/** `explain FILE:LINE`: gathers what the engine knows of a line. */

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Family } from '../analysis/families.ts';
import type { NotebookSource, PythonFile } from '../analysis/file.ts';
import { findRoot } from '../files/root.ts';
import { explainPlace } from '../report/place.ts';
import type { OtherName, PlaceView, UseView } from '../report/place-view.ts';
import { styleFor } from '../report/style.ts';
import type { Migration } from '../result.ts';
import type { Run } from '../run.ts';
import { lineText } from '../syntax/lines.ts';
import type { Judged, Place, Use } from '../transform.ts';
import { UsageError } from '../usage.ts';
import type { ParsedArgs } from './argv.ts';
import { GENERAL_DIAGNOSTICS } from './general-diagnostics.ts';
import { DONE, FAILED } from './problems.ts';
import { requestOf } from './request.ts';
import { type Terminal, widthOf, writeLines } from './terminal.ts';

/** A place as editors and grep write it. */
export interface Asked {
  /** Absolute. */
  file: string;
  /** 1-based; with a cell counted in it, else in the file. */
  line: number;
  /** 1-based. */
  column?: number;
  /** Of a notebook, 1-based. */
  cell?: number;
}

/** `mud/rooms.py:34`, `mud/rooms.py:34:5` or `a.ipynb:cell 3:2`, if it is anything of the kind. */
export function placeAsked(topic: string, cwd: string): Asked | undefined {
  const [, name, cell, line, column] =
    /^(.+?):(?:cell (\d+):)?(\d+)(?::(\d+))?:?$/.exec(topic) ?? [];
  if (name === undefined || line === undefined) return undefined;
  return {
    file: resolve(cwd, name),
    line: Number(line),
    ...(column === undefined ? {} : { column: Number(column) }),
    ...(cell === undefined ? {} : { cell: Number(cell) }),
  };
}

/**
 * @returns the exit code
 * @throws UsageError when there is no such file or line
 */
export async function runPlace(
  asked: Asked,
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<number> {
  const { cwd, stdout, env } = terminal;
  if (!statSync(asked.file, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`there is no file ${asked.file}`);
  }
  // What a use hangs together with may be anywhere in the project.
  const root = findRoot([asked.file], cwd);
  const request = await requestOf({ ...argv, paths: [asked.file] }, terminal, 'all');
  const run = await terminal.engine.open({ ...request, paths: [root, asked.file] });
  try {
    const migration = run.migration();
    const problem = migration.problems.find(({ path }) => path === asked.file);
    if (problem) {
      terminal.stderr.write(`anyio-codemod: ${problem.message}\n`);
      return FAILED;
    }
    const view = viewOf(asked, run, migration);
    const catalog = await terminal.engine.catalog();
    const page = { width: widthOf(stdout), style: styleFor(stdout, env), cwd };
    writeLines(stdout, explainPlace(view, { ...page, catalog, general: GENERAL_DIAGNOSTICS }));
    return DONE;
  } finally {
    run.dispose();
  }
}

/**
 * The place in a cell, where a notebook is asked about by the line of its file, as `grep` tells it.
 *
 * @throws UsageError for a line outside of the code
 */
function inCells(asked: Asked, notebook: NotebookSource): Asked {
  if (asked.cell !== undefined) return asked;
  const place = notebook.lines.inFile(asked.line);
  if (place) return { file: asked.file, ...place };
  throw new UsageError(`${asked.file}:${asked.line} is in no cell with code`);
}

function viewOf(given: Asked, run: Run, migration: Migration): PlaceView {
  const notebook = run.boundFiles.find(({ path }) => path === given.file)?.info.notebook;
  const asked = notebook ? inCells(given, notebook) : given;
  const textOf = (place: Pick<Place, 'file' | 'line' | 'cell'>) => textAt(place, run);
  const { length } = linesOf(asked, run);
  if (asked.line < 1 || asked.line > length) {
    const what = asked.cell === undefined ? asked.file : `cell ${asked.cell} of ${asked.file}`;
    throw new UsageError(`${what} has ${length} lines, not ${asked.line}`);
  }
  const judgedOf = new Map(migration.judged.map((item) => [item.use, item]));
  const own = migration.judged.filter(({ use }) => use.file.path === asked.file);
  const file = run.boundFiles.find(({ path }) => path === asked.file);
  const uses = own.filter((item) => covers(item, asked));
  return {
    file: asked.file,
    line: asked.line,
    ...(asked.cell === undefined ? {} : { cell: asked.cell }),
    uses: uses.map((judged) => useView(judged, run, migration)),
    operations: operationsAt(asked, run, uses),
    others: uses.length === 0 && file ? otherNames(file, asked) : [],
    imports: file ? importsAt(file, asked, own) : [],
    linesWithUses: [
      ...new Set(
        own.flatMap(({ position }) => (position.cell === asked.cell ? [position.line] : [])),
      ),
    ],
    judgedOf: (use) => judgedOf.get(use),
    textOf,
  };
}

/** Whether a use stands on the line; the column, where one is given, has to be within it. */
function covers({ position }: Judged, { line, column, cell }: Asked): boolean {
  if (position.cell !== cell) return false;
  if (line < position.line || line > position.endLine) return false;
  if (column === undefined || position.line !== position.endLine) return true;
  return column >= position.column && column <= position.endColumn;
}

function useView(judged: Judged, run: Run, migration: Migration): UseView {
  const { use } = judged;
  const unit = run.units(migration).find((each) => each.judged.includes(judged))?.judged ?? [];
  const family = familyOf(use, run);
  return {
    judged,
    ...(family ? { family } : {}),
    patches:
      use.role === 'patch-target'
        ? aimedAt(use, run, migration)
        : run.context.patches.patchesOf(use.file, use.name),
    unit,
    changes: unit.length > 0 ? run.preview(migration, new Set(unit)) : [],
  };
}

function familyOf(use: Use, { context }: Run): Family | undefined {
  return context.families.familyOf(use);
}

function aimedAt(patch: Use, { context }: Run, { judged }: Migration): Use[] {
  const files = context.patches.aims(patch);
  return judged
    .map(({ use }) => use)
    .filter((use) => use !== patch && use.name === patch.name && files.has(use.file.path));
}

/** What is done on the line with objects that are made elsewhere. */
function operationsAt(asked: Asked, run: Run, uses: readonly Judged[]): PlaceView['operations'] {
  const shown = new Set(uses.map(({ use }) => familyOf(use, run)));
  const families = new Set(
    run.boundFiles.flatMap((file) => file.uses.map((use) => familyOf(use, run))),
  );
  return [...families].flatMap((family) =>
    family && !shown.has(family)
      ? family.operations
          .filter(({ place }) => place.file === asked.file && isOn(place, asked))
          .map((operation) => ({ operation, family }))
      : [],
  );
}

/** The imports of the line that uses come through. */
function importsAt(file: PythonFile, asked: Asked, own: readonly Judged[]): PlaceView['imports'] {
  const here = [...file.bindings.all()].filter(({ imports }) =>
    imports.some(({ node }) => isOn(file.place(node), asked)),
  );
  return here.flatMap((binding) => {
    const uses = own.filter(({ use }) => use.binding === binding && use.role !== 'import');
    const lines = uses.map(({ position }) => lineText(position));
    return lines.length > 0 ? [{ local: binding.local, target: binding.target, lines }] : [];
  });
}

/** Imported or bound names on the line, for whoever wonders why one of them is no use. */
function otherNames(file: PythonFile, asked: Asked): OtherName[] {
  const found = new Map<string, string>();
  for (const { node, name, scope } of file.scopes.references) {
    if (!isOn(file.place(node), asked) || found.has(name)) continue;
    const [site] = scope.lookup(name)?.bindings.get(name) ?? [];
    if (!site) continue;
    const where = lineText(file.place(site.node));
    const kind = site.kind === 'target' ? 'variable' : site.kind;
    found.set(
      name,
      site.imported
        ? `${site.imported.target}, imported in ${where}`
        : `bound in ${where} (${kind})`,
    );
  }
  return [...found].map(([name, meaning]) => ({ name, meaning }));
}

function isOn(place: Pick<Place, 'line' | 'cell'>, asked: Asked): boolean {
  return place.line === asked.line && place.cell === asked.cell;
}

function textAt(place: Pick<Place, 'file' | 'line' | 'cell'>, run: Run): string | undefined {
  return linesOf(place, run)[place.line - 1];
}

/** The lines of a file, or of a cell; none for a cell that is not there. */
function linesOf({ file, cell }: Pick<Place, 'file' | 'cell'>, run: Run): string[] {
  const notebook = run.boundFiles.find(({ path }) => path === file)?.info.notebook;
  const text = cell === undefined ? readFileSync(file, 'utf8') : (notebook?.sourceOf(cell) ?? '');
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
