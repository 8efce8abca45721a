/**
 * Follows one value through the syntax: given an expression that is the object (or a container of
 * it), tells what its surroundings do with it. Calls are followed by flow-calls.ts.
 */

import type { Node } from 'web-tree-sitter';
import { codeChildren, lastName, parentBeyondParens, same, withParens } from '../syntax/nodes.ts';
import type { Definitions } from './definitions.ts';
import { isFieldFactory } from './factories.ts';
import type { Operation, Slot } from './families.ts';
import { CallFlow } from './flow-calls.ts';
import { ContainerFlow } from './flow-containers.ts';
import { isStore, TargetFlow } from './flow-targets.ts';
import {
  ELEMENT,
  fieldName,
  iterated,
  keyOf,
  loosened,
  mappingStep,
  type Taken,
  taken,
  VALUE,
} from './paths.ts';
import { type FunctionInfo, isContextManager, isFixture } from './types.ts';
import { after, type Follower, type Sink, type Value, within } from './value.ts';

export type { Sink, Value } from './value.ts';

/** Parents that look at a value and keep nothing of it. */
const LOOKING = new Set(
  (
    'comparison_operator not_operator if_statement elif_clause while_statement assert_statement ' +
    'expression_statement interpolation format_expression delete_statement if_clause type ' +
    'print_statement case_clause'
  ).split(' '),
);
/** Methods that Python calls by itself, where the caller cannot be searched by name. */
const IMPLICIT = /^__(?!init__$|new__$)\w+__$/;

/** Sends a value to where its surroundings take it. */
export class Flow implements Follower {
  private readonly calls: CallFlow;
  private readonly containers: ContainerFlow;
  private readonly targets: TargetFlow;

  constructor(
    readonly definitions: Definitions,
    private readonly sink: Sink,
  ) {
    this.containers = new ContainerFlow(this);
    this.calls = new CallFlow(this, this.containers);
    this.targets = new TargetFlow(this, this.containers);
  }

  /** Looks at the surroundings of one value. */
  follow(value: Value): void {
    const outer = withParens(value.node);
    const parent = outer.parent;
    if (parent && !LOOKING.has(parent.type)) this.around(parent, { ...value, node: outer });
  }

  private around(parent: Node, at: Value): void {
    switch (parent.type) {
      case 'assignment':
        if (same(parent.childForFieldName('right'), at.node)) this.assign(parent, at);
        return;
      case 'augmented_assignment':
        return this.augment(parent, at);
      case 'named_expression':
        this.into(parent.childForFieldName('name'), at);
        return this.on(parent, at);
      case 'return_statement':
        return this.returned(at);
      case 'yield':
        return this.yielded(parent, at);
      case 'attribute':
        return this.member(parent, at);
      case 'subscript':
        return this.subscript(parent, at);
      case 'argument_list':
        return this.calls.argument(parent, at);
      case 'keyword_argument':
        return this.calls.keyword(parent, at);
      case 'list_splat':
      case 'dictionary_splat':
        return this.splat(parent, at);
      case 'default_parameter':
      case 'typed_default_parameter':
        return this.intoParameter(parent, at);
      case 'with_item':
      case 'as_pattern':
        return this.withItem(parent, at);
      case 'for_statement':
      case 'for_in_clause':
        return this.iterated(parent, at);
      case 'lambda':
        return this.lambdaResult(parent, at);
      case 'match_statement':
        return this.matched(parent, at);
      case 'call':
        // `list(x for x in y)`: the generator takes the place of the list of arguments.
        if (same(parent.childForFieldName('arguments'), at.node)) {
          return this.calls.generator(parent, at);
        }
        return this.escape('a call of it', at);
      case 'await':
        return this.escape('an await of it', at);
      default:
        return this.operand(parent, at);
    }
  }

  /** Operators and displays: expressions that the value becomes a part of. */
  private operand(parent: Node, at: Value): void {
    switch (parent.type) {
      case 'conditional_expression':
        if (!same(codeChildren(parent)[1], at.node)) this.on(parent, at);
        return;
      case 'boolean_operator':
        return this.on(parent, at);
      case 'binary_operator':
        // `"%s" % lock` prints it; `locks | more` and `[lock] * 2` hold what the operands hold.
        if (parent.childForFieldName('left')?.type === 'string') return;
        if (at.path.length > 0) return this.on(parent, { ...at, path: loosened(at.path) });
        break;
      case 'pair':
        return this.pair(parent, at);
      case 'list':
      case 'set':
        return this.on(parent, within(at, ELEMENT));
      case 'tuple':
      case 'expression_list':
        return this.on(parent, within(at, indexIn(parent, at.node)));
      case 'list_comprehension':
      case 'set_comprehension':
      case 'generator_expression':
        return this.on(parent, within(at, ELEMENT));
    }
    this.escape(`an expression that is not followed (${parent.type.replaceAll('_', ' ')})`, at);
  }

  // -- the follower ------------------------------------------------------------------------------

  on(node: Node, from: Value): void {
    this.sink.value({ ...from, node });
  }

  onTaken(node: Node, found: Taken | undefined, from: Value): void {
    if (found) this.on(node, after(from, found));
  }

  intoSetter(setter: FunctionInfo, from: Value): void {
    this.calls.intoFunction(setter, true, 0, from);
  }

  intoCallable(callable: Node, index: number, from: Value): void {
    this.calls.intoCallable(callable, index, from);
  }

  slot(slot: Slot, from: Value): void {
    this.sink.slot(slot, from.path, from.certain);
  }

  operation(kind: Operation['kind'], name: string, node: Node, from: Value): void {
    this.sink.operation(kind, name, node, from);
  }

  escape(how: string, from: Value): void {
    this.sink.operation('escape', how, from.node, from);
  }

  // -- assignment --------------------------------------------------------------------------------

  private assign(assignment: Node, from: Value): void {
    this.into(assignment.childForFieldName('left'), from);
    // `a = b = value`: the outer assignment takes the same value.
    if (assignment.parent?.type === 'assignment') this.follow({ ...from, node: assignment });
  }

  /** `locks += more` puts what the right side holds into the left. */
  private augment(assignment: Node, from: Value): void {
    if (!same(assignment.childForFieldName('right'), from.node)) return;
    const left = assignment.childForFieldName('left');
    if (from.path.length === 0 || !left)
      return this.escape('an operator that changes in place', from);
    this.intoContainer(left, { ...from, path: loosened(from.path) });
  }

  into(target: Node | null | undefined, from: Value): void {
    this.targets.into(target, from);
  }

  intoAttribute(object: Node | null, name: string, from: Value): void {
    this.targets.intoAttribute(object, name, from);
  }

  intoContainer(container: Node, from: Value): void {
    this.targets.intoContainer(container, from);
  }

  // -- leaving the function ----------------------------------------------------------------------

  private returned(from: Value): void {
    const definition = this.definitions.enclosing(from.file, from.node);
    if (!definition) return;
    this.slot({ kind: 'return', of: definition }, from);
    if (IMPLICIT.test(definition.name)) {
      const owner = definition.owner ? `${definition.owner.name}.` : '';
      this.escape(`the result of ${owner}${definition.name}()`, from);
    }
  }

  private yielded(expression: Node, from: Value): void {
    const definition = this.definitions.enclosing(from.file, from.node);
    if (!definition) return this.escape('a yield', from);
    if (isFixture(definition)) return this.slot({ kind: 'return', of: definition }, from);
    if (isContextManager(definition)) return this.slot({ kind: 'context', of: definition }, from);
    const all = expression.child(1)?.type === 'from';
    this.slot({ kind: 'return', of: definition }, all ? from : within(from, ELEMENT));
  }

  private lambdaResult(lambda: Node, from: Value): void {
    const use = parentBeyondParens(lambda);
    const call = use?.type === 'keyword_argument' ? use.parent?.parent : use?.parent;
    const callee = call?.type === 'call' ? lastName(call.childForFieldName('function')) : undefined;
    if (call && callee === 'defaultdict') return this.on(call, within(from, VALUE));
    if (call && isFieldFactory(use, callee)) return this.on(call, from);
    this.escape('a lambda', from);
  }

  // -- operations --------------------------------------------------------------------------------

  private member(attribute: Node, from: Value): void {
    const name = attribute.childForFieldName('attribute')?.text ?? '';
    const outer = withParens(attribute);
    const { parent } = outer;
    const call = parent?.type === 'call' && same(parent.childForFieldName('function'), outer);
    const [step, ...rest] = from.path;
    const field = fieldName(step);
    if (field === name) return this.on(outer, { ...from, path: rest });
    if (field !== undefined && !name.startsWith('_')) return;
    if (step !== undefined) {
      return this.containers.member(name, call ? parent : undefined, from);
    }
    if (call) this.operation('method', name, parent, from);
    else this.operation(isStore(outer) ? 'store' : 'attribute', name, outer, from);
  }

  private subscript(subscript: Node, from: Value): void {
    if (!same(subscript.childForFieldName('value'), from.node)) {
      return this.escape('a key of a container', from);
    }
    if (from.path.length === 0) return this.escape('a subscript', from);
    if (isStore(subscript)) return;
    const index = subscript.childForFieldName('subscript');
    if (index?.type === 'slice') this.on(subscript, { ...from, path: loosened(from.path) });
    else this.onTaken(subscript, taken(from.path, keyOf(index)), from);
  }

  private withItem(parent: Node, from: Value): void {
    const item = parent.type === 'with_item' ? parent : parent.parent;
    if (item?.type !== 'with_item') return this.escape('a pattern', from);
    const statement = item.parent?.parent;
    const kind = statement?.child(0)?.type === 'async' ? 'async-with' : 'with';
    this.operation(kind, parent.type === 'as_pattern' ? 'as' : '', item, from);
  }

  private pair(pair: Node, from: Value): void {
    const key = pair.childForFieldName('key');
    if (same(key, from.node)) return this.escape('a key of a container', from);
    const holder = pair.parent;
    const open = holder?.type === 'dictionary_comprehension';
    if (holder) this.on(holder, within(from, open ? VALUE : mappingStep(keyOf(key))));
  }

  /** `[*locks]`, `{**locks}`, `f(*locks)`. */
  private splat(splat: Node, from: Value): void {
    const holder = splat.parent;
    if (from.path.length === 0 || !holder) return this.escape('an unpacking', from);
    if (holder.type === 'argument_list') return this.calls.splat(holder, splat, from);
    if (splat.type === 'dictionary_splat') return this.on(holder, from);
    const element = iterated(from.path);
    if (element) this.on(holder, within(after(from, element), ELEMENT));
  }

  /** `match lock:` hands the object to names that capture the whole; a class pattern looks at it. */
  private matched(statement: Node, from: Value): void {
    if (from.path.length > 0) return this.escape('a match', from);
    const body = statement.childForFieldName('body');
    for (const clause of body ? codeChildren(body) : []) {
      for (const pattern of codeChildren(clause).filter(({ type }) => type === 'case_pattern')) {
        const inner = codeChildren(pattern)[0];
        const names = inner?.type === 'dotted_name' ? codeChildren(inner) : [];
        if (names.length === 1) this.into(names[0], from);
        else if (inner?.type === 'as_pattern') this.into(codeChildren(inner).at(-1), from);
      }
    }
  }

  private iterated(loop: Node, from: Value): void {
    if (!same(loop.childForFieldName('right'), from.node)) return;
    if (from.path.length === 0) return this.escape('a loop over it', from);
    const element = iterated(from.path);
    if (element) this.into(loop.childForFieldName('left'), after(from, element));
  }

  private intoParameter(parameter: Node, from: Value): void {
    const name = parameter.childForFieldName('name')?.text;
    const definition = parameter.parent?.parent;
    const scope = definition && from.file.scopes.byNode.get(definition.id);
    if (name && scope) this.slot({ kind: 'variable', file: from.file, scope, name }, from);
  }
}

/** The step of an element of a tuple: its index, if no splat stands before it. */
function indexIn(display: Node, element: Node): string {
  const children = codeChildren(display);
  const index = children.findIndex((child) => same(child, element));
  const splat = children.slice(0, index).some((child) => child.type === 'list_splat');
  return splat || index < 0 ? ELEMENT : String(index);
}
