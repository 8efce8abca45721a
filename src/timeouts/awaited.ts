/** The call of `asyncio.wait_for`, and the place that its value has in a statement. */

import type { Node } from 'web-tree-sitter';
import { argumentsOf, codeChildren, same, statementOf, withParens } from '../syntax/nodes.ts';

/** `await asyncio.wait_for(inner, timeout)`, taken apart. */
export interface TimedWait {
  call: Node;
  /** The `await` expression, parentheses around it not counted. */
  awaited: Node;
  /** The first argument. */
  inner: Node;
  /** The second; undefined when the call has none, which is an error at run time. */
  timeout: Node | undefined;
  statement: Node;
}

/** Where the value of an `await` goes. */
export type Position =
  /** The statement takes it whole: it can stand in a block as it is. */
  | { kind: 'direct' }
  /** It is part of a larger expression, and nothing with an effect is evaluated before it. */
  | { kind: 'hoisted'; doubtful: Node | undefined }
  /** It cannot be taken out: `why` ends the sentence "it stands …". */
  | { kind: 'fixed'; code: 'wait-for-in-expression' | 'wait-for-in-comprehension'; why: string };

/** The arguments of a call of wait_for; undefined where they cannot be told apart. */
export function timedWait(call: Node): TimedWait | undefined {
  const { positional, keywords, keywordNodes, hasStar, hasDoubleStar } = argumentsOf(call);
  const known = ['fut', 'timeout'];
  const odd = keywordNodes.some(
    (node) => !known.includes(node.childForFieldName('name')?.text ?? ''),
  );
  if (hasStar || hasDoubleStar || odd || positional.length > 2) return undefined;
  const inner = positional[0] ?? keywords.get('fut');
  const timeout = positional[1] ?? keywords.get('timeout');
  const awaited = withParens(call).parent;
  if (!inner || awaited?.type !== 'await') return undefined;
  return { call, awaited, inner, timeout, statement: statementOf(awaited) };
}

const SIMPLE: ReadonlySet<string> = new Set([
  'expression_statement',
  'return_statement',
  'raise_statement',
]);
/** What is evaluated whole, and in which what stands before the await comes first. */
const IN_ORDER: ReadonlySet<string> = new Set([
  'argument_list',
  'attribute',
  'binary_operator',
  'call',
  'dictionary',
  'expression_list',
  'format_expression',
  'interpolation',
  'keyword_argument',
  'list',
  'list_splat',
  'not_operator',
  'pair',
  'parenthesized_expression',
  'set',
  'string',
  'subscript',
  'tuple',
  'unary_operator',
  'await',
  'slice',
  'yield',
]);

/** Where an awaited value stands in its statement. */
export function positionOf(awaited: Node, statement: Node): Position {
  const outer = withParens(awaited);
  if (isDirect(outer, statement)) return { kind: 'direct' };
  let doubtful: Node | undefined;
  for (let at = outer, up = at.parent; up && !same(at, statement); at = up, up = up.parent) {
    if (same(up, statement) || isHeader(up)) {
      return headerPosition(at, statement, doubtful);
    }
    const why = standsIn(up, at);
    if (why) return why;
    for (const sibling of evaluatedBefore(up, at)) {
      const effect = effectIn(sibling);
      if (effect) return fixed('behind something that is evaluated before it');
      doubtful ??= attributeIn(sibling);
    }
  }
  return fixed('where it cannot be taken out');
}

/** The forms in which the whole statement can go into the block. */
function isDirect(outer: Node, statement: Node): boolean {
  const parent = outer.parent;
  if (!parent) return false;
  if (SIMPLE.has(statement.type) && same(parent, statement)) return true;
  if (statement.type === 'assert_statement' && same(codeChildren(statement)[0], outer)) return true;
  return assignedIn(outer, statement);
}

/** `x = await …`, `x: int = await …`, `x += await …`, `a = b = await …`. */
function assignedIn(outer: Node, statement: Node): boolean {
  for (let at = outer, up = at.parent; up; at = up, up = up.parent) {
    const isAssignment = up.type === 'assignment' || up.type === 'augmented_assignment';
    if (!isAssignment || !same(up.childForFieldName('right'), at)) return false;
    if (same(up.parent, statement)) return statement.type === 'expression_statement';
  }
  return false;
}

/** Nodes between an expression and its compound statement. */
function isHeader(node: Node): boolean {
  return ['with_clause', 'with_item', 'as_pattern', 'assignment', 'augmented_assignment'].includes(
    node.type,
  );
}

function headerPosition(at: Node, statement: Node, doubtful: Node | undefined): Position {
  const hoisted: Position = { kind: 'hoisted', doubtful };
  switch (statement.type) {
    case 'expression_statement':
    case 'return_statement':
    case 'raise_statement':
    case 'delete_statement':
      return assignmentAllows(at, statement) ? hoisted : fixed('in the target of an assignment');
    case 'if_statement':
      return same(statement.childForFieldName('condition'), at) ? hoisted : fixed('in an `elif`');
    case 'for_statement':
      return same(statement.childForFieldName('right'), at) ? hoisted : fixed('in a loop target');
    case 'match_statement':
      return hoisted;
    case 'with_statement':
      return isFirstItem(at, statement) ? hoisted : fixed('behind another context manager');
    case 'assert_statement':
      return same(codeChildren(statement)[0], at) ? hoisted : fixed('in the message of an assert');
    case 'while_statement':
      return fixed('in the condition of a loop, which is evaluated again and again');
    default:
      return fixed('where it cannot be taken out');
  }
}

function assignmentAllows(at: Node, statement: Node): boolean {
  const [inner] = codeChildren(statement);
  const isAssignment = inner?.type === 'assignment' || inner?.type === 'augmented_assignment';
  if (!isAssignment) return true;
  // An augmented assignment reads its target first.
  if (inner.type === 'augmented_assignment') return false;
  for (let up: Node | null = at; up && !same(up, statement); up = up.parent) {
    if (up.parent?.type === 'assignment' && !same(up.parent.childForFieldName('right'), up)) {
      return false;
    }
  }
  return true;
}

function isFirstItem(at: Node, statement: Node): boolean {
  const first = statement.descendantsOfType('with_item')[0];
  return !!first && first.startIndex <= at.startIndex && at.endIndex <= first.endIndex;
}

function standsIn(up: Node, child: Node): Position | undefined {
  if (/comprehension|generator_expression/.test(up.type)) {
    const code = 'wait-for-in-comprehension';
    return { kind: 'fixed', code, why: 'in a comprehension, once for each item' };
  }
  if (up.type === 'lambda') return fixed('in a lambda');
  if (up.type === 'boolean_operator') {
    return same(up.childForFieldName('left'), child)
      ? undefined
      : fixed('behind `and` or `or`, and is awaited only now and then');
  }
  if (up.type === 'comparison_operator') {
    return codeChildren(up).length === 2 ? undefined : fixed('in a chain of comparisons');
  }
  if (up.type === 'conditional_expression') {
    return fixed('in a conditional expression, and is awaited only now and then');
  }
  if (['default_parameter', 'typed_default_parameter', 'decorator'].includes(up.type)) {
    return fixed('in the head of a definition');
  }
  return IN_ORDER.has(up.type) ? undefined : fixed('where it cannot be taken out');
}

/** The children that Python evaluates before a child: those to its left. */
function evaluatedBefore(parent: Node, child: Node): Node[] {
  return codeChildren(parent).filter((node) => node.endIndex <= child.startIndex);
}

/** A call, an await, a walrus: what may do something, or see what the await does. */
function effectIn(node: Node): Node | undefined {
  const types = ['call', 'await', 'yield', 'named_expression', 'subscript'];
  return types.includes(node.type)
    ? node
    : (types.flatMap((type) => node.descendantsOfType(type)).find((found) => found !== null) ??
        undefined);
}

/** An attribute is looked up before the await, and may be another one afterwards. */
function attributeIn(node: Node): Node | undefined {
  return node.type === 'attribute' ? node : (node.descendantsOfType('attribute')[0] ?? undefined);
}

function fixed(why: string): Position {
  return { kind: 'fixed', code: 'wait-for-in-expression', why };
}
