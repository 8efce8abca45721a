/** The waits of one statement (or `elif` clause), and the blocks that they become together. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { same, statementOf, stripParens, withParens } from '../syntax/nodes.ts';
import type { Edit, JudgeContext, Use } from '../transform.ts';
import { type Position, positionOf, type TimedWait, timedWait, waitArguments } from './awaited.ts';
import { type Block, blockEdits, timeoutHeads } from './block-edits.ts';
import { calledName, mustBindFirst } from './surroundings.ts';

const WAIT_FOR = 'asyncio.wait_for';

/** A wait that is taken out of its statement, or stays where it is in a block. */
export interface PlannedWait {
  use: Use;
  wait: TimedWait;
  position: Exclude<Position, { kind: 'fixed' }>;
}

export interface HostPlan {
  waits: readonly PlannedWait[];
  /** Waits that cannot be taken out, by the id of their call. */
  fixed: ReadonlyMap<number, Position & { kind: 'fixed' }>;
  /** All uses whose edits these are, those of calls within calls too. */
  uses: readonly Use[];
  /** Undefined where the lines cannot be told apart, or something else of the statement is in the way. */
  edits: Edit[] | undefined;
}

/** The call of wait_for that a use begins; for `wait_for(wait_for(…))` the outermost. */
export function outermostCall(use: Use): Node | undefined {
  const { file } = use;
  let call = withParens(use.node).parent;
  if (use.role !== 'call' || call?.type !== 'call') return undefined;
  for (;;) {
    const holder: Node | null = withParens(call).parent;
    const list: Node | null | undefined =
      holder?.type === 'keyword_argument' ? holder.parent : holder;
    const around: Node | null = list?.type === 'argument_list' ? list.parent : null;
    if (!around || !isWaitIn(file)(around)) return call;
    if (!same(stripParens(waitArguments(around)?.inner ?? around), call)) return call;
    call = around;
  }
}

/** The wait that a call of wait_for stands for. */
export function waitOf(file: PythonFile, call: Node): TimedWait | undefined {
  return timedWait(call, isWaitIn(file));
}

function isWaitIn(file: PythonFile): (node: Node) => boolean {
  return (node) => {
    const callee = node.type === 'call' ? node.childForFieldName('function') : null;
    return !!callee && calledName(file, callee) === WAIT_FOR;
  };
}

/**
 * The plan of the statement that holds a wait. One whose wait cannot become a block by itself is
 * not in it, and counts as an effect for those behind it.
 *
 * @param accepts whether a wait may become a block, wherever it stands
 */
export function planHost(
  file: PythonFile,
  host: Node,
  context: JudgeContext,
  accepts: (wait: TimedWait) => boolean,
): HostPlan {
  const members = membersOf(file, host).filter(({ wait }) => accepts(wait));
  const settled = new Set<number>();
  const waits: PlannedWait[] = [];
  const blocks: Block[] = [];
  const fixed = new Map<number, Position & { kind: 'fixed' }>();
  for (const { use, wait } of members) {
    const position = positionOf(file, wait, settled);
    const bindFirst = mustBindFirst(file, wait, context, settled);
    if (position.kind === 'fixed') fixed.set(wait.call.id, position);
    else if (bindFirst && isAugmented(wait)) fixed.set(wait.call.id, READS_FIRST);
    else {
      waits.push({ use, wait, position });
      blocks.push({
        wait,
        heads: timeoutHeads(wait),
        hoist: position.kind === 'hoisted',
        bindFirst,
      });
      settled.add(wait.outer.id);
    }
  }
  const calls = new Set(waits.map(({ wait }) => wait.call.id));
  const uses = file.uses.filter((use) => {
    const call = use.name === WAIT_FOR ? outermostCall(use) : undefined;
    return call !== undefined && calls.has(call.id);
  });
  const plan = { blocks, lineLength: context.lineLength };
  const isStuck = waits.some(
    ({ wait }) => hasUseInLongTimeout(file, wait) || meetsShield(file, wait.statement, context),
  );
  return { waits, fixed, uses, edits: isStuck ? undefined : blockEdits(file, plan) };
}

/** Whether a shield of the same statement would become a block as well, of another transform. */
export function meetsShield(
  file: PythonFile,
  statement: Node,
  { selected }: JudgeContext,
): boolean {
  return (
    selected.has('shield') &&
    file.uses.some(
      ({ name, role, node }) =>
        name === 'asyncio.shield' && role === 'call' && same(statementOf(node), statement),
    )
  );
}

/** Whether another use stands in a timeout over several lines, which is written anew on one. */
function hasUseInLongTimeout(file: PythonFile, { timeouts }: TimedWait): boolean {
  return timeouts
    .filter(({ text }) => text.includes('\n'))
    .some(({ startIndex, endIndex }) =>
      file.uses.some(({ span }) => span.start >= startIndex && span.end <= endIndex),
    );
}

const READS_FIRST: Position & { kind: 'fixed' } = {
  kind: 'fixed',
  code: 'wait-for-in-expression',
  why: 'in an augmented assignment, which reads its target before the call is made',
};

function isAugmented({ statement }: TimedWait): boolean {
  return statement.namedChildren.some((child) => child.type === 'augmented_assignment');
}

/** The waits of a host, in the order in which they are awaited. */
function membersOf(file: PythonFile, host: Node): { use: Use; wait: TimedWait }[] {
  const members: { use: Use; wait: TimedWait }[] = [];
  for (const use of file.uses) {
    const { start, end } = use.span;
    if (use.name !== WAIT_FOR || start < host.startIndex || end > host.endIndex) continue;
    const call = outermostCall(use);
    const wait = call && waitOf(file, call);
    if (!wait || !same(wait.host, host)) continue;
    if (!members.some((other) => same(other.wait.call, wait.call))) members.push({ use, wait });
  }
  return members.sort((a, b) => a.wait.awaited.endIndex - b.wait.awaited.endIndex);
}
