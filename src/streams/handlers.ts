/**
 * The handlers around what is done with a connection. A connection that breaks raises
 * `anyio.BrokenResourceError`, which is no OSError, and one that ends too early `anyio.IncompleteRead`,
 * which is no EOFError: a handler that is to go on catching them has to name them.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { argumentsOf, codeChildren, FUNCTIONS, lastName, stripParens } from '../syntax/nodes.ts';
import type { Use } from '../transform.ts';
import { type Refusal, refuseAt } from './connection.ts';

/** What can fail in an operation. */
export type Risk = 'connect' | 'data' | 'exact' | 'until';

/** Exceptions that a handler has to name besides, by the handler. */
export interface Additions {
  /** The expression that names what is caught now, or the arguments of `suppress`. */
  caught: Node;
  /** Members of anyio. */
  names: Set<string>;
}

const BROKEN = new Set([
  'OSError',
  'IOError',
  'EnvironmentError',
  'ConnectionError',
  'ConnectionResetError',
  'ConnectionAbortedError',
  'BrokenPipeError',
]);
/** What asyncio raises where a connection is not made, and anyio hides behind a plain OSError. */
const UNMADE = new Set([...BROKEN, 'ConnectionRefusedError']);
const PLAIN = new Set(['OSError', 'IOError', 'EnvironmentError', 'Exception', 'BaseException']);
const WIDE = new Set(['Exception', 'BaseException']);

/** Names of asyncio's own exceptions in handlers, and what each becomes. */
export interface Handlers {
  additions: Additions[];
  renamed: Map<Use, string>;
}

/**
 * What becomes of the handlers around a node, or why one of them cannot move.
 *
 * @param own the awaits of this connection: in a try that holds no other, asyncio's own exceptions
 *   cannot come from elsewhere
 */
export function handlersAround(
  file: PythonFile,
  node: Node,
  risk: Risk,
  own: ReadonlySet<number>,
): Handlers | Refusal {
  const found: Handlers = { additions: [], renamed: new Map() };
  for (let at = node, up = node.parent; up && !FUNCTIONS.has(up.type); at = up, up = up.parent) {
    if (up.childForFieldName('body')?.id !== at.id) continue;
    const handlers = up.type === 'try_statement' ? clausesOf(up) : suppressions(up);
    for (const handler of handlers) {
      const refusal = onHandler(file, handler, risk, isOnly(at, own), found);
      if (refusal) return refusal;
    }
  }
  return found;
}

/** Whether all that a block awaits is one of the awaits. */
function isOnly(block: Node, own: ReadonlySet<number>): boolean {
  const other = ['await', 'with_statement', 'for_statement']
    .flatMap((type) => block.descendantsOfType(type))
    .find((node) =>
      node?.type === 'await' ? node.isNamed && !own.has(node.id) : node?.child(0)?.type === 'async',
    );
  return other === undefined;
}

interface Handler {
  caught: Node;
  /** The classes that it names. */
  classes: Node[];
  /** The name that the exception gets, and where it is read. */
  bound: string | undefined;
  body: Node;
}

function clausesOf(statement: Node): Handler[] {
  return codeChildren(statement)
    .filter(({ type }) => type.startsWith('except'))
    .flatMap((clause) => {
      const value = clause.childForFieldName('value');
      const pattern = value?.type === 'as_pattern' ? value : undefined;
      const caught = pattern ? codeChildren(pattern)[0] : value;
      if (!caught) return [];
      const inner = stripParens(caught);
      const classes = inner.type === 'tuple' ? codeChildren(inner) : [inner];
      const bound = pattern?.childForFieldName('alias')?.text;
      return [{ caught: inner, classes, bound, body: clause }];
    });
}

/** Calls that catch, or wait for, what their first arguments name. */
const SUPPRESSING = new Set(['suppress']);
const EXPECTING = new Set(['raises', 'assertRaises', 'assertRaisesRegex']);

/** `with suppress(OSError):`, `with pytest.raises(OSError):`. */
function suppressions(statement: Node): Handler[] {
  if (statement.type !== 'with_statement') return [];
  return statement.descendantsOfType('with_item').flatMap((item): Handler[] => {
    if (item?.parent?.parent?.id !== statement.id) return [];
    const value = item.childForFieldName('value');
    const call = value?.type === 'as_pattern' ? codeChildren(value)[0] : value;
    const name = lastName(call?.childForFieldName('function')) ?? '';
    const list = call?.type === 'call' ? call.childForFieldName('arguments') : undefined;
    if (!call || !list) return [];
    const { positional } = argumentsOf(call);
    const [first] = positional;
    const rest = { bound: undefined, body: item };
    if (SUPPRESSING.has(name)) return [{ caught: list, classes: positional, ...rest }];
    if (!EXPECTING.has(name) || !first) return [];
    const classes = first.type === 'tuple' ? codeChildren(first) : [first];
    return [{ caught: first, classes, ...rest }];
  });
}

function onHandler(
  file: PythonFile,
  handler: Handler,
  risk: Risk,
  isOwn: boolean,
  found: Handlers,
): Refusal | undefined {
  const { caught, classes, bound, body } = handler;
  const names = classes.map((node) => lastName(node) ?? '');
  const has = (set: ReadonlySet<string>) => names.some((name) => set.has(name));
  const hidden = classes.find((node) => isTupleName(file, node));
  if (hidden) {
    return refuseAt(
      file,
      hidden,
      `\`${hidden.text}\` may name OSError, and a connection that breaks raises anyio.BrokenResourceError, which is none`,
      'name the exceptions here, and add anyio.BrokenResourceError',
      'net-stream-handler',
    );
  }
  if (has(WIDE)) return undefined;
  const read = bound === undefined ? undefined : attributeRead(body, bound);
  if (risk === 'connect') {
    if (has(PLAIN)) return read && refuseDetails(file, read);
    return has(UNMADE) ? refuseUnmade(file, caught) : undefined;
  }
  const added = new Set<string>();
  if (has(BROKEN)) added.add('BrokenResourceError');
  if (names.includes('EOFError') && risk !== 'data') added.add('IncompleteRead');
  const early = risk === 'data' ? [] : earlyUses(file, classes, risk);
  if (added.size === 0 && early.length === 0) return undefined;
  if (read) return refuseDetails(file, read);
  for (const [use, name] of early) {
    if (isOwn) found.renamed.set(use, name);
    else added.add(name);
  }
  if (added.size > 0) found.additions.push({ caught, names: added });
  return undefined;
}

/** asyncio's exceptions for a read that finds too little, or too much. */
function earlyUses(file: PythonFile, classes: readonly Node[], risk: Risk): [Use, string][] {
  return classes.flatMap((node): [Use, string][] => {
    const use = file.uses.find(
      ({ span }) => span.start === node.startIndex && span.end === node.endIndex,
    );
    if (use?.name === 'asyncio.IncompleteReadError') return [[use, 'IncompleteRead']];
    const isLimit = use?.name === 'asyncio.LimitOverrunError' && risk === 'until';
    return isLimit ? [[use, 'DelimiterNotFound']] : [];
  });
}

function refuseUnmade(file: PythonFile, caught: Node): Refusal {
  return refuseAt(
    file,
    caught,
    'anyio raises a plain OSError where no connection can be made, and this handler would no longer catch it',
    'catch OSError here; its __cause__ is what asyncio raised',
    'net-stream-handler',
  );
}

function refuseDetails(file: PythonFile, read: Node): Refusal {
  return refuseAt(
    file,
    read,
    `\`${read.text}\` is read of the exception, and anyio's has no such attribute, or None in it`,
    'its __cause__ is what asyncio raised; what was read so far is in the buffer of the stream',
    'net-stream-handler',
  );
}

/** `error.errno` in the body of a handler. */
function attributeRead(body: Node, bound: string): Node | undefined {
  return (
    body
      .descendantsOfType('attribute')
      .find(
        (node) =>
          node?.childForFieldName('object')?.text === bound &&
          !node.childForFieldName('attribute')?.text.startsWith('__'),
      ) ?? undefined
  );
}

/** A name that the module binds by an assignment: a tuple of exceptions, as a rule. */
function isTupleName(file: PythonFile, node: Node): boolean {
  if (node.type !== 'identifier') return node.type !== 'attribute' && node.type !== 'tuple';
  const owner = file.scopeAt(node).lookup(node.text);
  return (owner?.bindings.get(node.text) ?? []).some(
    ({ kind }) => kind === 'assignment' || kind === 'target',
  );
}
