/**
 * A process that only runs to its end: `communicate()` right behind the call that starts it becomes
 * `anyio.run_process`, and the variable holds its result.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { argumentsOf, codeChildren, same, withParens } from '../syntax/nodes.ts';
import type { Edit, JudgeContext } from '../transform.ts';
import { anyio, lowerVersion, replace } from '../verdicts.ts';
import { type Changes, merged, nothing } from './changes.ts';
import { commandEdits } from './command-edits.ts';
import {
  type Command,
  type Creation,
  growthOf,
  isPipe,
  isPipeFor,
  type Refused,
  stop,
} from './creation.ts';
import { askedOf, calledAt, escapes, type ProcessVariable } from './variable.ts';

/** A call of communicate() that belongs to a creation. */
export interface Communication {
  /** The identifier before `.communicate`. */
  read: Node;
  /** What the process is given; undefined for nothing. */
  input: Node | undefined;
  changes: Changes;
}

/** Whether some read of the variable is `communicate`. */
export function isRun({ reads }: ProcessVariable): boolean {
  return reads.some((read) => memberOf(read) === 'communicate');
}

function memberOf(read: Node): string | undefined {
  const asked = askedOf(read);
  return asked.kind === 'member' ? asked.member : undefined;
}

/** What else the result of a run can be asked for. */
const OF_A_RESULT: ReadonlySet<string> = new Set(['communicate', 'returncode', 'wait']);

/** The communication of each creation, in their order. */
export function communications(variable: ProcessVariable): Communication[] | Refused {
  const beside = refuseBeside(variable);
  if (beside) return beside;
  const result: Communication[] = [];
  for (const creation of variable.creations) {
    const found = communicationOf(variable, creation);
    if ('kind' in found) return found;
    result.push(found);
  }
  return result;
}

/** Refuses for what is wanted of the process beside communicate(). */
function refuseBeside({ file, name, reads }: ProcessVariable): Refused | undefined {
  for (const read of reads) {
    const asked = askedOf(read);
    if (asked.kind === 'other') return escapes(file, name, read, 'is handed on here');
    if (asked.kind === 'presence' || OF_A_RESULT.has(asked.member)) continue;
    const what = ['kill', 'terminate', 'send_signal'].includes(asked.member)
      ? `${asked.member}() ends the process by hand, which run_process does itself when it is cancelled`
      : `\`${asked.member}\` is wanted as well, which the result of run_process does not have`;
    return refuseCommunicate(file, read, what);
  }
  return undefined;
}

function communicationOf(
  { file, name, reads }: ProcessVariable,
  { statement }: Creation,
): Communication | Refused {
  const siblings = codeChildren(statement.parent ?? statement);
  const next = siblings[siblings.findIndex((node) => same(node, statement)) + 1];
  const communicating = reads.filter((read) => memberOf(read) === 'communicate');
  const read = communicating.find(
    (node) => next && next.startIndex <= node.startIndex && node.endIndex <= next.endIndex,
  );
  const called = read?.parent && calledAt(read.parent);
  const [elsewhere = statement] = communicating;
  if (!next || !read || !called || !SIMPLE.has(next.type)) {
    const why = 'communicate() does not stand right behind the call that starts the process';
    const other = calledAt(elsewhere.parent ?? elsewhere);
    return refuseCommunicate(file, elsewhere, other && !other.awaited ? HANDED_ON : why);
  }
  const { call, awaited } = called;
  if (!awaited) return refuseCommunicate(file, read, HANDED_ON);
  const input = inputOf(file, call, name);
  const changes = valueChanges(name, next, awaited);
  if (!changes || awaited.descendantsOfType('comment').length > 0) {
    return refuseCommunicate(file, read, 'what communicate() gives is part of a larger expression');
  }
  if (input === 'odd') {
    return refuseCommunicate(
      file,
      read,
      'the input is an expression, which would be evaluated before the process is started',
    );
  }
  return { read, input, changes };
}

const SIMPLE: ReadonlySet<string> = new Set(['expression_statement', 'return_statement']);
const HANDED_ON =
  'communicate() is handed to something else, such as a timeout: at its end asyncio leaves the process running, and run_process kills it';

function refuseCommunicate(file: PythonFile, node: Node, why: string): Refused {
  return stop(
    'subprocess-communicate',
    `${why}; anyio's process has no communicate()`,
    'write `result = await anyio.run_process(command, input=..., check=False)`, with a fail_after around it for a timeout, by hand',
    file.place(node),
  );
}

/** The input, where it can be evaluated earlier; undefined for none. */
function inputOf(file: PythonFile, call: Node, name: string): Node | 'odd' | undefined {
  const { positional, keywords, keywordNodes, hasStar } = argumentsOf(call);
  const input = positional[0] ?? keywords.get('input');
  const isPlain =
    !hasStar && keywordNodes.length === keywords.size && positional.length + keywords.size < 2;
  if (!isPlain) return 'odd';
  if (!input || input.type === 'none') return undefined;
  const holdsUse = file.uses.some(
    ({ span }) => input.startIndex <= span.start && span.end <= input.endIndex,
  );
  const names = [input, ...input.descendantsOfType('identifier')];
  const namesProcess = names.some((node) => node?.type === 'identifier' && node.text === name);
  return isStill(input) && !holdsUse && !namesProcess && !input.text.includes('\n') ? input : 'odd';
}

const STILL: ReadonlySet<string> = new Set([
  'attribute',
  'binary_operator',
  'concatenated_string',
  'escape_sequence',
  'format_specifier',
  'identifier',
  'integer',
  'interpolation',
  'parenthesized_expression',
  'string',
  'string_content',
  'string_end',
  'string_start',
  'subscript',
]);

/** Whether an expression does nothing but look things up: `data`, `self.text.encode()`. */
function isStill(node: Node): boolean {
  if (node.type === 'call') {
    const callee = node.childForFieldName('function');
    const method = callee?.childForFieldName('attribute')?.text;
    const object = callee?.childForFieldName('object');
    const { positional, keywords } = argumentsOf(node);
    return (
      method === 'encode' &&
      !!object &&
      [object, ...positional, ...keywords.values()].every(isStill)
    );
  }
  return STILL.has(node.type) && codeChildren(node).every(isStill);
}

/** `out, err = await process.communicate()`: the result holds both. */
function valueChanges(name: string, statement: Node, awaited: Node): Changes | undefined {
  const outer = withParens(awaited);
  if (same(outer.parent, statement) && statement.type === 'expression_statement') {
    return { ...nothing(), removed: [statement] };
  }
  const item = itemOf(outer);
  const value = item?.subscript ?? outer;
  if (!isTakenFirst(value, statement)) return undefined;
  const edit = item
    ? replace(value.startIndex, value.endIndex, `${name}.${item.member}`)
    : replace(awaited.startIndex, awaited.endIndex, `${name}.stdout, ${name}.stderr`);
  return { ...nothing(), edits: [edit] };
}

/** `(await process.communicate())[0]`. */
function itemOf(outer: Node): { subscript: Node; member: string } | undefined {
  const subscript = outer.parent;
  if (subscript?.type !== 'subscript' || !same(subscript.childForFieldName('value'), outer)) {
    return undefined;
  }
  const [, index, ...more] = codeChildren(subscript);
  const member = { 0: 'stdout', 1: 'stderr' }[index?.text ?? ''];
  return member !== undefined && more.length === 0 ? { subscript, member } : undefined;
}

/** Whether a value is the first thing that its statement evaluates, and is always evaluated. */
function isTakenFirst(value: Node, statement: Node): boolean {
  for (let at = value, up = at.parent; up; at = up, up = up.parent) {
    if (same(up, statement)) {
      return statement.type === 'return_statement' || statement.type === 'expression_statement';
    }
    const isFirst =
      (up.type === 'assignment' && same(up.childForFieldName('right'), at)) ||
      (up.type === 'attribute' && same(up.childForFieldName('object'), at)) ||
      (up.type === 'call' && same(up.childForFieldName('function'), at)) ||
      (up.type === 'subscript' && same(up.childForFieldName('value'), at)) ||
      up.type === 'parenthesized_expression';
    if (!isFirst) return false;
  }
  return false;
}

/** What becomes of all reads: beside what is communicated, only the exit code is asked for. */
export function ranChanges(
  { file, name, reads }: ProcessVariable,
  communicated: readonly Communication[],
): Changes | Refused {
  const known = new Set(communicated.map(({ read }) => read.id));
  const parts: Changes[] = communicated.map(({ changes }) => changes);
  for (const read of reads) {
    const asked = askedOf(read);
    if (known.has(read.id) || asked.kind !== 'member' || asked.member === 'returncode') continue;
    const changes = asked.member === 'wait' ? waitChanges(name, asked.attribute) : undefined;
    if (!changes) {
      return refuseCommunicate(
        file,
        read,
        `${asked.member}() is wanted as well, and not simply awaited`,
      );
    }
    parts.push(changes);
  }
  const note =
    'a run_process that is cancelled kills the process and waits for it, where asyncio let it go on';
  return merged([...parts, { ...nothing(), notes: [note] }]);
}

/** `await process.wait()` behind communicate() waits for nothing any more. */
function waitChanges(name: string, attribute: Node): Changes | undefined {
  const called = calledAt(attribute);
  if (!called?.awaited || called.awaited.descendantsOfType('comment').length > 0) return undefined;
  if (called.statement) return { ...nothing(), removed: [called.statement] };
  const { startIndex, endIndex } = called.awaited;
  return { ...nothing(), edits: [replace(startIndex, endIndex, `${name}.returncode`)] };
}

/** Where nothing is given to the process, `run_process` must leave its stdin alone: so from here on. */
const INHERITS_STDIN = '4.9.0';

/** The call itself, with the input that communicate() would have given. */
export function ranCall(
  creation: Creation,
  command: Command,
  { input, read }: Communication,
  { lineLength }: JudgeContext,
): (Changes & { minAnyio: string }) | Refused {
  const { use, call } = creation;
  const { file } = use;
  const { keywords, keywordNodes } = command;
  const stdin = keywordNodes.find((node) => node.childForFieldName('name')?.text === 'stdin');
  const value = keywords.get('stdin');
  if (input && !(stdin && isPipeFor(value, input))) {
    return refuseCommunicate(
      file,
      read,
      'the process is given input, and its stdin is not plainly a pipe',
    );
  }
  const silent = ['stdout', 'stderr'].filter((stream) => !keywords.has(stream));
  const edits: Edit[] = [
    { ...use.span, pieces: [anyio('run_process')] },
    ...commandEdits(file, call, command, {
      added: [...silent.map((stream) => `${stream}=None`), 'check=False'],
      instead: input && stdin ? new Map([[stdin.id, `input=${input.text}`]]) : new Map(),
      lineLength,
      ...growthOf(creation, 'run_process'),
    }),
  ];
  const notes: string[] = [];
  if (input) {
    notes.push(
      'input that the process does not read to its end raises BrokenResourceError in an exception group, where communicate() passed over it; and with empty input the process gets the stdin of this program',
    );
  } else if (value && isPipe(value)) {
    const pieces = [{ module: 'subprocess', name: 'DEVNULL' }];
    edits.push({ start: value.startIndex, end: value.endIndex, pieces });
    notes.push('stdin is empty from the start, where it was a pipe that nothing is written to');
  }
  const least = input && isPipe(value) ? command.minAnyio : INHERITS_STDIN;
  const minAnyio = lowerVersion(least, command.minAnyio) ? command.minAnyio : least;
  return { edits, removed: [], notes, minAnyio };
}
