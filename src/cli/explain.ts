/** `explain`: what a transform, a diagnostic, a phase or a plan is about, or a line of the project. */

import { packaged } from '../packaged.ts';
import { findPhase, PHASES, PLANS } from '../phases.ts';
import {
  explainDiagnostic,
  explainNote,
  explainPhase,
  explainPlan,
  explainProblem,
  explainTransform,
  NOTES,
  type Page,
  PROBLEMS,
  type TransformInfo,
} from '../report/explain.ts';
import { styleFor } from '../report/style.ts';
import type { FileProblem, Note } from '../result.ts';
import { didYouMean, UsageError } from '../usage.ts';
import type { ParsedArgs } from './argv.ts';
import { placeAsked, runPlace } from './explain-place.ts';
import { GENERAL_DIAGNOSTICS } from './general-diagnostics.ts';
import { DONE } from './problems.ts';
import { type Terminal, widthOf, writeLines } from './terminal.ts';

type Catalog = readonly TransformInfo[];

/**
 * @returns the exit code
 * @throws UsageError when nothing has the name, naming the nearest
 */
export async function run(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  const words = Array.isArray(argv.topic) ? argv.topic.map(String) : [];
  const topic = words
    .join(' ')
    .trim()
    .replace(/^phase\s+/i, '');
  if (topic === '') {
    throw new UsageError("explain what? A transform, phase or diagnostic; 'anyio-codemod list'");
  }
  const place = placeAsked(topic, terminal.cwd);
  if (place) return runPlace(place, argv, terminal);
  const { stdout, env } = terminal;
  const file = FILES.get(topic.toLowerCase());
  if (file) {
    stdout.write(packaged(...file));
    return DONE;
  }
  const page = { width: widthOf(stdout), style: styleFor(stdout, env) };
  writeLines(stdout, explain(topic, await terminal.engine.catalog(), page));
  return DONE;
}

/** Files of the package that can be asked for: an executable shows no others. */
const FILES: ReadonlyMap<string, readonly [name: string, inCheckout: string]> = new Map([
  ['schema', ['schema.json', './report/schema.json']],
  ['licences', ['LICENSES.txt', '../dist/LICENSES.txt']],
]);

/** A transform comes before a phase of the same name, and both before a diagnostic. */
function explain(topic: string, catalog: Catalog, page: Page): string[] {
  const name = topic.toLowerCase();
  const transform = catalog.find((each) => each.id === name || each.names.includes(topic));
  if (transform) return explainTransform(transform, page);
  const phase = findPhase(name);
  if (phase) return explainPhase(phase, catalog, page);
  if (Object.hasOwn(PLANS, name)) return explainPlan(name, page);
  for (const owner of catalog) {
    const diagnostic = owner.diagnostics.find((each) => each.code === name);
    if (diagnostic) return explainDiagnostic(diagnostic, owner, page);
  }
  const general = GENERAL_DIAGNOSTICS.find((each) => each.code === name);
  if (general) return explainDiagnostic(general, undefined, page);
  if (isProblem(name)) return explainProblem(name, page);
  if (isNote(name)) return explainNote(name, page);
  throw new UsageError(
    `nothing to explain is called '${topic}'${didYouMean(topic, allTopics(catalog))} ` +
      `('anyio-codemod list' shows the phases and transforms)`,
  );
}

function isProblem(name: string): name is FileProblem['code'] {
  return Object.hasOwn(PROBLEMS, name);
}

function isNote(name: string): name is Note['code'] {
  return Object.hasOwn(NOTES, name);
}

/** Every topic there is. */
export function allTopics(catalog: Catalog): string[] {
  return [
    ...catalog.flatMap((each) => [each.id, ...each.diagnostics.map(({ code }) => code)]),
    ...GENERAL_DIAGNOSTICS.map(({ code }) => code),
    ...PHASES.map((phase) => phase.name),
    ...Object.keys(PLANS),
    ...catalog.flatMap((each) => each.names),
    ...Object.keys(PROBLEMS),
    ...Object.keys(NOTES),
    ...FILES.keys(),
  ];
}
