/**
 * Idioms that carry an object from one variable to another, for the tests that chain them: `IN` and
 * `OUT` stand for the variables, `N` for a number of its own. `top` goes to the module's level, `body`
 * into `async def main()`.
 */

export interface Carrier {
  name: string;
  top?: string;
  body: string;
}

export const CARRIERS: readonly Carrier[] = [
  { name: 'alias', body: 'OUT = IN' },
  { name: 'double', body: 'OUT = xN = IN' },
  { name: 'walrus', body: 'if (OUT := IN): pass' },
  { name: 'conditional', body: 'OUT = IN if IN else None' },
  { name: 'or', body: 'OUT = None or IN' },
  { name: 'and', body: 'OUT = True and IN' },
  { name: 'pair', body: 'xN, OUT = 1, IN' },
  { name: 'nested pair', body: '[xN, (OUT, *yN)] = 1, (IN, 2, 3)' },
  { name: 'starred', body: 'xN, *OUT = 1, IN\nOUT = OUT[0]' },
  { name: 'behind a star', body: '*xN, OUT = 1, 2, IN' },
  { name: 'list', body: 'xN = [1, IN]\nOUT = xN[-1]' },
  { name: 'slice', body: 'OUT = [1, IN][1:][0]' },
  { name: 'append', body: 'xN = []\nxN.append(IN)\nOUT = xN.pop()' },
  { name: 'extend', body: 'xN = []\nxN.extend([IN])\nOUT = xN[0]' },
  { name: 'in place', body: 'xN = []\nxN += [IN]\n(OUT,) = xN' },
  { name: 'slice assignment', body: 'xN = []\nxN[0:] = [IN]\nOUT = xN[0]' },
  { name: 'loop', body: 'for OUT in [IN]: pass' },
  { name: 'loop over a tuple', body: 'for xN, OUT in ((1, IN),): pass' },
  { name: 'comprehension', body: 'OUT = [y for y in (IN,)][0]' },
  { name: 'generator', body: 'OUT = next(y for y in [IN])' },
  { name: 'set', body: 'OUT = {IN}.pop()' },
  { name: 'dict', body: 'xN = {"a": 1, "b": IN}\nOUT = xN["b"]' },
  { name: 'dict by assignment', body: 'xN = {}\nxN[1] = IN\nOUT = xN.get(1)' },
  {
    name: 'dict by a key of its own',
    body: 'xN = {}\nxN[xN.__class__] = IN\nOUT = list(xN.values())[0]',
  },
  { name: 'setdefault', body: 'xN = {}\nOUT = xN.setdefault("k", IN)' },
  {
    name: 'setdefault of a list',
    body: 'xN = {}\nxN.setdefault("k", []).append(IN)\nOUT = xN["k"][0]',
  },
  { name: 'items', body: 'for xN, OUT in {"k": IN}.items(): pass' },
  { name: 'sorted items', body: 'OUT = sorted({"k": IN}.items())[0][1]' },
  { name: 'popitem', body: 'xN, OUT = {"k": IN}.popitem()' },
  { name: 'update', body: 'xN = {}\nxN.update(k=IN)\nOUT = xN.pop("k")' },
  { name: 'union', body: 'OUT = ({"k": IN} | {})["k"]' },
  { name: 'spread', body: 'OUT = {**{"k": IN}}["k"]' },
  { name: 'spread of a list', body: 'OUT = [*[IN]][0]' },
  { name: 'fromkeys', body: 'OUT = dict.fromkeys("k", IN)["k"]' },
  { name: 'dict of pairs', body: 'OUT = dict([("k", IN)])["k"]' },
  { name: 'dict of zip', body: 'OUT = dict(zip("k", [IN]))["k"]' },
  { name: 'dict comprehension', body: 'OUT = {k: y for k, y in [("k", IN)]}["k"]' },
  { name: 'enumerate', body: 'for xN, OUT in enumerate([IN]): pass' },
  { name: 'zip', body: 'for xN, OUT in zip([1], [IN]): pass' },
  { name: 'map', body: 'OUT = list(map(lambda y: y, [IN]))[0]' },
  { name: 'filter', body: 'OUT = next(filter(None, [IN]))' },
  { name: 'deque', body: 'xN = deque([IN])\nOUT = xN.popleft()' },
  { name: 'copies', body: 'OUT = list(tuple([IN].copy()))[0]' },
  { name: 'chain', body: 'OUT = next(chain([IN], []))' },
  { name: 'reversed', body: 'OUT = next(iter(reversed([IN])))' },
  { name: 'max', body: 'OUT = max([IN], key=id)' },
  { name: 'function', top: 'def fN(y):\n  return y', body: 'OUT = fN(IN)' },
  { name: 'function by keyword', top: 'def fN(*, y=None):\n  return y', body: 'OUT = fN(y=IN)' },
  { name: 'function by *args', top: 'def fN(*ys):\n  return ys[1]', body: 'OUT = fN(1, IN)' },
  { name: 'function by **kwargs', top: 'def fN(**ys):\n  return ys["y"]', body: 'OUT = fN(y=IN)' },
  { name: 'splat', top: 'def fN(a, y):\n  return y', body: 'xN = [1, IN]\nOUT = fN(*xN)' },
  { name: 'splat of a dict', top: 'def fN(y):\n  return y', body: 'OUT = fN(**{"y": IN})' },
  { name: 'coroutine', top: 'async def fN(y):\n  return y', body: 'OUT = await fN(IN)' },
  { name: 'generator function', top: 'def fN(y):\n  yield y', body: 'for OUT in fN(IN): pass' },
  {
    name: 'async generator',
    top: 'async def fN(y):\n  yield y',
    body: 'async for OUT in fN(IN): pass',
  },
  { name: 'yield from', top: 'def fN(y):\n  yield from [y]', body: 'OUT = next(fN(IN))' },
  {
    name: 'context manager',
    top: '@contextmanager\ndef fN(y):\n  yield y',
    body: 'with fN(IN) as OUT: pass',
  },
  {
    name: 'async context manager',
    top: '@asynccontextmanager\nasync def fN(y):\n  yield y',
    body: 'async with fN(IN) as OUT: pass',
  },
  { name: 'result of two', top: 'def fN(y):\n  return 1, y', body: 'xN, OUT = fN(IN)' },
  { name: 'lambda', body: 'OUT = (lambda y: y)(IN)' },
  { name: 'lambda in a name', body: 'xN = lambda y: y\nOUT = xN(IN)' },
  { name: 'lambda that closes over it', body: 'xN = lambda: IN\nOUT = xN()' },
  { name: 'closure', body: 'def fN():\n  return IN\nOUT = fN()' },
  { name: 'nonlocal', body: 'OUT = None\ndef fN():\n  nonlocal OUT\n  OUT = IN\nfN()' },
  { name: 'global', top: 'gN = None\ndef fN(y):\n  global gN\n  gN = y', body: 'fN(IN)\nOUT = gN' },
  { name: 'globals()', body: 'globals()["gN"] = IN\nOUT = gN' },
  { name: 'partial', top: 'def fN(a, y):\n  return y', body: 'OUT = partial(fN, 1)(IN)' },
  { name: 'partial of it', top: 'def fN(y):\n  return y', body: 'OUT = partial(fN, IN)()' },
  {
    name: 'decorator',
    top: 'def dN(f):\n  return lambda *a: f(*a)\n@dN\ndef fN(y):\n  return y',
    body: 'OUT = fN(IN)',
  },
  { name: 'match', body: 'match IN:\n  case OUT: pass' },
  { name: 'match of a list', body: 'match [1, IN]:\n  case [_, OUT]: pass' },
  { name: 'match as', body: 'match IN:\n  case object() as OUT: pass' },
  { name: 'attribute', top: 'class CN: pass', body: 'xN = CN()\nxN.y = IN\nOUT = xN.y' },
  { name: 'attribute of the class', top: 'class CN: pass', body: 'CN.y = IN\nOUT = CN().y' },
  { name: 'attribute of a function', top: 'def fN(): pass', body: 'fN.y = IN\nOUT = fN.y' },
  {
    name: 'constructor',
    top: 'class CN:\n  def __init__(self, y):\n    self.y = y',
    body: 'OUT = CN(IN).y',
  },
  {
    name: 'constructor of the base',
    top: 'class BN:\n  def __init__(self, y):\n    self.y = y\nclass CN(BN):\n  def __init__(self, z):\n    super().__init__(z)',
    body: 'OUT = CN(IN).y',
  },
  {
    name: 'property',
    top: 'class CN:\n  @property\n  def z(self):\n    return self.y',
    body: 'xN = CN()\nxN.y = IN\nOUT = xN.z',
  },
  {
    name: 'setter',
    top: 'class CN:\n  @property\n  def z(self): ...\n  @z.setter\n  def z(self, value):\n    self.y = value',
    body: 'xN = CN()\nxN.z = IN\nOUT = xN.y',
  },
  { name: 'method', top: 'class CN:\n  def f(self, y):\n    return y', body: 'OUT = CN().f(IN)' },
  {
    name: 'unbound method',
    top: 'class CN:\n  def f(self, y):\n    return y',
    body: 'OUT = CN.f(CN(), IN)',
  },
  {
    name: 'class method',
    top: 'class CN:\n  @classmethod\n  def f(cls, y):\n    return y',
    body: 'OUT = CN.f(IN)',
  },
  {
    name: 'static method',
    top: 'class CN:\n  @staticmethod\n  def f(y):\n    return y',
    body: 'OUT = CN.f(IN)',
  },
  {
    name: 'bound method in a name',
    top: 'class CN:\n  def f(self, y):\n    return y',
    body: 'xN = CN().f\nOUT = xN(IN)',
  },
  {
    name: 'override',
    top: 'class BN:\n  def f(self, y): ...\nclass CN(BN):\n  def f(self, y):\n    return y',
    body: 'def gN(b: BN):\n  return b.f(IN)\nOUT = gN(CN())',
  },
  {
    name: 'fluent',
    top: 'class CN:\n  def put(self, y):\n    self.y = y\n    return self',
    body: 'OUT = CN().put(IN).y',
  },
  {
    name: 'an attribute of what is not typed',
    top: 'class CN: pass\ndef fN(o):\n  return o.y',
    body: 'xN = CN()\nxN.y = IN\nOUT = fN(xN)',
  },
  {
    name: 'mangled',
    top: 'class CN:\n  def put(self, y):\n    self.__y = y',
    body: 'xN = CN()\nxN.put(IN)\nOUT = xN._CN__y',
  },
  {
    name: 'dataclass',
    top: '@dataclass\nclass CN:\n  a: int\n  y: object',
    body: 'OUT = CN(1, IN).y',
  },
  {
    name: 'named tuple',
    top: 'class CN(NamedTuple):\n  a: int\n  y: object',
    body: 'xN, OUT = CN(1, y=IN)',
  },
  {
    name: 'functional named tuple',
    top: 'CN = namedtuple("CN", "a y")',
    body: 'OUT = CN(1, IN).y',
  },
  { name: 'getattr', top: 'class CN: pass', body: 'xN = CN()\nxN.y = IN\nOUT = getattr(xN, "y")' },
  { name: 'setattr', top: 'class CN: pass', body: 'xN = CN()\nsetattr(xN, "y", IN)\nOUT = xN.y' },
  {
    name: 'computed getattr',
    top: 'class CN: pass',
    body: 'xN = CN()\nxN.y = IN\nfor zN in ("y",): OUT = getattr(xN, zN)',
  },
  {
    name: 'computed setattr',
    top: 'class CN: pass',
    body: 'xN = CN()\nfor zN in ("y",): setattr(xN, zN, IN)\nOUT = xN.y',
  },
  { name: 'vars', top: 'class CN: pass', body: 'xN = CN()\nxN.y = IN\nOUT = vars(xN)["y"]' },
  {
    name: 'all vars',
    top: 'class CN: pass',
    body: 'xN = CN()\nxN.y = IN\nfor OUT in vars(xN).values(): pass',
  },
  {
    name: '__dict__',
    top: 'class CN: pass',
    body: 'xN = CN()\nxN.__dict__.update(y=IN)\nOUT = xN.y',
  },
  {
    name: 'attrgetter',
    top: 'class CN: pass',
    body: 'xN = CN()\nxN.y = IN\nOUT = attrgetter("y")(xN)',
  },
  { name: 'itemgetter', body: 'OUT = itemgetter("k")({"k": IN})' },
  {
    name: '__getitem__',
    top: 'class CN:\n  def __init__(self, y):\n    self.y = y\n  def __getitem__(self, k):\n    return self.y',
    body: 'OUT = CN(IN)[0]',
  },
  {
    name: '__setitem__',
    top: 'class CN:\n  def __setitem__(self, k, y):\n    self.y = y',
    body: 'xN = CN()\nxN[0] = IN\nOUT = xN.y',
  },
  {
    name: '__call__',
    top: 'class CN:\n  def __call__(self, y):\n    return y',
    body: 'OUT = CN()(IN)',
  },
  {
    name: '__iter__',
    top: 'class CN:\n  def __init__(self, y):\n    self.y = y\n  def __iter__(self):\n    return iter([self.y])',
    body: 'for OUT in CN(IN): pass',
  },
  {
    name: '__enter__',
    top: 'class CN:\n  def __init__(self, y):\n    self.y = y\n  def __enter__(self):\n    return self.y\n  def __exit__(self, *a): ...',
    body: 'with CN(IN) as OUT: pass',
  },
  {
    name: '__getattr__',
    top: 'class BN: pass\nclass CN:\n  def __init__(self, b):\n    self.b = b\n  def __getattr__(self, name):\n    return getattr(self.b, name)',
    body: 'xN = BN()\nxN.y = IN\nOUT = CN(xN).y',
  },
  {
    name: 'a subclass of dict',
    top: 'class CN(dict):\n  def first(self):\n    return next(iter(self.values()))',
    body: 'xN = CN()\nxN["k"] = IN\nOUT = xN.first()',
  },
  {
    name: 'a subclass of list',
    top: 'class CN(list):\n  def first(self):\n    return self[0]',
    body: 'xN = CN()\nxN.append(IN)\nOUT = xN.first()',
  },
  { name: 'a queue', body: 'xN = asyncio.Queue()\nxN.put_nowait(IN)\nOUT = xN.get_nowait()' },
  {
    name: 'an awaited queue',
    body: 'xN = asyncio.Queue()\nawait xN.put(IN)\nOUT = await xN.get()',
  },
  {
    name: 'a future',
    body: 'xN = asyncio.get_running_loop().create_future()\nxN.set_result(IN)\nOUT = await xN',
  },
  {
    name: 'a task',
    top: 'async def fN(y):\n  return y',
    body: 'OUT = await asyncio.create_task(fN(IN))',
  },
  {
    name: 'gather',
    top: 'async def fN(y):\n  return y',
    body: '(OUT,) = await asyncio.gather(fN(IN))',
  },
  { name: 'a context variable', body: 'xN = ContextVar("x")\nxN.set(IN)\nOUT = xN.get()' },
  { name: 'a weak reference', body: 'OUT = weakref.ref(IN)()' },
  {
    name: 'an exception',
    body: 'try:\n  raise ValueError(IN)\nexcept ValueError as error:\n  OUT = error.args[0]',
  },
  {
    name: 'send',
    top: 'def fN():\n  y = yield\n  yield y',
    body: 'xN = fN()\nnext(xN)\nOUT = xN.send(IN)',
  },
  {
    name: 'exit stack',
    top: '@contextmanager\ndef fN(y):\n  yield y',
    body: 'with ExitStack() as sN: OUT = sN.enter_context(fN(IN))',
  },
  {
    name: 'a registry',
    top: 'class CN:\n  def __init__(self):\n    self.all = {}\n  def add(self, y):\n    self.all[len(self.all)] = y\n  def get(self, k):\n    return self.all[k]',
    body: 'xN = CN()\nxN.add(IN)\nOUT = xN.get(0)',
  },
  {
    name: 'a registry of unknown class',
    top: 'class CN:\n  def __init__(self):\n    self.all = []\n  def append(self, y):\n    self.all.append(y)\ndef fN(r, y):\n  r.append(y)',
    body: 'xN = CN()\nfN(xN, IN)\nOUT = xN.all[0]',
  },
  {
    name: 'a class variable',
    top: 'class CN:\n  all = []\n  @classmethod\n  def add(cls, y):\n    cls.all.append(y)',
    body: 'CN.add(IN)\nOUT = CN.all[-1]',
  },
  { name: 'a default', body: 'def fN(y=IN):\n  return y\nOUT = fN()' },
  { name: 'a cache', top: '@cache\ndef fN(y):\n  return y', body: 'OUT = fN(IN)' },
  { name: 'reduce', body: 'OUT = reduce(lambda a, y: y, [IN], None)' },
  { name: 'a string template', body: 'xN = [f"{IN}", IN]\nOUT = xN[1]' },
  {
    name: 'a global of a module that is computed',
    body: 'setattr(sys.modules[__name__], "gN", IN)\nOUT = gN',
  },
  { name: 'a simple namespace', body: 'OUT = SimpleNamespace(y=IN).y' },
  { name: 'del', body: 'xN = {"k": IN, "l": 1}\ndel xN["l"]\nOUT = xN["k"]' },
  { name: 'try', body: 'try:\n  OUT = IN\nfinally:\n  pass' },
  {
    name: 'a dispatch table',
    top: 'def fN(y):\n  return y\nTN = {"f": fN}',
    body: 'OUT = TN["f"](IN)',
  },
  { name: 'a callback', top: 'def gN(f, y):\n  return f(y)', body: 'OUT = gN(lambda y: y, IN)' },
  {
    name: 'a function as a parameter',
    top: 'def fN(y):\n  return y\ndef gN(f, y):\n  return f(y)',
    body: 'OUT = gN(fN, IN)',
  },
  { name: 'sum of lists', body: 'OUT = sum([[IN]], [])[0]' },
  {
    name: 'nested functions',
    body: 'def fN(y):\n  def gN():\n    return y\n  return gN()\nOUT = fN(IN)',
  },
  {
    name: 'a returned closure',
    body: 'def fN(y):\n  def gN():\n    return y\n  return gN\nOUT = fN(IN)()',
  },
  {
    name: 'a wrapped method',
    top: 'class CN:\n  def f(self):\n    return self.y\n  g = f',
    body: 'xN = CN()\nxN.y = IN\nOUT = xN.g()',
  },
];

const IMPORTS = `\
import asyncio, sys, weakref
from collections import deque, namedtuple
from contextlib import ExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, partial, reduce
from itertools import chain
from operator import attrgetter, itemgetter
from types import SimpleNamespace
from typing import NamedTuple
`;

/**
 * A program that makes an event, hands it through the idioms one after the other, and clears it in
 * its last line but one, if it is the very same.
 */
export function programOf(chain: readonly Carrier[]): { text: string; lastLine: number } {
  const filled = chain.map(({ top = '', body }, at) => {
    const fill = (text: string) =>
      text
        .replaceAll('IN', `v${at}`)
        .replaceAll('OUT', `v${at + 1}`)
        .replaceAll(/([A-Za-z])N\b/g, `$1${at}`)
        .replaceAll(/_CN__/g, `_C${at}__`);
    return { top: fill(top), body: fill(body) };
  });
  const tops = filled.map(({ top }) => top).filter((top) => top !== '');
  const last = `v${chain.length}`;
  const body = [
    'v0 = asyncio.Event()',
    ...filled.map((step) => step.body),
    `assert ${last} is v0`,
    `${last}.clear()`,
  ];
  const main = `async def main():\n${body.join('\n').replaceAll(/^/gm, '  ')}\n`;
  const text = `${IMPORTS}${tops.map((top) => `${top}\n`).join('')}${main}`;
  return { text, lastLine: text.split('\n').length - 1 };
}
