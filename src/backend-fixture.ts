/**
 * The fixture `anyio_backend`, added where moved tests would find none of the project: without it,
 * anyio's plugin runs every test on each backend that is installed.
 */

import { dirname } from 'node:path';
import type { PythonFile } from './analysis/file.ts';
import { importedPath } from './analysis/import-path.ts';
import { attributesOn } from './analysis/longest-name.ts';
import type { Project } from './analysis/project.ts';
import { isBelow, type TestSuite } from './analysis/test-suite.ts';
import type { Rewrite } from './edit/types.ts';
import { codeChildren } from './syntax/nodes.ts';
import type { TestGroup } from './test-groups.ts';
import type { Edit, Piece } from './transform.ts';

/** Which backends the added fixture chooses. */
export type TestBackends = 'asyncio' | 'both';

/**
 * The rewrites that add the fixture: to the topmost chosen conftest.py above the tests, else to
 * each test file. Each is of a use that stands for the new text alone and is in no account.
 *
 * @param groups those that are rewritten in this run
 */
export function backendFixtures(
  groups: Iterable<TestGroup>,
  suite: TestSuite,
  project: Project,
  backends: TestBackends,
): Rewrite[] {
  const without = new Set<PythonFile>();
  for (const { tests, fixtures } of groups) {
    for (const member of [...tests, ...fixtures]) {
      if (suite.named('anyio_backend', member).length === 0) without.add(member.file);
    }
  }
  const homes = new Set([...without].map((file) => homeOf(file, suite, project)));
  return [...homes].map((file) => additionTo(file, backends));
}

/**
 * A conftest.py serves all tests below it. Where some of those are anyio's already, they might run on
 * fewer backends than before: then each file gets its own.
 */
function homeOf(file: PythonFile, suite: TestSuite, project: Project): PythonFile {
  const above = project.store.candidates
    .filter(({ path, selected }) => selected && /[\\/]conftest\.py$/.test(path))
    .filter(({ path }) => isBelow(file.path, dirname(path)))
    .sort((a, b) => a.path.length - b.path.length);
  for (const candidate of above) {
    const conftest = project.store.load(candidate);
    if (!conftest || conftest.root.hasError) continue;
    const others = suite.files.some(
      (other) => isBelow(other.path, dirname(conftest.path)) && runsOnAnyio(other),
    );
    if (!others) return conftest;
  }
  return file;
}

function runsOnAnyio(file: PythonFile): boolean {
  if (!/\bmark\s*\.\s*anyio\b/.test(file.text)) return false;
  return file.scopes.references.some(({ node }) =>
    attributesOn(node).some((at) => importedPath(file, at) === 'pytest.mark.anyio'),
  );
}

function additionTo(file: PythonFile, backends: TestBackends): Rewrite {
  const edit = insertion(file, fixtureText(file, backends));
  const span = { start: edit.start, end: edit.end };
  return {
    use: {
      file,
      name: 'pytest.fixture',
      role: 'reference',
      span,
      node: file.root,
      spelling: 'from',
    },
    verdict: { kind: 'rewrite', safety: 'safe', edits: [edit], minAnyio: '4.0.0' },
  };
}

/** The fixture without line ends around it, in the manner of the file. */
function fixtureText(file: PythonFile, backends: TestBackends): Piece[] {
  const quote = quoteOf(file);
  const indent = /\n([ \t]+)\S/.exec(file.text)?.[1] ?? '    ';
  const typed = /\)\s*->\s*[^:\n]+:/.test(file.text);
  const [asyncio, trio] = ['asyncio', 'trio'].map((name) => quote + name + quote);
  const scope = `scope=${quote}session${quote}`;
  const end = newlineOf(file);
  const fixture = { module: 'pytest', name: 'fixture' };
  if (backends === 'asyncio') {
    const head = `def anyio_backend()${typed ? ' -> str' : ''}:`;
    return ['@', fixture, `(${scope})${end}${head}${end}${indent}return ${asyncio}`];
  }
  const request = typed
    ? ['request: ', { module: 'pytest', name: 'FixtureRequest' }, ') -> str:']
    : ['request):'];
  return [
    '@',
    fixture,
    `(${scope}, params=[${asyncio}, ${trio}])${end}def anyio_backend(`,
    ...request,
    `${end}${indent}return request.param`,
  ];
}

/** Before the first function or class, else at the end of the file. */
function insertion(file: PythonFile, pieces: Piece[]): Edit {
  const end = newlineOf(file);
  const statements = codeChildren(file.root);
  const first = statements.findIndex(({ type }) =>
    ['function_definition', 'class_definition', 'decorated_definition'].includes(type),
  );
  const definition = statements[first];
  if (definition && first > 0) {
    const start = aboveComments(file, definition.startIndex);
    return { start, end: start, pieces: [...pieces, end + end + end] };
  }
  const { text } = file;
  const start = text.trimEnd().length;
  const gap = start === 0 || text.trim() === '\uFEFF' ? '' : end + end + end;
  return { start, end: start, pieces: [gap, ...pieces, start === text.length ? end : ''] };
}

/** The start of the comment lines that stand directly above a line. */
function aboveComments({ text }: PythonFile, offset: number): number {
  const lines = text.slice(0, offset).split('\n');
  let at = lines.length - 1;
  while (at > 0 && /^\s*#/.test(lines[at - 1] ?? '')) at -= 1;
  return lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0);
}

function quoteOf({ text }: PythonFile): string {
  const single = text.match(/'/g)?.length ?? 0;
  return single > (text.match(/"/g)?.length ?? 0) ? "'" : '"';
}

function newlineOf({ text }: PythonFile): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}
