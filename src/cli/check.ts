/** `check`: fails on asyncio use beyond the baseline, which it lets shrink. Rewrites no code. */

import { accountOf } from '../account.ts';
import { chosenRoot } from '../files/chosen.ts';
import { addedLines } from '../git/added-lines.ts';
import { findCheckout } from '../git/git.ts';
import { type Baseline, sameBaseline } from '../ratchet/baseline.ts';
import { type Beyond, compare, type Growth, shrunk } from '../ratchet/compare.ts';
import { type CountedUse, countedUses, isDecided } from '../ratchet/sites.ts';
import type { CheckResult, Finding } from '../report/check.ts';
import { checkSummary, checkText } from '../report/check-text.ts';
import { PLAIN, styleFor } from '../report/style.ts';
import type { Migration } from '../result.ts';
import { UsageError } from '../usage.ts';
import { allValues, formatOf, isOn, lastValue, type ParsedArgs, pathsOf } from './argv.ts';
import { baselinePath, readBaseline, writeBaseline } from './baseline-file.ts';
import { type Checked, scopeOf } from './check-scope.ts';
import { DONE, FAILED, showNotes, showProblems, WOULD_CHANGE } from './problems.ts';
import { choosesTransforms, commandLine, type Request, requestOf } from './request.ts';
import { type Stream, type Terminal, widthOf, writeLines } from './terminal.ts';
import { version } from './version.ts';

/** As many paths as a suggested command line repeats. */
const FEW = 3;
const FORMATS = ['text', 'json', 'github', 'sarif'] as const;

/**
 * @returns the exit code
 * @throws UsageError for flags that do not go together, and a baseline that cannot be read
 */
export async function run(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  const format = formatOf(argv, FORMATS);
  const growth = growthOf(argv);
  const request = await requestOf(argv, terminal, 'hybrid', 'any phase');
  if (growth && choosesTransforms(argv, request)) {
    throw new UsageError(
      'the baseline is kept by phase: to update it, choose with --phase, not by transform',
    );
  }
  const result = await check(request, growth, argv, terminal);
  await show(result, format, argv, request, terminal);
  // Annotations say it too, and stand in the same log.
  if (format !== 'github') {
    showNotes(result.migration.notes, terminal);
    showProblems(result.migration.problems, terminal);
  }
  if (result.migration.problems.length > 0) return FAILED;
  return result.findings.length > 0 ? WOULD_CHANGE : DONE;
}

/** What the baseline may gain; undefined when it is not to be written. */
function growthOf(argv: ParsedArgs): Growth | undefined {
  const growth = { all: isOn(argv, 'allow-new'), moved: isOn(argv, 'allow-moved') };
  if (!isOn(argv, 'update-baseline')) {
    const [flag] = [growth.all && '--allow-new', growth.moved && '--allow-moved'].filter(Boolean);
    if (flag) throw new UsageError(`${flag} needs --update-baseline`);
    return undefined;
  }
  return growth;
}

/**
 * Judges the whole project, also where a few files are named: what becomes of a use may hang on the
 * others, and code that has left one file may be found in another.
 */
async function check(
  request: Request,
  growth: Growth | undefined,
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<CheckResult> {
  const root = chosenRoot(request);
  const file = baselinePath(argv, terminal, root, request.config?.baseline);
  const before = readBaseline(file, terminal.cwd);
  if (before === undefined && !growth && lastValue(argv, 'baseline') !== undefined) {
    throw new UsageError(`there is no ${lastValue(argv, 'baseline')}; --update-baseline makes it`);
  }
  const run = await terminal.engine.open({ ...request, paths: [root, ...request.paths] });
  try {
    const whole = run.migration();
    const uses = countedUses(whole, request.selection);
    const checked = scopeOf(request, whole, await terminal.engine.catalog());
    const old: Baseline = before ?? new Map();
    const now = growth ? shrunk(uses, old, checked.scope, growth) : old;
    const update = growth ? await save(file, before, now, terminal) : 'none';
    const comparison = compare(uses, now, checked.scope);
    const migration = onlyChecked(whole, checked);
    return {
      migration,
      findings: comparison.beyond.map((each) => findingOf(each, root, file)),
      comparison,
      decided: migration.judged.filter(isDecided).length,
      counted: uses.filter(({ site }) => checked.scope.hasFile(site.path)).length,
      baseline: {
        file,
        before,
        update,
        missing: checked.scope.phases.filter((phase) => !now.has(phase)),
      },
    };
  } finally {
    run.dispose();
  }
}

async function save(
  file: string,
  before: Baseline | undefined,
  now: Baseline,
  terminal: Terminal,
): Promise<CheckResult['baseline']['update']> {
  if (before && sameBaseline(before, now)) return 'unchanged';
  await terminal.uninterrupted(() => writeBaseline(file, terminal.cwd, now));
  return before ? 'written' : 'made';
}

/** The migration of the files that were named alone. */
function onlyChecked(whole: Migration, { files, problems }: Checked): Migration {
  const judged = whole.judged.filter(({ use }) => files.has(use.file.path));
  return {
    ...whole,
    judged,
    changes: whole.changes.filter(({ path }) => files.has(path)),
    problems,
    notes: whole.notes.filter(({ path }) => files.has(path) || path === whole.configFile),
    filesSeen: files.size,
    filesWithUses: new Set(judged.map(({ use }) => use.file.path)).size,
    account: accountOf(judged),
  };
}

/**
 * A site that had uses before has new ones among them. They are those on lines that were added since
 * the baseline was committed, where git knows and the number fits; else all may be.
 */
function findingOf(beyond: Beyond, root: string, baseline: string): Finding {
  const { uses, allowed } = beyond;
  const added = allowed > 0 ? usesAdded(uses, root, baseline) : [...uses];
  return { ...beyond, shown: added.length >= uses.length - allowed ? added : uses };
}

function usesAdded(uses: readonly CountedUse[], root: string, baseline: string): CountedUse[] {
  const path = uses[0]?.judged.use.file.path;
  const { top } = findCheckout(root);
  const lines = path === undefined || !top ? undefined : addedLines(top, baseline, path);
  // The lines of a notebook are counted in the cell, and git counts those of the file.
  return uses.filter(({ judged: { position } }) => lines?.has(position.fileLine ?? position.line));
}

async function show(
  result: CheckResult,
  format: (typeof FORMATS)[number],
  argv: ParsedArgs,
  request: Request,
  terminal: Terminal,
): Promise<void> {
  const { stdout } = terminal;
  if (format === 'json') {
    const { checkJson } = await import('../report/check-json.ts');
    writeJson(stdout, checkJson(result));
  } else if (format === 'sarif') {
    const { checkSarif } = await import('../report/check-sarif.ts');
    writeJson(stdout, checkSarif(result, await terminal.engine.catalog(), version()));
  } else if (format === 'github') {
    const { checkAnnotations } = await import('../report/check-github.ts');
    const summary = checkSummary(result, { ...pageOf(argv, request, terminal), style: PLAIN });
    writeLines(stdout, [...checkAnnotations(result), ...summary]);
  } else {
    writeLines(stdout, checkText(result, pageOf(argv, request, terminal)));
  }
}

function writeJson(stream: Stream, report: object): void {
  stream.write(`${JSON.stringify(report, null, 2)}\n`);
}

function pageOf(argv: ParsedArgs, request: Request, terminal: Terminal) {
  const { cwd, stdout, env } = terminal;
  const everywhere = { ...argv, paths: [], '--': [] };
  // Those that pre-commit names are many, and the rest of the project may be looked at as well.
  const place = pathsOf(argv).length > FEW ? everywhere : argv;
  const update = (...words: string[]) =>
    commandLine('check', place, undefined, [
      ...allValues(argv, 'baseline').flatMap((value) => ['--baseline', value]),
      '--update-baseline',
      ...words,
    ]);
  return {
    cwd,
    width: widthOf(stdout),
    style: styleFor(stdout, env),
    commands: {
      update: update(),
      allowMoved: update('--allow-moved'),
      allowNew: update('--allow-new'),
      apply: (phases: readonly number[]) =>
        commandLine(
          'apply',
          everywhere,
          choosesTransforms(argv, request) ? undefined : ['--phase', phases.join(',')],
        ),
    },
  };
}
