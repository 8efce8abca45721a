/** Handlers of exceptions: what they are around, and whether they raise again what they caught. */

import type { Node } from 'web-tree-sitter';
import { codeChildren, enclosingFunction, FUNCTIONS, same, stripParens } from '../syntax/nodes.ts';

/** An `except` clause, taken apart. */
export interface Handler {
  clause: Node;
  statement: Node;
  /** The body of the `try`. */
  tried: Node;
  /** The handler's own block. */
  suite: Node;
  /** The name after `as`. */
  alias: string | undefined;
}

const LOOPS: ReadonlySet<string> = new Set(['for_statement', 'while_statement']);

/** The parts of an `except_clause`; undefined for `except*`, which handles groups. */
export function handlerOf(clause: Node): Handler | undefined {
  const statement = clause.parent;
  const tried = statement?.childForFieldName('body');
  const suite = codeChildren(clause).at(-1);
  if (statement?.type !== 'try_statement' || !tried || suite?.type !== 'block') return undefined;
  if (clause.type !== 'except_clause' || clause.child(0)?.type !== 'except') return undefined;
  if (clause.child(1)?.type === '*') return undefined;
  const value = clause.childForFieldName('value');
  const target = value?.type === 'as_pattern' ? value.childForFieldName('alias') : undefined;
  const name = target && codeChildren(target)[0];
  return { clause, statement, tried, suite, alias: name?.text };
}

/** Whether all ways through a handler end in a bare `raise`, or in `raise` of what it caught. */
export function raisesAgain({ suite, alias }: Handler): boolean {
  return endsInRaise(suite, alias) && !leavesEarly(suite);
}

/** Whether a block ends in raising the exception again, whichever branch it takes last. */
export function endsInRaise(block: Node, alias: string | undefined): boolean {
  const last = codeChildren(block).at(-1);
  switch (last?.type) {
    case 'raise_statement':
      return raisesSame(last, alias);
    case 'if_statement': {
      const branches = codeChildren(last);
      const blocks = branches.flatMap((branch) =>
        branch.type === 'block'
          ? [branch]
          : codeChildren(branch).filter(({ type }) => type === 'block'),
      );
      const hasElse = branches.some(({ type }) => type === 'else_clause');
      return hasElse && blocks.every((branch) => endsInRaise(branch, alias));
    }
    case 'try_statement': {
      const parts = codeChildren(last);
      const final = parts.find(({ type }) => type === 'finally_clause');
      const cleanup = final && codeChildren(final).at(-1);
      if (cleanup && endsInRaise(cleanup, alias)) return true;
      const body = last.childForFieldName('body');
      const isPlain = parts.every(({ type }) => type === 'block' || type === 'finally_clause');
      return isPlain && !!body && endsInRaise(body, alias);
    }
    default:
      return false;
  }
}

/** `raise`, or `raise error` of the handler's own name. */
function raisesSame(statement: Node, alias: string | undefined): boolean {
  const [value] = codeChildren(statement);
  if (!value) return true;
  const raised = stripParens(value);
  return alias !== undefined && raised.type === 'identifier' && raised.text === alias;
}

/** Whether a `return`, `break` or `continue` leaves the handler before its end. */
function leavesEarly(suite: Node): boolean {
  const home = enclosingFunction(suite);
  return suite
    .descendantsOfType(['return_statement', 'break_statement', 'continue_statement'])
    .filter((node) => node !== null && same(enclosingFunction(node), home))
    .some((node) => node && (node.type === 'return_statement' || !loopWithin(node, suite)));
}

function loopWithin(node: Node, suite: Node): boolean {
  for (let up = node.parent; up && !same(up, suite); up = up.parent) {
    if (LOOPS.has(up.type)) return true;
    if (FUNCTIONS.has(up.type)) return true;
  }
  return false;
}

/** Whether a block waits for something: an await, or a yield of an async generator. */
export function awaitsIn(block: Node): boolean {
  const home = enclosingFunction(block);
  return block
    .descendantsOfType(['await', 'yield', 'for_statement', 'with_statement', 'for_in_clause'])
    .some(
      (node) =>
        node?.isNamed === true &&
        same(enclosingFunction(node), home) &&
        (node.type === 'await' || node.type === 'yield' || node.child(0)?.type === 'async'),
    );
}
