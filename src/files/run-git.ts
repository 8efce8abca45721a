/**
 * How git is called, by discovery and by the git room: one process, no shell, no prompt, and
 * nothing of a surrounding git command.
 */

import { spawnSync } from 'node:child_process';

export interface GitRun {
  /** The exit status; -1 when git could not be started. */
  status: number;
  /** Decoded as UTF-8. A file name that is not UTF-8 holds U+FFFD. */
  stdout: string;
  stderr: string;
  /** Whether the machine has no `git` on its PATH. */
  missing: boolean;
}

export interface GitOptions {
  /** What git reads on its standard input. */
  input?: string;
  /**
   * Whether the user's hooks may run: they then see the user's own locale and settings. Queries
   * leave it off, and get English messages, no file system monitor and no lock on the index, so
   * that a dry run writes nothing.
   */
  runsHooks?: boolean;
}

/**
 * Variables that git sets for its hooks, or that change what a pathspec means. Inside a hook they
 * would point `git -C` at another repository or index than that of the directory we ask about.
 * The list of the first is `git rev-parse --local-env-vars`, less those that carry settings.
 */
const FOREIGN_VARIABLES = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_PREFIX',
  'GIT_GRAFT_FILE',
  'GIT_SHALLOW_FILE',
  'GIT_LITERAL_PATHSPECS',
  'GIT_GLOB_PATHSPECS',
  'GIT_NOGLOB_PATHSPECS',
  'GIT_ICASE_PATHSPECS',
];

/** Runs `git args` in a directory and waits. A failing git is told by its status, never thrown. */
export function runGit(directory: string, args: string[], options: GitOptions = {}): GitRun {
  const settings = options.runsHooks ? [] : ['-c', 'core.fsmonitor=false'];
  const run = spawnSync('git', ['-C', directory, ...settings, ...args], {
    env: gitEnvironment(options.runsHooks ?? false),
    input: options.input ?? '',
    maxBuffer: 2 ** 30,
    windowsHide: true,
  });
  return {
    status: run.status ?? -1,
    stdout: run.stdout?.toString('utf8') ?? '',
    stderr: run.stderr?.toString('utf8') ?? String(run.error?.message ?? ''),
    missing: (run.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT',
  };
}

/** The entries of an output made with `-z`. */
export function splitZ(output: string): string[] {
  return output.split('\0').slice(0, -1);
}

/** An environment without what leads git to another repository than the one it is in. */
export function withoutForeignGit(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const environment = { ...env };
  for (const name of FOREIGN_VARIABLES) delete environment[name];
  return environment;
}

function gitEnvironment(runsHooks: boolean): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    ...withoutForeignGit(process.env),
    GIT_TERMINAL_PROMPT: '0',
  };
  if (!runsHooks) {
    environment.LC_ALL = 'C';
    environment.GIT_OPTIONAL_LOCKS = '0';
  }
  return environment;
}
