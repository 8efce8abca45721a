/** Follows a value into the calls that take it: functions, constructors, and what the language has. */

import type { Node } from 'web-tree-sitter';
import {
  argumentsOf,
  dottedParts,
  lastName,
  plainString,
  same,
  stripParens,
  withParens,
} from '../syntax/nodes.ts';
import type { Use } from '../transform.ts';
import type { PythonFile } from './file.ts';
import type { ContainerFlow } from './flow-containers.ts';
import { isModuleName } from './names.ts';
import { type Landing, landing, splatLandings } from './parameters.ts';
import { iterated, tupleIndex } from './paths.ts';
import { fieldAt, fieldsOf, isRecord, recordKind } from './records.ts';
import { type ClassInfo, type FunctionInfo, opaqueDecorator } from './types.ts';
import { after, type Follower, type Value, within } from './value.ts';

/** An argument: its index among the positional ones, or its keyword. */
type Argument = number | string;

/** Callees that look at an object without keeping it or asking what it can do. */
const HARMLESS = new Set(
  'isinstance issubclass id repr str print len bool type hash callable format hasattr'.split(' '),
);
/** Methods of loggers: their arguments are printed. */
const LOGGING = new Set(['debug', 'info', 'warning', 'error', 'exception', 'critical', 'log']);
/** Calls that do nothing with further arguments but hand them to the function among them. */
const HANDING_ON = new Set(
  (
    'partial call_soon call_soon_threadsafe call_later call_at run_in_executor to_thread submit ' +
    'start_soon run_sync add_signal_handler add_reader add_writer create_task ensure_future Thread'
  ).split(' '),
);

export class CallFlow {
  private readonly usesByStart = new Map<PythonFile, Map<number, Use>>();

  constructor(
    private readonly follower: Follower,
    private readonly containers: ContainerFlow,
  ) {}

  /** The value is a positional argument. */
  argument(list: Node, from: Value): void {
    const call = list.parent;
    if (call?.type !== 'call') return this.follower.escape('a class statement', from);
    const { positional } = argumentsOf(call);
    const index = positional.findIndex((found) => same(found, from.node));
    const splat = positional.findIndex((found) => found.type === 'list_splat');
    if (splat >= 0 && splat < index) this.behindSplat(call, splat, from);
    else this.passed(call, index, from);
  }

  /** The value is a generator that stands for the whole list of arguments. */
  generator(call: Node, from: Value): void {
    this.passed(call, 0, from);
  }

  keyword(keyword: Node, from: Value): void {
    const call = keyword.parent?.parent;
    const name = keyword.childForFieldName('name')?.text ?? '';
    if (call?.type !== 'call') return this.follower.escape('a class keyword', from);
    this.passed(call, name, from);
  }

  /** `f(*locks)`, `f(**locks)`. */
  splat(list: Node, splat: Node, from: Value): void {
    const call = list.parent;
    if (call?.type !== 'call') return this.follower.escape('a class statement', from);
    const [step = '', ...rest] = from.path;
    const { positional } = argumentsOf(call);
    const before = positional.findIndex((found) => found.type === 'list_splat');
    if (splat.type === 'dictionary_splat') {
      const [, key] = /^\{'(.*)'\}$/.exec(step) ?? [];
      if (key === undefined)
        return this.follower.escape(`the keywords of ${calleeText(call)}()`, from);
      return this.passed(call, key, { ...from, path: rest });
    }
    const element = iterated(from.path);
    if (!element) return;
    const first = same(positional[before], splat);
    const index = tupleIndex(step);
    if (first && index !== undefined) {
      return this.passed(call, before + index, { ...from, path: rest });
    }
    this.behindSplat(call, before, after(from, element));
  }

  /** An argument at a place that is not known, from an index on. */
  private behindSplat(call: Node, index: number, from: Value): void {
    const { file } = from;
    const ofAsyncio = this.asyncioCallee(call, file);
    if (ofAsyncio) return this.follower.operation('argument', ofAsyncio, call, from);
    const type = this.follower.definitions.callee(file, call);
    if (type?.kind !== 'function') {
      return this.follower.escape(`the call of ${calleeText(call)}(), by a splat`, from);
    }
    const unsure = { ...from, certain: false };
    const bound = this.isBound(call.childForFieldName('function'), type.of, file);
    for (const found of splatLandings(type.of.node, index, bound))
      this.land(type.of, found, unsure);
  }

  // -- where an argument goes --------------------------------------------------------------------

  private passed(call: Node, argument: Argument, from: Value): void {
    const callee = call.childForFieldName('function');
    if (!callee || this.attributeAccess(call, argument, from)) return;
    if (this.ofAsyncio(call, argument, from)) return;
    const type = this.follower.definitions.typeOf(from.file, callee);
    if (type?.kind === 'function') {
      const bound = this.isBound(callee, type.of, from.file);
      return this.intoFunction(type.of, bound, argument, from);
    }
    if (type?.kind === 'class') return this.construct(type.of, call, argument, from);
    if (stripParens(callee).type === 'lambda') return this.intoLambda(callee, argument, from);
    const name = lastName(callee) ?? '';
    if (callee.type === 'identifier' && HARMLESS.has(name)) return this.lookedAt(name, call, from);
    if (callee.type === 'attribute' && this.containers.put(callee, call, argument, from)) return;
    if (this.containers.builtin(name, call, argument, from)) return;
    if (callee.type === 'attribute' && LOGGING.has(name)) return;
    const handed = this.handedAlong(call, argument, from);
    if (handed && HANDING_ON.has(name)) return;
    this.follower.escape(`the call of ${calleeText(call)}(), which cannot be followed`, from);
  }

  /** What `type(lock)` gives may be compared or looked up; a name in a message is harmless. */
  private lookedAt(name: string, call: Node, from: Value): void {
    const around = withParens(call).parent;
    const harmless = ['attribute', 'comparison_operator', 'interpolation'].includes(
      around?.type ?? '',
    );
    if (name === 'type' && !harmless) this.follower.escape('its class, which type() gives', from);
  }

  /** `getattr(lock, "locked")`, `setattr(self, "_lock", lock)` and their like. */
  private attributeAccess(call: Node, argument: Argument, from: Value): boolean {
    const callee = call.childForFieldName('function');
    const name = lastName(callee) ?? '';
    const { positional, keywords } = argumentsOf(call);
    const literal = positional[1] && plainString(positional[1])?.content;
    switch (name) {
      case 'getattr':
        if (argument === 0) this.read(call, literal, from);
        else this.follower.on(call, from);
        return true;
      case 'setattr':
      case 'delattr':
        if (argument === 0 && from.path.length === 0) {
          this.follower.operation('store', literal ?? 'a computed name', call, from);
        } else if (argument === 2 && literal !== undefined) {
          this.follower.intoAttribute(positional[0] ?? null, literal, from);
        } else return false;
        return true;
      case '__setattr__': {
        const object = callee?.childForFieldName('object') ?? null;
        const key = positional[0] && plainString(positional[0])?.content;
        if (argument === 2 && literal !== undefined) {
          this.follower.intoAttribute(positional[0] ?? null, literal, from);
        } else if (argument === 1 && key !== undefined) {
          this.follower.intoAttribute(object, key, from);
        } else return false;
        return true;
      }
      case 'object':
      case 'spy': {
        if (literal === undefined) return false;
        // `patch.object(self._stopped, "wait")` sets that member while the test runs.
        if (argument === 0) {
          if (from.path.length > 0 || !from.certain) return false;
          this.follower.operation('store', literal, call, from);
          return true;
        }
        // `patch.object(server, "_lock", asyncio.Lock())`
        const given = argument === 2 || (argument === 'new' && keywords.has('new'));
        if (!given || name === 'spy') return false;
        this.follower.intoAttribute(positional[0] ?? null, literal, from);
        return true;
      }
      default:
        return false;
    }
  }

  private read(call: Node, literal: string | undefined, from: Value): void {
    if (literal === undefined || from.path.length > 0) {
      return this.follower.escape('getattr() with a computed name', from);
    }
    const outer = withParens(call);
    const { parent } = outer;
    const called = parent?.type === 'call' && same(parent.childForFieldName('function'), outer);
    if (called) this.follower.operation('method', literal, parent, from);
    else this.follower.operation('attribute', literal, outer, from);
  }

  /** `asyncio.wait_for(event.wait(), 1)`, `asyncio.Event.set(event)`. True if it is one. */
  private ofAsyncio(call: Node, argument: Argument, from: Value): boolean {
    const name = this.asyncioCallee(call, from.file);
    if (name) {
      this.handedAlong(call, argument, from);
      this.follower.operation('argument', name, call, from);
      return true;
    }
    const callee = call.childForFieldName('function');
    const owner = callee?.type === 'attribute' ? callee.childForFieldName('object') : null;
    if (!owner || !this.useAt(from.file, owner) || argument !== 0) return false;
    this.follower.operation('method', lastName(callee) ?? '', call, from);
    return true;
  }

  private asyncioCallee(call: Node, file: PythonFile): string | undefined {
    const use = this.useAt(file, call.childForFieldName('function'));
    return use && !isModuleName(use.name) ? use.name : undefined;
  }

  private useAt(file: PythonFile, node: Node | null): Use | undefined {
    let uses = this.usesByStart.get(file);
    if (!uses) {
      uses = new Map(file.uses.map((use) => [use.span.start, use]));
      this.usesByStart.set(file, uses);
    }
    const use = node ? uses.get(node.startIndex) : undefined;
    return use && use.span.end === node?.endIndex ? use : undefined;
  }

  /** `partial(work, lock)`, `Thread(target=work, args=(lock,))`: the function gets the value. */
  private handedAlong(call: Node, argument: Argument, from: Value): boolean {
    const { positional, keywords } = argumentsOf(call);
    if (typeof argument === 'number') {
      const at = positional
        .slice(0, argument)
        .findLastIndex((found) => this.isCallable(found, from.file));
      const callable = positional[at];
      if (!callable) return false;
      this.intoCallable(callable, argument - at - 1, from);
      return true;
    }
    const target =
      keywords.get('target') ?? positional.find((found) => this.isCallable(found, from.file));
    const [step = '', ...rest] = from.path;
    if (!target || !this.isCallable(target, from.file)) return false;
    const index = tupleIndex(step);
    if (argument === 'args' && index !== undefined) {
      this.intoCallable(target, index, { ...from, path: rest });
      return true;
    }
    const [, key] = /^\{'(.*)'\}$/.exec(step) ?? [];
    if (argument === 'kwargs' && key !== undefined) {
      this.intoCallable(target, key, { ...from, path: rest });
      return true;
    }
    if (argument === 'args' || argument === 'kwargs') return false;
    this.intoCallable(target, argument, from);
    return true;
  }

  private isCallable(node: Node, file: PythonFile): boolean {
    if (stripParens(node).type === 'lambda') return true;
    const kind = this.follower.definitions.typeOf(file, node)?.kind;
    return kind === 'function' || kind === 'class';
  }

  // -- functions and classes ---------------------------------------------------------------------

  /** The value is an argument of a function or lambda that is handed over, to be called. */
  intoCallable(callable: Node, argument: Argument, from: Value): void {
    const node = stripParens(callable);
    if (node.type === 'lambda') return this.intoLambda(node, argument, from);
    if (node.type === 'none' || (node.type === 'identifier' && HARMLESS.has(node.text))) return;
    const type = this.follower.definitions.typeOf(from.file, node);
    if (type?.kind === 'function') {
      const bound = this.isBound(node, type.of, from.file);
      return this.intoFunction(type.of, bound, argument, from);
    }
    if (type?.kind === 'class') return this.construct(type.of, undefined, argument, from);
    this.follower.escape(`the call of ${node.text.slice(0, 40)}`, from);
  }

  private intoLambda(callable: Node, argument: Argument, from: Value): void {
    const lambda = stripParens(callable);
    const scope = from.file.scopes.byNode.get(lambda.id);
    const found = landing(lambda, argument, false);
    if (!scope || !found) return this.follower.escape('a lambda', from);
    const value = found.step === undefined ? from : within(from, found.step);
    this.follower.slot({ kind: 'variable', file: from.file, scope, name: found.name }, value);
  }

  /**
   * The value is an argument of a function of the project, and of what overrides it.
   * @param bound whether the call passes the first parameter (`self`) by itself.
   */
  intoFunction(target: FunctionInfo, bound: boolean, argument: Argument, from: Value): void {
    const found = landing(target.node, argument, bound);
    if (!found) {
      return this.follower.escape(`a parameter of ${target.name}() that is not followed`, from);
    }
    this.land(target, found, from);
    const opaque = opaqueDecorator(target);
    if (opaque) this.follower.escape(`the decorator @${opaque} of ${target.name}()`, from);
    if (target.name === '__init__') return;
    for (const override of this.follower.definitions.overrides(target)) {
      const landed = landing(override.node, argument, bound);
      if (landed) this.land(override, landed, { ...from, certain: false });
    }
  }

  private land(target: FunctionInfo, { name, step }: Landing, from: Value): void {
    const { file, node } = target;
    const scope = file.scopes.byNode.get(node.id);
    if (!scope) return;
    const value = step === undefined ? from : within(from, step);
    this.follower.slot({ kind: 'variable', file, scope, name }, value);
  }

  /** Whether a call passes the receiver itself: `x.m(a)` and `C(a)` do, `C.m(x, a)` does not. */
  private isBound(callee: Node | null, target: FunctionInfo, file: PythonFile): boolean {
    if (!target.owner || target.decorators.includes('staticmethod')) return false;
    if (target.decorators.includes('classmethod')) return true;
    // A method under a name of its own was taken from an object; in its class it is a function.
    if (callee?.type === 'identifier')
      return file.scopeAt(callee).lookup(callee.text)?.kind !== 'class';
    if (callee?.type !== 'attribute') return false;
    const type = this.follower.definitions.typeOf(file, callee.childForFieldName('object'));
    return type?.kind !== 'class';
  }

  /** `call` is undefined where the class is handed over to be called later. */
  private construct(
    info: ClassInfo,
    call: Node | undefined,
    argument: Argument,
    from: Value,
  ): void {
    const { definitions } = this.follower;
    const maker = definitions.method(info, '__init__') ?? definitions.method(info, '__new__');
    if (maker) return this.intoFunction(maker, true, argument, from);
    const kind = recordKind(info, definitions);
    if (kind === 'typed-dict' && call && typeof argument === 'string') {
      return this.follower.on(call, within(from, `{'${argument}'}`));
    }
    const name = typeof argument === 'string' ? argument : fieldAt(info, argument, definitions);
    if (name === undefined) return this.follower.escape(`the constructor of ${info.name}`, from);
    this.follower.slot({ kind: 'attribute', owner: info, name }, from);
    const post = definitions.method(info, '__post_init__');
    const landed = post && landing(post.node, name, true);
    if (post && landed) this.land(post, landed, from);
    if (kind === 'tuple' && call) {
      const index = fieldsOf(info, definitions).indexOf(name);
      this.follower.on(call, within(from, `${index}.${name}`));
    } else if (!isRecord(kind)) this.follower.escape(`the constructor of ${info.name}`, from);
  }
}

function calleeText(call: Node): string {
  const callee = call.childForFieldName('function');
  return (callee && dottedParts(callee)?.join('.')) ?? lastName(callee) ?? 'a value';
}
