/**
 * Follows one value through the syntax: given an expression that is the object (or a container of
 * it), tells what its surroundings do with it.
 */

import type { Node } from 'web-tree-sitter';
import {
  argumentsOf,
  codeChildren,
  dottedParts,
  enclosingFunction,
  lastName,
  parentBeyondParens,
  same,
  withParens,
} from '../syntax/nodes.ts';
import type { ClassInfo, Definitions, FunctionInfo } from './definitions.ts';
import type { Operation, Slot } from './families.ts';
import type { PythonFile } from './file.ts';
import { isModuleName } from './names.ts';

/** An expression that is the object (`depth` 0) or holds it `depth` containers deep. */
export interface Value {
  node: Node;
  file: PythonFile;
  depth: number;
  certain: boolean;
}

/** What a value flows into. */
export interface Sink {
  /** The value is kept here. */
  slot(slot: Slot, depth: number, certain: boolean): void;
  /** The value goes on as this expression. */
  value(value: Value): void;
  operation(kind: Operation['kind'], name: string, node: Node, from: Value): void;
}

/** Callees that look at an object without keeping it or asking what it can do. */
const HARMLESS = new Set([
  'isinstance',
  'issubclass',
  'id',
  'repr',
  'str',
  'print',
  'len',
  'bool',
  'type',
  'hash',
  'callable',
  'format',
  'hasattr',
]);
/** Methods of loggers: their arguments are printed. */
const LOGGING = new Set(['debug', 'info', 'warning', 'error', 'exception', 'critical', 'log']);
/** Container methods that give one element back. */
const TAKING = new Set([
  'get',
  'setdefault',
  'pop',
  'popleft',
  'popitem',
  '__getitem__',
  'getdefault',
]);
/** Container methods whose last argument becomes an element. */
const PUTTING = new Set([
  'append',
  'add',
  'appendleft',
  'insert',
  'setdefault',
  '__setitem__',
  'put',
  'put_nowait',
]);
/** Container methods and functions that give the elements again. */
const REPEATING = new Set(['values', 'copy']);
const REPEATING_FUNCTIONS = new Set([
  'list',
  'tuple',
  'set',
  'sorted',
  'reversed',
  'iter',
  'frozenset',
  'dict',
]);

/** Sends a value to where its surroundings take it. */
export class Flow {
  constructor(
    private readonly definitions: Definitions,
    private readonly sink: Sink,
  ) {}

  /** Looks at the surroundings of one value. */
  follow(value: Value): void {
    const outer = withParens(value.node);
    const parent = outer.parent;
    if (!parent) return;
    const at: Value = { ...value, node: outer };
    switch (parent.type) {
      case 'assignment':
        if (same(parent.childForFieldName('right'), outer)) this.assign(parent, at);
        return;
      case 'named_expression':
        this.into(parent.childForFieldName('name'), at);
        return this.on(parent, at);
      case 'return_statement':
        return this.returned(at);
      case 'yield':
        return this.yielded(at);
      case 'attribute':
        return this.member(parent, at);
      case 'subscript':
        return this.subscript(parent, at);
      case 'call':
        return this.escape('a call of it', at);
      case 'argument_list':
        return this.argument(parent, at);
      case 'keyword_argument':
        return this.keyword(parent, at);
      case 'default_parameter':
      case 'typed_default_parameter':
        return this.intoParameter(parent, at);
      case 'with_item':
      case 'as_pattern':
        return this.withItem(parent, at);
      case 'conditional_expression':
        if (!same(codeChildren(parent)[1], outer)) this.on(parent, at);
        return;
      case 'boolean_operator':
        return this.on(parent, at);
      case 'list':
      case 'tuple':
      case 'set':
      case 'pair':
      case 'dictionary':
      case 'expression_list':
        return this.collected(parent, at);
      case 'list_comprehension':
      case 'set_comprehension':
      case 'generator_expression':
        return this.on(parent, at, 1);
      case 'for_statement':
      case 'for_in_clause':
        return this.iterated(parent, at);
      case 'lambda':
        return this.lambdaResult(parent, at);
      case 'await':
        return this.escape('an await of it', at);
      case 'comparison_operator':
      case 'not_operator':
      case 'if_statement':
      case 'elif_clause':
      case 'while_statement':
      case 'assert_statement':
      case 'expression_statement':
      case 'interpolation':
      case 'delete_statement':
      case 'if_clause':
      case 'type':
        return;
      default:
        return this.escape(
          `an expression that is not followed (${parent.type.replaceAll('_', ' ')})`,
          at,
        );
    }
  }

  private on(node: Node, from: Value, deeper = 0): void {
    this.sink.value({ ...from, node, depth: from.depth + deeper });
  }

  private escape(how: string, from: Value): void {
    this.sink.operation('escape', how, from.node, from);
  }

  // -- assignment --------------------------------------------------------------------------------

  private assign(assignment: Node, from: Value): void {
    this.into(assignment.childForFieldName('left'), from);
    // `a = b = value`: the outer assignment takes the same value.
    if (assignment.parent?.type === 'assignment') this.follow({ ...from, node: assignment });
  }

  /** The value is assigned to this target: a name, an attribute or an element. */
  into(target: Node | null, from: Value): void {
    if (!target) return;
    switch (target.type) {
      case 'identifier':
        return this.intoName(target, from);
      case 'attribute':
        return this.intoAttribute(target, from);
      case 'subscript': {
        const container = target.childForFieldName('value');
        if (container) this.intoContainer(container, from);
        return;
      }
      default:
        this.escape('an unpacking', from);
    }
  }

  private intoName(target: Node, from: Value): void {
    const scope = from.file.scopeAt(target);
    const owner = scope.lookup(target.text) ?? scope;
    if (owner.kind === 'class') {
      const info = this.definitions.classOf(from.file, owner.node);
      this.sink.slot(
        { kind: 'attribute', owner: info, name: target.text },
        from.depth,
        from.certain,
      );
    }
    this.sink.slot(
      { kind: 'variable', file: from.file, scope: owner, name: target.text },
      from.depth,
      from.certain,
    );
  }

  private intoAttribute(target: Node, from: Value): void {
    const object = target.childForFieldName('object');
    const name = target.childForFieldName('attribute')?.text ?? '';
    const type = this.definitions.typeOf(from.file, object ?? undefined);
    // A mock stands for an object of the project: what reads the name may read it there.
    if (type?.kind === 'foreign' && !/mock/i.test(type.name)) {
      return this.escape(`an attribute of ${type.name}`, from);
    }
    const owner = type?.kind === 'instance' || type?.kind === 'class' ? type.of : undefined;
    this.sink.slot({ kind: 'attribute', owner, name }, from.depth, from.certain);
  }

  /** The value becomes an element of what this expression names. */
  private intoContainer(container: Node, from: Value): void {
    const inner = { ...from, node: container, depth: from.depth + 1 };
    if (container.type === 'identifier') this.intoName(container, inner);
    else if (container.type === 'attribute') this.intoAttribute(container, inner);
    else if (container.type === 'subscript') {
      const outer = container.childForFieldName('value');
      if (outer) this.intoContainer(outer, inner);
    } else this.escape('a container that is not followed', from);
  }

  // -- leaving the function ----------------------------------------------------------------------

  private returned(from: Value): void {
    const definition = this.definitions.enclosing(from.file, from.node);
    if (definition) this.sink.slot({ kind: 'return', of: definition }, from.depth, from.certain);
  }

  private yielded(from: Value): void {
    const definition = this.definitions.enclosing(from.file, from.node);
    if (definition && isFixture(definition)) {
      this.sink.slot({ kind: 'return', of: definition }, from.depth, from.certain);
    } else this.escape(`a yield of ${definition?.name ?? 'a lambda'}()`, from);
  }

  private lambdaResult(lambda: Node, from: Value): void {
    const use = parentBeyondParens(lambda);
    const call = use?.type === 'keyword_argument' ? use.parent?.parent : use?.parent;
    const callee = call?.type === 'call' ? lastName(call.childForFieldName('function')) : undefined;
    if (call && callee === 'defaultdict') return this.on(call, from, 1);
    if (call && isFieldFactory(use, callee)) return this.on(call, from);
    this.escape('a lambda', from);
  }

  // -- operations --------------------------------------------------------------------------------

  private member(attribute: Node, from: Value): void {
    const name = attribute.childForFieldName('attribute')?.text ?? '';
    const outer = withParens(attribute);
    const call =
      outer.parent?.type === 'call' && same(outer.parent.childForFieldName('function'), outer);
    if (from.depth > 0) {
      if (call && outer.parent) this.containerMethod(name, outer.parent, from);
      return;
    }
    if (call && outer.parent) this.sink.operation('method', name, outer.parent, from);
    else if (isStore(outer)) this.sink.operation('store', name, outer, from);
    else this.sink.operation('attribute', name, outer, from);
  }

  private containerMethod(name: string, call: Node, from: Value): void {
    if (TAKING.has(name)) this.on(call, from, -1);
    else if (REPEATING.has(name)) this.on(call, from);
    else if (name === 'items') this.pairs(call, from);
  }

  /** `for key, lock in locks.items()`. */
  private pairs(call: Node, from: Value): void {
    const loop = withParens(call).parent;
    const target = loop?.childForFieldName('left');
    const inLoop = loop?.type === 'for_statement' || loop?.type === 'for_in_clause';
    const second =
      target?.type === 'pattern_list' || target?.type === 'tuple_pattern'
        ? codeChildren(target)[1]
        : null;
    if (inLoop && second) this.into(second, { ...from, node: call, depth: from.depth - 1 });
    else if (inLoop) this.escape('a loop over its items', from);
  }

  private subscript(subscript: Node, from: Value): void {
    if (!same(subscript.childForFieldName('value'), from.node)) return;
    if (from.depth === 0) return this.escape('a subscript', from);
    if (isStore(subscript)) return;
    const index = subscript.childForFieldName('subscript');
    this.on(subscript, from, index?.type === 'slice' ? 0 : -1);
  }

  private withItem(parent: Node, from: Value): void {
    const item = parent.type === 'with_item' ? parent : parent.parent;
    if (item?.type !== 'with_item') return;
    const statement = item.parent?.parent;
    const kind = statement?.child(0)?.type === 'async' ? 'async-with' : 'with';
    this.sink.operation(kind, parent.type === 'as_pattern' ? 'as' : '', item, from);
  }

  private collected(parent: Node, from: Value): void {
    if (parent.type === 'pair') {
      if (same(parent.childForFieldName('key'), from.node))
        return this.escape('a dictionary key', from);
      const holder = parent.parent;
      if (holder) this.on(holder, from, 1);
      return;
    }
    // `a, b = Lock(), Lock()` pairs by position.
    const assignment = parent.parent?.type === 'assignment' ? parent.parent : undefined;
    const targets = assignment?.childForFieldName('left');
    if (targets && ['pattern_list', 'tuple_pattern'].includes(targets.type)) {
      const index = codeChildren(parent).findIndex((child) => same(child, from.node));
      const target = codeChildren(targets)[index];
      if (target && codeChildren(targets).length === codeChildren(parent).length)
        return this.into(target, from);
    }
    this.on(parent, from, 1);
  }

  private iterated(loop: Node, from: Value): void {
    if (!same(loop.childForFieldName('right'), from.node)) return;
    if (from.depth === 0) return this.escape('a loop over it', from);
    this.into(loop.childForFieldName('left'), { ...from, depth: from.depth - 1 });
  }

  // -- calls -------------------------------------------------------------------------------------

  private keyword(keyword: Node, from: Value): void {
    const list = keyword.parent;
    const call = list?.parent;
    const name = keyword.childForFieldName('name')?.text ?? '';
    if (call?.type !== 'call') return this.escape('a class keyword', from);
    this.passed(call, name, from);
  }

  private argument(list: Node, from: Value): void {
    const call = list.parent;
    if (call?.type !== 'call') return this.escape('a class statement', from);
    const index = argumentsOf(call).positional.findIndex((argument) => same(argument, from.node));
    this.passed(call, index, from);
  }

  private passed(call: Node, argument: number | string, from: Value): void {
    const callee = call.childForFieldName('function');
    const name = lastName(callee) ?? '';
    if (callee?.type === 'identifier') {
      if (HARMLESS.has(name)) return;
      if (from.depth > 0 && REPEATING_FUNCTIONS.has(name)) return this.on(call, from);
    }
    if (callee?.type === 'attribute') {
      if (PUTTING.has(name)) {
        const container = callee.childForFieldName('object');
        if (name === 'setdefault') this.on(call, from);
        if (container) return this.intoContainer(container, from);
      }
      if (LOGGING.has(name)) return;
    }
    const asyncio = this.asyncioCallee(callee, from.file);
    if (asyncio) return this.sink.operation('argument', asyncio, call, from);
    const type = this.definitions.callee(from.file, call);
    if (type?.kind === 'function') return this.intoFunction(type.of, call, argument, from);
    if (type?.kind === 'class') return this.construct(type.of, call, argument, from);
    const text = callee ? (dottedParts(callee)?.join('.') ?? name) : '';
    this.escape(`the call of ${text || 'a value'}(), which cannot be followed`, from);
  }

  private asyncioCallee(callee: Node | null, file: PythonFile): string | undefined {
    if (!callee) return undefined;
    const use = file.uses.find(
      (found) => found.span.start === callee.startIndex && found.span.end === callee.endIndex,
    );
    return use && !isModuleName(use.name) ? use.name : undefined;
  }

  private construct(info: ClassInfo, call: Node, argument: number | string, from: Value): void {
    const init = this.definitions.method(info, '__init__');
    if (init) return this.intoFunction(init, call, argument, from);
    if (typeof argument === 'string') {
      // A dataclass or a model: the keyword is the field.
      this.sink.slot({ kind: 'attribute', owner: info, name: argument }, from.depth, from.certain);
    } else this.escape(`the constructor of ${info.name}`, from);
  }

  private intoFunction(
    target: FunctionInfo,
    call: Node,
    argument: number | string,
    from: Value,
  ): void {
    const parameters = codeChildren(target.node.childForFieldName('parameters') ?? target.node);
    const bound =
      target.owner !== undefined &&
      !target.decorators.includes('staticmethod') &&
      isBoundCall(call, target);
    const name = parameterName(parameters, argument, bound, argumentsOf(call).hasStar);
    const scope = target.file.scopes.byNode.get(target.node.id);
    if (!name || !scope)
      return this.escape(`a parameter of ${target.name}() that is not followed`, from);
    this.sink.slot({ kind: 'variable', file: target.file, scope, name }, from.depth, from.certain);
  }

  private intoParameter(parameter: Node, from: Value): void {
    const name = parameter.childForFieldName('name')?.text;
    const definition = parameter.parent?.parent;
    const scope = definition && from.file.scopes.byNode.get(definition.id);
    if (name && scope)
      this.sink.slot({ kind: 'variable', file: from.file, scope, name }, from.depth, from.certain);
  }
}

/** Whether a call passes the receiver itself: `x.m(a)` and `C(a)` do, `C.m(x, a)` does not. */
function isBoundCall(call: Node, target: FunctionInfo): boolean {
  const callee = call.childForFieldName('function');
  if (target.name === '__init__') return true;
  const object = callee?.type === 'attribute' ? callee.childForFieldName('object') : null;
  return object !== null && lastName(object) !== target.owner?.name;
}

function parameterName(
  parameters: Node[],
  argument: number | string,
  bound: boolean,
  starred: boolean,
): string | undefined {
  const named = parameters.filter((parameter) => !parameter.type.endsWith('separator'));
  if (typeof argument === 'string') {
    return named.map(declaredName).find((name) => name === argument);
  }
  if (starred || argument < 0) return undefined;
  const positional = named.slice(bound ? 1 : 0);
  const parameter = positional[argument];
  const before = positional.slice(0, argument + 1);
  if (!parameter || before.some((found) => isSplat(found))) return undefined;
  return declaredName(parameter);
}

function declaredName(parameter: Node): string {
  const name = parameter.childForFieldName('name') ?? parameter;
  return name.type === 'typed_parameter' ? (codeChildren(name)[0]?.text ?? '') : name.text;
}

function isSplat(parameter: Node): boolean {
  const inner = parameter.type === 'typed_parameter' ? codeChildren(parameter)[0] : parameter;
  return inner?.type === 'list_splat_pattern' || inner?.type === 'dictionary_splat_pattern';
}

/** Whether an attribute or subscript is written, not read. */
export function isStore(node: Node): boolean {
  const outer = withParens(node);
  const parent = outer.parent;
  if (parent?.type === 'assignment' || parent?.type === 'augmented_assignment') {
    return same(parent.childForFieldName('left'), outer);
  }
  return (
    parent?.type === 'delete_statement' ||
    parent?.type === 'pattern_list' ||
    parent?.type === 'as_pattern_target'
  );
}

/** Whether a call is `field(default_factory=…)` or its like, by the argument that holds the factory. */
export function isFieldFactory(
  argument: Node | null | undefined,
  callee: string | undefined,
): boolean {
  if (argument?.type !== 'keyword_argument') return false;
  const name = argument.childForFieldName('name')?.text;
  return (
    (name === 'default_factory' || name === 'factory') &&
    ['field', 'Field', 'ib', 'attrib', 'Factory'].includes(callee ?? '')
  );
}

/** Whether pytest hands out what the function returns or yields, by its name. */
export function isFixture(definition: FunctionInfo): boolean {
  return definition.decorators.includes('fixture');
}

/** The function that encloses a node directly, `def` or lambda, for comparing two places. */
export function functionId(node: Node): number | undefined {
  return enclosingFunction(node)?.id;
}
