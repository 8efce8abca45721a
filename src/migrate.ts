/** One run from the files to the new texts; `run.ts` shows the way. Nothing is written here. */

import type { Migration } from './result.ts';
import { type MigrateOptions, openRun } from './run.ts';

export type { MigrateOptions } from './run.ts';

/** Finds every use of asyncio in the chosen files, judges it, and makes the new texts. */
export async function migrate(options: MigrateOptions): Promise<Migration> {
  const run = await openRun(options);
  try {
    return run.migration();
  } finally {
    run.dispose();
  }
}
