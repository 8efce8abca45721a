/** `plan`: what each phase would do, what it would not, and why. Never writes. */

import { planJson } from '../report/json.ts';
import { planReport } from '../report/plan.ts';
import { styleFor, takesUnicode } from '../report/style.ts';
import { formatOf, isOn, type ParsedArgs } from './flags.ts';
import { outputFile } from './output-file.ts';
import { writePatch } from './patch.ts';
import { DONE, FAILED, showNotes, showProblems } from './problems.ts';
import { choosesTransforms, commandLine, type Request, requestOf } from './request.ts';
import { type Terminal, widthOf } from './terminal.ts';

/** @returns the exit code */
export async function run(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  formatOf(argv);
  const patch = outputFile(argv, 'patch', terminal);
  const request = await requestOf(argv, terminal, 'all');
  const migration = await terminal.engine.migrate({ ...request, countArrived: true });
  const { stdout } = terminal;
  if (formatOf(argv) === 'json') {
    stdout.write(`${JSON.stringify(planJson(migration), null, 2)}\n`);
  } else if (migration.filesSeen > 0 || migration.problems.length === 0) {
    const report = planReport(migration, {
      cwd: terminal.cwd,
      width: widthOf(stdout),
      style: styleFor(stdout, terminal.env),
      unicode: takesUnicode(stdout, terminal.env),
      includeReview: request.includeReview,
      verbose: isOn(argv, 'verbose'),
      commandLine: (command, phases) =>
        commandLine(command, argv, nextSelectors(argv, request, phases)),
    });
    stdout.write(report);
  }
  if (patch) writePatch(migration, patch, terminal);
  showNotes(migration.notes, terminal);
  showProblems(migration.problems, terminal);
  return migration.problems.length > 0 ? FAILED : DONE;
}

/** Transforms that were chosen by name stay the choice; else the next phases are. */
function nextSelectors(
  argv: ParsedArgs,
  request: Request,
  phases: readonly number[],
): string[] | undefined {
  return choosesTransforms(argv, request) ? undefined : ['--phase', phases.join(',')];
}
