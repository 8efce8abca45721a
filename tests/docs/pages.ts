/**
 * The reference in `docs/`, made from what the transforms say of themselves: the same words as
 * `explain`. A page a transform, a page a diagnostic, and the index.
 *
 * It lives with the tests, as what makes the README's tables does: nobody who runs the tool needs it,
 * and the test that compares it with the files is its only caller. `npm run docs` writes them.
 */

import { GENERAL_DIAGNOSTICS } from '../../src/cli/general-diagnostics.ts';
import { PHASES, type Phase, PLANS } from '../../src/phases.ts';
import { NOTES, PROBLEMS, type TransformInfo } from '../../src/report/explain.ts';
import { listing } from '../../src/report/layout.ts';
import type { DiagnosticInfo, Example } from '../../src/transform.ts';
import { dependency } from '../../transforms/dependency.ts';
import { transforms } from '../../transforms/index.ts';
import { anchorOf, fence, page, prose, table } from './markdown.ts';

/** Every transform in the order of the phases, `dependency` first. */
export const CATALOG: readonly TransformInfo[] = [dependency, ...transforms];

/** A diagnostic, and the transforms that give it; none when all may. */
export interface Explained {
  info: DiagnosticInfo;
  owners: readonly TransformInfo[];
}

const MADE =
  "<!-- Made from the program's own words by `npm run docs`; changes made here are lost. -->";

/** The heading over the diagnostics that all may give. */
const GENERAL = 'what any transform may refuse';

/** Every diagnostic, by code, in the order of the transforms; those that all may give at the end. */
export function explained(): Map<string, Explained> {
  const all = new Map<string, Explained>();
  for (const owner of CATALOG) {
    for (const info of owner.diagnostics) {
      const before = all.get(info.code)?.owners ?? [];
      all.set(info.code, { info, owners: [...before, owner] });
    }
  }
  for (const info of GENERAL_DIAGNOSTICS) all.set(info.code, { info, owners: [] });
  return all;
}

/** All pages but the guide, by path below `docs/`, with forward slashes. */
export function referencePages(): Map<string, string> {
  const pages = new Map([
    ['README.md', indexPage()],
    ['diagnostics/README.md', diagnosticsPage()],
  ]);
  for (const transform of CATALOG)
    pages.set(`transforms/${transform.id}.md`, transformPage(transform));
  for (const [code, each] of explained()) pages.set(`diagnostics/${code}.md`, diagnosticPage(each));
  return pages;
}

function transformPage(transform: TransformInfo): string {
  const { id, names, summary, examples, safety, diagnostics } = transform;
  const phase = phaseOf(transform);
  const link = `[Phase ${phase.number}, ${phase.name}](../README.md#${anchorOf(headingOf(phase))})`;
  const owned = names.map((name) => `\`${name}\``);
  return page(
    MADE,
    '',
    `# ${id}`,
    '',
    shortly(summary),
    '',
    owned.length > 0 ? `${link}. The names that it judges: ${listing(owned)}.` : `${link}.`,
    ...(examples.length > 0 ? ['', '## Before and after'] : []),
    ...examples.flatMap(exampleLines),
    '',
    '## What makes it safe',
    '',
    prose(safety),
    ...refusals(diagnostics),
    '',
    '## On the command line',
    '',
    ...fence(
      `anyio-codemod diff --transform ${id}\nanyio-codemod apply --transform ${id}\nanyio-codemod explain ${id}`,
    ),
  );
}

function exampleLines({ before, after, review }: Example, at: number): string[] {
  const language = languageOf(before);
  return [
    ...(at > 0 ? ['', '---'] : []),
    '',
    ...fence(before, language),
    '',
    review ? 'becomes, only with `--include-review`,' : 'becomes',
    '',
    ...fence(after, language),
  ];
}

/** An example is Python, a piece of pyproject.toml, or a line of requirements.txt. */
function languageOf(text: string): string {
  if (text.startsWith('[')) return 'toml';
  return /^\S+\n$/.test(text) ? '' : 'python';
}

function refusals(diagnostics: readonly DiagnosticInfo[]): string[] {
  if (diagnostics.length === 0) return [];
  const rows = diagnostics.map((info) => [
    codeLink(info.code, '../diagnostics'),
    prose(info.title),
  ]);
  return [
    '',
    '## What it refuses',
    '',
    ...table(['code', 'what is refused'], rows),
    '',
    `Besides, [${GENERAL}](../diagnostics/README.md#${anchorOf(GENERAL)}).`,
  ];
}

function diagnosticPage({ info, owners }: Explained): string {
  const { code, title, why, instead } = info;
  const by = owners.map(({ id }) => `[${id}](../transforms/${id}.md)`);
  return page(
    MADE,
    '',
    `# ${code}`,
    '',
    sentence(title),
    '',
    by.length > 0 ? `Refused by ${listing(by)}.` : 'Any transform may refuse with it.',
    '',
    '## Why',
    '',
    ...why.split(/\n\s*\n/).flatMap((part, at) => (at > 0 ? ['', prose(part)] : [prose(part)])),
    ...(instead === undefined ? [] : ['', '## Instead', '', ...fence(instead, 'python')]),
    ...ignoring(owners.filter(({ id }) => id !== dependency.id)),
  );
}

/** How to keep a use as it is; in a manifest there is no use to keep. */
function ignoring(owners: readonly TransformInfo[]): string[] {
  if (owners.length === 0) return [];
  const ids = owners.map(({ id }) => id).join(', ');
  return [
    '',
    '## Keeping it',
    '',
    'A comment at the end of the line keeps the use as it is, for the reason that stands there;',
    '`plan` then lists it as [`ignored`](ignored.md), and `check` lets it pass.',
    '',
    ...fence(`# anyio-codemod: ignore[${ids}] why it stays`, 'python'),
  ];
}

function indexPage(): string {
  return page(
    MADE,
    '',
    '# The reference of anyio-codemod',
    '',
    'Every transform has a page, and so has every [diagnostic](diagnostics/README.md);',
    '`anyio-codemod explain NAME` says the same in a terminal. The [guide](guide.md) walks a project',
    'from asyncio to anyio.',
    ...PHASES.flatMap(phaseLines),
  );
}

function diagnosticsPage(): string {
  const rows = (infos: readonly DiagnosticInfo[]) =>
    table(
      ['code', 'what is refused'],
      infos.map((info) => [codeLink(info.code), prose(info.title)]),
    );
  const notes = Object.entries(NOTES).map(([code, what]) => [`\`${code}\``, prose(what)]);
  const problems = Object.entries(PROBLEMS).map(([code, why]) => [`\`${code}\``, prose(why)]);
  return page(
    MADE,
    '',
    '# What is refused',
    '',
    'Each use that is not rewritten for a reason bears one of these codes. The page of a code says',
    'why, and what to write instead where something better is known.',
    ...CATALOG.flatMap(({ id, diagnostics }) => [
      '',
      `## [${id}](../transforms/${id}.md)`,
      '',
      ...rows(diagnostics),
    ]),
    '',
    `## ${sentence(GENERAL).slice(0, -1)}`,
    '',
    ...rows(GENERAL_DIAGNOSTICS),
    '',
    '## Files that are not taken along',
    '',
    'A file of which this is said is left as it is, and the others are done.',
    '',
    ...table(['code', 'why'], problems),
    '',
    '## Notes',
    '',
    'A note is a line beside the report: something has no effect, and nothing fails for it.',
    '',
    ...table(['code', 'what it means'], notes),
  );
}

function phaseLines(phase: Phase): string[] {
  const own = CATALOG.filter((transform) => transform.phase === phase.number);
  const plans = Object.keys(PLANS).filter((plan) => PLANS[plan]?.includes(phase.number));
  const rows = own.map(({ id, summary, diagnostics }) => [
    `[${id}](transforms/${id}.md)`,
    shortly(summary),
    String(diagnostics.length),
  ]);
  return [
    '',
    `## ${headingOf(phase)}`,
    '',
    `${sentence(phase.summary)} In ${listing(plans.map((plan) => `\`${plan}\``))}.`,
    '',
    ...(rows.length > 0
      ? table(['transform', 'what it does', 'refusals'], rows)
      : ['No transform yet: its uses are counted, and nothing is rewritten.']),
  ];
}

/** A transform's summary: code on both sides of the arrow, or a sentence. */
function shortly(summary: string): string {
  const [, before, after, rest = ''] = /^(.*) -> (.*?)(, (?:with|async) .*)?$/.exec(summary) ?? [];
  if (before === undefined || after === undefined) return sentence(summary);
  return `\`${before}\` → \`${after}\`${prose(rest)}`;
}

/** A title or a phase's summary, which begin small and end without a full stop, as a sentence. */
function sentence(text: string): string {
  const said = arrows(prose(text));
  const isName = /^(?:anyio|asyncio|pytest|uvloop)\b/.test(said);
  const begun = isName ? said : (said[0] ?? '').toUpperCase() + said.slice(1);
  return /[.:]$/.test(begun) ? begun : `${begun}.`;
}

function arrows(text: string): string {
  return text.replaceAll(' -> ', ' → ');
}

function codeLink(code: string, folder?: string): string {
  return `[\`${code}\`](${folder === undefined ? '' : `${folder}/`}${code}.md)`;
}

function headingOf(phase: Phase): string {
  return `Phase ${phase.number}: ${phase.name}`;
}

function phaseOf({ phase }: TransformInfo): Phase {
  const found = PHASES.find(({ number }) => number === phase);
  if (!found) throw new Error(`there is no phase ${phase}`);
  return found;
}
