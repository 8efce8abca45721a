/** Type aliases: what they say is said of every place that an annotation by them names. */

import { describe, expect, it } from 'vitest';
import { expectFamily, familiesOf } from './analysis-families.ts';

type Row = [title: string, program: string];

const CLEARS = 'for e in es.values():\n    e.clear()';

describe('an alias in annotations', () => {
  it.each<Row>([
    ['brackets', `Events = dict[str, asyncio.Event]\ndef f(es: Events):\n  ${CLEARS}  #: clear`],
    ['TypeAlias', `Events: TypeAlias = asyncio.Event\ndef f(e: Events):\n  e.clear()  #: clear`],
    [
      'TypeAlias, quoted',
      `Events: TypeAlias = "dict[str, asyncio.Event]"\ndef f(es: Events):\n  ${CLEARS}  #: clear`,
    ],
    [
      'a type statement',
      `type Events = dict[str, asyncio.Event]\ndef f(es: Events):\n  ${CLEARS}  #: clear`,
    ],
    [
      'a type statement with parameters',
      `type Events[K] = dict[K, asyncio.Event]\ndef f(es: Events[str]):  #: escape\n  pass`,
    ],
    ['a union', 'Late = asyncio.Event | None\ndef f(e: Late):\n  e.clear()  #: clear'],
    [
      'a name in quotes',
      'Late = asyncio.Event | None\ndef f(e: "list[Late]"):\n  e[0].clear()  #: clear',
    ],
    [
      'an alias of an alias',
      'Late = asyncio.Event | None\nAll = list[Late]\ndef f(e: All):\n  e[0].clear()  #: clear',
    ],
    ['an alias that speaks of itself', 'type Tree = asyncio.Event | list[Tree]'],
    [
      'an alias of another module',
      '# file: a.py\nLate = asyncio.Event | None\n# file: b.py\nfrom a import Late as L\nimport a\ndef f(e: L, g: a.Late):\n  e.clear()  #: clear\n  g.set()  #: set',
    ],
    [
      'an alias that is no annotation',
      'Late = asyncio.Event | None\ndef f(e: Late):\n  isinstance(e, Late)  #: escape',
    ],
    ['a function type', 'Call = Callable[[asyncio.Event], None]  #: escape'],
  ])('%s', (_, program) => expectFamily(program));

  it('joins all that it annotates', () => {
    const program =
      'Late = asyncio.Event | None\nclass C:\n  a: Late = asyncio.Event()\n  b: Late = asyncio.Event()';
    expect(familiesOf(program).map(({ uses }) => uses)).toEqual([['m.py:2', 'm.py:4', 'm.py:5']]);
  });
});

describe('a field of a TypedDict', () => {
  const ENTRY = 'class Entry(TypedDict):\n  e: asyncio.Event\n';

  it.each<Row>([
    ['of a parameter', `${ENTRY}def f(x: Entry):\n  x["e"].clear()  #: clear`],
    ['of what is made by it', `${ENTRY}x = Entry(n=1)\nx["e"].clear()  #: clear`],
    ['of an element', `${ENTRY}def f(x: list[Entry]):\n  x[0]["e"].clear()  #: clear`],
    [
      'of an heir',
      `${ENTRY}class More(Entry): pass\ndef f(x: "More"):\n  x["e"].clear()  #: clear`,
    ],
    ['under another key', `${ENTRY}def f(x: Entry):\n  x["n"].clear()`],
    ['of no TypedDict', 'class C:\n  e: asyncio.Event\ndef f(x: C):\n  x["e"].clear()'],
    ['of itself', 'class T(TypedDict):\n  e: asyncio.Event\n  more: "T"'],
  ])('%s', (_, program) => expectFamily(program));

  it('joins what is made for it', () => {
    const program = `${ENTRY}def make() -> Entry:\n  return {"e": asyncio.Event()}\nx: Entry = {"e": asyncio.Event()}`;
    expect(familiesOf(program)).toHaveLength(1);
  });
});

describe('no alias', () => {
  it.each<Row>([
    ['an element by the class', 'found = KINDS[asyncio.Event]'],
    ['an attribute of a class', 'class C:\n  kinds = dict[str, asyncio.Event]'],
    ['the class under another name', 'Signal = asyncio.Event'],
  ])('%s', (_, program) => {
    expect(familiesOf(program).map(({ operations }) => operations)).toEqual([[]]);
  });
});
