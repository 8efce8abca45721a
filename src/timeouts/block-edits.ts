/** From an awaited `wait_for` to a block with a timeout, in edits that leave the inner call in place. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import {
  indentAt,
  type Layout,
  layoutAt,
  lineStart,
  ownLine,
  reindent,
  shiftWithEdits,
} from '../edit/block.ts';
import { isMovedText } from '../edit/needs.ts';
import type { Edit, Piece } from '../transform.ts';
import { anyio, replace } from '../verdicts.ts';
import { loopTail, type TimedWait } from './awaited.ts';
import { joinedBracket } from './joined-bracket.ts';
import { commentLines, type Kept, keptComments } from './kept-comments.ts';
import { breakCall } from './line-length.ts';
import { freeName } from './names.ts';

/** One awaited call that becomes a block. */
export interface Block {
  wait: TimedWait;
  /** What the block is entered by, from the outside in: `fail_after(5)`. */
  heads: readonly Piece[][];
  /** Whether the awaited value gets a name before the statement. */
  hoist: boolean;
  /** Whether the call is made, and named, before the timeout is evaluated. */
  bindFirst: boolean;
}

/** The blocks that one statement, or one `elif` clause, becomes. */
export interface BlockPlan {
  /** In the order in which they are awaited; only the last may stand where it is. */
  blocks: readonly Block[];
  /** How long a line may be, in columns. */
  lineLength: number;
}

/**
 * The edits, or undefined where the statement's lines cannot be told apart. The inner calls keep
 * their text and place; what surrounds them is taken away or written anew.
 */
export function blockEdits(file: PythonFile, plan: BlockPlan): Edit[] | undefined {
  const [block, ...more] = plan.blocks;
  if (!block) return undefined;
  const { statement, host } = block.wait;
  if (host.type === 'elif_clause') return elifEdits(file, plan, host);
  if (host.type === 'while_statement') return loopEdits(file, plan, host);
  const line = ownLine(file, statement);
  if (!line) return undefined;
  const isDirect = more.length === 0 && !block.hoist && !block.bindFirst;
  const edits = isDirect
    ? directEdits(file, block, line.layout, plan.lineLength)
    : movedEdits(file, plan, {
        layout: line.layout,
        start: statement.startIndex,
        from: statement.startIndex,
        opening: '',
        lead: '',
      });
  return [...line.apart, ...edits];
}

/** The whole statement goes into the block. */
function directEdits(
  file: PythonFile,
  { wait, heads }: Block,
  layout: Layout,
  lineLength: number,
): Edit[] {
  const { call, inner, statement } = wait;
  const inside = layout.indent + layout.unit.repeat(heads.length);
  const kept = keptComments(file, wait);
  // Only what ends a line can have a comment behind it.
  const endsLine = file.text.slice(call.endIndex, statement.endIndex).replaceAll(')', '') === '';
  if (!endsLine && kept.inner !== '') kept.above.push(kept.inner.trim());
  const tail = endsLine ? kept.inner : '';
  const above = commentLines(kept.above, layout);
  const wrapped = needsParens(inner);
  const from = statement.startIndex;
  const before = call.startIndex;
  const room = {
    ...layout,
    indent: inside,
    before: inside + file.text.slice(from, before),
    after: file.text.slice(call.endIndex, statement.endIndex),
    limit: lineLength,
  };
  return [
    ...breakCall(file, inner, room),
    { start: from, end: from, pieces: [above, ...header(heads, layout, kept)] },
    replace(before, inner.startIndex, wrapped ? '(' : ''),
    replace(inner.endIndex, call.endIndex, wrapped ? ')' : ''),
    ...(tail === '' ? [] : [replace(statement.endIndex, statement.endIndex, tail)]),
    ...reindent(file, statement, [from, before], layout.indent, inside),
    ...innerLines(file, wait, [inner.startIndex, inner.endIndex], inside),
    ...reindent(file, statement, [call.endIndex, statement.endIndex], layout.indent, inside),
  ];
}

/** Where moved text comes from and goes to. */
interface Move {
  /** Of the blocks. */
  layout: Layout;
  /** Where the edits begin. */
  start: number;
  /** From where on the statement is written again, behind the blocks. */
  from: number;
  /** What comes before the first block. */
  opening: string;
  /** What the statement begins with when it is written again: `if not `. */
  lead: string;
}

/**
 * The calls, or their values, get lines of their own before the statement. What stands before a
 * call moves behind it, since the calls themselves stay where they are.
 */
function movedEdits(file: PythonFile, plan: BlockPlan, move: Move): Edit[] {
  const { layout, from, lead } = move;
  const { indent, unit, newline } = layout;
  const line = newline + indent;
  const names = new Names(file, plan);
  const edits: Edit[] = [];
  let at = move.start;
  let pending: Piece[] = [move.opening];
  for (const [nth, block] of plan.blocks.entries()) {
    const { wait, hoist, bindFirst, heads } = block;
    const { inner, awaited, outer, statement } = wait;
    const kept = keptComments(file, wait);
    const [open, close] = needsParens(inner) ? ['(', ')'] : ['', ''];
    const value = names.value(block);
    const call = names.call(block);
    // An earlier wait inside of this call is a name by now.
    const keptFrom = names.lastWithin(inner) ?? inner.startIndex;
    const body: Piece[] = hoist
      ? [`${value} = await `]
      : [...names.text(from, awaited.startIndex, block), 'await '];
    const depth = bindFirst ? indent : indent + unit.repeat(heads.length);
    const above = commentLines(kept.above, layout);
    const before: Piece[] = bindFirst
      ? [`${above}${call} = `]
      : [above, ...header(heads, layout, kept), ...body];
    const head = names.text(inner.startIndex, keptFrom, block);
    edits.push({ start: at, end: keptFrom, pieces: [...pending, ...before, open, ...head] });
    if (keptFrom === inner.startIndex) {
      const target = hoist ? `${value} = ` : file.text.slice(from, awaited.startIndex);
      const own = bindFirst ? `${call} = ` : `${target}await `;
      const room = { ...layout, indent: depth, before: depth + own, after: '' };
      edits.push(...breakCall(file, inner, { ...room, limit: plan.lineLength }));
    }
    for (const part of [...head, { from: keptFrom, to: inner.endIndex }]) {
      if (!isMovedText(part)) continue;
      edits.push(...innerLines(file, wait, [part.from, part.to], depth));
    }
    at = inner.endIndex;
    pending = [close, kept.inner];
    if (bindFirst) pending.push(line, ...header(heads, layout, kept), ...body, call);
    if (nth < plan.blocks.length - 1) {
      pending.push(line);
      continue;
    }
    const end = hoist ? outer.endIndex : awaited.endIndex;
    if (hoist) {
      const isAlone = plan.blocks.length === 1 && move.start === statement.startIndex;
      const joined = isAlone
        ? joinedBracket(file, wait, { value, layout, lineLength: plan.lineLength })
        : undefined;
      const prefix = joined ? [joined.prefix] : names.text(from, outer.startIndex, block);
      pending.push(line, lead, ...prefix, value);
      edits.push(...(joined?.edits ?? []));
    } else {
      // A statement that goes into the block takes what follows the call along.
      const inside = indent + unit.repeat(heads.length);
      edits.push(...reindent(file, statement, [end, statement.endIndex], indent, inside));
    }
    edits.push({ start: at, end, pieces: pending });
  }
  return edits;
}

/** The names of values and calls, and the text of a statement with them in it. */
class Names {
  private readonly values = new Map<Block, string>();
  private readonly calls = new Map<Block, string>();

  constructor(
    file: PythonFile,
    private readonly plan: BlockPlan,
  ) {
    const used = new Set<string>();
    const free = (block: Block, suffix: string) => {
      const name = freeName(file, block.wait.inner, suffix, used);
      used.add(name);
      return name;
    };
    for (const block of plan.blocks) {
      if (block.hoist) this.values.set(block, block.wait.name ?? free(block, 'result'));
      if (block.bindFirst) this.calls.set(block, free(block, 'call'));
    }
  }

  value(block: Block): string {
    return this.values.get(block) ?? '';
  }

  call(block: Block): string {
    return this.calls.get(block) ?? '';
  }

  /** Where the last wait ends that stands in a call. */
  lastWithin(call: Node): number | undefined {
    const ends = this.plan.blocks
      .map(({ wait }) => wait.outer)
      .filter((node) => node.startIndex >= call.startIndex && node.endIndex <= call.endIndex)
      .map((node) => node.endIndex);
    return ends.length > 0 ? Math.max(...ends) : undefined;
  }

  /** The text of a range, as it stands, but for the other blocks' values, which are names. */
  text(from: number, to: number, own: Block): Piece[] {
    const values = this.plan.blocks
      .filter((block) => block !== own)
      .map((block) => ({ node: block.wait.outer, name: this.value(block) }))
      .filter(({ node }) => node.startIndex >= from && node.endIndex <= to)
      .sort((a, b) => a.node.startIndex - b.node.startIndex);
    const pieces: Piece[] = [];
    let at = from;
    for (const { node, name } of values) {
      if (node.startIndex < at) continue;
      pieces.push({ from: at, to: node.startIndex }, name);
      at = node.endIndex;
    }
    return [...pieces, { from: at, to }];
  }
}

/** `elif await …:` becomes an `else` that holds the block, and an `if` with the rest of the chain. */
function elifEdits(file: PythonFile, plan: BlockPlan, clause: Node): Edit[] | undefined {
  const condition = clause.childForFieldName('condition');
  const statement = clause.parent;
  if (!condition || !statement) return undefined;
  const outside = layoutAt(file, clause);
  const layout = { ...outside, indent: outside.indent + outside.unit };
  const range = [condition.endIndex, statement.endIndex] as const;
  const shift = shiftWithEdits(file, statement, range, outside.unit);
  if (!shift) return undefined;
  const edits = movedEdits(file, plan, {
    layout,
    start: clause.startIndex,
    from: condition.startIndex,
    opening: `else:${layout.newline}${layout.indent}`,
    lead: 'if ',
  });
  return [...edits, shift];
}

/** `while await …:` becomes a loop that awaits first, and breaks when the condition fails. */
function loopEdits(file: PythonFile, plan: BlockPlan, loop: Node): Edit[] | undefined {
  const whole = loop.childForFieldName('condition');
  const colon = loop.children.find((child) => child.type === ':');
  const body = loop.childForFieldName('body');
  const line = ownLine(file, loop);
  if (!whole || !colon || !body || !line || line.apart.length > 0) return undefined;
  if (lineStart(file.text, body.startIndex) <= colon.startIndex) return undefined;
  const first = plan.blocks[0]?.wait.outer;
  const right = loopTail(loop);
  const tail = first && right && right.startIndex <= first.startIndex ? right : undefined;
  const tested = tail ?? whole;
  const { condition, lead, close } = negated(tested, plan.blocks.at(-1)?.wait.outer);
  const comment = loop.children.find(
    (child) => child.type === 'comment' && child.startPosition.row === colon.endPosition.row,
  );
  const outside = line.layout;
  const layout = { ...outside, indent: outside.indent + outside.unit };
  const start = tail ? (whole.childForFieldName('left')?.endIndex ?? 0) : loop.startIndex;
  const header = `${tail ? '' : 'while True'}:${comment ? `  ${comment.text.trimEnd()}` : ''}`;
  const inside = layout.newline + layout.indent;
  const edits = movedEdits(file, plan, {
    layout,
    start,
    from: condition.startIndex,
    opening: header + inside,
    lead,
  });
  // A wait that stands where the condition ends has written all of it.
  const rest = Math.max(condition.endIndex, plan.blocks.at(-1)?.wait.outer.endIndex ?? 0);
  const after = comment ? comment.startIndex + comment.text.trimEnd().length : colon.endIndex;
  edits.push(
    { start: rest, end: colon.startIndex, pieces: [close] },
    { start: colon.endIndex, end: after, pieces: [`${inside}${layout.unit}break`] },
  );
  return edits;
}

/** Expressions that `not` would take only a part of. */
const LOOSE: ReadonlySet<string> = new Set([
  'boolean_operator',
  'comparison_operator',
  'conditional_expression',
  'lambda',
  'named_expression',
]);

/** How the opposite of a condition is written: `not` goes where there is one. */
function negated(
  condition: Node,
  value: Node | undefined,
): { condition: Node; lead: string; close: string } {
  const argument =
    condition.type === 'not_operator' ? condition.childForFieldName('argument') : null;
  if (argument) return { condition: argument, lead: 'if ', close: '' };
  if (value && condition.id === value.id) return { condition, lead: 'if not ', close: '' };
  return LOOSE.has(condition.type)
    ? { condition, lead: 'if not (', close: ')' }
    : { condition, lead: 'if not ', close: '' };
}

/** The inner call's own lines, as if it stood on the line of the statement. */
function innerLines(
  file: PythonFile,
  { inner, call, statement }: TimedWait,
  range: readonly [number, number],
  to: string,
): Edit[] {
  const onOwnLine =
    lineStart(file.text, inner.startIndex) !== lineStart(file.text, call.startIndex);
  const from = indentAt(file.text, onOwnLine ? inner.startIndex : call.startIndex);
  return reindent(file, statement, range, from, to);
}

/** The comments above, `with anyio.fail_after(timeout):`, and the indentation of its body. */
function header(heads: readonly Piece[][], layout: Layout, kept: Kept): Piece[] {
  const { newline, unit } = layout;
  const pieces: Piece[] = [commentLines(kept.header, layout)];
  let { indent } = layout;
  for (const [nth, head] of heads.entries()) {
    indent += unit;
    pieces.push('with ', ...head, `:${kept.trailing.get(nth) ?? ''}${newline}${indent}`);
  }
  return pieces;
}

/** `fail_after(timeout)` for each timeout of a wait, that of the outermost call first. */
export function timeoutHeads({ timeouts }: TimedWait): Piece[][] {
  return timeouts.map((timeout) => [anyio('fail_after'), '(', movedTimeout(timeout), ')']);
}

/** The timeout as it stands, with what others make of it; one over several lines on one. */
export function movedTimeout(timeout: Node): Piece {
  const text = oneLine(timeout.text);
  return text === timeout.text ? { from: timeout.startIndex, to: timeout.endIndex } : text;
}

/** A timeout over several lines on one: it has no comments and no strings over lines. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*\r?\n\s*/g, ' ').replaceAll(/([([{]) | ([)\]}])/g, '$1$2');
}

/**
 * Whether an expression over several lines stands on the parentheses of the call around it: a break
 * between its parts, such as a method chain, outside of brackets of its own.
 */
function needsParens(inner: Node): boolean {
  const brackets = [
    'argument_list',
    'parenthesized_expression',
    'list',
    'dictionary',
    'set',
    'tuple',
    'subscript',
    'list_comprehension',
    'dictionary_comprehension',
    'set_comprehension',
    'generator_expression',
    'string',
  ].flatMap((type) => inner.descendantsOfType(type));
  const base = inner.startIndex;
  for (const match of inner.text.matchAll(/\n/g)) {
    const at = base + (match.index ?? 0);
    const covered = brackets.some((node) => node && node.startIndex < at && at < node.endIndex);
    if (!covered) return true;
  }
  return false;
}
