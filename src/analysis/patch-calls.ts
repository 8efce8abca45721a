/** The calls by which tests replace a name: which argument is the module, and which its member. */

import type { Node } from 'web-tree-sitter';
import {
  argumentsOf,
  dottedParts,
  lastName,
  plainString,
  same,
  withParens,
} from '../syntax/nodes.ts';
import type { Use } from '../transform.ts';
import { isLibrary } from './names.ts';

/** Calls that take the object and the attribute's name: `patch.object(asyncio, "sleep")`. */
export const OBJECT_PATCHERS: ReadonlySet<string> = new Set([
  'object',
  'setattr',
  'delattr',
  'spy',
]);

/** What a bare module stands for where it is. */
export interface ModuleUse {
  role: 'module' | 'getattr' | 'patch-target';
  /** The members that are meant, each a dotted path; none when it is the module as a whole. */
  members: string[];
}

/**
 * A bare module that is handed to `getattr` or a patcher with a literal name means that name; a
 * patcher whose name is computed may mean any.
 */
export function moduleUse(module: Node): ModuleUse {
  const outer = withParens(module);
  const list = outer.parent?.type === 'keyword_argument' ? outer.parent.parent : outer.parent;
  const call = list?.type === 'argument_list' ? list.parent : null;
  if (call?.type !== 'call') return AS_VALUE;
  const { positional, keywords, hasDoubleStar } = argumentsOf(call);
  const [first, second] = positional;
  const object = first ?? keywords.get('target') ?? keywords.get('obj');
  if (!same(object, outer)) return AS_VALUE;
  const callee = lastName(call.childForFieldName('function')) ?? '';
  if (callee === 'multiple') {
    const named = [...keywords.keys()].filter((name) => name !== 'target');
    return { role: 'patch-target', members: hasDoubleStar ? [] : named };
  }
  const member = second ?? keywords.get('attribute') ?? keywords.get('name');
  if (!member) return AS_VALUE;
  const literal = plainString(member)?.content;
  if (OBJECT_PATCHERS.has(callee)) {
    return { role: 'patch-target', members: literal === undefined ? [] : [literal] };
  }
  const asks = callee === 'getattr' || callee === 'hasattr';
  return asks && literal !== undefined ? { role: 'getattr', members: [literal] } : AS_VALUE;
}

const AS_VALUE: ModuleUse = { role: 'module', members: [] };

/**
 * Whether a string is the key under which `sys.modules` gets another module, or loses one:
 * `sys.modules["asyncio"] = fake`, `patch.dict("sys.modules", {"asyncio": fake})`,
 * `monkeypatch.setitem(sys.modules, "asyncio", fake)`.
 */
export function replacesInSysModules(key: Node): boolean {
  const { parent } = key;
  if (parent?.type === 'subscript') {
    const up = parent.parent;
    const written = up?.type === 'assignment' && same(up.childForFieldName('left'), parent);
    const removed = up?.type === 'delete_statement' || up?.parent?.type === 'delete_statement';
    return (written || removed) && isSysModules(parent.childForFieldName('value'));
  }
  const pair = parent?.type === 'pair' && same(parent.childForFieldName('key'), key);
  const argument = pair ? parent.parent : key;
  const call = argument?.parent?.type === 'argument_list' ? argument.parent.parent : null;
  if (!argument || call?.type !== 'call') return false;
  const [first, second] = argumentsOf(call).positional;
  const callee = lastName(call.childForFieldName('function')) ?? '';
  const replaces = pair ? callee === 'dict' : callee === 'setitem' || callee === 'delitem';
  return replaces && same(second, argument) && isSysModules(first);
}

/** Whether a patch target replaces the module that imports find, as those calls do. */
export function replacesModuleItself({ node, span, spelling, name }: Use): boolean {
  return spelling === 'string' && isLibrary(name) && span.end - span.start === name.length
    ? replacesInSysModules(node)
    : false;
}

/** Whether a node stands where a patch is in force: in its `with`, or in the function around it. */
export function runsUnder(node: Node, patch: Node): boolean {
  let region = patch;
  for (let up = patch.parent; up; up = up.parent) {
    region = up;
    if (up.type === 'decorated_definition' || up.type === 'function_definition') break;
    if (up.type === 'with_clause' && up.parent) {
      region = up.parent;
      break;
    }
  }
  return region.startIndex <= node.startIndex && node.endIndex <= region.endIndex;
}

function isSysModules(node: Node | null | undefined): boolean {
  if (!node) return false;
  const path = plainString(node)?.content ?? dottedParts(node)?.join('.');
  return path === 'sys.modules' || path === 'modules';
}
