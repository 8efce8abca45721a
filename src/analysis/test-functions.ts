/**
 * The tests, fixtures and set-up functions of a file, as pytest collects them: by their names and
 * decorators (https://docs.pytest.org/en/stable/explanation/goodpractices.html#test-discovery).
 */

import type { Node } from 'web-tree-sitter';
import {
  ancestor,
  argumentsOf,
  codeChildren,
  isAsync,
  lastName,
  plainString,
} from '../syntax/nodes.ts';
import type { PythonFile } from './file.ts';
import { importedPath } from './import-path.ts';
import { decoratorsOf, definitionBody } from './types.ts';

/** How long pytest keeps what a fixture gives; `dynamic` when an expression decides it. */
export type FixtureScope = 'function' | 'class' | 'module' | 'package' | 'session' | 'dynamic';

/** A function that pytest calls: a test, or a set-up function such as `setup_method`. */
export interface TestFunction {
  kind: 'test' | 'setup' | 'fixture';
  file: PythonFile;
  /** The `function_definition`. */
  node: Node;
  name: string;
  async: boolean;
  /** The `class_definition` that it is a method of. */
  owner: Node | undefined;
  /** The fixtures that it asks for by parameter or `usefixtures`, those of its class too. */
  asks: ReadonlySet<string>;
}

export interface TestFixture extends TestFunction {
  kind: 'fixture';
  /** The name by which it is asked for. */
  given: string;
  /** The dotted name of its decorator: `pytest.fixture`, `pytest_asyncio.fixture`. */
  maker: string;
  /** `pytest.fixture` as written, with the call if there is one. */
  decorator: Node;
  scope: FixtureScope;
  autouse: boolean;
}

const SETUP = /^(setup|teardown)(_(module|class|method|function))?$/;
const SCOPES: readonly string[] = ['function', 'class', 'module', 'package', 'session'];

/** The tests, fixtures and set-up functions that stand in the module or in its classes. */
export function testFunctionsOf(file: PythonFile): (TestFunction | TestFixture)[] {
  const found: (TestFunction | TestFixture)[] = [];
  const moduleFixtures = marksFixtures(file, codeChildren(file.root));
  for (const node of file.root.descendantsOfType('function_definition')) {
    const body = node && definitionBody(node);
    if (!node || !body || body.type === 'function_definition') continue;
    const owner = body.type === 'class_definition' ? body : undefined;
    const one = functionOf(file, node, owner, moduleFixtures);
    if (one) found.push(one);
  }
  return found;
}

function functionOf(
  file: PythonFile,
  node: Node,
  owner: Node | undefined,
  moduleFixtures: readonly string[],
): TestFunction | TestFixture | undefined {
  const name = node.childForFieldName('name')?.text ?? '';
  const decorators = decoratorsOf(node);
  const own = { file, node, name, async: isAsync(node), owner };
  const parameters = parameterNames(node, owner !== undefined);
  for (const decorator of decorators) {
    const called = decorator.type === 'call' ? decorator.childForFieldName('function') : decorator;
    const maker = called ? importedPath(file, called) : undefined;
    if (maker === 'pytest.fixture' || maker === 'pytest_asyncio.fixture') {
      const asks = new Set(parameters);
      return { ...own, asks, kind: 'fixture', decorator, maker, ...settingsOf(decorator, name) };
    }
  }
  if (SETUP.test(name)) return { ...own, kind: 'setup', asks: new Set() };
  if (!name.startsWith('test')) return undefined;
  const mocks = mockArguments([...decorators, ...(owner ? decoratorsOf(owner) : [])]);
  const asked = parameters.slice(mocks);
  const asks = new Set([...asked, ...moduleFixtures, ...usedFixtures(file, decorators)]);
  for (let at = owner; at; at = ancestor(at, new Set(['class_definition']))) {
    for (const used of usedFixtures(file, decoratorsOf(at))) asks.add(used);
  }
  for (const filled of parametrized(decorators)) asks.delete(filled);
  return { ...own, kind: 'test', asks };
}

function settingsOf(
  decorator: Node,
  name: string,
): Pick<TestFixture, 'given' | 'scope' | 'autouse'> {
  const keywords = decorator.type === 'call' ? argumentsOf(decorator).keywords : new Map();
  const text = (key: string) => {
    const value = keywords.get(key);
    return value && plainString(value)?.content;
  };
  const scope = keywords.has('scope') ? (text('scope') ?? 'dynamic') : 'function';
  return {
    given: text('name') ?? name,
    scope: (SCOPES.includes(scope) ? scope : 'dynamic') as FixtureScope,
    autouse: keywords.has('autouse') && keywords.get('autouse')?.text !== 'False',
  };
}

/** Names of the parameters that have no default: pytest fills just those. */
function parameterNames(node: Node, isMethod: boolean): string[] {
  const list = node.childForFieldName('parameters');
  const names = codeChildren(list ?? node)
    .map((parameter) => {
      if (parameter.type === 'identifier') return parameter.text;
      return parameter.type === 'typed_parameter' ? codeChildren(parameter)[0]?.text : undefined;
    })
    .filter((name) => name !== undefined);
  return isMethod ? names.slice(1) : names;
}

/** How many parameters, the first ones, `@patch("app.db")` fills with mocks: pytest passes them over. */
function mockArguments(decorators: readonly Node[]): number {
  return decorators.filter((decorator) => {
    if (decorator.type !== 'call') return false;
    const called = decorator.childForFieldName('function');
    const isPatch = lastName(called) === 'patch';
    const isObject =
      lastName(called) === 'object' && lastName(called?.childForFieldName('object')) === 'patch';
    const { positional, keywords } = argumentsOf(decorator);
    const given = positional.length >= (isObject ? 3 : 2) || keywords.has('new');
    return (isPatch || isObject) && !given;
  }).length;
}

/** The strings of `pytest.mark.usefixtures("a", "b")`. */
function usedFixtures(file: PythonFile, decorators: readonly Node[]): string[] {
  return decorators.flatMap((decorator) => {
    if (decorator.type !== 'call') return [];
    const called = decorator.childForFieldName('function');
    if (!called || importedPath(file, called) !== 'pytest.mark.usefixtures') return [];
    return strings(argumentsOf(decorator).positional);
  });
}

/** What `pytestmark = pytest.mark.usefixtures(…)` at module level asks for. */
function marksFixtures(file: PythonFile, statements: readonly Node[]): string[] {
  return statements
    .filter((statement) => /^pytestmark\b/.test(statement.text))
    .flatMap((statement) => usedFixtures(file, callsIn(statement)));
}

function callsIn(statement: Node): Node[] {
  return statement.descendantsOfType('call').filter((node) => node !== null);
}

/** Parameters that `parametrize` fills itself: `"a, b"` or `["a", "b"]`. */
function parametrized(decorators: readonly Node[]): string[] {
  return decorators.flatMap((decorator) => {
    if (decorator.type !== 'call') return [];
    if (lastName(decorator.childForFieldName('function')) !== 'parametrize') return [];
    const { positional, keywords } = argumentsOf(decorator);
    const names = positional[0] ?? keywords.get('argnames');
    if (!names) return [];
    const given = names.type === 'string' ? [names] : codeChildren(names);
    return strings(given).flatMap((text) => text.split(',').map((name) => name.trim()));
  });
}

function strings(nodes: readonly Node[]): string[] {
  return nodes.map((node) => plainString(node)?.content).filter((text) => text !== undefined);
}
