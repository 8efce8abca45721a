/**
 * `async with asyncio.timeout(t):` → `with anyio.fail_after(t):`, and `timeout_at` → `fail_at`; the
 * same for those of async_timeout, whose objects have methods of their own beside asyncio's.
 *
 * Both raise TimeoutError at the end of the block, by the same clock. asyncio cancels the block once,
 * anyio at every await until it is left, so what runs inside is followed as far as calls can be
 * resolved (semantics, section 8).
 */

import type { Node } from 'web-tree-sitter';
import {
  type CancellationFact,
  cancellationFacts,
  cancellationFactsOfManagers,
} from '../src/analysis/cancellation.ts';
import type { PythonFile } from '../src/analysis/file.ts';
import { libraryOf } from '../src/analysis/names.ts';
import {
  argumentsOf,
  codeChildren,
  enclosingFunction,
  same,
  withParens,
} from '../src/syntax/nodes.ts';
import { readsOf } from '../src/timeouts/bound-name.ts';
import { type Doubt, dangerOf, type Refusal } from '../src/timeouts/danger.ts';
import { managersOf, plainWith } from '../src/timeouts/with-header.ts';
import type { Edit, JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';
import {
  lowerVersion,
  refuse,
  refuseForBlock,
  rename,
  replace,
  shortName,
} from '../src/verdicts.ts';

export const timeout: Transform = {
  id: 'timeout',
  phase: 3,
  names: ['asyncio', 'async_timeout'].flatMap((module) => [
    `${module}.timeout`,
    `${module}.timeout_at`,
  ]),
  summary: 'async with asyncio.timeout(t): -> with anyio.fail_after(t):',
  examples: [
    {
      before: 'async with asyncio.timeout(5):\n    await work()',
      after: 'with anyio.fail_after(5):\n    await work()',
    },
    {
      before: 'async with asyncio.timeout(5) as limit:\n    limit.reschedule(await deadline())',
      after: 'with anyio.fail_after(5) as limit:\n    limit.deadline = await deadline()',
    },
    {
      before: 'async with asyncio.timeout(5), connect() as link:\n    await link.ping()',
      after:
        'with anyio.fail_after(5):\n    async with connect() as link:\n        await link.ping()',
      review: true,
    },
  ],
  safety:
    'Safe when all that is awaited in the block can be followed, none of it catches ' +
    'CancelledError and goes on, and none of it awaits while it cleans up: anyio cancels again at ' +
    'every await, where asyncio cancelled once. For review when the block leads out of the ' +
    'project, and for async_timeout where the project allows Python 3.10: there it raises ' +
    'asyncio.TimeoutError, which is another class than the builtin.',
  diagnostics: [
    {
      code: 'timeout-with-others',
      title: 'the timeout shares an `async with` that is not taken apart',
      why:
        'fail_after is entered by a plain `with`, so a header with other context managers becomes ' +
        'several statements, one in the other. Comments in the header, and managers that take ' +
        'several lines, have no sure place then. Write the statements by hand, then run again.',
    },
    {
      code: 'timeout-as-target',
      title: 'the object of the timeout goes where it cannot be followed',
      why:
        'reschedule() becomes an assignment to deadline, when() reads it, and expired() becomes ' +
        'cancelled_caught, which is set only once the block is left. Other uses of the object have ' +
        'no counterpart.',
    },
    {
      code: 'timeout-arguments',
      title: 'the timeout has other arguments than the one delay',
      why: 'fail_after and fail_at take the delay or the deadline; loop= belongs to async_timeout 3 and older.',
    },
    {
      code: 'timeout-yield',
      title: 'the block yields',
      why:
        'Whoever consumes the generator would be cancelled by its deadline, and a scope that is ' +
        'left by another task raises RuntimeError. Put the timeout around what is awaited alone.',
    },
    {
      code: 'timeout-cancel-swallow',
      title: 'the block catches CancelledError and goes on',
      why:
        'After the one cancellation of asyncio it may await further things; anyio cancels each of ' +
        'them again, until the block is left.',
    },
    {
      code: 'timeout-async-cleanup',
      title: 'the block awaits while it cleans up',
      why:
        'When the time is over, an await in finally, in a handler or in __aexit__ runs under ' +
        'asyncio; in an anyio block it is cancelled at once. Shield it.',
      instead:
        'try:\n    await work()\nfinally:\n    with anyio.move_on_after(5, shield=True):\n' +
        '        await connection.close()\n',
    },
    {
      code: 'timeout-value-use',
      title: 'the timeout is not entered where it is made',
      why: 'It is kept, handed on or entered through an exit stack, and what becomes of it cannot be seen.',
    },
    {
      code: 'timeout-patched-in-tests',
      title: 'a test replaces asyncio.timeout for this module',
      why: 'The patch would no longer intercept the call, and its stand-in is an async context manager.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    return refuseForBlock(use, context, 'timeout') ?? judgeBlock(use, context);
  },
};

/** `async with asyncio.timeout(t) as name:`, perhaps with others in its header. */
interface TimedBlock {
  statement: Node;
  body: Node;
  item: Node;
  /** The name that the timeout is bound to. */
  target: Node | undefined;
}

function timedBlock(use: Use): TimedBlock | undefined {
  const call = withParens(use.node).parent;
  if (use.role !== 'call' || call?.type !== 'call') return undefined;
  const pattern = call.parent?.type === 'as_pattern' ? call.parent : undefined;
  const item = (pattern ?? call).parent;
  const statement = item?.parent?.parent;
  const body = statement?.childForFieldName('body');
  if (item?.type !== 'with_item' || statement?.type !== 'with_statement' || !body) return undefined;
  if (statement.child(0)?.type !== 'async') return undefined;
  const alias = pattern ? codeChildren(pattern)[1] : undefined;
  return { statement, body, item, target: (alias && codeChildren(alias)[0]) ?? alias };
}

/** The timeouts of one header: they move together. */
function timeoutsOf(file: PythonFile, statement: Node): { use: Use; block: TimedBlock }[] {
  return file.uses
    .filter((use) => timeout.names.includes(use.name))
    .map((use) => ({ use, block: timedBlock(use) }))
    .filter((each): each is { use: Use; block: TimedBlock } =>
      same(each.block?.statement, statement),
    );
}

function judgeBlock(use: Use, context: JudgeContext): Verdict {
  const { file } = use;
  const block = timedBlock(use);
  if (!block) {
    return refuse(
      'timeout-value-use',
      'the timeout is not entered here by `async with`',
      'enter it where it is made, or use anyio.fail_after there by hand',
    );
  }
  const { statement, body } = block;
  const yields = body
    .descendantsOfType('yield')
    .find((node) => node.isNamed && enclosingFunction(node)?.id === enclosingFunction(body)?.id);
  if (yields) {
    return refuse(
      'timeout-yield',
      'the block yields, and its deadline would cancel whoever consumes the generator',
      'put the timeout around what is awaited alone',
      file.place(yields),
    );
  }
  const members = timeoutsOf(file, statement);
  const edits: Edit[] = [];
  for (const member of members) {
    const own = judgeOwn(member.use, member.block.target, body);
    if ('kind' in own) return own;
    edits.push(...own);
  }
  const facts = dangerOf(factsUnder(file, members[0]?.block ?? block, context), 'timeout');
  if (facts?.kind === 'refuse') return facts;
  const uses = members.map((member) => member.use);
  const doubts = uses.map((each) => doubtOfPython(each, context));
  const danger = facts ?? doubts.find((doubt) => doubt !== undefined);
  const header = plainWith(
    file,
    statement,
    members.map((member) => member.block.item),
  );
  if (!header) {
    return refuse(
      'timeout-with-others',
      'fail_after is entered by a plain `with`, and the header has other context managers, with comments or over several lines each',
      'write two statements, one in the other, then run again',
    );
  }
  return {
    kind: 'rewrite',
    safety: danger ? 'review' : 'safe',
    edits: use === uses[0] ? [...header, ...edits] : [],
    minAnyio: uses.some(isAt) ? '4.15.0' : '4.0.0',
    ...(uses.length > 1 ? { together: uses } : {}),
    ...(danger
      ? { note: danger.note, ...(danger.blocker ? { blocker: danger.blocker } : {}) }
      : {}),
  };
}

/** What runs under the timeout: the body, and what is entered after it, which is left under it. */
function factsUnder(
  file: PythonFile,
  { statement, item, body }: TimedBlock,
  { definitions }: JudgeContext,
): CancellationFact[] {
  const after = managersOf(statement).filter((other) => other.startIndex > item.startIndex);
  return [
    ...cancellationFactsOfManagers(file, after, definitions),
    ...cancellationFacts(file, body, definitions),
  ];
}

function isAt(use: Use): boolean {
  return shortName(use) === 'timeout_at';
}

/** The edits on the call and on what is done with its object, or why there are none. */
function judgeOwn(use: Use, target: Node | undefined, body: Node): Edit[] | Refusal {
  const onTarget = target ? targetEdits(use, target, body) : [];
  if ('kind' in onTarget) return onTarget;
  const onDelay = delayEdits(use);
  if (onDelay) return [rename(use, isAt(use) ? 'fail_at' : 'fail_after'), ...onDelay, ...onTarget];
  return refuse(
    'timeout-arguments',
    'the arguments are not one delay or one deadline',
    'give the delay alone, as fail_after takes it',
  ) as Refusal;
}

/** The edits on the one argument: as a keyword, the deadline has a name of its own in asyncio. */
function delayEdits(use: Use): Edit[] | undefined {
  const call = withParens(use.node).parent;
  if (!call) return undefined;
  const { positional, keywordNodes, hasStar, hasDoubleStar } = argumentsOf(call);
  const [keyword] = keywordNodes;
  if (hasStar || hasDoubleStar || positional.length + keywordNodes.length !== 1) return undefined;
  const name = keyword?.childForFieldName('name');
  if (!name || name.text === 'delay' || name.text === 'deadline') return [];
  return name.text === 'when' ? [replace(name.startIndex, name.endIndex, 'deadline')] : undefined;
}

/** What async_timeout raises on Pythons that the project allows, and a block nowhere. */
function doubtOfPython({ name }: Use, { target: { python } }: JudgeContext): Doubt | undefined {
  if (libraryOf(name) === 'asyncio' || python === undefined || !lowerVersion(python, '3.11')) {
    return undefined;
  }
  const note = `the project allows Python ${python}, where async_timeout raises asyncio.TimeoutError and a block the builtin TimeoutError: a handler of the one does not catch the other`;
  return { kind: 'doubt', note };
}

/** The edits on what is done with the bound name, or the refusal of the first that has no counterpart. */
function targetEdits(
  { file, name: maker }: Use,
  target: Node,
  body: Node,
): Edit[] | (Verdict & { kind: 'refuse' }) {
  const refused = (node: Node) =>
    refuse(
      'timeout-as-target',
      `\`${target.text}\` is used in a way that a cancel scope has no counterpart for`,
      'use its deadline, and cancelled_caught after the block, by hand',
      file.place(node),
    ) as Verdict & { kind: 'refuse' };
  if (target.type !== 'identifier') return refused(target);
  const edits: Edit[] = [];
  for (const { node, means } of readsOf(file, target)) {
    const edit =
      means === 'this' ? onScope(node, body, libraryOf(maker) === 'async_timeout') : undefined;
    if (!edit) return refused(node);
    edits.push(...edit);
  }
  return edits;
}

/** `limit.reschedule(x)`, `limit.when()`, `limit.expired()` after the block, and what async_timeout calls them. */
function onScope(name: Node, body: Node, hasProperties: boolean): Edit[] | undefined {
  const attribute = name.parent?.type === 'attribute' ? name.parent : undefined;
  const method = attribute?.childForFieldName('attribute');
  if (!attribute || !method) return undefined;
  const call = attribute.parent?.type === 'call' ? attribute.parent : undefined;
  if (call?.childForFieldName('function')?.id !== attribute.id) {
    return hasProperties ? onProperty(attribute, method, body) : undefined;
  }
  const { positional, keywordNodes } = argumentsOf(call);
  const [argument, ...more] = positional;
  if (keywordNodes.length > 0 || more.length > 0) return undefined;
  if (method.text === 'when' && !argument)
    return [replace(method.startIndex, call.endIndex, 'deadline')];
  if (method.text === 'expired' && !argument && name.startIndex > body.endIndex) {
    return [replace(method.startIndex, call.endIndex, 'cancelled_caught')];
  }
  const isStatement = call.parent?.type === 'expression_statement';
  const isCommented = call.descendantsOfType('comment').length > 0;
  if (!isStatement || isCommented || argument?.text.includes('\n')) return undefined;
  const isNone = argument?.type === 'none' && method.text === 'reschedule';
  if (isNone || (method.text === 'reject' && !argument)) {
    const pieces = ['deadline = ', { module: 'math', name: 'inf' }];
    return [{ start: method.startIndex, end: call.endIndex, pieces }];
  }
  const operator = OPERATORS.get(method.text);
  if (operator === undefined || !argument) return undefined;
  return [
    replace(method.startIndex, argument.startIndex, `deadline ${operator} `),
    replace(argument.endIndex, call.endIndex, ''),
  ];
}

/** Methods that set the deadline, or move it. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['reschedule', '='],
  ['update', '='],
  ['shift', '+='],
]);

/** `limit.deadline`, and `limit.expired` after the block, which are properties of async_timeout's object. */
function onProperty(attribute: Node, property: Node, body: Node): Edit[] | undefined {
  const isWritten =
    attribute.parent?.type.endsWith('assignment') &&
    attribute.parent.childForFieldName('left')?.id === attribute.id;
  if (property.text === 'deadline' && !isWritten) return [];
  if (property.text !== 'expired' || property.startIndex < body.endIndex) return undefined;
  return [replace(property.startIndex, property.endIndex, 'cancelled_caught')];
}
