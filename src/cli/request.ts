/** From the command line and the configuration to what the engine is asked to do, and back. */

import { resolve } from 'node:path';
import type { SettingKey } from '../config/keys.ts';
import type { Config } from '../config/read.ts';
import { chosenPaths } from '../files/chosen.ts';
import type { MigrateOptions } from '../migrate.ts';
import { type KnownTransform, parseSelection, type Selection, type Selectors } from '../phases.ts';
import { listing } from '../report/layout.ts';
import { UsageError } from '../usage.ts';
import { allValues, isOn, lastValue, type ParsedArgs, pathsOf, switchOf } from './argv.ts';
import { inputOf } from './input.ts';
import type { Terminal } from './terminal.ts';
import { idiom, importStyle, type Named, targetAnyio, testBackends } from './values.ts';

/** What a command asks of the engine, and the configuration that had a part in it. */
export interface Request extends MigrateOptions {
  config: Config | undefined;
}

/**
 * Reads the flags that choose what is rewritten and how, and the configuration for what they do not
 * say.
 *
 * @param fallback what no selector means
 * @param needs whether one of the phases must have a transform; by default, where not all are shown
 * @throws UsageError for a value that cannot be
 */
export async function requestOf(
  argv: ParsedArgs,
  terminal: Terminal,
  fallback: 'hybrid' | 'all',
  needs: 'a transform' | 'any phase' = fallback === 'hybrid' ? 'a transform' : 'any phase',
): Promise<Request> {
  const catalog = await terminal.engine.catalog();
  const config = await configOf(argv, terminal);
  const input = await inputOf(argv, terminal);
  const selection = selectionOf(argv, config, catalog, fallback);
  if (needs === 'a transform') checkSomethingToDo(selection, catalog, terminal);
  const named = (key: SettingKey) => namedValue(argv, config, key);
  const isSet = (key: SettingKey) => switchOf(argv, key) ?? config?.settings[key]?.value === true;
  return {
    ...input,
    exclude: commaParts(allValues(argv, 'exclude')),
    selection: input.provided ? withoutManifest(selection) : selection,
    includeReview: isSet('include-review'),
    importStyle: importStyle(named('import-style')),
    targetAnyio: targetAnyio(named('target-anyio')),
    fastAcquire: isSet('fast-acquire'),
    idiom: idiom(named('idiom')),
    testBackends: testBackends(named('test-backends')),
    wrapTimeouts: isSet('wrap-timeouts'),
    config,
    ...(config ? await partsOf(config) : {}),
  };
}

/** A text on stdin is changed by itself: what phase 0 would declare stands in another file. */
function withoutManifest({ phases, transforms }: Selection): Selection {
  const others = [...transforms].filter((id) => id !== 'dependency');
  return { phases: phases.filter((phase) => phase !== 0), transforms: new Set(others) };
}

/** What only a configuration can say. */
async function partsOf(config: Config): Promise<Partial<MigrateOptions>> {
  const { leaveOutOf, notesOnEntries } = await import('../config/leave-out.ts');
  const patterns = listOf(config, 'exclude');
  return {
    configFile: config.file,
    leaveOut: leaveOutOf(config),
    notesOn: (uses, files) => notesOnEntries(config, uses, files),
    ...(patterns.length > 0 ? { excludeBelow: { folder: config.folder, patterns } } : {}),
  };
}

/**
 * The configuration that a command goes by.
 *
 * @throws UsageError for one that is wrong, or not there where a flag names it
 */
export async function configOf(argv: ParsedArgs, terminal: Terminal): Promise<Config | undefined> {
  const { cwd } = terminal;
  const given = lastValue(argv, 'config');
  if (isOn(argv, 'no-config')) {
    if (given === undefined) return undefined;
    throw new UsageError('--config and --no-config exclude each other');
  }
  if (given === undefined) {
    const paths = chosenPaths(await inputOf(argv, terminal));
    return (await import('../config/find.ts')).findConfig(paths, cwd);
  }
  const config = (await import('../config/read.ts')).readConfig(resolve(cwd, given), cwd);
  if (config) return config;
  throw new UsageError(`--config: ${given} has no table [tool.anyio-codemod]`);
}

/** The flags choose, else the configuration, else the command. */
function selectionOf(
  argv: ParsedArgs,
  config: Config | undefined,
  catalog: readonly KnownTransform[],
  fallback: 'hybrid' | 'all',
): Selection {
  const typed: Selectors = {
    phase: allValues(argv, 'phase'),
    transform: allValues(argv, 'transform'),
  };
  const { phase, transform } = config?.settings ?? {};
  const setting = phase ?? transform;
  if (!config || !setting || isSelecting(argv)) return parseSelection(typed, catalog, fallback);
  try {
    const selectors = { phase: listOf(config, 'phase'), transform: listOf(config, 'transform') };
    return parseSelection(selectors, catalog, fallback);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${setting.place}: ${error.message}`);
  }
}

function isSelecting(argv: ParsedArgs): boolean {
  return argv.phase !== undefined || argv.transform !== undefined;
}

/** Whether transforms were chosen by name, by a flag or else by the configuration. */
export function choosesTransforms(argv: ParsedArgs, { config }: Request): boolean {
  if (isSelecting(argv)) return argv.transform !== undefined;
  return config?.settings.transform !== undefined;
}

function listOf({ settings }: Config, key: SettingKey): string[] {
  const value = settings[key]?.value;
  return Array.isArray(value) ? value : [];
}

function commaParts(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(',')).filter(Boolean);
}

function namedValue(
  argv: ParsedArgs,
  config: Config | undefined,
  key: SettingKey,
): Named | undefined {
  const typed = lastValue(argv, key);
  if (typed !== undefined) return { name: `--${key}`, value: typed };
  const setting = config?.settings[key];
  if (!Array.isArray(setting?.value)) return undefined;
  return { name: `${setting.place}: ${key}`, value: setting.value.join(',') };
}

/** Says which of the phases cannot do anything yet; plan shows them all the same. */
function checkSomethingToDo(
  selection: Selection,
  catalog: readonly KnownTransform[],
  terminal: Terminal,
): void {
  const empty = selection.phases.filter((n) => !catalog.some(({ phase }) => phase === n));
  if (empty.length === 0) return;
  const words = `no transform belongs to phase ${listing(empty.map(String))} yet`;
  if (selection.transforms.size > 0) terminal.stderr.write(`Note: ${words}.\n`);
  else throw new UsageError(`${words} ('anyio-codemod list' shows what each phase has)`);
}

/**
 * Flags that change what is found or written: a suggested command line must repeat them. What the
 * configuration says holds for that one as well.
 */
const REPEATED = [
  'files-from',
  'stdin-filename',
  'config',
  'exclude',
  'import-style',
  'target-anyio',
  'idiom',
  'test-backends',
] as const;
const REPEATED_SWITCHES = [
  'force-exclude',
  'include-review',
  'fast-acquire',
  'wrap-timeouts',
] as const;

/**
 * The command line for `command` on the same files in the same manner.
 *
 * @param selectors `['--phase', '1']`; those that were typed if not given
 * @param more flags of the command's own
 */
export function commandLine(
  command: string,
  argv: ParsedArgs,
  selectors: readonly string[] = typedSelectors(argv),
  more: readonly string[] = [],
): string {
  const words = ['anyio-codemod', command, ...pathsOf(argv), ...selectors];
  for (const name of REPEATED) {
    for (const value of allValues(argv, name)) words.push(`--${name}`, value);
  }
  if (isOn(argv, 'no-config')) words.push('--no-config');
  for (const name of REPEATED_SWITCHES) {
    const given = switchOf(argv, name);
    if (given !== undefined) words.push(given ? `--${name}` : `--no-${name}`);
  }
  words.push(...more);
  return words.map(quoteWord).join(' ');
}

/** The selectors as they were typed, flag and value by turns. */
export function typedSelectors(argv: ParsedArgs): string[] {
  return ['phase', 'transform'].flatMap((name) =>
    allValues(argv, name).flatMap((value) => [`--${name}`, value]),
  );
}

/** A word as a POSIX shell takes it. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
