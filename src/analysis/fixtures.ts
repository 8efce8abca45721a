/** pytest fixtures: who is handed what a fixture returns or yields. */

import { argumentsOf, plainString, same } from '../syntax/nodes.ts';
import type { Definitions } from './definitions.ts';
import type { PythonFile } from './file.ts';
import type { Project } from './project.ts';
import type { Report } from './readers.ts';
import { decoratorName, decoratorsOf, type FunctionInfo, isFixture } from './types.ts';

/**
 * Reports the parameters that pytest fills with a fixture, by its name. A file can get fixtures of
 * others through conftest.py, imports and plugins, so all test functions of the project count;
 * those that the fixture reaches for certain are in its own file, or in the folder of its conftest.
 */
export function fixtureParameters(
  fixture: FunctionInfo,
  project: Project,
  definitions: Definitions,
  report: Report,
): void {
  const name = fixtureName(fixture);
  if (name === undefined) {
    return report.escape('a fixture whose name is computed', fixture.node, fixture.file, true);
  }
  for (const file of project.filesMentioning(name)) {
    const near = isNear(fixture.file, file);
    for (const scope of file.scopes.byNode.values()) {
      const sites = scope.bindings.get(name);
      if (scope.kind !== 'function' || !sites?.some(({ kind }) => kind === 'parameter')) continue;
      if (!near && !takesFixtures(definitions, file, scope.node)) continue;
      report.alias({ kind: 'variable', file, scope, name }, near);
    }
    for (const { node } of file.scopes.strings) {
      const call = node.parent?.parent;
      if (call?.type !== 'call' || plainString(node)?.content !== name) continue;
      const callee = call.childForFieldName('function')?.childForFieldName('attribute')?.text;
      const [first] = argumentsOf(call).positional;
      if (callee === 'getfixturevalue' && same(first, node)) report.read(call, file, near);
    }
  }
}

/** The name under which a fixture is asked for; undefined when the decorator computes it. */
function fixtureName(fixture: FunctionInfo): string | undefined {
  const decorator = decoratorsOf(fixture.node).find((found) => decoratorName(found) === 'fixture');
  const given =
    decorator?.type === 'call' ? argumentsOf(decorator).keywords.get('name') : undefined;
  return given ? plainString(given)?.content : fixture.name;
}

function isNear(home: PythonFile, file: PythonFile): boolean {
  if (home === file) return true;
  const [, folder] = /^(.*[\\/])conftest\.py$/.exec(home.path) ?? [];
  return folder !== undefined && file.path.startsWith(folder);
}

function takesFixtures(
  definitions: Definitions,
  file: PythonFile,
  node: FunctionInfo['node'],
): boolean {
  if (node.type !== 'function_definition') return false;
  const definition = definitions.functionOf(file, node);
  return definition.name.startsWith('test') || isFixture(definition);
}
