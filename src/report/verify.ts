/** What `verify` found, for a person and for a program. */

import type { Unit } from '../units.ts';
import type { TestRun } from '../verify/test-run.ts';
import type { Culprit, Verification } from '../verify/verification.ts';
import { count, listing, paragraph, plural, relativePath, tally } from './layout.ts';
import { inCell } from './places.ts';
import type { Style } from './style.ts';

export interface VerifyPage {
  /** Absolute; names are shown as seen from here. */
  cwd: string;
  /** In columns. */
  width: number;
  style: Style;
  verbose: boolean;
}

/** More tests or files than this are only counted, unless asked for. */
const NAMED = 10;

/** Lines: the runs side by side, what broke, which rewrites break it. */
export function verifyReport(result: Verification, page: VerifyPage): string[] {
  return [
    ...table(result),
    '',
    ...seen(result, page),
    ...brokenTests(result, page),
    ...flakyTests(result, page),
    ...culprits(result, page),
    ...onTrio(result, page),
    ...missingLibrary(result, page),
    ...outcome(result, page),
  ];
}

function missingLibrary(
  { before, after, trio }: Verification,
  { width, style }: VerifyPage,
): string[] {
  const missing = after.missing ?? trio?.run.missing;
  if (missing === undefined || before.missing === missing) return [];
  const words = `${missing} is not installed where the tests run: install it there, then verify again.`;
  return [...paragraph(words, width).map(style.warn), ''];
}

/** Whether what was promised holds: nothing broke for good. */
export function heldUp({ broken, wholeBroken }: Verification): boolean {
  return broken.length === 0 && !wholeBroken;
}

/** The rewrites at fault in one line: `lock in mud/rooms.py:34, 92`. */
export function unitWords(unit: Unit, cwd: string): string {
  const transforms = [...new Set(unit.judged.map(({ transform }) => transform ?? '?'))];
  const files = new Map<string, string[]>();
  for (const { use, position } of unit.judged) {
    const lines = files.get(use.file.path) ?? [];
    const line = `${inCell(position)}${position.line}`;
    if (!lines.includes(line)) lines.push(line);
    files.set(use.file.path, lines);
  }
  const places = [...files].map(
    ([path, lines]) => `${relativePath(cwd, path)}:${lines.join(', ')}`,
  );
  return `${listing(transforms)} in ${listing(places)}`;
}

/** `1.4 s`, `2 min 5 s` */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** `412 passed, 3 failed, 1 skipped`, or how the command ended. */
export function runWords({ tests, timedOut, status }: TestRun): string {
  const end = timedOut ? 'took too long and was stopped' : `exit status ${status ?? 'none'}`;
  if (!tests) return end;
  const totals = new Map(tally([...tests.outcomes.values()]));
  const words = (['passed', 'failed', 'skipped'] as const)
    .filter((outcome) => totals.has(outcome))
    .map((outcome) => `${count(totals.get(outcome) ?? 0)} ${outcome}`);
  return [words.join(', ') || 'no tests', ...(timedOut ? [end] : [])].join(', ');
}

function table({ before, after, without, trio }: Verification): string[] {
  const rows: [string, TestRun][] = [
    ['before', before],
    ['after', after],
    ...(without ? [['without them', without.run] as [string, TestRun]] : []),
    ...(trio ? [['on trio', trio.run] as [string, TestRun]] : []),
  ];
  const texts = rows.map(([, run]) => runWords(run));
  const column = Math.max(...texts.map((text) => text.length)) + 3;
  return rows.map(
    ([what, run], at) =>
      `${what.padEnd(14)}${(texts[at] ?? '').padEnd(column)}${duration(run.duration)}`,
  );
}

/** Tests that never load the new code prove nothing. */
function seen({ unseen, rewritten }: Verification, page: VerifyPage): string[] {
  if (rewritten === 0) return [];
  if (unseen.length === rewritten) {
    const words =
      'No rewritten file was imported by the tests, so they prove nothing of them: they may run ' +
      'an installed copy of the code, or only scripts.';
    return [...paragraph(words, page.width).map(page.style.warn), ''];
  }
  const loaded = `${count(rewritten - unseen.length)} of ${plural(rewritten, 'rewritten file')} were imported by the tests`;
  if (unseen.length === 0) return [`${loaded}.`, ''];
  const names = unseen.map((path) => relativePath(page.cwd, path));
  return [`${loaded}; not by any test:`, ...named(names, page), ''];
}

function brokenTests(
  { broken, wholeBroken, after, comparison }: Verification,
  page: VerifyPage,
): string[] {
  const { style } = page;
  if (broken.length === 0) {
    if (!wholeBroken) return [];
    return [style.bad(style.heading(`Broken: ${runWords(after)}`)), ...lastWords(after), ''];
  }
  const missing = broken.filter((name) => !after.tests?.outcomes.has(name)).length;
  const gone = missing > 0 ? ` (${count(missing)} not run any more)` : '';
  const head = `Broken: ${plural(broken.length, 'test')} that passed before${gone}`;
  const shown = page.verbose ? broken : broken.slice(0, NAMED);
  const failing = comparison.failing.length;
  return [
    style.bad(style.heading(head)),
    ...shown.flatMap((name) => {
      const message = after.tests?.messages.get(name);
      return [`  ${name}`, ...(message ? paragraph(message, page.width, 6).slice(0, 3) : [])];
    }),
    ...more(broken.length - shown.length),
    ...(failing > 0 ? [`  ${plural(failing, 'test')} failed before as well.`] : []),
    '',
  ];
}

/** Where no test can be named, what the command printed last is all there is. */
export function lastWords({ lastLines }: TestRun): string[] {
  return lastLines.map((line) => `  | ${line}`);
}

function flakyTests({ flaky }: Verification, page: VerifyPage): string[] {
  if (flaky.length === 0) return [];
  const head = `Now and then: ${plural(flaky.length, 'test')} failed once and passed when run again`;
  return [page.style.warn(head), ...named(flaky, page), ''];
}

function culprits(
  { culprits: found, unexplained, without }: Verification,
  page: VerifyPage,
): string[] {
  const { style, width, cwd } = page;
  if (unexplained)
    return [...paragraph(`No rewrite is at fault alone: ${unexplained}.`, width), ''];
  if (found.length === 0) return [];
  const lines = [style.heading('At fault: the smallest set of rewrites that breaks it')];
  for (const culprit of found) lines.push(...culpritLines(culprit, cwd, width));
  if (without) {
    const clean = without.comparison.broken.length === 0 && without.comparison.whole !== 'broken';
    lines.push(
      clean
        ? style.good('  Without them nothing is broken.')
        : `  Without them: ${runWords(without.run)}.`,
    );
  }
  return [...lines, ''];
}

function culpritLines({ units, tests }: Culprit, cwd: string, width: number): string[] {
  const words = units.map((unit) => unitWords(unit, cwd)).join('; together with ');
  const what =
    tests.length > 0 ? `breaks ${plural(tests.length, 'test')}: ${tests[0]}` : 'breaks the command';
  const rest = tests.length > 1 ? ' …' : '';
  return [...paragraph(`- ${words}`, width, 2, 2), ...paragraph(`${what}${rest}`, width, 4, 2)];
}

function onTrio({ trio }: Verification, page: VerifyPage): string[] {
  if (!trio) return [];
  const { broken } = trio.comparison;
  if (!trio.run.tests) {
    return [page.style.heading(`On trio: ${runWords(trio.run)}`), ...lastWords(trio.run), ''];
  }
  if (broken.length === 0)
    return [page.style.good('On trio every test passes that passed before.'), ''];
  const messages = tally(broken.map((name) => trio.run.tests?.messages.get(name) ?? 'not run'));
  const shown = page.verbose ? messages : messages.slice(0, NAMED);
  return [
    page.style.heading(`On trio: ${plural(broken.length, 'test')} that passed before do not`),
    ...shown.flatMap(([message, times]) =>
      paragraph(`${count(times)} x ${message}`, page.width, 2, 4),
    ),
    ...more(messages.length - shown.length),
    '',
  ];
}

function outcome(result: Verification, { style }: VerifyPage): string[] {
  if (!heldUp(result)) return [];
  const { comparison } = result;
  const compared = comparison.whole === undefined;
  const mended = comparison.mended.length;
  const also = mended > 0 ? `; ${plural(mended, 'test')} that failed pass now` : '';
  return [
    style.good(
      compared
        ? `Nothing broke: ${plural(comparison.passing, 'test')} passed before and after${also}.`
        : 'Nothing broke: the command ends as before.',
    ),
  ];
}

function named(names: readonly string[], page: VerifyPage): string[] {
  const shown = page.verbose ? names : names.slice(0, NAMED);
  return [...shown.map((name) => `  ${name}`), ...more(names.length - shown.length)];
}

function more(times: number): string[] {
  return times > 0 ? [`  and ${count(times)} more (--verbose names all)`] : [];
}
