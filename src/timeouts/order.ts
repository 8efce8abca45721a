/**
 * Whether two expressions may change places: asyncio evaluates the coroutine's arguments before the
 * timeout, a block the timeout before them.
 */

import type { Node } from 'web-tree-sitter';
import { codeChildren, dottedParts, lastName, stripParens } from '../syntax/nodes.ts';

const LITERALS: ReadonlySet<string> = new Set(['integer', 'float', 'none', 'true', 'false']);
/** Builtins that only compute, on arguments that only compute. */
const COMPUTING: ReadonlySet<string> = new Set(['abs', 'float', 'int', 'max', 'min', 'round']);
/** Calls that read a clock, and nothing more: `loop.time()`, `time.monotonic()`. */
const CLOCKS: ReadonlySet<string> = new Set(['time', 'monotonic', 'perf_counter', 'current_time']);
/** Operators and displays: still when their parts are. */
const COMPOSED: ReadonlySet<string> = new Set([
  'binary_operator',
  'unary_operator',
  'not_operator',
  'boolean_operator',
  'comparison_operator',
  'conditional_expression',
  'parenthesized_expression',
  'tuple',
  'list',
  'dictionary',
  'pair',
  'set',
  'keyword_argument',
  'argument_list',
  'attribute',
  'identifier',
]);

const NONE: ReadonlySet<number> = new Set();

/** `constant`: always the same. `reads`: reads variables. `acts`: may do anything. */
export type Effect = 'constant' | 'reads' | 'acts';

/**
 * What evaluating an expression does; a property is taken for a plain attribute.
 *
 * @param settled the ids of nodes in it that will be names by then
 */
export function effectOf(node: Node, settled: ReadonlySet<number> = NONE): Effect {
  if (settled.has(node.id)) return 'reads';
  if (node.type === 'string' || node.type === 'concatenated_string') return effectOfString(node);
  if (LITERALS.has(node.type)) return 'constant';
  if (node.type === 'identifier') return 'reads';
  if (node.type === 'attribute') {
    const object = node.childForFieldName('object');
    return object && effectOf(object, settled) !== 'acts' ? 'reads' : 'acts';
  }
  if (node.type === 'call') {
    const callee = node.childForFieldName('function');
    const isComputing = callee?.type === 'identifier' && COMPUTING.has(lastName(callee) ?? '');
    const list = node.childForFieldName('arguments');
    if (callee && list && isClock(callee, list)) return 'reads';
    return isComputing && list ? effectOfParts(list, settled) : 'acts';
  }
  return COMPOSED.has(node.type) ? effectOfParts(node, settled) : 'acts';
}

/** `loop.time()` or `asyncio.get_running_loop().time()`, without arguments. */
function isClock(callee: Node, list: Node): boolean {
  if (!CLOCKS.has(lastName(callee) ?? '') || list.namedChildCount > 0) return false;
  const object = stripParens(callee.childForFieldName('object') ?? callee);
  if (object.type !== 'call') return effectOf(object) === 'reads';
  const made = object.childForFieldName('function');
  return /^get_(running|event)_loop$/.test(lastName(made) ?? '');
}

/** The effect of the arguments of a call, the function's name included; not of the call itself. */
export function effectOfArguments(call: Node, settled: ReadonlySet<number> = NONE): Effect {
  const callee = call.childForFieldName('function');
  const list = call.childForFieldName('arguments');
  return worst([callee, list].map((node) => (node ? effectOf(node, settled) : 'constant')));
}

/** Whether the evaluation of one cannot be noticed by the other. */
export function commute(a: Effect, b: Effect): boolean {
  if (a === 'constant' || b === 'constant') return true;
  return a === 'reads' && b === 'reads';
}

/** What stands in the braces of an f-string is formatted, which may do anything but for literals. */
function effectOfString(node: Node): Effect {
  return node.descendantsOfType('interpolation').length > 0 ? 'acts' : 'constant';
}

function effectOfParts(node: Node, settled: ReadonlySet<number>): Effect {
  return worst(
    codeChildren(node)
      .filter((part) => part.isNamed)
      .map((part) => effectOf(part, settled)),
  );
}

function worst(effects: readonly Effect[]): Effect {
  if (effects.includes('acts')) return 'acts';
  return effects.includes('reads') ? 'reads' : 'constant';
}

/** The number that a literal stands for: `-1`, `0.0`; undefined for other expressions. */
export function literalNumber(node: Node): number | undefined {
  const inner = stripParens(node);
  if (inner.type === 'unary_operator') {
    const argument = inner.childForFieldName('argument');
    const value = argument ? literalNumber(argument) : undefined;
    if (value === undefined) return undefined;
    return inner.child(0)?.type === '-' ? -value : value;
  }
  if (inner.type !== 'integer' && inner.type !== 'float') return undefined;
  const value = Number(inner.text.replaceAll('_', ''));
  return Number.isNaN(value) ? undefined : value;
}

/** Whether an expression makes a timedelta, which no timeout may be. */
export function isTimedelta(node: Node): boolean {
  const inner = stripParens(node);
  return (
    inner.type === 'call' &&
    dottedParts(inner.childForFieldName('function') ?? inner)?.at(-1) === 'timedelta'
  );
}
