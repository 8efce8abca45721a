/** Every use of asyncio in a file, by every way that Python has to name something. */

import { describe, expect, it } from 'vitest';
import { describeUse, oneFile, py } from './analysis-harness.ts';

/** `asyncio.Lock call 3` for each use of the only file. */
function uses(text: string): string[] {
  return oneFile(text).uses.map(describeUse);
}

describe('import forms', () => {
  it.each([
    ['the module', 'import asyncio\nasyncio.Lock()', 'asyncio.Lock call 2'],
    ['an alias', 'import asyncio as aio\naio.Lock()', 'asyncio.Lock call 2'],
    ['a member', 'from asyncio import Lock\nLock()', 'asyncio.Lock call 2'],
    ['a member with an alias', 'from asyncio import Lock as L\nL()', 'asyncio.Lock call 2'],
    ['a submodule', 'import asyncio.locks\nasyncio.locks.Lock()', 'asyncio.Lock call 2'],
    ['an aliased submodule', 'import asyncio.locks as l\nl.Lock()', 'asyncio.Lock call 2'],
    ['a submodule as a member', 'from asyncio import locks\nlocks.Lock()', 'asyncio.Lock call 2'],
    ['a member of a submodule', 'from asyncio.locks import Lock\nLock()', 'asyncio.Lock call 2'],
    ['a star', 'from asyncio import *\nLock()', 'asyncio.Lock call 2'],
    ['the star of a submodule', 'from asyncio.locks import *\nLock()', 'asyncio.Lock call 2'],
    ['in parentheses', 'from asyncio import (  # why\n  Lock,\n)\nLock()', 'asyncio.Lock call 4'],
    ['among others', 'import os, asyncio, re\nasyncio.Lock()', 'asyncio.Lock call 2'],
    ['in a function', 'def f():\n  import asyncio\n  asyncio.Lock()', 'asyncio.Lock call 3'],
    [
      'for a nested function',
      'def f():\n  import asyncio\n  def g(): asyncio.Lock()',
      'asyncio.Lock call 3',
    ],
    [
      'in a class body',
      'class C:\n  from asyncio import Lock\n  x = Lock()',
      'asyncio.Lock call 3',
    ],
    [
      'under global',
      'def f():\n  global aio\n  import asyncio as aio\ndef g(): aio.Lock()',
      'asyncio.Lock call 4',
    ],
    [
      'under TYPE_CHECKING',
      'if TYPE_CHECKING:\n  from asyncio import Lock\nx: Lock',
      'asyncio.Lock annotation 3',
    ],
    [
      'in a try',
      'try:\n  import asyncio\nexcept E:\n  raise\nasyncio.Lock()',
      'asyncio.Lock call 5',
    ],
    [
      'a name that is not public',
      'import asyncio\nasyncio.subprocess.PIPE',
      'asyncio.subprocess.PIPE reference 2',
    ],
    ['an attribute of a member', 'import asyncio\nasyncio.Queue.get', 'asyncio.Queue reference 2'],
    ['over two lines', 'import asyncio\n(asyncio\n  .Lock)()', 'asyncio.Lock call 2'],
    ['the module in parentheses', 'import asyncio\n(asyncio).Lock()', 'asyncio.Lock call 2'],
    ['before its import', 'def f(): asyncio.Lock()\nimport asyncio', 'asyncio.Lock call 1'],
    [
      'a class attribute of the same name',
      'from asyncio import Lock\nclass C:\n  Lock = Lock',
      'asyncio.Lock reference 3',
    ],
    [
      'a default of the same name',
      'from asyncio import Lock\ndef f(Lock=Lock): Lock()',
      'asyncio.Lock reference 2',
    ],
  ])('%s', (_, text, expected) => {
    expect(uses(text)).toEqual([expected]);
  });

  it.each([
    [
      'self',
      'class C:\n  from asyncio import Lock\n  def f(self): self.Lock()',
      'asyncio.Lock call 3',
    ],
    [
      'cls',
      'class C:\n  import asyncio\n  @classmethod\n  def f(cls): cls.asyncio.run(x)',
      'asyncio.run call 4',
    ],
    ['its name', 'class C:\n  from asyncio import Lock as L\nC.L()', 'asyncio.Lock call 3'],
  ])('what a class body imports, through %s', (_, text, expected) => {
    const found = oneFile(text).uses;
    expect(found.map(describeUse)).toEqual([expected]);
    expect(found[0]?.doubt).toContain('reached through the class');
  });

  it('an attribute of another class is no such use', () => {
    const text =
      'class C:\n  from asyncio import Lock\n  x = Lock()\nclass D:\n  def f(self): self.Lock()\ny.Lock()';
    expect(uses(text)).toEqual(['asyncio.Lock call 3']);
  });

  it.each([
    ['never used', 'import asyncio', 'asyncio import 1'],
    ['never used, a member', 'from asyncio import Lock', 'asyncio.Lock import 1'],
    ['never used, a star', 'from asyncio import *', 'asyncio import 1'],
    ['only deleted', 'import asyncio\ndel asyncio', 'asyncio import 1'],
    ['by a string', 'importlib.import_module("asyncio")', 'asyncio import 1'],
    ['by __import__', '__import__("asyncio.locks")', 'asyncio.locks import 1'],
  ])('an import %s is a use of its own', (_, text, expected) => {
    expect(uses(text)).toEqual([expected]);
  });

  it('counts each name of a statement that nothing refers to', () => {
    expect(uses('from asyncio import Lock, Event, sleep\nLock()')).toEqual([
      'asyncio.Event import 1',
      'asyncio.sleep import 1',
      'asyncio.Lock call 2',
    ]);
  });
});

describe('look-alikes', () => {
  it.each([
    ['a parameter', 'from asyncio import sleep\nsleep\ndef f(sleep): sleep()'],
    ['a local', 'from asyncio import sleep\nsleep\ndef f():\n  sleep = 1\n  sleep'],
    ['a comprehension', 'from asyncio import sleep\nsleep\n[sleep for sleep in x]'],
    ['a loop in a function', 'from asyncio import sleep\nsleep\ndef f():\n  for sleep in x: sleep'],
    ['another module', 'from time import sleep as s\nfrom asyncio import sleep\nsleep; s()'],
    ['an attribute', 'from asyncio import sleep\nsleep; x.sleep(); x.asyncio.sleep()'],
    ['a keyword', 'from asyncio import sleep\nf(sleep=1, y=sleep)'],
    ['a method', 'from asyncio import sleep\nsleep\nclass C:\n  def sleep(self): self.sleep()'],
    [
      'a package of another project',
      'from sqlalchemy.ext.asyncio import a\nfrom asyncio import sleep\nsleep; a()',
    ],
    ['a text', 'from asyncio import sleep\nsleep; "asyncio.sleep"; f("asyncio.sleep(1)")'],
    [
      'a match capture',
      'from asyncio import sleep\nsleep\ndef f():\n  match x:\n    case sleep: sleep',
    ],
    ['a Literal', 'import asyncio\nx: Literal["asyncio.sleep"]\nasyncio.sleep'],
    ['an extra of Annotated', 'import asyncio\nx: Annotated[int, "asyncio.sleep"]\nasyncio.sleep'],
    [
      'a patch of a foreign asyncio',
      'import asyncio\nasyncio.sleep\npatch("sqlalchemy.ext.asyncio.create")',
    ],
  ])('%s', (_, text) => {
    const found = uses(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^asyncio\.sleep /);
  });

  it('a builtin is not taken for a name of a submodule that does not have it', () => {
    expect(uses('from asyncio.locks import *\nLock()\nTimeoutError')).toEqual([
      'asyncio.Lock call 2',
    ]);
    expect(uses('from asyncio import *\nTimeoutError')).toEqual([
      'asyncio.TimeoutError reference 2',
    ]);
  });
});

describe('doubt', () => {
  const doubts = (text: string) =>
    oneFile(text)
      .uses.filter(({ role }) => role !== 'import')
      .map(({ doubt }) => doubt);

  it.each([
    ['a fallback', 'try:\n  import asyncio\nexcept ImportError:\n  asyncio = None\nasyncio.run', 4],
    [
      'another import',
      'try:\n  from asyncio import timeout\nexcept E:\n  from x import timeout\ntimeout',
      4,
    ],
    [
      'two meanings',
      'if x:\n  from asyncio import sleep as s\nelse:\n  from asyncio import wait as s\ns',
      4,
    ],
    [
      'a global that is written',
      'from asyncio import sleep\ndef f():\n  global sleep\n  sleep = 1\ndef g(): sleep',
      4,
    ],
    ['a deletion', 'import asyncio\nasyncio.run\ndel asyncio', 3],
  ])('%s names the other line', (_, text, line) => {
    const found = doubts(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`is also bound in line ${line}`);
  });

  it('there is none for one name imported twice', () => {
    const text =
      'try:\n  import asyncio\nexcept E:\n  import asyncio\nasyncio.run\ndef f():\n  import asyncio\n  asyncio.run';
    expect(doubts(text)).toEqual([undefined, undefined]);
  });

  it('a second star may bind the name', () => {
    expect(doubts('from asyncio import *\nfrom x import *\nsleep')).toEqual([
      'the star import in line 2 may bind `sleep` too',
    ]);
  });
});

describe('roles', () => {
  it.each([
    ['asyncio.Lock()', 'call'],
    ['raise asyncio.X()', 'raise'],
    ['raise asyncio.X', 'raise'],
    ['raise asyncio.X from e', 'raise'],
    ['x: asyncio.X', 'annotation'],
    ['x: dict[str, asyncio.X | None]', 'annotation'],
    ['def f(x: asyncio.X): pass', 'annotation'],
    ['def f() -> asyncio.X: pass', 'annotation'],
    ['def f(*x: asyncio.X): pass', 'annotation'],
    ['cast(asyncio.X, y)', 'annotation'],
    ['class C(asyncio.X): pass', 'base-class'],
    ['class C(B[asyncio.X]): pass', 'base-class'],
    ['class C(B, metaclass=asyncio.X): pass', 'argument'],
    ['field(default_factory=asyncio.X)', 'default-factory'],
    ['attr.ib(factory=asyncio.X)', 'default-factory'],
    ['defaultdict(asyncio.X)', 'default-factory'],
    ['partial(asyncio.X, 1)', 'partial'],
    ['isinstance(x, asyncio.X)', 'isinstance'],
    ['isinstance(x, (int, asyncio.X))', 'isinstance'],
    ['isinstance(x, int | asyncio.X)', 'isinstance'],
    ['match x:\n  case asyncio.X(): pass', 'isinstance'],
    ['match x:\n  case [asyncio.X(a=1), *_]: pass', 'isinstance'],
    ['match x:\n  case asyncio.X: pass', 'reference'],
    ['try: pass\nexcept asyncio.X: pass', 'except'],
    ['try: pass\nexcept (E, asyncio.X) as e: pass', 'except'],
    ['try: pass\nexcept* asyncio.X: pass', 'except'],
    ['@asyncio.X\ndef f(): pass', 'decorator'],
    ['@retry(asyncio.X)\ndef f(): pass', 'decorator'],
    ['@asyncio.X()\ndef f(): pass', 'call'],
    ['f(asyncio.X)', 'argument'],
    ['f(*[asyncio.X])', 'reference'],
    ['f(k=asyncio.X)', 'argument'],
    ['x = asyncio.X', 'reference'],
    ['x = [asyncio.X]', 'reference'],
    ['asyncio.X = fake', 'patch-target'],
    ['getattr(asyncio, "X")', 'getattr'],
    ['hasattr(asyncio, "X")', 'getattr'],
    ['setattr(asyncio, "X", fake)', 'patch-target'],
    ['patch.object(asyncio, "X")', 'patch-target'],
    ['mocker.patch.object(asyncio, "X")', 'patch-target'],
    ['mocker.spy(asyncio, "X")', 'patch-target'],
    ['mocker.spy(obj=asyncio, name="X")', 'patch-target'],
    ['patch.object(attribute="X", target=asyncio)', 'patch-target'],
    ['patch.multiple(asyncio, X=fake)', 'patch-target'],
    ['monkeypatch.setattr(asyncio, "X", fake)', 'patch-target'],
    ['monkeypatch.setattr("asyncio.X", fake)', 'patch-target'],
    ['patch("asyncio.X")', 'patch-target'],
    ['patch(target="asyncio.X")', 'patch-target'],
    ['@patch("asyncio.X")\ndef f(): pass', 'patch-target'],
  ])('%s', (text, role) => {
    const found = uses(`import asyncio\n${text}`).filter((use) => !use.endsWith('import 1'));
    expect(found.map((use) => use.replace(/ \d+$/, ''))).toEqual([
      `asyncio.${text.includes('Lock') ? 'Lock' : 'X'} ${role}`,
    ]);
  });

  it.each([
    'setattr(asyncio, name, fake)',
    'patch.object(asyncio, name)',
    'patch.multiple(asyncio, **fakes)',
    'sys.modules["asyncio"] = fake',
    'del sys.modules["asyncio"]',
    'patch.dict("sys.modules", {"asyncio": fake})',
    'patch.dict(sys.modules, {"asyncio": fake})',
    'monkeypatch.setitem(sys.modules, "asyncio", fake)',
    'monkeypatch.delitem(sys.modules, "asyncio")',
  ])('%s replaces the whole module', (text) => {
    const found = uses(text.includes('(asyncio') ? `import asyncio\n${text}` : text);
    expect(found.map((use) => use.replace(/ \d+$/, ''))).toEqual(['asyncio patch-target']);
  });

  it.each([
    'sys.modules["asyncio"]',
    'x = sys.modules["asyncio"]',
    '"asyncio" in sys.modules',
    'registry["asyncio"] = fake',
    'patch.dict(registry, {"asyncio": fake})',
  ])('%s replaces nothing', (text) => {
    expect(uses(text)).toEqual([]);
  });

  it('the bare module is a use of its own', () => {
    expect(uses('import asyncio\nf(asyncio)\ngetattr(asyncio, name)\nx = asyncio')).toEqual([
      'asyncio module 2',
      'asyncio module 3',
      'asyncio module 4',
    ]);
  });

  it('a class pattern spans the dotted name', () => {
    const text = 'import asyncio\nmatch x:\n  case asyncio.locks.Event(): pass';
    const [use] = oneFile(text).uses;
    expect(use?.name).toBe('asyncio.Event');
    expect(text.slice(use?.span.start, use?.span.end)).toBe('asyncio.locks.Event');
  });
});

describe('deep and long programs', () => {
  it('a chain of 2,000 calls with a use in each', () => {
    const text = `import asyncio\nx${'.f(asyncio.sleep(1))'.repeat(2_000)}`;
    expect(uses(text)).toHaveLength(2_000);
  });

  it('uses in the text order', () => {
    const found = oneFile(py`
      import asyncio
      def f(x: "asyncio.Lock" = asyncio.Lock()):
          return asyncio.run(asyncio.sleep(1))
    `).uses.map(({ name }) => name);
    expect(found).toEqual(['asyncio.Lock', 'asyncio.Lock', 'asyncio.run', 'asyncio.sleep']);
  });
});
