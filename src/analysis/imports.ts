/** What an import statement binds, by its syntax alone. */

import type { Node } from 'web-tree-sitter';
import { codeChildren } from '../syntax/nodes.ts';
import type { ImportedName } from './scope.ts';

/** One name that an import statement binds. */
export interface ImportedLocal {
  /** The name in the file. */
  local: string;
  /** The `aliased_import` or `dotted_name`. */
  item: Node;
  imported: ImportedName;
}

/** The names that an `import_statement` or an `import_from_statement` binds, but for a star. */
export function importedNames(statement: Node): ImportedLocal[] {
  const module = statement.childForFieldName('module_name');
  const from = module ? compactDotted(module.text) : undefined;
  const found: ImportedLocal[] = [];
  for (const item of statement.childrenForFieldName('name')) {
    if (!item) continue;
    const aliased = item.type === 'aliased_import';
    const name = compactDotted((aliased ? item.childForFieldName('name') : item)?.text ?? '');
    const alias = aliased ? item.childForFieldName('alias')?.text : undefined;
    found.push({ item, ...bound(statement, name, alias, from) });
  }
  return found;
}

/** The star of `from x import *`; undefined for other imports. */
export function starImport(statement: Node): ImportedName | undefined {
  if (!codeChildren(statement).some((child) => child.type === 'wildcard_import')) return undefined;
  const from = compactDotted(statement.childForFieldName('module_name')?.text ?? '');
  return { statement, target: memberOf(from, '*'), from };
}

function bound(
  statement: Node,
  name: string,
  alias: string | undefined,
  from: string | undefined,
): { local: string; imported: ImportedName } {
  if (from !== undefined) {
    return { local: alias ?? name, imported: { statement, target: memberOf(from, name), from } };
  }
  // `import a.b` binds `a`; `import a.b as c` binds `a.b`.
  const [head = name] = name.split('.');
  return { local: alias ?? head, imported: { statement, target: alias ? name : head } };
}

function memberOf(from: string, name: string): string {
  return from.endsWith('.') ? `${from}${name}` : `${from}.${name}`;
}

/** Python allows spaces and comments in a dotted path; nobody writes them, but the path is the same. */
function compactDotted(text: string): string {
  return text.replaceAll(/\\\r?\n|\s+/g, '');
}
