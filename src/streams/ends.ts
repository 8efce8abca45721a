/** Writes with their drains, and closes with the waiting for them. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { TextLines } from '../edit/lines.ts';
import { codeChildren, same } from '../syntax/nodes.ts';
import type { Edit } from '../transform.ts';
import { replace } from '../verdicts.ts';
import { method } from './common.ts';
import { type Refusal, refuseAt } from './connection.ts';
import type { Operation } from './operations.ts';

type Statement = Extract<Operation, { statement: Node }>;

export interface Ends {
  edits: Edit[];
  /** Statements that go with their lines. */
  removed: Node[];
  /** What goes of lines that stay. */
  cut: Edit[];
}

/**
 * A run of writes and the drain behind it become sends, and the drain goes; `close()` becomes
 * `await aclose()`, and the `wait_closed()` behind it goes.
 */
export function endEdits(file: PythonFile, operations: readonly Operation[]): Ends | Refusal {
  const statements = operations.filter(
    (operation): operation is Statement => 'statement' in operation,
  );
  const byId = new Map(statements.map((operation) => [operation.statement.id, operation]));
  const drained = new Set<number>();
  const edits: Edit[] = [];
  const removed: Node[] = [];
  const cut: Edit[] = [];
  const remove = (statement: Node, goesWith?: Node) => {
    const onLine = removeOnLine(file, statement, goesWith);
    if (onLine) cut.push(onLine);
    else removed.push(statement);
  };
  const closed = new Set<number>();
  for (const operation of statements) {
    const { kind, statement } = operation;
    const before = byId.get(previous(statement)?.id ?? -1);
    if (kind === 'drain') {
      const writes = writesBefore(statement, byId);
      if (writes.length === 0 || operation.awaited.wait) return lonelyDrain(file, operation);
      for (const { id } of writes) drained.add(id);
      remove(statement, writes[0]);
    } else if (kind === 'closed') {
      const outer = around(statement);
      const close = before?.kind === 'close' ? before : byId.get(previous(outer)?.id ?? -1);
      if (close?.kind !== 'close') return lonelyWait(file, operation);
      const merges = before === close && !operation.awaited.wait;
      if (merges) remove(statement, close.statement);
      else {
        edits.push(method(operation.call, 'aclose'));
        remove(close.statement);
        closed.add(close.statement.id);
      }
    }
  }
  for (const operation of statements) {
    const { kind, statement, call } = operation;
    if ((kind === 'write' || kind === 'writelines') && !drained.has(statement.id)) {
      return undrained(file, operation);
    }
    if (kind === 'close' && !closed.has(statement.id)) {
      edits.push(replace(call.startIndex, call.startIndex, 'await '), method(call, 'aclose'));
    }
  }
  return { edits, removed, cut };
}

function writesBefore(drain: Node, byId: ReadonlyMap<number, Statement>): Node[] {
  const found: Node[] = [];
  for (let at = previous(drain); at; at = previous(at)) {
    const kind = byId.get(at.id)?.kind;
    if (kind !== 'write' && kind !== 'writelines' && kind !== 'eof') break;
    found.push(at);
  }
  return found;
}

/** The statement before one, in its block. */
function previous(statement: Node | undefined): Node | undefined {
  const siblings = statement?.parent ? codeChildren(statement.parent) : [];
  return siblings[siblings.findIndex((node) => same(node, statement)) - 1];
}

/** The `try` or `with` whose body holds just this statement. */
function around(statement: Node): Node | undefined {
  const block = statement.parent;
  const owner = block?.parent;
  const isBody = same(owner?.childForFieldName('body'), block);
  const wraps = owner?.type === 'try_statement' || owner?.type === 'with_statement';
  return block && isBody && wraps && codeChildren(block).length === 1
    ? (owner ?? undefined)
    : undefined;
}

/**
 * A statement behind another on its line, or before a comment that stays: behind the statement that
 * it goes with, where that one has none, else on its line.
 */
function removeOnLine(
  file: PythonFile,
  statement: Node,
  goesWith: Node | undefined,
): Edit | undefined {
  const lines = new TextLines(file.text);
  const before = previous(statement);
  const after = /^[ \t]*/.exec(lines.after(statement.endIndex))?.[0] ?? '';
  const shares = before && before.endPosition.row === statement.startPosition.row;
  if (shares) return replace(before.endIndex, statement.endIndex, '');
  const isCommented = file.text[statement.endIndex + after.length] === '#';
  if (!isCommented) return undefined;
  const gap = goesWith && file.text.slice(goesWith.endIndex, statement.startIndex);
  if (goesWith && /^[ \t]*\r?\n[ \t]*$/.test(gap ?? '')) {
    return replace(goesWith.endIndex, statement.endIndex, '');
  }
  return replace(statement.startIndex, statement.endIndex + after.length, '');
}

function undrained(file: PythonFile, { statement, name }: Statement): Refusal {
  return refuseAt(
    file,
    statement,
    `no \`await ${name.text}.drain()\` stands directly behind this: asyncio sends later and goes on, where anyio's send() waits`,
    `put \`await ${name.text}.drain()\` on the line below, if waiting there is right`,
  );
}

function lonelyDrain(file: PythonFile, { statement, name }: Statement): Refusal {
  return refuseAt(
    file,
    statement,
    `this drain does not stand directly behind a write: anyio has no buffer to drain, its send() waits itself`,
    `put \`${name.text}.write(...)\` and its drain on neighbouring lines`,
  );
}

function lonelyWait(file: PythonFile, { statement, name }: Statement): Refusal {
  return refuseAt(
    file,
    statement,
    `no \`${name.text}.close()\` stands directly before this, and anyio closes and waits in one call`,
    `put \`${name.text}.close()\` and its wait_closed() on neighbouring lines`,
  );
}
