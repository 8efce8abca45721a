/** What an expression is, how classes hang together, and which file a dotted name means. */

import { describe, expect, it } from 'vitest';
import { handedTo } from '../src/analysis/callers.ts';
import type { ClassInfo, Type } from '../src/analysis/definitions.ts';
import { type Texts, Workspace } from './analysis-harness.ts';

/** The type of the expression between the marks « » of a project; the marks are taken out. */
function typeIn(marked: Texts): string {
  const [path = '', text = ''] =
    Object.entries(marked).find(([, found]) => found.includes('«')) ?? [];
  const start = text.indexOf('«');
  const end = text.indexOf('»') - 1;
  const workspace = new Workspace({ ...marked, [path]: text.replace(/[«»]/g, '') });
  const file = workspace.file(path);
  const node = file.root.namedDescendantForIndex(start, end - 1);
  return typeName(node ? workspace.definitions.typeOf(file, node) : undefined);
}

function typeName(type: Type | undefined): string {
  switch (type?.kind) {
    case 'instance':
      return `${type.of.name}()`;
    case 'class':
      return `class ${type.of.name}`;
    case 'function':
      return `def ${type.of.owner ? `${type.of.owner.name}.` : ''}${type.of.name}`;
    case 'module':
      return `module ${type.name}`;
    case 'foreign':
      return `foreign ${type.name}`;
    default:
      return 'unknown';
  }
}

describe('what an expression is', () => {
  const c = 'class C:\n  def m(self): ...\n';

  it.each<[title: string, text: string, type: string]>([
    ['a class', `${c}«C»`, 'class C'],
    ['a function', 'def f(): ...\n«f»', 'def f'],
    ['an object', `${c}«C()»`, 'C()'],
    ['a variable', `${c}x = C()\n«x»`, 'C()'],
    ['an annotated variable', `${c}x: C = make()\n«x»`, 'C()'],
    ['a method', `${c}«C().m»`, 'def C.m'],
    ['a method of a base', `${c}class D(C): ...\n«D().m»`, 'def C.m'],
    ['a method of super()', `${c}class D(C):\n  def m(self): «super().m»`, 'def C.m'],
    ['self', 'class C:\n  def m(self): «self»', 'C()'],
    ['self under another name', 'class C:\n  def m(this): «this»', 'C()'],
    ['self in a nested function', 'class C:\n  def m(self):\n    def g(): «self»', 'C()'],
    [
      'self of a nested function is none',
      'class C:\n  def m(self):\n    def g(self): «self»',
      'unknown',
    ],
    ['cls', 'class C:\n  @classmethod\n  def m(cls): «cls»', 'class C'],
    ['cls of __new__', 'class C:\n  def __new__(cls): «cls»', 'class C'],
    ['an object of cls', 'class C:\n  @classmethod\n  def m(cls): «cls()»', 'C()'],
    ['a static method has no self', 'class C:\n  @staticmethod\n  def m(x): «x»', 'unknown'],
    ['type(self)', 'class C:\n  def m(self): «type(self)»', 'class C'],
    ['__class__', 'class C:\n  def m(self): «self.__class__»', 'class C'],
    ['a parameter', `${c}def f(x: C): «x»`, 'C()'],
    ['a quoted annotation', `${c}def f(x: "C"): «x»`, 'C()'],
    ['a quoted optional', `${c}def f(x: "C | None"): «x»`, 'C()'],
    ['Optional', `${c}def f(x: Optional[C]): «x»`, 'C()'],
    ['None first', `${c}def f(x: None | C): «x»`, 'C()'],
    ['Annotated', `${c}def f(x: Annotated[C, 1]): «x»`, 'C()'],
    ['a generic class', `${c}def f(x: C[int]): «x»`, 'C()'],
    ['*args is no object', `${c}def f(*x: C): «x»`, 'unknown'],
    ['a union of classes', `${c}class D: ...\ndef f(x: C | D): «x»`, 'unknown'],
    ['a foreign annotation promises nothing', 'def f(x: lib.C): «x»', 'unknown'],
    ['a container of annotated elements', `${c}def f(x: dict[str, C]): «x["a"]»`, 'C()'],
    ['get of a container', `${c}def f(x: dict[str, C]): «x.get(1)»`, 'C()'],
    [
      'an element of an attribute',
      `${c}class D:\n  cs: list[C]\n  def m(self): «self.cs[0]»`,
      'C()',
    ],
    [
      'an attribute',
      `${c}class D:\n  def __init__(self): self.c = C()\n  def m(self): «self.c»`,
      'C()',
    ],
    [
      'an attribute that was None',
      `${c}class D:\n  c = None\n  def __init__(self): self.c = C()\n  def m(self): «self.c»`,
      'C()',
    ],
    [
      'an attribute of two classes',
      `${c}class D:\n  def a(self): self.c = C()\n  def b(self): self.c = D()\n  def m(self): «self.c»`,
      'unknown',
    ],
    ['an attribute of a base', `${c}class B:\n  c: C\nclass D(B):\n  def m(self): «self.c»`, 'C()'],
    [
      'an attribute from a parameter',
      `${c}class D:\n  def __init__(self, c: C): self.c = c\n  def m(self): «self.c»`,
      'C()',
    ],
    [
      'a property',
      `${c}class D:\n  @property\n  def c(self) -> C: ...\n  def m(self): «self.c»`,
      'C()',
    ],
    [
      'a property without annotation',
      `${c}class D:\n  @property\n  def c(self): ...\n  def m(self): «self.c»`,
      'unknown',
    ],
    ['what a function gives', `${c}def f() -> C: ...\n«f()»`, 'C()'],
    ['what a coroutine function gives', `${c}async def f() -> C: ...\n«f()»`, 'unknown'],
    ['what its coroutine gives', `${c}async def f() -> C: ...\nasync def g(): «await f()»`, 'C()'],
    ['Self', 'class C:\n  def m(self) -> Self: ...\n«C().m()»', 'C()'],
    ['what a decorated function gives', `${c}@wrap\ndef f() -> C: ...\n«f()»`, 'unknown'],
    ['one of two values', `${c}x = C()\nx = 1\n«x»`, 'unknown'],
    ['twice the same', `${c}x = C()\nx = C()\n«x»`, 'C()'],
    ['a name in terms of itself', `${c}x = C()\nx = x.next()\n«x»`, 'unknown'],
    ['two names in terms of each other', 'a = b\nb = a\n«a»', 'unknown'],
    ['a local of the same name', `${c}def f():\n  C = 1\n  «C»`, 'foreign integer'],
    ['a foreign module', 'import lib\n«lib.x»', 'foreign lib.x'],
    ['a foreign object', 'import lib\n«lib.Thing()»', 'foreign lib.Thing()'],
    ['an attribute of a foreign object', 'import lib\nt = lib.Thing()\n«t.x»', 'unknown'],
    ['what a foreign function gives', 'import lib\n«lib.make()»', 'unknown'],
    ['a literal', 'x = {}\n«x»', 'foreign dictionary'],
    ['a loop variable', 'for x in y: «x»', 'unknown'],
    ['nothing known', '«x.y»', 'unknown'],
  ])('%s', (_, text, type) => {
    expect(typeIn({ 'm.py': text })).toBe(type);
  });

  it.each<[title: string, texts: Texts, type: string]>([
    ['an imported class', { 'a.py': 'from b import C\n«C»', 'b.py': 'class C: ...' }, 'class C'],
    [
      'under another name',
      { 'a.py': 'from b import C as D\n«D()»', 'b.py': 'class C: ...' },
      'C()',
    ],
    [
      'through a package',
      { 'a.py': 'import p\n«p.C»', 'p/__init__.py': 'from .b import C', 'p/b.py': 'class C: ...' },
      'class C',
    ],
    ['a module', { 'a.py': 'import p.b\n«p.b»', 'p/__init__.py': '', 'p/b.py': '' }, 'module p.b'],
    ['a module of a folder', { 'a.py': 'import p.b\n«p.b»', 'p/b.py': '' }, 'module p.b'],
    [
      'a relative module',
      { 'p/a.py': 'from . import b\n«b»', 'p/__init__.py': '', 'p/b.py': '' },
      'module p.b',
    ],
    [
      'a variable of a module',
      { 'a.py': 'import b\n«b.c»', 'b.py': 'class C: ...\nc = C()' },
      'C()',
    ],
    [
      'a conditional import of two',
      {
        'a.py': 'try:\n  from b import C\nexcept E:\n  from c import C\n«C»',
        'b.py': 'class C: ...',
        'c.py': 'class C: ...',
      },
      'unknown',
    ],
    [
      'the standard library before a folder of its name',
      { 'a.py': 'import logging\n«logging.x»', 'tests/logging/b.py': '' },
      'foreign logging.x',
    ],
  ])('%s', (_, texts, type) => {
    expect(typeIn(texts)).toBe(type);
  });
});

describe('classes', () => {
  function classes(text: string): { workspace: Workspace; of: (name: string) => ClassInfo } {
    const workspace = new Workspace({ 'm.py': text });
    const file = workspace.file('m.py');
    return {
      workspace,
      of: (name) => {
        const node = file.scopes.module.bindings.get(name)?.[0]?.node.parent;
        if (!node) throw new Error(`no class ${name}`);
        return workspace.definitions.classOf(file, node);
      },
    };
  }

  it.each([
    ['itself', 'class A: ...\nB = 1', 'A', 'A', true],
    ['a base', 'class A: ...\nclass B(A): ...', 'A', 'B', true],
    ['a base of a base', 'class A: ...\nclass C(A): ...\nclass B(C): ...', 'B', 'A', true],
    ['strangers', 'class A: ...\nclass B: ...', 'A', 'B', false],
    ['siblings', 'class C: ...\nclass A(C): ...\nclass B(C): ...', 'A', 'B', false],
    ['with an heir in common', 'class A: ...\nclass B: ...\nclass C(A, B): ...', 'A', 'B', true],
    [
      'with an heir of an heir',
      'class A: ...\nclass B: ...\nclass D(A): ...\nclass C(D, B): ...',
      'A',
      'B',
      true,
    ],
    ['in a circle', 'class A(B): ...\nclass B(A): ...', 'A', 'B', true],
  ])('related: %s', (_, text, a, b, related) => {
    const { workspace, of } = classes(text);
    expect(workspace.definitions.related(of(a), of(b))).toBe(related);
  });

  it.each([
    ['all known', 'class A: ...\nclass C(A, Protocol, ABC, object): ...', true],
    ['a foreign base', 'class C(lib.Base): ...', false],
    ['a foreign base of a base', 'class A(lib.Base): ...\nclass C(A): ...', false],
    ['no base', 'class C: ...', true],
  ])('fully known: %s', (_, text, known) => {
    const { workspace, of } = classes(text);
    expect(workspace.definitions.fullyKnown(of('C'))).toBe(known);
  });

  it('finds overrides in other files', () => {
    const workspace = new Workspace({
      'b.py': 'import asyncio\nclass B:\n  def run(self): ...',
      'c.py': 'from b import B\nclass C(B):\n  def run(self): ...',
      'd.py': 'class D:\n  def run(self): ...',
    });
    const file = workspace.file('b.py');
    const [base] = file.scopes.module.bindings.get('B') ?? [];
    const info = base?.node.parent && workspace.definitions.classOf(file, base.node.parent);
    const method = info && workspace.definitions.method(info, 'run');
    const found = method ? workspace.definitions.overrides(method) : [];
    expect(found.map(({ owner }) => owner?.name)).toEqual(['C']);
  });
});

describe('modules', () => {
  const project = new Workspace({
    'src/p/__init__.py': '',
    'src/p/a.py': '',
    'src/p/q/b.py': '',
    'tools/x.py': '',
    'tests/x.py': '',
    'queue.py': '',
    'lib/json.py': '',
  }).project;

  it.each([
    ['src.p.a', 'src/p/a.py'],
    ['p.a', 'src/p/a.py'],
    ['p', 'src/p/__init__.py'],
    ['a', undefined],
    ['p.q.b', 'src/p/q/b.py'],
    ['x', undefined],
    ['tools.x', 'tools/x.py'],
    ['queue', 'queue.py'],
    ['json', undefined],
  ])('%s', (dotted, path) => {
    expect(project.module(dotted)?.path).toBe(path && `/project/${path}`);
  });

  it.each([
    ['x', 'p/q/m.py', 'x'],
    ['.x', 'p/q/m.py', 'p.q.x'],
    ['..x', 'p/q/m.py', 'p.x'],
    ['.', 'p/q/m.py', 'p.q'],
    ['.x', 'p/q/__init__.py', 'p.q.x'],
    ['..x', 'p/q/__init__.py', 'p.x'],
    ['.x', 'm.py', 'x'],
  ])('%s in %s', (target, path, absolute) => {
    const workspace = new Workspace({ [path]: '' });
    expect(workspace.project.absolute(workspace.file(path), target)).toBe(absolute);
  });
});

describe('handed to a thread', () => {
  /** The 1-based line of the place, for the code at the mark «. */
  function lineFor(marked: Texts): number | undefined {
    const [path = '', text = ''] =
      Object.entries(marked).find(([, found]) => found.includes('«')) ?? [];
    const workspace = new Workspace({ ...marked, [path]: text.replace('«', '') });
    const file = workspace.file(path);
    const node = file.root.namedDescendantForIndex(text.indexOf('«'));
    return node
      ? handedTo(file, node, new Set(['Thread']), workspace.definitions)?.line
      : undefined;
  }

  it.each<[title: string, texts: Texts, line: number | undefined]>([
    ['the function', { 'a.py': 'def f():\n  «x\nThread(target=f)' }, 3],
    ['a caller', { 'a.py': 'def f():\n  «x\ndef g():\n  f()\nThread(target=g)' }, 5],
    [
      'a method',
      { 'a.py': 'class C:\n  def f(self):\n    «x\n  def g(self):\n    Thread(target=self.f)' },
      5,
    ],
    [
      'in another file',
      { 'a.py': 'def f():\n  «x', 'b.py': 'from a import f\nThread(target=f)' },
      2,
    ],
    [
      'under another name',
      { 'a.py': 'def f():\n  «x', 'b.py': 'from a import f as g\nThread(target=g)' },
      2,
    ],
    ['a lambda', { 'a.py': 'Thread(target=lambda: «x)' }, 1],
    ['nobody', { 'a.py': 'def f():\n  «x\nf()' }, undefined],
    [
      'another function of the name',
      { 'a.py': 'def f():\n  «x', 'b.py': 'def f(): ...\nThread(target=f)' },
      undefined,
    ],
    [
      'a coroutine runs in its loop',
      { 'a.py': 'async def f():\n  «x\nThread(target=f)' },
      undefined,
    ],
    [
      'functions that call each other',
      { 'a.py': 'def f():\n  «x\n  g()\ndef g():\n  f()' },
      undefined,
    ],
  ])('%s', (_, texts, line) => {
    expect(lineFor(texts)).toBe(line);
  });
});
