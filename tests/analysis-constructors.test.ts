/** Objects that classes are made with, and containers of objects in attributes. */

import { describe, it } from 'vitest';
import { expectFamily } from './analysis-families.ts';

type Row = [title: string, program: string];

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
