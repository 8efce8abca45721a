/** The waits of one statement (or `elif` clause), and the blocks that they become together. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { same, stripParens, withParens } from '../syntax/nodes.ts';
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
  /** Undefined where the lines cannot be told apart, or another use stands in text that moves. */
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
  const moved = usesInMovedText(file, blocks);
  const endless = moved.map((use) => endlessWait(use)).filter((wait) => wait !== undefined);
  const calls = new Set([...waits.map(({ wait }) => wait), ...endless].map(({ call }) => call.id));
  const uses = file.uses.filter((use) => {
    const call = use.name === WAIT_FOR ? outermostCall(use) : undefined;
    return call !== undefined && calls.has(call.id);
  });
  const movable = moved.every((use) => uses.includes(use));
  const plan = { blocks, endless, lineLength: context.lineLength };
  return { waits, fixed, uses, edits: movable ? blockEdits(file, plan) : undefined };
}

const READS_FIRST: Position & { kind: 'fixed' } = {
  kind: 'fixed',
  code: 'wait-for-in-expression',
  why: 'in an augmented assignment, which reads its target before the call is made',
};

function isAugmented({ statement }: TimedWait): boolean {
  return statement.namedChildren.some((child) => child.type === 'augmented_assignment');
}

/** A wait without a timeout, where nothing but the call around what is awaited has to go. */
export function endlessWait(use: Use): TimedWait | undefined {
  const call = use.name === WAIT_FOR ? outermostCall(use) : undefined;
  const wait = call && waitOf(use.file, call);
  const [timeout, ...more] = wait?.timeouts ?? [];
  if (timeout?.type !== 'none' || more.length > 0 || call?.text.includes('\n')) return undefined;
  return wait;
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

/** The uses that stand in text that is written anew, those of the blocks themselves left out. */
function usesInMovedText(file: PythonFile, blocks: readonly Block[]): Use[] {
  const last = blocks.at(-1);
  if (!last) return [];
  const moves = blocks.length > 1 || last.hoist || last.bindFirst;
  const { host, call } = last.wait;
  const start = moves ? host.startIndex : call.startIndex;
  const end = last.wait.outer.endIndex;
  const own = new Set(blocks.map(({ wait }) => wait.call.id));
  return file.uses.filter((use) => {
    if (use.span.start < start || use.span.end > end) return false;
    if (own.has(outermostCall(use)?.id ?? -1)) return false;
    return !staysInPlace(use, blocks);
  });
}

/** Whether a use stands in a call that keeps its place: all of it, or what follows another wait. */
function staysInPlace({ span }: Use, blocks: readonly Block[]): boolean {
  const keeper = blocks.find(
    ({ wait: { inner } }) => span.start >= inner.startIndex && span.end <= inner.endIndex,
  );
  if (!keeper) return false;
  const { inner } = keeper.wait;
  return !blocks.some(
    ({ wait: { outer } }) =>
      outer.startIndex > inner.startIndex &&
      outer.endIndex <= inner.endIndex &&
      span.start < outer.endIndex,
  );
}
