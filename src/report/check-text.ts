/** The report of `check` for a person: a line for each new use, the sums, and what to do. */

import {
  beyondCount,
  type CheckResult,
  type Finding,
  findingNotes,
  goneCount,
  usePhases,
  useWords,
  verdictWords,
} from './check.ts';
import { isRewritten } from './counts.ts';
import { count, listing, paragraph, plural, relativePath, tally } from './layout.ts';
import { inCell } from './places.ts';
import type { Style } from './style.ts';

export interface CheckPage {
  /** Absolute: paths are shown as seen from here. */
  cwd: string;
  /** In columns. */
  width: number;
  style: Style;
  /** Command lines for the next step. */
  commands: {
    update: string;
    allowMoved: string;
    allowNew: string;
    apply(phases: readonly number[]): string;
  };
}

/** All lines of the report. */
export function checkText(result: CheckResult, page: CheckPage): string[] {
  const lines = result.findings.flatMap((finding) => findingLines(finding, page));
  return [...lines, ...(lines.length > 0 ? [''] : []), ...checkSummary(result, page)];
}

/** The place is not broken, however narrow the page: editors and terminals make a link of it. */
function findingLines(finding: Finding, { cwd, width, style }: CheckPage): string[] {
  const uses = finding.shown.flatMap((use) => {
    const { position, use: at } = use.judged;
    const file = relativePath(cwd, at.file.path);
    const place = `${file}:${inCell(position)}${position.line}:${position.column}:`;
    const words = verdictWords(use.judged);
    const head = `${style.heading(place)} ${useWords(use)}:`;
    const fits = `${place} ${useWords(use)}: ${words}`.length <= width;
    return fits ? [`${head} ${words}`] : [head, ...paragraph(words, width, 4)];
  });
  const notes = findingNotes(finding).flatMap((note) =>
    paragraph(note, width, 4, 2).map((line) => style.warn(line)),
  );
  return [...uses, ...notes];
}

/** The closing lines: how many uses are too many, and what to do about them. */
export function checkSummary(result: CheckResult, page: CheckPage): string[] {
  const { width, style } = page;
  const paint = result.findings.length > 0 ? style.bad : style.good;
  return [
    ...updateLines(result, page),
    ...paragraph(verdictLine(result), width).map(paint),
    ...paragraph(restLine(result), width),
    ...nextSteps(result, page),
  ];
}

function updateLines({ baseline, counted, comparison }: CheckResult, page: CheckPage): string[] {
  const name = relativePath(page.cwd, baseline.file);
  const words = {
    none: '',
    unchanged: `${name} is as small as it can be.`,
    made: `${name} is made: it lets ${plural(counted, 'use')} pass.`,
    written: `${name} is written: it lets ${plural(comparison.passed, 'use')} pass.`,
  }[baseline.update];
  return paragraph(words, page.width);
}

function verdictLine({ findings, baseline, migration }: CheckResult): string {
  const isThere = baseline.before !== undefined || baseline.update !== 'none';
  const against = isThere ? ' beyond the baseline' : '';
  const numbers = usePhases(migration);
  const phases = `phase${numbers.length === 1 ? '' : 's'} ${listing(numbers.map(String))}`;
  const many = beyondCount(findings);
  if (many === 0) return `No use of asyncio${against} (${phases}).`;
  const names = tally(
    findings.flatMap(({ site, uses, allowed }) =>
      Array<string>(uses.length - allowed).fill(site.name),
    ),
  );
  const shown = names.slice(0, 6).map(([name, times]) => `${name} ${times}`);
  const more = names.length > shown.length ? ', …' : '';
  return `${plural(many, 'use')} of asyncio${against} (${phases}): ${shown.join(', ')}${more}.`;
}

function restLine({ comparison, decided }: CheckResult): string {
  const parts = [
    ...(comparison.passed > 0 ? [`${count(comparison.passed)} in the baseline`] : []),
    ...(decided > 0 ? [`${count(decided)} kept by an ignore comment or the configuration`] : []),
  ];
  return parts.length === 0 ? '' : `Let pass: ${listing(parts)}.`;
}

function nextSteps(result: CheckResult, page: CheckPage): string[] {
  const { findings, baseline } = result;
  const { commands, style } = page;
  const steps: [about: string, command: string][] = [];
  const safe = findings.flatMap(({ shown }) =>
    shown.filter(({ judged }) => isRewritten(judged) && judged.verdict.safety === 'safe'),
  );
  if (safe.length > 0) {
    const phases = [...new Set(safe.map(({ phase }) => phase))].sort();
    steps.push(['Rewrite what is safe:', commands.apply(phases)]);
  }
  if (findings.length > 0) {
    const [transform] = findings.map(({ shown }) => shown[0]?.judged.transform);
    steps.push([
      'Keep one on purpose, with a comment on its line:',
      `# anyio-codemod: ignore${transform ? `[${transform}]` : ''} WHY`,
    ]);
  }
  if (findings.some(({ moved }) => moved)) {
    steps.push(['Where code has only moved:', commands.allowMoved]);
  }
  if (findings.length > 0 && baseline.missing.length > 0 && baseline.update === 'none') {
    const since =
      baseline.before === undefined
        ? 'Let pass what is there today, and nothing more:'
        : `The baseline knows nothing of phase ${listing(baseline.missing.map(String))}; take in what is there:`;
    steps.push([since, commands.update]);
  }
  const stale = goneCount(result);
  if (stale > 0 && baseline.update === 'none') {
    steps.push([
      `${plural(stale, 'use')} of the baseline ${stale === 1 ? 'is' : 'are'} gone; take ${stale === 1 ? 'it' : 'them'} out:`,
      commands.update,
    ]);
  }
  return steps.flatMap(([about, command]) => ['', style.faint(about), `  ${command}`]);
}
