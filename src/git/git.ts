/** What the commands ask of git: is it safe to write here, make a branch, make a commit. */

import { accessSync, constants, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { isWithin, nearestWith } from '../files/root.ts';
import { type GitOptions, type GitRun, runGit, splitZ } from '../files/run-git.ts';

/** Git refused. The message is one line for a person. */
export class GitError extends Error {
  override readonly name = 'GitError';
  /** All that git and the hooks printed, for those who want to see it. */
  readonly output: string;

  constructor(message: string, output = '') {
    super(message.split('\n')[0]);
    this.output = output;
  }
}

/** Whether a directory is in a git checkout. */
export interface Checkout {
  /** Absolute real path of the top of the checkout. */
  top: string | undefined;
  /** Set when the directory looks like a checkout but git is missing or refuses; one line. */
  reason?: string;
}

/**
 * Finds the checkout of a directory.
 *
 * @param directory Absolute path. A directory with no `.git` above it costs no process.
 */
export function findCheckout(directory: string): Checkout {
  const marked = nearestWith(realFile(directory), ['.git']);
  if (marked === undefined) return { top: undefined };
  const run = runGit(marked, ['rev-parse', '--show-toplevel']);
  if (run.status === 0) return { top: resolve(run.stdout.replace(/\r?\n$/, '')) };
  return { top: undefined, reason: whyNoCheckout(run, marked) };
}

/** The top of a directory's checkout, or undefined; `findCheckout` also says why. */
export function gitTopLevel(directory: string): string | undefined {
  return findCheckout(directory).top;
}

/** Files, and the checkout that they belong to. */
export interface CheckoutFiles {
  checkout: Checkout;
  files: string[];
}

/**
 * Sorts files by the checkout they belong to: one run may reach into submodules, worktrees and
 * several repositories, and git knows of each only its own files.
 *
 * @param files Absolute paths. A link belongs where its target is.
 */
export function groupByCheckout(files: string[]): CheckoutFiles[] {
  const groups = new Map<string | undefined, CheckoutFiles>();
  for (const file of files) {
    const directory = dirname(realFile(file));
    const marked = nearestWith(directory, ['.git']);
    const group = groups.get(marked) ?? { checkout: findCheckout(directory), files: [] };
    group.files.push(file);
    groups.set(marked, group);
  }
  return [...groups.values()];
}

/**
 * Finds the files whose present content git could not give back: those with staged or unstaged
 * changes, and those that are untracked or ignored.
 *
 * @param top The top of the checkout that all the files belong to.
 * @param files Absolute paths.
 * @returns Those of `files` that are dirty, in their order.
 * @throws {GitError} when a file lies outside of `top`, or git fails.
 */
export function dirtyFiles(top: string, files: string[]): string[] {
  const names = new Map(files.map((file) => [nameInTop(top, file), file]));
  const dirty = new Set<string>();
  for (const chunk of chunks([...names.keys()])) {
    const run = ask(top, [
      ...['status', '--porcelain=v1', '-z', '--no-renames'],
      ...['--untracked-files=all', '--ignored=traditional', '--', ...chunk.map(literally)],
    ]);
    if (run.status !== 0) throw failure('git status failed', run);
    // Each entry is two letters, a space and the name.
    for (const entry of splitZ(run.stdout)) dirty.add(entry.slice(3));
  }
  return [...names].filter(([name]) => dirty.has(name)).map(([, file]) => file);
}

/** The name of the branch that is checked out; undefined when HEAD is detached. */
export function currentBranch(top: string): string | undefined {
  const run = ask(top, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  return run.status === 0 ? run.stdout.trimEnd() : undefined;
}

/** The hash of the commit that is checked out, in full; undefined before the first. */
export function headCommit(top: string): string | undefined {
  const run = ask(top, ['rev-parse', '--quiet', '--verify', 'HEAD^{commit}']);
  return run.status === 0 ? run.stdout.trimEnd() : undefined;
}

/**
 * Makes a branch at HEAD and switches to it; what is changed in the checkout comes along.
 *
 * @throws {GitError} when the name is not valid or taken, when there is no commit yet,
 *   or when git refuses (during a merge, say).
 */
export function createBranch(top: string, name: string): void {
  const isValid = ask(top, ['check-ref-format', '--branch', name]).stdout === `${name}\n`;
  if (!isValid) throw new GitError(`"${name}" is not a valid branch name`);
  if (!refExists(top, 'HEAD')) {
    throw new GitError(
      `cannot make branch "${name}": the repository has no commit yet; make one, or leave --branch`,
    );
  }
  if (refExists(top, `refs/heads/${name}`)) throw new GitError(whyTaken(top, name));
  const run = ask(top, ['switch', '--quiet', '--create', name], { runsHooks: true });
  // A failing post-checkout hook makes git fail after the switch is done.
  if (run.status !== 0 && currentBranch(top) !== name) {
    throw failure(`cannot make branch "${name}"`, run);
  }
}

function whyTaken(top: string, name: string): string {
  let number = 2;
  while (refExists(top, `refs/heads/${name}-${number}`)) number++;
  const exists = `branch "${name}" exists already`;
  const other = `take another name, such as ${name}-${number}`;
  if (currentBranch(top) === name)
    return `${exists}: you are on it; leave --branch away, or ${other}`;
  const ref = `refs/heads/${name}`;
  const worktree = ask(top, ['for-each-ref', '--format=%(worktreepath)', ref]).stdout.trimEnd();
  if (worktree !== '')
    return `${exists}, and is checked out in ${worktree}; go on there, or ${other}`;
  return `${exists}; go on there (git switch ${name}), or ${other}`;
}

/**
 * Commits files as they are on disk, and nothing else: what was staged stays staged. Hooks run.
 *
 * @param top The top of the checkout that all the files belong to.
 * @param files Absolute paths of files that were written. Untracked ones are added.
 * @returns The short hash of the commit.
 * @throws {GitError} whose message says that the files were written but not committed. The index is
 *   then as it was.
 */
export function commitFiles(top: string, files: string[], message: string): string {
  try {
    if (dirtyFiles(top, files).length === 0) throw new GitError('nothing has changed');
    const names = files.map((file) => nameInTop(top, file));
    const untracked = untrackedOf(top, names);
    withIntentToAdd(top, untracked, () => commit(top, names, message));
    // What a hook staged is committed, but the index has what was there before the hook ran.
    runOnFiles(top, ['reset', '--quiet'], names);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new GitError(`the files were written but not committed: ${error.message}`, error.output);
  }
  return ask(top, ['rev-parse', '--short', 'HEAD']).stdout.trimEnd();
}

function commit(top: string, names: string[], message: string): void {
  const args = ['commit', '--quiet', '--only', '--cleanup=whitespace', '--message', message];
  const run = runOnFiles(top, args, names, true);
  if (run.status === 0) return;
  const hooks = commitHooks(top);
  // Git exits with 1 when a hook refuses, and with 128 when it fails by itself.
  if (run.status === 1 && hooks.length > 0) {
    throw failure(`the ${hooks.join(' or ')} hook refused the commit`, run);
  }
  if (isUnsigned(top, run)) {
    const why = 'git could not sign the commit (mend that, or git config commit.gpgSign false)';
    throw failure(why, { ...run, stderr: run.stderr.replace(/^fatal: .*\n?/gm, '') });
  }
  throw failure('git commit failed', run);
}

/** Git only says that it "failed to write commit object"; why stands above that. */
function isUnsigned(top: string, { stderr }: GitRun): boolean {
  const signs = ask(top, ['config', '--type=bool', '--get', 'commit.gpgSign']).stdout;
  return signs === 'true\n' && stderr.includes('failed to write commit object');
}

/** `git commit --only` takes only files that the index knows, so untracked ones are announced. */
function withIntentToAdd(top: string, names: string[], action: () => void): void {
  if (names.length > 0) {
    const run = runOnFiles(top, ['add', '--intent-to-add'], names);
    if (run.status !== 0) throw failure('git add failed', run);
  }
  try {
    action();
  } catch (error) {
    if (names.length > 0) runOnFiles(top, ['rm', '--cached', '--quiet', '--force'], names);
    throw error;
  }
}

/** Those of the names that git does not track. One that it ignores cannot be committed. */
function untrackedOf(top: string, names: string[]): string[] {
  const others = (...flags: string[]): string[] =>
    chunks(names).flatMap((chunk) => {
      const args = ['ls-files', '-z', '--others', ...flags, '--', ...chunk.map(literally)];
      return splitZ(ask(top, args).stdout);
    });
  const untracked = others();
  const ignored = untracked.length === 0 ? [] : others('--ignored', '--exclude-standard');
  if (ignored.length > 0) throw new GitError(`git ignores ${ignored[0]}`);
  return untracked;
}

/** The hooks that can refuse a commit and are there. */
function commitHooks(top: string): string[] {
  const run = ask(top, ['rev-parse', '--git-path', 'hooks']);
  const directory = resolve(top, run.stdout.replace(/\r?\n$/, ''));
  return ['pre-commit', 'prepare-commit-msg', 'commit-msg'].filter((hook) => {
    try {
      accessSync(join(directory, hook), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs git on a checkout that is known to be one. */
export function ask(top: string, args: string[], options: GitOptions = {}): GitRun {
  const run = runGit(top, args, options);
  if (run.missing) throw new GitError('git is not installed');
  return run;
}

/** Runs git on any number of files: their names go through its input, where no limit holds. */
function runOnFiles(top: string, args: string[], names: string[], runsHooks = false): GitRun {
  const input = names.map((name) => `${literally(name)}\0`).join('');
  return ask(top, [...args, '--pathspec-from-file=-', '--pathspec-file-nul'], {
    input,
    runsHooks,
  });
}

/** A pathspec for exactly this name. `--literal-pathspecs` would be passed on to the hooks. */
export function literally(name: string): string {
  return `:(top,literal)${name}`;
}

/** `git status` takes names only as arguments, whose total length systems limit. */
export function chunks(names: string[]): string[][] {
  const size = 200;
  const count = Math.ceil(names.length / size);
  return Array.from({ length: count }, (_, index) => names.slice(index * size, (index + 1) * size));
}

/** The path of a file as git names it: relative to the top, with slashes, links resolved. */
export function nameInTop(top: string, file: string): string {
  const real = realFile(file);
  const realTop = realpathSync.native(top);
  if (!isWithin(realTop, real)) throw new GitError(`${file} is not in the checkout ${top}`);
  return relative(realTop, real).split(sep).join('/');
}

/** A file that is gone keeps its own name in its real directory. */
function realFile(file: string): string {
  try {
    return realpathSync.native(file);
  } catch {
    const directory = dirname(file);
    return directory === file ? file : join(realFile(directory), basename(file));
  }
}

function refExists(top: string, ref: string): boolean {
  return ask(top, ['rev-parse', '--quiet', '--verify', `${ref}^{commit}`]).status === 0;
}

function whyNoCheckout(run: GitRun, directory: string): string {
  if (run.missing) return `${directory} is a git checkout, but there is no git to ask`;
  if (run.stderr.includes('dubious ownership')) {
    return `git refuses ${directory}: it belongs to another user (see git config safe.directory)`;
  }
  return `git refuses ${directory}: ${lastWords(run)}`;
}

function failure(what: string, run: GitRun): GitError {
  const output = `${run.stdout}${run.stderr}`;
  return new GitError(`${what}: ${lastWords(run)}`, output);
}

/** Git's own reason, or else the last line that it or a hook printed. */
function lastWords(run: GitRun): string {
  const lines = `${run.stdout}\n${run.stderr}`.split('\n').filter((line) => line.trim() !== '');
  const reason = lines.find((line) => line.startsWith('fatal: ')) ?? lines.at(-1);
  return reason?.replace(/^(fatal|error): /, '').trim() ?? `exit status ${run.status}`;
}
