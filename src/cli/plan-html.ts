/** `plan --report`: the page, made of the plan and of a second look with all rewrites in it. */

import { basename } from 'node:path';
import { PLANS } from '../phases.ts';
import { PATHS_HERE, SELECTORS_HERE } from '../report/html/input.ts';
import { htmlReport } from '../report/html/page.ts';
import type { Migration } from '../result.ts';
import { type ParsedArgs, pathsOf } from './argv.ts';
import { GENERAL_DIAGNOSTICS } from './general-diagnostics.ts';
import { type OutputFile, writeOutput } from './output-file.ts';
import { commandLine, quoteWord, type Request, typedSelectors } from './request.ts';
import type { Terminal } from './terminal.ts';

/** What the page is made of besides the command line. */
export interface PlanPage {
  plan: Migration;
  /** With the rewrites that need a look. */
  full: Migration;
  /** What the plan proposes to do next. */
  next: readonly string[];
}

/** Writes the page, and says so on stderr. */
export async function writePage(
  { plan, full, next }: PlanPage,
  file: OutputFile,
  argv: ParsedArgs,
  request: Request,
  terminal: Terminal,
): Promise<void> {
  const page = htmlReport({
    plan,
    full,
    catalog: await terminal.engine.catalog(),
    diagnostics: GENERAL_DIAGNOSTICS,
    cwd: terminal.cwd,
    name: basename(plan.root),
    commands: {
      self: `${commandLine('plan', argv)} --report ${quoteWord(file.name)}`,
      next,
      apply: commandLine('apply', { ...argv, paths: [PATHS_HERE], '--': [] }, [SELECTORS_HERE]),
      paths: pathsOf(argv).map(quoteWord).join(' '),
      selectors: selectorsOf(plan, argv, request),
    },
    made: new Date(),
  });
  writeOutput(file, page, terminal);
}

/** Those that were typed; none where the configuration has some; else what the page shows. */
function selectorsOf({ phases }: Migration, argv: ParsedArgs, { config }: Request): string {
  const typed = typedSelectors(argv);
  if (typed.length > 0) return typed.map(quoteWord).join(' ');
  if (config?.settings.phase ?? config?.settings.transform) return '';
  return `--phase ${phases.length === PLANS.full?.length ? 'full' : phases.join(',')}`;
}
