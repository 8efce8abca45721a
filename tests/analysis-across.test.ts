/** Following objects from file to file. */

import { describe, expect, it } from 'vitest';
import { expectFamily, familiesOf, textsOf } from './analysis-families.ts';
import { Workspace } from './analysis-harness.ts';

type Row = [title: string, program: string];

const STATE = '# file: p/__init__.py\n# file: p/state.py\ne = asyncio.Event()\n';

describe('variables of modules', () => {
  it.each<Row>([
    ['from-import', `${STATE}# file: a.py\nfrom p.state import e\ne.clear()  #: clear`],
    [
      'from-import with an alias',
      `${STATE}# file: a.py\nfrom p.state import e as f\nf.clear()  #: clear`,
    ],
    [
      'in a function',
      `${STATE}# file: a.py\ndef f():\n  from p.state import e\n  e.clear()  #: clear`,
    ],
    ['relative', `${STATE}# file: p/a.py\nfrom .state import e\ne.clear()  #: clear`],
    [
      'relative, from below',
      `${STATE}# file: p/q/__init__.py\n# file: p/q/a.py\nfrom ..state import e\ne.clear()  #: clear`,
    ],
    ['the module', `${STATE}# file: a.py\nimport p.state\np.state.e.clear()  #: clear`],
    [
      'the module beside others',
      `${STATE}# file: p/x.py\n# file: a.py\nimport p.x\nimport p.state\np.state.e.clear()  #: clear`,
    ],
    [
      'the module with an alias',
      `${STATE}# file: a.py\nimport p.state as s\ns.e.clear()  #: clear`,
    ],
    [
      'the module of a package',
      `${STATE}# file: a.py\nfrom p import state\nstate.e.clear()  #: clear`,
    ],
    [
      'a relative module',
      `${STATE}# file: p/a.py\nfrom . import state as s\ns.e.clear()  #: clear`,
    ],
    [
      'one of two modules',
      `${STATE}# file: a.py\ntry:\n  import p.other as s\nexcept E:\n  import p.state as s\ns.e.clear()  #: maybe clear`,
    ],
    [
      'a module that is loaded again',
      `${STATE}# file: a.py\nimport p.state as s\ns = reload(s)\ns.e.clear()  #: maybe clear`,
    ],
    [
      'getattr of the module',
      `${STATE}# file: a.py\nimport p.state as s\ngetattr(s, "e").clear()  #: clear`,
    ],
    [
      'vars of the module',
      `${STATE}# file: a.py\nfrom p import state\nvars(state)["e"].clear()  #: clear`,
    ],
    ['a star', `${STATE}# file: a.py\nfrom p.state import *\ne.clear()  #: clear`],
    [
      'a star of a star',
      `${STATE}# file: b.py\nfrom p.state import *\n# file: a.py\nfrom b import *\ne.clear()  #: clear`,
    ],
    [
      'taken from a star',
      `${STATE}# file: b.py\nfrom p.state import *\n# file: a.py\nfrom b import e\ne.clear()  #: clear`,
    ],
    [
      'exported again',
      '# file: p/__init__.py\nfrom .state import e\n# file: p/state.py\ne = asyncio.Event()\n# file: a.py\nfrom p import e\ne.clear()  #: clear',
    ],
    [
      'exported again under another name',
      '# file: p/__init__.py\nfrom .state import e as f\n# file: p/state.py\ne = asyncio.Event()\n# file: a.py\nimport p\np.f.clear()  #: clear',
    ],
    [
      'a package without __init__',
      '# file: p/state.py\ne = asyncio.Event()\n# file: a.py\nimport p.state\np.state.e.clear()  #: clear',
    ],
    [
      'a folder on the path',
      '# file: src/p/__init__.py\n# file: src/p/state.py\ne = asyncio.Event()\n# file: tests/a.py\nfrom p.state import e\ne.clear()  #: clear',
    ],
    [
      'a script beside it',
      '# file: tools/state.py\ne = asyncio.Event()\n# file: tools/a.py\nfrom state import e\ne.clear()  #: clear\n# file: other/state.py\ne = {}',
    ],
    [
      'set by another module',
      '# file: p/__init__.py\n# file: p/state.py\ne = None\ndef f():\n  e.clear()  #: clear\n# file: a.py\nimport p.state\np.state.e = asyncio.Event()',
    ],
    [
      'set by another module through setattr',
      '# file: p/__init__.py\n# file: p/state.py\ne = None\ndef f():\n  e.clear()  #: clear\n# file: a.py\nfrom p import state\nmonkeypatch.setattr(state, "e", asyncio.Event())',
    ],
    [
      'a global of a function',
      '# file: s.py\ne = None\ndef init():\n  global e\n  e = asyncio.Event()\n# file: a.py\nimport s\ndef f():\n  s.e.clear()  #: clear',
    ],
    [
      'a stub beside the module',
      '# file: s.pyi\ne: Any\n# file: s.py\ne = asyncio.Event()\n# file: a.py\nfrom s import e\ne.clear()  #: clear',
    ],
    [
      'one of two modules of the name',
      '# file: x/s.py\ne = asyncio.Event()\n# file: y/s.py\n# file: a.py\nfrom s import e\ne.clear()  #: maybe clear',
    ],
    [
      'a container',
      '# file: s.py\nes = {}\ndef get(k):\n  return es.setdefault(k, asyncio.Event())\n# file: a.py\nfrom s import es, get\nget(1).set()  #: set\nfor e in es.values(): e.clear()  #: clear',
    ],
  ])('%s', (_, program) => expectFamily(program));

  it('a variable of the same name in another module is another', () => {
    const found = familiesOf(
      '# file: a.py\ne = asyncio.Event()\n# file: b.py\nfrom c import e\ne.clear()\n# file: c.py\ne = {}',
    );
    expect(found).toEqual([{ uses: ['a.py:2'], operations: [] }]);
  });
});

const BASE =
  '# file: p/__init__.py\n# file: p/base.py\nclass Base:\n  def __init__(self):\n    self._e = asyncio.Event()\n';

describe('classes', () => {
  it.each<Row>([
    [
      'a subclass',
      `${BASE}# file: a.py\nfrom p.base import Base\nclass Sub(Base):\n  def f(self):\n    self._e.clear()  #: clear`,
    ],
    [
      'a subclass through the module',
      `${BASE}# file: a.py\nimport p.base as b\nclass Sub(b.Base):\n  def f(self):\n    self._e.clear()  #: clear`,
    ],
    [
      'a subclass through a package',
      '# file: p/__init__.py\nfrom .base import Base\n# file: p/base.py\nclass Base:\n  def __init__(self):\n    self._e = asyncio.Event()\n# file: a.py\nfrom p import Base\nclass Sub(Base):\n  def f(self):\n    self._e.clear()  #: clear',
    ],
    [
      'a subclass of a subclass',
      `${BASE}# file: b.py\nfrom p.base import Base\nclass Sub(Base): pass\n# file: a.py\nfrom b import Sub\nclass Leaf(Sub):\n  def f(self):\n    self._e.clear()  #: clear`,
    ],
    [
      'an object',
      `${BASE}# file: a.py\nfrom p.base import Base\ndef f(b: Base):\n  b._e.clear()  #: clear`,
    ],
    [
      'an object of unknown class',
      `${BASE}# file: a.py\ndef f(b):\n  b._e.clear()  #: maybe clear`,
    ],
    [
      'an attribute of another class',
      `${BASE}# file: a.py\nfrom p.base import Base\nclass Owner:\n  def __init__(self, b: Base):\n    self.b = b\n# file: c.py\nfrom a import Owner\nclass D:\n  def __init__(self):\n    self.owner: Owner = make()\n  def f(self):\n    self.owner.b._e.clear()  #: clear`,
    ],
    [
      'an instance of a module',
      '# file: s.py\nclass C:\n  def __init__(self):\n    self.e = asyncio.Event()\nc = C()\n# file: a.py\nfrom s import c\nc.e.clear()  #: clear',
    ],
    [
      'mixins put together in a third file',
      '# file: m.py\nclass Mixin:\n  e: asyncio.Event\n  def f(self):\n    self.e.clear()  #: clear\n# file: b.py\nclass Base:\n  def __init__(self):\n    self.e = asyncio.Event()\n# file: c.py\nfrom m import Mixin\nfrom b import Base\nclass Server(Mixin, Base): pass',
    ],
    [
      'a mixin that is put together out of sight',
      '# file: m.py\nclass Mixin:\n  def f(self):\n    self._e.clear()  #: maybe clear\n# file: b.py\nclass Base:\n  def __init__(self):\n    self._e = asyncio.Event()',
    ],
    [
      'the base reads in another file',
      '# file: b.py\nclass Base:\n  def f(self):\n    self.e.clear()  #: clear\n# file: a.py\nfrom b import Base\nclass Sub(Base):\n  def __init__(self):\n    self.e = asyncio.Event()',
    ],
    [
      'an override in another file',
      '# file: b.py\nclass Base:\n  def f(self, e): ...\n  def g(self):\n    self.f(asyncio.Event())\n# file: a.py\nfrom b import Base\nclass Sub(Base):\n  def f(self, e):\n    e.clear()  #: maybe clear',
    ],
    [
      'a constructor',
      '# file: b.py\nclass C:\n  def __init__(self, e):\n    self.e = e\n  def f(self):\n    self.e.clear()  #: clear\n# file: a.py\nfrom b import C\nC(asyncio.Event())',
    ],
    [
      'a dataclass',
      '# file: b.py\n@dataclass\nclass C:\n  e: Any\n# file: a.py\nfrom b import C\nc = C(asyncio.Event())\n# file: d.py\ndef f(c):\n  c.e.clear()  #: maybe clear',
    ],
    [
      'the name in a string',
      `${BASE}# file: a.py\ndef f(x):\n  return getattr(x, "_e").clear()  #: maybe clear`,
    ],
    [
      'the name in a table',
      `${BASE}# file: a.py\nTABLE = {"event": "_e"}  #: maybe escape\ndef f(x, k):\n  getattr(x, TABLE[k]).clear()`,
    ],
    [
      'a pattern',
      `${BASE}# file: a.py\nfrom p.base import Base\ndef f(x):\n  match x:\n    case Base(_e=e): e.clear()  #: clear`,
    ],
    [
      'mangled',
      '# file: b.py\nclass C:\n  def __init__(self):\n    self.__e = asyncio.Event()\n# file: a.py\ndef f(c):\n  c._C__e.clear()  #: maybe clear',
    ],
  ])('%s', (_, program) => expectFamily(program));
});

describe('functions', () => {
  it.each<Row>([
    [
      'called',
      '# file: b.py\ndef make():\n  return asyncio.Event()\n# file: a.py\nfrom b import make\nmake().clear()  #: clear',
    ],
    [
      'called through the module',
      '# file: b.py\ndef make():\n  return asyncio.Event()\n# file: a.py\nimport b\nb.make().clear()  #: clear',
    ],
    [
      'called under another name',
      '# file: b.py\ndef make():\n  return asyncio.Event()\n# file: a.py\nfrom b import make as new\nnew().clear()  #: clear',
    ],
    [
      'called under another name of a package',
      '# file: p/__init__.py\nfrom .b import make as new\n# file: p/b.py\ndef make():\n  return asyncio.Event()\n# file: a.py\nfrom p import new as n\nn().clear()  #: clear',
    ],
    [
      'called through a package',
      '# file: p/__init__.py\nfrom .b import make\n# file: p/b.py\ndef make():\n  return asyncio.Event()\n# file: a.py\nimport p\np.make().clear()  #: clear',
    ],
    [
      'one of two definitions',
      '# file: b.py\nif x:\n  def make():\n    return asyncio.Event()\nelse:\n  def make(): ...\nmake().set()  #: maybe set\n# file: a.py\nfrom b import make as new\nimport b\nnew().clear()  #: maybe clear\nb.make().wait()  #: maybe wait',
    ],
    [
      'overloaded',
      '# file: b.py\n@overload\ndef make(a): ...\n@overload\ndef make(b): ...\ndef make(*a):\n  return asyncio.Event()\n# file: a.py\nfrom b import make\nmake().clear()  #: clear',
    ],
    [
      'an overloaded method',
      '# file: b.py\nclass C:\n  @overload\n  def f(self, a: int): ...\n  def f(self, a):\n    a.clear()  #: clear\nC().f(asyncio.Event())',
    ],
    [
      'another of the same name',
      '# file: b.py\ndef make():\n  return asyncio.Event()\n# file: c.py\ndef make(): ...\n# file: a.py\nfrom c import make\nmake().clear()',
    ],
    [
      'an argument',
      '# file: b.py\ndef stop(e):\n  e.clear()  #: clear\n# file: a.py\nfrom b import stop\nstop(asyncio.Event())',
    ],
    [
      'a context manager',
      '# file: b.py\n@asynccontextmanager\nasync def make():\n  yield asyncio.Event()\n# file: a.py\nfrom b import make\nasync def f():\n  async with make() as e: e.clear()  #: clear',
    ],
  ])('%s', (_, program) => expectFamily(program));
});

describe('fixtures of pytest', () => {
  const fixture = '@pytest.fixture\ndef gate():\n  return asyncio.Event()\n';

  it.each<Row>([
    ['in its file', `# file: test_a.py\n${fixture}def test(gate):\n  gate.clear()  #: clear`],
    [
      'yielded',
      '# file: test_a.py\n@pytest.fixture\nasync def gate():\n  yield asyncio.Event()\nasync def test(gate):\n  gate.clear()  #: clear',
    ],
    [
      'annotated',
      '# file: test_a.py\n@pytest.fixture\ndef gate() -> Iterator[asyncio.Event]:\n  yield make()\ndef test(gate):\n  gate.clear()  #: clear',
    ],
    [
      'for a fixture',
      `# file: test_a.py\n${fixture}@pytest.fixture\ndef door(gate):\n  return gate\ndef test(door):\n  door.clear()  #: clear`,
    ],
    [
      'of conftest',
      `# file: tests/conftest.py\n${fixture}# file: tests/x/test_a.py\ndef test(gate):\n  gate.clear()  #: clear`,
    ],
    [
      'in a class',
      `# file: tests/conftest.py\n${fixture}# file: tests/test_a.py\nclass TestA:\n  def test(self, gate):\n    gate.clear()  #: clear`,
    ],
    [
      'imported from elsewhere',
      `# file: fixtures.py\n${fixture}# file: tests/test_a.py\nfrom fixtures import gate\ndef test(gate):\n  gate.clear()  #: maybe clear`,
    ],
    [
      'of a plugin',
      `# file: plugin.py\n${fixture}# file: tests/test_a.py\ndef test(gate):\n  gate.clear()  #: maybe clear`,
    ],
    [
      'no test, no fixture',
      `# file: plugin.py\n${fixture}# file: a.py\ndef shut(gate):\n  gate.clear()`,
    ],
    [
      'under another name',
      '# file: test_a.py\n@pytest.fixture(name="gate")\ndef _gate():\n  return asyncio.Event()\ndef test(gate, _gate):\n  gate.clear()  #: clear\n  _gate.clear()',
    ],
    [
      'under a computed name',
      '# file: test_a.py\n@pytest.fixture(name=NAME)\ndef gate():  #: escape\n  return asyncio.Event()',
    ],
    [
      'asked for by name',
      `# file: test_a.py\n${fixture}def test(request):\n  request.getfixturevalue("gate").clear()  #: clear`,
    ],
    [
      'pytest_asyncio',
      '# file: test_a.py\n@pytest_asyncio.fixture\nasync def gate():\n  return asyncio.Event()\nasync def test(gate):\n  gate.clear()  #: clear',
    ],
  ])('%s', (_, program) => expectFamily(program));
});

describe('how much is parsed', () => {
  it('only what may read the object', () => {
    const workspace = new Workspace(
      textsOf(
        '# file: a.py\nclass C:\n  def __init__(self):\n    self._gate = asyncio.Event()\n' +
          '# file: b.py\ndef f(c): c._gate.set()\n# file: c.py\n_gate = 1\n# file: d.py\nx = "gate", gate\n',
      ),
    );
    expect(workspace.allFamilies).toHaveLength(1);
    expect([...workspace.store.loaded].sort()).toEqual(['a.py', 'b.py']);
  });
});
