/** The sample under real Python: its game, its tests, and the environment of who migrates it. */

import { mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { newestPython, type PythonEnv, runPython } from '../python/env.ts';

/** What the game and the tests said after a command. */
export interface Played {
  after: string;
  game: string;
  /** The last line of unittest's report. */
  tests: string;
}

/** Plays the game and runs its tests with the newest Python and anyio. */
export function play(env: PythonEnv, after: string, cwd: string): Played {
  const anyio = env.anyio.at(-1);
  const python = newestPython(env);
  const game = runPython(python, { file: 'main.py', cwd, anyio });
  const script =
    'import sys; sys.path.insert(0, "."); from unittest import main; main(module=None)';
  const tests = runPython(python, { script, args: ['discover', 'tests'], cwd, anyio });
  const said = tests.stderr.trimEnd().split('\n').at(-1) ?? '';
  return { after, game: game.stdout + game.stderr, tests: said };
}

/**
 * The environment in which `python3 -m pytest` runs the sample's tests; undefined where that cannot
 * be had.
 *
 * @param folder an empty one, for the name `python3`
 */
export function environmentOf(env: PythonEnv, folder: string): NodeJS.ProcessEnv | undefined {
  const anyio = env.anyio.at(-1);
  if (env.missing !== undefined || env.pytest === undefined || !anyio) return undefined;
  mkdirSync(folder, { recursive: true });
  symlinkSync(newestPython(env).path, join(folder, 'python3'));
  return {
    ...process.env,
    PATH: [folder, process.env.PATH].join(delimiter),
    PYTHONPATH: [anyio.path, env.pytest].join(delimiter),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONNOUSERSITE: '1',
  };
}
