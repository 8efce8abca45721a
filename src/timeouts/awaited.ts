/** The call of `asyncio.wait_for`, and the place that its value has in a statement. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { argumentsOf, codeChildren, same, statementOf, withParens } from '../syntax/nodes.ts';

/** `await asyncio.wait_for(inner, timeout)`, taken apart. */
export interface TimedWait {
  call: Node;
  /** The `await` expression, parentheses around it not counted. */
  awaited: Node;
  /** What takes the value: the `await` in its parentheses, or a walrus with the value in its own. */
  outer: Node;
  /** The name that a walrus gives the value. */
  name?: string;
  /** What is awaited: the first argument, of the innermost call where one is the argument of another. */
  inner: Node;
  /** The timeouts, that of the outermost call first. */
  timeouts: Node[];
  statement: Node;
  /** What the blocks are written before: the statement, or its `elif` clause. */
  host: Node;
}

/** Where the value of an `await` goes. */
export type Position =
  /** The statement takes it whole: it can stand in a block as it is. */
  | { kind: 'direct' }
  /** It is part of a larger expression, and nothing with an effect is evaluated before it. */
  | { kind: 'hoisted'; doubtful: Node | undefined }
  /** It cannot be taken out: `why` ends the sentence "it stands …". */
  | { kind: 'fixed'; code: 'wait-for-in-expression' | 'wait-for-in-comprehension'; why: string };

/** The two arguments of a call of wait_for; undefined where they cannot be told apart. */
export function waitArguments(call: Node): { inner: Node; timeout: Node } | undefined {
  const { positional, keywords, keywordNodes, hasStar, hasDoubleStar } = argumentsOf(call);
  const known = ['fut', 'timeout'];
  const odd = keywordNodes.some(
    (node) => !known.includes(node.childForFieldName('name')?.text ?? ''),
  );
  if (hasStar || hasDoubleStar || odd || positional.length > 2) return undefined;
  const inner = positional[0] ?? keywords.get('fut');
  const timeout = positional[1] ?? keywords.get('timeout');
  return inner && timeout ? { inner, timeout } : undefined;
}

/**
 * An awaited call of wait_for, with those that stand in its place: `wait_for(wait_for(f(), 1), 2)`.
 *
 * @param isWait whether a node is a call of wait_for
 */
export function timedWait(call: Node, isWait: (node: Node) => boolean): TimedWait | undefined {
  const awaited = withParens(call).parent;
  const found = waitArguments(call);
  if (!found || awaited?.type !== 'await') return undefined;
  const timeouts = [found.timeout];
  let { inner } = found;
  while (isWait(inner)) {
    const next = waitArguments(inner);
    if (!next) return undefined;
    timeouts.push(next.timeout);
    inner = next.inner;
  }
  return awaitedBy(awaited, { call, inner, timeouts });
}

/** What takes the value of an `await`, and where its blocks would be written. */
export function awaitedBy(
  awaited: Node,
  parts: Pick<TimedWait, 'call' | 'inner' | 'timeouts'>,
): TimedWait {
  const statement = statementOf(awaited);
  const value = withParens(awaited);
  const walrus = value.parent?.type === 'named_expression' ? value.parent : undefined;
  return {
    ...parts,
    awaited,
    outer: withParens(walrus ?? awaited),
    ...(walrus ? { name: walrus.childForFieldName('name')?.text ?? '' } : {}),
    statement,
    host: hostOf(value, statement),
  };
}

/** The `elif` clause whose condition holds a node, else the statement. */
function hostOf(node: Node, statement: Node): Node {
  for (let up: Node | null = node; up && !same(up, statement); up = up.parent) {
    if (up.type === 'elif_clause') return up;
  }
  return statement;
}

const SIMPLE: ReadonlySet<string> = new Set([
  'expression_statement',
  'return_statement',
  'raise_statement',
]);
/** Statements with several expressions, evaluated from left to right: `raise a from b`, `match a, b:`. */
const LISTS: ReadonlySet<string> = new Set([...SIMPLE, 'match_statement']);
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
  'named_expression',
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

/**
 * Where an awaited value stands in its statement.
 *
 * @param settled the ids of nodes that will be names by then, their value taken out before this one
 */
export function positionOf(
  file: PythonFile,
  wait: TimedWait,
  settled: ReadonlySet<number>,
): Position {
  const { statement, host, outer, name } = wait;
  if (name === undefined && isDirect(outer, statement)) return { kind: 'direct' };
  let doubtful: Node | undefined;
  for (let at = outer, up = at.parent; up; at = up, up = up.parent) {
    const isHost = same(up, host);
    if (isHeader(up) || (isHost && !LISTS.has(up.type))) return headerPosition(at, wait, doubtful);
    if (isRightOfLoop(up, at, host)) {
      // Where the left side is taken out as well, this one would be awaited every time.
      const isWhole = holdsAny(up.childForFieldName('left'), settled);
      return isWhole ? fixed(NOW_AND_THEN) : headerPosition(up, wait, doubtful);
    }
    const why = isHost ? undefined : standsIn(up, at);
    if (why) return why;
    for (const sibling of evaluatedBefore(up, at)) {
      if (effectIn(sibling, settled)) {
        return fixed('behind something that is evaluated before it');
      }
      doubtful ??= changeableIn(file, sibling, settled);
    }
    if (isHost) return headerPosition(at, wait, doubtful);
  }
  return fixed('where it cannot be taken out');
}

/**
 * The forms in which the whole statement can go into the block: what it awaits besides, after this
 * value, would run against the deadline.
 */
function isDirect(outer: Node, statement: Node): boolean {
  const parent = outer.parent;
  if (!parent || awaitsBehind(outer, statement)) return false;
  if (SIMPLE.has(statement.type) && same(parent, statement)) {
    // `a(), await …` is evaluated from left to right.
    return codeChildren(statement).length === 1;
  }
  if (statement.type === 'assert_statement' && same(codeChildren(statement)[0], outer)) return true;
  return assignedIn(outer, statement);
}

/** Whether a simple statement awaits or yields anything outside of a value. */
function awaitsBehind(outer: Node, statement: Node): boolean {
  return statement
    .descendantsOfType(['await', 'yield'])
    .some(
      (node) =>
        node.isNamed && !(node.startIndex >= outer.startIndex && node.endIndex <= outer.endIndex),
    );
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

/**
 * Whether a node is the right side of `while ready and …:`, which becomes a loop of its own
 * condition: what stands there is evaluated in each round once the left side holds.
 */
function isRightOfLoop(up: Node, at: Node, host: Node): boolean {
  return same(loopTail(host), at) && same(up, host.childForFieldName('condition'));
}

/** The right side of `while a and b:`, where it begins on the line of the left one. */
export function loopTail(host: Node): Node | undefined {
  const condition = host.type === 'while_statement' ? host.childForFieldName('condition') : null;
  if (condition?.type !== 'boolean_operator') return undefined;
  const [left, right] = ['left', 'right'].map((field) => condition.childForFieldName(field));
  const isAnd = condition.childForFieldName('operator')?.text === 'and';
  if (!isAnd || !right || right.startPosition.row !== host.startPosition.row) return undefined;
  return left?.endPosition.row === host.startPosition.row ? right : undefined;
}

function headerPosition(at: Node, wait: TimedWait, doubtful: Node | undefined): Position {
  const { statement, host } = wait;
  const hoisted: Position = { kind: 'hoisted', doubtful };
  switch (host.type) {
    case 'expression_statement':
    case 'return_statement':
    case 'raise_statement':
    case 'delete_statement':
      return assignmentAllows(at, statement) ? hoisted : fixed('in the target of an assignment');
    case 'if_statement':
    case 'elif_clause':
      return same(host.childForFieldName('condition'), at)
        ? hoisted
        : fixed('where it cannot be taken out');
    case 'for_statement':
      return same(host.childForFieldName('right'), at) ? hoisted : fixed('in a loop target');
    case 'match_statement':
      return hoisted;
    case 'with_statement':
      return isFirstItem(at, statement) ? hoisted : fixed('behind another context manager');
    case 'assert_statement':
      return same(codeChildren(statement)[0], at) ? hoisted : fixed('in the message of an assert');
    case 'while_statement':
      return host.childForFieldName('alternative')
        ? fixed('in the condition of a loop that has an `else`')
        : hoisted;
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

const NOW_AND_THEN = 'behind `and` or `or`, and is awaited only now and then';

function holdsAny(node: Node | null, ids: ReadonlySet<number>): boolean {
  if (!node) return false;
  return ids.has(node.id) || node.namedChildren.some((child) => holdsAny(child, ids));
}

function standsIn(up: Node, child: Node): Position | undefined {
  if (/comprehension|generator_expression/.test(up.type)) {
    const code = 'wait-for-in-comprehension';
    return { kind: 'fixed', code, why: 'in a comprehension, once for each item' };
  }
  if (up.type === 'lambda') return fixed('in a lambda');
  if (up.type === 'boolean_operator') {
    return same(up.childForFieldName('left'), child) ? undefined : fixed(NOW_AND_THEN);
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

const EFFECTS: ReadonlySet<string> = new Set([
  'call',
  'await',
  'yield',
  'named_expression',
  'subscript',
]);

/** Whether a node holds a call, an await, a walrus: what may do something, or see what the await does. */
function effectIn(node: Node, settled: ReadonlySet<number>): boolean {
  if (settled.has(node.id)) return false;
  if (EFFECTS.has(node.type)) return true;
  return node.namedChildren.some((child) => effectIn(child, settled));
}

/**
 * An attribute, or a variable that another function assigns: it is looked up before the await, and
 * may be another one afterwards.
 */
function changeableIn(
  file: PythonFile,
  node: Node,
  settled: ReadonlySet<number>,
): Node | undefined {
  if (settled.has(node.id) || isOfAsyncio(file, node)) return undefined;
  if (node.type === 'attribute') return node;
  if (node.type === 'identifier') return isAssignedElsewhere(file, node) ? node : undefined;
  for (const child of node.namedChildren) {
    const found = changeableIn(file, child, settled);
    if (found) return found;
  }
  return undefined;
}

/** Names of asyncio itself stay what they are. */
function isOfAsyncio(file: PythonFile, { startIndex, endIndex }: Node): boolean {
  return file.uses.some(({ span }) => span.start === startIndex && span.end === endIndex);
}

/** Whether a `global` or `nonlocal` of the name lets other functions assign the variable. */
function isAssignedElsewhere(file: PythonFile, name: Node): boolean {
  return file.root
    .descendantsOfType(['global_statement', 'nonlocal_statement'])
    .some((statement) => statement?.namedChildren.some((child) => child.text === name.text));
}

function fixed(why: string): Position {
  return { kind: 'fixed', code: 'wait-for-in-expression', why };
}
