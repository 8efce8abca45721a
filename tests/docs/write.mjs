/**
 * Writes the pages in `docs/` and the sections of README.md that are made from the program: the tests
 * that compare them do it, when told.
 */

import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '..', '..', '..');
const { status } = spawnSync(
  process.execPath,
  [
    resolve(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
    ...['run', '--config', 'tests/vitest.config.ts', '--root', '.'],
    ...['tests/docs.test.ts', 'tests/readme.test.ts'],
  ],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, UPDATE_DOCS: '1', UPDATE_README: '1' } },
);
process.exitCode = status ?? 1;
