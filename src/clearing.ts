/**
 * `self._ready.clear()` as `self._ready = anyio.Event()`: when a new event may take the place of one
 * that is cleared.
 *
 * A task that still waits on the old event is never woken by the new one. So the event must be
 * reached through one attribute alone, and nobody may be waiting when it is cleared: it is set at
 * that moment (the statement before waits for it or sets it, or the branch asked `is_set()`), which
 * has released all waiters, or the program never waits for it at all.
 */

import type { Node } from 'web-tree-sitter';
import type { Family, Operation } from './analysis/families.ts';
import { argumentsOf, codeChildren, lastName, statementOf } from './syntax/nodes.ts';
import type { Edit, Place, Use } from './transform.ts';
import { anyio } from './verdicts.ts';

/** The place that forbids it, or undefined when each `clear()` of the family can become a new event. */
export function cannotRenew(family: Family): Place | undefined {
  const clears = family.operations.filter(({ name }) => name === 'clear');
  const [first] = clears;
  if (!first) return undefined;
  const [holder, ...others] = family.holders;
  if (!holder?.includes('.') || others.length > 0) return first.place;
  const leak = family.operations.find(
    ({ kind, name }) =>
      ['escape', 'argument', 'store'].includes(kind) || (kind === 'attribute' && name !== 'clear'),
  );
  if (leak) return leak.place;
  const waits = family.operations.some(({ kind, name }) => kind === 'method' && name === 'wait');
  const files = new Set(family.uses.map((use) => use.file));
  return clears.find((clear) => {
    const renewable = isPlainStatement(clear) && clear.certain && files.has(clear.file);
    return !renewable || (waits && !isSetAt(clear));
  })?.place;
}

/** The edits that put new events in the place of cleared ones; one use a file carries them. */
export function renewals(use: Use, family: Family): Edit[] {
  const leads = family.uses.find(({ file }) => file === use.file) === use;
  if (!leads) return [];
  return family.operations
    .filter(({ name, kind, file }) => name === 'clear' && kind === 'method' && file === use.file)
    .flatMap(({ node }) => {
      const receiver = receiverOf(node);
      if (!receiver) return [];
      const pieces = [' = ', anyio('Event'), '()'];
      return [{ start: receiver.endIndex, end: node.endIndex, pieces }];
    });
}

/** `self._ready.clear()` as a statement: something that can be assigned to. */
function isPlainStatement({ kind, node }: Operation): boolean {
  return (
    kind === 'method' &&
    node.parent?.type === 'expression_statement' &&
    receiverOf(node)?.type === 'attribute'
  );
}

function receiverOf(call: Node): Node | undefined {
  return call.childForFieldName('function')?.childForFieldName('object') ?? undefined;
}

/** Whether the event is set, for all that the code shows, when this `clear()` runs. */
function isSetAt({ node }: Operation): boolean {
  const receiver = receiverOf(node)?.text ?? '';
  const statement = statementOf(node);
  const siblings = codeChildren(statement.parent ?? statement);
  const before = siblings[siblings.findIndex(({ id }) => id === statement.id) - 1];
  if (before) return waitsOrSets(before, receiver);
  const branch = statement.parent?.parent;
  if (branch?.type !== 'if_statement' && branch?.type !== 'elif_clause') return false;
  const condition = branch.childForFieldName('condition');
  const inBranch = branch.childForFieldName('consequence')?.id === statement.parent?.id;
  return inBranch && condition?.text === `${receiver}.is_set()`;
}

/** `await self._ready.wait()`, the same under `wait_for`, or `self._ready.set()`, as a statement. */
function waitsOrSets(statement: Node, receiver: string): boolean {
  if (statement.type !== 'expression_statement') return false;
  let call: Node | undefined = codeChildren(statement)[0];
  const awaited = call?.type === 'await';
  if (call && awaited) call = codeChildren(call)[0];
  if (call?.type !== 'call') return false;
  if (awaited && lastName(call.childForFieldName('function')) === 'wait_for') {
    call = argumentsOf(call).positional[0];
  }
  const method = awaited ? 'wait' : 'set';
  return call?.childForFieldName('function')?.text === `${receiver}.${method}`;
}
