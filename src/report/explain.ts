/** What `explain` says of a transform, a diagnostic, a phase or a file problem. */

import { PHASES, type Phase, PLANS } from '../phases.ts';
import type { FileProblem, Note } from '../result.ts';
import type { DiagnosticInfo, Transform } from '../transform.ts';
import { entry, listing, paragraph } from './layout.ts';
import type { Style } from './style.ts';

/** What a transform says of itself; phase 0's `dependency` has this and judges nothing. */
export type TransformInfo = Omit<Transform, 'judge'>;

export interface Page {
  /** In columns. */
  width: number;
  style: Style;
}

/** Why a file is skipped, by the code in the JSON report. */
export const PROBLEMS: Readonly<Record<FileProblem['code'], string>> = {
  'not-found': 'There is no file or folder of this name.',
  'no-python': 'The folder holds no Python file that is not ignored or excluded.',
  unreadable: 'The file cannot be read; the message says what the system answered.',
  encoding:
    'The bytes are not in the encoding that the file declares (PEP 263; UTF-8 when it declares ' +
    'none), or it is one that cannot be decoded here. The file is left as it is, since writing it ' +
    'back could change bytes that were not understood.',
  notebook:
    'The file is no notebook that can be read here: nbformat 4, as Jupyter has written it since ' +
    '2015, with each cell complete in itself. The file is left as it is.',
  syntax:
    'The file is not Python that the parser understands, so nothing in it is rewritten. Where ' +
    'Python itself takes the file, please report it as a bug.',
  validation:
    'The new text failed a check of our own: it parses worse than the old, or a name in it is ' +
    'not imported. This is a bug of anyio-codemod; the file is left as it is.',
  compile:
    'Python compiles the old text and not the new. This is a bug of anyio-codemod; nothing is ' +
    'written. --no-compile-check turns the check off.',
  write:
    'The file cannot be written; it is as it was, since it is replaced as a whole or not at all.',
};

/** What a note says, by its code in the JSON report. */
export const NOTES: Readonly<Record<Note['code'], string>> = {
  'unused-ignore':
    'An ignore comment has no effect, or one of the names in its brackets has none: there is no ' +
    'such use on its line, whatever phase is selected. It may stand on the wrong line, or outlive ' +
    'the use that it was written for. Move it, or take it away.',
  'unknown-ignore':
    'A comment begins like an ignore comment and cannot be followed: a name in its brackets is no ' +
    'transform, phase or asyncio name, its brackets are not closed, or ignore-file stands below ' +
    'the first statement of the file. What is wrong in it has no effect.',
  'unused-leave-out':
    'An entry of leave-out in the configuration matches no use of asyncio: the code has moved, or ' +
    'has been rewritten by hand, or the name is misspelled. Mend the entry, or take it out.',
};

/** Lines about a transform: what it does, before and after, what makes it safe, what it refuses. */
export function explainTransform(transform: TransformInfo, page: Page): string[] {
  const { style, width } = page;
  const phase = PHASES.find((each) => each.number === transform.phase);
  return [
    `${style.heading(transform.id)}  ${style.faint(`transform, phase ${transform.phase} ${phase?.name ?? ''}`.trimEnd())}`,
    '',
    ...paragraph(transform.summary, width, 2),
    ...(transform.names.length > 0
      ? ['', ...paragraph(`Names: ${transform.names.join(', ')}`, width, 2, 7)]
      : []),
    ...transform.examples.flatMap((example) => [
      ...section('Before', source(example.before), style),
      ...section(
        example.review ? 'After, with --include-review' : 'After',
        source(example.after),
        style,
      ),
    ]),
    ...section('What makes it safe', paragraph(transform.safety, width, 2), style),
    ...refusals(transform.diagnostics, page),
  ];
}

function refusals(diagnostics: readonly DiagnosticInfo[], { style, width }: Page): string[] {
  const [first] = diagnostics;
  if (!first) return [];
  const column = Math.max(...diagnostics.map((each) => each.code.length)) + 4;
  const rows = diagnostics.flatMap((each) =>
    entry(`  ${each.code}`, each.title, Math.min(column, 30), width),
  );
  const hint = `  anyio-codemod explain ${first.code}`;
  return [
    ...section('What it refuses', rows, style),
    '',
    style.faint('Why, and what to do:'),
    hint,
  ];
}

/**
 * Lines about a diagnostic: what is refused, why, and a better program where one is known.
 *
 * @param transform the one that gives it; undefined when all may
 */
export function explainDiagnostic(
  diagnostic: DiagnosticInfo,
  transform: TransformInfo | undefined,
  { style, width }: Page,
): string[] {
  const by = transform ? `${transform.id}, phase ${transform.phase}` : 'every transform';
  return [
    `${style.heading(diagnostic.code)}  ${style.faint(`refused by ${by}`)}`,
    '',
    ...paragraph(diagnostic.title, width, 2),
    '',
    ...paragraph(diagnostic.why, width, 2),
    ...(diagnostic.instead === undefined
      ? []
      : section('Instead', source(diagnostic.instead), style)),
  ];
}

/** Lines about a phase: what it moves, its transforms, and the commands. */
export function explainPhase(
  phase: Phase,
  catalog: readonly TransformInfo[],
  page: Page,
): string[] {
  const { style, width } = page;
  const transforms = catalog.filter((each) => each.phase === phase.number);
  const plans = Object.keys(PLANS).filter((plan) => PLANS[plan]?.includes(phase.number));
  return [
    `${style.heading(`phase ${phase.number}  ${phase.name}`)}  ${style.faint(`in ${listing(plans)}`)}`,
    '',
    ...paragraph(phase.summary, width, 2),
    '',
    ...transformRows(transforms, width),
    ...(transforms.length > 0 ? section('Commands', commandsFor(String(phase.number)), style) : []),
  ];
}

/** Lines about a plan, such as `hybrid`: its phases. */
export function explainPlan(name: string, page: Page): string[] {
  const phases = PHASES.filter((phase) => PLANS[name]?.includes(phase.number));
  const rows = phases.flatMap((phase) =>
    entry(`  ${phase.number} ${phase.name}`, phase.summary, 22, page.width),
  );
  const { style } = page;
  const head = `${style.heading(name)}  ${style.faint('a set of phases')}`;
  return [head, '', ...rows, ...section('Commands', commandsFor(name), style)];
}

/** Lines about why a file was skipped. */
export function explainProblem(code: FileProblem['code'], { style, width }: Page): string[] {
  const head = `${style.heading(code)}  ${style.faint('a file that could not be taken along')}`;
  return [head, '', ...paragraph(PROBLEMS[code], width, 2)];
}

/** Lines about what a note means. */
export function explainNote(code: Note['code'], { style, width }: Page): string[] {
  const head = `${style.heading(code)}  ${style.faint('a note, which fails nothing')}`;
  return [head, '', ...paragraph(NOTES[code], width, 2)];
}

/** A row for each transform, or that there is none yet. */
export function transformRows(transforms: readonly TransformInfo[], width: number): string[] {
  if (transforms.length === 0) return ['  no transform yet'];
  return transforms.flatMap((each) => entry(`  ${each.id}`, each.summary, 22, width));
}

function commandsFor(selector: string): string[] {
  return ['plan', 'diff', 'apply'].map((name) => `  anyio-codemod ${name} --phase ${selector}`);
}

function section(title: string, lines: readonly string[], style: Style): string[] {
  return ['', style.heading(title), ...lines];
}

/** Python source, indented and otherwise as it is. */
function source(text: string): string[] {
  const lines = text.replace(/^\n+|\s+$/g, '').split('\n');
  return lines.map((line) => (line === '' ? '' : `    ${line}`));
}
