/**
 * pytest's own settings, as far as they concern async tests: where they stand, what they say, and
 * the edits that move them to anyio's plugin.
 *
 * Sources: https://docs.pytest.org/en/stable/reference/customize.html (which files there are),
 * pytest-asyncio's configuration page (its options), anyio 4.11's notes (`anyio_mode`).
 */

import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { FileChange } from '../result.ts';
import { applyEdits, lineEnd, lineStart, type TextEdit } from './text.ts';
import { type TomlRow, viewToml } from './toml.ts';

/** One option with a text value. Offsets are UTF-16 code units of the file. */
interface Option {
  name: string;
  value: string;
  keyStart: number;
  keyEnd: number;
  end: number;
}

/** A file with pytest's settings. */
export interface PytestSettings {
  /** Absolute path. */
  path: string;
  /** Relative to the project's root, with `/`. */
  name: string;
  text: string;
  options: readonly Option[];
  /** The options of another text of the file. */
  optionsOf(text: string): readonly Option[];
}

/** What the settings of a project say about async tests. */
export interface AsyncSettings {
  files: readonly PytestSettings[];
  /** Whether pytest-asyncio runs every async test and fixture, marked or not. */
  auto: boolean;
  obstacle?: SettingsObstacle;
}

/** Why settings cannot be moved, and what to do: sentences without full stops. */
export interface SettingsObstacle {
  message: string;
  help: string;
}

const CHANGE_IT = 'change that setting, see that the tests still pass, then run again';

/** The lowest anyio that has the option `anyio_mode`. */
export const AUTO_SINCE = '4.11.0';

/** By file name: the section, as an ini header or the path of a TOML table. */
const PLACES: readonly (readonly [name: string, ini: string | undefined, toml: string[][]])[] = [
  ['pytest.ini', 'pytest', []],
  ['.pytest.ini', 'pytest', []],
  ['tox.ini', 'pytest', []],
  ['setup.cfg', 'tool:pytest', []],
  ['pytest.toml', undefined, [['pytest']]],
  ['.pytest.toml', undefined, [['pytest']]],
  [
    'pyproject.toml',
    undefined,
    [
      ['tool', 'pytest', 'ini_options'],
      ['tool', 'pytest'],
    ],
  ],
];

/**
 * Reads the settings in the folders of the tests and in all folders above them, up to the root. A
 * file that cannot be read or parsed is an obstacle.
 *
 * @param root absolute path
 * @param tests absolute paths of Python files
 */
export function readPytestSettings(root: string, tests: readonly string[]): AsyncSettings {
  const files: PytestSettings[] = [];
  let obstacle: string | undefined;
  for (const folder of foldersAbove(root, tests)) {
    for (const [name, ini, toml] of PLACES) {
      const path = join(folder, name);
      const shown = relative(root, path).split(sep).join('/');
      try {
        const text = readUtf8(path);
        if (text === undefined) continue;
        const optionsOf = (now: string) =>
          ini === undefined ? tomlOptions(now, toml) : iniOptions(now, ini);
        files.push({ path, name: shown, text, options: optionsOf(text), optionsOf });
      } catch {
        obstacle ??= `${shown} cannot be read, and may hold settings of pytest`;
      }
    }
  }
  const says = (option: string, value: string) => valuesOf(files, option).includes(value);
  const settings: AsyncSettings = {
    files,
    auto: says('asyncio_mode', 'auto') || autoFlag(files) !== undefined,
  };
  obstacle ??= obstacleIn(files);
  if (obstacle !== undefined) settings.obstacle = { message: obstacle, help: CHANGE_IT };
  return settings;
}

/** Options of pytest-asyncio that choose a loop for tests or fixtures. */
const LOOP_SCOPES = ['asyncio_default_fixture_loop_scope', 'asyncio_default_test_loop_scope'];

function obstacleIn(files: readonly PytestSettings[]): string | undefined {
  for (const { name, options } of files) {
    const wide = options.find(
      (option) => LOOP_SCOPES.includes(option.name) && option.value !== 'function',
    );
    if (wide) {
      return `${name} sets ${wide.name} to ${wide.value}, and anyio's plugin shares no loop between tests by a setting`;
    }
    const off = options.find(
      (option) => option.name === 'addopts' && /-p[\s",']*no:anyio\b/.test(option.value),
    );
    if (off) return `${name} turns anyio's plugin off with -p no:anyio`;
  }
  const flag = autoFlag(files);
  return flag && `${flag} gives --asyncio-mode on the command line of each run`;
}

function autoFlag(files: readonly PytestSettings[]): string | undefined {
  return files.find(({ options }) =>
    options.some(({ name, value }) => name === 'addopts' && /--asyncio-mode[=\s]*auto/.test(value)),
  )?.name;
}

function valuesOf(files: readonly PytestSettings[], option: string): string[] {
  return files.flatMap(({ options }) =>
    options.filter(({ name }) => name === option).map(({ value }) => value),
  );
}

/**
 * The settings once no test is left to pytest-asyncio: its auto mode becomes anyio's, its other
 * options go. Files that say nothing of it are not among the changes.
 *
 * @param others what else changes in the run: of a file that both concern, the one change for both
 */
export function movedSettings(
  { files }: AsyncSettings,
  others: readonly FileChange[] = [],
): FileChange[] {
  const changes: FileChange[] = [];
  for (const { path, text: before, optionsOf } of files) {
    const other = others.find((change) => change.path === path);
    const text = other?.after ?? before;
    const options = optionsOf(text);
    const edits = options.flatMap((option) => editOf(text, option));
    if (edits.length === 0) continue;
    const said = options.some(({ name, value }) => name === 'asyncio_mode' && value === 'auto');
    const note = said
      ? 'asyncio_mode becomes anyio_mode'
      : "the settings of pytest-asyncio's loops go";
    const notes = [other?.note, note].filter((part) => part !== undefined).join('; ');
    const after = applyEdits(text, edits);
    changes.push({ path, before, after, encoding: other?.encoding ?? 'utf8', note: notes });
  }
  return changes;
}

function editOf(text: string, { name, value, keyStart, keyEnd, end }: Option): TextEdit[] {
  if (name === 'asyncio_mode' && value === 'auto') {
    return [{ start: keyStart, end: keyEnd, text: 'anyio_mode' }];
  }
  if (name !== 'asyncio_mode' && !LOOP_SCOPES.includes(name)) return [];
  const start = lineStart(text, keyStart);
  const last = lineEnd(text, end);
  return [{ start, end: last + (/^\r?\n/.exec(text.slice(last))?.[0].length ?? 0), text: '' }];
}

function foldersAbove(root: string, files: readonly string[]): string[] {
  const folders = new Set<string>([root]);
  for (const file of files) {
    for (let at = dirname(file); at.startsWith(root) && !folders.has(at); at = dirname(at)) {
      folders.add(at);
    }
  }
  return [...folders].sort();
}

/** @throws when the file is there and is no UTF-8 text */
function readUtf8(path: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  return new TextDecoder('utf8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

// -- TOML ----------------------------------------------------------------------------------------

function tomlOptions(text: string, tables: readonly string[][]): Option[] {
  const rows = viewToml(text).rows;
  return tables.flatMap((table) =>
    rows
      .filter(
        ({ path }) => path.length === table.length + 1 && table.every((p, i) => path[i] === p),
      )
      .map((row) => tomlOption(text, row)),
  );
}

function tomlOption(text: string, row: TomlRow): Option {
  const { start, end } = row.value;
  const key = text.slice(row.start, row.keyEnd);
  // A dotted key (`pytest.ini_options.asyncio_mode = …`) keeps all but its last part.
  const name = row.path.at(-1) ?? '';
  return {
    name,
    value: row.value.kind === 'string' ? row.value.text : text.slice(start, end),
    keyStart: row.start + Math.max(0, key.lastIndexOf(name)),
    keyEnd: row.keyEnd,
    end,
  };
}

// -- ini -----------------------------------------------------------------------------------------

/** The options of a section of an ini file, as iniconfig reads it: indented lines go on. */
function iniOptions(text: string, section: string): Option[] {
  const options: Option[] = [];
  let current = '';
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const end = lineEnd(text, start);
    const line = text.slice(start, end);
    const header = /^\[(?<name>[^\]]+)\]/.exec(line)?.groups?.name;
    const option = /^(?<key>[^\s#;:=[][^:=]*?)\s*[:=]\s*(?<value>.*)$/.exec(line);
    const last = options.at(-1);
    if (header !== undefined) current = header;
    else if (option?.groups && current === section) {
      const { key = '', value = '' } = option.groups;
      const keyEnd = start + key.length;
      options.push({ name: key, value: value.trim(), keyStart: start, keyEnd, end });
    } else if (last && current === section && /^\s+[^\s#;]/.test(line)) {
      last.value = `${last.value} ${line.trim()}`.trim();
      last.end = end;
    }
    const newline = text.indexOf('\n', end);
    start = newline < 0 ? text.length : newline + 1;
  }
  return options;
}
