/** From asyncio's pair to one anyio stream, in edits on the spans that change. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { layoutAt, ownLine } from '../edit/block.ts';
import { TextLines } from '../edit/lines.ts';
import { isNeededName } from '../edit/needs.ts';
import { removeStatements } from '../edit/statements.ts';
import { argumentsOf, codeChildren, same } from '../syntax/nodes.ts';
import type { Edit, JudgeContext, NeededName, Piece } from '../transform.ts';
import { anyio, replace } from '../verdicts.ts';
import { method, type Names, refuseLine } from './common.ts';
import { type Refusal, refuseAt } from './connection.ts';
import { endEdits } from './ends.ts';
import type { Additions } from './handlers.ts';
import type { Operation } from './operations.ts';
import { allEdits, endOfStream, untilEdits } from './reads.ts';
import type { Connection } from './types.ts';

const BUFFERED: NeededName = {
  module: 'anyio.streams.buffered',
  name: 'BufferedByteReceiveStream',
  own: true,
};
const ATTRIBUTES: NeededName = { module: 'anyio.abc', name: 'SocketAttribute', own: true };
/**
 * All edits of a connection, or the first thing whose lines cannot be written.
 *
 * @param taken names that other connections of the function have got
 */
export function editsOf(
  connection: Connection,
  taken: Set<string>,
  context: JudgeContext,
): Edit[] | Refusal {
  const { file, opens, operations, isBuffered } = connection;
  const stream = streamName(connection, taken);
  const names = { stream, reader: isBuffered ? connection.reader : stream };
  const edits: Edit[] = [];
  const removed: Node[] = [];
  for (const open of opens) {
    edits.push(replace(open.target.startIndex, open.target.endIndex, stream), ...open.connect);
    const line = isBuffered ? bufferLine(file, open.statement, names) : [];
    if ('kind' in line) return line;
    edits.push(...line);
  }
  for (const operation of operations) {
    const done = onOperation(connection, operation, names, context);
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
export function handlerEdits(
  file: PythonFile,
  { caught, names }: Additions,
  lineLength: number,
): Edit[] {
  if (caught.type !== 'tuple' && caught.type !== 'argument_list') {
    const more = [...names].flatMap((name): Piece[] => [', ', anyio(name)]);
    return [
      replace(caught.startIndex, caught.startIndex, '('),
      { start: caught.endIndex, end: caught.endIndex, pieces: [...more, ')'] },
    ];
  }
  const last = codeChildren(caught).at(-1);
  const at = last?.endIndex ?? caught.startIndex + 1;
  const lines = new TextLines(file.text);
  const lead = lines.before(last?.startIndex ?? at);
  const { newline, indent, unit } = layoutAt(file, caught);
  const isOnLines = /^[ \t]+$/.test(lead);
  const gap = isOnLines ? newline + lead : ' ';
  const more = [...names].flatMap((name): Piece[] => [`,${gap}`, anyio(name)]);
  const width = lines.before(at).length + lines.after(at).length + length(more);
  if (isOnLines || width <= lineLength || caught.text.includes('\n')) {
    return [{ start: at, end: at, pieces: more }];
  }
  // One a line, and a comma behind the last, as black has it.
  const inner = newline + indent + unit;
  const parts = codeChildren(caught);
  return [
    replace(caught.startIndex + 1, parts[0]?.startIndex ?? at, inner),
    ...parts
      .slice(1)
      .map((part, n) => replace(parts[n]?.endIndex ?? at, part.startIndex, `,${inner}`)),
    {
      start: at,
      end: caught.endIndex - 1,
      pieces: [
        ...[...names].flatMap((name): Piece[] => [`,${inner}`, anyio(name)]),
        `,${newline}${indent}`,
      ],
    },
  ];
}

/** How long pieces will be, as `anyio.X`. */
function length(pieces: readonly Piece[]): number {
  return pieces.reduce(
    (sum, piece) =>
      sum + (isNeededName(piece) ? `anyio.${piece.name ?? ''}`.length : String(piece).length),
    0,
  );
}

// -- operations ------------------------------------------------------------------------------------

function onOperation(
  connection: Connection,
  operation: Operation,
  names: Names,
  context: JudgeContext,
): Edit[] | Refusal {
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
      return endOfStream(connection, operation, names, context);
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

/** `lines` → `b"".join(lines)`. */
function joined(call: Node): Edit[] {
  const [argument] = argumentsOf(call).positional;
  if (!argument) return [];
  return [
    replace(argument.startIndex, argument.startIndex, 'b"".join('),
    replace(argument.endIndex, argument.endIndex, ')'),
  ];
}
