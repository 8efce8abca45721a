/** What the analysis knows of functions, classes and expressions: see definitions.ts. */

import type { Node } from 'web-tree-sitter';
import { codeChildren, lastName } from '../syntax/nodes.ts';
import type { PythonFile } from './file.ts';
import type { BindingSite } from './scopes.ts';

export interface FunctionInfo {
  file: PythonFile;
  /** The `function_definition`. */
  node: Node;
  name: string;
  owner: ClassInfo | undefined;
  async: boolean;
  /** Last names of the decorators: `staticmethod`, `fixture`, `asynccontextmanager`. */
  decorators: string[];
}

export interface ClassInfo {
  file: PythonFile;
  /** The `class_definition`. */
  node: Node;
  name: string;
  key: string;
}

/** What an expression is, as far as it can be told. */
export type Type =
  /** `above`: what `super()` gives, whose methods are those of the bases. */
  | { kind: 'instance'; of: ClassInfo; above?: true }
  | { kind: 'class'; of: ClassInfo; above?: true }
  | { kind: 'function'; of: FunctionInfo }
  | { kind: 'module'; name: string }
  /** Something from outside the project: not one of its classes. */
  | { kind: 'foreign'; name: string };

export function sameType(a: Type, b: Type): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'module' || a.kind === 'foreign') return a.name === (b as { name: string }).name;
  return sameDefinition(a.of, (b as { of: ClassInfo | FunctionInfo }).of);
}

/** Whether two infos mean one definition. */
export function sameDefinition(
  a: ClassInfo | FunctionInfo | undefined,
  b: ClassInfo | FunctionInfo | undefined,
): boolean {
  return !!a && !!b && a.file.path === b.file.path && a.node.id === b.node.id;
}

/**
 * What an annotation promises: an object of a project class. A foreign class tells nothing, since
 * the object may be of a subclass that the project defines (and `Any` may be anything).
 */
export function asInstance(type: Type | undefined): Type | undefined {
  return type?.kind === 'class' ? { kind: 'instance', of: type.of } : undefined;
}

export const PROPERTIES: ReadonlySet<string> = new Set([
  'property',
  'cached_property',
  'abstractproperty',
]);
/** Decorators that leave call and result as they are written. */
export const TRANSPARENT: ReadonlySet<string> = new Set([
  ...PROPERTIES,
  'staticmethod',
  'classmethod',
  'override',
  'final',
  'abstractmethod',
  'lru_cache',
  'cache',
  'no_type_check',
  'deprecated',
]);
/** Decorators that make a context manager of a generator. */
export const CONTEXT_MANAGERS: ReadonlySet<string> = new Set([
  'contextmanager',
  'asynccontextmanager',
]);

/** Decorators that say something of a function, and leave its parameters as they are written. */
const MARKING = new Set(['overload', 'setter', 'deleter', 'getter', 'fixture', 'wraps', 'asyncio']);

/** The first decorator that may change what the function is given, and what it gives. */
export function opaqueDecorator(definition: FunctionInfo): string | undefined {
  return definition.decorators.find(
    (name) => !TRANSPARENT.has(name) && !CONTEXT_MANAGERS.has(name) && !MARKING.has(name),
  );
}

/** The `function_definition` behind the name of a `def` binding. */
export function definitionNode(site: BindingSite): Node | undefined {
  const node = site.node.parent;
  return node?.type === 'function_definition' ? node : undefined;
}

/** The sites of a name, but for functions that `@overload` only declares. */
export function withoutOverloads(sites: readonly BindingSite[]): readonly BindingSite[] {
  if (sites.length < 2) return sites;
  return sites.filter((site) => {
    const node = site.kind === 'def' ? definitionNode(site) : undefined;
    return !node || !decoratorsOf(node).some((found) => decoratorName(found) === 'overload');
  });
}

/** The parameter node that declares a name: `typed_parameter`, `default_parameter`, or the name. */
export function parameterOf(name: Node): Node | undefined {
  let at = name;
  while (at.parent && !['parameters', 'lambda_parameters'].includes(at.parent.type)) at = at.parent;
  return at.parent ? at : undefined;
}

/** The node whose body a definition is a direct statement of: a class, a function or the module. */
export function definitionBody(definition: Node): Node | undefined {
  let at: Node | null = definition.parent;
  while (at && !['class_definition', 'function_definition', 'module'].includes(at.type))
    at = at.parent;
  return at ?? undefined;
}

/** The decorators of a definition, outermost first: names, attributes and calls. */
export function decoratorsOf(definition: Node): Node[] {
  const outer = definition.parent;
  if (outer?.type !== 'decorated_definition') return [];
  return codeChildren(outer)
    .filter((child) => child.type === 'decorator')
    .flatMap((child) => codeChildren(child).slice(0, 1));
}

/** `fixture` for `@pytest.fixture(scope="module")`; `?` for what is no name. */
export function decoratorName(decorator: Node): string {
  const named = decorator.type === 'call' ? decorator.childForFieldName('function') : decorator;
  return lastName(named) ?? '?';
}

/** Whether pytest hands out what the function returns or yields, by its name. */
export function isFixture(definition: FunctionInfo): boolean {
  return definition.decorators.includes('fixture');
}

/** Whether `with` gives out what the function yields. */
export function isContextManager(definition: FunctionInfo): boolean {
  return definition.decorators.some((name) => CONTEXT_MANAGERS.has(name));
}
