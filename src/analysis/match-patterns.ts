/** The names in the patterns of `match`. */

import type { Node } from 'web-tree-sitter';
import { codeChildren } from '../syntax/nodes.ts';

/** Identifiers by what a pattern does with them. */
export interface PatternNames {
  /** Those that the pattern binds. */
  captures: Node[];
  /** Those that it reads: classes, and the heads of dotted values. */
  reads: Node[];
}

/** The names in a `case_pattern`: a lone one captures, a dotted one and that of a class are read. */
export function namesInPattern(pattern: Node): PatternNames {
  const names: PatternNames = { captures: [], reads: [] };
  collect(pattern, names);
  return names;
}

function collect(node: Node, names: PatternNames): void {
  switch (node.type) {
    case 'identifier':
      if (node.text !== '_') names.captures.push(node);
      return;
    case 'dotted_name': {
      const [head, ...more] = codeChildren(node);
      if (head && more.length > 0) names.reads.push(head);
      else if (head) collect(head, names);
      return;
    }
    case 'class_pattern': {
      const [name, ...rest] = codeChildren(node);
      const head = name && codeChildren(name)[0];
      if (head) names.reads.push(head);
      for (const child of rest) collect(child, names);
      return;
    }
    case 'keyword_pattern': {
      const [, ...values] = codeChildren(node);
      for (const child of values) collect(child, names);
      return;
    }
    default:
      for (const child of node.namedChildren) collect(child, names);
  }
}
