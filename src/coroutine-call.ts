/** What is known of the call that makes the coroutine of `asyncio.run(f(x))`. */

import type { Node } from 'web-tree-sitter';
import { callsLeadingTo, handedTo } from './analysis/callers.ts';
import { TRANSPARENT, type Type } from './analysis/definitions.ts';
import type { PythonFile } from './analysis/file.ts';
import { lineText } from './syntax/lines.ts';
import { dottedParts, enclosingFunction, lastName } from './syntax/nodes.ts';
import type { JudgeContext, Verdict } from './transform.ts';
import { lowerVersion } from './verdicts.ts';

/** Why the function cannot be handed over instead of its coroutine, or what a person must look at. */
export type Concern = (Verdict & { kind: 'refuse' }) | { kind: 'review'; note: string };

export function asRefusal(code: string, message: string, help: string): Concern {
  return { kind: 'refuse', diagnostic: { code, message, help } };
}

/**
 * Judges the callee of `inner`. An `async def` does nothing until it is awaited, so it may be called
 * inside the loop; what a plain function does before it returns a coroutine would move there.
 */
export function judgeCallee(
  file: PythonFile,
  inner: Node,
  context: JudgeContext,
): Concern | undefined {
  const callee = inner.childForFieldName('function');
  const ofAsyncio = file.uses.find(
    ({ span }) => span.start === callee?.startIndex && span.end === callee.endIndex,
  );
  if (ofAsyncio) {
    return asRefusal(
      'run-gather-arg',
      `the argument is a call of ${ofAsyncio.name}, which belongs to another phase`,
      'put it into an async function of your own and run that',
    );
  }
  const name = (callee && dottedParts(callee)?.join('.')) ?? 'the function';
  const type = context.definitions.callee(file, inner);
  if (type?.kind !== 'function') return unknownCallee(name, type);
  if (!type.of.async) {
    return asRefusal(
      'run-sync-factory',
      `${name} is a plain def: anyio.run would call it inside the running loop, asyncio calls it before`,
      'make it an async def, or wrap the call in one',
    );
  }
  const opaque = type.of.decorators.find((decorator) => !TRANSPARENT.has(decorator));
  if (opaque === undefined) return undefined;
  return {
    kind: 'review',
    note: `what the decorator @${opaque} of ${name} does before the coroutine starts now happens inside the loop`,
  };
}

function unknownCallee(name: string, type: Type | undefined): Concern {
  const where = type?.kind === 'foreign' ? 'comes from outside the project' : 'cannot be found';
  return {
    kind: 'review',
    note: `${name} ${where}; if it is not an async def, its body now runs inside the loop`,
  };
}

/**
 * `asyncio.to_thread` copies the context, and with it the mark by which anyio knows that a loop of
 * its own is running: a second `anyio.run` in that thread is an error. A plain thread has no mark.
 */
export function judgeThread(
  file: PythonFile,
  call: Node,
  context: JudgeContext,
): Concern | undefined {
  const stays = (home: PythonFile, taker: Node) => !movesToAnyio(home, taker, context);
  const place = handedTo(file, call, COPYING_CONTEXT, context.definitions, stays);
  if (!place) return undefined;
  return {
    kind: 'review',
    note: `the function around it runs in a thread with a copied context, as asyncio.to_thread makes it (${lineText(place)}); there anyio.run raises RuntimeError when the program itself was started by anyio.run`,
  };
}

/** Whether a call of `to_thread` becomes one of anyio's, in whose threads `anyio.run` works. */
function movesToAnyio(file: PythonFile, call: Node, { verdictOn }: JudgeContext): boolean {
  const callee = call.childForFieldName('function');
  const use = file.uses.find(
    ({ name, span }) => name === 'asyncio.to_thread' && span.end === callee?.endIndex,
  );
  const verdict = use && verdictOn?.(use);
  return verdict?.kind === 'rewrite' && verdict.safety === 'safe';
}

/** `run` is that of a `contextvars.Context`, copied and handed to an executor. */
const COPYING_CONTEXT: ReadonlySet<string> = new Set(['to_thread', 'run']);

/** A handler of KeyboardInterrupt around the call or its callers, where Python 3.10 may run it. */
export function judgeInterrupt(
  file: PythonFile,
  call: Node,
  context: JudgeContext,
): Concern | undefined {
  const { python } = context.target;
  if (python !== undefined && !lowerVersion(python, '3.11')) return undefined;
  if (!catchesInterrupt(call) && !callersCatch(file, call, context)) return undefined;
  if (python === undefined) {
    return {
      kind: 'review',
      note: 'on Python 3.10 and older, Ctrl-C raises CancelledError out of anyio.run, which the KeyboardInterrupt handler around it would not catch; the project does not say which Python it needs',
    };
  }
  return asRefusal(
    'run-keyboardinterrupt-310',
    `the project allows Python ${python}, where Ctrl-C leaves anyio.run as CancelledError; the KeyboardInterrupt handler around it would not catch it`,
    'require Python 3.11, or catch asyncio.CancelledError too',
  );
}

function callersCatch(file: PythonFile, call: Node, { definitions }: JudgeContext): boolean {
  for (const { node } of callsLeadingTo(file, call, definitions)) {
    if (catchesInterrupt(node)) return true;
  }
  return false;
}

/** Whether a `try` or a `suppress` of the same function catches KeyboardInterrupt around a node. */
function catchesInterrupt(node: Node): boolean {
  const home = enclosingFunction(node)?.id;
  for (let at = node, up = node.parent; up; at = up, up = up.parent) {
    if (enclosingFunction(at)?.id !== home) return false;
    const inBody = up.childForFieldName('body')?.id === at.id;
    if (!inBody) continue;
    if (up.type === 'try_statement') {
      const clauses = up.namedChildren.filter((child) => child.type === 'except_clause');
      if (clauses.some((clause) => handlesInterrupt(clause))) return true;
    }
    if (up.type === 'with_statement' && suppressesInterrupt(up)) return true;
  }
  return false;
}

function handlesInterrupt(clause: Node): boolean {
  const value = clause.childForFieldName('value');
  return !value || namesInterrupt(value);
}

function suppressesInterrupt(statement: Node): boolean {
  return statement.namedChildren
    .filter((child) => child.type === 'with_clause')
    .flatMap((clause) => clause.descendantsOfType('call'))
    .some((call) => {
      const list = call?.childForFieldName('arguments');
      return (
        lastName(call?.childForFieldName('function')) === 'suppress' &&
        !!list &&
        namesInterrupt(list)
      );
    });
}

function namesInterrupt(node: Node): boolean {
  return node
    .descendantsOfType('identifier')
    .some((name) => name?.text === 'KeyboardInterrupt' || name?.text === 'BaseException');
}
