/** What kind of number an expression is, as far as its syntax and the names around it tell. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from './analysis/file.ts';
import type { BindingSite } from './analysis/scopes.ts';
import { argumentsOf, codeChildren, dottedParts, stripParens } from './syntax/nodes.ts';

/** `positive`: an int above zero; `int`: an int of any value; `not-int`: at times no int at all. */
export type CountKind = 'positive' | 'int' | 'not-int' | 'unknown';

/** How many names are followed to where they are bound. */
const DEPTH = 4;
const INT_FUNCTIONS = new Set(['int', 'len', 'cpu_count']);
const PICKING = new Set(['min', 'max', 'abs', 'sum']);
/** Expressions that are no number at all: both libraries refuse them when they run. */
const NO_NUMBER = new Set(
  (
    'none string concatenated_string list tuple dictionary set lambda generator_expression ' +
    'list_comprehension set_comprehension dictionary_comprehension'
  ).split(' '),
);

/**
 * The kind of the expression `node` of `file`. A name is followed to its assignments in the same
 * file, a parameter to its annotation and default; `unknown` where that ends.
 */
export function countKind(file: PythonFile, node: Node, depth = 0): CountKind {
  if (depth > DEPTH) return 'unknown';
  const inner = stripParens(node);
  const kind = (each: Node | null | undefined): CountKind =>
    each ? countKind(file, each, depth + 1) : 'unknown';
  // Where a name has such a value in one branch, the other branch is the one that works.
  if (NO_NUMBER.has(inner.type)) return depth === 0 ? 'not-int' : 'unknown';
  switch (inner.type) {
    case 'float':
      return 'not-int';
    case 'integer':
      return isImaginary(inner) ? 'not-int' : isZero(inner) ? 'int' : 'positive';
    case 'true':
    case 'false':
    case 'comparison_operator':
    case 'not_operator':
      return 'int';
    case 'unary_operator':
      return weaken(kind(inner.childForFieldName('argument')));
    case 'binary_operator':
      return ofOperator(inner, kind);
    case 'boolean_operator':
      return either(codeChildren(inner).map(kind));
    case 'conditional_expression': {
      const [whenTrue, , whenFalse] = codeChildren(inner);
      return either([kind(whenTrue), kind(whenFalse)]);
    }
    case 'named_expression':
      return kind(inner.childForFieldName('value'));
    case 'call':
      return ofCall(inner, kind);
    case 'attribute':
      return isInfinity(dottedParts(inner)?.join('.')) ? 'not-int' : 'unknown';
    case 'identifier':
      return ofName(file, inner, depth);
    default:
      return 'unknown';
  }
}

function ofOperator(node: Node, kind: (each: Node | null) => CountKind): CountKind {
  if (node.childForFieldName('operator')?.text === '/') return 'not-int';
  const sides = ['left', 'right'].map((side) => kind(node.childForFieldName(side)));
  return weaken(either(sides));
}

function ofCall(node: Node, kind: (each: Node) => CountKind): CountKind {
  const name = dottedParts(node.childForFieldName('function') ?? node)?.at(-1) ?? '';
  if (name === 'float') return 'not-int';
  if (INT_FUNCTIONS.has(name)) return 'int';
  return PICKING.has(name) ? either(argumentsOf(node).positional.map(kind)) : 'unknown';
}

function ofName(file: PythonFile, node: Node, depth: number): CountKind {
  const scope = file.scopeAt(node).lookup(node.text);
  const sites = scope?.bindings.get(node.text) ?? [];
  return sites.length === 0
    ? 'unknown'
    : either(sites.map((site) => ofSite(file, site, depth + 1)));
}

function ofSite(file: PythonFile, { kind, node, imported }: BindingSite, depth: number): CountKind {
  if (kind === 'import') return isInfinity(imported?.target) ? 'not-int' : 'unknown';
  const holder = node.parent;
  if (kind === 'assignment' && holder?.type === 'assignment') {
    const value = holder.childForFieldName('right');
    return value ? countKind(file, value, depth) : 'unknown';
  }
  if (kind === 'parameter' && holder) return ofParameter(holder);
  return 'unknown';
}

/** `limit: float`. A default says little: what is passed may be of another kind. */
function ofParameter(node: Node): CountKind {
  const type = node.childForFieldName('type')?.text;
  if (type === 'float') return 'not-int';
  return type === 'int' ? 'int' : 'unknown';
}

/** One of several: no int if any is none, and only as sure as the least. */
function either(kinds: readonly CountKind[]): CountKind {
  for (const kind of ['not-int', 'unknown', 'int'] as const) if (kinds.includes(kind)) return kind;
  return kinds.length > 0 ? 'positive' : 'unknown';
}

/** What is known of the result of arithmetic: its sign is not. */
function weaken(kind: CountKind): CountKind {
  return kind === 'positive' ? 'int' : kind;
}

function isZero(integer: Node): boolean {
  return /^0[xXoObB]?[0_]*$/.test(integer.text);
}

/** The grammar counts `3j` among the integers. */
function isImaginary(integer: Node): boolean {
  return /[jJ]$/.test(integer.text);
}

function isInfinity(dotted: string | undefined): boolean {
  return dotted === 'math.inf' || dotted === 'numpy.inf' || dotted === 'np.inf';
}
