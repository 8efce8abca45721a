/** The project's own choices: `[tool.anyio-codemod]` of a pyproject.toml. */

import { readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { plainReason } from '../files/reason.ts';
import {
  asTable,
  dataAt,
  samePath,
  startsWith,
  TomlSyntaxError,
  type TomlView,
  viewToml,
  withInner,
} from '../manifest/toml.ts';
import { didYouMean, UsageError } from '../usage.ts';
import { isText, KEYS, SETTINGS, type SettingKey, TABLE } from './keys.ts';
import { parseWhere, type Where } from './where.ts';

/** A value as the command line would have it, and where it stands. */
export interface Setting {
  value: boolean | string[];
  /** `pyproject.toml:12`, as seen from the current folder. */
  place: string;
}

/** One entry of `leave-out`. */
export interface LeaveOutEntry {
  /** As it is written: `mud/rooms.py::Room.enter::asyncio.Lock`. */
  where: string;
  reason?: string;
}

/** An entry as it was read. */
export interface ReadEntry extends LeaveOutEntry {
  meant: Where;
  /** 1-based. */
  line: number;
}

export interface Config {
  /** Absolute path. */
  file: string;
  /** Absolute path of its folder, which the paths in it are relative to. */
  folder: string;
  settings: Readonly<Partial<Record<SettingKey, Setting>>>;
  /** Absolute path of the baseline of `check`, when it is given. */
  baseline?: string;
  leaveOut: readonly ReadEntry[];
}

/**
 * Reads a configuration. Which strings a setting may be is not looked at here: a flag of the same
 * name has the same rule.
 *
 * @param file absolute path
 * @param cwd absolute path that messages name the file from
 * @returns undefined when the file has no table `[tool.anyio-codemod]`
 * @throws UsageError for what cannot be read, for an unknown key, and for a value of a wrong type
 */
export function readConfig(file: string, cwd: string): Config | undefined {
  const shown = relative(cwd, file) || basename(file);
  const text = readText(file, shown);
  const view = parse(text, shown);
  const table = tableOf(view, shown);
  if (!table) return undefined;
  const lineOf = (path: readonly string[]) => lineAt(text, offsetOf(view, path));
  const settings: Partial<Record<SettingKey, Setting>> = {};
  const config: Config = { file, folder: dirname(file), settings, leaveOut: [] };
  for (const [key, value] of Object.entries(table)) {
    const place = `${shown}:${lineOf([...TABLE, key])}`;
    if (isSetting(key)) settings[key] = { value: readSetting(key, value, place), place };
    else if (key === 'baseline') config.baseline = resolve(config.folder, readPath(value, place));
    else if (key === 'leave-out') config.leaveOut = readEntries(text, view, value, shown);
    else throw new UsageError(unknownKey(key, KEYS, `${place}: `, ' in [tool.anyio-codemod]'));
  }
  if (settings.phase && settings.transform) {
    throw new UsageError(
      `${settings.transform.place}: phase and transform exclude each other: a transform is chosen with its phase or alone`,
    );
  }
  return config;
}

function isSetting(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}

function readText(file: string, shown: string): string {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return decoder.decode(readFileSync(file));
  } catch (error) {
    const reason = error instanceof TypeError ? 'not text in UTF-8' : plainReason(error);
    throw new UsageError(`${shown}: ${reason}`);
  }
}

function parse(text: string, shown: string): TomlView {
  try {
    return viewToml(text);
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
    const place = error.line === undefined ? shown : `${shown}:${error.line}`;
    throw new UsageError(`${place}: not valid TOML: ${error.message}`);
  }
}

function tableOf(view: TomlView, shown: string): Record<string, unknown> | undefined {
  const value = dataAt(view.data, TABLE);
  if (value === undefined) {
    const names = Object.keys(asTable(dataAt(view.data, ['tool'])) ?? {});
    const other = names.find((name) => name.toLowerCase().replaceAll('_', '-') === TABLE[1]);
    if (other === undefined) return undefined;
    throw new UsageError(`${shown}: [tool.${other}] is not read; did you mean [tool.${TABLE[1]}]?`);
  }
  const table = asTable(value);
  if (!table) throw new UsageError(`${shown}: tool.${TABLE[1]} is a table, not ${toml(value)}`);
  return table;
}

function readSetting(key: SettingKey, value: unknown, place: string): boolean | string[] {
  const { read, expected } = SETTINGS[key];
  const result = read(value);
  if (result === undefined) throw notExpected(place, key, expected, value);
  return result;
}

function readPath(value: unknown, place: string): string {
  if (!isText(value)) throw notExpected(place, 'baseline', 'a path', value);
  return value;
}

const SHAPE = 'an array of tables such as { where = "app/a.py::run::asyncio.Lock", reason = "…" }';
const PLACE = 'a path, path::symbol or path::symbol::name, with slashes';

function readEntries(text: string, view: TomlView, value: unknown, shown: string): ReadEntry[] {
  const path = [...TABLE, 'leave-out'];
  const places = elementOffsets(view, path).map((offset) => lineAt(text, offset));
  const line = (index: number) => places[index] ?? lineAt(text, offsetOf(view, path));
  if (!Array.isArray(value)) throw notExpected(`${shown}:${line(0)}`, 'leave-out', SHAPE, value);
  return value.map((item, index) => {
    const place = `${shown}:${line(index)}`;
    const table = asTable(item);
    if (!table) throw notExpected(place, 'leave-out', SHAPE, item);
    const { where, reason, ...others } = table;
    const [other] = Object.keys(others);
    if (other !== undefined) {
      throw new UsageError(unknownKey(other, ['where', 'reason'], `${place}: `, ' in leave-out'));
    }
    const meant = isText(where) ? parseWhere(where) : undefined;
    if (where === undefined) throw new UsageError(`${place}: leave-out lacks where: ${PLACE}`);
    if (!meant || !isText(where)) throw notExpected(place, 'where', PLACE, where);
    if (reason !== undefined && typeof reason !== 'string') {
      throw notExpected(place, 'reason', 'a string', reason);
    }
    const entry = { where, meant, line: line(index) };
    return reason?.trim() ? { ...entry, reason: reason.trim() } : entry;
  });
}

/** Where each item of an array begins, however it is written. */
function elementOffsets(view: TomlView, path: readonly string[]): number[] {
  const row = view.rows.flatMap(withInner).find((each) => samePath(each.path, path));
  if (row?.value.kind === 'array') return row.value.items.map(({ start }) => start);
  return view.elements.filter((each) => samePath(each.path, path)).map(({ start }) => start);
}

/** Where the value at a path is first spoken of. */
function offsetOf(view: TomlView, path: readonly string[]): number {
  const rows = view.rows.flatMap(withInner);
  const row = rows.find((each) => samePath(each.path, path));
  if (row) return row.start;
  const within = [...rows, ...view.headers, ...view.elements].filter((each) =>
    startsWith(each.path, path),
  );
  return within.length === 0 ? 0 : Math.min(...within.map(({ start }) => start));
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function unknownKey(key: string, known: readonly string[], place: string, home: string): string {
  const hint = didYouMean(key, known) || ` (keys: ${known.join(', ')})`;
  return `${place}unknown key '${key}'${home}${hint}`;
}

function notExpected(place: string, key: string, expected: string, value: unknown): UsageError {
  return new UsageError(`${place}: ${key} is ${expected}, not ${toml(value)}`);
}

/** A value as TOML would have it, for messages. */
function toml(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${toml(value[0])}, …]`;
  if (asTable(value)) return 'a table';
  return value instanceof Date ? 'a date' : (JSON.stringify(value) ?? String(value));
}
