/**
 * Which test asks for which fixture, and which mark stands over which test, across the files of a
 * project. Where pytest's own resolution cannot be told (a fixture that comes through an import or
 * a plugin module of the project), every fixture of the name counts.
 */

import { dirname, sep } from 'node:path';
import type { Node } from 'web-tree-sitter';
import { ancestor, codeChildren, lastName, same, withParens } from '../syntax/nodes.ts';
import type { PythonFile } from './file.ts';
import { type TestFixture, type TestFunction, testFunctionsOf } from './test-functions.ts';

/** What a mark stands over. `elsewhere`: its tests cannot be told from the syntax. */
export type MarkCover =
  | { kind: 'tests'; tests: TestFunction[] }
  | { kind: 'parameter' }
  | { kind: 'elsewhere' };

const CLASSES: ReadonlySet<string> = new Set(['class_definition']);

export class TestSuite {
  readonly tests: TestFunction[] = [];
  readonly setups: TestFunction[] = [];
  readonly fixtures: TestFixture[] = [];
  private readonly byName = new Map<string, TestFixture[]>();
  private readonly byFile = new Map<PythonFile, TestFunction[]>();
  private readonly closures = new Map<TestFunction, Set<TestFixture>>();

  /** @param files all that may hold tests and fixtures. */
  constructor(readonly files: readonly PythonFile[]) {
    for (const found of files.flatMap(testFunctionsOf)) {
      if (found.kind === 'test') this.addTest(found);
      else if (found.kind === 'setup') this.setups.push(found);
      else this.addFixture(found as TestFixture);
    }
  }

  private addTest(test: TestFunction): void {
    this.tests.push(test);
    const list = this.byFile.get(test.file);
    if (list) list.push(test);
    else this.byFile.set(test.file, [test]);
  }

  private addFixture(fixture: TestFixture): void {
    this.fixtures.push(fixture);
    const list = this.byName.get(fixture.given);
    if (list) list.push(fixture);
    else this.byName.set(fixture.given, [fixture]);
  }

  /** Every fixture that a test or fixture may get, what its fixtures ask for included. */
  closure(of: TestFunction): ReadonlySet<TestFixture> {
    let found = this.closures.get(of);
    if (!found) {
      found = new Set();
      this.closures.set(of, found);
      const asked = [...of.asks].flatMap((name) => this.named(name, of));
      const always = this.fixtures.filter((each) => each.autouse && this.isVisible(each, of));
      for (const fixture of [...asked, ...always]) {
        if (fixture === of) continue;
        found.add(fixture);
        for (const further of this.closure(fixture)) found.add(further);
      }
    }
    return found;
  }

  /** The fixtures of a name that a function may mean. */
  named(name: string, by: TestFunction): TestFixture[] {
    return (this.byName.get(name) ?? []).filter((fixture) => this.isVisible(fixture, by));
  }

  /** Whether the project defines a fixture of the name. */
  defines(name: string): boolean {
    return this.byName.has(name);
  }

  /** Whether a fixture may be asked for where a function stands. */
  isVisible(fixture: TestFixture, by: TestFunction): boolean {
    if (fixture.file === by.file) {
      return !fixture.owner || isWithin(by.node, fixture.owner) || this.isHeir(by, fixture.owner);
    }
    if (isConftest(fixture.file)) return isBelow(by.file.path, dirname(fixture.file.path));
    const isTestFile = this.byFile.has(fixture.file);
    // A module of fixtures reaches tests by imports, by `pytest_plugins`, by base classes.
    return !isTestFile || by.file.scopes.module.bindings.has(fixture.name) || !!fixture.owner;
  }

  /** What a mark (`pytest.mark.asyncio`, without its call) stands over. */
  coverOf(file: PythonFile, mark: Node): MarkCover {
    const call = mark.parent?.type === 'call' ? mark.parent : undefined;
    let at = withParens(call && same(call.childForFieldName('function'), mark) ? call : mark);
    let up = at.parent;
    while (up && ['list', 'tuple', 'expression_list'].includes(up.type)) {
      at = up;
      up = up.parent;
    }
    if (up?.type === 'decorator') return this.decorated(file, up);
    if (up && ['assignment', 'augmented_assignment'].includes(up.type)) {
      return this.assigned(file, up);
    }
    if (up?.type === 'keyword_argument' && up.childForFieldName('name')?.text === 'marks') {
      return { kind: 'parameter' };
    }
    return { kind: 'elsewhere' };
  }

  private decorated(file: PythonFile, decorator: Node): MarkCover {
    const definition = decorator.parent?.childForFieldName('definition');
    if (definition?.type === 'class_definition') return this.inClass(definition);
    const tests = this.testsIn(file).filter((test) => same(test.node, definition));
    return { kind: 'tests', tests };
  }

  private assigned(file: PythonFile, assignment: Node): MarkCover {
    if (assignment.childForFieldName('left')?.text !== 'pytestmark') return { kind: 'elsewhere' };
    const owner = ancestor(assignment, new Set(['class_definition', 'function_definition']));
    if (owner?.type === 'class_definition') return this.inClass(owner);
    if (owner) return { kind: 'elsewhere' };
    return { kind: 'tests', tests: this.testsIn(file) };
  }

  private testsIn(file: PythonFile): TestFunction[] {
    return this.byFile.get(file) ?? [];
  }

  /** The tests of a class and of those that derive from it, known by name. */
  private inClass(owner: Node): MarkCover {
    const tests = this.tests.filter(
      (test) => isWithin(test.node, owner) || this.isHeir(test, owner),
    );
    return { kind: 'tests', tests };
  }

  /** Whether a function's class derives, by the names of the bases, from another. */
  private isHeir(test: TestFunction, owner: Node): boolean {
    const name = owner.childForFieldName('name')?.text ?? '';
    return test.owner !== undefined && this.derives(test.owner, name);
  }

  private derives(owner: Node, name: string, depth = 0): boolean {
    const bases = baseNames(owner);
    if (bases.includes(name)) return true;
    if (depth > 5) return false;
    return this.classes().some(
      (other) =>
        bases.includes(other.childForFieldName('name')?.text ?? '') &&
        this.derives(other, name, depth + 1),
    );
  }

  private allClasses: Node[] | undefined;

  private classes(): readonly Node[] {
    this.allClasses ??= [
      ...new Map(
        [...this.tests, ...this.fixtures]
          .map(({ owner }) => owner)
          .filter((owner) => owner !== undefined)
          .map((owner) => [owner.id, owner]),
      ).values(),
    ];
    return this.allClasses;
  }

  /** Whether unittest runs a test on a loop of its own: its class is an IsolatedAsyncioTestCase. */
  isIsolated(test: TestFunction): boolean {
    return test.owner !== undefined && this.derives(test.owner, 'IsolatedAsyncioTestCase');
  }
}

/** Whether pytest reads a file's fixtures for all tests in its folder. */
export function isConftest(file: PythonFile): boolean {
  return /(^|[\\/])conftest\.py$/.test(file.path);
}

/** Whether a path lies in a folder. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The last names of a class's bases. */
function baseNames(owner: Node): string[] {
  const list = owner.childForFieldName('superclasses');
  return codeChildren(list ?? owner)
    .filter((base) => list && base.type !== 'keyword_argument')
    .map((base) => lastName(base.type === 'subscript' ? codeChildren(base)[0] : base) ?? '');
}

function isWithin(node: Node, outer: Node): boolean {
  for (let up = ancestor(node, CLASSES); up; up = ancestor(up, CLASSES)) {
    if (same(up, outer)) return true;
  }
  return false;
}
