/** The parts that only some commands need, loaded when first asked for. */

import type { MigrateOptions } from '../migrate.ts';
import type { TransformInfo } from '../report/explain.ts';
import type { Migration } from '../result.ts';
import type { Run } from '../run.ts';

export interface Engine {
  migrate(options: MigrateOptions): Promise<Migration>;
  /** For several migrations of the same project; the caller disposes of the run. */
  open(options: MigrateOptions): Promise<Run>;
  /** Every transform in the order of the phases, `dependency` first. */
  catalog(): Promise<readonly TransformInfo[]>;
}

/** The real one. `catalog` does not load the parser; `migrate` does. */
export const engine: Engine = {
  migrate: async (options) => (await import('../migrate.ts')).migrate(options),
  open: async (options) => (await import('../run.ts')).openRun(options),
  catalog: async () => {
    const [{ dependency }, { transforms }] = await Promise.all([
      import('../../transforms/dependency.ts'),
      import('../../transforms/index.ts'),
    ]);
    return [dependency, ...transforms];
  },
};
