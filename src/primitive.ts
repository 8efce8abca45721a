/**
 * What Lock, Event, Semaphore and Condition have in common: a class of asyncio whose objects are
 * followed as families, and whose uses all move by a change of name.
 */

import type { Node } from 'web-tree-sitter';
import type { Family, Operation } from './analysis/families.ts';
import { factoryWith, isLoneFactory } from './factory.ts';
import { judgePatch } from './patching.ts';
import { argumentsOf, withParens } from './syntax/nodes.ts';
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
