/** Attributes that are read and written by their names in strings, and by patterns. */

import { describe, it } from 'vitest';
import { expectFamily } from './analysis-families.ts';

type Row = [title: string, program: string];

/** `Holder` makes an event in its constructor; `body` goes on with the class, `rest` follows it. */
function holder(body: string, rest = ''): string {
  const lines = body === '' ? '' : `${body.replaceAll(/^/gm, '  ')}\n`;
  return `class Holder:\n  def __init__(self):\n    self._e = asyncio.Event()\n${lines}${rest}`;
}

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
      'a computed name that cannot be it for its end',
      holder('def f(self, n):\n  name = "_" + n + "_on"\n  getattr(self, name, None).clear()'),
    ],
    [
      'a computed name that may be it after all',
      holder(
        'def f(self, n):\n  name = "on_" + n\n  if n: name = n\n  getattr(self, name).clear()  #: escape',
      ),
    ],
    [
      'a name made by templates that cannot be it',
      holder(
        'def f(self, n):\n  getattr(self, "on_%s" % n).clear()\n  getattr(self, "{}_on".format(n)).clear()',
      ),
    ],
    [
      'a name made by templates that may be it',
      holder(
        'def f(self, n):\n  getattr(self, "_%s" % n).clear()  #: escape\n  getattr(self, "{}e".format(n)).clear()  #: escape',
      ),
    ],
    [
      'one of several names',
      holder('def f(self):\n  for n in ("_a", "_b"):\n    getattr(self, n).clear()'),
    ],
    [
      'one of several names with it among them',
      holder('def f(self):\n  for n in ("a", "e"):\n    getattr(self, f"_{n}").clear()  #: escape'),
    ],
    [
      'the first of pairs',
      holder('def f(self):\n  for n, i in (("_a", 1), ("_b", 2)):\n    getattr(self, n).clear()'),
    ],
    [
      'names in a list that grows',
      holder(
        'def f(self):\n  names = ["_a"]\n  names.append("_" + "e")\n  for n in names:\n    getattr(self, n).clear()  #: escape',
      ),
    ],
    [
      'a parameter that all calls give a name',
      holder(
        'def f(self, n):\n  getattr(self, n).clear()\ndef g(self):\n  self.f("_a")\n  self.f(n="_b")',
      ),
    ],
    [
      'a parameter that one call gives anything',
      holder(
        'def f(self, n):\n  getattr(self, n).clear()  #: escape\ndef g(self, m):\n  self.f("_a")\n  self.f(m)',
      ),
    ],
    [
      'a parameter of what is handed on',
      holder(
        'def f(self, n):\n  getattr(self, n).clear()  #: escape\ndef g(self):\n  self.f("_a")\n  map(self.f, x)',
      ),
    ],
    [
      'a parameter of a Literal',
      holder('def f(self, n: Literal["_a", "_b"]):\n  getattr(self, n).clear()'),
    ],
    [
      'a computed name on an object of the class elsewhere',
      `# file: a.py\n${holder('')}\n# file: b.py\nfrom a import Holder\ndef f(h: Holder, n):\n  getattr(h, n).clear()  #: escape\n  getattr(h, "on_" + n)`,
    ],
    [
      'a computed name in an heir elsewhere',
      `# file: a.py\n${holder('')}\n# file: b.py\nfrom a import Holder\nclass D(Holder):\n  def f(self, n):\n    getattr(self, n).clear()  #: escape`,
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
    ['patch.object of a member', 'e = asyncio.Event()\npatch.object(e, "wait")  #: =wait'],
    ['mocker.spy on a member', 'e = asyncio.Event()\nmocker.spy(e, "set")  #: =set'],
    ['monkeypatch of a member', 'e = asyncio.Event()\nmonkeypatch.setattr(e, "wait", f)  #: =wait'],
    ['patch.object of a computed name', 'e = asyncio.Event()\npatch.object(e, n)  #: escape'],
    [
      'patch.object of a member of a list',
      'es = [asyncio.Event()]\npatch.object(es, "append")  #: escape',
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
