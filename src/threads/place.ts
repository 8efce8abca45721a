/** Where a call that runs a function in a thread will stand, once its wait_for is a block. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { indentAt, layoutAt, lineStart } from '../edit/block.ts';
import { statementOf, withParens } from '../syntax/nodes.ts';
import type { TimedWait } from '../timeouts/awaited.ts';
import { waitOf } from '../timeouts/host-plan.ts';
import { goesOn } from '../timeouts/idiom.ts';
import { freeName } from '../timeouts/names.ts';
import { mustBindFirst } from '../timeouts/surroundings.ts';
import type { JudgeContext } from '../transform.ts';
import { callTaking, destinationOf } from './reach.ts';

export interface CallPlace {
  /** The indentation of the line that the call begins on. */
  indent: string;
  /** What stands before it on the line, indentation included; undefined where it may not be broken. */
  before: string | undefined;
  /** What stands behind it. */
  after: string;
  /** Whether another transform moves its lines. */
  isMoved: boolean;
}

export function placeOfCall(file: PythonFile, call: Node, context: JudgeContext): CallPlace {
  const wait = blockAround(file, call, context);
  if (wait) return placeInBlock(file, call, wait, context);
  const start = lineStart(file.text, call.startIndex);
  const before = file.text.slice(start, call.startIndex);
  const after = /^[^\r\n]*/.exec(file.text.slice(call.endIndex))?.[0] ?? '';
  const isWhole = isWholeValue(call) && !statementOf(call).text.includes('\n');
  const isAlone = /^\s*(await )?$/.test(before) && /^,?$/.test(after);
  return {
    indent: indentAt(file.text, call.startIndex),
    before: isWhole || isAlone ? before : undefined,
    after: isAlone ? after : '',
    isMoved: false,
  };
}

/** The wait_for around the call, where it may become a block in this run. */
function blockAround(
  file: PythonFile,
  call: Node,
  { selected }: JudgeContext,
): TimedWait | undefined {
  if (!selected.has('wait-for') || destinationOf(call) !== 'waited-for') return undefined;
  const taker = callTaking(withParens(call));
  return taker && waitOf(file, taker);
}

/** As `src/timeouts/block-edits.ts` lays it out. */
function placeInBlock(
  file: PythonFile,
  call: Node,
  wait: TimedWait,
  context: JudgeContext,
): CallPlace {
  const { indent, unit } = layoutAt(file, wait.statement);
  const isMoved = true;
  if (mustBindFirst(file, wait, context, new Set())) {
    return { indent, before: `${indent}${freeName(file, call, 'call')} = `, after: '', isMoved };
  }
  const isDirect = isWholeValue(wait.call);
  const prefix = isDirect
    ? file.text.slice(wait.statement.startIndex, wait.call.startIndex)
    : `${freeName(file, call, 'result')} = await `;
  const staysDeep =
    isDirect &&
    context.idiom === 'move-on-after' &&
    !wait.call.text.includes('\n') &&
    goesOn(file, wait, context.selected.has('timeout-error')) !== undefined;
  const depth = staysDeep ? indent : indent + unit.repeat(wait.timeouts.length);
  const before = prefix.includes('\n') ? undefined : depth + prefix;
  return { indent: depth, before, after: '', isMoved };
}

/** Whether the awaited call is all that its statement has for a value. */
function isWholeValue(call: Node): boolean {
  const awaited = call.parent;
  return awaited?.type === 'await' && WHOLE.has(awaited.parent?.type ?? '');
}

const WHOLE: ReadonlySet<string> = new Set([
  'expression_statement',
  'return_statement',
  'assignment',
  'augmented_assignment',
]);
