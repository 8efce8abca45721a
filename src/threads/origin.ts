/**
 * Which threads code runs in, as far as it can be shown: those that anyio makes know the loop that
 * they come from, and `anyio.from_thread` works in them alone (semantics, section 14).
 */

import type { Node } from 'web-tree-sitter';
import type { Definitions, FunctionInfo } from '../analysis/definitions.ts';
import type { PythonFile } from '../analysis/file.ts';
import { importedPath } from '../analysis/import-path.ts';
import { sameDefinition } from '../analysis/types.ts';
import { argumentsOf, enclosingFunction, lastName, same, withParens } from '../syntax/nodes.ts';
import type { NeededEdit, Use } from '../transform.ts';
import { loopCalls } from './loop-calls.ts';

const DEPTH = 4;

/**
 * The edits that make the threads anyio's in which the function around a node runs; none where they
 * are already. Undefined where it may run anywhere else.
 */
export function anyioThreads(
  file: PythonFile,
  node: Node,
  definitions: Definitions,
): NeededEdit[] | undefined {
  const needs: NeededEdit[] = [];
  return new Origin(definitions, needs).isAnyio(file, node, 0) ? needs : undefined;
}

class Origin {
  private readonly seen = new Set<string>();

  constructor(
    private readonly definitions: Definitions,
    private readonly needs: NeededEdit[],
  ) {}

  isAnyio(file: PythonFile, node: Node, depth: number): boolean {
    const home = enclosingFunction(node);
    if (!home || depth > DEPTH) return false;
    if (home.type === 'lambda') return this.isStarted(file, home);
    const of = this.definitions.functionOf(file, home);
    if (of.async || of.decorators.length > 0) return false;
    const key = `${file.path}:${home.id}`;
    if (this.seen.has(key)) return true;
    this.seen.add(key);
    return this.definitions.overrides(of).length === 0 && this.allMentions(of, depth);
  }

  /** Whether a function is only started in such threads, or called by what is. */
  private allMentions(of: FunctionInfo, depth: number): boolean {
    let found = false;
    for (const { file, node } of this.definitions.mentions(of)) {
      const type = this.definitions.typeOf(file, node);
      const isMethod = node.type === 'attribute' && !!of.owner;
      if (type ? type.kind !== 'function' || !sameDefinition(type.of, of) : !isMethod) continue;
      found = true;
      const outer = withParens(node);
      const isCalled =
        outer.parent?.type === 'call' && same(outer.parent.childForFieldName('function'), outer);
      const fits = isCalled ? this.isAnyio(file, node, depth + 1) : this.isStarted(file, outer);
      if (!fits) return false;
    }
    return found;
  }

  /** Whether an expression is the function that a call runs in one of anyio's threads. */
  private isStarted(file: PythonFile, expression: Node): boolean {
    const outer = withParens(expression);
    const call = outer.parent?.type === 'argument_list' ? outer.parent.parent : undefined;
    const callee = call?.childForFieldName('function');
    if (call?.type !== 'call' || !callee) return false;
    const { positional } = argumentsOf(call);
    if (lastName(callee) === 'partial') {
      return same(positional[0], outer) && this.isStarted(file, call);
    }
    if (importedPath(file, callee) === 'anyio.to_thread.run_sync')
      return same(positional[0], outer);
    const use = file.uses.find(
      ({ span }) => span.start === callee.startIndex && span.end === callee.endIndex,
    );
    if (use?.name === 'asyncio.to_thread') {
      this.needs.push({ use, at: callee.startIndex });
      return same(positional[0], outer);
    }
    const loop = lastName(callee) === 'run_in_executor' ? loopOf(file, call) : undefined;
    if (!loop || positional[0]?.type !== 'none') return false;
    this.needs.push({ use: loop, at: callee.startIndex });
    return same(positional[1], outer);
  }
}

/** The use that gives the loop of which a method is called. */
function loopOf(file: PythonFile, call: Node): Use | undefined {
  return file.uses.find(
    (use) =>
      /^asyncio\.get_(running|event)_loop$/.test(use.name) &&
      loopCalls(use)?.calls.some((each) => same(each.call, call)),
  );
}
