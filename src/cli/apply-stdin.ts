/** `apply -`: the new text on stdout, for editors and pipes. Nothing on disk changes. */

import { encodeSource } from '../files/read.ts';
import { relativePath } from '../report/layout.ts';
import type { FileProblem, Migration } from '../result.ts';
import { UsageError } from '../usage.ts';
import { formatOf, isOn, type ParsedArgs } from './argv.ts';
import { compileCheck } from './compile-check.ts';
import { closing } from './diff.ts';
import { DONE, FAILED, showNotes, showProblems } from './problems.ts';
import { requestOf } from './request.ts';
import { type Terminal, writeLines } from './terminal.ts';

/** Flags that are about files on disk. */
const OF_DISK = ['branch', 'commit', 'message', 'allow-dirty', 'no-undo'] as const;

/**
 * Prints the text whole, changed or not: what reads it puts it in the place of the old one. The talk
 * is kept to problems, since an editor may show it, or take it for the text.
 *
 * @returns the exit code; with 2 the text is as it came
 * @throws UsageError for flags that ask for something on disk
 */
export async function applyToStdin(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  const flag = OF_DISK.find((name) => argv[name] !== undefined);
  if (flag) throw new UsageError(`--${flag} is for files: of '-' the new text is printed`);
  if (formatOf(argv) !== 'text') {
    throw new UsageError("apply - prints the new text: 'diff - --format json' reports on it");
  }
  const { provided, ...request } = await requestOf(argv, terminal, 'hybrid');
  if (!provided) throw new Error('there is no text on stdin');
  const migration = await terminal.engine.migrate({ ...request, provided });
  const { bytes, problems } = await newText(migration, provided.path, argv, terminal);
  terminal.stdout.write(bytes ?? provided.bytes);
  if (isOn(argv, 'verbose')) {
    writeLines(terminal.stderr, closing(migration, argv, terminal, 'would'));
  }
  showNotes(migration.notes, terminal);
  showProblems(problems, terminal);
  return problems.length > 0 ? FAILED : DONE;
}

/** The bytes of the new text, unless it has to stay as it is. */
async function newText(
  migration: Migration,
  path: string,
  argv: ParsedArgs,
  terminal: Terminal,
): Promise<{ bytes?: Buffer; problems: FileProblem[] }> {
  const { changes, problems } = migration;
  const change = changes.find((each) => each.path === path);
  if (!change || problems.length > 0) return { problems };
  const other = changes.find((each) => each !== change);
  if (other) return { problems: [needsOther(path, relativePath(terminal.cwd, other.path))] };
  if (!isOn(argv, 'no-compile-check')) {
    const broken = (await compileCheck([change], terminal.env)).problems;
    if (broken.length > 0) return { problems: broken };
  }
  try {
    return { bytes: encodeSource(change.after, change.encoding), problems: [] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { problems: [{ path, code: 'write', message }] };
  }
}

function needsOther(path: string, other: string): FileProblem {
  const message = `${other} would have to change as well, so the text is left as it is; run apply on the files`;
  return { path, code: 'write', message };
}
