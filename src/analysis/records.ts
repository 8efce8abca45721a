/** Classes whose constructor is made for them from their fields: dataclasses, models, named tuples. */

import type { Node } from 'web-tree-sitter';
import { codeChildren, lastName } from '../syntax/nodes.ts';
import type { Definitions } from './definitions.ts';
import { type ClassInfo, decoratorName, decoratorsOf } from './types.ts';

/** `unknown`: the constructor comes from a class that is not seen, or takes nothing. */
export type RecordKind = 'record' | 'tuple' | 'typed-dict' | 'unknown';

const RECORD_DECORATORS = new Set(['dataclass', 'define', 'frozen', 'mutable', 'attrs', 's']);
const RECORD_BASES = new Set(['BaseModel', 'BaseSettings', 'SQLModel', 'Struct', 'RootModel']);

/** What kind of class it is, by its decorators and the names of its bases. */
export function recordKind(info: ClassInfo, definitions: Definitions): RecordKind {
  const bases = definitions.baseNames(info);
  if (bases.has('TypedDict')) return 'typed-dict';
  if (bases.has('NamedTuple')) return 'tuple';
  const decorated = decoratorsOf(info.node).some((node) =>
    RECORD_DECORATORS.has(decoratorName(node)),
  );
  if (decorated || [...bases].some((name) => RECORD_BASES.has(name))) return 'record';
  return definitions.bases(info).some((base) => recordKind(base, definitions) === 'record')
    ? 'record'
    : 'unknown';
}

export function isRecord(kind: RecordKind): boolean {
  return kind === 'record' || kind === 'tuple';
}

/** The field that a positional argument of the constructor becomes. */
export function fieldAt(
  info: ClassInfo,
  index: number,
  definitions: Definitions,
): string | undefined {
  if (!isRecord(recordKind(info, definitions))) return undefined;
  return fieldsOf(info, definitions)[index];
}

/** The fields in the order of the constructor: those of the bases first, each name once. */
export function fieldsOf(info: ClassInfo, definitions: Definitions, depth = 0): string[] {
  const inherited =
    depth > 8
      ? []
      : definitions.bases(info).flatMap((base) => fieldsOf(base, definitions, depth + 1));
  const body = info.node.childForFieldName('body');
  const own = (body ? codeChildren(body) : []).flatMap(fieldOf);
  return [...new Set([...inherited, ...own])];
}

function fieldOf(statement: Node): string[] {
  const [assignment] = statement.type === 'expression_statement' ? codeChildren(statement) : [];
  const name = assignment?.type === 'assignment' ? assignment.childForFieldName('left') : null;
  const type = assignment?.childForFieldName('type');
  const annotated = type && codeChildren(type)[0];
  const head =
    annotated?.type === 'identifier' ? annotated : annotated && codeChildren(annotated)[0];
  if (name?.type !== 'identifier' || !type || lastName(head) === 'ClassVar') return [];
  return [name.text];
}
