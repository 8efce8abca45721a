/** What the strings of the settings may be: one rule for a flag and for the configuration. */

import type { MigrateOptions } from '../migrate.ts';
import { didYouMean, UsageError } from '../usage.ts';

/** A value and what to call it in a message: `--idiom`, `pyproject.toml:7: idiom`. */
export interface Named {
  name: string;
  value: string;
}

const IMPORT_STYLES = ['keep', 'module', 'from'] as const;

/** @throws UsageError for another style */
export function importStyle(given: Named | undefined): MigrateOptions['importStyle'] {
  if (given === undefined) return 'keep';
  const { name, value } = given;
  const style = IMPORT_STYLES.find((each) => each === value);
  if (style) return style;
  throw new UsageError(
    `${name} is keep, module or from, not '${value}'${didYouMean(value, IMPORT_STYLES)}`,
  );
}

/** @throws UsageError for another idiom */
export function idiom(given: Named | undefined): MigrateOptions['idiom'] {
  if (given === undefined || given.value === 'move-on-after') return 'move-on-after';
  if (given.value === 'fail-after') return given.value;
  throw new UsageError(`${given.name} is move-on-after or fail-after, not '${given.value}'`);
}

/** @throws UsageError for another choice */
export function testBackends(given: Named | undefined): MigrateOptions['testBackends'] {
  if (given === undefined || given.value === 'asyncio') return 'asyncio';
  if (given.value === 'both') return given.value;
  throw new UsageError(`${given.name} is asyncio or both, not '${given.value}'`);
}

/** @throws UsageError unless it is a version from 4.0 on */
export function targetAnyio(given: Named | undefined): string | undefined {
  if (given === undefined) return undefined;
  const { name, value } = given;
  const major = /^(\d+)(\.\d+){0,2}$/.exec(value)?.[1];
  if (major === undefined) throw new UsageError(`${name} is a version such as 4.8, not '${value}'`);
  if (Number(major) < 4) throw new UsageError(`${name} is 4.0 or later, not ${value}`);
  return value;
}
