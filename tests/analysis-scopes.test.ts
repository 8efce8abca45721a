/** Python's scoping, by the language reference (4.2) and PEPs 572, 634, 695 and 709. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PythonFile } from '../src/analysis/file.ts';
import { py, scopeName } from './analysis-harness.ts';
import { describeWithPython, newestPython, type PythonEnv, runPython } from './python/env.ts';

function fileOf(text: string): PythonFile {
  const info = { path: '/m.py', encoding: 'utf8', module: 'm', isPackage: false, selected: true };
  return new PythonFile({ ...info, text });
}

/** Where each read of `x` finds its binding, in the order of the text. */
function reads(text: string): string[] {
  const file = fileOf(text);
  const found = [...file.references('x')].sort((a, b) => a.node.startIndex - b.node.startIndex);
  const owners = found.map(({ scope }) => scopeName(scope.lookup('x')));
  file.dispose();
  return owners;
}

/** A title, a program, and where each read of `x` in it, from the top, finds its binding. */
type Row = [title: string, text: string, owners: string[]];

describe('a read finds its binding', () => {
  it.each<Row>([
    ['nothing binds it', 'x', ['builtin']],
    ['module and function', 'x = 1\ndef f():\n  return x', ['module']],
    ['a local hides the global', 'x = 1\ndef f():\n  x\n  x = 2', ['def f']],
    ['a parameter', 'x = 1\ndef f(x): return x', ['def f']],
    ['a starred parameter', 'def f(*x, **k): x', ['def f']],
    ['a double-starred parameter', 'def f(**x): x', ['def f']],
    ['an annotated starred parameter', 'def f(*x: int): x', ['def f']],
    ['a keyword-only parameter', 'def f(*, x=1): x', ['def f']],
    ['a positional-only parameter', 'def f(x, /): x', ['def f']],
    ['the default of a parameter', 'x = 1\ndef f(x=x): x', ['module', 'def f']],
    ['an annotation', 'x = 1\ndef f(x: x = 2) -> x: x', ['module', 'module', 'def f']],
    ['the default of a lambda', 'x = 1\nlambda x=x: x', ['module', 'lambda']],
    ['a decorator', 'x = 1\n@x\ndef f(x): x', ['module', 'def f']],
    ['a closure', 'def f():\n  x = 1\n  def g():\n    return x', ['def f']],
    ['a function bound further down', 'def f():\n  def g():\n    return x\n  x = 1', ['def f']],
    ['a class is no enclosing scope', 'class C:\n  x = 1\n  def f(self): return x', ['builtin']],
    ['a class body', 'class C:\n  x = 1\n  y = x', ['class C']],
    ['a class in a class', 'class C:\n  x = 1\n  class D:\n    x', ['builtin']],
    ['bases are read outside', 'x = 1\nclass C(x):\n  x = 2\n  x', ['module', 'class C']],
    ['a class keyword', 'x = 1\nclass C(metaclass=x):\n  x = 2', ['module']],
    ['a class name in its methods', 'class x:\n  def f(self): x', ['module']],
    [
      'in a class, before it is bound there',
      'x = 1\nclass C:\n  x = x\n  x',
      ['module', 'class C'],
    ],
    [
      'in a class of a function, before it is bound there',
      'x = 1\ndef f():\n  x = 2\n  class C:\n    x = x',
      ['module'],
    ],
    ['in a class of a function', 'x = 1\ndef f():\n  x = 2\n  class C:\n    x', ['def f']],
    ['a field of its own type', 'x = 1\nclass C:\n  x: x = x', ['module', 'module']],
    [
      'a method is bound behind its default',
      'x = 1\nclass C:\n  def x(self, y=x): x',
      ['module', 'module'],
    ],
  ])('%s', (_, text, owners) => {
    expect(reads(text)).toEqual(owners);
  });
});

describe('global and nonlocal', () => {
  it.each<Row>([
    ['a global that is written', 'def f():\n  global x\n  x = 1\ndef g(): x', ['module']],
    [
      'said after the use of the name elsewhere',
      'x = 1\ndef f():\n  if a:\n    global x\n  x = 2\n  x',
      ['module'],
    ],
    [
      'past an enclosing function',
      'x = 0\ndef f():\n  x = 1\n  def g():\n    global x\n    x',
      ['module'],
    ],
    [
      'what is nested in it reads the global too',
      'x = 0\ndef f():\n  x = 1\n  def g():\n    global x\n    def h(): x',
      ['module'],
    ],
    [
      'in a class body, not for its methods',
      'x = 0\ndef f():\n  x = 1\n  class C:\n    global x\n    x = 2\n    def g(self): x',
      ['def f'],
    ],
    ['a nonlocal', 'def f():\n  x = 1\n  def g():\n    nonlocal x\n    x = 2\n    x', ['def f']],
    [
      'a nonlocal bound further down',
      'def f():\n  def g():\n    nonlocal x\n    x = 2\n  x = 1\n  x',
      ['def f'],
    ],
    [
      'two levels up',
      'def f():\n  x = 1\n  def g():\n    def h():\n      nonlocal x\n      x = 2\n    x',
      ['def f'],
    ],
    [
      'a nonlocal of a class body',
      'def f():\n  class C:\n    nonlocal x\n    x = 2\n  x = 1\n  x',
      ['def f'],
    ],
    ['a global that nothing else binds', 'def f():\n  global x\n  x', ['builtin']],
    ['at module level', 'global x\nx = 1\nx', ['module']],
    ['an import under global', 'def f():\n  global x\n  import x\ndef g(): x', ['module']],
  ])('%s', (_, text, owners) => {
    expect(reads(text)).toEqual(owners);
  });

  it('a nonlocal in a class body binds the name of the function', () => {
    const file = fileOf('def f():\n  class C:\n    nonlocal x\n    x = 2\n  x = 1');
    const [reference] = file.scopes.module.bindings.get('f') ?? [];
    const inner = file.scopes.byNode.get(reference?.node.parent?.id ?? 0);
    expect(inner?.bindings.get('x')).toHaveLength(2);
    file.dispose();
  });
});

describe('comprehensions, lambdas and walrus', () => {
  it.each<Row>([
    ['its own target', 'x = 1\n[x for x in y]\nx', ['comprehension', 'module']],
    ['the first iterable is outside', 'x = 1\n[0 for x in x]', ['module']],
    ['the second is inside', 'x = 1\n[0 for x in y for z in x]', ['comprehension']],
    ['a condition is inside', '[0 for x in y if x]', ['comprehension']],
    ['a nested one', '[[x for y in x] for x in z]', ['comprehension', 'comprehension']],
    ['a dictionary', '{x: x for x in y}', ['comprehension', 'comprehension']],
    ['a generator as the only argument', 'f(x for x in y)', ['comprehension']],
    [
      'in a class, the first iterable sees the class',
      'class C:\n  x = 1\n  [0 for y in x]',
      ['class C'],
    ],
    ['in a class, the rest does not', 'class C:\n  x = 1\n  [x for y in z]', ['builtin']],
    ['a walrus binds the function', 'def f():\n  [(x := y) for y in z]\n  x', ['def f']],
    ['a walrus in a nested comprehension', '[[(x := y) for y in z] for z in w]\nx', ['module']],
    ['a walrus in a lambda', 'lambda: (x := 1, x)\nx', ['lambda', 'builtin']],
    ['a walrus under global', 'def f():\n  global x\n  if (x := 1): pass\nx', ['module']],
    ['the body of a lambda', 'x = 1\ndef f():\n  x = 2\n  return lambda: x', ['def f']],
    ['an unpacked target', '[x for (_, (*x, y)) in z]', ['comprehension']],
  ])('%s', (_, text, owners) => {
    expect(reads(text)).toEqual(owners);
  });
});

describe('every statement that binds', () => {
  it.each<Row>([
    ['for', 'def f():\n  for x in y: x', ['def f']],
    ['for, unpacked', 'def f():\n  for a, (x, *b) in y: x', ['def f']],
    ['for reads its iterable first', 'x = 1\nclass C:\n  for x in x: pass', ['module']],
    ['async for', 'async def f():\n  async for x in y: x', ['def f']],
    ['with', 'def f():\n  with y as x: x', ['def f']],
    ['with, unpacked', 'def f():\n  with y as (a, [x]): x', ['def f']],
    ['two with items', 'def f():\n  with (y as z, w as x): x', ['def f']],
    ['except', 'def f():\n  try: pass\n  except E as x: x', ['def f']],
    ['except*', 'def f():\n  try: pass\n  except* E as x: x', ['def f']],
    ['an import', 'def f():\n  import x; x', ['def f']],
    ['an import of a submodule', 'def f():\n  import x.y; x', ['def f']],
    ['an aliased import binds the alias', 'def f():\n  import x as y; x', ['builtin']],
    ['a from-import', 'def f():\n  from y import x; x', ['def f']],
    ['a from-import with an alias', 'def f():\n  from y import z as x; x', ['def f']],
    ['def', 'def f():\n  def x(): x\n  x', ['def f', 'def f']],
    ['class', 'def f():\n  class x: pass\n  x', ['def f']],
    ['augmented assignment reads and binds', 'def f():\n  x += 1', ['def f']],
    ['an annotation alone', 'def f():\n  x: int\n  x', ['def f']],
    ['del makes it local', 'x = 1\ndef f():\n  del x\n  x', ['def f']],
    ['an attribute binds nothing', 'def f():\n  y.x = 1\n  x.y = 1', ['builtin']],
    ['a subscript binds nothing', 'def f():\n  x[0] = 1', ['builtin']],
    ['a keyword argument binds nothing', 'f(x=x)', ['builtin']],
    ['case captures', 'def f():\n  match y:\n    case x: x', ['def f']],
    ['case with a class', 'def f():\n  match y:\n    case C(a=x): x', ['def f']],
    ['case with the class itself', 'def f():\n  match y:\n    case x(): pass', ['builtin']],
    ['case with a dotted class', 'def f():\n  match y:\n    case x.y(): pass', ['builtin']],
    ['case with a value', 'def f():\n  match y:\n    case x.y: pass', ['builtin']],
    ['case with as', 'def f():\n  match y:\n    case [1] as x: x', ['def f']],
    ['case with a rest', 'def f():\n  match y:\n    case [a, *x]: x', ['def f']],
    ['case with a mapping', 'def f():\n  match y:\n    case {"k": x}: x', ['def f']],
    ['case with the rest of a mapping', 'def f():\n  match y:\n    case {**x}: x', ['def f']],
    ['case with alternatives', 'def f():\n  match y:\n    case [x] | {"k": x}: x', ['def f']],
    ['the guard of a case', 'def f():\n  match y:\n    case x if x: pass', ['def f']],
    ['a wildcard binds nothing', '_ = x\nmatch x:\n  case _: x', ['builtin', 'builtin', 'builtin']],
    ['an interpolation', 'x = 1\nf"{x!r:>{x}}"', ['module', 'module']],
    ['an interpolation in a raw string', 'x = 1\nrf"{x}" + Rb"{x}".decode()', ['module']],
  ])('%s', (_, text, owners) => {
    expect(reads(text)).toEqual(owners);
  });
});

describe('type parameters', () => {
  it.each<Row>([
    [
      'of a function',
      'def f[x](y: x) -> x: x',
      ['type-parameters', 'type-parameters', 'type-parameters'],
    ],
    ['their bounds', 'x = 1\ndef f[T: x](): pass', ['module']],
    ['several kinds', 'def f[*x, **P](): x', ['type-parameters']],
    [
      'of a class, in its bases',
      'class C[x](B[x]):\n  y: x',
      ['type-parameters', 'type-parameters'],
    ],
    [
      'of a method, which sees the class',
      'class C:\n  x = 1\n  def f[T: x](self, y: x): x',
      ['class C', 'class C', 'builtin'],
    ],
    ['a default is outside', 'x = 1\ndef f[x](y=x): pass', ['module']],
    ['of an alias', 'x = 1\ntype A[x] = list[x]\nx', ['type-parameters', 'module']],
    ['the alias itself', 'def f():\n  type x = int\n  x', ['def f']],
    ['the bound in an alias', 'x = 1\ntype A[T: x] = T', ['module']],
  ])('%s', (_, text, owners) => {
    expect(reads(text)).toEqual(owners);
  });
});

describe('the scope at a place', () => {
  /** Where a name `x` would be looked up at the mark `«`, which is taken out. */
  function scopeAt(marked: string): string {
    const offset = marked.indexOf('«');
    const file = fileOf(marked.replace('«', ''));
    const node = file.root.namedDescendantForIndex(offset);
    const name = scopeName(node ? file.scopeAt(node) : undefined);
    file.dispose();
    return name;
  }

  it.each([
    ['the body of a function', 'def f():\n  «a', 'def f'],
    ['a parameter', 'def f(«a): pass', 'def f'],
    ['an annotated parameter', 'def f(«a: int): pass', 'def f'],
    ['a default', 'def f(a=«b): pass', 'module'],
    ['a default in a default', 'def f(a=lambda b=«c: d): pass', 'module'],
    ['an annotation', 'def f(a: «b): pass', 'module'],
    ['a return annotation', 'def f() -> «a: pass', 'module'],
    ['the name of a method', 'class C:\n  def «f(self): pass', 'class C'],
    ['a decorator', 'class C:\n  @«a\n  def f(self): pass', 'class C'],
    ['a base class', 'class C(«a):\n  b = 1', 'module'],
    ['a class body', 'class C:\n  «a', 'class C'],
    ['the iterable of a comprehension', '[a for b in «c]', 'module'],
    ['its second iterable', '[a for b in c for d in «e]', 'comprehension'],
    ['its element', '[«a for b in c]', 'comprehension'],
    ['behind a function', 'def f():\n  a\n«b', 'module'],
    ['behind a nested function', 'def f():\n  def g():\n    a\n  «b', 'def f'],
    ['the body of a lambda', 'f(lambda: «a, b)', 'lambda'],
    ['behind a lambda', 'f(lambda: a, «b)', 'module'],
  ])('%s', (_, marked, name) => {
    expect(scopeAt(marked)).toBe(name);
  });
});

describe('size', () => {
  const LINKS = 3_000;

  it.each([
    ['chained calls', `x${'.f(y)'.repeat(LINKS)}`],
    ['binary operators', `x${' + y'.repeat(LINKS)}`],
    ['boolean operators', `x${' and y'.repeat(LINKS)}`],
    ['subscripts', `x${'[y]'.repeat(LINKS)}`],
    ['strings side by side', `x + ("a"${' "b"'.repeat(LINKS)})`],
  ])('%s by the thousand', (_, text) => {
    expect(reads(text)).toEqual(['builtin']);
  });

  it('many assignments to one name', () => {
    expect(reads(`x = 0\n${'x = x + 1\n'.repeat(LINKS)}`)).toEqual(Array(LINKS).fill('module'));
  });
});

/** Prints, for each file, `line:column name -> owner` of all reads: what scopes.py makes of it. */
const RESOLVE = py`
  import ast, json, sys
  sys.path.insert(0, sys.argv[1])
  from scopes import lookup, names_of

  def resolve(path):
      with open(path, 'rb') as file:
          text = file.read().decode('utf-8-sig')
      names = names_of(ast.parse(text))
      homes = {id(site): scope for scope in names.scopes for sites in scope.bindings.values() for site in sites}
      lines = text.split('\n')
      for load in names.loads:
          if load.string or not isinstance(load.node.ctx, ast.Load):
              continue
          sites = lookup(load.node.id, load.scope, load.at)
          home = homes[id(sites[0])] if sites else None
          line = load.node.lineno
          column = len(lines[line - 1].encode()[: load.node.col_offset].decode())
          yield f'{line}:{column} {load.node.id} {place(home)}'

  def place(scope):
      if scope is None:
          return 'builtin'
      return 'module' if scope.parent is None else f'{scope.kind} {scope.node.lineno}'

  json.dump({path: list(resolve(path)) for path in sys.stdin.read().split('\0') if path}, sys.stdout)
`;

describeWithPython('against the ast of Python', (env: PythonEnv) => {
  const corpus = env.corpus.filter(({ name }) => name !== 'telethon' && name !== 'slixmpp');

  it.each(corpus)('every read of $name finds the same scope', ({ path: folder }) => {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.py'))
      .map((path) => join(folder, path));
    const resolved = runPython(newestPython(env), {
      script: RESOLVE,
      args: [join(import.meta.dirname, 'python')],
      input: paths.join('\0'),
      timeoutMs: 120_000,
    });
    expect(resolved.stderr).toBe('');
    const expected = JSON.parse(resolved.stdout) as Record<string, string[]>;
    for (const path of paths) {
      expect(ownReads(readFileSync(path, 'utf8')), path).toEqual(
        [...(expected[path] ?? [])].sort(),
      );
    }
  });
});

/** What RESOLVE prints, by our own scopes. The left side of `x += 1`, no load for `ast`, is left out. */
function ownReads(text: string): string[] {
  const file = fileOf(text);
  const found = file.scopes.references
    .filter(
      ({ node }) =>
        node.parent?.type !== 'augmented_assignment' || node.id !== node.parent.child(0)?.id,
    )
    .map(({ node, name, scope }) => {
      const { line, column } = file.lines.at(node.startIndex);
      const home = scope.lookup(name);
      const place = !home ? 'builtin' : home.kind === 'module' ? 'module' : undefined;
      const owner = place ?? `${home?.kind} ${file.lines.at(home?.node.startIndex ?? 0).line}`;
      return `${line}:${column - 1} ${name} ${owner}`;
    });
  file.dispose();
  return found.sort();
}
