/** What methods of containers, and functions over containers, do with what these hold. */

import type { Node } from 'web-tree-sitter';
import { argumentsOf, lastName, stripParens } from '../syntax/nodes.ts';
import {
  EITHER,
  ELEMENT,
  itemsOf,
  iterated,
  keyOf,
  type Path,
  type Taken,
  taken,
  VALUE,
  valuesOf,
} from './paths.ts';
import { after, type Follower, type Value, within } from './value.ts';

/** Methods that give one element back. */
const TAKING = new Set(['get', 'setdefault', 'pop', 'popleft', '__getitem__', 'get_nowait']);
/** Methods that give a container of the same elements. */
const COPYING = new Set([
  'copy',
  'union',
  'difference',
  'intersection',
  'symmetric_difference',
  '__iter__',
]);
/** Methods that give nothing of what the container holds. */
const KEEPING = new Set(
  (
    'append appendleft add insert extend extendleft update clear remove discard keys index count ' +
    'sort reverse rotate move_to_end put put_nowait task_done join qsize empty full fromkeys ' +
    'difference_update intersection_update isdisjoint issubset issuperset ' +
    '__contains__ __len__ __delitem__ __setitem__ __bool__'
  ).split(' '),
);
/** Methods whose last argument becomes an element, and where it lies then. */
const PUTTING: ReadonlyMap<string, string> = new Map([
  ['append', ELEMENT],
  ['appendleft', ELEMENT],
  ['add', ELEMENT],
  ['insert', ELEMENT],
  ['put', ELEMENT],
  ['put_nowait', ELEMENT],
  ['setdefault', VALUE],
  ['__setitem__', EITHER],
]);
/** Methods of those that hardly anything but a list, a deque or a dict has. */
const LISTS_ALONE = new Set(['append', 'appendleft', 'insert', 'extend', 'setdefault']);
/** Methods that merge a container into another. */
const MERGING = new Set(['update', 'extend', 'extendleft', '__ior__', '__iadd__']);

/** Functions that give a sequence of the same elements. */
const LISTING = new Set(
  'list tuple set frozenset sorted reversed iter aiter deque chain cycle islice'.split(' '),
);
/** Functions that give a mapping of the same values. */
const MAPPING = new Set(
  'dict OrderedDict MappingProxyType ChainMap WeakValueDictionary defaultdict copy deepcopy'.split(
    ' ',
  ),
);
/** Functions that give one of the elements. */
const CHOOSING = new Set(['next', 'anext', 'min', 'max', 'choice']);
/** Functions that look at a container and tell something of it. */
const COUNTING = new Set(['len', 'any', 'all', 'sum', 'bool']);

/** The object whose attributes a namespace holds; undefined for that of the module, `globals()`. */
export interface Namespace {
  object: Node | undefined;
}

export class ContainerFlow {
  constructor(private readonly follower: Follower) {}

  /** A method of a container that holds the value; `call` is undefined when it is not called. */
  member(name: string, call: Node | undefined, from: Value): void {
    if (KEEPING.has(name)) return;
    if (!call) return this.follower.escape(`its member ${name}, which is not called`, from);
    if (TAKING.has(name)) {
      const [key] = argumentsOf(call).positional;
      const popped = name === 'pop' && !key;
      return this.follower.onTaken(call, taken(from.path, popped ? undefined : keyOf(key)), from);
    }
    if (COPYING.has(name)) return this.follower.on(call, from);
    if (name === 'values') return this.follower.onTaken(call, valuesOf(from.path), from);
    if (name === 'items') return this.follower.onTaken(call, itemsOf(from.path), from);
    if (name === 'popitem') {
      const pair = itemsOf(from.path);
      return this.follower.onTaken(call, { ...pair, path: pair.path.slice(1) }, from);
    }
    this.follower.escape(`its method ${name}()`, from);
  }

  /** The value is an argument of a method that puts it into a container. True if it is one. */
  put(callee: Node, call: Node, argument: number | string, from: Value): boolean {
    const name = lastName(callee) ?? '';
    const container = callee.childForFieldName('object');
    if (!container) return false;
    if (name === 'fromkeys' && argument === 1) {
      this.follower.on(call, within(from, VALUE));
      return true;
    }
    const value = this.putValue(name, call, argument, from);
    if (!value) return false;
    if (name === 'setdefault') this.follower.on(call, from);
    const namespace = this.namespaceOf(container);
    if (namespace && typeof argument === 'string') {
      this.intoFields(namespace, argument, from);
      return true;
    }
    this.follower.intoContainer(container, value);
    if (!this.isPlain(container, name, from)) {
      const text = container.text.slice(0, 40);
      this.follower.escape(`${text}.${name}(), if that is no plain container`, from);
    }
    return true;
  }

  /** Whether a method is that of a container of the standard library, by the object or the name. */
  private isPlain(container: Node, name: string, from: Value): boolean {
    const { definitions } = this.follower;
    if (definitions.containerKind(from.file, container)) return true;
    return LISTS_ALONE.has(name) && !definitions.definesMethod(name);
  }

  private putValue(
    name: string,
    call: Node,
    argument: number | string,
    from: Value,
  ): Value | undefined {
    if (MERGING.has(name)) {
      if (typeof argument === 'string') return within(from, `{'${argument}'}`);
      return from.path.length > 0 ? from : undefined;
    }
    const step = PUTTING.get(name);
    const key = keyOf(argumentsOf(call).positional[0]);
    if (step === undefined || typeof argument === 'string') return undefined;
    return within(from, step === VALUE && key ? `{${key}}` : step);
  }

  /** The container that a call takes a nested one from: `locks` of `locks.setdefault(k, {})`. */
  containerOf(call: Node): Node | undefined {
    const callee = call.childForFieldName('function');
    if (callee?.type !== 'attribute' || !TAKING.has(lastName(callee) ?? '')) return undefined;
    return callee.childForFieldName('object') ?? undefined;
  }

  // -- namespaces --------------------------------------------------------------------------------

  /** `vars(x)`, `x.__dict__`, `globals()`. */
  namespaceOf(container: Node): Namespace | undefined {
    const node = stripParens(container);
    if (node.type === 'attribute' && lastName(node) === '__dict__') {
      return { object: node.childForFieldName('object') ?? undefined };
    }
    if (node.type !== 'call') return undefined;
    const callee = node.childForFieldName('function');
    const [object] = argumentsOf(node).positional;
    if (callee?.type !== 'identifier') return undefined;
    if (callee.text === 'globals') return { object: undefined };
    return callee.text === 'vars' && object ? { object } : undefined;
  }

  intoNamespace(namespace: Namespace, index: Node | null, from: Value): void {
    const name = keyOf(index)?.replaceAll(/^'|'$/g, '');
    if (name === undefined)
      return this.follower.escape('an attribute whose name is computed', from);
    this.intoFields(namespace, name, from);
  }

  private intoFields(namespace: Namespace, name: string, from: Value): void {
    if (namespace.object) return this.follower.intoAttribute(namespace.object, name, from);
    const scope = from.file.scopes.module;
    this.follower.slot({ kind: 'variable', file: from.file, scope, name }, from);
  }

  // -- functions over containers -------------------------------------------------------------------

  /** The value is an argument of a known function over containers. True if it is one. */
  builtin(name: string, call: Node, argument: number | string, from: Value): boolean {
    const { path } = from;
    if (typeof argument === 'string') {
      if (name !== 'dict' && name !== 'OrderedDict') return false;
      this.follower.on(call, within(from, `{'${argument}'}`));
      return true;
    }
    if (name === 'cast' && argument === 1) return this.gives(call, { path, certain: true }, from);
    if (path.length === 0) return this.single(name, call, argument, from);
    const element = iterated(path);
    if (name === 'sum' && path.length > 1) return this.gives(call, element, from);
    if (COUNTING.has(name)) return true;
    if (name === 'sorted' || name === 'min' || name === 'max') this.intoKey(call, element, from);
    if (LISTING.has(name)) return this.gives(call, asSequence(element), from);
    if (MAPPING.has(name)) return this.gives(call, asMapping(path), from);
    if (CHOOSING.has(name)) return this.gives(call, element, from);
    if (name === 'enumerate') return this.gives(call, asSequence(element, '1'), from);
    if (name === 'zip') return this.gives(call, asSequence(element, String(argument)), from);
    if ((name !== 'map' && name !== 'filter') || argument === 0) return false;
    const [function_] = argumentsOf(call).positional;
    if (element && function_)
      this.follower.intoCallable(function_, argument - 1, after(from, element));
    return name === 'map' || this.gives(call, asSequence(element), from);
  }

  /** `next(it, lock)`, `min(a, b)` with the object itself. */
  private single(name: string, call: Node, argument: number, from: Value): boolean {
    if (!CHOOSING.has(name) || (argument === 0 && argumentsOf(call).positional.length < 2))
      return false;
    this.follower.on(call, from);
    return true;
  }

  private gives(call: Node, found: Taken | undefined, from: Value): true {
    this.follower.onTaken(call, found, from);
    return true;
  }

  private intoKey(call: Node, element: Taken | undefined, from: Value): void {
    const key = argumentsOf(call).keywords.get('key');
    if (key && element) this.follower.intoCallable(key, 0, after(from, element));
  }
}

function asSequence(element: Taken | undefined, ...steps: string[]): Taken | undefined {
  return element && { ...element, path: [ELEMENT, ...steps, ...element.path] };
}

/** `dict(pairs)` has the second of each pair for a value, `dict(other)` what the other has. */
function asMapping(path: Path): Taken {
  const [first, second, ...rest] = path;
  const pairs = first === ELEMENT && second === '1';
  return { path: pairs ? [VALUE, ...rest] : path, certain: true };
}
