/**
 * What Lock, Event, Semaphore and Condition have in common: a class of asyncio whose objects are
 * followed as families, and whose uses all move by a change of name.
 */

import type { Node } from 'web-tree-sitter';
import type { Family, Operation } from './analysis/families.ts';
import { factoryWith, isLoneFactory } from './factory.ts';
import { judgePatch } from './patching.ts';
import {
  argumentsOf,
  enclosingFunction,
  isAsync,
  lastName,
  same,
  withParens,
} from './syntax/nodes.ts';
import type { Edit, JudgeContext, Place, Use, Verdict } from './transform.ts';
import { refuse, rename, replace, shortName } from './verdicts.ts';

/** A reason not to move a family, or to have a person look at it first. */
export type Concern =
  | { kind: 'refuse'; code: string; message: string; help: string; place?: Place }
  | { kind: 'review'; note: string; place: Place };

export interface Primitive {
  /** The transform's id, which begins the codes: `lock`. */
  id: string;
  /** The class in anyio. */
  target: string;
  /** Classes of asyncio that all become `target`, by canonical name; one place may hold any of them. */
  kin?: ReadonlySet<string>;
  /** Members of the class that keep their meaning; others are private or asyncio's alone. */
  members: ReadonlySet<string>;
  /** The rules of this primitive, over all that the program does with the object. */
  concerns(family: Family, context: JudgeContext): Concern[];
  /** The lowest anyio for this use; `made` is the call that makes the object, if it is one. */
  minAnyio(use: Use, made: Node | undefined, context: JudgeContext): string;
  /** What stands in the constructor's parentheses, when not nothing. */
  constructorArguments?(use: Use, context: JudgeContext): string | undefined;
  /**
   * The edits for one use, for a class whose constructor takes arguments, or why there are none.
   * Unless given, a call with arguments is refused and `constructorArguments` are put in.
   */
  write?(use: Use, context: JudgeContext): Edit[] | Verdict;
  /** What changes unseen even where the rewrite is safe; it goes into the JSON. */
  unseen?: string;
  /** Edits at other places that go with a use of the family: at what is done with the object. */
  besides?(use: Use, family: Family): Edit[];
  /** Why a class that derives from it breaks, where it is not the usual reason. */
  subclassReason?: string;
}

/** The verdict on one use of a primitive's class. */
export function judgePrimitive(primitive: Primitive, use: Use, context: JudgeContext): Verdict {
  return (
    judgePatch(use, context, primitive.id) ??
    refuseRole(primitive, use) ??
    judgeWritten(primitive, use, context)
  );
}

const OTHER_OBJECT =
  'anyio makes its own object behind the constructor, so a subclass does not work';

function refuseRole(primitive: Primitive, use: Use): Verdict | undefined {
  const name = shortName(use);
  switch (use.role) {
    case 'call':
    case 'annotation':
    case 'default-factory':
    case 'isinstance':
      return undefined;
    case 'base-class':
      return refuse(
        `${primitive.id}-subclass`,
        `a class is derived from asyncio.${name}; ${primitive.subclassReason ?? OTHER_OBJECT}`,
        `hold an anyio.${primitive.target} in an attribute instead of deriving from it`,
      );
    default:
      return refuse(
        `${primitive.id}-value-use`,
        `the class itself is used as a value here (${use.role}); what is made of it elsewhere cannot be followed`,
        `replace it by anyio.${primitive.target} by hand if all that receive it use only what anyio has`,
      );
  }
}

function judgeWritten(primitive: Primitive, use: Use, context: JudgeContext): Verdict {
  const written = primitive.write
    ? primitive.write(use, context)
    : writeName(primitive, use, context);
  return Array.isArray(written) ? judgeFamily(primitive, use, written, context) : written;
}

/** The new name, and what `constructorArguments` puts into parentheses that are empty now. */
function writeName(primitive: Primitive, use: Use, context: JudgeContext): Edit[] | Verdict {
  const call = constructorCall(use);
  const edits = [rename(use, primitive.target)];
  const extra = primitive.constructorArguments?.(use, context);
  if (!call)
    return extra && isLoneFactory(use) ? [factoryWith(use, primitive.target, extra)] : edits;
  const { positional, keywordNodes } = argumentsOf(call);
  if (positional.length + keywordNodes.length > 0) return refuseArguments(primitive);
  const at = (call.childForFieldName('arguments')?.startIndex ?? call.endIndex - 2) + 1;
  return extra ? [...edits, replace(at, at, extra)] : edits;
}

/** Refuses arguments that the class in anyio does not know. */
export function refuseArguments({ id, target }: Primitive): Verdict {
  return refuse(
    `${id}-arguments`,
    `anyio.${target}() takes no argument such as these (asyncio took loop= up to Python 3.9)`,
    'drop the argument by hand if it only names the loop',
  );
}

/** The call that makes the object, or undefined for annotations and the like. */
export function constructorCall(use: Use): Node | undefined {
  if (use.role !== 'call') return undefined;
  return withParens(use.node).parent ?? undefined;
}

function judgeFamily(
  primitive: Primitive,
  use: Use,
  edits: Edit[],
  context: JudgeContext,
): Verdict {
  const family = context.families.familyOf(use);
  if (!family) throw new Error(`${use.name} is not among the followed primitives`);
  const concerns = [...commonConcerns(primitive, family), ...primitive.concerns(family, context)];
  const refusal = concerns.find((concern) => concern.kind === 'refuse');
  if (refusal?.kind === 'refuse') {
    return refuse(refusal.code, refusal.message, refusal.help, refusal.place);
  }
  const doubt = concerns.find((concern) => concern.kind === 'review');
  const verdict: Verdict = {
    kind: 'rewrite',
    safety: doubt ? 'review' : 'safe',
    edits: [...edits, ...(primitive.besides?.(use, family) ?? [])],
    minAnyio: primitive.minAnyio(use, constructorCall(use), context),
    family: family.id,
  };
  const fast = context.fastAcquire && (use.role !== 'default-factory' || isLoneFactory(use));
  if (!doubt && primitive.unseen !== undefined && !fast) {
    verdict.note = primitive.unseen;
  }
  if (doubt?.kind === 'review') {
    verdict.note = doubt.note;
    verdict.blocker = doubt.place;
  }
  return verdict;
}

/** What holds for every primitive: where following ends, foreign members, unknown origin. */
function commonConcerns(primitive: Primitive, family: Family): Concern[] {
  const concerns: Concern[] = [];
  const made = family.uses.some((use) => use.role === 'call' || use.role === 'default-factory');
  if (!made) {
    concerns.push({
      kind: 'refuse',
      code: `${primitive.id}-origin-unknown`,
      message: `nothing in the project makes the object that is meant here; it comes from code that is not seen, which may keep asyncio`,
      help: `rename it by hand once you know that it is an anyio.${primitive.target}`,
    });
  }
  for (const operation of family.operations) {
    if (operation.kind === 'mixed' && isKin(primitive, family, operation)) continue;
    const concern = commonConcern(primitive, operation);
    if (concern) concerns.push(concern);
  }
  return concerns;
}

/** Whether a place that holds two classes holds only such as become one. */
function isKin({ kin }: Primitive, family: Family, { name }: Operation): boolean {
  return kin?.has(family.name) === true && kin.has(name);
}

function commonConcern(primitive: Primitive, operation: Operation): Concern | undefined {
  const { kind, name, place, certain } = operation;
  switch (kind) {
    case 'escape':
      return { kind: 'review', note: `it goes into ${name}`, place };
    case 'mixed':
      return {
        kind: 'refuse',
        code: `${primitive.id}-mixed`,
        message: `the same place also holds an ${name}`,
        help: 'give each primitive a name of its own',
        place,
      };
    case 'store':
      return certain
        ? {
            kind: 'refuse',
            code: `${primitive.id}-private-attr`,
            message: `the attribute \`${name}\` is set on the object; anyio's objects have slots and reject it`,
            help: primitive.members.has(name)
              ? 'put a stand-in in the place of the whole object, rather than of its member'
              : 'keep the value beside the object',
            place,
          }
        : undefined;
    case 'method':
    case 'attribute':
      if (primitive.members.has(name) || !certain) return undefined;
      return {
        kind: 'refuse',
        code: `${primitive.id}-private-attr`,
        message: `\`${name}\` is used on the object, and anyio.${primitive.target} has no such member`,
        help: 'find another way to the same end, or keep asyncio here',
        place,
      };
    default:
      return undefined;
  }
}

// -- questions that several rules ask ---------------------------------------------------------------

/** How the result of a method call is taken. */
export type ResultUse =
  | { kind: 'awaited-unused' }
  | { kind: 'awaited-used' }
  /** The coroutine is handed to a call: `asyncio.wait_for(x.wait(), 1)`. */
  | { kind: 'handed'; to: string; call: Node }
  | { kind: 'unused' }
  | { kind: 'kept' };

/** What is done with the result of a call, for methods that are coroutines. */
export function resultUse(call: Node): ResultUse {
  const outer = withParens(call);
  const parent = outer.parent;
  if (parent?.type === 'await') {
    return isStatement(parent) ? { kind: 'awaited-unused' } : { kind: 'awaited-used' };
  }
  if (parent?.type === 'expression_statement') return { kind: 'unused' };
  const list = parent?.type === 'keyword_argument' ? parent.parent : parent;
  if (list?.type === 'argument_list' && list.parent?.type === 'call') {
    return {
      kind: 'handed',
      to: lastName(list.parent.childForFieldName('function')) ?? '',
      call: list.parent,
    };
  }
  return { kind: 'kept' };
}

/** Whether an expression stands alone as a statement. */
export function isStatement(node: Node): boolean {
  return withParens(node).parent?.type === 'expression_statement';
}

/** Whether the node runs inside an `async def`, where a loop is running; its defaults run outside. */
export function inCoroutine(node: Node): boolean {
  const definition = enclosingFunction(node);
  if (definition?.type !== 'function_definition') return false;
  const body = definition.childForFieldName('body');
  const inBody = body !== null && node.startIndex >= body.startIndex;
  return inBody ? isAsync(definition) : inCoroutine(definition);
}

/** Calls that take a coroutine and give its result to whoever awaits them. */
const PASSING_RESULT = new Set([
  'wait_for',
  'shield',
  'ensure_future',
  'create_task',
  'start_soon',
]);
const COLLECTING = new Set(['gather', 'wait', 'as_completed']);

/** Whether what a coroutine method gives reaches anyone, through `wait_for`, tasks and `gather`. */
export function resultReaches(call: Node): 'used' | 'unused' | 'unknown' {
  const use = resultUse(call);
  switch (use.kind) {
    case 'awaited-unused':
    case 'unused':
      return 'unused';
    case 'awaited-used':
      return 'used';
    case 'kept':
      return 'unknown';
    case 'handed':
      break;
  }
  if (PASSING_RESULT.has(use.to)) {
    return resultUse(use.call).kind === 'kept' ? taskResult(use.call) : resultReaches(use.call);
  }
  if (!COLLECTING.has(use.to)) return 'unknown';
  const collected = resultUse(use.call).kind;
  return collected === 'awaited-unused' || collected === 'unused' ? 'unused' : 'unknown';
}

/** `task = create_task(x.acquire())`: whether the variable's result is asked for. */
function taskResult(call: Node): 'used' | 'unused' | 'unknown' {
  const assignment = withParens(call).parent;
  const target = assignment?.type === 'assignment' ? assignment.childForFieldName('left') : null;
  const definition = enclosingFunction(call);
  if (target?.type !== 'identifier' || !definition) return 'unknown';
  const outcomes = definition
    .descendantsOfType('identifier')
    .filter((node) => node !== null)
    .filter((node) => node.text === target.text && !same(node, target) && !isMemberName(node))
    .map(readOfTask);
  if (outcomes.includes('used')) return 'used';
  return outcomes.includes('unknown') ? 'unknown' : 'unused';
}

/** Whether an identifier is the `rain` of `self.rain` or of `f(rain=1)`, and no variable. */
function isMemberName(node: Node): boolean {
  const { parent } = node;
  const field = parent?.type === 'attribute' ? 'attribute' : 'name';
  const names = parent?.type === 'attribute' || parent?.type === 'keyword_argument';
  return names && same(parent.childForFieldName(field), node);
}

/** Methods of a task that say nothing of its result. */
const WITHOUT_RESULT = new Set(['cancel', 'done', 'cancelled', 'get_name', 'set_name']);

function readOfTask(node: Node): 'used' | 'unused' | 'unknown' {
  const parent = withParens(node).parent;
  switch (parent?.type) {
    case 'await':
      return isStatement(parent) ? 'unused' : 'used';
    case 'attribute': {
      const member = parent.childForFieldName('attribute')?.text ?? '';
      if (member === 'result') return 'used';
      return WITHOUT_RESULT.has(member) ? 'unused' : 'unknown';
    }
    case 'comparison_operator':
    case 'not_operator':
    case 'if_statement':
      return 'unused';
    default:
      return 'unknown';
  }
}

/** Functions that run what they are given on the loop's own thread, in no task. */
export const ON_LOOP: ReadonlySet<string> = new Set([
  'call_soon',
  'call_soon_threadsafe',
  'call_later',
  'call_at',
  'add_signal_handler',
  'add_reader',
  'add_writer',
  'run_sync_soon_threadsafe',
]);
/** Functions that run what they are given in another thread. */
export const IN_THREAD: ReadonlySet<string> = new Set([
  'Thread',
  'Timer',
  'submit',
  'run_in_executor',
  'to_thread',
  'start_new_thread',
  'map',
]);

/** The call that takes a function as its argument: `call_soon(x.release)`. Undefined if none does. */
export function takenBy(node: Node): { name: string; call: Node } | undefined {
  const outer = withParens(node);
  const list = outer.parent?.type === 'keyword_argument' ? outer.parent.parent : outer.parent;
  const call = list?.type === 'argument_list' ? list.parent : undefined;
  if (call?.type !== 'call') return undefined;
  return { name: lastName(call.childForFieldName('function')) ?? '', call };
}

/** The function that an operation stands in, as a key: one a function, or one a module's top level. */
export function functionKey({ file, node }: Operation): string {
  return `${file.path}:${enclosingFunction(node)?.id ?? 'module'}`;
}

/**
 * What is done with the object, without what a receiver of unknown class shows to be one of
 * threading's: entered by a plain `with`, acquired with arguments, or not awaited in a plain
 * function. All that the same function does with such a receiver is left out.
 */
export function ownOperations(family: Family): Operation[] {
  const foreign = new Set(family.operations.filter(isOfThreading).map(functionKey));
  return family.operations.filter(
    (operation) => operation.certain || !foreign.has(functionKey(operation)),
  );
}

function isOfThreading({ kind, name, node, certain }: Operation): boolean {
  if (certain) return false;
  if (kind === 'with') return true;
  if (kind !== 'method' || !['acquire', 'wait', 'wait_for'].includes(name)) return false;
  const { positional, keywordNodes } = argumentsOf(node);
  const taken = positional.length + keywordNodes.length;
  if (name !== 'wait_for' && taken > 0) return true;
  const use = resultUse(node).kind;
  return use === 'unused' || (use === 'kept' && !inCoroutine(node));
}
