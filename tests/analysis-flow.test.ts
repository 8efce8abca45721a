/** Following one object through the syntax of one file. See analysis-families.ts for the comments. */

import { describe, expect, it } from 'vitest';
import { expectFamily, familiesOf } from './analysis-families.ts';

type Row = [title: string, program: string];

describe('names', () => {
  it.each<Row>([
    ['a local', 'def f():\n  e = asyncio.Event()\n  e.clear()  #: clear'],
    ['a global', 'e = asyncio.Event()\ndef f():\n  e.clear()  #: clear'],
    [
      'a global that a function writes',
      'e = None\ndef f():\n  global e\n  e = asyncio.Event()\ndef g():\n  e.clear()  #: clear',
    ],
    ['a closure', 'def f():\n  e = asyncio.Event()\n  def g():\n    e.clear()  #: clear'],
    [
      'a nonlocal',
      'def f():\n  e = None\n  def g():\n    nonlocal e\n    e = asyncio.Event()\n  e.clear()  #: clear',
    ],
    ['a lambda reads it', 'e = asyncio.Event()\nf = lambda: e.clear()  #: clear'],
    ['an alias', 'e = asyncio.Event()\nf = e\ng = f\ng.clear()  #: clear'],
    ['one assignment to two', 'a = b = asyncio.Event()\na.set()  #: set\nb.clear()  #: clear'],
    [
      'one assignment to three',
      'a = b = c = asyncio.Event()\na.set()  #: set\nc.clear()  #: clear',
    ],
    ['a walrus', 'if (e := asyncio.Event()):\n  e.clear()  #: clear'],
    [
      'a walrus in a comprehension',
      'def f():\n  [(e := asyncio.Event()) for _ in x]\n  e.clear()  #: clear',
    ],
    ['a conditional', 'e = asyncio.Event() if x else None\ne.clear()  #: clear'],
    ['the condition of a conditional', 'e = asyncio.Event()\ny = 1 if e else 2\ny.clear()'],
    ['or', 'e = x or asyncio.Event()\ne.clear()  #: clear'],
    ['and', 'e = x and asyncio.Event()\ne.clear()  #: clear'],
    ['parentheses', 'e = ((asyncio.Event()))\n(e).clear()  #: clear'],
    ['never named', 'asyncio.Event().clear()  #: clear'],
    ['a pair', 'a, b = asyncio.Event(), 1\na.clear()  #: clear\nb.clear()'],
    ['a pair in brackets', '[a, (b, c)] = 1, (2, asyncio.Event())\nc.clear()  #: clear\nb.clear()'],
    ['a swap', 'a = asyncio.Event()\na, b = b, a\nb.clear()  #: clear'],
    ['an annotation alone', 'e: asyncio.Event\ndef f():\n  e.clear()  #: clear'],
    ['a quoted annotation', 'def f(e: "asyncio.Event | None" = None):\n  e.clear()  #: clear'],
    ['the default of a parameter', 'def f(e=asyncio.Event()):\n  e.clear()  #: clear'],
    ['the default of a lambda', 'f = lambda e=asyncio.Event(): e.clear()  #: clear'],
    [
      'a class variable in the class body',
      'class C:\n  e = asyncio.Event()\n  e.clear()  #: clear',
    ],
    ['isinstance', 'def f(x):\n  if isinstance(x, asyncio.Event):\n    x.clear()  #: clear'],
    ['match', 'def f(x):\n  match x:\n    case asyncio.Event():\n      x.clear()  #: clear'],
    [
      'a match on the object',
      'e = asyncio.Event()\nmatch e:\n  case 1 as y: y.set()  #: set\n  case x: x.clear()  #: clear',
    ],
    ['a match on a list', 'es = [asyncio.Event()]\nmatch es:  #: escape\n  case [x]: x.clear()'],
    ['a type comparison', 'def f(x):\n  if type(x) is asyncio.Event:\n    x.clear()  #: clear'],
    ['cast', 'from typing import cast\ne = cast(asyncio.Event, x)\ne.clear()  #: clear'],
    ['cast of it', 'from typing import cast\ne = asyncio.Event()\ncast(Any, e).clear()  #: clear'],
  ])('%s', (_, program) => expectFamily(program));
});

describe('operations', () => {
  it.each<Row>([
    ['a method', 'e = asyncio.Event()\nawait e.wait()  #: wait'],
    ['a bound method', 'e = asyncio.Event()\nf(e.set)  #: .set'],
    ['a member', 'e = asyncio.Event()\nprint(e._value)  #: ._value'],
    ['a member that is set', 'e = asyncio.Event()\ne.name = 1  #: =name'],
    ['a member that is deleted', 'e = asyncio.Event()\ndel e.name  #: =name'],
    ['async with', 'l = asyncio.Lock()\nasync with l: pass  #: async with'],
    ['async with among others', 'l = asyncio.Lock()\nasync with a, l as x, b: pass  #: async with'],
    ['async with in parentheses', 'l = asyncio.Lock()\nasync with (a, l): pass  #: async with'],
    ['with', 'l = asyncio.Lock()\nwith l: pass  #: with'],
    ['made on the spot', 'async with asyncio.Lock(): pass  #: async with'],
    ['handed to asyncio', 'l = asyncio.Lock()\nasyncio.Condition(l)  #: -> Condition'],
    [
      'handed to asyncio by a splat',
      'l = [asyncio.Lock()]\nasyncio.Condition(*l)  #: -> Condition',
    ],
    ['an unbound method', 'e = asyncio.Event()\nasyncio.Event.clear(e)  #: clear'],
    ['getattr with a literal', 'e = asyncio.Event()\ngetattr(e, "clear")()  #: clear'],
    ['getattr not called', 'e = asyncio.Event()\nf = getattr(e, "clear")  #: .clear'],
    ['getattr with a computed name', 'e = asyncio.Event()\ngetattr(e, name)()  #: escape'],
    ['getattr for a default', 'e = getattr(x, "e", asyncio.Event())\ne.clear()  #: clear'],
    ['setattr on it', 'e = asyncio.Event()\nsetattr(e, "name", 1)  #: =name'],
    ['an await', 'e = asyncio.Event()\nawait e  #: escape'],
    ['a call', 'e = asyncio.Event()\ne()  #: escape'],
    ['a subscript', 'e = asyncio.Event()\ne[0]  #: escape'],
    ['an operator', 'e = asyncio.Event()\ne + 1  #: escape'],
    [
      'looked at',
      'e = asyncio.Event()\nprint(e, id(e), repr(e)); assert e; e is x; e in y; f"{e!r}"; "%s" % e; del e',
    ],
    ['logged', 'e = asyncio.Event()\nlogger.info("%s", e)'],
    ['its class looked up', 'e = asyncio.Event()\nd[type(e)]  #: escape\nprint(type(e).__name__)'],
    ['raised', 'e = asyncio.Event()\nraise e  #: escape'],
    ['handed to what is not known', 'e = asyncio.Event()\nwhatever(e)  #: escape'],
    ['handed to a method that is not known', 'e = asyncio.Event()\nx.whatever(a, e=e)  #: escape'],
    ['a key of a dict', 'e = asyncio.Event()\nd = {e: 1}  #: escape'],
    ['a key of an assignment', 'e = asyncio.Event()\nd[e] = 1  #: escape'],
    ['a weak reference', 'e = asyncio.Event()\nr = weakref.ref(e)  #: escape'],
    ['a context variable', 'v = ContextVar("v", default=asyncio.Event())  #: escape'],
    ['a context variable that is set', 'e = asyncio.Event()\nv.set(e)  #: escape'],
    ['a decorator', 'e = asyncio.Event()\n@e  #: escape\ndef f(): pass'],
    ['a class statement', 'class C(B, e=asyncio.Event()): pass  #: escape'],
  ])('%s', (_, program) => expectFamily(program));
});

describe('functions', () => {
  it.each<Row>([
    ['returned', 'def f():\n  return asyncio.Event()\nf().clear()  #: clear'],
    [
      'returned by a coroutine',
      'async def f():\n  return asyncio.Event()\nasync def g():\n  (await f()).clear()  #: clear',
    ],
    ['a coroutine that is kept', 'async def f():\n  return asyncio.Event()\nc = f()  #: escape'],
    [
      'returned in a tuple',
      'def f():\n  return 1, asyncio.Event()\na, b = f()\na.clear()\nb.clear()  #: clear',
    ],
    ['returned in a dict', 'def f():\n  return {"e": asyncio.Event()}\nf()["e"].clear()  #: clear'],
    [
      'returned under an annotation',
      'def f() -> asyncio.Event:\n  return make()\nf().clear()  #: clear',
    ],
    [
      'a list under an annotation',
      'def f() -> list[asyncio.Event]:\n  return make()\nfor e in f(): e.clear()  #: clear',
    ],
    [
      'a tuple under an annotation',
      'def f() -> tuple[int, asyncio.Event]:\n  return make()\na, b = f()\na.clear()\nb.clear()  #: clear',
    ],
    ['the function is handed on', 'def f():\n  return asyncio.Event()\nDepends(f)  #: escape'],
    [
      'through a decorator',
      '@cached\ndef f():  #: escape\n  return asyncio.Event()\nf().clear()  #: maybe clear',
    ],
    ['yielded', 'def f():\n  yield asyncio.Event()\nfor e in f(): e.clear()  #: clear'],
    [
      'yielded by an async generator',
      'async def f():\n  yield asyncio.Event()\nasync def g():\n  async for e in f(): e.clear()  #: clear',
    ],
    [
      'yielded from a list',
      'def f():\n  yield from [asyncio.Event()]\nnext(f()).clear()  #: clear',
    ],
    [
      'a context manager',
      '@contextmanager\ndef f():\n  yield asyncio.Event()\nwith f() as e:\n  e.clear()  #: clear',
    ],
    [
      'an async context manager',
      '@asynccontextmanager\nasync def f():\n  yield asyncio.Event()\nasync def g():\n  async with a, f() as e:\n    e.clear()  #: clear',
    ],
    [
      'an annotated context manager',
      '@asynccontextmanager\nasync def f() -> AsyncIterator[asyncio.Event]:\n  yield make()\nasync def g():\n  async with f() as e: e.clear()  #: clear',
    ],
    [
      'a pair of a context manager',
      '@contextmanager\ndef f():\n  yield 1, asyncio.Event()\nwith f() as (a, b):\n  a.clear()\n  b.clear()  #: clear',
    ],
    [
      'an exit stack',
      '@contextmanager\ndef f():\n  yield asyncio.Event()\nstack.enter_context(f()).clear()  #: clear',
    ],
    [
      'an async exit stack',
      '@asynccontextmanager\nasync def f():\n  yield asyncio.Event()\nasync def g():\n  e = await stack.enter_async_context(f())\n  e.clear()  #: clear',
    ],
    [
      'a context manager that is kept',
      '@contextmanager\ndef f():\n  yield asyncio.Event()\nm = f()  #: escape',
    ],
    ['a positional argument', 'def f(a, e):\n  e.clear()  #: clear\nf(1, asyncio.Event())'],
    ['a keyword', 'def f(a, *, e):\n  e.clear()  #: clear\nf(1, e=asyncio.Event())'],
    ['a positional-only parameter', 'def f(e, /):\n  e.clear()  #: clear\nf(asyncio.Event())'],
    [
      'behind keyword-only',
      'def f(a, *rest, e=None):\n  rest[0].clear()  #: clear\n  a.clear()\n  e.clear()\nf(1, asyncio.Event())',
    ],
    ['*args', 'def f(*es):\n  for e in es: e.clear()  #: maybe clear\nf(1, asyncio.Event())'],
    [
      '**kwargs',
      'def f(**es):\n  es["e"].clear()  #: clear\n  es["a"].clear()\nf(e=asyncio.Event())',
    ],
    [
      'a splat',
      'def f(a, b):\n  a.clear()  #: maybe clear\n  b.set()  #: maybe set\nes = [asyncio.Event()]\nf(*es)',
    ],
    [
      'a splat of a tuple',
      'def f(a, b):\n  a.clear()\n  b.clear()  #: clear\nt = (1, asyncio.Event())\nf(*t)',
    ],
    [
      'behind a splat',
      'def f(a, b):\n  a.clear()  #: maybe clear\n  b.clear()  #: maybe clear\nf(*x, asyncio.Event())',
    ],
    [
      'a splat of keywords',
      'def f(a, e):\n  e.clear()  #: clear\nd = {"e": asyncio.Event()}\nf(1, **d)',
    ],
    [
      'a splat of unknown keywords',
      'def f(a, e):\n  e.clear()\nd = {}\nd[k] = asyncio.Event()\nf(1, **d)  #: escape',
    ],
    ['too many arguments', 'def f(): pass\nf(asyncio.Event())  #: escape'],
    ['through a parameter and back', 'def f(e):\n  return e\nf(asyncio.Event()).clear()  #: clear'],
    [
      'recursion',
      'def f(e, n):\n  e.clear()  #: clear\n  return f(e, n - 1)\nf(asyncio.Event(), 3)',
    ],
    [
      'mutual recursion',
      'def f(e):\n  return g([e]) if x else e\ndef g(es):\n  return f(es[0])\nf(asyncio.Event()).clear()  #: clear',
    ],
    [
      'a decorated function',
      '@app.route\ndef f(e):\n  e.clear()  #: clear\nf(asyncio.Event())  #: escape',
    ],
    ['partial', 'def f(a, e):\n  e.clear()  #: clear\ng = partial(f, 1, asyncio.Event())'],
    [
      'partial by keyword',
      'def f(a, e):\n  e.clear()  #: clear\ng = partial(f, e=asyncio.Event())',
    ],
    ['call_soon', 'def f(e):\n  e.clear()  #: clear\nloop.call_soon(f, asyncio.Event())'],
    ['call_later', 'def f(e):\n  e.clear()  #: clear\nloop.call_later(1, f, asyncio.Event())'],
    [
      'to_thread',
      'def f(e):\n  e.clear()  #: clear\nasyncio.to_thread(f, asyncio.Event())  #: -> to_thread',
    ],
    [
      'a thread',
      'def f(a, e):\n  e.clear()  #: clear\nThread(target=f, args=(1, asyncio.Event()))',
    ],
    [
      'the keywords of a thread',
      'def f(e):\n  e.clear()  #: clear\nThread(target=f, kwargs={"e": asyncio.Event()})',
    ],
    [
      'along with a function, who knows where',
      'def f(e):\n  e.clear()  #: clear\nwhatever(f, asyncio.Event())  #: escape',
    ],
    ['a lambda called on the spot', '(lambda e: e.clear())(asyncio.Event())  #: clear'],
    ['returned by a lambda', 'f = lambda: asyncio.Event()  #: escape'],
    ['a nested function', 'def f():\n  def g(e):\n    e.clear()  #: clear\n  g(asyncio.Event())'],
    [
      'a function under another name',
      'def f(e):\n  e.clear()  #: clear\ng = f\ng(asyncio.Event())',
    ],
  ])('%s', (_, program) => expectFamily(program));
});

describe('what is apart stays apart', () => {
  it('two objects', () => {
    expect(familiesOf('a = asyncio.Event()\nb = asyncio.Event()\na.clear()')).toEqual([
      { uses: ['m.py:2'], operations: ['m.py:4 clear'] },
      { uses: ['m.py:3'], operations: [] },
    ]);
  });

  it('two places of a tuple, two keys of a dict', () => {
    const program =
      't = asyncio.Event(), asyncio.Event()\nd = {"a": asyncio.Event(), "b": asyncio.Event()}\nt[0].clear()\nd["b"].clear()';
    expect(familiesOf(program).map(({ operations }) => operations)).toEqual([
      ['m.py:4 clear'],
      [],
      [],
      ['m.py:5 clear'],
    ]);
  });

  it('two functions with a variable of the same name', () => {
    const program = 'def f():\n  e = asyncio.Event()\n  e.clear()\ndef g():\n  e = asyncio.Event()';
    expect(familiesOf(program).map(({ operations }) => operations)).toEqual([['m.py:4 clear'], []]);
  });
});

describe('what is together stays together', () => {
  it.each<Row>([
    ['two values of one name', 'e = asyncio.Event()\ndef f():\n  global e\n  e = asyncio.Event()'],
    ['two values of one list', 'es = [asyncio.Event()]\nes.append(asyncio.Event())'],
    ['a value and its annotation', 'e: asyncio.Event = asyncio.Event()'],
    ['a parameter and what is passed', 'def f(e: asyncio.Event): pass\nf(asyncio.Event())'],
    ['a result and its annotation', 'def f() -> asyncio.Event:\n  return asyncio.Event()'],
    ['a dict and its annotation', 'd: dict[str, asyncio.Event] = {}\nd[k] = asyncio.Event()'],
    ['a key and all keys', 'd = {"a": asyncio.Event()}\nd[k] = asyncio.Event()'],
    ['a test and what it tests', 'e = asyncio.Event()\nisinstance(e, asyncio.Event)'],
    ['a union of branches', 'e = asyncio.Event() if x else asyncio.Event()'],
  ])('%s', (_, program) => {
    expect(familiesOf(program)).toHaveLength(1);
  });

  it('a lock and an event in one place are mixed', () => {
    expectFamily('x = asyncio.Lock() if y else asyncio.Event()  #: mixed');
  });

  it('an object of a subclass in the same place is mixed', () => {
    expectFamily('class L(asyncio.Lock): pass\nx = asyncio.Lock()\nx = L()  #: mixed');
  });
});

describe('size', () => {
  it('a long chain of aliases', () => {
    const links = Array.from({ length: 2_000 }, (_, n) => `a${n + 1} = a${n}`).join('\n');
    const [family] = familiesOf(`a0 = asyncio.Event()\n${links}\na2000.clear()`);
    expect(family?.operations).toEqual(['m.py:2003 clear']);
  });

  it('a value deep in a chain of calls', () => {
    const [family] = familiesOf(`e = asyncio.Event()\nx${'.f(1)'.repeat(2_000)}.g(e.wait())`);
    expect(family?.operations).toEqual(['m.py:3 wait']);
  });

  it('a name assigned a thousand times in terms of itself', () => {
    const steps = 'q = q.filter(asyncio.Event())\n'.repeat(300);
    expect(familiesOf(`def f(q):\n${steps.replaceAll(/^/gm, '  ')}`).length).toBeGreaterThan(0);
  });
});
