/** What is known of the call that makes the coroutine of `asyncio.run(f(x))`. */

import type { Node } from 'web-tree-sitter';
import { TRANSPARENT, type Type } from './analysis/definitions.ts';
import type { PythonFile } from './analysis/file.ts';
import { dottedParts } from './syntax/nodes.ts';
import type { JudgeContext, Verdict } from './transform.ts';

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
