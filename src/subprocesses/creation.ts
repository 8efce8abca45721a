/** `name = await asyncio.create_subprocess_exec(program, *args, …)`, and what its arguments become. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import {
  argumentsOf,
  codeChildren,
  enclosingFunction,
  lastName,
  same,
  withParens,
} from '../syntax/nodes.ts';
import type { Place, Use, Verdict } from '../transform.ts';
import { lowerVersion, refuse } from '../verdicts.ts';

export type Refused = Extract<Verdict, { kind: 'refuse' }>;

/** The functions of asyncio that start a process. */
export const CREATORS: ReadonlySet<string> = new Set([
  'asyncio.create_subprocess_exec',
  'asyncio.create_subprocess_shell',
]);

/** A call that starts a process. */
export interface Started {
  use: Use;
  call: Node;
}

/** A process that a local variable is given. */
export interface Creation extends Started {
  /** The identifier that is assigned. */
  target: Node;
  /** The whole assignment, as a statement. */
  statement: Node;
}

/** What a call starts. */
export interface Command {
  /** The first and the last positional argument: the program and its arguments, or the line for the shell. */
  first: Node;
  last: Node;
  isShell: boolean;
  keywords: ReadonlyMap<string, Node>;
  keywordNodes: readonly Node[];
  /** The lowest anyio that knows all keywords. */
  minAnyio: string;
}

/** As `refuse`, for who has to tell it from other results. */
export function stop(code: string, message: string, help: string, place?: Place): Refused {
  return refuse(code, message, help, place) as Refused;
}

/** Whether a result is a refusal. */
export function isRefused(result: object): result is Refused {
  return 'kind' in result && result.kind === 'refuse';
}

/** The creation that a use stands for, where it is the whole right side of an assignment to a name. */
export function creationOf(use: Use): Creation | Refused {
  const call = withParens(use.node).parent;
  if (use.role !== 'call' || call?.type !== 'call') {
    return stop(
      'subprocess-value-use',
      'the function itself is used as a value here',
      'call it where the process is wanted, or write an async function that calls anyio.open_process',
    );
  }
  const awaited = withParens(call).parent;
  const assignment = awaited?.type === 'await' ? withParens(awaited).parent : null;
  const target = assignment?.type === 'assignment' ? assignment.childForFieldName('left') : null;
  const statement = assignment?.parent;
  if (!assignment || awaited?.type !== 'await') return refuseShape();
  if (isHandedOn(assignment, target)) {
    return stop(
      'subprocess-escapes',
      'the process is kept or handed on where it is made, and what becomes of it cannot be followed',
      'move all that is done with it by hand: anyio.abc.Process has other streams and no communicate()',
    );
  }
  if (target?.type !== 'identifier' || statement?.type !== 'expression_statement') {
    return refuseShape();
  }
  return { use, call, target, statement };
}

/** `await (await asyncio.create_subprocess_exec(…)).wait()`: the member that alone is asked for. */
export function askedAtOnce(use: Use): { started: Started; member: string } | undefined {
  const call = withParens(use.node).parent;
  const awaited = call?.type === 'call' && use.role === 'call' ? withParens(call).parent : null;
  if (!call || awaited?.type !== 'await') return undefined;
  const process = withParens(awaited);
  const attribute = process.parent;
  const isAsked =
    attribute?.type === 'attribute' && same(attribute.childForFieldName('object'), process);
  return isAsked ? { started: { use, call }, member: lastName(attribute) ?? '' } : undefined;
}

/** `return await …`, `f(await …)`, `self.process = await …`. */
function isHandedOn(parent: Node, target: Node | null): boolean {
  if (target) return target.type === 'attribute' || target.type === 'subscript';
  return ['return_statement', 'argument_list', 'keyword_argument', 'yield'].includes(parent.type);
}

function refuseShape(): Refused {
  return stop(
    'subprocess-shape',
    'the process is not simply awaited and given a name',
    'write `process = await asyncio.create_subprocess_exec(...)` on a line of its own, then run again',
  );
}

/** The keywords that anyio has as well, by the anyio that came with them. */
const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ...['stdin', 'stdout', 'stderr', 'cwd', 'env', 'start_new_session'].map(since('4.0.0')),
  ...['startupinfo', 'creationflags', 'pass_fds', 'user', 'group', 'umask'].map(since('4.5.0')),
  // Before, the value of group was handed on in its place.
  ...['extra_groups'].map(since('4.14.2')),
]);

function since(version: string): (name: string) => [string, string] {
  return (name) => [name, version];
}

/** The parts of a call's arguments, or why they cannot be carried over. */
export function commandOf({ use, call }: Started): Command | Refused {
  const { positional, keywords, keywordNodes, hasStar, hasDoubleStar } = argumentsOf(call);
  const { file } = use;
  const isShell = use.name === 'asyncio.create_subprocess_shell';
  const unknown = keywordNodes.find(
    (node) => !KEYWORDS.has(node.childForFieldName('name')?.text ?? ''),
  );
  if (unknown && !hasDoubleStar) {
    const name = unknown.childForFieldName('name')?.text;
    return refuseArguments(file, unknown, `anyio has no argument \`${name}\``);
  }
  if (unknown) {
    return refuseArguments(file, unknown, '`**` hides which arguments are given');
  }
  const [first] = positional;
  const last = positional.at(-1);
  const [keyword] = keywordNodes;
  if (!first || !last || (keyword && keyword.startIndex < last.startIndex)) {
    return refuseArguments(file, call, 'the command does not stand before all other arguments');
  }
  if (isShell && (positional.length > 1 || hasStar)) {
    return refuseArguments(file, first, 'more than the command is given by position');
  }
  let minAnyio = '4.0.0';
  for (const name of keywords.keys()) {
    const version = KEYWORDS.get(name) ?? minAnyio;
    if (lowerVersion(minAnyio, version)) minAnyio = version;
  }
  return { first, last, isShell, keywords, keywordNodes, minAnyio };
}

function refuseArguments(file: PythonFile, node: Node, why: string): Refused {
  return stop(
    'subprocess-arguments',
    `${why}, so the arguments cannot be carried over`,
    'write the call with the arguments of anyio.open_process by hand',
    file.place(node),
  );
}

/** Whether a value given as stdin, stdout or stderr may be a pipe to this program. */
export function mayBePipe(file: PythonFile, value: Node | undefined): boolean {
  if (!value || value.type === 'none' || isFile(value)) return false;
  const name = lastName(value);
  if (value.type === 'attribute' && value.childForFieldName('object')?.text === 'sys') return false;
  if (value.type === 'identifier') {
    const sites = file.scopeAt(value).lookup(value.text)?.bindings.get(value.text) ?? [];
    if (sites.length > 0 && sites.every((site) => isFile(givenAt(site.node)))) return false;
  }
  return name !== 'DEVNULL' && name !== 'STDOUT';
}

/** `open(path)`, `path.open()`, `log.fileno()`. */
function isFile(value: Node | undefined): boolean {
  const name = value?.type === 'call' ? lastName(value.childForFieldName('function')) : undefined;
  return name === 'open' || name === 'fileno';
}

/** The value that a name is given where it is bound: `log = value`, `with value as log`. */
function givenAt(target: Node): Node | undefined {
  const parent = target.parent?.type === 'as_pattern_target' ? target.parent.parent : target.parent;
  if (parent?.type === 'assignment') return parent.childForFieldName('right') ?? undefined;
  return parent?.type === 'as_pattern' ? parent.namedChildren[0] : undefined;
}

/** Whether a value is the constant PIPE. */
export function isPipe(value: Node | undefined): boolean {
  return lastName(value) === 'PIPE' || value?.text === '-1';
}

/** The function whose local the variable of a creation is; undefined where it belongs to another scope. */
export function homeOf({ use, target }: Creation): Node | undefined {
  const home = enclosingFunction(target);
  const scope = use.file.scopeAt(target).lookup(target.text);
  return home && scope?.kind === 'function' && same(scope.node, home) ? home : undefined;
}

/**
 * How much longer the names get that change in a call, its function and those in its arguments, as
 * far as can be said before they are spelled.
 */
export function growthOf(
  { use, call }: Started,
  name: string,
): { calleeGrowth: number; growth: number } {
  const width = ({ span }: Use) => span.end - span.start;
  const constants = use.file.uses.filter(
    (other) =>
      other.name.startsWith('asyncio.subprocess.') &&
      call.startIndex <= other.span.start &&
      other.span.end <= call.endIndex,
  );
  const growth = constants
    .map((other) => other.name.length - 'asyncio.'.length - width(other))
    .reduce((sum, each) => sum + each, 0);
  const spelled = use.spelling === 'from' ? name : `anyio.${name}`;
  return { calleeGrowth: spelled.length - width(use), growth };
}

/** Whether a value is PIPE where there is input, and else None: `PIPE if data is not None else None`. */
export function isPipeFor(value: Node | undefined, input: Node): boolean {
  if (value?.type !== 'conditional_expression') return isPipe(value);
  const [pipe, condition, other] = codeChildren(value);
  const [asked, none, ...more] =
    condition?.type === 'comparison_operator' ? codeChildren(condition) : [];
  const isCompared =
    none?.type === 'none' &&
    more.length === 0 &&
    condition?.children.some(({ type }) => type === 'is not');
  const isAsked = condition?.text === input.text || (isCompared && asked?.text === input.text);
  return isPipe(pipe) && other?.type === 'none' && isAsked === true;
}
