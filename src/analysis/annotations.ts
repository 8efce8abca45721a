/** What an annotation says of the thing that it annotates: is it a Lock, or a dict of Locks? */

import type { Node } from 'web-tree-sitter';
import { codeChildren, lastName, same } from '../syntax/nodes.ts';
import { parse } from '../syntax/parser.ts';
import type { Use } from '../transform.ts';

/** Generics whose argument is the value itself. */
const TRANSPARENT = new Set(
  'Optional Union Annotated Final ClassVar Required NotRequired ReadOnly InitVar'.split(' '),
);
/** Generics of functions that hand the value out: as a generator's item, or awaited. */
const HANDING_OUT = new Set(
  'AsyncIterator Iterator AsyncGenerator Generator Awaitable Coroutine'.split(' '),
);
const CONTAINERS = new Set(
  (
    'dict Dict defaultdict DefaultDict OrderedDict Mapping MutableMapping WeakValueDictionary ' +
    'WeakKeyDictionary list List set Set frozenset FrozenSet tuple Tuple deque Deque Sequence ' +
    'MutableSequence Iterable Collection'
  ).split(' '),
);

/** The annotated place and how deep in containers the name stands. */
export interface Annotated {
  /** The outermost `type` node, or the `cast` call's argument. */
  root: Node;
  depth: number;
}

/**
 * Reads the annotation around a use. Undefined when the name stands where its meaning is not
 * followed: `Callable[[asyncio.Lock], None]`, `type[asyncio.Lock]`.
 */
export function annotated(use: Use): Annotated | undefined {
  if (use.node.type !== 'string') return climb(use.node);
  const outer = climb(use.node);
  const inner = quotedDepth(use);
  return outer && inner !== undefined
    ? { root: outer.root, depth: outer.depth + inner }
    : undefined;
}

/** How deep the name stands within the quoted annotation. */
function quotedDepth(use: Use): number | undefined {
  const content = use.file.text.slice(use.node.startIndex, use.node.endIndex);
  const quote = content.search(/['"]/);
  const open = content.startsWith('"""', quote) || content.startsWith("'''", quote) ? 3 : 1;
  const start = use.node.startIndex + quote + open;
  const tree = parse(`(${content.slice(quote + open, content.length - open)}\n)`);
  try {
    const from = use.span.start - start + 1;
    const node = tree.rootNode.descendantForIndex(from, from + (use.span.end - use.span.start) - 1);
    return node ? climb(node)?.depth : undefined;
  } finally {
    tree.delete();
  }
}

function climb(start: Node): Annotated | undefined {
  let depth = 0;
  let root = start;
  for (let at = start, up = start.parent; up; at = up, up = up.parent) {
    switch (up.type) {
      case 'generic_type':
      case 'subscript': {
        const [head] = codeChildren(up);
        if (same(head, at)) return undefined;
        const step = genericDepth(head && lastName(head));
        if (step === undefined) return undefined;
        depth += step;
        break;
      }
      case 'type':
        root = up;
        break;
      case 'type_parameter':
      case 'binary_operator':
      case 'union_type':
      case 'parenthesized_expression':
      case 'attribute':
      case 'tuple':
        break;
      case 'list':
        return undefined;
      default:
        return { root: root.type === 'type' ? root : at, depth };
    }
  }
  return { root, depth };
}

function genericDepth(name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  if (TRANSPARENT.has(name) || HANDING_OUT.has(name)) return 0;
  return CONTAINERS.has(name) ? 1 : undefined;
}
