/** Fetching by one process at a time: the state of apt is shared by all who fetch. */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AptError } from './apt.mjs';

/**
 * Runs the script that asks once more, under a lock that the kernel drops when its holder dies; that
 * one then fetches. What this machine cannot fetch is skipped with the reason.
 *
 * @param {string} script its `import.meta.url`
 * @param {string} cache absolute path of the folder that holds the lock
 * @param {() => void} fetchAll
 * @param {(reason: string) => void} skip
 */
export function fetchLocked(script, cache, fetchAll, skip) {
  if (!process.argv.includes('--locked')) {
    mkdirSync(cache, { recursive: true });
    const self = [process.execPath, fileURLToPath(script), '--locked'];
    const done = spawnSync('flock', [join(cache, 'python.lock'), ...self], { stdio: 'inherit' });
    if (done.error) skip(`flock: ${done.error.message}`);
    else process.exitCode = done.status ?? 1;
    return;
  }
  try {
    fetchAll();
  } catch (error) {
    if (!(error instanceof AptError)) throw error;
    skip(error.message);
  }
}
