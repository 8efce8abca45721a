/** Helpers over the syntax tree, offsets and lines. */

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Node } from 'web-tree-sitter';
import { LineIndex } from '../src/syntax/lines.ts';
import {
  ancestor,
  argumentsOf,
  codeChildren,
  dottedParts,
  enclosingFunction,
  isAsync,
  isBareString,
  lastName,
  parentBeyondParens,
  plainString,
  same,
  statementOf,
  stripParens,
  withParens,
} from '../src/syntax/nodes.ts';
import { loadParser, parse } from '../src/syntax/parser.ts';

beforeAll(loadParser);

const trees: ReturnType<typeof parse>[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) tree.delete();
});

function root(text: string): Node {
  const tree = parse(text);
  trees.push(tree);
  return tree.rootNode;
}

/** The first node of a type. */
function first(text: string, type: string): Node {
  const found = root(text)
    .descendantsOfType(type)
    .find((node) => node?.isNamed);
  if (!found) throw new Error(`no ${type} in ${text}`);
  return found;
}

/** The smallest named node at the mark «, which is taken out. */
function at(marked: string): Node {
  const offset = marked.indexOf('«');
  const found = root(marked.replace('«', '')).namedDescendantForIndex(offset);
  if (!found) throw new Error(`nothing at the mark in ${marked}`);
  return found;
}

describe('lines and columns', () => {
  it.each([
    ['the start', 'ab\ncd', 0, 1, 1],
    ['behind LF', 'ab\ncd', 3, 2, 1],
    ['LF belongs to its line', 'ab\ncd', 2, 1, 3],
    ['behind CRLF', 'ab\r\ncd', 4, 2, 1],
    ['CR of a CRLF', 'ab\r\ncd', 2, 1, 3],
    ['LF of a CRLF', 'ab\r\ncd', 3, 1, 4],
    ['behind a lone CR', 'ab\rcd', 3, 2, 1],
    ['the end', 'ab\ncd', 5, 2, 3],
    ['an empty last line', 'ab\n', 3, 2, 1],
    ['UTF-16 code units', '😀b', 2, 1, 3],
    ['other separators end no line', 'a\u2028b\u0085c\fd', 6, 1, 7],
    ['an empty text', '', 0, 1, 1],
  ])('%s', (_, text, offset, line, column) => {
    expect(new LineIndex(text).at(offset)).toEqual({ line, column });
  });

  it('gives the end of a span, exclusive', () => {
    expect(new LineIndex('ab\ncd').position({ start: 1, end: 4 })).toEqual({
      line: 1,
      column: 2,
      endLine: 2,
      endColumn: 2,
    });
  });

  it('agrees with a count from the start, at every offset', () => {
    const text = 'a\r\n\n\rbc\r\r\n😀\nd';
    const index = new LineIndex(text);
    for (let offset = 0; offset <= text.length; offset++) {
      // A position within CRLF still lies in the line that it ends.
      const before = text.slice(0, offset).replace(/\r$/, text[offset] === '\n' ? ' ' : '\r');
      const lines = before.split(/\r\n|\r|\n/);
      expect(index.at(offset)).toEqual({
        line: lines.length,
        column: (lines.at(-1)?.length ?? 0) + 1,
      });
    }
  });
});

describe('offsets of nodes', () => {
  it('are UTF-16 code units', () => {
    const text = '"😀é"; name';
    const node = first(text, 'identifier');
    expect(text.slice(node.startIndex, node.endIndex)).toBe('name');
  });

  it('count a byte order mark', () => {
    expect(first('\ufeffname', 'identifier').startIndex).toBe(1);
  });
});

describe('parentheses', () => {
  it('are stripped, with comments in them', () => {
    expect(stripParens(first('((  # why\n  x))', 'parenthesized_expression')).text).toBe('x');
  });

  it('are put around again', () => {
    expect(withParens(at('f(((«x)))')).text).toBe('((x))');
    expect(parentBeyondParens(at('f(((«x)))'))?.type).toBe('argument_list');
    expect(withParens(at('f(«x)')).text).toBe('x');
  });
});

describe('where a node stands', () => {
  it.each([
    ['at module level', '«x', undefined],
    ['in a function', 'def f():\n  «x', 'def f():\n  x'],
    ['in a lambda', 'y = lambda: «x', 'lambda: x'],
    ['in a class of a function', 'def f():\n  class C:\n    «x', 'def f():\n  class C:\n    x'],
  ])('enclosing function: %s', (_, marked, text) => {
    expect(enclosingFunction(at(marked))?.text).toBe(text);
  });

  it.each([
    ['an expression', 'if a:\n  f(«x)\n', 'f(x)'],
    ['a simple statement', 'x = «y; z', 'x = y'],
    ['a compound statement', 'for x in «y: pass', 'for x in y: pass'],
    ['a decorator', '@«d\ndef f(): pass', '@d\ndef f(): pass'],
  ])('statement: %s', (_, marked, text) => {
    expect(statementOf(at(marked)).text.trimEnd()).toBe(text);
  });

  it('asynchronous functions', () => {
    expect(isAsync(first('async def f(): pass', 'function_definition'))).toBe(true);
    expect(isAsync(first('def f(): pass', 'function_definition'))).toBe(false);
  });

  it('ancestors do not count the node itself', () => {
    const outer = first('[[x]]', 'list');
    const inner = codeChildren(outer)[0];
    expect(inner && same(ancestor(inner, new Set(['list'])), outer)).toBe(true);
    expect(ancestor(outer, new Set(['list']))).toBeUndefined();
  });

  it('one node by two handles', () => {
    const tree = root('f(x)');
    const [a, b] = [0, 1].map(() => tree.descendantsOfType('identifier')[0]);
    expect(a).not.toBe(b);
    expect(same(a, b)).toBe(true);
    expect(same(a, tree)).toBe(false);
    expect(same(undefined, null)).toBe(false);
  });
});

describe('arguments', () => {
  const given = (text: string) => argumentsOf(first(text, 'call'));

  it.each([
    ['none', 'f()', [], [], false, false],
    ['positional', 'f(a, b)', ['a', 'b'], [], false, false],
    ['keywords', 'f(a, k=b)', ['a'], ['k=b'], false, false],
    ['splats', 'f(*a, **b)', ['*a'], ['**b'], true, true],
    ['behind a splat', 'f(a, *b, c)', ['a', '*b', 'c'], [], true, false],
    ['comments', 'f(  # why\n  a,  # because\n  k=b,  # of it\n)', ['a'], ['k=b'], false, false],
    ['a lone generator', 'f(x for x in y)', ['(x for x in y)'], [], false, false],
  ])('%s', (_, text, positional, keywords, hasStar, hasDoubleStar) => {
    const found = given(text);
    expect(found.positional.map((node) => node.text)).toEqual(positional);
    expect(found.keywordNodes.map((node) => node.text)).toEqual(keywords);
    expect([found.hasStar, found.hasDoubleStar]).toEqual([hasStar, hasDoubleStar]);
  });

  it('keywords by name', () => {
    expect(given('f(k=a, l=b)').keywords.get('l')?.text).toBe('b');
  });
});

describe('names', () => {
  it.each([
    ['a', ['a']],
    ['a.b.c', ['a', 'b', 'c']],
    ['a().b', undefined],
    ['a[0]', undefined],
  ])('dotted: %s', (text, parts) => {
    const [expression] = codeChildren(first(text, 'expression_statement'));
    expect(expression && dottedParts(expression)).toEqual(parts);
  });

  it.each([
    ['a', 'a'],
    ['a.b', 'b'],
    ['f().b', 'b'],
    ['f()', undefined],
  ])('last: %s', (text, name) => {
    expect(lastName(codeChildren(first(text, 'expression_statement'))[0])).toBe(name);
  });
});

describe('strings', () => {
  it.each([
    ["'a.b'", 'a.b', 1],
    ['"a"', 'a', 1],
    ['r"a"', 'a', 2],
    ['U"a"', 'a', 2],
    ['"""a\nb"""', 'a\nb', 3],
  ])('plain: %s', (text, content, start) => {
    expect(plainString(first(text, 'string'))).toEqual({ content, start });
  });

  it.each(['""', '"a\\n"', 'f"a"', 'b"a"', 'rb"a"', 'f"{a}"', 't"a"'])('not plain: %s', (text) => {
    expect(plainString(first(text, 'string'))).toBeUndefined();
  });

  it('is undefined for what is no string', () => {
    expect(plainString(first('a', 'identifier'))).toBeUndefined();
  });

  it.each([
    ['"doc"', true],
    ['"a" "b"', true],
    ['x = "a"', false],
    ['f("a")', false],
  ])('bare: %s', (text, bare) => {
    expect(isBareString(first(text, 'expression_statement'))).toBe(bare);
  });
});
