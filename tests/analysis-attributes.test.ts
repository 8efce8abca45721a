/** Objects held in attributes: of classes, through them, and by names in strings. */

import { describe, expect, it } from 'vitest';
import { expectFamily, familiesOf } from './analysis-families.ts';

type Row = [title: string, program: string];

/** `Holder` makes an event in its constructor; `body` goes on with the class, `rest` follows it. */
function holder(body: string, rest = ''): string {
  const lines = body === '' ? '' : `${body.replaceAll(/^/gm, '  ')}\n`;
  return `class Holder:\n  def __init__(self):\n    self._e = asyncio.Event()\n${lines}${rest}`;
}

describe('through self', () => {
  it.each<Row>([
    ['a method', holder('def f(self):\n  self._e.clear()  #: clear')],
    ['a local of a method', holder('def f(self):\n  e = self._e\n  e.clear()  #: clear')],
    [
      'a nested function',
      holder('def f(self):\n  def g():\n    self._e.clear()  #: clear\n  return g'),
    ],
    ['a lambda', holder('def f(self):\n  return lambda: self._e.clear()  #: clear')],
    ['under another name', holder('def f(this):\n  this._e.clear()  #: clear')],
    ['a class method', holder('@classmethod\ndef f(cls):\n  cls._e.clear()  #: clear')],
    ['type(self)', holder('def f(self):\n  type(self)._e.clear()  #: clear')],
    ['__class__', holder('def f(self):\n  self.__class__._e.clear()  #: clear')],
    ['the class by its name', holder('def f(self):\n  Holder._e.clear()  #: clear')],
    [
      'a static method tells nothing of its first parameter',
      holder('@staticmethod\ndef f(x):\n  x._e.clear()  #: maybe clear'),
    ],
    ['a bound method handed on', holder('def f(self):\n  g(self._e.clear)  #: .clear')],
    [
      'a new value',
      holder('def f(self):\n  self._e = asyncio.Event()\n  self._e.clear()  #: clear'),
    ],
    ['None in between', holder('def f(self):\n  self._e = None')],
    [
      'handed out by a method',
      holder('def f(self):\n  return self._e', 'Holder().f().clear()  #: clear'),
    ],
    [
      'handed out by a property',
      holder('@property\ndef e(self):\n  return self._e', 'Holder().e.clear()  #: clear'),
    ],
    [
      'handed out by a cached property',
      holder(
        '@cached_property\ndef e(self):\n  return self._e',
        'h = Holder()\nh.e.clear()  #: clear',
      ),
    ],
    [
      'handed out by __aenter__',
      holder('async def __aenter__(self):\n  return self._e  #: escape'),
    ],
    ['handed out by __getitem__', holder('def __getitem__(self, k):\n  return self._e  #: escape')],
    [
      'handed to a method',
      holder('def f(self):\n  self.g(self._e)\ndef g(self, e):\n  e.clear()  #: clear'),
    ],
    [
      'handed to a method of the class',
      holder('def f(self):\n  Holder.g(self, self._e)\ndef g(self, e):\n  e.clear()  #: clear'),
    ],
    [
      'handed to a class method',
      holder(
        'def f(self):\n  Holder.g(self._e)\n@classmethod\ndef g(cls, e):\n  e.clear()  #: clear',
      ),
    ],
    [
      'handed to a static method',
      holder('def f(self):\n  self.g(self._e)\n@staticmethod\ndef g(e):\n  e.clear()  #: clear'),
    ],
    [
      'unpacked into',
      'class C:\n  def f(self):\n    self.a, self.b = 1, asyncio.Event()\n  def g(self):\n    self.a.clear()\n    self.b.clear()  #: clear',
    ],
    [
      'in a loop',
      'class C:\n  def f(self):\n    for self.e in [asyncio.Event()]: pass\n    self.e.clear()  #: clear',
    ],
    [
      'two at once',
      'class C:\n  def f(self):\n    self.a = self.b = asyncio.Event()\n  def g(self):\n    self.a.set()  #: set\n    self.b.clear()  #: clear',
    ],
  ])('%s', (_, program) => expectFamily(program));
});

describe('through other objects', () => {
  it.each<Row>([
    ['a constructor call', holder('', 'Holder()._e.clear()  #: clear')],
    ['a variable', holder('', 'h = Holder()\nh._e.clear()  #: clear')],
    ['an annotated parameter', holder('', 'def f(h: Holder):\n  h._e.clear()  #: clear')],
    ['a quoted annotation', holder('', 'def f(h: "Holder | None"):\n  h._e.clear()  #: clear')],
    ['Optional', holder('', 'def f(h: Optional[Holder]):\n  h._e.clear()  #: clear')],
    [
      'an attribute of a class',
      holder(
        '',
        'class Owner:\n  def __init__(self):\n    self.h = Holder()\n  def f(self):\n    self.h._e.clear()  #: clear',
      ),
    ],
    [
      'an annotated attribute',
      holder('', 'class Owner:\n  h: Holder\n  def f(self):\n    self.h._e.clear()  #: clear'),
    ],
    [
      'an element of an annotated dict',
      holder(
        '',
        'class Owner:\n  def __init__(self):\n    self.hs: dict[str, Holder] = {}\n  def f(self, k):\n    self.hs[k]._e.clear()  #: clear\n    self.hs.get(k)._e.set()  #: set',
      ),
    ],
    [
      'what an annotated function gives',
      holder('', 'def f() -> Holder:\n  return x\nf()._e.clear()  #: clear'),
    ],
    [
      'what an annotated coroutine gives',
      holder(
        '',
        'async def f() -> Holder: ...\nasync def g():\n  (await f())._e.clear()  #: clear',
      ),
    ],
    ['Self', holder('def f(self) -> Self:\n  return self', 'Holder().f()._e.clear()  #: clear')],
    ['an object of unknown class', holder('', 'def f(x):\n  x._e.clear()  #: maybe clear')],
    [
      'an object of either class',
      holder('', 'h = Holder() if x else other()\nh._e.clear()  #: maybe clear'),
    ],
    [
      'an object of foreign code',
      holder('', 'import lib\nlib.current.holder._e.clear()  #: maybe clear'),
    ],
    [
      'a Protocol',
      holder(
        '',
        'class HasE(Protocol):\n  _e: Any\ndef f(x: HasE):\n  x._e.clear()  #: maybe clear',
      ),
    ],
    [
      'a class that has no such attribute',
      holder('', 'class Proxy:\n  pass\ndef f(x: Proxy):\n  x._e.clear()  #: maybe clear'),
    ],
    [
      'a class that only declares it',
      holder('', 'class Mixin:\n  _e = None\n  def f(self):\n    self._e.clear()  #: maybe clear'),
    ],
    [
      'a class of unknown bases',
      holder(
        '',
        'class Sub(make_base()):\n  def __init__(self):\n    self._e = 1\n  def f(self):\n    self._e.clear()  #: maybe clear',
      ),
    ],
    [
      'a class that makes its own',
      holder(
        '',
        'class Other:\n  def __init__(self):\n    self._e = {}\n  def f(self):\n    self._e.clear()',
      ),
    ],
    [
      'an attribute of a module of the standard library',
      holder('', 'import os\nos._e.clear()\nclass C:\n  x = threading.Event()'),
    ],
    ['a mock', 'h = MagicMock()\nh._e = asyncio.Event()\nh._e.clear()  #: maybe clear'],
    [
      'stored from outside',
      'class C:\n  def f(self):\n    self.e.clear()  #: clear\nc = C()\nc.e = asyncio.Event()',
    ],
    [
      'stored on an object of unknown class',
      'class C:\n  def f(self):\n    self.e.clear()  #: maybe clear\ndef g(c):\n  c.e = asyncio.Event()',
    ],
    [
      'stored on a foreign object',
      'import lib\napp = lib.App()\napp.e = asyncio.Event()  #: escape\napp.e.clear()  #: maybe clear',
    ],
    ['stored on a function', 'def f(): pass\nf.e = asyncio.Event()\nf.e.clear()  #: maybe clear'],
    ['stored on a class', 'class C: pass\nC.e = asyncio.Event()\nC().e.clear()  #: clear'],
    [
      'in a with',
      'class C:\n  def f(self):\n    with open(x) as y, make() as self.e: pass\n  def __init__(self):\n    self.e = asyncio.Event()\n    self.e.clear()  #: clear',
    ],
  ])('%s', (_, program) => expectFamily(program));
});

describe('classes', () => {
  it.each<Row>([
    [
      'a class attribute',
      'class C:\n  e = asyncio.Event()\n  def f(self):\n    self.e.clear()  #: clear\nC.e.set()  #: set',
    ],
    [
      'a subclass reads',
      holder('', 'class Sub(Holder):\n  def f(self):\n    self._e.clear()  #: clear'),
    ],
    [
      'a subclass of a subclass reads',
      holder(
        '',
        'class A(Holder): pass\nclass B(A):\n  def f(self):\n    self._e.clear()  #: clear',
      ),
    ],
    [
      'the base reads what a subclass stores',
      'class Base:\n  def f(self):\n    self.e.clear()  #: clear\nclass Sub(Base):\n  def __init__(self):\n    self.e = asyncio.Event()',
    ],
    ['super()', holder('', 'class Sub(Holder):\n  def f(self):\n    super()._e.clear()  #: clear')],
    [
      'super() hands it on',
      'class Base:\n  def __init__(self, e):\n    self.e = e\n    self.e.clear()  #: clear\nclass Sub(Base):\n  def __init__(self):\n    super().__init__(asyncio.Event())',
    ],
    [
      'the base by its name hands it on',
      'class Base:\n  def __init__(self, e):\n    self.e = e\n    self.e.clear()  #: clear\nclass Sub(Base):\n  def __init__(self):\n    Base.__init__(self, asyncio.Event())',
    ],
    [
      'a generic base',
      holder('', 'class Sub(Holder[int]):\n  def f(self):\n    self._e.clear()  #: clear'),
    ],
    [
      'a mixin that declares',
      'class Mixin:\n  e: asyncio.Event\n  def f(self):\n    self.e.clear()  #: clear\nclass Base:\n  def __init__(self):\n    self.e = asyncio.Event()\nclass C(Mixin, Base): pass',
    ],
    [
      'a mixin that says nothing',
      'class Mixin:\n  def f(self):\n    self.e.clear()  #: maybe clear\nclass Base:\n  def __init__(self):\n    self.e = asyncio.Event()\nclass C(Mixin, Base):\n  pass'.replace(
        'maybe clear',
        'clear',
      ),
    ],
    [
      'a mixin that stores for several bases',
      'class M:\n  def __init__(self):\n    self.e = asyncio.Event()\nclass A: pass\nclass B: pass\nclass C(A, M):\n  def f(self):\n    self.e.clear()  #: clear\nclass D(B, M):\n  def f(self):\n    self.e.set()  #: set',
    ],
    [
      'an overridden method is called too',
      'class Base:\n  def f(self, e): pass\nclass Sub(Base):\n  def f(self, e):\n    e.clear()  #: maybe clear\ndef g(b: Base):\n  b.f(asyncio.Event())',
    ],
    [
      'an overridden method gives it',
      'class Base:\n  def f(self): ...\nclass Sub(Base):\n  def f(self):\n    return asyncio.Event()\ndef g(b: Base):\n  b.f().clear()  #: maybe clear',
    ],
    [
      'a method on an object of unknown class gives it',
      'class C:\n  def f(self):\n    return asyncio.Event()\ndef g(x):\n  x.f().clear()  #: maybe clear',
    ],
    [
      'a method of a Protocol',
      'class P(Protocol):\n  def f(self): ...\nclass C:\n  def f(self):\n    return asyncio.Event()\ndef g(p: P):\n  p.f().clear()  #: maybe clear',
    ],
    [
      'a property of a subclass',
      'class Base:\n  @property\n  def e(self): ...\nclass Sub(Base):\n  @property\n  def e(self):\n    return asyncio.Event()\ndef g(b: Base):\n  b.e.clear()  #: clear',
    ],
    [
      'a property with a setter',
      'class C:\n  @property\n  def e(self):\n    return self._e\n  @e.setter\n  def e(self, value):\n    self._e = value\n  def f(self):\n    self._e.clear()  #: clear\nc = C()\nc.e = asyncio.Event()',
    ],
    [
      'name mangling',
      'class C:\n  def __init__(self):\n    self.__e = asyncio.Event()\n  def f(self):\n    self.__e.clear()  #: clear\ndef g(c: C):\n  c._C__e.set()  #: set',
    ],
    [
      'name mangling, stored outside',
      'class C:\n  def f(self):\n    self.__e.clear()  #: clear\ndef g(c: C):\n  c._C__e = asyncio.Event()',
    ],
    [
      'a class among its own bases',
      'class C(C):\n  def __init__(self):\n    self.e = asyncio.Event()\n    self.e.clear()  #: clear',
    ],
    ['__new__', 'class C:\n  def __new__(cls, e):\n    e.clear()  #: clear\nC(asyncio.Event())'],
    [
      'a factory of the class',
      'class C:\n  def __init__(self, e):\n    self.e = e\n    self.e.clear()  #: clear\n  @classmethod\n  def make(cls):\n    return cls(asyncio.Event())',
    ],
  ])('%s', (_, program) => expectFamily(program));

  it('siblings of one base hold their own', () => {
    const program =
      'class Base: pass\nclass A(Base):\n  def __init__(self):\n    self.e = asyncio.Event()\n  def f(self):\n    self.e.clear()\n' +
      'class B(Base):\n  def __init__(self):\n    self.e = asyncio.Event()';
    expect(familiesOf(program)).toEqual([
      { uses: ['m.py:5'], operations: ['m.py:7 clear'] },
      { uses: ['m.py:10'], operations: [] },
    ]);
  });

  it('siblings share what their base declares', () => {
    const program =
      'class Base:\n  e: asyncio.Event\nclass A(Base):\n  def __init__(self):\n    self.e = asyncio.Event()\n' +
      'class B(Base):\n  def __init__(self):\n    self.e = asyncio.Event()';
    expect(familiesOf(program)).toHaveLength(1);
  });

  it('what is set on objects of unknown class belongs to the class that declares it', () => {
    const program =
      'class C:\n  e: asyncio.Event\nclass D:\n  def __init__(self):\n    self.e = asyncio.Event()\n' +
      'def f(x):\n  x.e = asyncio.Event()';
    expect(familiesOf(program).map(({ uses }) => uses)).toEqual([['m.py:3', 'm.py:8'], ['m.py:6']]);
  });

  it('what is set on objects of unknown class belongs to the class that tests for it', () => {
    const program =
      'class C:\n  def __init__(self):\n    self.e = asyncio.Event()\n  def ok(self):\n    return isinstance(self.e, asyncio.Event)\n' +
      'def f(x):\n  x.e = asyncio.Event()';
    expect(familiesOf(program)).toHaveLength(1);
  });

  it('two classes with an attribute of the same name are two families', () => {
    const program = `${holder('def f(self):\n  self._e.clear()')}class Other:\n  def __init__(self):\n    self._e = asyncio.Event()`;
    expect(familiesOf(program).map(({ operations }) => operations)).toEqual([['m.py:6 clear'], []]);
  });

  const makes = (name: string) =>
    `class ${name}:\n  def __init__(self):\n    self.e = asyncio.Event()\n`;

  it.each([
    ['in their file', `class X(A, B):\n  def f(self):\n    self.e.clear()`, ''],
    ['from outside', `class X(A, B): pass\ndef f(x: X):\n  x.e.clear()`, ''],
    [
      'in another file',
      '',
      '# file: x.py\nfrom m import A, B\nclass X(A, B):\n  def f(self):\n    self.e.clear()\n',
    ],
    [
      'through a class between, in a file that does not name the one',
      '',
      '# file: mid.py\nfrom m import A\nclass M(A): pass\n# file: x.py\nfrom m import B\nfrom mid import M\nclass X(M, B):\n  def f(self):\n    self.e.clear()\n',
    ],
    [
      'under other names',
      '',
      '# file: x.py\nfrom m import A as P, B as Q\nclass X(P, Q):\n  def f(self):\n    self.e.clear()\n',
    ],
  ])('classes that both make it are one where a third derives from both, %s', (_, here, there) => {
    const families = familiesOf(`# file: m.py\n${makes('A')}${makes('B')}${here}\n${there}`);
    expect(families.map(({ uses }) => uses)).toEqual([['m.py:4', 'm.py:7']]);
    expect(families[0]?.operations.map((found) => found.replace(/.* /, ''))).toEqual(['clear']);
  });
});
