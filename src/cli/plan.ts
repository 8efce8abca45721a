/** `plan`: what each phase would do, what it would not, and why. Never touches the code. */

import { planJson } from '../report/json.ts';
import { nextCommands, planReport } from '../report/plan.ts';
import type { PlanOptions } from '../report/plan-options.ts';
import { styleFor, takesUnicode } from '../report/style.ts';
import type { Migration } from '../result.ts';
import { formatOf, isOn, type ParsedArgs } from './argv.ts';
import { outputFile } from './output-file.ts';
import { writePatch } from './patch.ts';
import { DONE, FAILED, showNotes, showProblems } from './problems.ts';
import { choosesTransforms, commandLine, type Request, requestOf } from './request.ts';
import { type Terminal, widthOf } from './terminal.ts';

/** @returns the exit code */
export async function run(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  formatOf(argv);
  const patch = outputFile(argv, 'patch', terminal);
  const page = outputFile(argv, 'report', terminal);
  const request = await requestOf(argv, terminal, 'all');
  const opened = await terminal.engine.open({ ...request, countArrived: true });
  try {
    const migration = opened.migration();
    show(migration, request, argv, terminal);
    if (patch) writePatch(migration, patch, terminal);
    if (page) {
      const full = request.includeReview ? migration : opened.migration({ includeReview: true });
      const next = nextCommands(migration, nextCommand(argv, request));
      // Loaded for this alone: most plans are read where they are made.
      const { writePage } = await import('./plan-html.ts');
      await writePage({ plan: migration, full, next }, page, argv, request, terminal);
    }
    showNotes(migration.notes, terminal);
    showProblems(migration.problems, terminal);
    return migration.problems.length > 0 ? FAILED : DONE;
  } finally {
    opened.dispose();
  }
}

function show(
  migration: Migration,
  request: Request,
  argv: ParsedArgs,
  { stdout, cwd, env }: Terminal,
): void {
  if (formatOf(argv) === 'json') {
    stdout.write(`${JSON.stringify(planJson(migration), null, 2)}\n`);
  } else if (migration.filesSeen > 0 || migration.problems.length === 0) {
    const report = planReport(migration, {
      cwd,
      width: widthOf(stdout),
      style: styleFor(stdout, env),
      unicode: takesUnicode(stdout, env),
      includeReview: request.includeReview,
      verbose: isOn(argv, 'verbose'),
      commandLine: nextCommand(argv, request),
    });
    stdout.write(report);
  }
}

/** Transforms that were chosen by name stay the choice; else the next phases are. */
function nextCommand(argv: ParsedArgs, request: Request): PlanOptions['commandLine'] {
  return (command, phases) => {
    const selectors = choosesTransforms(argv, request) ? undefined : ['--phase', phases.join(',')];
    return commandLine(command, argv, selectors);
  };
}
