/** A copy of the sample project, opened once for all tests of a file. */

import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { parseSelection } from '../src/phases.ts';
import { type MigrateOptions, openRun, type Run } from '../src/run.ts';
import { dependency } from '../transforms/dependency.ts';
import { transforms } from '../transforms/index.ts';

/** What a phase or a plan selects. */
export function select(phase: string): MigrateOptions['selection'] {
  return parseSelection({ phase: [phase] }, [dependency, ...transforms], 'all');
}

export interface SampleRun {
  /** Absolute; a real path. */
  folder: string;
  /** All phases. */
  options: MigrateOptions;
  /** For use in the tests of the file and their hooks. */
  run(): Run;
}

/** A copy: in this repository, the sample's project would be all of it. It goes after the tests. */
export function sampleRun(includeReview: boolean): SampleRun {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'anyio-codemod-sample-'));
  const options: MigrateOptions = {
    cwd: folder,
    paths: ['.'],
    exclude: [],
    selection: select('full'),
    includeReview,
    importStyle: 'keep',
    fastAcquire: false,
  };
  let opened: Run | undefined;
  beforeAll(async () => {
    cpSync(resolve(import.meta.dirname, '../fixtures/sample'), folder, { recursive: true });
    opened = await openRun(options);
  });
  afterAll(() => {
    opened?.dispose();
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    options,
    run() {
      if (!opened)
        throw new Error('the sample is opened before the tests, not while they are made');
      return opened;
    },
  };
}
