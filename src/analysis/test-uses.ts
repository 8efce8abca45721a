/**
 * What tests say to pytest-asyncio and do not take from its module: the mark `pytest.mark.asyncio`,
 * the fixture `event_loop`; and unittest's own way of running async tests. The names of the module
 * `pytest_asyncio` itself are found like those of asyncio.
 */

import type { Node } from 'web-tree-sitter';
import type { Role, Use } from '../transform.ts';
import type { PythonFile } from './file.ts';
import { importedPath } from './import-path.ts';
import { attributesOn } from './longest-name.ts';
import { roleOf } from './roles.ts';
import { type TestFixture, type TestFunction, testFunctionsOf } from './test-functions.ts';
import { decoratorsOf } from './types.ts';

/** Canonical names of the uses that `testUses` finds. */
export const TEST_NAMES = {
  mark: 'pytest.mark.asyncio',
  /** An `async def` under `pytest.fixture`, which pytest-asyncio runs in its auto mode. */
  plainFixture: 'pytest.fixture',
  /** An async test without a mark of its own, which that mode runs as well. */
  unmarked: 'pytest_asyncio.auto_mode',
  eventLoop: 'pytest_asyncio.event_loop',
  isolated: 'unittest.IsolatedAsyncioTestCase',
} as const;

/** The words without one of which a file has none of these uses. */
export const TEST_WORDS = /\bpytest(_asyncio)?\b|\bevent_loop\b|\bIsolatedAsyncioTestCase\b/;

/** Names through an import that count, when nothing longer is read from them. */
const NAMES: ReadonlySet<string> = new Set([TEST_NAMES.mark, TEST_NAMES.isolated]);
/** Fixtures of pytest-asyncio that stand for its loop. */
const LOOPS: ReadonlySet<string> = new Set(['event_loop', 'event_loop_policy']);

/**
 * The uses, in the order of the text.
 *
 * @param auto whether pytest-asyncio runs async fixtures that are not its own, and unmarked tests
 */
export function testUses(file: PythonFile, auto: boolean): Use[] {
  if (!TEST_WORDS.test(file.text) && !auto) return [];
  const implied = auto ? [...plainFixtures(file), ...unmarkedTests(file)] : [];
  const uses = [...namedUses(file), ...loopUses(file), ...implied];
  return uses.sort((a, b) => a.span.start - b.span.start);
}

function namedUses(file: PythonFile): Use[] {
  const uses: Use[] = [];
  for (const { node } of file.scopes.references) {
    for (const at of [node, ...attributesOn(node)]) {
      const name = importedPath(file, at);
      if (name === undefined || !NAMES.has(name)) continue;
      uses.push(useOf(file, name, at, roleOf(at)));
    }
  }
  return uses;
}

/** Parameters called `event_loop`, and fixtures that take its place. */
function loopUses(file: PythonFile): Use[] {
  if (!/\bevent_loop(_policy)?\b/.test(file.text)) return [];
  return testFunctionsOf(file).flatMap((found) => {
    const uses = parametersNamed(found.node, 'event_loop').map((node) =>
      useOf(file, TEST_NAMES.eventLoop, node, 'argument'),
    );
    const name = found.node.childForFieldName('name');
    if (found.kind === 'fixture' && LOOPS.has((found as TestFixture).given) && name) {
      uses.push(useOf(file, TEST_NAMES.eventLoop, name, 'reference'));
    }
    return uses;
  });
}

function plainFixtures(file: PythonFile): Use[] {
  return testFunctionsOf(file)
    .filter(isPlainAsyncFixture)
    .map(({ decorator }) => {
      const called =
        decorator.type === 'call' ? decorator.childForFieldName('function') : decorator;
      return useOf(file, TEST_NAMES.plainFixture, called ?? decorator, 'decorator');
    });
}

function unmarkedTests(file: PythonFile): Use[] {
  return testFunctionsOf(file)
    .filter(({ kind, async, node }) => kind === 'test' && async && !isMarked(file, node))
    .map(({ node }) => node.childForFieldName('name'))
    .filter((name) => name !== null)
    .map((name) => useOf(file, TEST_NAMES.unmarked, name, 'reference'));
}

function isMarked(file: PythonFile, definition: Node): boolean {
  return decoratorsOf(definition).some((decorator) => {
    const named = decorator.type === 'call' ? decorator.childForFieldName('function') : decorator;
    return named !== null && importedPath(file, named) === TEST_NAMES.mark;
  });
}

function isPlainAsyncFixture(found: TestFunction): found is TestFixture {
  return (
    found.kind === 'fixture' && found.async && (found as TestFixture).maker === 'pytest.fixture'
  );
}

function parametersNamed(definition: Node, name: string): Node[] {
  const list = definition.childForFieldName('parameters');
  return (list?.namedChildren ?? [])
    .map((parameter) => (parameter.type === 'identifier' ? parameter : parameter.namedChild(0)))
    .filter((node) => node !== null)
    .filter((node) => node.type === 'identifier' && node.text === name);
}

function useOf(file: PythonFile, name: string, node: Node, role: Role): Use {
  const span = { start: node.startIndex, end: node.endIndex };
  const spelling = node.type === 'attribute' ? 'module' : 'from';
  return { file, name, role, span, node, spelling };
}
