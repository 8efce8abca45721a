/** Uses in strings, and uses that are reached through other modules. */

import { describe, expect, it } from 'vitest';
import { PatchIndex } from '../src/analysis/patches.ts';
import { describeUse, oneFile, type Texts, Workspace } from './analysis-harness.ts';

/** `asyncio.Lock call 3` for each use of the only file. */
function uses(text: string): string[] {
  return oneFile(text).uses.map(describeUse);
}

/** The same for one file of a project. */
function usesIn(path: string, texts: Texts): string[] {
  return new Workspace(texts).file(path).uses.map(describeUse);
}

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

  it.each([
    ['autouse', '@pytest.fixture(autouse=True)\ndef f(m):\n  PATCH', ['a', 'b']],
    ['no autouse', '@pytest.fixture(autouse=False)\ndef f(m):\n  PATCH', ['a']],
    ['another name', '@pytest.fixture(name="f")\ndef g(m):\n  PATCH', ['a']],
    ['a computed name', '@pytest.fixture(name=NAME)\ndef g(m):\n  PATCH', ['a', 'b']],
    ['a hook', 'def pytest_configure(m):\n  PATCH', ['a', 'b']],
    ['the module itself', 'asyncio.sleep = fake', ['a', 'b']],
    ['a fixture that nobody takes', '@pytest.fixture\ndef g(m):\n  PATCH', []],
  ])('a patch in a conftest.py aims at what the tests below import: %s', (_, text, names) => {
    const workspace = new Workspace({
      'p/__init__.py': '',
      'p/a.py': 'import asyncio\nasyncio.sleep',
      'p/b.py': 'import asyncio\nasyncio.sleep',
      'p/c.py': 'import asyncio\nasyncio.sleep',
      'tests/conftest.py': `import asyncio\n${text.replace('PATCH', 'm.setattr(asyncio, "sleep", x)')}`,
      'tests/test_a.py': 'from p import a\ndef test(f): ...',
      'tests/test_b.py': 'from p import b\ndef test(): ...',
      'other/test_c.py': 'from p import c\ndef test(f): ...',
    });
    const patches = new PatchIndex(workspace.project, workspace.files);
    const patched = ['a', 'b', 'c'].filter((name) =>
      patches.patched(workspace.file(`p/${name}.py`), 'asyncio.sleep'),
    );
    expect(patched).toEqual(names);
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
