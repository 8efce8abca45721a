/** Builds files from text and rewrites chosen names, for the tests of the edit room. */

import { PythonFile } from '../src/analysis/file.ts';
import { Project } from '../src/analysis/project.ts';
import { collectUses } from '../src/analysis/uses.ts';
import { type EditOptions, editFile, type Rewrite, validateEdit } from '../src/edit/edit-file.ts';
import type { NeededName, Use } from '../src/transform.ts';

/** What the tests rewrite, name by name. The last ones show a new name, one that lies in a module of anyio, another library, and a part of anyio. */
const RENAMES: Record<string, NeededName> = {
  'asyncio.sleep': { module: 'anyio', name: 'sleep' },
  'asyncio.run': { module: 'anyio', name: 'run' },
  'asyncio.Lock': { module: 'anyio', name: 'Lock' },
  'asyncio.Event': { module: 'anyio', name: 'Event' },
  'asyncio.BoundedSemaphore': { module: 'anyio', name: 'Semaphore' },
  'asyncio.to_thread': { module: 'anyio', name: 'to_thread.run_sync' },
  'asyncio.iscoroutine': { module: 'functools', name: 'partial' },
  'asyncio.subprocess.Process': { module: 'anyio.abc', name: 'Process' },
};

export const DEFAULTS: EditOptions = {
  importStyle: 'keep',
  keep: () => undefined,
  isFirstParty: (module) => module === 'app' || module === 'tests',
};

export function makeFile(text: string, path = '/project/m.py'): PythonFile {
  const isPackage = path.endsWith('/__init__.py');
  return new PythonFile({ path, text, encoding: 'utf8', module: 'm', isPackage, selected: true });
}

export function usesOf(file: PythonFile): Use[] {
  return collectUses(
    file,
    new Project({ candidates: [], mentions: () => false, load: () => undefined }),
  );
}

/** Verdicts for the uses of the names above, but for those on lines that say `KEEP`. */
export function chooseRewrites(
  file: PythonFile,
  chosen: (use: Use) => boolean = () => true,
): Rewrite[] {
  const rewrites: Rewrite[] = [];
  for (const use of usesOf(file)) {
    const needed = RENAMES[use.name];
    const line = file.text.split(/\r\n|\r|\n/)[file.lines.at(use.span.start).line - 1] ?? '';
    if (!needed || use.role === 'import' || line.includes('KEEP') || !chosen(use)) continue;
    const edits = [{ ...use.span, pieces: [needed] }];
    rewrites.push({ use, verdict: { kind: 'rewrite', safety: 'safe', minAnyio: '4.0.0', edits } });
  }
  return rewrites;
}

export interface Edited {
  text: string;
  /** The codes of refused uses with their lines: `name-collision:3`. */
  refused: string[];
  /** What `validateEdit` says of the text. */
  fault: string | undefined;
}

/** Rewrites a text as the engine does: what is refused is dropped, and the rest tried again. */
export function edit(text: string, options: Partial<EditOptions> = {}, path?: string): Edited {
  const file = makeFile(text, path);
  try {
    return editWith(file, chooseRewrites(file), { ...DEFAULTS, ...options });
  } finally {
    file.dispose();
  }
}

export function editWith(file: PythonFile, all: Rewrite[], options: EditOptions): Edited {
  const refused: string[] = [];
  let rewrites = all;
  for (;;) {
    const outcome = editFile(file, rewrites, options);
    for (const [use, { code }] of outcome.refused) {
      refused.push(`${code}:${file.lines.at(use.span.start).line}`);
    }
    if (outcome.refused.size === 0) {
      return { text: outcome.text, refused, fault: validateEdit(file, rewrites, outcome.text) };
    }
    rewrites = rewrites.filter(({ use }) => !outcome.refused.has(use));
  }
}

/** A text without the indentation that the first line has, and without the first newline. */
export function py(strings: TemplateStringsArray, ...values: string[]): string {
  const text = String.raw({ raw: strings.raw }, ...values).replace(/^\n/, '');
  const indent = /^ */.exec(text)?.[0] ?? '';
  return text.replaceAll(new RegExp(`^${indent}`, 'gm'), '').replace(/ +$/, '');
}
