/**
 * What a test puts in the place of a function, and whether it looks at the arguments of the calls.
 *
 * A mock that is only counted does not care how it is called, so its patch can move to a call of
 * another shape. Where it cannot be seen what becomes of the mock, it is taken to look.
 */

import type { Node } from 'web-tree-sitter';
import {
  ancestor,
  argumentsOf,
  codeChildren,
  lastName,
  parentBeyondParens,
  plainString,
  same,
  stripParens,
  withParens,
} from '../syntax/nodes.ts';
import type { Use } from '../transform.ts';
import type { PythonFile } from './file.ts';
import type { Scope } from './scopes.ts';
import { stringRole } from './strings.ts';

/** Members of a mock that say whether and how often it was called, and not with what. */
const COUNTING: ReadonlySet<string> = new Set([
  'assert_called',
  'assert_called_once',
  'assert_not_called',
  'called',
  'call_count',
  'assert_awaited',
  'assert_awaited_once',
  'assert_not_awaited',
  'await_count',
  'reset_mock',
]);
const MOCKS: ReadonlySet<string> = new Set(['Mock', 'MagicMock', 'AsyncMock', 'NonCallableMock']);
/** Options of `patch` and of mocks that do not touch the arguments. */
const HARMLESS: ReadonlySet<string> = new Set([
  'target',
  'attribute',
  'name',
  'return_value',
  'create',
  'autospec',
  'spec',
  'spec_set',
  'raising',
]);
const CALLS: ReadonlySet<string> = new Set(['call']);
const DECORATED: ReadonlySet<string> = new Set(['decorated_definition']);

/**
 * Where a test replaces what has this name as an attribute: by a patcher, or by an assignment.
 * @param isOther whether a dotted target leads to another object of that name.
 */
export function replacementOf(
  file: PythonFile,
  name: string,
  isOther: (target: string) => boolean,
): Node | undefined {
  const patched = file.scopes.strings.find(({ node }) => {
    const content = plainString(node)?.content;
    if (content !== name && !content?.endsWith(`.${name}`)) return false;
    if (isOther(content)) return false;
    const role = stringRole(node);
    return role === 'patch-target' || role === 'member';
  });
  const assigned = file
    .attributes(name)
    .find(({ id, parent }) => parent?.type === 'assignment' && parent.firstChild?.id === id);
  return patched?.node ?? assigned;
}

/** The node that looks at the arguments, or that hides whether anything does; undefined if nothing. */
export function argumentReader(patch: Use): Node | undefined {
  const call = patcherOf(patch);
  return call ? readerOfCall(patch.file, call) : patch.node;
}

/** The call that replaces the name; undefined for an assignment or a constant that is handed on. */
function patcherOf({ node, spelling }: Use): Node | undefined {
  const call = ancestor(node, CALLS);
  if (!call) return undefined;
  const { positional, keywords } = argumentsOf(call);
  const target = spelling === 'string' ? [positional[0], positional[1]] : [positional[0]];
  const given = [...target, keywords.get('target'), keywords.get('attribute')];
  return given.some((argument) => argument && holds(argument, node)) ? call : undefined;
}

function holds(outer: Node, inner: Node): boolean {
  return outer.startIndex <= inner.startIndex && inner.endIndex <= outer.endIndex;
}

function readerOfCall(file: PythonFile, call: Node): Node | undefined {
  const callee = lastName(call.childForFieldName('function')) ?? '';
  if (callee === 'multiple') return call;
  const { positional, keywords, hasStar, hasDoubleStar } = argumentsOf(call);
  if (hasStar || hasDoubleStar) return call;
  const byObject =
    callee === 'object' ||
    callee === 'spy' ||
    keywords.has('attribute') ||
    (callee === 'setattr' && positional.length > 2);
  const given = positional[byObject ? 2 : 1] ?? keywords.get('new') ?? keywords.get('value');
  for (const [name, value] of keywords) {
    if (name === 'new' || name === 'value' || HARMLESS.has(name)) continue;
    const reader = readerOfOption(name, value);
    if (reader) return reader;
  }
  if (given) return readerOfValue(file, given) ?? readerOfHandle(file, call);
  return readerOfHandle(file, call) ?? readerOfParameter(file, call);
}

function readerOfOption(name: string, value: Node): Node | undefined {
  if (name === 'side_effect' && isException(value)) return undefined;
  if (name === 'new_callable' && MOCKS.has(lastName(value) ?? '')) return undefined;
  return value;
}

/** `KeyboardInterrupt`, `RuntimeError("no")`: raised whatever the mock is called with. */
function isException(node: Node): boolean {
  const value = stripParens(node);
  const name = lastName(value.type === 'call' ? value.childForFieldName('function') : value) ?? '';
  return value.type === 'none' || /^[A-Z]\w*(?:Error|Exception|Interrupt|Exit)$/.test(name);
}

/** What stands there instead: a mock, a function, or a name for one. */
function readerOfValue(file: PythonFile, node: Node): Node | undefined {
  const value = stripParens(node);
  if (value.type === 'lambda') return ignoresArguments(value) ? undefined : value;
  if (value.type === 'call') return readerOfMock(value);
  if (value.type !== 'identifier') return value;
  const scope = file.scopeAt(value).lookup(value.text);
  const [site, another] = scope?.bindings.get(value.text) ?? [];
  if (!scope || !site || another) return value;
  const { parent } = site.node;
  if (site.kind === 'def' && parent) return ignoresArguments(parent) ? undefined : parent;
  const right = parent?.type === 'assignment' ? parent.childForFieldName('right') : null;
  if (right?.type !== 'call') return value;
  return readerOfMock(right) ?? readerOfName(file, scope, value.text);
}

/** `MagicMock(return_value=0)`. */
function readerOfMock(call: Node): Node | undefined {
  if (!MOCKS.has(lastName(call.childForFieldName('function')) ?? '')) return call;
  const { positional, keywords, hasDoubleStar } = argumentsOf(call);
  if (positional.length > 0 || hasDoubleStar) return call;
  for (const [name, value] of keywords) {
    const reader = HARMLESS.has(name) ? undefined : readerOfOption(name, value);
    if (reader) return reader;
  }
  return undefined;
}

/** Whether a function takes whatever comes, and names none of it: `lambda *args, **options: 0`. */
function ignoresArguments(definition: Node): boolean {
  const parameters = codeChildren(definition.childForFieldName('parameters') ?? definition);
  const types = parameters.map(({ type }) => type);
  const all =
    types.length === 2 &&
    types[0] === 'list_splat_pattern' &&
    types[1] === 'dictionary_splat_pattern';
  const body = definition.childForFieldName('body');
  if (!all || !body) return false;
  const names = new Set(parameters.map((parameter) => codeChildren(parameter)[0]?.text));
  const own = body.type === 'identifier' ? [body] : body.descendantsOfType('identifier');
  return !own.some((node) => node && names.has(node.text));
}

/** The name that the mock has: `with patch(…) as run`, `run = mocker.patch(…)`. */
function readerOfHandle(file: PythonFile, call: Node): Node | undefined {
  const parent = parentBeyondParens(call);
  switch (parent?.type) {
    case 'as_pattern': {
      const [, target] = codeChildren(parent);
      const name = target && codeChildren(target)[0];
      return name?.type === 'identifier' ? readerOfTarget(file, name) : call;
    }
    case 'assignment': {
      const name = parent.childForFieldName('left');
      return name?.type === 'identifier' ? readerOfTarget(file, name) : call;
    }
    case 'with_item':
    case 'expression_statement':
    case 'decorator':
      return undefined;
    default:
      return call;
  }
}

function readerOfTarget(file: PythonFile, name: Node): Node | undefined {
  const scope = file.scopeAt(name).lookup(name.text);
  return scope ? readerOfName(file, scope, name.text) : name;
}

/** `@patch(…)` hands the mock to the function: the lowest decorator's comes first. */
function readerOfParameter(file: PythonFile, call: Node): Node | undefined {
  const decorator = parentBeyondParens(call);
  if (decorator?.type !== 'decorator') return undefined;
  const decorated = ancestor(decorator, DECORATED);
  const definition = decorated?.childForFieldName('definition');
  if (!decorated || definition?.type !== 'function_definition') return call;
  const below = codeChildren(decorated).filter(
    (each) =>
      each.type === 'decorator' && each.startIndex > decorator.startIndex && givesMock(each),
  );
  const parameters = codeChildren(definition.childForFieldName('parameters') ?? definition);
  const named = parameters.filter(({ text }, at) => at > 0 || (text !== 'self' && text !== 'cls'));
  const mock = named[below.length];
  const name = mock?.type === 'identifier' ? mock : mock && codeChildren(mock)[0];
  const scope = file.scopes.byNode.get(definition.id);
  if (name?.type !== 'identifier' || !scope?.bindings.has(name.text)) return call;
  return readerOfName(file, scope, name.text);
}

/** Whether a decorator is a patch that makes its own mock, and hands it over by position. */
function givesMock(decorator: Node): boolean {
  const [call] = codeChildren(decorator);
  const callee = call?.type === 'call' ? call.childForFieldName('function') : undefined;
  if (!call || !callee) return false;
  const name = lastName(callee);
  const object = name === 'object' && lastName(callee.childForFieldName('object')) === 'patch';
  if (name !== 'patch' && !object) return false;
  const { positional, keywords } = argumentsOf(call);
  return positional.length < (object ? 3 : 2) && !keywords.has('new');
}

/** The first place where a variable that holds the mock is used for more than counting. */
function readerOfName(file: PythonFile, scope: Scope, name: string): Node | undefined {
  const found = file.references(name).find((reference) => {
    return reference.scope.lookup(name) === scope && !onlyCounts(reference.node);
  });
  return found?.node;
}

function onlyCounts(node: Node): boolean {
  const outer = withParens(node);
  const { parent } = outer;
  // Handed to the patcher itself: `monkeypatch.setattr(asyncio, "run", fake)`.
  if (parent?.type === 'argument_list') {
    const callee = lastName(parent.parent?.childForFieldName('function'));
    return callee === 'setattr' || callee === 'patch' || callee === 'object';
  }
  if (parent?.type === 'keyword_argument') {
    return ['new', 'value'].includes(parent.childForFieldName('name')?.text ?? '');
  }
  if (parent?.type !== 'attribute' || !same(parent.childForFieldName('object'), outer))
    return false;
  const member = parent.childForFieldName('attribute')?.text ?? '';
  if (COUNTING.has(member)) return true;
  const up = parent.parent;
  const written = up?.type === 'assignment' && same(up.childForFieldName('left'), parent);
  const value = written ? up.childForFieldName('right') : null;
  return member === 'return_value'
    ? written
    : member === 'side_effect' && !!value && isException(value);
}
