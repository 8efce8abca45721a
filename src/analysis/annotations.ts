/** What an annotation says of the thing that it annotates: is it a Lock, or a dict of Locks? */

import type { Node } from 'web-tree-sitter';
import { ancestor, codeChildren, lastName, same } from '../syntax/nodes.ts';
import { parse } from '../syntax/parser.ts';
import type { Use } from '../transform.ts';
import { ELEMENT, type Path, type Step, VALUE } from './paths.ts';

/** Generics whose argument is the value itself. */
const TRANSPARENT = new Set(
  'Optional Union Annotated Final ClassVar Required NotRequired ReadOnly InitVar'.split(' '),
);
/** Generics of functions that hand the value out, one after another. */
const ITERATORS = new Set(
  'AsyncIterator Iterator AsyncGenerator Generator AsyncIterable'.split(' '),
);
const MAPPINGS = new Set(
  'dict Dict defaultdict DefaultDict OrderedDict Mapping MutableMapping WeakValueDictionary'.split(
    ' ',
  ),
);
const SEQUENCES = new Set(
  (
    'list List set Set frozenset FrozenSet deque Deque Sequence MutableSequence MutableSet ' +
    'AbstractSet Iterable Collection WeakSet'
  ).split(' '),
);

/** Generics in whose brackets a string is an annotation, wherever they stand. */
export const GENERICS: ReadonlySet<string> = new Set([
  ...TRANSPARENT,
  ...ITERATORS,
  ...MAPPINGS,
  ...SEQUENCES,
  'tuple',
  'Tuple',
  'Awaitable',
  'Coroutine',
  'Callable',
  'Type',
  'type',
]);

/** The annotated place, and where the name lies within what is annotated. */
export interface Annotated {
  /** The outermost `type` node, or the `cast` call's argument. */
  root: Node;
  path: Path;
  /** Whether the outermost step is that of an iterator, as a generator's annotation has it. */
  iterator: boolean;
}

/**
 * Reads the annotation around a use. Undefined when the name stands where its meaning is not
 * followed: `Callable[[asyncio.Lock], None]`, `type[asyncio.Lock]`, the key of a mapping.
 */
export function annotated(use: Use): Annotated | undefined {
  const outer = climb(use.node);
  if (use.node.type !== 'string' || !outer) return outer;
  const inner = quoted(use);
  if (!inner) return undefined;
  const iterator = outer.path.length > 0 ? outer.iterator : inner.iterator;
  return { root: outer.root, path: [...outer.path, ...inner.path], iterator };
}

/** Where the name lies within the quoted annotation. */
function quoted(use: Use): Annotated | undefined {
  const content = use.file.text.slice(use.node.startIndex, use.node.endIndex);
  const quote = content.search(/['"]/);
  const open = content.startsWith('"""', quote) || content.startsWith("'''", quote) ? 3 : 1;
  const start = use.node.startIndex + quote + open;
  const tree = parse(`(${content.slice(quote + open, content.length - open)}\n)`);
  try {
    const from = use.span.start - start + 1;
    const node = tree.rootNode.descendantForIndex(from, from + (use.span.end - use.span.start) - 1);
    return node ? climb(node) : undefined;
  } finally {
    tree.delete();
  }
}

function climb(start: Node): Annotated | undefined {
  let path: Path = [];
  let iterator = false;
  let root = start;
  for (let at = start, up = start.parent; up; at = up, up = up.parent) {
    switch (up.type) {
      case 'type_parameter':
      case 'subscript': {
        const step = stepOf(up, at);
        if (step === undefined) return undefined;
        iterator = step === '' ? iterator : ITERATORS.has(headName(up));
        if (step !== '') path = [step, ...path];
        break;
      }
      case 'type':
        root = up;
        break;
      case 'generic_type':
        // The name before the brackets: `asyncio.Queue[int]`.
        if (same(codeChildren(up)[0], at)) return undefined;
        break;
      case 'binary_operator':
      case 'union_type':
      case 'parenthesized_expression':
      case 'attribute':
        break;
      case 'string':
      case 'list':
      case 'tuple':
        return undefined;
      default:
        return { root: root.type === 'type' ? root : at, path, iterator };
    }
  }
  return { root, path, iterator };
}

/**
 * The step from what the brackets belong to, to their argument: empty where the argument is the
 * value itself, undefined where it is not followed.
 */
function stepOf(brackets: Node, argument: Node): Step | undefined {
  const head = headName(brackets);
  const children = codeChildren(brackets);
  if (brackets.type === 'subscript' && same(children[0], argument)) return undefined;
  const given = brackets.type === 'subscript' ? children.slice(1) : children;
  const index = given.findIndex((child) => same(child, argument));
  if (head === 'Union' || (TRANSPARENT.has(head) && index === 0)) return '';
  if (ITERATORS.has(head)) return index === 0 ? ELEMENT : undefined;
  if (SEQUENCES.has(head)) return ELEMENT;
  if (MAPPINGS.has(head)) return index === 1 ? VALUE : undefined;
  if (head !== 'tuple' && head !== 'Tuple') return undefined;
  return given.some((child) => child.text === '...') ? ELEMENT : String(index);
}

/** The name before the brackets: `Optional` of `typing.Optional[C]`. */
export function headName(brackets: Node): string {
  const generic = brackets.type === 'type_parameter' ? brackets.parent : brackets;
  return (generic && lastName(codeChildren(generic)[0])) ?? '';
}

/** Generics around one class that leave its object as it is. */
const WRAPPERS = new Set(['Optional', 'Annotated', 'Final', 'ClassVar']);

/**
 * The node that names the type of an annotation, without `Optional`, `| None` and its like: a name,
 * an attribute or a string. Of `C[int]` that of `C`; undefined where there is more than one.
 */
export function namedType(annotation: Node): Node | undefined {
  const node = annotation.type === 'type' ? codeChildren(annotation)[0] : annotation;
  switch (node?.type) {
    case 'generic_type':
    case 'subscript': {
      const [head, inner] = codeChildren(node);
      if (!WRAPPERS.has(lastName(head) ?? '')) return head;
      const argument = inner?.type === 'type_parameter' ? codeChildren(inner)[0] : inner;
      return argument && namedType(argument);
    }
    case 'binary_operator': {
      const sides = [node.childForFieldName('left'), node.childForFieldName('right')];
      const [only, more] = sides.filter((side) => side && side.type !== 'none');
      return only && !more ? only : undefined;
    }
    default:
      return node;
  }
}

const DEFINITIONS = new Set(['class_definition', 'function_definition', 'lambda']);

/**
 * Whether an expression is the right side of an alias outside of classes. Without `TypeAlias` it
 * must look like a type: brackets behind a generic's name, or a union.
 * @param value the whole right side.
 * @param within a node in it.
 */
export function isAliasValue(value: Node, within: Node): boolean {
  const assignment = value.parent;
  if (assignment?.type !== 'assignment' || !same(assignment.childForFieldName('right'), value))
    return false;
  const left = assignment.childForFieldName('left');
  if (left?.type !== 'identifier') return false;
  if (ancestor(assignment, DEFINITIONS)?.type === 'class_definition') return false;
  const type = assignment.childForFieldName('type');
  if (type) return lastName(codeChildren(type)[0]) === 'TypeAlias';
  for (let at = within; !same(at, value) && at.parent; at = at.parent) {
    const up = at.parent;
    if (up.type === 'subscript' && !same(codeChildren(up)[0], at))
      return GENERICS.has(headName(up));
    if (up.type === 'binary_operator') return up.childForFieldName('operator')?.text === '|';
  }
  return false;
}
