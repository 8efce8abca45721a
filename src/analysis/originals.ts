/** What a test says of the function that it replaces, besides replacing it. */

import type { Node } from 'web-tree-sitter';
import { argumentsOf, lastName, same, withParens } from '../syntax/nodes.ts';
import type { Use } from '../transform.ts';
import { OBJECT_PATCHERS } from './patch-calls.ts';

/** What only mocks have. */
const OF_MOCKS =
  /^(?:assert_(?:called|not_called|awaited|not_awaited|any_call|any_await|has_calls|has_awaits)\w*|called|call_(?:count|args|args_list)|await_(?:count|args|args_list)|awaited|mock_calls|method_calls|reset_mock|return_value|side_effect)$/;
/** Options of mocks that take the function or class that they stand for. */
const STANDS_FOR: ReadonlySet<string> = new Set(['wraps', 'spec', 'spec_set', 'side_effect']);

/**
 * Whether a reference to a patched name moves with its patch: it keeps the original to call it or
 * to put it back (`original = asyncio.sleep`), gives it to a mock (`wraps=asyncio.sleep`), or asks
 * the mock that stands there (`asyncio.sleep.assert_awaited_once_with(3)`).
 */
export function goesWithPatch(use: Use): boolean {
  const outer = withParens(use.node);
  const { parent } = outer;
  switch (parent?.type) {
    case 'attribute':
      return OF_MOCKS.test(parent.childForFieldName('attribute')?.text ?? '');
    case 'keyword_argument':
      return STANDS_FOR.has(parent.childForFieldName('name')?.text ?? '');
    case 'assignment': {
      const left = parent.childForFieldName('left');
      return left?.type === 'identifier' && isKept(use, left);
    }
    default:
      return false;
  }
}

/** Whether a variable is bound once, and all that is done with it is to call it and to put it back. */
function isKept(use: Use, variable: Node): boolean {
  const { file } = use;
  const name = variable.text;
  const scope = file.scopeAt(variable).lookup(name);
  if (!scope || scope.kind === 'class' || scope.bindings.get(name)?.length !== 1) return false;
  return file
    .references(name)
    .filter((reference) => reference.scope.lookup(name) === scope)
    .every(({ node }) => putsBack(use, node) || callsOriginal(use, node));
}

/** `asyncio.sleep = original`, `setattr(asyncio, "sleep", original)`. */
function putsBack({ file, name }: Use, node: Node): boolean {
  const outer = withParens(node);
  const { parent } = outer;
  if (parent?.type === 'assignment' && same(parent.childForFieldName('right'), outer)) {
    const left = parent.childForFieldName('left');
    return file.uses.some(
      (other) => other.role === 'patch-target' && other.name === name && same(other.node, left),
    );
  }
  const call = parent?.type === 'argument_list' ? parent.parent : null;
  return OBJECT_PATCHERS.has(lastName(call?.childForFieldName('function')) ?? '');
}

/** A call of the original sleep as anyio's can be called: with one delay, or what the fake got. */
function callsOriginal({ name }: Use, node: Node): boolean {
  const outer = withParens(node);
  const call = outer.parent;
  if (name !== 'asyncio.sleep' || call?.type !== 'call') return false;
  if (!same(call.childForFieldName('function'), outer)) return false;
  const { positional, keywords } = argumentsOf(call);
  const plain = positional.filter(({ type }) => type !== 'list_splat');
  return plain.length <= 1 && !keywords.has('result');
}
