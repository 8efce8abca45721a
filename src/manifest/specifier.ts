/**
 * Version specifiers of PEP 440 and Poetry, what they allow, and how a lower bound is raised in
 * place. Offsets are UTF-16 code units in the text that the specifier was read from.
 *
 * Sources: https://packaging.python.org/en/latest/specifications/version-specifiers/ and
 * https://python-poetry.org/docs/dependency-specification/
 */

import { insertion, type TextEdit } from './text.ts';
import { compareVersions, isVersion, releaseOf } from './version.ts';

/** `''` is Poetry's bare version: exact (`4.3`), a wildcard (`4.*`) or anything (`*`). */
export type Operator = '===' | '==' | '~=' | '!=' | '<=' | '>=' | '<' | '>' | '^' | '~' | '';

/** One comparison: `>=4.0`. */
export interface Specifier {
  operator: Operator;
  /** As written, without blanks: `4.0`, `4.*`, `*`. */
  version: string;
  start: number;
  /** Where the version begins; blanks may stand between it and the operator. */
  versionStart: number;
  end: number;
}

/** What a manifest says about a version. */
export interface Constraint {
  /** Poetry's `||`: one of these lists must hold; elsewhere there is one list, maybe empty. */
  alternatives: Specifier[][];
  /** Where a first specifier goes: after the name and its extras. */
  insertAt: number;
}

/** How a list writes its specifiers: `anyio>=4`, `anyio >= 4`, `anyio (>=4)`. */
export interface SpecifierStyle {
  beforeOperator: string;
  afterOperator: string;
  parentheses: boolean;
}

interface Bounds {
  lower?: string;
  upper?: string;
  /** Whether the upper bound itself is allowed. */
  upperClosed?: boolean;
}

const PEP440 = /(?<operator>===|==|~=|!=|<=|>=|<|>)\s*(?<version>[A-Za-z0-9][^\s,;()]*)/g;
const POETRY = /(?<operator>===|==|~=|!=|<=|>=|<|>|\^|~|)\s*(?<version>\*|v?\d[^\s,|]*)/g;

/** Reads `>=4.0,<5` out of `text`, whose first character stands at `offset`. */
export function readSpecifiers(text: string, offset: number): Specifier[] {
  return [...text.matchAll(PEP440)].map((match) => specifierOf(match, offset));
}

/**
 * Reads a constraint as Poetry and Pipenv write it: PEP 440 specifiers, `^4.2`, `~4.2`, `4.2`,
 * `4.*`, `*`, and alternatives with `||`.
 *
 * @param offset where the first character of `text` stands
 * @returns undefined when it is none of these
 */
export function readPoetryConstraint(text: string, offset: number): Constraint | undefined {
  const alternatives: Specifier[][] = [];
  for (const part of text.matchAll(/[^|]+/g)) {
    const matches = [...part[0].matchAll(POETRY)];
    const rest = matches.reduce((left, match) => left.replace(match[0], ''), part[0]);
    if (rest.replace(/[\s,]/g, '') !== '' || matches.length === 0) return undefined;
    alternatives.push(matches.map((match) => specifierOf(match, offset + part.index)));
  }
  return alternatives.length === 0 ? undefined : { alternatives, insertAt: offset };
}

function specifierOf(match: RegExpExecArray, offset: number): Specifier {
  const { operator, version } = match.groups as { operator: Operator; version: string };
  const end = offset + match.index + match[0].length;
  return {
    operator,
    version,
    start: offset + match.index,
    versionStart: end - version.length,
    end,
  };
}

/**
 * The lowest version that a constraint names: "3.10" of `>=3.10,<4`, of `~=3.10`, of `==3.10.*`
 * and of `^3.10`. An open bound (`>3.9`) counts as the version that it names.
 *
 * @returns undefined when nothing bounds it from below
 */
export function lowerBound(constraint: Constraint): string | undefined {
  const bounds = constraint.alternatives.map((specifiers) => combine(specifiers).lower);
  if (bounds.length === 0 || bounds.includes(undefined)) return undefined;
  return (bounds as string[]).reduce((a, b) => (compareVersions(b, a) < 0 ? b : a));
}

/** What a constraint does with a version that is needed, and the edits that would change it. */
export type Fit = { kind: 'enough' } | { kind: 'low'; edits: TextEdit[] } | { kind: 'conflict' };

/**
 * Whether a constraint lets in nothing below `needed` (`enough`), could be raised to it without
 * touching its other parts (`low`, with edits), or excludes all from `needed` on (`conflict`).
 * Alternatives (`^3 || ^4`) of which one is too low are a conflict: which to keep is not for us.
 */
export function fitOf(constraint: Constraint, needed: string, style: SpecifierStyle): Fit {
  const bounds = constraint.alternatives.map(combine);
  if (bounds.length > 0 && bounds.every((each) => isEnough(each, needed))) {
    return { kind: 'enough' };
  }
  const [only] = bounds;
  if (!only || bounds.length > 1 || excludes(only, needed)) return { kind: 'conflict' };
  return { kind: 'low', edits: raise(constraint, needed, style) };
}

function isEnough(bounds: Bounds, needed: string): boolean {
  return bounds.lower !== undefined && compareVersions(bounds.lower, needed) >= 0;
}

function excludes(bounds: Bounds, needed: string): boolean {
  if (bounds.upper === undefined) return false;
  const order = compareVersions(needed, bounds.upper);
  return bounds.upperClosed ? order > 0 : order >= 0;
}

/** The tightest bounds of specifiers that must all hold. Exclusions (`!=`) do not count. */
function combine(specifiers: readonly Specifier[]): Bounds {
  const all: Bounds = {};
  for (const { lower, upper, upperClosed } of specifiers.map(boundsOf)) {
    if (lower !== undefined && (!all.lower || compareVersions(lower, all.lower) > 0)) {
      all.lower = lower;
    }
    if (upper !== undefined && (!all.upper || compareVersions(upper, all.upper) < 0)) {
      all.upper = upper;
      all.upperClosed = upperClosed ?? false;
    }
  }
  return all;
}

function boundsOf({ operator, version }: Specifier): Bounds {
  const wildcard = version.endsWith('.*');
  const base = wildcard ? version.slice(0, -2) : version;
  if (!isVersion(base)) return {};
  switch (operator) {
    case '>=':
    case '>':
      return { lower: base };
    case '<':
      return { upper: base };
    case '<=':
      return { upper: base, upperClosed: true };
    case '~=':
      return { lower: base, upper: bump(base, Math.max(0, releaseOf(base).length - 2)) };
    case '^':
      return { lower: base, upper: bump(base, caretPart(base)) };
    case '~':
      return { lower: base, upper: bump(base, Math.min(1, releaseOf(base).length - 1)) };
    case '!=':
      return {};
    default:
      if (wildcard) return { lower: base, upper: bump(base, releaseOf(base).length - 1) };
      return { lower: base, upper: base, upperClosed: true };
  }
}

/** Poetry's caret keeps the first part that is not 0: `^0.2.3` is below 0.3, `^0.0` below 0.1. */
function caretPart(version: string): number {
  const release = releaseOf(version);
  const part = release.findIndex((number) => number !== 0);
  return part < 0 ? release.length - 1 : part;
}

/** The release with the number at `part` one higher and the rest cut: bump('4.2.1', 1) is '4.3'. */
function bump(version: string, part: number): string {
  const kept = releaseOf(version).slice(0, part + 1);
  kept[part] = (kept[part] ?? 0) + 1;
  return kept.join('.');
}

function raise(constraint: Constraint, needed: string, style: SpecifierStyle): TextEdit[] {
  const specifiers = constraint.alternatives[0] ?? [];
  const [first] = specifiers;
  if (!first) return [insertion(constraint.insertAt, firstSpecifier(needed, style))];
  if (first.version === '*') return [{ ...spanOf(first), text: lowest(needed, style) }];

  const bounding = highestLower(specifiers);
  if (!bounding) {
    const own = { ...style, afterOperator: ' '.repeat(blanksIn(first)) };
    return [insertion(first.start, `${lowest(needed, own)}${comma(specifiers)}`)];
  }
  const inPlace = raiseInPlace(bounding, needed);
  if (inPlace) return [inPlace];
  const last = specifiers[specifiers.length - 1] as Specifier;
  return [insertion(last.end, `${comma(specifiers)}${lowest(needed, style)}`)];
}

/** `>=4.0.0` behind a bare name, in the list's style. */
export function firstSpecifier(needed: string, style: SpecifierStyle): string {
  const specifier = lowest(needed, style);
  if (style.parentheses) return `${style.beforeOperator || ' '}(${specifier})`;
  return `${style.beforeOperator}${specifier}`;
}

/** `>=4.0.0`, with the list's blank after the operator. */
export function lowest(needed: string, style: SpecifierStyle): string {
  return `>=${style.afterOperator}${needed}`;
}

function highestLower(specifiers: readonly Specifier[]): Specifier | undefined {
  const lowers = specifiers.filter((each) => boundsOf(each).lower !== undefined);
  const { lower } = combine(specifiers);
  return lowers.find(
    (each) => compareVersions(boundsOf(each).lower as string, lower as string) === 0,
  );
}

/**
 * The edit that puts a higher version into one specifier, where that leaves its upper bound as it
 * was (`~=4.2` to `~=4.7`, but not to `~=4.7.1`); undefined where it cannot.
 */
function raiseInPlace(specifier: Specifier, needed: string): TextEdit | undefined {
  const { operator, versionStart, end } = specifier;
  if (operator === '>') {
    return { ...spanOf(specifier), text: `>=${' '.repeat(blanksIn(specifier))}${needed}` };
  }
  if (operator === '>=') return { start: versionStart, end, text: needed };
  if (operator !== '~=' && operator !== '^' && operator !== '~') return undefined;
  const { upper } = boundsOf(specifier);
  const text = [needed, toLength(needed, releaseOf(specifier.version).length)].find((version) => {
    const raised = boundsOf({ ...specifier, version: version ?? '' }).upper;
    return raised !== undefined && compareVersions(raised, upper as string) === 0;
  });
  return text === undefined ? undefined : { start: versionStart, end, text };
}

/** The same version with so many numbers, zeros added or dropped; undefined where it cannot be. */
function toLength(version: string, length: number): string | undefined {
  const release = releaseOf(version);
  if (release.slice(length).some((number) => number !== 0)) return undefined;
  return Array.from({ length }, (_, index) => release[index] ?? 0).join('.');
}

function spanOf({ start, end }: Specifier): { start: number; end: number } {
  return { start, end };
}

function blanksIn(specifier: Specifier): number {
  return specifier.versionStart - specifier.start - specifier.operator.length;
}

/** What to write between two specifiers: `, ` where the list is written with blanks. */
function comma(specifiers: readonly Specifier[]): string {
  const [first, second] = specifiers;
  if (first && second) return second.start - first.end > 1 ? ', ' : ',';
  return first && blanksIn(first) > 0 ? ', ' : ',';
}
