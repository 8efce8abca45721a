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

  it('two classes with an attribute of the same name are two families', () => {
    const program = `${holder('def f(self):\n  self._e.clear()')}class Other:\n  def __init__(self):\n    self._e = asyncio.Event()`;
    expect(familiesOf(program).map(({ operations }) => operations)).toEqual([['m.py:6 clear'], []]);
  });
});

describe('constructors', () => {
  const keep = 'self.e = e\n    self.e.clear()  #: clear\n';

  it.each<Row>([
    ['an argument', `class C:\n  def __init__(self, e):\n    ${keep}C(asyncio.Event())`],
    ['a keyword', `class C:\n  def __init__(self, *, e=None):\n    ${keep}C(e=asyncio.Event())`],
    [
      'an inherited constructor',
      `class B:\n  def __init__(self, e):\n    ${keep}class C(B): pass\nC(asyncio.Event())`,
    ],
    [
      'a default',
      `class C:\n  def __init__(self, e: asyncio.Event = None):\n    self.e = e or asyncio.Event()\n    self.e.clear()  #: clear`,
    ],
    [
      'a dataclass by keyword',
      '@dataclass\nclass C:\n  a: int\n  e: asyncio.Event\n  def f(self):\n    self.e.clear()  #: clear\nC(1, e=asyncio.Event())',
    ],
    [
      'a dataclass by position',
      '@dataclass\nclass C:\n  a: int\n  e: Any\n  def f(self):\n    self.a.clear()\n    self.e.clear()  #: clear\nC(1, asyncio.Event())',
    ],
    [
      'an inherited field',
      '@dataclass\nclass B:\n  e: Any\n@dataclass\nclass C(B):\n  x: ClassVar[int] = 1\n  a: int\nC(asyncio.Event(), 2).e.clear()  #: clear',
    ],
    [
      'a default factory',
      '@dataclass\nclass C:\n  e: asyncio.Event = field(default_factory=asyncio.Event)\n  def f(self):\n    self.e.clear()  #: clear',
    ],
    [
      'a lambda for a factory',
      '@dataclass\nclass C:\n  e: Any = field(default_factory=lambda: asyncio.Event())\n  def f(self):\n    self.e.clear()  #: clear',
    ],
    [
      'a factory of dicts',
      '@dataclass\nclass C:\n  es: dict = field(default_factory=lambda: defaultdict(asyncio.Event))\n  def f(self):\n    self.es[k].clear()  #: clear',
    ],
    [
      'attrs',
      '@attr.s\nclass C:\n  e = attr.ib(factory=asyncio.Event)\n  def f(self):\n    self.e.clear()  #: clear',
    ],
    ['a model', 'class C(BaseModel):\n  e: Any\nc = C(e=asyncio.Event())\nc.e.clear()  #: clear'],
    [
      'a field of pydantic',
      'class C(BaseModel):\n  e: Any = Field(default_factory=asyncio.Event)\nC().e.clear()  #: clear',
    ],
    [
      '__post_init__',
      '@dataclass\nclass C:\n  e: InitVar[Any]\n  def __post_init__(self, e):\n    e.clear()  #: clear\nC(asyncio.Event())',
    ],
    [
      'a named tuple',
      'class C(NamedTuple):\n  a: int\n  e: Any\nc = C(1, asyncio.Event())\nc.e.clear()  #: clear\nc.a.clear()',
    ],
    [
      'a named tuple, unpacked',
      'class C(NamedTuple):\n  a: int\n  e: Any\na, e = C(1, e=asyncio.Event())\na.clear()\ne.clear()  #: clear',
    ],
    [
      'a named tuple by index',
      'class C(NamedTuple):\n  a: int\n  e: Any\nc = C(1, asyncio.Event())\nc[1].clear()  #: clear',
    ],
    [
      'a typed dict',
      'class C(TypedDict):\n  e: Any\nc = C(e=asyncio.Event())\nc["e"].clear()  #: clear',
    ],
    ['a constructor that is not seen', 'class C(lib.Base): pass\nC(asyncio.Event())  #: escape'],
    [
      'a keyword for a constructor that is not seen',
      'class C(lib.Base): pass\nC(e=asyncio.Event())  #: escape\nC().e.clear()  #: clear',
    ],
    ['a foreign class', 'lib.C(asyncio.Event())  #: escape'],
    [
      'a class that is handed over',
      'class C:\n  def __init__(self, e):\n    e.clear()  #: clear\nf = partial(C, asyncio.Event())',
    ],
    [
      'an object that is called',
      'class C:\n  def __call__(self, e): ...\nC()(asyncio.Event())  #: escape',
    ],
  ])('%s', (_, program) => expectFamily(program));
});

describe('containers in attributes', () => {
  it.each<Row>([
    [
      'a dict',
      'class C:\n  def __init__(self):\n    self.es = {}\n  def get(self, k):\n    if k not in self.es:\n      self.es[k] = asyncio.Event()\n    return self.es[k]\n  def f(self):\n    for e in self.es.values(): e.clear()  #: clear\n    self.es.clear()\nC().get(k).set()  #: set',
    ],
    [
      'an annotated dict',
      'class C:\n  def __init__(self):\n    self.es: dict[str, asyncio.Event] = {}\n  def f(self, k):\n    self.es[k].clear()  #: clear\n    self.es.pop(k, None).set()  #: set',
    ],
    [
      'a list of a class',
      'class C:\n  es: ClassVar[list[asyncio.Event]] = []\n  def f(self):\n    [e.clear() for e in self.es]  #: clear',
    ],
    [
      'a dict of lists',
      'class C:\n  es: dict[str, list[asyncio.Event]]\n  def f(self):\n    for k, es in self.es.items():\n      for e in es: e.clear()  #: clear',
    ],
    [
      'a dict of tuples',
      'class C:\n  es: dict[str, tuple[int, asyncio.Event]]\n  def f(self, k):\n    n, e = self.es[k]\n    e.clear()  #: clear\n    n.clear()',
    ],
    ['a dict keyed by events', 'class C:\n  es: dict[asyncio.Event, int]  #: escape'],
    ['a callable of events', 'class C:\n  f: Callable[[asyncio.Event], None]  #: escape'],
    ['the class, not an object', 'class C:\n  k: type[asyncio.Event]  #: escape'],
    [
      'a weak dict',
      'class C:\n  def __init__(self):\n    self.es = WeakValueDictionary()\n  def f(self, k):\n    self.es.setdefault(k, asyncio.Event()).clear()  #: clear',
    ],
  ])('%s', (_, program) => expectFamily(program));
});

describe('by names in strings', () => {
  it.each<Row>([
    ['getattr', holder('def f(self):\n  getattr(self, "_e").clear()  #: clear')],
    [
      'getattr with a default',
      holder('def f(self):\n  e = getattr(self, "_e", None)\n  e.clear()  #: clear'),
    ],
    [
      'getattr of unknown class',
      holder('', 'def f(x):\n  getattr(x, "_e").clear()  #: maybe clear'),
    ],
    ['getattr of another class', holder('', 'class D:\n  _e = {}\ngetattr(D(), "_e").clear()')],
    [
      '__getattribute__',
      holder('def f(self):\n  object.__getattribute__(self, "_e").clear()  #: clear'),
    ],
    ['vars', holder('def f(self):\n  vars(self)["_e"].clear()  #: clear')],
    ['vars of another name', holder('def f(self):\n  vars(self)["_x"].clear()')],
    [
      'all of vars',
      holder('def f(self):\n  for e in vars(self).values():\n    e.clear()  #: maybe clear'),
    ],
    ['__dict__', holder('def f(self):\n  self.__dict__["_e"].clear()  #: clear')],
    ['__dict__ outside', holder('', 'def f(h: Holder):\n  h.__dict__.get("_e").clear()  #: clear')],
    ['a computed name', holder('def f(self, n):\n  getattr(self, n).clear()  #: escape')],
    [
      'a computed name that may be it',
      holder('def f(self, n):\n  getattr(self, f"_{n}").clear()  #: escape'),
    ],
    [
      'a computed name that cannot be it',
      holder('def f(self, n):\n  getattr(self, f"on_{n}").clear()'),
    ],
    [
      'a name in a list',
      holder('', 'for n in ("_e", "_f"):  #: maybe escape\n  getattr(x, n).clear()'),
    ],
    [
      'a name in a list where no name is computed',
      holder('', 'NAMES = ("_e", "_f")\ngetattr(x, "y")'),
    ],
    ['__slots__', holder('__slots__ = ("_e",)', 'getattr(x, y)')],
    ['hasattr', holder('def f(self):\n  return hasattr(self, "_e") and getattr(x, y)')],
    [
      'setattr',
      'class C:\n  def f(self):\n    setattr(self, "e", asyncio.Event())\n    self.e.clear()  #: clear',
    ],
    [
      'object.__setattr__',
      '@dataclass(frozen=True)\nclass C:\n  def f(self):\n    object.__setattr__(self, "e", asyncio.Event())\n    self.e.clear()  #: clear',
    ],
    [
      'super().__setattr__',
      'class C:\n  def f(self):\n    super().__setattr__("e", asyncio.Event())\n    self.e.clear()  #: clear',
    ],
    [
      'setattr with a computed name',
      'class C:\n  def f(self):\n    for n in ("a", "b"): setattr(self, n, asyncio.Event())  #: escape',
    ],
    [
      'vars, stored',
      'class C:\n  def f(self):\n    vars(self)["e"] = asyncio.Event()\n    self.e.clear()  #: clear',
    ],
    [
      '__dict__, stored',
      'class C:\n  def f(self):\n    self.__dict__["e"] = asyncio.Event()\n    self.e.clear()  #: clear',
    ],
    [
      '__dict__, updated',
      'class C:\n  def f(self):\n    self.__dict__.update(e=asyncio.Event())\n    self.e.clear()  #: clear',
    ],
    [
      '__dict__ under a computed name',
      'class C:\n  def f(self, n):\n    self.__dict__[n] = asyncio.Event()  #: escape',
    ],
    [
      'patch.object',
      'class C:\n  def f(self):\n    self.e.clear()  #: clear\nc = C()\npatch.object(c, "e", asyncio.Event())',
    ],
    [
      'monkeypatch',
      'class C:\n  def f(self):\n    self.e.clear()  #: clear\nc = C()\nmonkeypatch.setattr(c, "e", asyncio.Event())',
    ],
    ['globals', 'e = asyncio.Event()\ndef f():\n  globals()["e"].clear()  #: clear'],
    [
      'globals, stored',
      'def f():\n  globals()["e"] = asyncio.Event()\ndef g():\n  e.clear()  #: clear',
    ],
    [
      'a pattern',
      holder('', 'def f(x):\n  match x:\n    case Holder(_e=e):\n      e.clear()  #: clear'),
    ],
    [
      'a pattern of another class',
      holder('', 'class D: pass\ndef f(x):\n  match x:\n    case D(_e=e):\n      e.clear()'),
    ],
    [
      'a pattern within',
      holder(
        '',
        'def f(x):\n  match x:\n    case Holder(_e=None): pass\n    case Holder(_e=[e]): pass  #: escape',
      ),
    ],
  ])('%s', (_, program) => expectFamily(program));
});
