/** `undo`: gives the files of the last apply their old content again. */

import { resolve } from 'node:path';
import {
  changeOf,
  entriesOf,
  type FileNow,
  filesNow,
  isToRestore,
  type Recorded,
  type Restored,
  restore,
  undoRoot,
} from '../files/restore.ts';
import { paragraph, plural, relativePath } from '../report/layout.ts';
import { UsageError } from '../usage.ts';
import { isOn, lastValue, type ParsedArgs } from './argv.ts';
import { writeDiff } from './diff.ts';
import { nextSteps } from './next-steps.ts';
import { DONE, FAILED, showProblems } from './problems.ts';
import { quoteWord } from './request.ts';
import { type Terminal, widthOf, writeLines } from './terminal.ts';
import { commitsWords, listLines } from './undo-words.ts';

/** More files than this are only counted, unless asked for. */
const FILES_NAMED = 20;

/**
 * @returns the exit code
 * @throws UsageError where there is nothing to undo, or what was kept is damaged
 */
export async function run(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  const root = undoRoot(folderOf(argv, terminal));
  const entries = root === undefined ? [] : entriesOf(root);
  if (isOn(argv, 'list')) return list(entries, terminal);
  const chosen = choose(entries, lastValue(argv, 'number'));
  const files = lookAt(chosen);
  if (isOn(argv, 'dry-run')) return preview(chosen, files, argv, terminal);
  if (files.every(({ state }) => state === 'old') && (chosen.git?.commits.length ?? 0) > 0) {
    return nothingHere(chosen, terminal);
  }
  const restored = await terminal.uninterrupted(() => restore(chosen, files, isOn(argv, 'force')));
  report(chosen, restored, entries, argv, terminal);
  return restored.left.length + restored.problems.length > 0 ? FAILED : DONE;
}

function folderOf(argv: ParsedArgs, { cwd }: Terminal): string {
  const words = [argv.folder, argv['--']].flatMap((value) => value ?? []);
  if (words.length > 1) throw new UsageError(`undo takes one folder, and got '${words.join(' ')}'`);
  return resolve(cwd, String(words[0] ?? '.'));
}

function list(entries: readonly Recorded[], { stdout }: Terminal): number {
  if (entries.length === 0) stdout.write('Nothing can be undone here.\n');
  writeLines(stdout, entries.flatMap(listLines));
  return DONE;
}

function choose(entries: readonly Recorded[], number: string | undefined): Recorded {
  const [newest] = entries;
  if (newest === undefined) {
    throw new UsageError(
      'nothing to undo: no apply is recorded in this folder or above it; ' +
        'where it was elsewhere, name its folder',
    );
  }
  if (number === undefined) return newest;
  const found = entries.find((entry) => String(entry.number) === number);
  if (found) return found;
  const numbers = entries.map((entry) => entry.number).join(', ');
  throw new UsageError(`there is no number ${number} to undo; there is ${numbers}`);
}

/** What was kept may be damaged: that is no fault of ours. */
function lookAt(entry: Recorded): FileNow[] {
  try {
    return filesNow(entry);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function preview(
  entry: Recorded,
  files: readonly FileNow[],
  argv: ParsedArgs,
  terminal: Terminal,
): number {
  const force = isOn(argv, 'force');
  const chosen = files.filter((file) => isToRestore(file, force));
  writeDiff(chosen.map(changeOf), entry.root, terminal);
  showLeft(
    files.filter((file) => file.state !== 'old' && !isToRestore(file, force)),
    'would be left as it is',
    terminal,
  );
  terminal.stderr.write(
    `${plural(chosen.length, 'file')} would be restored, as they were before: ${entry.command}\n`,
  );
  return DONE;
}

/** The files are as they were because another branch is checked out; the entry waits for its own. */
function nothingHere(entry: Recorded, terminal: Terminal): number {
  const { stdout } = terminal;
  const width = widthOf(stdout);
  const nothing = `Nothing to restore: the files are as they were before ${entry.command}`;
  writeLines(stdout, [...paragraph(nothing, width), ...commitsWords(entry, width).said]);
  return DONE;
}

function report(
  entry: Recorded,
  { restored, left, problems }: Restored,
  entries: readonly Recorded[],
  argv: ParsedArgs,
  terminal: Terminal,
): void {
  const { stdout, cwd } = terminal;
  const width = widthOf(stdout);
  const named = restored.length <= FILES_NAMED || isOn(argv, 'verbose') ? restored : [];
  const open = left.length + problems.length;
  const { said, steps } = commitsWords(entry, width);
  writeLines(stdout, [
    ...[...named].sort().map((path) => `restored ${relativePath(cwd, path)}`),
    ...paragraph(sumOf(entry, restored.length, open), width),
    ...said,
  ]);
  showLeft(left, 'left as it is', terminal);
  showProblems(problems, terminal);
  writeLines(stdout, nextSteps([...nextOf(entry, open, entries, argv), ...steps], width));
}

function sumOf({ finished, command }: Recorded, restored: number, open: number): string {
  const cut = finished ? '' : ' (which was interrupted)';
  const what = `${command}${cut}`;
  if (open > 0) return `${plural(restored, 'file')} restored, ${open} not, of: ${what}`;
  if (restored === 0) return `All files were already as they were before: ${what}`;
  return `${plural(restored, 'file')} restored, as they were before: ${what}`;
}

function nextOf(
  entry: Recorded,
  open: number,
  entries: readonly Recorded[],
  argv: ParsedArgs,
): [string, string][] {
  const folder = [argv.folder, argv['--']]
    .flatMap((value) => value ?? [])
    .map(String)
    .map(quoteWord);
  const undo = ['anyio-codemod undo', ...folder].join(' ');
  const before = entries.find(({ number }) => number < entry.number);
  if (open > 0) {
    const steps: [string, string][] = [
      [`${undo} --dry-run --force`, 'see what your changes would give way to'],
      [`${undo} --force`, 'restore all of it; later changes are lost'],
    ];
    if (before)
      steps.push([`${undo} --number ${before.number}`, 'leave it, and undo the apply before']);
    return steps;
  }
  return before && entry === entries[0]
    ? [[undo, `take back the one before: ${before.command}`]]
    : [];
}

const WHY: Readonly<Record<string, string>> = {
  changed: 'has changed since',
  gone: 'is gone',
  unreadable: 'cannot be read',
};

function showLeft(left: readonly FileNow[], fate: string, { stderr, cwd }: Terminal): void {
  const lines = left.map(({ path, state }) => `${relativePath(cwd, path)}: ${WHY[state]}; ${fate}`);
  writeLines(stderr, lines);
}
