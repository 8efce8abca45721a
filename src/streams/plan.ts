/** The connections of one function: whether each can move, and what that changes. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import type { Scope } from '../analysis/scopes.ts';
import { ancestor, enclosingFunction, FUNCTIONS } from '../syntax/nodes.ts';
import type { TimedWait } from '../timeouts/awaited.ts';
import type { Edit, JudgeContext, Use } from '../transform.ts';
import { type Open, openOf, type Refusal, refuseAt } from './connection.ts';
import { editsOf, handlerEdits } from './edits.ts';
import { type Additions, handlersAround, type Risk } from './handlers.ts';
import { holdersOf } from './holders.ts';
import { type Operation, operationOf } from './operations.ts';
import type { Connection } from './types.ts';
import { type WaitMode, waitMode, waitsIn } from './waits.ts';

/** What becomes of a connection. */
export interface Plan {
  connection: Connection;
  edits: Edit[];
  /** Uses that move with it, since they share a handler. */
  beside: Use[];
}

/** What a use of `open_connection` leads to. */
export function planOf(use: Use, context: JudgeContext): Plan | Refusal {
  const open = openOf(use);
  if ('kind' in open) return open;
  const { file } = use;
  const home = enclosingFunction(open.call);
  const plans = home ? plansIn(file, home, context) : [];
  const own = plans.find(({ uses }) => uses.includes(use));
  return (
    own?.plan ??
    refuseAt(file, open.target, 'the connection cannot be followed', 'rewrite it by hand')
  );
}

/** The plan whose function names a use for its sake: an annotation, an exception. */
export function planNaming(use: Use, context: JudgeContext): Plan | undefined {
  let home: Node | null = use.node.parent;
  while (home && !FUNCTIONS.has(home.type)) home = home.parent;
  if (!home) return undefined;
  for (const { plan } of plansIn(use.file, home, context)) {
    if ('kind' in plan) continue;
    const { connection } = plan;
    if (connection.renamed.has(use) || connection.holders.some(({ uses }) => uses.includes(use))) {
      return plan;
    }
  }
  return undefined;
}

interface Planned {
  uses: Use[];
  plan: Plan | Refusal;
}

const OPENERS = new Set(['asyncio.open_connection', 'asyncio.open_unix_connection']);

/** What was planned, by the judgement and the function: each use of one asks again. */
const known = new WeakMap<object, Map<string, Planned[]>>();

function plansIn(file: PythonFile, home: Node, context: JudgeContext): Planned[] {
  // A plan counts on the verdicts of the waits: it holds for one judgement of the project.
  const judgement = context.verdictOn ?? context.definitions;
  const plans = known.get(judgement) ?? new Map<string, Planned[]>();
  known.set(judgement, plans);
  const key = `${file.path}:${home.id}`;
  const found = plans.get(key) ?? planAll(file, home, context);
  plans.set(key, found);
  return found;
}

/** All connections of a function: their names must not meet, and handlers are theirs together. */
function planAll(file: PythonFile, home: Node, context: JudgeContext): Planned[] {
  const groups = new Map<string, Open[]>();
  for (const use of file.uses) {
    if (!OPENERS.has(use.name) || use.role === 'patch-target' || use.role === 'import') continue;
    if (enclosingFunction(use.node)?.id !== home.id) continue;
    const open = openOf(use);
    if ('kind' in open) continue;
    const key = `${open.reader.text} ${open.writer.text}`;
    groups.set(key, [...(groups.get(key) ?? []), open]);
  }
  const found = [...groups.values()].map((opens) => ({
    uses: opens.map(({ use }) => use),
    connection: connectionOf(file, home, opens, context),
  }));
  const taken = new Set<string>();
  const planned = found.map(({ uses, connection }): Planned => {
    if ('kind' in connection) return { uses, plan: connection };
    const edits = editsOf(connection, taken, context);
    return { uses, plan: 'kind' in edits ? edits : { connection, edits, beside: [] } };
  });
  shareHandlers(file, planned, context);
  return planned;
}

/** What the handlers have to name besides is written once, for all that move. */
function shareHandlers(file: PythonFile, planned: readonly Planned[], context: JudgeContext): void {
  const moving = planned.flatMap(({ plan }) => ('kind' in plan ? [] : [plan]));
  const additions = mergeAdditions(moving.flatMap(({ connection }) => connection.additions));
  const edits = additions.flatMap((added) => handlerEdits(file, added, context.lineLength));
  moving[0]?.edits.push(...edits);
  if (edits.length === 0) return;
  const uses = moving.flatMap(({ connection }) => connection.opens.map(({ use }) => use));
  for (const plan of moving) plan.beside.push(...uses);
}

/** One entry for each handler. */
function mergeAdditions(all: readonly Additions[]): Additions[] {
  const byNode = new Map<number, Additions>();
  for (const { caught, names } of all) {
    const known = byNode.get(caught.id);
    byNode.set(caught.id, { caught, names: new Set([...(known?.names ?? []), ...names]) });
  }
  return [...byNode.values()];
}

function connectionOf(
  file: PythonFile,
  home: Node,
  opens: Open[],
  context: JudgeContext,
): Connection | Refusal {
  const [first] = opens;
  const scope = file.scopes.byNode.get(home.id);
  if (!first || !scope) throw new Error('a connection is opened in a function');
  const reader = first.reader.text;
  const writer = first.writer.text;
  const doubtful = opens.find(({ use }) => use.doubt !== undefined);
  if (doubtful)
    return refuseAt(
      file,
      doubtful.call,
      doubtful.use.doubt ?? '',
      'give the two meanings different names',
    );
  const holders = holdersOf(file, scope, opens);
  if ('kind' in holders) return holders;
  const operations: Operation[] = [];
  for (const [name, side] of [
    [reader, 'reader'],
    [writer, 'writer'],
  ] as const) {
    const done = operationsOn(file, scope, name, side);
    if ('kind' in done) return done;
    operations.push(...done);
  }
  const refusal = waitRefusal(file, opens, operations, context) ?? orderRefusal(file, operations);
  if (refusal) return refusal;
  const connection: Connection = {
    file,
    home,
    opens,
    reader,
    writer,
    operations,
    holders,
    isBuffered: operations.some(({ kind }) => ['exactly', 'until', 'line'].includes(kind)),
    additions: [],
    renamed: new Map(),
  };
  return lookAtHandlers(connection) ?? connection;
}

function operationsOn(
  file: PythonFile,
  scope: Scope,
  name: string,
  side: 'reader' | 'writer',
): Operation[] | Refusal {
  const found: Operation[] = [];
  for (const reference of file.references(name)) {
    if (reference.scope.lookup(name) !== scope) continue;
    if (reference.scope !== scope) {
      return refuseAt(
        file,
        reference.node,
        `\`${name}\` is used in a function or a comprehension of its own here, which may run at another time`,
        'open the connection and use it in one function, or hand an anyio stream to the other',
      );
    }
    const operation = operationOf(file, reference.node, side);
    if (operation.kind === 'refuse') return operation;
    found.push(operation);
  }
  return found;
}

/** Where a timeout around a part of this moves lines, only what keeps its place can move with it. */
function waitRefusal(
  file: PythonFile,
  opens: readonly Open[],
  operations: readonly Operation[],
  context: JudgeContext,
): Refusal | undefined {
  for (const operation of operations) {
    const wait = 'awaited' in operation ? operation.awaited.wait : undefined;
    const mode = waitMode(file, wait, context);
    if (wait && 'awaited' in operation && !fits(operation.kind, mode, wait)) {
      return refuseAt(
        file,
        operation.call,
        mode === 'stays'
          ? 'reading to the end becomes a loop over the stream, which is no call that wait_for could take'
          : 'the timeout around this is written in another way, and both would change the same lines',
        mode === 'stays'
          ? 'put the timeout around it as a block: `with anyio.fail_after(t):`'
          : 'give what is read a line and a name of its own, or rewrite the timeout by hand first',
      );
    }
    if (opens.some((open) => waitMode(file, open.wait, context) === 'moved')) continue;
    const beside = waitsIn(file, { node: operation.name }).find(
      ({ inner }) => operation.name.startIndex < inner.startIndex,
    );
    if (beside && waitMode(file, beside, context) === 'moved') {
      return refuseAt(
        file,
        operation.name,
        'this shares its statement with a timeout, which becomes a block around a part of it',
        'give this a line of its own',
      );
    }
  }
  const moved = opens.find((open) => waitMode(file, open.wait, context) === 'moved');
  if (!moved) return undefined;
  return refuseAt(
    file,
    moved.call,
    'the timeout around this moves the call to a line of its own',
    'give the arguments of both calls names first',
  );
}

/** Whether the edits of an operation and those of the wait around it go together. */
function fits(kind: Operation['kind'], mode: WaitMode, { call }: TimedWait): boolean {
  switch (kind) {
    case 'exactly':
    case 'closed':
      return true;
    case 'all':
      return mode === 'block' || mode === 'in-place';
    default:
      // A comment of the call goes behind the statement, where more is added.
      return mode === 'stays' || (mode !== 'moved' && !call.text.includes('#'));
  }
}

// -- order ---------------------------------------------------------------------------------------

/** Nothing but closing may follow a close: asyncio reads on from its buffer, anyio raises. */
function orderRefusal(file: PythonFile, operations: readonly Operation[]): Refusal | undefined {
  for (const close of operations) {
    if (close.kind !== 'close') continue;
    const later = operations.find(
      ({ kind, name }) =>
        !['close', 'closed', 'test'].includes(kind) &&
        name.startIndex > close.name.startIndex &&
        mayFollow(close.name, name),
    );
    if (!later) continue;
    return refuseAt(
      file,
      later.name,
      'this comes behind a close(): asyncio reads on from what it has, anyio raises ClosedResourceError',
      'close the stream last',
    );
  }
  return undefined;
}

/** Whether control may come from one place to a later one: no jump, no other branch. */
function mayFollow(first: Node, later: Node): boolean {
  for (let at = first, up = first.parent; up; at = up, up = up.parent) {
    const holdsBoth = up.startIndex <= later.startIndex && later.endIndex <= up.endIndex;
    if (up.type === 'block' && !holdsBoth && jumpsPast(up, later)) return false;
    if (!holdsBoth) continue;
    const isBranch = up.type === 'if_statement' || up.type === 'match_statement';
    return !isBranch || at.type === 'named_expression';
  }
  return true;
}

const LOOPS = new Set(['for_statement', 'while_statement']);

/** Whether a block ends by going elsewhere: out of the function, or on with a loop that holds the place. */
function jumpsPast(block: Node, later: Node): boolean {
  const jump = block.lastNamedChild;
  switch (jump?.type) {
    case 'return_statement':
    case 'raise_statement':
      return true;
    case 'break_statement':
    case 'continue_statement': {
      const end = ancestor(jump, LOOPS)?.endIndex ?? 0;
      return later.endIndex <= end;
    }
    default:
      return false;
  }
}

// -- handlers ------------------------------------------------------------------------------------

const RISKS: Readonly<Partial<Record<Operation['kind'], Risk>>> = {
  write: 'data',
  writelines: 'data',
  drain: 'data',
  all: 'data',
  some: 'data',
  line: 'data',
  exactly: 'exact',
  until: 'until',
};

function lookAtHandlers(connection: Connection): Refusal | undefined {
  const { file, opens, operations, additions, renamed } = connection;
  const own = new Set(
    operations.flatMap((operation) =>
      'awaited' in operation ? [operation.awaited.awaited.id] : [],
    ),
  );
  for (const { awaited } of opens) own.add(awaited.id);
  const risky: [Node, Risk][] = [
    ...opens
      .filter(({ isUnix }) => !isUnix)
      .map(({ awaited }): [Node, Risk] => [awaited, 'connect']),
    ...operations.flatMap(({ kind, name }): [Node, Risk][] => {
      const risk = RISKS[kind];
      return risk ? [[name, risk]] : [];
    }),
  ];
  for (const [node, risk] of risky) {
    const found = handlersAround(file, node, risk, own);
    if ('kind' in found) return found;
    additions.push(...found.additions);
    for (const [use, name] of found.renamed) renamed.set(use, name);
  }
  return undefined;
}
