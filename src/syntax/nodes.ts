/**
 * Helpers over tree-sitter-python nodes: what is asked of the syntax in several places.
 * Knows Python's grammar, knows nothing of asyncio.
 */

import type { Node } from 'web-tree-sitter';

/** Nodes that open a function body of their own. */
export const FUNCTIONS = new Set(['function_definition', 'lambda']);
export const COMPREHENSIONS = new Set([
  'list_comprehension',
  'set_comprehension',
  'dictionary_comprehension',
  'generator_expression',
]);

/** The node's parent, parentheses passed over. */
export function parentBeyondParens(node: Node): Node | null {
  let parent = node.parent;
  while (parent?.type === 'parenthesized_expression') parent = parent.parent;
  return parent;
}

/** The node with the parentheses around it: `((x))` for the inner `x`. */
export function withParens(node: Node): Node {
  let outer = node;
  while (outer.parent?.type === 'parenthesized_expression') outer = outer.parent;
  return outer;
}

/** The node without the parentheses around it: `x` for `((x))`. Comments inside are passed over. */
export function stripParens(node: Node): Node {
  let inner = node;
  while (inner.type === 'parenthesized_expression') {
    const child = codeChildren(inner)[0];
    if (!child) return inner;
    inner = child;
  }
  return inner;
}

/** Named children that are code: comments are extras that may stand anywhere. */
export function codeChildren(node: Node): Node[] {
  return node.namedChildren.filter((child) => child.type !== 'comment');
}

/** Whether two handles mean the same node of one tree. */
export function same(a: Node | null | undefined, b: Node | null | undefined): boolean {
  return !!a && !!b && a.id === b.id;
}

/** The nearest ancestor of one of the types, the node itself not counted. */
export function ancestor(node: Node, types: ReadonlySet<string>): Node | undefined {
  for (let up = node.parent; up; up = up.parent) if (types.has(up.type)) return up;
  return undefined;
}

/** The nearest enclosing `def` or `lambda`, or undefined at module and class level. */
export function enclosingFunction(node: Node): Node | undefined {
  return ancestor(node, FUNCTIONS);
}

/** Whether a `function_definition` is an `async def`. */
export function isAsync(definition: Node): boolean {
  return definition.child(0)?.type === 'async';
}

/** The innermost statement that holds the node: a direct child of a block or of the module. */
export function statementOf(node: Node): Node {
  let at = node;
  while (at.parent && at.parent.type !== 'block' && at.parent.type !== 'module') at = at.parent;
  return at;
}

/** The arguments of a call. A lone generator (`f(x for x in y)`) counts as one positional. */
export interface Arguments {
  /** `a` and `*a`, in order. */
  positional: Node[];
  /** `k=v` by name, the value nodes. */
  keywords: Map<string, Node>;
  /** The `keyword_argument` nodes and `**k` splats, in order. */
  keywordNodes: Node[];
  hasStar: boolean;
  hasDoubleStar: boolean;
}

/** The arguments of a `call` node. */
export function argumentsOf(call: Node): Arguments {
  const result: Arguments = {
    positional: [],
    keywords: new Map(),
    keywordNodes: [],
    hasStar: false,
    hasDoubleStar: false,
  };
  const list = call.childForFieldName('arguments');
  if (!list) return result;
  if (list.type === 'generator_expression') {
    result.positional.push(list);
    return result;
  }
  for (const argument of codeChildren(list)) {
    if (argument.type === 'keyword_argument') {
      const name = argument.childForFieldName('name')?.text ?? '';
      const value = argument.childForFieldName('value');
      if (value) result.keywords.set(name, value);
      result.keywordNodes.push(argument);
    } else if (argument.type === 'dictionary_splat') {
      result.hasDoubleStar = true;
      result.keywordNodes.push(argument);
    } else {
      if (argument.type === 'list_splat') result.hasStar = true;
      result.positional.push(argument);
    }
  }
  return result;
}

/** `a.b.c` as its parts, or undefined when the expression is not a plain dotted chain of names. */
export function dottedParts(node: Node): string[] | undefined {
  if (node.type === 'identifier') return [node.text];
  if (node.type !== 'attribute') return undefined;
  const object = node.childForFieldName('object');
  const name = node.childForFieldName('attribute');
  const head = object && dottedParts(object);
  return head && name ? [...head, name.text] : undefined;
}

/** The last name of a callee: `patch` of `mock.patch`, `f` of `f`. */
export function lastName(node: Node | null | undefined): string | undefined {
  if (!node) return undefined;
  if (node.type === 'identifier') return node.text;
  if (node.type === 'attribute') return node.childForFieldName('attribute')?.text;
  return undefined;
}

/**
 * The content of a plain string: no prefix but `r`/`u`, no escape, no interpolation, one piece.
 * `start` is the UTF-16 offset of the content in the file. Undefined for other strings, whose
 * content does not stand in the source as it is.
 */
export function plainString(node: Node): { content: string; start: number } | undefined {
  if (node.type !== 'string') return undefined;
  const open = node.child(0);
  const close = node.lastChild;
  if (!open || !close || close.type !== 'string_end') return undefined;
  if (!/^[rRuU]?("""|'''|"|')$/.test(open.text)) return undefined;
  const parts = node.namedChildren.filter(
    (child) => child.type !== 'string_start' && child.type !== 'string_end',
  );
  if (parts.length !== 1) return undefined;
  const [content] = parts;
  if (content?.type !== 'string_content' || content.namedChildCount > 0) {
    return undefined;
  }
  return { content: content.text, start: content.startIndex };
}

/** Whether the node is a string at statement position: a docstring or a comment by string. */
export function isBareString(statement: Node): boolean {
  if (statement.type !== 'expression_statement') return false;
  const [only] = codeChildren(statement);
  return only?.type === 'string' || only?.type === 'concatenated_string';
}
