/**
 * What `check` found as SARIF 2.1.0, for code scanning and editors. Only what is beyond the baseline
 * is a result: what it lets pass would be an alert that nobody has to look at.
 */

import { PHASES } from '../phases.ts';
import type { CountedUse } from '../ratchet/sites.ts';
import type { FileProblem, Note } from '../result.ts';
import type { Position } from '../transform.ts';
import { type CheckResult, type Finding, findingNotes, verdictWords } from './check.ts';
import type { TransformInfo } from './explain.ts';
import { plural, relativePath } from './layout.ts';
import { blockerOf, inCell } from './places.ts';

/** GitHub takes no file with more results. */
const MOST = 25_000;

/**
 * @param catalog all transforms
 * @param version of this program
 */
export function checkSarif(
  { findings, migration }: CheckResult,
  catalog: readonly TransformInfo[],
  version: string,
): object {
  const all = findings.flatMap(usesOf);
  const uses = all.slice(0, MOST);
  const rules = rulesOf(uses, catalog);
  const index = new Map(rules.map(({ id }, i) => [id, i]));
  return {
    $schema:
      'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'anyio-codemod', version, semanticVersion: version, rules } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { description: { text: 'The root of the project.' } } },
        invocations: [
          {
            executionSuccessful: migration.problems.length === 0,
            toolExecutionNotifications: [
              ...migration.problems.map((each) => notificationOf('error', each, migration.root)),
              ...migration.notes.map((each) => notificationOf('warning', each, migration.root)),
              ...(all.length > uses.length ? [cutOff(all.length - uses.length)] : []),
            ],
          },
        ],
        results: uses.map((each) => resultOf(each, index.get(ruleId(each.use)), migration.root)),
      },
    ],
  };
}

interface Reported {
  use: CountedUse;
  finding: Finding;
  /** The how-many-th use of its site it is, from 1. */
  ordinal: number;
}

function usesOf(finding: Finding): Reported[] {
  return finding.shown.map((use) => ({ use, finding, ordinal: finding.uses.indexOf(use) + 1 }));
}

/** The transform's id; the phase's name where there is none. */
function ruleId({ judged, phase }: CountedUse): string {
  return judged.transform ?? PHASES.find(({ number }) => number === phase)?.name ?? `${phase}`;
}

function rulesOf(uses: readonly Reported[], catalog: readonly TransformInfo[]) {
  const ids = new Map(uses.map(({ use }) => [ruleId(use), use.phase]));
  return [...ids].sort().map(([id, phase]) => {
    const transform = catalog.find((each) => each.id === id);
    return transform ? transformRule(transform) : phaseRule(phase);
  });
}

function transformRule({ id, phase, summary, safety, diagnostics, examples }: TransformInfo) {
  const refusals = diagnostics.map(({ code, title }) => `- \`${code}\`: ${title}`);
  const before = examples.flatMap((example) => [
    `Before:\n\n${fenced(example.before)}`,
    `After:\n\n${fenced(example.after)}`,
  ]);
  return {
    id,
    name: pascal(id),
    shortDescription: { text: summary },
    fullDescription: { text: safety },
    help: {
      text: [safety, ...(refusals.length > 0 ? ['Not rewritten:', ...refusals] : [])].join('\n'),
      markdown: [
        summary,
        ...before,
        safety,
        ...(refusals.length > 0 ? [`Not rewritten:\n\n${refusals.join('\n')}`] : []),
        `\`anyio-codemod explain ${id}\` tells more.`,
      ].join('\n\n'),
    },
    defaultConfiguration: { level: 'error' },
    properties: { phase, tags: ['asyncio', `phase-${phase}`] },
  };
}

function phaseRule(number: number) {
  const phase = PHASES.find((each) => each.number === number);
  const text = `${phase?.summary ?? ''}. There is no transform for it yet: it is moved by hand.`;
  return {
    id: phase?.name ?? `${number}`,
    name: pascal(phase?.name ?? `${number}`),
    shortDescription: { text: phase?.summary ?? '' },
    fullDescription: { text },
    help: { text, markdown: text },
    defaultConfiguration: { level: 'error' },
    properties: { phase: number, tags: ['asyncio', `phase-${number}`] },
  };
}

function resultOf(
  { use, finding, ordinal }: Reported,
  ruleIndex: number | undefined,
  root: string,
) {
  const { judged, site, key } = use;
  const { verdict, position } = judged;
  const blocker = blockerOf(judged);
  const notes = findingNotes(finding).map((note) => ` (${note})`);
  return {
    ruleId: ruleId(use),
    ruleIndex,
    level: 'error',
    message: {
      text: `${inNotebook(position)}${site.name}: ${verdictWords(judged)}${notes.join('')}`,
    },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifact(judged.use.file.path, root),
          region: regionOf(position),
        },
        ...(site.symbol === '' ? {} : { logicalLocations: [{ fullyQualifiedName: site.symbol }] }),
      },
    ],
    ...(blocker
      ? {
          relatedLocations: [
            {
              message: { text: 'This stands in the way.' },
              physicalLocation: {
                artifactLocation: artifact(blocker.file, root),
                region: regionOf({ ...blocker, endLine: blocker.line, endColumn: blocker.column }),
              },
            },
          ],
        }
      : {}),
    partialFingerprints: { 'site/v1': `${key}#${ordinal}` },
    baselineState: 'new',
    properties: {
      verdict: verdict.kind,
      ...(verdict.kind === 'rewrite' ? { safety: verdict.safety } : {}),
      ...(verdict.kind === 'refuse'
        ? { code: verdict.diagnostic.code, help: verdict.diagnostic.help }
        : {}),
    },
  };
}

/** A viewer shows the file of a notebook, in which the columns are others; the message tells the cell. */
function regionOf({ cell, fileLine, line, column, endLine, endColumn }: Position) {
  if (cell !== undefined) return { startLine: fileLine ?? 1 };
  return { startLine: line, startColumn: column, endLine, endColumn };
}

function inNotebook(position: Position): string {
  const { cell, line } = position;
  return cell === undefined ? '' : `${inCell(position)}${line}: `;
}

function artifact(path: string, root: string) {
  const parts = relativePath(root, path).split('/');
  return { uri: parts.map(encodeURIComponent).join('/'), uriBaseId: 'SRCROOT' };
}

function notificationOf(
  level: 'error' | 'warning',
  { path, line, cell, code, message }: FileProblem | Note,
  root: string,
) {
  const physicalLocation = {
    artifactLocation: artifact(path, root),
    ...(line === undefined || cell !== undefined ? {} : { region: { startLine: line } }),
  };
  return {
    level,
    message: { text: message },
    descriptor: { id: code },
    locations: [{ physicalLocation }],
  };
}

function cutOff(rest: number) {
  const text = `${plural(rest, 'more use')} beyond the baseline; code scanning takes ${MOST} at most`;
  return { level: 'warning', message: { text } };
}

function fenced(source: string): string {
  return `\`\`\`python\n${source.trim()}\n\`\`\``;
}

/** `wait-for` as `WaitFor`: SARIF wants names of rules as one word. */
function pascal(id: string): string {
  return id.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
