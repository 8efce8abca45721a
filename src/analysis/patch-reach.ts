/**
 * Which files run their code under a patch that another file makes: tests that take a fixture of a
 * conftest.py, or that call what they import from a helper.
 */

import type { Node } from 'web-tree-sitter';
import { argumentsOf, plainString } from '../syntax/nodes.ts';
import type { Use } from '../transform.ts';
import type { PythonFile } from './file.ts';
import type { Project } from './project.ts';
import { decoratorName, decoratorsOf } from './types.ts';

const CONFTEST = /^(.*[\\/])conftest\.py$/;
const TEST_FILE = /[\\/](?:test_[^\\/]*|[^\\/]*_test|conftest)\.py$/;

/** The files of the project, besides its own, whose tests run under a patch. */
export function filesUnder(patch: Use, project: Project): PythonFile[] {
  const { file } = patch;
  const [, folder] = CONFTEST.exec(file.path) ?? [];
  const definition = topDefinition(patch.node);
  const name = definition?.childForFieldName('name')?.text;
  const fixture = definition && fixtureOf(definition);
  if (folder !== undefined && fixture) {
    return fixture.everywhere ? testsBelow(folder, project) : takers(folder, fixture.name, project);
  }
  // What stands in a conftest.py beside its fixtures runs when pytest loads it: its hooks do too.
  if (folder !== undefined && (name === undefined || name.startsWith('pytest_'))) {
    return testsBelow(folder, project);
  }
  if (name === undefined || /^test/i.test(name)) return [];
  return project
    .importersOf(file, name)
    .filter((other) => other.importedAs(name).length > 0 || other.attributes(name).length > 0);
}

/** The function or class at module level that a node stands in. */
function topDefinition(node: Node): Node | undefined {
  let top = node;
  while (top.parent?.parent) top = top.parent;
  const definition =
    top.type === 'decorated_definition' ? top.childForFieldName('definition') : top;
  return definition?.type.endsWith('_definition') ? definition : undefined;
}

/** The name under which tests ask for a fixture, and whether all get it unasked (`autouse=True`). */
function fixtureOf(definition: Node): { name: string; everywhere: boolean } | undefined {
  const decorator = decoratorsOf(definition).find((found) => decoratorName(found) === 'fixture');
  if (!decorator) return undefined;
  const options = decorator.type === 'call' ? argumentsOf(decorator).keywords : undefined;
  const given = options?.get('name');
  const name = (given && plainString(given)?.content) ?? definition.childForFieldName('name')?.text;
  const autouse = options?.get('autouse');
  // A name or a flag that is computed may be any.
  const unknown = given !== undefined && plainString(given) === undefined;
  return { name: name ?? '', everywhere: unknown || (!!autouse && autouse.type !== 'false') };
}

function testsBelow(folder: string, project: Project): PythonFile[] {
  return project.store.candidates
    .filter(({ path }) => path.startsWith(folder) && TEST_FILE.test(path))
    .map((candidate) => project.store.load(candidate))
    .filter((file) => file !== undefined);
}

/** The files below a folder that ask for a fixture, also through fixtures that ask for it. */
function takers(folder: string, name: string, project: Project): PythonFile[] {
  const found = new Set<PythonFile>();
  const names = new Set([name]);
  for (const asked of names) {
    for (const file of project.filesMentioning(asked)) {
      if (!file.path.startsWith(folder)) continue;
      const functions = [...file.scopes.byNode.values()].filter(
        ({ kind, bindings }) =>
          kind === 'function' && bindings.get(asked)?.some((site) => site.kind === 'parameter'),
      );
      const named = file.scopes.strings.some(({ node }) => plainString(node)?.content === asked);
      if (functions.length > 0 || named) found.add(file);
      for (const { node } of functions) {
        const further = node.type === 'function_definition' ? fixtureOf(node) : undefined;
        if (further?.everywhere) for (const file of testsBelow(folder, project)) found.add(file);
        if (further) names.add(further.name);
      }
    }
  }
  return [...found];
}
