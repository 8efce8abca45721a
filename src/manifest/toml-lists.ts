/** Dependency lists in TOML: PEP 621 arrays, and the tables of Poetry and Pipenv. */

import { addToArray } from './array.ts';
import { type DependencyEntry, type DependencyList, requirementEntry } from './list.ts';
import { commonStyle, normaliseName, parseRequirement, type Requirement } from './requirement.ts';
import { addRow } from './rows.ts';
import { firstSpecifier, lowest, readPoetryConstraint, type SpecifierStyle } from './specifier.ts';
import { type ManifestText, sortedPlace, type TextEdit } from './text.ts';
import {
  asTable,
  contentStart,
  dataAt,
  quoteOf,
  samePath,
  startsWith,
  type TomlRow,
  type TomlValue,
  type TomlView,
  viewToml,
  withInner,
} from './toml.ts';

/** A TOML manifest that was read and parsed. */
export interface TomlText extends ManifestText {
  view: TomlView;
}

/** Parses a manifest's text. @throws {TomlSyntaxError} when it is not TOML */
export function tomlText(file: ManifestText): TomlText {
  return { ...file, view: viewToml(file.text) };
}

const PEP621 = ['project', 'dependencies'];

/** `[project] dependencies`; without the key the list is empty and `add` writes it. */
export function pep621List(file: TomlText): DependencyList {
  const { text, view } = file;
  const row = view.rows.flatMap(withInner).find(({ path }) => samePath(path, PEP621));
  const strings = row?.value.kind === 'array' ? row.value.items.filter(isString) : [];
  const requirements = strings.map((value) => requirementIn(text, value));
  const style = commonStyle(requirements.map((each) => each?.style));
  return {
    file,
    place: '[project] dependencies',
    entries: requirements.flatMap((each) => (each ? [requirementEntry(each)] : [])),
    style,
    outside: without(view.data, PEP621),
    add: (version) => addRequirement(file, row, style, version),
    reread: (changed) => pep621List(tomlText({ ...file, text: changed })),
  };
}

type StringValue = TomlValue & { kind: 'string' };

function isString(value: TomlValue): value is StringValue {
  return value.kind === 'string';
}

/**
 * Reads the requirement where it stands, so that its spans are places in the file. Escapes only
 * ever occur in a marker's quotes, which no span reaches.
 */
function requirementIn(text: string, value: StringValue): Requirement | undefined {
  const start = contentStart(text, value);
  const source = text.slice(start, value.end - (start - value.start));
  const written = parseRequirement(source, start);
  const meant = parseRequirement(value.text);
  return written?.name === meant?.name ? written : undefined;
}

function addRequirement(
  file: TomlText,
  row: TomlRow | undefined,
  style: SpecifierStyle,
  version: string,
): TextEdit[] | undefined {
  const { text, view } = file;
  const requirement = `anyio${firstSpecifier(version, style)}`;
  if (!row) {
    const quote = quoteOf(
      text,
      view.rows.map(({ value }) => value),
    );
    const value = `[${quote}${requirement}${quote}]`;
    return addRow(text, view, ['project'], { key: 'dependencies', value, sorted: false });
  }
  const { value } = row;
  if (value.kind !== 'array' || !value.items.every(isString)) return undefined;
  const names = value.items.map((item) => parseRequirement(item.text)?.name ?? item.text);
  const index = sortedPlace(names, 'anyio');
  const neighbours = [value.items[index - 1], value.items[index]].filter(
    (each) => each !== undefined,
  );
  const others = view.rows.map((each) => each.value);
  const quote = quoteOf(text, neighbours.length > 0 ? neighbours : others);
  return addToArray(text, value, index, `${quote}${requirement}${quote}`);
}

/**
 * A table with one key a dependency: Poetry's `[tool.poetry.dependencies]`, Pipenv's `[packages]`.
 *
 * @returns undefined when the data has no such table
 */
export function tableList(file: TomlText, path: readonly string[]): DependencyList | undefined {
  const { text, view } = file;
  const table = asTable(dataAt(view.data, path));
  if (!table) return undefined;
  const leaves = view.rows.flatMap(leavesOf);
  const entries = Object.keys(table)
    .filter((key) => key !== 'python')
    .flatMap((key) => tableEntries(file, leaves, [...path, key], table[key]));
  const style = commonStyle(entries.map(({ constraint }) => tableStyle(constraint)));
  return {
    file,
    place: `[${path.join('.')}]`,
    entries,
    style,
    outside: without(view.data, path),
    add: (version) => {
      const models = leaves.filter((leaf) => startsWith(leaf.path, path));
      const quote = quoteOf(
        text,
        models.map(({ value }) => value),
      );
      const value = `${quote}${lowest(version, style)}${quote}`;
      return addRow(text, view, path, { key: 'anyio', value, sorted: true });
    },
    reread: (changed) => tableList(tomlText({ ...file, text: changed }), path),
  };
}

/** The row itself, or the rows of the inline table that it holds, all the way down. */
function leavesOf(row: TomlRow): TomlRow[] {
  return row.value.kind === 'table' ? row.value.rows.flatMap(leavesOf) : [row];
}

/** Keys that say where else than from an index a dependency comes from. */
const SOURCES = ['git', 'url', 'path', 'file', 'ref'];

/** One entry; or one for each of Poetry's `[{ version = …, python = … }, …]`. */
function tableEntries(
  { text }: TomlText,
  leaves: readonly TomlRow[],
  path: readonly string[],
  data: unknown,
): DependencyEntry[] {
  const key = path[path.length - 1] as string;
  const row = leaves.find((leaf) => samePath(leaf.path, path));
  if (Array.isArray(data) && row?.value.kind === 'array') {
    const { items } = row.value;
    return data.map((each, index) => tableEntry(text, key, each, versionOf(items[index])));
  }
  const version = row ?? leaves.find((leaf) => samePath(leaf.path, [...path, 'version']));
  return [tableEntry(text, key, data, version?.value)];
}

function versionOf(item: TomlValue | undefined): TomlValue | undefined {
  if (item?.kind !== 'table') return item;
  return item.rows.find(({ path }) => path[path.length - 1] === 'version')?.value;
}

function tableEntry(
  text: string,
  key: string,
  data: unknown,
  version: TomlValue | undefined,
): DependencyEntry {
  const { version: _, ...others } = asTable(data) ?? {};
  const constraint = version && isString(version) ? constraintIn(text, version) : undefined;
  const marker = others.markers ?? others.python;
  return {
    name: normaliseName(key),
    text: `${key} = ${shown(data)}`,
    withoutVersion: JSON.stringify(others),
    ...(constraint ? { constraint } : {}),
    ...(SOURCES.some((source) => source in others) ? { url: true } : {}),
    ...(others.optional === true ? { optional: true } : {}),
    ...(typeof marker === 'string' ? { marker } : {}),
  };
}

function constraintIn(text: string, value: StringValue) {
  const start = contentStart(text, value);
  const source = text.slice(start, value.end - (start - value.start));
  return source === value.text ? readPoetryConstraint(source, start) : undefined;
}

function tableStyle(constraint: DependencyEntry['constraint']): SpecifierStyle | undefined {
  const first = constraint?.alternatives[0]?.[0];
  if (!first || !/[<>=]/.test(first.operator)) return undefined;
  const blank = first.versionStart - first.start > first.operator.length;
  return { beforeOperator: '', afterOperator: blank ? ' ' : '', parentheses: false };
}

/** A value as TOML would write it, for messages. */
function shown(data: unknown): string {
  if (Array.isArray(data)) return `[${data.map(shown).join(', ')}]`;
  const table = asTable(data);
  if (!table) return JSON.stringify(data);
  const rows = Object.entries(table).map(([key, value]) => `${key} = ${shown(value)}`);
  return `{ ${rows.join(', ')} }`;
}

/** The data without the value at `path`; the rest is shared, not copied. */
function without(data: unknown, path: readonly string[]): unknown {
  const table = asTable(data);
  const [key, ...rest] = path;
  if (!table || key === undefined || !(key in table)) return data;
  const { [key]: inner, ...others } = table;
  return rest.length === 0 ? others : { ...others, [key]: without(inner, rest) };
}
