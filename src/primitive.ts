/**
 * What Lock and Event (and their kin to come) have in common: a class of asyncio whose objects are
 * followed as families, and whose uses all move by a change of name.
 */

import type { Node } from 'web-tree-sitter';
import type { Family, Operation } from './analysis/families.ts';
import { argumentsOf, enclosingFunction, isAsync, lastName, withParens } from './syntax/nodes.ts';
import type { JudgeContext, Piece, Place, Use, Verdict } from './transform.ts';
import { anyio, refuse, refusePatched, shortName } from './verdicts.ts';

/** A reason not to move a family, or to have a person look at it first. */
export type Concern =
  | { kind: 'refuse'; code: string; message: string; help: string; place?: Place }
  | { kind: 'review'; note: string; place: Place };

export interface Primitive {
  /** The transform's id, which begins the codes: `lock`. */
  id: string;
  /** The class in anyio. */
  target: string;
  /** Members of the class that keep their meaning; others are private or asyncio's alone. */
  members: ReadonlySet<string>;
  /** The rules of this primitive, over all that the program does with the object. */
  concerns(family: Family, context: JudgeContext): Concern[];
  /** The lowest anyio for this use; `made` is the call that makes the object, if it is one. */
  minAnyio(use: Use, made: Node | undefined, context: JudgeContext): string;
  /** What stands in the constructor's parentheses, when not nothing. */
  constructorArguments?(use: Use, context: JudgeContext): string | undefined;
}

/** The verdict on one use of a primitive's class. */
export function judgePrimitive(primitive: Primitive, use: Use, context: JudgeContext): Verdict {
  return (
    refusePatched(use, context, primitive.id) ??
    refuseRole(primitive, use) ??
    refuseArguments(primitive, use) ??
    judgeFamily(primitive, use, context)
  );
}

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
        `a class is derived from asyncio.${name}; anyio makes its own object behind the constructor, so a subclass does not work`,
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

function refuseArguments(primitive: Primitive, use: Use): Verdict | undefined {
  const call = constructorCall(use);
  if (!call) return undefined;
  const { positional, keywordNodes } = argumentsOf(call);
  if (positional.length + keywordNodes.length === 0) return undefined;
  return refuse(
    `${primitive.id}-arguments`,
    `anyio.${primitive.target}() takes no argument such as these (asyncio took loop= up to Python 3.9)`,
    'drop the argument by hand if it only names the loop',
  );
}

/** The call that makes the object, or undefined for annotations and the like. */
export function constructorCall(use: Use): Node | undefined {
  if (use.role !== 'call') return undefined;
  return withParens(use.node).parent ?? undefined;
}

function judgeFamily(primitive: Primitive, use: Use, context: JudgeContext): Verdict {
  const family = context.families.familyOf(use);
  if (!family) throw new Error(`${use.name} is not among the followed primitives`);
  const concerns = [...commonConcerns(primitive, family), ...primitive.concerns(family, context)];
  const refusal = concerns.find((concern) => concern.kind === 'refuse');
  if (refusal?.kind === 'refuse') {
    return refuse(refusal.code, refusal.message, refusal.help, refusal.place);
  }
  const doubt = concerns.find((concern) => concern.kind === 'review');
  const extra = primitive.constructorArguments?.(use, context);
  const verdict: Verdict = {
    kind: 'rewrite',
    safety: doubt ? 'review' : 'safe',
    edits: [{ ...use.span, pieces: [anyio(primitive.target)] }, ...constructorEdits(use, extra)],
    minAnyio: primitive.minAnyio(use, constructorCall(use), context),
    family: family.id,
  };
  if (doubt?.kind === 'review') {
    verdict.note = doubt.note;
    verdict.blocker = doubt.place;
  }
  return verdict;
}

function constructorEdits(
  use: Use,
  extra: string | undefined,
): { start: number; end: number; pieces: Piece[] }[] {
  const list = constructorCall(use)?.childForFieldName('arguments');
  if (!extra || !list) return [];
  const at = list.startIndex + 1;
  return [{ start: at, end: at, pieces: [extra] }];
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
    const concern = commonConcern(primitive, operation);
    if (concern) concerns.push(concern);
  }
  return concerns;
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
            help: 'keep the value beside the object',
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

/** Whether the node runs inside an `async def`, where a loop is running. */
export function inCoroutine(node: Node): boolean {
  const definition = enclosingFunction(node);
  return definition?.type === 'function_definition' && isAsync(definition);
}
