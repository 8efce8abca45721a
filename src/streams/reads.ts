/**
 * Reads, which find the end of the stream in another way: asyncio gives b"" or what is left, anyio
 * raises.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { type Layout, ownLine, shiftLines } from '../edit/block.ts';
import { TextLines } from '../edit/lines.ts';
import { argumentsOf, codeChildren, same, stripParens, withParens } from '../syntax/nodes.ts';
import type { TimedWait } from '../timeouts/awaited.ts';
import type { Edit, JudgeContext, Piece } from '../transform.ts';
import { anyio, replace } from '../verdicts.ts';
import { method, type Names, refuseLine } from './common.ts';
import { type Refusal, refuseAt } from './connection.ts';
import type { Operation } from './operations.ts';
import type { Connection } from './types.ts';
import { waitMode } from './waits.ts';

/** What asyncio allows a line to have, unless told. */
const LIMIT = '65536';

/** `receive_until(b"\n", 65536) + b"\n"`: anyio leaves the separator out. */
export function untilEdits(
  connection: Connection,
  operation: Operation & { kind: 'until' },
): Edit[] {
  const { call, awaited, separator } = operation;
  const { positional, keywords, keywordNodes } = argumentsOf(call);
  const given = positional[0] ?? keywords.get('separator');
  const list = call.childForFieldName('arguments');
  const limit = limitOf(connection);
  const start = keywordNodes[0]?.startIndex ?? given?.startIndex ?? (list?.startIndex ?? 0) + 1;
  const end = given?.endIndex ?? (list?.endIndex ?? 0) - 1;
  const inner = replace(start, end, `${separator}, ${limit}`);
  const whole = awaited.awaited;
  const bound = ['binary_operator', 'unary_operator'].includes(whole.parent?.type ?? '');
  return [
    method(call, 'receive_until'),
    inner,
    ...(bound ? [replace(whole.startIndex, whole.startIndex, '(')] : []),
    replace(whole.endIndex, whole.endIndex, ` + ${separator}${bound ? ')' : ''}`),
  ];
}

function limitOf({ opens }: Connection): string {
  return opens[0]?.limit ?? LIMIT;
}

/** `b"".join([chunk async for chunk in stream])`, without the parentheses that the await had. */
export function allEdits({ awaited }: Operation & { kind: 'all' }, names: Names): Edit[] {
  const text = `b"".join([chunk async for chunk in ${names.reader}])`;
  const { wait } = awaited;
  if (wait) {
    // The timeout becomes a block, and takes away what stands between these two.
    const { startIndex, endIndex } = wait.inner;
    return [
      replace(awaited.awaited.startIndex, wait.call.startIndex, ''),
      replace(startIndex, endIndex, text),
    ];
  }
  const outer = withParens(awaited.awaited);
  const plain = ['attribute', 'subscript'].includes(outer.parent?.type ?? '');
  const isShort = !outer.text.includes('\n') && !outer.text.includes('#');
  const whole = plain && isShort ? outer : awaited.awaited;
  return [replace(whole.startIndex, whole.endIndex, text)];
}

// -- reads that find the end -------------------------------------------------------------------------

/** What a read does at the end of the stream, where asyncio gives less than was asked for. */
interface Ending {
  exception: string;
  /** What the value is then. */
  value: string;
}

/**
 * `read(n)` and `readline()` give b"" at the end, or what is left of the line: the call goes into a
 * `try`, and its handler says so.
 */
export function endOfStream(
  connection: Connection,
  operation: Operation & { kind: 'some' | 'line' },
  names: Names,
  context: JudgeContext,
): Edit[] | Refusal {
  const { file } = connection;
  const { awaited, call, kind, name } = operation;
  const renamed = replace(name.startIndex, name.endIndex, names.reader);
  const isLine = kind === 'line';
  const ending: Ending = isLine
    ? {
        exception: 'IncompleteRead',
        value: `await ${names.reader}.receive_exactly(len(${names.reader}.buffer))`,
      }
    : { exception: 'EndOfStream', value: 'b""' };
  const list = call.childForFieldName('arguments');
  const whole = awaited.awaited;
  const onCall = isLine
    ? [
        renamed,
        method(call, 'receive_until'),
        replace(
          (list?.startIndex ?? 0) + 1,
          (list?.endIndex ?? 0) - 1,
          `b"\\n", ${limitOf(connection)}`,
        ),
        replace(whole.endIndex, whole.endIndex, ' + b"\\n"'),
      ]
    : [renamed, method(call, 'receive')];
  const loop = kind === 'some' ? readLoop(file, whole) : undefined;
  if (loop) return loopEdits(file, loop, names, call);
  const taken = takenBy(whole);
  if (!taken) {
    return refuseAt(
      file,
      call,
      isLine
        ? 'the line is used inside of a larger expression, and at the end of the stream anyio raises where asyncio gives what is left'
        : 'what is read is used inside of a larger expression, and at the end of the stream anyio raises where asyncio gives b""',
      'give what is read a line and a name of its own',
    );
  }
  const line = ownLine(file, taken.statement);
  if (!line || line.apart.length > 0) return refuseLine(file, taken.statement);
  const { layout } = line;
  const text =
    taken.lead === undefined ? (isLine ? ending.value : 'pass') : taken.lead + ending.value;
  const { wait } = awaited;
  if (wait && waitMode(file, wait, context) === 'block') {
    return [...onCall, ...intoInnerTry(file, wait, layout, ending.exception, text)];
  }
  const test = kind === 'some' ? emptinessTest(file, taken.statement) : undefined;
  return [
    ...onCall,
    ...intoTry(file, taken.statement, layout, ending.exception, test ? undefined : text),
    ...(test ? [{ ...test, pieces: ['except ', anyio(ending.exception), ':'] }] : []),
  ];
}

/** The statement that takes the whole value: `data = await …`, `return await …`, or nothing. */
function takenBy(awaited: Node): { statement: Node; lead: string | undefined } | undefined {
  const up = withParens(awaited).parent;
  if (up?.type === 'expression_statement') return { statement: up, lead: undefined };
  if (up?.type === 'return_statement') return { statement: up, lead: 'return ' };
  const left = up?.type === 'assignment' ? up.childForFieldName('left') : null;
  const isPlain = left?.type === 'identifier' || left?.type === 'attribute';
  if (!left || !isPlain || up?.parent?.type !== 'expression_statement') return undefined;
  return left.text.includes('\n') ? undefined : { statement: up.parent, lead: `${left.text} = ` };
}

/** The statement in a `try`, and the handler below it, unless what follows becomes the handler. */
function intoTry(
  file: PythonFile,
  statement: Node,
  { indent, unit, newline }: Layout,
  exception: string,
  handler: string | undefined,
): Edit[] {
  const lines = new TextLines(file.text);
  const inside = newline + indent + unit;
  const end = lines.end(statement.endIndex);
  const below: Piece[] = [`${newline}${indent}except `, anyio(exception), `:${inside}${handler}`];
  return [
    replace(statement.startIndex, statement.startIndex, `try:${inside}`),
    ...shiftLines(file, statement, [statement.startIndex, statement.endIndex], unit),
    ...(handler === undefined ? [] : [{ start: end, end, pieces: below }]),
  ];
}

/**
 * The same in a block that the transform of timeouts puts around the statement: one level deeper, and
 * behind the block's header, which goes to the place where the statement begins.
 */
function intoInnerTry(
  file: PythonFile,
  { statement, call, inner }: TimedWait,
  layout: Layout,
  exception: string,
  handler: string,
): Edit[] {
  const { unit, newline } = layout;
  const indent = layout.indent + unit;
  const first = file.root.descendantForIndex(statement.startIndex);
  const end = new TextLines(file.text).end(statement.endIndex);
  const inside = newline + indent + unit;
  const below: Piece[] = [`${newline}${indent}except `, anyio(exception), `:${inside}${handler}`];
  // What stands around the inner call goes, with its lines.
  const kept = [
    [statement.startIndex, call.startIndex],
    [inner.startIndex, inner.endIndex],
    [call.endIndex, statement.endIndex],
  ] as const;
  return [
    replace(first?.startIndex ?? end, first?.endIndex ?? end, `try:${inside}${first?.text ?? ''}`),
    ...kept.flatMap((range) => shiftLines(file, statement, range, unit)),
    { start: end, end, pieces: below },
  ];
}

/**
 * `if not data:` directly below, which becomes the handler: it jumps away, nothing but what is below
 * reads the name, and it stands on lines of its own. Gives the span of its header.
 */
function emptinessTest(
  file: PythonFile,
  statement: Node,
): { start: number; end: number } | undefined {
  const [assignment] = codeChildren(statement);
  const name = assignment?.type === 'assignment' ? assignment.childForFieldName('left') : null;
  const siblings = codeChildren(statement.parent ?? statement);
  const next = siblings[siblings.findIndex((node) => same(node, statement)) + 1];
  if (name?.type !== 'identifier' || next?.type !== 'if_statement') return undefined;
  const condition = next.childForFieldName('condition');
  const body = next.childForFieldName('consequence');
  const inner = condition ? stripParens(condition) : undefined;
  const asked = inner?.type === 'not_operator' ? inner.childForFieldName('argument') : null;
  if (!condition || !body || asked?.text !== name.text) return undefined;
  const jump = body.lastNamedChild?.type ?? '';
  const isSimple = ['break_statement', 'return_statement', 'continue_statement'].includes(jump);
  const block = next.parent;
  const scope = file.scopeAt(name).lookup(name.text);
  const elsewhere = file
    .references(name.text)
    .some(
      ({ node, scope: from }) =>
        from.lookup(name.text) === scope &&
        !same(node, asked) &&
        (node.startIndex < next.endIndex || node.startIndex >= (block?.endIndex ?? 0)),
    );
  const raises = body.descendantsOfType('raise_statement').length > 0;
  const colon = next.children.find((child) => child?.type === ':');
  const isOwn =
    next.childForFieldName('alternative') === null &&
    next.startPosition.row < body.startPosition.row &&
    next.startPosition.row === colon?.startPosition.row;
  if (!isSimple || elsewhere || raises || !isOwn || !colon) return undefined;
  return { start: next.startIndex, end: colon.endIndex };
}

/** `while data := await reader.read(n):` without an `else`, whose name only its body reads. */
function readLoop(file: PythonFile, awaited: Node): Node | undefined {
  const walrus = withParens(awaited).parent;
  const loop = walrus?.type === 'named_expression' ? withParens(walrus).parent : null;
  const name = walrus?.childForFieldName('name');
  if (loop?.type !== 'while_statement' || !name || loop.childForFieldName('alternative'))
    return undefined;
  const scope = file.scopeAt(name).lookup(name.text);
  const outside = file
    .references(name.text)
    .some(
      ({ node, scope: from }) =>
        from.lookup(name.text) === scope &&
        (node.startIndex < loop.startIndex || node.endIndex > loop.endIndex),
    );
  const body = loop.childForFieldName('body');
  const first = body && codeChildren(body)[0];
  if (!first || !ownLine(file, first) || ownLine(file, first)?.apart.length !== 0) return undefined;
  return outside || loop.childForFieldName('condition')?.text.includes('\n') ? undefined : loop;
}

function loopEdits(file: PythonFile, loop: Node, names: Names, call: Node): Edit[] {
  const condition = loop.childForFieldName('condition');
  const body = loop.childForFieldName('body');
  const first = body && codeChildren(body)[0];
  const walrus = condition ? stripParens(condition) : undefined;
  const list = call.childForFieldName('arguments');
  const name = walrus?.childForFieldName('name')?.text ?? '';
  const line = first && ownLine(file, first);
  const value = walrus?.childForFieldName('value');
  if (!condition || !first || !line || !list || !value) return [];
  const { indent, unit, newline } = line.layout;
  const awaited = value.text
    .replace(call.text, `${names.reader}.receive${list.text}`)
    .replace(/^\((.*)\)$/s, '$1');
  return [
    replace(condition.startIndex, condition.endIndex, 'True'),
    {
      start: first.startIndex,
      end: first.startIndex,
      pieces: [
        `try:${newline}${indent}${unit}${name} = ${awaited}${newline}${indent}except `,
        anyio('EndOfStream'),
        `:${newline}${indent}${unit}break${newline}${indent}`,
      ],
    },
  ];
}
