/**
 * Which names a computed one may be: `"_process_" + kind` begins with `_process_`, and the `name` of
 * `for name in ("open", "close")` is one of two. Asked of what `getattr` is given.
 */

import type { Node } from 'web-tree-sitter';
import {
  argumentsOf,
  codeChildren,
  lastName,
  plainString,
  same,
  stripParens,
  withParens,
} from '../syntax/nodes.ts';
import { headName, namedType } from './annotations.ts';
import type { Definitions } from './definitions.ts';
import type { PythonFile } from './file.ts';
import { landing } from './parameters.ts';
import type { BindingSite, Scope } from './scopes.ts';
import { type FunctionInfo, opaqueDecorator, parameterOf, sameDefinition } from './types.ts';

/** What is known of a string: how it begins and ends, and whether that is all of it. */
interface Shape {
  prefix: string;
  /** Empty where the prefix is all there is. */
  suffix: string;
  whole: boolean;
}

const UNKNOWN: Shape = { prefix: '', suffix: '', whole: false };
/** How far variables, parameters and their callers are followed. */
const DEPTH_LIMIT = 5;
/** More names than this are not told apart: the question is then answered with "may be". */
const SHAPE_LIMIT = 200;
/** What `%` replaces, and what `format` does. */
const PERCENT = /%(?:\(\w*\))?[-#0 +]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[a-zA-Z%]/g;
const BRACES = /\{[^{}]*\}/g;

export class ComputedNames {
  private readonly variables = new Map<BindingSite[], readonly Shape[]>();

  constructor(private readonly definitions: Definitions) {}

  /** Whether the string that an expression gives may be this name. */
  mayBe(file: PythonFile, expression: Node, name: string): boolean {
    return this.shapes(file, expression, 0).some((shape) => fits(shape, name));
  }

  private shapes(file: PythonFile, expression: Node, depth: number): readonly Shape[] {
    const node = stripParens(expression);
    switch (node.type) {
      case 'string':
        return [this.literal(file, node, depth)];
      case 'concatenated_string':
        return [
          codeChildren(node)
            .map((part) => this.literal(file, part, depth))
            .reduce(joined),
        ];
      case 'binary_operator':
        return this.operator(file, node, depth);
      case 'call':
        return [formatted(node)];
      case 'conditional_expression': {
        const [chosen, , other] = codeChildren(node);
        return this.anyOf(file, [chosen, other], depth);
      }
      case 'boolean_operator':
        return this.anyOf(file, codeChildren(node), depth);
      case 'identifier':
        return this.variable(file, node, depth);
      default:
        return [UNKNOWN];
    }
  }

  private anyOf(
    file: PythonFile,
    nodes: readonly (Node | undefined)[],
    depth: number,
  ): readonly Shape[] {
    return limited(nodes.flatMap((node) => (node ? this.shapes(file, node, depth) : [UNKNOWN])));
  }

  /** A string literal, whose interpolations may be anything, or one known string. */
  private literal(file: PythonFile, string: Node, depth: number): Shape {
    const plain = plainString(string);
    if (plain) return { prefix: plain.content, suffix: '', whole: true };
    const pieces = codeChildren(string).filter(
      ({ type }) => type === 'string_content' || type === 'interpolation',
    );
    const shapes = pieces.map((piece) => {
      // An escape stands for another character than what is written.
      const written = piece.type === 'string_content' && piece.namedChildCount === 0;
      if (written) return { prefix: piece.text, suffix: '', whole: true };
      const [inner, more] = piece.type === 'interpolation' ? codeChildren(piece) : [];
      const found = inner && !more ? this.shapes(file, inner, depth + 1) : [];
      return (found.length === 1 && found[0]) || UNKNOWN;
    });
    return shapes.reduce(joined, { prefix: '', suffix: '', whole: true });
  }

  /** `"on_" + name`, `"on_%s" % name`. */
  private operator(file: PythonFile, node: Node, depth: number): readonly Shape[] {
    const [left, right] = [node.childForFieldName('left'), node.childForFieldName('right')];
    const operator = node.childForFieldName('operator')?.text;
    if (!left || !right) return [UNKNOWN];
    if (operator === '%') return [template(left, PERCENT)];
    if (operator !== '+') return [UNKNOWN];
    const ends = this.shapes(file, right, depth);
    return limited(
      this.shapes(file, left, depth).flatMap((start) => ends.map((end) => joined(start, end))),
    );
  }

  // -- variables ---------------------------------------------------------------------------------

  private variable(file: PythonFile, name: Node, depth: number): readonly Shape[] {
    const scope = file.scopeAt(name).lookup(name.text);
    const sites = scope?.bindings.get(name.text);
    if (!scope || !sites || depth > DEPTH_LIMIT) return [UNKNOWN];
    const known = this.variables.get(sites);
    if (known) return known;
    // A name that is made of itself may be anything.
    this.variables.set(sites, [UNKNOWN]);
    const found = limited(sites.flatMap((site) => this.bound(file, site, scope, depth + 1)));
    // What the limit cut off may well be answered from nearer by.
    if (depth === 0 || !found.includes(UNKNOWN)) this.variables.set(sites, found);
    else this.variables.delete(sites);
    return found;
  }

  private bound(
    file: PythonFile,
    { kind, node }: BindingSite,
    scope: Scope,
    depth: number,
  ): readonly Shape[] {
    if (kind === 'parameter') return this.parameter(file, node, scope, depth);
    const parent = node.parent;
    switch (parent?.type) {
      case 'assignment':
      case 'named_expression': {
        const value = parent.childForFieldName(parent.type === 'assignment' ? 'right' : 'value');
        return value ? this.shapes(file, value, depth) : [UNKNOWN];
      }
      case 'for_statement':
      case 'for_in_clause':
        return this.elements(file, parent.childForFieldName('right'), undefined, depth);
      case 'pattern_list':
      case 'tuple_pattern': {
        const loop = parent.parent;
        if (loop?.type !== 'for_statement' && loop?.type !== 'for_in_clause') return [UNKNOWN];
        const index = codeChildren(parent).findIndex((child) => same(child, node));
        return this.elements(file, loop.childForFieldName('right'), index, depth);
      }
      default:
        return [UNKNOWN];
    }
  }

  /**
   * The elements of a display, or of a tuple under a name that is bound once.
   * @param index the place in each element, where the elements are tuples that are unpacked.
   */
  private elements(
    file: PythonFile,
    iterable: Node | null,
    index: number | undefined,
    depth: number,
  ): readonly Shape[] {
    const display = iterable && stripParens(iterable);
    switch (display?.type) {
      case 'tuple':
      case 'list':
      case 'set':
      case 'expression_list': {
        const found = codeChildren(display).map((element) =>
          index === undefined ? element : itemOf(element, index),
        );
        return this.anyOf(file, found, depth);
      }
      case 'dictionary': {
        const keys = codeChildren(display).map((pair) => pair.childForFieldName('key'));
        return index === undefined
          ? this.anyOf(
              file,
              keys.map((key) => key ?? undefined),
              depth,
            )
          : [UNKNOWN];
      }
      case 'identifier': {
        const sites = file.scopeAt(display).lookup(display.text)?.bindings.get(display.text) ?? [];
        const [only, more] = sites;
        const value = only?.kind === 'assignment' ? assigned(only) : undefined;
        if (more || value?.type !== 'tuple') return [UNKNOWN];
        return this.elements(file, value, index, depth);
      }
      default:
        return [UNKNOWN];
    }
  }

  // -- parameters --------------------------------------------------------------------------------

  /** What all calls in the project give to a parameter; anything where none is found. */
  private parameter(file: PythonFile, name: Node, scope: Scope, depth: number): readonly Shape[] {
    const parameter = parameterOf(name);
    if (!parameter || scope.node.type !== 'function_definition') return [UNKNOWN];
    const promised = literalsOf(parameter.childForFieldName('type'));
    if (promised) return promised;
    if (codeChildren(parameter)[0]?.type.endsWith('splat_pattern')) return [UNKNOWN];
    const definition = this.definitions.functionOf(file, scope.node);
    if (opaqueDecorator(definition)) return [UNKNOWN];
    const fallback = parameter.childForFieldName('value');
    const given: Shape[] = [];
    for (const mention of this.definitions.mentions(definition)) {
      if (this.isOther(mention.file, mention.node, definition)) continue;
      const outer = withParens(mention.node);
      const call = outer.parent;
      // A function that is handed on is called with what cannot be seen.
      if (call?.type !== 'call' || !same(call.childForFieldName('function'), outer))
        return [UNKNOWN];
      const argument = this.argumentFor(call, name.text, definition) ?? fallback;
      if (!argument) return [UNKNOWN];
      const home = same(argument, fallback) ? file : mention.file;
      given.push(...this.shapes(home, argument, depth + 1));
      if (given.length > SHAPE_LIMIT) return [UNKNOWN];
    }
    return given.length > 0 ? given : [UNKNOWN];
  }

  /** Whether a name surely means another function. */
  private isOther(file: PythonFile, node: Node, definition: FunctionInfo): boolean {
    const type = this.definitions.typeOf(file, node);
    if (type === undefined) return false;
    if (type.kind !== 'function') return type.kind !== 'foreign';
    if (sameDefinition(type.of, definition)) return false;
    const [owner, own] = [type.of.owner, definition.owner];
    return !owner || !own || !this.definitions.related(owner, own);
  }

  private argumentFor(call: Node, name: string, definition: FunctionInfo): Node | undefined {
    const { positional, keywords, hasStar, hasDoubleStar } = argumentsOf(call);
    if (hasStar || hasDoubleStar) return undefined;
    const named = keywords.get(name);
    if (named) return named;
    const bound = !!definition.owner && !definition.decorators.includes('staticmethod');
    return positional.find((_, at) => landing(definition.node, at, bound)?.name === name);
  }
}

function fits({ prefix, suffix, whole }: Shape, name: string): boolean {
  if (whole) return name === prefix;
  return (
    name.length >= prefix.length + suffix.length && name.startsWith(prefix) && name.endsWith(suffix)
  );
}

function joined(a: Shape, b: Shape): Shape {
  if (a.whole && b.whole) return { prefix: a.prefix + b.prefix, suffix: '', whole: true };
  if (a.whole) return { prefix: a.prefix + b.prefix, suffix: b.suffix, whole: false };
  const suffix = b.whole ? a.suffix + b.prefix : b.suffix;
  return { prefix: a.prefix, suffix, whole: false };
}

function limited(shapes: readonly Shape[]): readonly Shape[] {
  return shapes.length > SHAPE_LIMIT ? [UNKNOWN] : shapes;
}

/** `"on_{}".format(x)`. */
function formatted(call: Node): Shape {
  const callee = call.childForFieldName('function');
  const text = lastName(callee) === 'format' ? callee?.childForFieldName('object') : undefined;
  return text ? template(text, BRACES) : UNKNOWN;
}

/** What stands before the first and behind the last place that a template fills. */
function template(text: Node, places: RegExp): Shape {
  const content = plainString(stripParens(text))?.content;
  // Doubled braces stand for one, and are rare in names.
  if (content === undefined || /\{\{|\}\}/.test(content)) return UNKNOWN;
  const found = [...content.matchAll(places)];
  const [first, last] = [found.at(0), found.at(-1)];
  if (!first || !last) return { prefix: content, suffix: '', whole: true };
  const suffix = content.slice(last.index + last[0].length);
  return { prefix: content.slice(0, first.index), suffix, whole: false };
}

function itemOf(element: Node, index: number): Node | undefined {
  const display = stripParens(element);
  const items = display.type === 'tuple' || display.type === 'list' ? codeChildren(display) : [];
  return items.some(({ type }) => type === 'list_splat') ? undefined : items[index];
}

function assigned({ node }: BindingSite): Node | undefined {
  const { parent } = node;
  const value = parent?.type === 'assignment' ? parent.childForFieldName('right') : undefined;
  return value ? stripParens(value) : undefined;
}

/** The names of `Literal["open", "close"]`. */
function literalsOf(annotation: Node | null): Shape[] | undefined {
  const named = annotation && namedType(annotation);
  const brackets = named?.parent?.type === 'generic_type' ? named.parent : undefined;
  const parameters =
    brackets && codeChildren(brackets).find(({ type }) => type === 'type_parameter');
  if (!parameters || headName(parameters) !== 'Literal') return undefined;
  const found = codeChildren(parameters).map((child) => {
    const literal = child.type === 'type' ? codeChildren(child)[0] : child;
    return literal && plainString(literal)?.content;
  });
  return found.every((name) => name !== undefined)
    ? found.map((prefix) => ({ prefix, suffix: '', whole: true }))
    : undefined;
}
