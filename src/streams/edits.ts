/** From asyncio's pair to one anyio stream, in edits on the spans that change. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { type Layout, layoutAt, ownLine, shiftLines } from '../edit/block.ts';
import { TextLines } from '../edit/lines.ts';
import { removeStatements } from '../edit/statements.ts';
import { argumentsOf, codeChildren, same, stripParens, withParens } from '../syntax/nodes.ts';
import type { Edit, NeededName, Piece } from '../transform.ts';
import { anyio, replace } from '../verdicts.ts';
import { type Refusal, refuseAt } from './connection.ts';
import { endEdits } from './ends.ts';
import type { Additions } from './handlers.ts';
import type { Operation } from './operations.ts';
import type { Connection } from './types.ts';

const BUFFERED: NeededName = {
  module: 'anyio.streams.buffered',
  name: 'BufferedByteReceiveStream',
  own: true,
};
const ATTRIBUTES: NeededName = { module: 'anyio.abc', name: 'SocketAttribute', own: true };
/** What asyncio allows a line to have, unless told. */
const LIMIT = '65536';

/** How the two names are written from now on. */
export interface Names {
  stream: string;
  /** The stream itself where it is not buffered. */
  reader: string;
}

/**
 * All edits of a connection, or the first thing whose lines cannot be written.
 *
 * @param taken names that other connections of the function have got
 * @param handlers what the handlers around it have to name besides
 */
export function editsOf(
  connection: Connection,
  taken: Set<string>,
  handlers: readonly Additions[],
): Edit[] | Refusal {
  const { file, opens, operations, isBuffered } = connection;
  const stream = streamName(connection, taken);
  const names = { stream, reader: isBuffered ? connection.reader : stream };
  const edits: Edit[] = handlers.flatMap((added) => handlerEdits(file, added));
  const removed: Node[] = [];
  for (const open of opens) {
    edits.push(replace(open.target.startIndex, open.target.endIndex, stream), ...open.connect);
    const line = isBuffered ? bufferLine(file, open.statement, names) : [];
    if ('kind' in line) return line;
    edits.push(...line);
  }
  for (const operation of operations) {
    const done = onOperation(connection, operation, names);
    if ('kind' in done) return done;
    edits.push(...done);
  }
  const ends = endEdits(file, operations);
  if ('kind' in ends) return ends;
  edits.push(...ends.edits);
  removed.push(...ends.removed);
  for (const holder of connection.holders) {
    const done = holderEdits(connection, holder, names);
    if (done === 'remove') removed.push(holder.statement);
    else edits.push(...done);
  }
  const removal = removeStatements(file, removed);
  const [first] = removed;
  if (!removal && first) {
    return refuseAt(
      file,
      first,
      `\`${first.text}\` goes, and its line holds more than that`,
      'give it a line of its own',
    );
  }
  const gone = [...ends.cut, ...(removal ?? [])];
  const stays = ({ start, end }: Edit) =>
    !gone.some((other) => other.start <= start && end <= other.end && other.start < other.end);
  return [...edits.filter(stays), ...gone];
}

/** `writer` gives `stream`, `log_writer` gives `log_stream`; a number where that is taken. */
function streamName({ home, writer }: Connection, taken: Set<string>): string {
  const base = /writer/.test(writer) ? writer.replace('writer', 'stream') : 'stream';
  const used = new Set(taken);
  for (const node of home.descendantsOfType('identifier')) {
    const up = node?.parent;
    const isMember = up?.type === 'attribute' && same(up.childForFieldName('attribute'), node);
    const isKeyword = up?.type === 'keyword_argument' && same(up.childForFieldName('name'), node);
    if (node && !isMember && !isKeyword) used.add(node.text);
  }
  let name = base;
  for (let n = 2; used.has(name); n++) name = `${base}_${n}`;
  taken.add(name);
  return name;
}

// -- opening ---------------------------------------------------------------------------------------

/** `reader = BufferedByteReceiveStream(stream)` on the line below. */
function bufferLine(file: PythonFile, statement: Node, names: Names): Edit[] | Refusal {
  const lines = new TextLines(file.text);
  const line = ownLine(file, statement);
  const at = lines.end(statement.endIndex);
  const alone = /^[ \t]*(#.*)?$/.test(file.text.slice(statement.endIndex, at));
  if (!line || line.apart.length > 0 || !alone) return refuseLine(file, statement);
  const { newline, indent } = line.layout;
  return [
    {
      start: at,
      end: at,
      pieces: [`${newline}${indent}${names.reader} = `, BUFFERED, `(${names.stream})`],
    },
  ];
}

function refuseLine(file: PythonFile, statement: Node): Refusal {
  return refuseAt(
    file,
    statement,
    'this takes lines of its own, and other statements share its line',
    'give each statement a line of its own',
  );
}

/** A declaration, a None: it speaks of the stream, or goes with the reader. */
function holderEdits(
  { isBuffered }: Connection,
  { names, values, statement }: Connection['holders'][number],
  { stream }: Names,
): Edit[] | 'remove' {
  const [first] = names;
  const last = names.at(-1);
  const writers = names.filter(({ side }) => side === 'writer');
  if (isBuffered) return writers.map(({ node }) => replace(node.startIndex, node.endIndex, stream));
  if (writers.length === 0) return 'remove';
  if (!first || !last || names.length === 1) {
    return writers.map(({ node }) => replace(node.startIndex, node.endIndex, stream));
  }
  const [left] = codeChildren(codeChildren(statement)[0] ?? statement);
  if (!values || !left) return [replace(first.node.startIndex, last.node.endIndex, stream)];
  return [
    replace(left.startIndex, left.endIndex, stream),
    replace(values.startIndex, values.endIndex, 'None'),
  ];
}

/** `except OSError` → `except (OSError, anyio.BrokenResourceError)`. */
function handlerEdits(file: PythonFile, { caught, names }: Additions): Edit[] {
  if (caught.type !== 'tuple' && caught.type !== 'argument_list') {
    const more = [...names].flatMap((name): Piece[] => [', ', anyio(name)]);
    return [
      replace(caught.startIndex, caught.startIndex, '('),
      { start: caught.endIndex, end: caught.endIndex, pieces: [...more, ')'] },
    ];
  }
  const last = codeChildren(caught).at(-1);
  const at = last?.endIndex ?? caught.startIndex + 1;
  const lead = new TextLines(file.text).before(last?.startIndex ?? at);
  const gap = /^[ \t]+$/.test(lead) ? layoutAt(file, caught).newline + lead : ' ';
  const more = [...names].flatMap((name): Piece[] => [`,${gap}`, anyio(name)]);
  return [{ start: at, end: at, pieces: more }];
}

// -- operations ------------------------------------------------------------------------------------

function onOperation(connection: Connection, operation: Operation, names: Names): Edit[] | Refusal {
  const { name, kind } = operation;
  const isReader = name.text === connection.reader;
  const renamed = replace(name.startIndex, name.endIndex, isReader ? names.reader : names.stream);
  switch (kind) {
    case 'test':
      return [renamed];
    case 'extra':
      return [
        {
          start: operation.call.startIndex,
          end: operation.call.endIndex,
          pieces: [`${names.stream}.extra(`, ATTRIBUTES, `.${operation.attribute})`],
        },
      ];
    case 'write':
      return [awaitAt(operation.call), renamed, method(operation.call, 'send')];
    case 'writelines':
      return [
        awaitAt(operation.call),
        renamed,
        method(operation.call, 'send'),
        ...joined(operation.call),
      ];
    case 'eof':
      return [awaitAt(operation.call), renamed, method(operation.call, 'send_eof')];
    case 'exactly':
      return [renamed, method(operation.call, 'receive_exactly')];
    case 'until':
      return [renamed, ...untilEdits(connection, operation)];
    case 'all':
      return allEdits(operation, names);
    case 'some':
    case 'line':
      return endOfStream(connection, operation, names);
    // How these end is looked at together: see ends.ts.
    case 'close':
    case 'closed':
      return [renamed];
    case 'drain':
      return [];
  }
}

function awaitAt(call: Node): Edit {
  return replace(call.startIndex, call.startIndex, 'await ');
}

/** Another name for the method of a call. */
function method(call: Node, name: string): Edit {
  const attribute = call.childForFieldName('function')?.childForFieldName('attribute');
  return replace(attribute?.startIndex ?? 0, attribute?.endIndex ?? 0, name);
}

/** `lines` → `b"".join(lines)`. */
function joined(call: Node): Edit[] {
  const [argument] = argumentsOf(call).positional;
  if (!argument) return [];
  return [
    replace(argument.startIndex, argument.startIndex, 'b"".join('),
    replace(argument.endIndex, argument.endIndex, ')'),
  ];
}

/** `receive_until(b"\n", 65536) + b"\n"`: anyio leaves the separator out. */
function untilEdits(connection: Connection, operation: Operation & { kind: 'until' }): Edit[] {
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
function allEdits({ awaited }: Operation & { kind: 'all' }, names: Names): Edit[] {
  const outer = withParens(awaited.awaited);
  const plain = ['attribute', 'subscript'].includes(outer.parent?.type ?? '');
  const isShort = !outer.text.includes('\n') && !outer.text.includes('#');
  const whole = plain && isShort ? outer : awaited.awaited;
  const text = `b"".join([chunk async for chunk in ${names.reader}])`;
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
function endOfStream(
  connection: Connection,
  operation: Operation & { kind: 'some' | 'line' },
  names: Names,
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
