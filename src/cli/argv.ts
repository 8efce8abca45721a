/** Reading what was typed: whether a command takes it, and what the flags and paths say. */

import { didYouMean, UsageError } from '../usage.ts';
import { ALL_FLAGS, type Flag, type FlagGroup, FORMATS, GENERAL, namesOf } from './flags.ts';

/** What the parser makes of the command line: flags by name, positionals by name, `_` and `--`. */
export type ParsedArgs = Readonly<Record<string, unknown>>;

const NOT_FLAGS = ['_', '$0', '--', 'paths', 'topic', 'shell', 'folder'];

/**
 * Holds what was typed against the flags that a command takes.
 *
 * @throws UsageError for an unknown flag, naming the nearest, or one that belongs elsewhere
 */
export function checkFlags(argv: ParsedArgs, command: string, groups: readonly FlagGroup[]): void {
  const known = [...groups, GENERAL].flatMap((group) => group.flags);
  for (const name of Object.keys(argv)) {
    if (NOT_FLAGS.includes(name)) continue;
    if (known.some((flag) => isCalled(flag, name))) continue;
    throw new UsageError(unknownFlag(name, command, known));
  }
}

function unknownFlag(name: string, command: string, known: readonly Flag[]): string {
  const typed = name.length === 1 ? `-${name}` : `--${name}`;
  const elsewhere = ALL_FLAGS.some((flag) => isCalled(flag, name));
  if (elsewhere) return `${command} takes no ${typed} (see 'anyio-codemod ${command} --help')`;
  return `unknown flag ${typed}${didYouMean(name, known.flatMap(namesOf), '--')}`;
}

function isCalled(flag: Flag, name: string): boolean {
  return flag.short === name || namesOf(flag).includes(name);
}

/** Whether an on-or-off flag is on. */
export function isOn(argv: ParsedArgs, name: string): boolean {
  return typedSwitch(argv, name) === true;
}

/**
 * What was said of a flag that the configuration may set: `--name`, `--no-name` or `--name=false`;
 * undefined when nothing was.
 *
 * @throws UsageError when it is turned both on and off
 */
export function switchOf(argv: ParsedArgs, name: string): boolean | undefined {
  const off = typedSwitch(argv, `no-${name}`);
  const on = typedSwitch(argv, name);
  if (off === undefined) return on;
  if (on !== undefined) throw new UsageError(`--${name} and --no-${name} exclude each other`);
  return !off;
}

function typedSwitch(argv: ParsedArgs, name: string): boolean | undefined {
  const value = argv[name];
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'boolean' ? last : undefined;
}

/**
 * The values of a flag in the order in which they were typed.
 *
 * @throws UsageError when one is empty
 */
export function allValues(argv: ParsedArgs, name: string): string[] {
  const value = argv[name];
  if (value === undefined) return [];
  const values = (Array.isArray(value) ? value : [value]).map(String);
  if (values.some((each) => each.trim() === '')) throw new UsageError(`--${name} needs a value`);
  return values;
}

/** The last value of a flag that may stand without one, which is then empty. */
export function lastRaw(argv: ParsedArgs, name: string): string | undefined {
  const value: unknown = [argv[name]].flat().at(-1);
  return value === undefined ? undefined : String(value);
}

/** The value of a flag; the last one counts. Throws as `allValues` does. */
export function lastValue(argv: ParsedArgs, name: string): string | undefined {
  return allValues(argv, name).at(-1);
}

/**
 * How the product is written to stdout: `--format`, for which `--json` is short.
 *
 * @param formats those that the command has, the default first
 * @throws UsageError for one that it does not have, or two at once
 */
export function formatOf<Format extends string = (typeof FORMATS)[number]>(
  argv: ParsedArgs,
  formats: readonly Format[] = FORMATS as readonly string[] as readonly Format[],
): Format {
  const typed = lastValue(argv, 'format');
  const value = typed ?? (isOn(argv, 'json') ? 'json' : formats[0]);
  if (isOn(argv, 'json') && value !== 'json') {
    throw new UsageError(`--json and --format ${value} exclude each other`);
  }
  const format = formats.find((each) => each === value);
  if (format !== undefined) return format;
  const known = `${formats.slice(0, -1).join(', ')} or ${formats.at(-1)}`;
  throw new UsageError(`--format is ${known}, not '${value}'${didYouMean(value ?? '', formats)}`);
}

/** The paths that were given, those after `--` too. */
export function pathsOf(argv: ParsedArgs): string[] {
  return [argv.paths, argv['--']].flatMap((paths) =>
    Array.isArray(paths) ? paths.map(String) : [],
  );
}

/** Stands for stdin, as a path and as the file of a list. */
export const STDIN = '-';

/** Whether the text on stdin is the file that a command is about; behind `--` it is another `-`. */
export function isFromStdin({ paths }: ParsedArgs): boolean {
  return Array.isArray(paths) && paths.includes(STDIN);
}
