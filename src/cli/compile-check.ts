/** Lets a real Python compile the new text of each file, where one is at hand. */

import { spawn } from 'node:child_process';
import { encode } from '../files/encoding.ts';
import type { FileChange, FileProblem } from '../result.ts';

export interface CompileCheck {
  /** The Python that was asked, such as `python3`; undefined when there is none. */
  python: string | undefined;
  /** Files whose new text does not compile though the old one did: a fault of ours. */
  problems: FileProblem[];
}

/** A check that takes longer than this is given up, in milliseconds; a big project needs seconds. */
const PATIENCE = 120_000;

/**
 * Reads `[{path, cell, old, new}]`, texts in base64, and writes `[{path, cell, line, message}]` of
 * those whose new text alone fails. `compile` wants bytes, so that it follows the coding line as an
 * import does. A cell of a notebook may await.
 */
const SCRIPT = `
import ast, base64, json, sys, warnings
warnings.simplefilter("ignore")
def failure(text, path, flags):
    try:
        compile(base64.b64decode(text), path, "exec", flags, dont_inherit=True)
    except Exception as error:
        return error
found = []
for each in json.loads(sys.stdin.read()):
    flags = 0 if each["cell"] is None else ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    if failure(each["old"], each["path"], flags) is None:
        error = failure(each["new"], each["path"], flags)
        if error is not None:
            message = getattr(error, "msg", None) or str(error)
            found.append({"path": each["path"], "cell": each["cell"], "line": getattr(error, "lineno", None), "message": message})
print(json.dumps(found))
`;

/**
 * Compiles the old and the new text of every change with the first Python that runs. A file whose
 * old text that Python rejects (it may be too old for it) is not judged.
 *
 * @param changes Python files and notebooks only
 * @param env where PATH is looked up
 */
export async function compileCheck(
  changes: readonly FileChange[],
  env: NodeJS.ProcessEnv,
): Promise<CompileCheck> {
  const { python, failures } = await compileFailures(changes, env);
  return { python, problems: failures.map(problemOf) };
}

/** As `compileCheck`, with what Python says and not whose fault it is. */
export async function compileFailures(
  changes: readonly FileChange[],
  env: NodeJS.ProcessEnv,
): Promise<{ python: string | undefined; failures: readonly Failure[] }> {
  if (changes.length === 0) return { python: undefined, failures: [] };
  const input = JSON.stringify(changes.flatMap(textsOf));
  for (const python of ['python3', 'python']) {
    const output = await ask(python, input, env);
    const failures = output === undefined ? undefined : parseFailures(output);
    if (failures) return { python, failures };
  }
  return { python: undefined, failures: [] };
}

/** A file, or each cell of a notebook that changes. */
function textsOf({ path, before, after, encoding, cells }: FileChange): Texts[] {
  if (!cells) {
    return [{ path, cell: null, old: base64(before, encoding), new: base64(after, encoding) }];
  }
  return cells.before.flatMap(({ cell, text }, at) => {
    const now = cells.after[at]?.text ?? '';
    if (now === text) return [];
    return [{ path, cell, old: base64(text, 'utf8'), new: base64(now, 'utf8') }];
  });
}

interface Texts {
  path: string;
  cell: number | null;
  /** In base64, as `new` is. */
  old: string;
  new: string;
}

/** Python takes the old text of a file and not the new one. */
export interface Failure {
  path: string;
  cell: number | null;
  line: number | null;
  message: string;
}

function problemOf(failure: Failure): FileProblem {
  return {
    path: failure.path,
    code: 'compile',
    message: `the new code does not compile (${failure.message}); this is a bug of anyio-codemod`,
    line: failure.line ?? undefined,
    cell: failure.cell ?? undefined,
  };
}

function parseFailures(output: string): Failure[] | undefined {
  try {
    const value: unknown = JSON.parse(output);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The output of `python` when it ran to its end, else undefined. */
function ask(python: string, input: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(python, ['-I', '-c', SCRIPT], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      // Not `timeout`: its timer outlives a Python that is not there, and the program waits for it.
      signal: AbortSignal.timeout(PATIENCE),
      windowsHide: true,
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', () => resolve(undefined));
    child.on('close', (code) =>
      resolve(code === 0 ? Buffer.concat(output).toString('utf8') : undefined),
    );
    // A Python that dies early closes the pipe; its exit code says so.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

function base64(text: string, encoding: string): string {
  return encode(text, encoding).toString('base64');
}
