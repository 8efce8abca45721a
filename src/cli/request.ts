/** From the command line to what the engine is asked to do, and back to a command line. */

import type { MigrateOptions } from '../migrate.ts';
import { type KnownTransform, parseSelection, type Selection } from '../phases.ts';
import { listing } from '../report/layout.ts';
import { didYouMean, UsageError } from '../usage.ts';
import { allValues, isOn, lastValue, type ParsedArgs, pathsOf } from './flags.ts';
import type { Terminal } from './terminal.ts';

const IMPORT_STYLES = ['keep', 'module', 'from'] as const;

/**
 * Reads the flags that plan, diff, apply and check share.
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
): Promise<MigrateOptions> {
  const catalog = await terminal.engine.catalog();
  const selectors = { phase: allValues(argv, 'phase'), transform: allValues(argv, 'transform') };
  const paths = pathsOf(argv);
  const selection = parseSelection(selectors, catalog, fallback);
  if (needs === 'a transform') checkSomethingToDo(selection, catalog, terminal);
  return {
    cwd: terminal.cwd,
    paths: paths.length > 0 ? paths : ['.'],
    exclude: allValues(argv, 'exclude')
      .flatMap((value) => value.split(','))
      .filter(Boolean),
    selection,
    includeReview: isOn(argv, 'include-review'),
    importStyle: importStyle(lastValue(argv, 'import-style')),
    targetAnyio: targetAnyio(lastValue(argv, 'target-anyio')),
    fastAcquire: isOn(argv, 'fast-acquire'),
    idiom: idiom(lastValue(argv, 'idiom')),
    testBackends: testBackends(lastValue(argv, 'test-backends')),
    wrapTimeouts: isOn(argv, 'wrap-timeouts'),
  };
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

function importStyle(value: string | undefined): MigrateOptions['importStyle'] {
  if (value === undefined) return 'keep';
  const style = IMPORT_STYLES.find((each) => each === value);
  if (style) return style;
  const meant = didYouMean(value, IMPORT_STYLES);
  throw new UsageError(`--import-style is keep, module or from, not '${value}'${meant}`);
}

function idiom(value: string | undefined): MigrateOptions['idiom'] {
  if (value === undefined || value === 'move-on-after') return 'move-on-after';
  if (value === 'fail-after') return value;
  throw new UsageError(`--idiom is move-on-after or fail-after, not '${value}'`);
}

function testBackends(value: string | undefined): MigrateOptions['testBackends'] {
  if (value === undefined || value === 'asyncio') return 'asyncio';
  if (value === 'both') return value;
  throw new UsageError(`--test-backends is asyncio or both, not '${value}'`);
}

function targetAnyio(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const major = /^(\d+)(\.\d+){0,2}$/.exec(value)?.[1];
  if (major === undefined) {
    throw new UsageError(`--target-anyio is a version such as 4.8, not '${value}'`);
  }
  if (Number(major) < 4) throw new UsageError(`--target-anyio is 4.0 or later, not ${value}`);
  return value;
}

/** Flags that change what is found or written; a suggested command line must repeat them. */
const REPEATED = ['exclude', 'import-style', 'target-anyio', 'idiom', 'test-backends'] as const;
const REPEATED_SWITCHES = ['include-review', 'fast-acquire', 'wrap-timeouts'] as const;

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
  for (const name of REPEATED_SWITCHES) if (isOn(argv, name)) words.push(`--${name}`);
  words.push(...more);
  return words.map(quoteWord).join(' ');
}

function typedSelectors(argv: ParsedArgs): string[] {
  return ['phase', 'transform'].flatMap((name) =>
    allValues(argv, name).flatMap((value) => [`--${name}`, value]),
  );
}

/** A word as a POSIX shell takes it. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
