/** What `explain FILE:LINE` says: how a name was read there, what it hangs together with, what decided. */

import type { Binding } from '../analysis/bindings.ts';
import type { Family, Operation } from '../analysis/families.ts';
import { PHASES } from '../phases.ts';
import { lineText } from '../syntax/lines.ts';
import type { DiagnosticInfo, Judged, Use } from '../transform.ts';
import type { Page } from './explain.ts';
import { entry, listing, paragraph, plural, relativePath, wrap } from './layout.ts';
import type { OperationView, PlacePage, PlaceView, UseView } from './place-view.ts';
import { blockerOf, placeText } from './places.ts';
import { hunksOf } from './unified.ts';

/** Lines about all that the tool saw in a line. */
export function explainPlace(view: PlaceView, page: PlacePage): string[] {
  const blocks = [
    ...view.uses.map((each, at) => {
      const known = view.uses.slice(0, at).find((other) => isSameMatter(each, other));
      return known ? sameLines(each, known, page) : useLines(each, view, page);
    }),
    ...view.operations.map((each) => operationLines(each, view, page)),
  ];
  if (blocks.length === 0) {
    return view.imports.length > 0 ? importLines(view, page) : nothingLines(view, page);
  }
  return blocks.flatMap((lines, at) => (at === 0 ? lines : ['', '', ...lines]));
}

function isSameMatter(a: UseView, b: UseView): boolean {
  return a.unit.length > 0 ? a.unit.includes(b.judged) : !!a.family && a.family === b.family;
}

/** Two uses of one object on one line: what is said of the first holds for the second. */
function sameLines({ judged }: UseView, known: UseView, { style, cwd }: PlacePage): string[] {
  const { use, position } = judged;
  const where = `${placeText(use.file.path, position, cwd)}:${position.column}`;
  return [
    `${style.heading(use.name)}  ${style.faint(`${use.role}, ${where}`)}`,
    '',
    `  It goes with the ${known.judged.use.role} of column ${known.judged.position.column}: see there.`,
  ];
}

function useLines(each: UseView, view: PlaceView, page: PlacePage): string[] {
  const { use, position } = each.judged;
  const { style } = page;
  const where = `${placeText(use.file.path, position, page.cwd)}:${position.column}`;
  const text = view.textOf({ ...position, file: use.file.path }) ?? '';
  const cut = text.length - text.trimStart().length;
  const last = position.endLine === position.line ? position.endColumn : text.length + 1;
  const marks =
    ' '.repeat(Math.max(0, position.column - 1 - cut)) +
    '^'.repeat(Math.max(1, last - position.column));
  return [
    `${style.heading(use.name)}  ${style.faint(`${use.role}, ${where}`)}`,
    '',
    `    ${text.trim()}`,
    `    ${style.good(marks)}`,
    ...section('How the name is read', nameLines(use, page), page),
    ...section('Verdict', verdictLines(each, view, page), page),
    ...section('What goes with it', companyLines(each, view, page), page),
    ...section('What it becomes', changeLines(each, page), page),
    ...section('What would change its mind', mindLines(each, page), page),
  ];
}

function section(title: string, lines: readonly string[], { style }: Page): string[] {
  return lines.length === 0 ? [] : ['', style.heading(title), ...lines];
}

// -- the name --------------------------------------------------------------------------------------

function nameLines(use: Use, { width }: PlacePage): string[] {
  const told = [...bindingWords(use)];
  if (use.doubt !== undefined) told.push(`It may mean something else at run time: ${use.doubt}.`);
  return told.flatMap((words) => paragraph(words, width, 2));
}

function* bindingWords(use: Use): Iterable<string> {
  const { binding, spelling, file } = use;
  if (spelling === 'string') yield 'It stands in a string that names it by its whole path.';
  if (spelling === 'star') yield 'It comes from a star import of asyncio.';
  if (!binding) return;
  const module = binding.target.includes('.') ? '' : 'the module ';
  yield `\`${binding.local}\` is ${module}${binding.target}${importedWhere(binding, use)}.`;
  if (use.through) {
    yield `It is reached through the project's module ${use.through.module}, where it is called \`${use.through.local}\`.`;
  } else if (binding.via) {
    yield `The import leads to the project's module ${binding.via.module}, which takes it from asyncio.`;
  }
  const others = binding.others.map(({ node }) => lineText(file.place(node)));
  if (others.length > 0) {
    yield `The same scope binds \`${binding.local}\` also in ${listing(others)}.`;
  }
}

function importedWhere({ imports, scope }: Binding, { file }: Use): string {
  const lines = imports.map(({ node }) => lineText(file.place(node)));
  if (lines.length === 0) return '';
  const kind = scope.kind === 'module' ? '' : `, within the ${scope.kind}`;
  const statement = imports[0]?.imported.statement.text.split('\n')[0] ?? '';
  return `, by the import in ${listing(lines)}${kind} (\`${statement}\`)`;
}

// -- the verdict -----------------------------------------------------------------------------------

function verdictLines({ judged }: UseView, view: PlaceView, page: PlacePage): string[] {
  const { verdict, transform } = judged;
  const { style, width } = page;
  const by = transform
    ? `transform ${transform}, phase ${phaseName(judged.phase)}`
    : 'no transform';
  switch (verdict.kind) {
    case 'rewrite': {
      const grade = verdict.safety === 'safe' ? style.good('safe') : style.warn('review');
      const info = page.catalog.find(({ id }) => id === transform);
      return [
        `  rewrite, ${grade}: ${by}`,
        ...(verdict.note ? paragraph(`Note: ${verdict.note}.`, width, 4, 2) : []),
        ...blockerLines(judged, view, page),
        ...(info ? paragraph(info.safety, width, 4) : []),
        ...(verdict.minAnyio === '4.0.0' ? [] : [`    It needs anyio ${verdict.minAnyio}.`]),
      ];
    }
    case 'refuse': {
      const { code, message } = verdict.diagnostic;
      const info = diagnosticOf(code, page);
      return [
        `  ${style.bad('refused')}, ${style.code(code)}: ${by}`,
        ...paragraph(`${message}.`, width, 4),
        ...blockerLines(judged, view, page),
        ...(info ? ['', ...paragraph(info.why, width, 4)] : []),
      ];
    }
    case 'defer':
      return [
        ...paragraph(`deferred: it belongs to phase ${phaseName(judged.phase)}`, width, 2),
        ...(verdict.note ? paragraph(`${verdict.note}.`, width, 4) : []),
      ];
    case 'leave':
      return [`  left as it is: ${by}`, ...paragraph(`${verdict.reason}.`, width, 4)];
  }
}

function phaseName(number: number | undefined): string {
  const phase = PHASES.find((each) => each.number === number);
  return phase ? `${phase.number} ${phase.name}` : 'none';
}

function diagnosticOf(code: string, { catalog, general }: PlacePage): DiagnosticInfo | undefined {
  return [...catalog.flatMap(({ diagnostics }) => diagnostics), ...general].find(
    (each) => each.code === code,
  );
}

/** The place that stands in the way, with its text. */
function blockerLines(judged: Judged, view: PlaceView, page: PlacePage): string[] {
  const blocker = blockerOf(judged);
  if (!blocker) return [];
  const text = view.textOf(blocker)?.trim();
  const where = placeText(blocker.file, blocker, page.cwd);
  return [`    because of ${page.style.code(where)}`, ...(text ? [`        ${text}`] : [])];
}

// -- what goes with it -------------------------------------------------------------------------------

function companyLines(each: UseView, view: PlaceView, page: PlacePage): string[] {
  const { family, patches, unit, judged } = each;
  const members = family?.uses ?? unit.map(({ use }) => use);
  const rows: string[] = [];
  if (family) {
    const held = family.holders.length > 0 ? `, held in ${listing(family.holders)}` : '';
    const words = `The object is named in ${plural(members.length, 'place')}${held}. All of them move, or none.`;
    rows.push(...paragraph(words, page.width, 2));
  } else if (members.length > 1) {
    rows.push(
      ...paragraph(
        `${plural(members.length, 'use')} are one change: all are made, or none.`,
        page.width,
        2,
      ),
    );
  }
  if (members.length > 1 || family) {
    rows.push(...members.flatMap((use) => memberRow(use, judged.use, view, page)));
  }
  if (family) rows.push(...operationRows(family, page));
  const outside = patches.filter((use) => !members.includes(use));
  if (outside.length > 0) {
    rows.push('  Tests that replace the name, or what they aim at:');
    rows.push(...outside.flatMap((use) => memberRow(use, judged.use, view, page)));
  }
  return rows;
}

function memberRow(use: Use, self: Use, view: PlaceView, page: PlacePage): string[] {
  const judged = view.judgedOf(use);
  const where = placeText(use.file.path, use.file.lines.at(use.span.start), page.cwd);
  const verdict = judged ? verdictWords(judged) : 'in a file that was not selected';
  const here = use === self ? ' (this one)' : '';
  return entry(`    ${where}`, `${use.role}, ${verdict}${here}`, 36, page.width);
}

function verdictWords({ verdict }: Judged): string {
  if (verdict.kind === 'rewrite') return verdict.safety;
  return verdict.kind === 'refuse' ? `refused: ${verdict.diagnostic.code}` : verdict.kind;
}

const OPERATION_WORDS: Readonly<Record<Operation['kind'], (name: string) => string>> = {
  method: (name) => `.${name}()`,
  attribute: (name) => `.${name}`,
  store: (name) => `.${name} = …`,
  'async-with': () => 'async with',
  with: () => 'with',
  argument: (name) => `handed to ${name}`,
  mixed: (name) => `the same place also holds ${name}`,
  escape: (name) => `following ends: ${name}`,
};

function operationRows({ operations }: Family, page: PlacePage): string[] {
  if (operations.length === 0) return [];
  const sorted = [...operations].sort(
    (a, b) => a.place.file.localeCompare(b.place.file) || a.place.line - b.place.line,
  );
  const rows = sorted.flatMap(({ kind, name, place, certain }) => {
    const what = OPERATION_WORDS[kind](name);
    const doubt = certain ? '' : ' (perhaps of another object)';
    const where = placeText(place.file, place, page.cwd);
    return entry(`    ${where}`, `${what}${doubt}`, 36, page.width);
  });
  return ['  What is done with it:', ...rows];
}

// -- what it becomes, and what would change that -------------------------------------------------------

function changeLines({ changes, judged }: UseView, page: PlacePage): string[] {
  if (judged.verdict.kind !== 'rewrite') return [];
  return changes.flatMap((change) => [
    `  ${page.style.faint(relativePath(page.cwd, change.path))}`,
    ...hunksOf(change, 0).flatMap(({ lines }) =>
      lines
        .filter((line) => !line.startsWith('\\'))
        .map(
          (line) => `    ${line.startsWith('+') ? page.style.good(line) : page.style.bad(line)}`,
        ),
    ),
  ]);
}

function mindLines({ judged, family }: UseView, page: PlacePage): string[] {
  const { verdict, transform, phase } = judged;
  const words: string[] = [];
  if (verdict.kind === 'refuse') {
    words.push(`${verdict.diagnostic.help}.`);
    if (family && family.uses.length > 1) {
      words.push('Whatever is refused for one place of the object is refused for all of them.');
    }
  } else if (verdict.kind === 'rewrite') {
    if (verdict.safety === 'review')
      words.push('It is applied with --include-review, or with y in `anyio-codemod review`.');
    words.push(
      `A comment \`# anyio-codemod: ignore[${transform}] why\` on the line keeps it, and what goes with it, as it is.`,
    );
  } else if (verdict.kind === 'defer') {
    words.push(
      transform === undefined
        ? 'This version has no transform for it: it is counted, and left.'
        : `Select it: --phase ${phase}, or --transform ${transform}.`,
    );
  }
  return words.flatMap((text) =>
    wrap(text, page.width - 4).map((line, at) => (at === 0 ? `  - ${line}` : `    ${line}`)),
  );
}

// -- lines without a use ---------------------------------------------------------------------------------

function operationLines(
  { operation, family }: OperationView,
  view: PlaceView,
  page: PlacePage,
): string[] {
  const [first] = family.uses;
  const judged = first && view.judgedOf(first);
  const where = placeText(operation.place.file, operation.place, page.cwd);
  const text = view.textOf(operation.place)?.trim() ?? '';
  const what = OPERATION_WORDS[operation.kind](operation.name);
  const doubt = operation.certain ? '' : ', perhaps: the object may be another one';
  return [
    `${page.style.heading(what)}  ${page.style.faint(`on an ${family.name}${doubt}, ${where}`)}`,
    '',
    `    ${text}`,
    ...section(
      'The object',
      family.uses.flatMap((use) =>
        memberRow(use, use, view, page).map((row) => row.replace(' (this one)', '')),
      ),
      page,
    ),
    ...(judged
      ? section(
          'Verdict',
          verdictLines({ judged, family, patches: [], unit: [], changes: [] }, view, page),
          page,
        )
      : []),
    ...(first ? ['', `  anyio-codemod explain ${wordFor(first, page)}`] : []),
  ];
}

/** The place of a use as a word of a command line. */
function wordFor({ file, span }: Use, { cwd }: PlacePage): string {
  const place = placeText(file.path, file.lines.at(span.start), cwd);
  return place.includes(' ') ? `'${place}'` : place;
}

function importLines(
  { imports, line, cell, file }: PlaceView,
  { cwd, width, style }: PlacePage,
): string[] {
  return [
    `${style.heading(placeText(file, { line, cell }, cwd))}  ${style.faint('an import')}`,
    ...imports.flatMap(({ local, target, lines }) => [
      '',
      ...paragraph(
        `\`${local}\` is ${target}: ${plural(lines.length, 'use')} of this file ${lines.length === 1 ? 'comes' : 'come'} through it, ` +
          `in ${listing([...new Set(lines)])}. It goes when none of them is left.`,
        width,
        2,
      ),
    ]),
  ];
}

function nothingLines(view: PlaceView, page: PlacePage): string[] {
  const what = view.cell === undefined ? 'file' : 'cell';
  const where = placeText(view.file, view, page.cwd);
  const text = view.textOf({ ...view, column: 1 })?.trim();
  const near = [...view.linesWithUses]
    .sort((a, b) => Math.abs(a - view.line) - Math.abs(b - view.line))
    .slice(0, 5);
  return [
    `${page.style.heading(where)}  ${page.style.faint('no use of asyncio')}`,
    ...(text ? ['', `    ${text}`] : []),
    ...(view.others.length > 0 ? [''] : []),
    ...view.others.flatMap(({ name, meaning }) =>
      paragraph(`\`${name}\` is ${meaning}.`, page.width, 2),
    ),
    '',
    ...paragraph(
      near.length > 0
        ? `The nearest lines of this ${what} with uses: ${listing(near.sort((a, b) => a - b).map(String))}.`
        : `No line of this ${what} has a use.`,
      page.width,
      2,
    ),
  ];
}
