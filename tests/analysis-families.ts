/** Reads and checks programs that say in comments what a family must record. */

import { expect } from 'vitest';
import type { Operation } from '../src/analysis/families.ts';
import { type Texts, Workspace } from './analysis-harness.ts';

/**
 * A program whose comments `#: clear` say what must be recorded on their line: a method by its name,
 * `.clear` for a member that is not called, `=x` for one that is set, `async with`, `with`,
 * `-> wait_for` for what is handed to asyncio, `mixed`, `escape`; several are joined by commas, and
 * `maybe` goes before what is not certain. Nothing else may be recorded. Lines `# file: a.py` part
 * a project; each file that says `asyncio.` has the import added.
 */
export function textsOf(program: string): Texts {
  const parts = program.split(/^# file: (\S+)\n/m);
  const texts: Record<string, string> = {};
  if (parts[0]?.trim()) texts['m.py'] = parts[0];
  for (let at = 1; at < parts.length; at += 2) texts[parts[at] ?? ''] = parts[at + 1] ?? '';
  for (const [path, text] of Object.entries(texts)) {
    if (text.includes('asyncio.')) texts[path] = `import asyncio\n${text}`;
  }
  return texts;
}

/** `m.py:3 clear` for each thing that the comments of a project tell of. */
export function expectedIn(texts: Texts): string[] {
  const found: string[] = [];
  for (const [path, text] of Object.entries(texts)) {
    for (const [index, line] of text.split('\n').entries()) {
      const [, told] = /#: (.*)$/.exec(line) ?? [];
      for (const what of told?.split(', ') ?? []) found.push(`${path}:${index + 1} ${what}`);
    }
  }
  return found.sort();
}

/** The same of operations. */
export function recorded(operations: readonly Operation[]): string[] {
  const found = operations.map((operation) => {
    const path = operation.file.path.replace('/project/', '');
    const maybe = operation.certain ? '' : 'maybe ';
    return `${path}:${operation.place.line} ${maybe}${wordFor(operation)}`;
  });
  return [...new Set(found)].sort();
}

function wordFor({ kind, name }: Operation): string {
  switch (kind) {
    case 'method':
      return name;
    case 'attribute':
      return `.${name}`;
    case 'store':
      return `=${name}`;
    case 'argument':
      return `-> ${name.replace('asyncio.', '')}`;
    case 'async-with':
      return 'async with';
    default:
      return kind;
  }
}

/** Expects one family in the program, with just the operations that its comments tell of. */
export function expectFamily(program: string): void {
  const texts = textsOf(program);
  const families = new Workspace(texts).allFamilies;
  const operations = families.flatMap((family) => family.operations);
  expect(recorded(operations)).toEqual(expectedIn(texts));
  expect(families).toHaveLength(1);
}

/** The families of a program: for each the lines of its uses, and what is recorded. */
export function familiesOf(program: string): { uses: string[]; operations: string[] }[] {
  return new Workspace(textsOf(program)).allFamilies.map((family) => ({
    uses: family.uses.map(({ file, span }) => {
      return `${file.path.replace('/project/', '')}:${file.lines.at(span.start).line}`;
    }),
    operations: recorded(family.operations),
  }));
}
