/**
 * `uvloop.install()` and the one `asyncio.run` that it is for.
 *
 * The policy that it sets is honoured by `anyio.run` too, so it may always stay. It goes only where
 * nothing but that run can be meant by it: both stand in one block, and no other place of the
 * project makes or runs an event loop.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from './analysis/file.ts';
import { removeStatements } from './edit/statements.ts';
import { judgeRun, OPTIONS_SINCE, USE_UVLOOP } from './run-call.ts';
import {
  argumentsOf,
  enclosingFunction,
  FUNCTIONS,
  isAsync,
  same,
  withParens,
} from './syntax/nodes.ts';
import type { Edit, JudgeContext, Use, Verdict } from './transform.ts';
import { lowerVersion } from './verdicts.ts';

/** Both move, or none does. */
export interface Pair {
  install: Use;
  run: Use;
  /** Takes out the statement of the install. */
  removal: Edit[];
}

/** What asks the policy for an event loop, or sets another policy. */
const LOOP_MAKERS: ReadonlySet<string> = new Set(
  ['run', 'Runner', 'new_event_loop', 'get_event_loop', 'get_event_loop_policy']
    .concat('set_event_loop_policy')
    .map((name) => `asyncio.${name}`),
);

/** The pair that a use of `uvloop.install` or `asyncio.run` belongs to. */
export function pairOf(use: Use, context: JudgeContext): Pair | undefined {
  if (!context.selected.has('run') || !context.selected.has('uvloop')) return undefined;
  if (ignoresOptions(context)) return undefined;
  const pairs = pairsIn(use.file.uses);
  const pair = pairs.find(({ install, run }) => install === use || run === use);
  if (!pair || isPatched(pair, context) || isCountedOn(pair, pairs, context)) return undefined;
  const removal = removeStatements(use.file, [statementOfInstall(pair.install)]);
  return removal && { ...pair, removal };
}

/** Whether the program may run on an anyio that ignores the option, and no phase raises it. */
function ignoresOptions({ target, selected }: JudgeContext): boolean {
  const { anyio, anyioSource } = target;
  if (anyio === undefined || !lowerVersion(anyio, OPTIONS_SINCE)) return false;
  return anyioSource === '--target-anyio' || !selected.has('dependency');
}

/** The verdict on one of the two; they are applied together. */
export function judgePaired(use: Use, pair: Pair, context: JudgeContext): Verdict {
  const call = callOf(pair.run);
  const verdict = judgeRun(pair.run, call, context, USE_UVLOOP);
  if (verdict.kind !== 'rewrite') return verdict;
  const edits = use === pair.install ? pair.removal : verdict.edits;
  const family = `uvloop ${use.file.path}:${pair.install.span.start}`;
  return { ...verdict, edits, family, together: [pair.install, pair.run] };
}

/** Each install with the run behind it, where there is just one of each. */
function pairsIn(uses: readonly Use[]): Omit<Pair, 'removal'>[] {
  const installs = uses.filter((use) => use.name === 'uvloop.install' && isPlainInstall(use));
  const runs = uses.filter((use) => use.name === 'asyncio.run' && isPlainRun(use));
  return installs.flatMap((install) => {
    const reached = runs.filter((run) => isBehind(install, run));
    const [run] = reached;
    if (!run || reached.length > 1) return [];
    return installs.some((other) => other !== install && isBehind(other, run))
      ? []
      : [{ install, run }];
  });
}

/** `uvloop.install()` as a statement. */
function isPlainInstall(use: Use): boolean {
  if (use.role !== 'call' || use.doubt !== undefined) return false;
  const call = callOf(use);
  const { positional, keywordNodes, hasStar, hasDoubleStar } = argumentsOf(call);
  const given = positional.length + keywordNodes.length > 0 || hasStar || hasDoubleStar;
  return call.type === 'call' && !given && call.parent?.type === 'expression_statement';
}

/** A run that asks the policy for its loop. */
function isPlainRun(use: Use): boolean {
  if (use.role !== 'call' || use.doubt !== undefined) return false;
  const { keywords, hasDoubleStar } = argumentsOf(callOf(use));
  return !hasDoubleStar && !keywords.has('loop_factory');
}

/** Whether the run stands behind the install in its block, with no more than `try` or `with` around it. */
function isBehind(install: Use, run: Use): boolean {
  const statement = statementOfInstall(install);
  if (run.span.start < statement.endIndex) return false;
  for (let up = run.node.parent; up; up = up.parent) {
    if (same(up, statement.parent)) return true;
    if (FUNCTIONS.has(up.type) || (up.type === 'block' && !alwaysRuns(up))) return false;
  }
  return false;
}

function alwaysRuns(block: Node): boolean {
  const owner = block.parent;
  return PASSED.has(owner?.type ?? '') && same(owner?.childForFieldName('body'), block);
}

/** Statements whose body always runs. */
const PASSED: ReadonlySet<string> = new Set(['try_statement', 'with_statement']);

/** Whether a test replaces one of them, and may see that the other is called. */
function isPatched({ install, run }: Omit<Pair, 'removal'>, { patches }: JudgeContext): boolean {
  return [install, run].some(({ file, name }) => patches.patchesOf(file, name).length > 0);
}

/** Whether other code of the project may get its loop from the policy. */
function isCountedOn(
  { install, run }: Omit<Pair, 'removal'>,
  pairs: readonly Omit<Pair, 'removal'>[],
  { definitions }: JudgeContext,
): boolean {
  const { file } = install;
  const paired = new Set(pairs.map((pair) => pair.run));
  const files = definitions.project.filesMentioning('asyncio', 'anyio');
  return [file, ...files.filter((other) => other !== file)].some((other) => {
    const own = other === file ? paired : new Set(pairsIn(other.uses).map((pair) => pair.run));
    const makes = (use: Use) => use !== run && !own.has(use) && asksForLoop(use);
    return other.uses.some(makes) || runsAnyio(other);
  });
}

function asksForLoop(use: Use): boolean {
  if (!LOOP_MAKERS.has(use.name) || use.role === 'import' || use.role === 'patch-target') {
    return false;
  }
  const home = enclosingFunction(use.node);
  // In a coroutine, `get_event_loop()` is the loop that runs it.
  const running = home?.type === 'function_definition' && isAsync(home);
  return !(running && use.name === 'asyncio.get_event_loop');
}

/** Whether a file says `anyio.run` already, in one way or another. */
function runsAnyio(file: PythonFile): boolean {
  const sites = [...file.scopes.module.bindings.values()].flat();
  if (sites.some(({ imported }) => imported?.target === 'anyio.run')) return true;
  return file
    .attributes('run')
    .some((attribute) => attribute.childForFieldName('object')?.text === 'anyio');
}

function callOf(use: Use): Node {
  return withParens(use.node).parent ?? use.node;
}

function statementOfInstall(install: Use): Node {
  return callOf(install).parent ?? install.node;
}
