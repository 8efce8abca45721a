/**
 * The uses of asyncio that `check` lets pass, and their file: by phase, so that a check of some
 * phases leaves the others alone, and one site a line, so that it merges well.
 */

import { PHASES } from '../phases.ts';
import { didYouMean, UsageError } from '../usage.ts';

/**
 * How many uses are let pass at each site (by `siteKey`), by the number of the phase. A phase that
 * is in it without a site is one in which nothing is let pass any more; one that is not in it was
 * never recorded.
 */
export type Baseline = ReadonlyMap<number, ReadonlyMap<string, number>>;

export const BASELINE_FILE = '.anyio-codemod-baseline.json';

const ABOUT =
  'Uses of asyncio that `anyio-codemod check` lets pass, by phase and place. There can only be ' +
  'fewer: `anyio-codemod check --update-baseline` takes out what is gone.';
/** Raised when an older program could not read the file. */
const FORMAT = 1;

/**
 * The text of the file. Sites are sorted by the code units of their keys, whatever the locale.
 *
 * @param madeBy name and version of this program
 */
export function baselineText(baseline: Baseline, madeBy: string): string {
  const phases = PHASES.filter(({ number }) => baseline.has(number)).map(({ number, name }) => {
    const sites = [...(baseline.get(number) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    return [name, Object.fromEntries(sites)];
  });
  const head = { about: ABOUT, madeBy, format: FORMAT };
  return `${JSON.stringify({ ...head, phases: Object.fromEntries(phases) }, null, 2)}\n`;
}

/**
 * Reads the text of the file.
 *
 * @param name of the file, for messages
 * @throws UsageError when it is no such file, or one of a later version
 */
export function parseBaseline(text: string, name: string): Baseline {
  const value = parseJson(text, name);
  if (!isObject(value) || !isObject(value.phases)) {
    throw new UsageError(`${name} is no baseline: it has no "phases"`);
  }
  if (value.format !== FORMAT) {
    throw new UsageError(
      `${name} has the format ${JSON.stringify(value.format)}, and this version reads ${FORMAT}`,
    );
  }
  return new Map(
    Object.entries(value.phases).map(([phase, sites]) => [
      phaseNumber(phase, name),
      countsOf(sites, `${name}: "${phase}"`),
    ]),
  );
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (/^(<{7}|={7}|>{7})/m.test(text)) {
      throw new UsageError(
        `${name} has conflicts of a merge: take out what either side took out, and the marks`,
      );
    }
    throw new UsageError(`${name} is no JSON (${(error as Error).message.split('\n')[0]})`);
  }
}

function phaseNumber(word: string, name: string): number {
  const phase = PHASES.find((each) => each.name === word);
  if (phase) return phase.number;
  const names = PHASES.map((each) => each.name);
  throw new UsageError(`${name} has an unknown phase "${word}"${didYouMean(word, names)}`);
}

function countsOf(sites: unknown, where: string): Map<string, number> {
  if (!isObject(sites)) throw new UsageError(`${where} is no object of sites`);
  return new Map(
    Object.entries(sites).map(([key, count]) => {
      if (typeof count === 'number' && Number.isInteger(count) && count > 0) return [key, count];
      throw new UsageError(`${where}: "${key}" needs a whole number above 0`);
    }),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two say the same. */
export function sameBaseline(one: Baseline, other: Baseline): boolean {
  return baselineText(one, '') === baselineText(other, '');
}
