/** Every use of asyncio in a file, by every way that Python has to name something. */

import { describe, expect, it } from 'vitest';
import { PatchIndex } from '../src/analysis/patches.ts';
import { describeUse, oneFile, py, type Texts, Workspace } from './analysis-harness.ts';

/** `asyncio.Lock call 3` for each use of the only file. */
function uses(text: string): string[] {
  return oneFile(text).uses.map(describeUse);
}

/** The same for one file of a project. */
function usesIn(path: string, texts: Texts): string[] {
  return new Workspace(texts).file(path).uses.map(describeUse);
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

describe('strings', () => {
  /** Name, role and the very text of each use that stands in a string. */
  function inStrings(text: string): string[] {
    return oneFile(`import asyncio\n${text}`)
      .uses.filter((use) => use.node.type === 'string')
      .map(
        ({ name, role, span, file }) => `${name} ${role} ${file.text.slice(span.start, span.end)}`,
      );
  }

  it.each([
    ['an annotation', 'x: "asyncio.Lock"'],
    ['a parameter', 'def f(x: "asyncio.Lock" = None): pass'],
    ['a return', 'def f() -> "asyncio.Lock": pass'],
    ['within a generic', 'x: dict[str, "asyncio.Lock"]'],
    ['within Optional', 'x: Optional["asyncio.Lock"]'],
    ['a union', 'x: "asyncio.Lock | None"'],
    ['beside a union', 'x: "asyncio.Lock" | None'],
    ['subscripted inside', 'x: "dict[str, list[asyncio.Lock]]"'],
    ['over lines', 'x: """\n  asyncio.Lock\n"""'],
    ['raw', "x: r'asyncio.Lock'"],
    ['a string in a string', `x: "Optional['asyncio.Lock']"`],
    ['the first of Annotated', 'x: Annotated["asyncio.Lock", "why"]'],
    ['cast', 'cast("asyncio.Lock", x)'],
    ['cast to a generic', 'cast(dict[str, "asyncio.Lock"], x)'],
    ['an alias', 'Locks = dict[str, "asyncio.Lock"]'],
    ['a TypeAlias', 'L: TypeAlias = "asyncio.Lock"'],
    ['a type statement', 'type L = "asyncio.Lock"'],
    ['a bound', 'T = TypeVar("T", bound="asyncio.Lock")'],
    ['a generic base', 'class C(Mapping[str, "asyncio.Lock"]): pass'],
    ['Callable', 'x: Callable[["asyncio.Lock"], None]'],
  ])('%s is an annotation', (_, text) => {
    expect(inStrings(text)).toEqual(['asyncio.Lock annotation asyncio.Lock']);
  });

  it('reads a name by itself, in the scope of the annotation', () => {
    const text = 'from asyncio import Lock\nx: "Lock"\ndef f(Lock):\n  y: "Lock"';
    expect(uses(text)).toEqual(['asyncio.Lock annotation 2']);
  });

  it.each([
    ['escapes', 'x: "asyncio\\x2eLock | asyncio.Lock"'],
    ['two pieces', 'x: "Optional[" "asyncio.Lock]"'],
  ])('an annotation of %s is found, and doubted', (_, text) => {
    const found = oneFile(`import asyncio\n${text}`).uses.filter(
      ({ role }) => role === 'annotation',
    );
    expect(found).toHaveLength(1);
    expect(found[0]?.doubt).toContain('no single plain literal');
  });

  it.each([
    ['a dictionary key', 'x["asyncio.Lock"]'],
    ['a value', 'x = "asyncio.Lock"'],
    ['an argument', 'f("asyncio.Lock")'],
    ['a docstring', '"""asyncio.Lock"""'],
    ['a default', 'def f(x="asyncio.Lock"): pass'],
    ['a keyword', 'f(bound="asyncio.Lock")'],
  ])('%s is not', (_, text) => {
    expect(inStrings(text)).toEqual([]);
  });

  it.each([
    ['patch("app.worker.asyncio.sleep")', 'asyncio.sleep'],
    ['patch("elsewhere.asyncio.sleep")', 'asyncio.sleep'],
    ['patch("app.worker.asyncio")', 'asyncio'],
    ['patch("asyncio.locks.Lock")', 'asyncio.Lock'],
    ['patch.multiple("app.worker.asyncio", sleep=x)', 'asyncio'],
    ['mocker.patch("app.worker.asyncio.sleep")', 'asyncio.sleep'],
    ['patch(f"{MODULE}.asyncio.sleep")', 'asyncio.sleep'],
    ['patch(MODULE + ".asyncio.sleep")', 'asyncio.sleep'],
    ['patch(__name__ + ".asyncio.sleep")', 'asyncio.sleep'],
    ['patch(("app.worker.asyncio.sleep"))', 'asyncio.sleep'],
    ['TARGET = "app.worker.asyncio.sleep"', 'asyncio.sleep'],
    ['@parametrize("x", ["app.worker.asyncio.sleep"])\ndef f(x): pass', 'asyncio.sleep'],
  ])('%s names what is replaced', (text, name) => {
    const workspace = new Workspace({
      'app/__init__.py': '',
      'app/worker.py': 'import asyncio\nasyncio.sleep',
      'tests/test_worker.py': text,
    });
    const found = workspace.file('tests/test_worker.py').uses;
    expect(found.map((use) => `${use.name} ${use.role}`)).toEqual([`${name} patch-target`]);
  });

  it('a dotted text that leads nowhere in the project is no patch', () => {
    expect(inStrings('TARGET = "elsewhere.asyncio.sleep"')).toEqual([]);
  });
});

describe('through other modules', () => {
  const compat = 'from asyncio import Lock, sleep as nap\nimport asyncio as aio\n';

  it.each<[string, Texts, string]>([
    [
      'a re-export',
      { 'a.py': 'from compat import Lock\nLock()', 'compat.py': compat },
      'asyncio.Lock call 2',
    ],
    [
      'its alias',
      { 'a.py': 'from compat import nap as n\nn()', 'compat.py': compat },
      'asyncio.sleep call 2',
    ],
    [
      'the module in it',
      { 'a.py': 'import compat\ncompat.aio.sleep()', 'compat.py': compat },
      'asyncio.sleep call 2',
    ],
    [
      'the module taken from it',
      { 'a.py': 'from compat import aio\naio.sleep()', 'compat.py': compat },
      'asyncio.sleep call 2',
    ],
    [
      'its star',
      { 'a.py': 'from compat import *\nLock()', 'compat.py': compat },
      'asyncio.Lock call 2',
    ],
    [
      'its star of asyncio',
      { 'a.py': 'from compat import Lock\nLock()', 'compat.py': 'from asyncio import *' },
      'asyncio.Lock call 2',
    ],
    [
      'a star of a star',
      { 'a.py': 'from b import *\nLock()', 'b.py': 'from compat import *', 'compat.py': compat },
      'asyncio.Lock call 2',
    ],
    [
      'a re-export of a star',
      { 'a.py': 'from b import Lock\nLock()', 'b.py': 'from compat import *', 'compat.py': compat },
      'asyncio.Lock call 2',
    ],
    [
      'a chain',
      {
        'a.py': 'from b import L\nL()',
        'b.py': 'from compat import Lock as L',
        'compat.py': compat,
      },
      'asyncio.Lock call 2',
    ],
    [
      'a package',
      {
        'a.py': 'from p import Lock\nLock()',
        'p/__init__.py': 'from .c import Lock',
        'p/c.py': compat,
      },
      'asyncio.Lock call 2',
    ],
    [
      'a package, from within',
      {
        'p/a.py': 'from . import Lock\nLock()',
        'p/__init__.py': 'from .c import Lock',
        'p/c.py': compat,
      },
      'asyncio.Lock call 2',
    ],
    [
      'a package, from below',
      { 'p/q/a.py': 'from .. import Lock\nLock()', 'p/q/__init__.py': '', 'p/__init__.py': compat },
      'asyncio.Lock call 2',
    ],
    [
      'a relative module',
      { 'p/a.py': 'from .c import Lock\nLock()', 'p/__init__.py': '', 'p/c.py': compat },
      'asyncio.Lock call 2',
    ],
    [
      'a module of a package',
      { 'a.py': 'from p import c\nc.Lock()', 'p/__init__.py': '', 'p/c.py': compat },
      'asyncio.Lock call 2',
    ],
    [
      'a dotted import',
      { 'a.py': 'import p.c\np.c.Lock()', 'p/__init__.py': '', 'p/c.py': compat },
      'asyncio.Lock call 2',
    ],
    [
      'two dotted imports',
      {
        'a.py': 'import p.b\nimport p.c\np.c.Lock()',
        'p/__init__.py': '',
        'p/b.py': '',
        'p/c.py': compat,
      },
      'asyncio.Lock call 3',
    ],
    [
      'a package without __init__',
      { 'a.py': 'from p.c import Lock\nLock()', 'p/c.py': compat },
      'asyncio.Lock call 2',
    ],
    [
      'a function-local import',
      { 'a.py': 'def f():\n  from compat import Lock\n  Lock()', 'compat.py': compat },
      'asyncio.Lock call 3',
    ],
    [
      'a folder on the path',
      {
        'src/p/a.py': 'from p.c import Lock\nLock()',
        'src/p/__init__.py': '',
        'src/p/c.py': compat,
      },
      'asyncio.Lock call 2',
    ],
  ])('%s', (_, texts, expected) => {
    const workspace = new Workspace(texts);
    const [path = ''] = Object.keys(texts);
    const found = workspace.file(path).uses;
    expect(found.map(describeUse)).toEqual([expected]);
    expect(found[0]?.doubt).toBeDefined();
    expect(found[0]?.through).toBeDefined();
  });

  it.each<[string, string]>([
    ['patch', 'patch("p.c.Lock")'],
    ['patch of a relative alias', 'patch("p.c.nap")'],
    ['patch of an aliased module', 'patch("p.c.aio.sleep")'],
    ['patch.object', 'from p import c\npatch.object(c, "Lock")'],
    ['patch.object by a dotted name', 'import p.c\npatch.object(p.c, "Lock")'],
    ['patch.object of the module in it', 'import p.b\nimport p.c\npatch.object(p.c.aio, "sleep")'],
    ['monkeypatch', 'from p import c\nmonkeypatch.setattr(c, "nap", fake)'],
    ['monkeypatch by a string', 'monkeypatch.setattr("p.c.Lock", fake)'],
    ['an assignment', 'from p import c\nc.Lock = fake'],
  ])('%s aims at that module', (_, text) => {
    const workspace = new Workspace({
      'p/__init__.py': '',
      'p/b.py': '',
      'p/c.py': compat,
      'tests/test_c.py': text,
    });
    const [use, ...more] = workspace.file('tests/test_c.py').uses;
    expect(more).toEqual([]);
    expect(use?.role).toBe('patch-target');
    const patches = new PatchIndex(workspace.project, workspace.files);
    expect(patches.patched(workspace.file('p/c.py'), use?.name ?? '')?.line).toBe(
      text.split('\n').length,
    );
    expect(patches.patched(workspace.file('p/b.py'), use?.name ?? '')).toBeUndefined();
  });

  it('a patch of asyncio itself aims at what the test imports or names', () => {
    const workspace = new Workspace({
      'p/__init__.py': '',
      'p/b.py': 'import asyncio\nasyncio.sleep',
      'p/c.py': 'import asyncio\nasyncio.sleep',
      'p/d.py': 'import asyncio\nasyncio.sleep',
      'tests/test_c.py':
        'import p.c\nMODULE = "p.b"\nasync def test():\n  with patch("asyncio.sleep"): ...',
    });
    const patches = new PatchIndex(workspace.project, workspace.files);
    const patched = (path: string) => patches.patched(workspace.file(path), 'asyncio.sleep')?.line;
    expect([patched('p/b.py'), patched('p/c.py'), patched('p/d.py')]).toEqual([4, 4, undefined]);
  });

  it('a name of a project module that is not from asyncio is none', () => {
    expect(
      usesIn('a.py', {
        'a.py': 'from compat import Lock\nLock()',
        'compat.py': 'from threading import Lock\nimport asyncio',
      }),
    ).toEqual([]);
  });

  it('modules that import each other come to an end', () => {
    const texts = {
      'a.py': 'import asyncio\nfrom b import *\nLock()',
      'b.py': 'from a import *\nfrom asyncio import Lock',
    };
    expect(usesIn('a.py', texts)).toEqual(['asyncio import 1', 'asyncio.Lock call 3']);
  });

  it('does not parse files that cannot lead to asyncio', () => {
    const workspace = new Workspace({
      'a.py': 'import asyncio\nfrom asyncio import Lock\nLock()',
      'b.py': 'x = Lock()',
      'c.py': 'import a',
    });
    expect([...workspace.store.loaded]).toEqual(['a.py']);
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
