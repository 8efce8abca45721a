/** Following objects into containers and out of them. See analysis-families.ts for the comments. */

import { describe, expect, it } from 'vitest';
import { expectFamily, familiesOf } from './analysis-families.ts';

type Row = [title: string, program: string];

describe('containers', () => {
  it.each<Row>([
    ['a list', 'es = [asyncio.Event()]\nes[0].clear()  #: clear'],
    ['the last of a list', 'es = [asyncio.Event()]\nes[-1].clear()  #: clear'],
    ['a slice', 'es = [asyncio.Event()]\nfor e in es[1:]:\n  e.clear()  #: clear'],
    ['a loop', 'es = [asyncio.Event()]\nfor e in es:\n  e.clear()  #: clear'],
    ['a comprehension', 'es = [asyncio.Event()]\n[e.clear() for e in es]  #: clear'],
    [
      'made by a comprehension',
      'es = [asyncio.Event() for _ in range(3)]\nes[0].clear()  #: clear',
    ],
    [
      'made by a generator',
      'es = list(asyncio.Event() for _ in range(3))\nes[0].clear()  #: clear',
    ],
    ['repeated', 'es = [asyncio.Event()] * 3\nes[1].clear()  #: clear'],
    ['added', 'es = [asyncio.Event()] + more\nes[0].clear()  #: clear'],
    ['added in place', 'es = []\nes += [asyncio.Event()]\nes[0].clear()  #: clear'],
    ['appended', 'es = []\nes.append(asyncio.Event())\nes[0].clear()  #: clear'],
    ['extended', 'es = []\nes.extend([asyncio.Event()])\nes[0].clear()  #: clear'],
    ['inserted', 'es = []\nes.insert(0, asyncio.Event())\nfor e in es: e.clear()  #: clear'],
    ['the container itself is cleared', 'es = [asyncio.Event()]\nes.clear()\nes.append(1)'],
    ['popped', 'es = [asyncio.Event()]\nes.pop().clear()  #: clear'],
    ['popped by index', 'es = [asyncio.Event()]\nes.pop(0).clear()  #: clear'],
    ['copied', 'es = [asyncio.Event()]\nes.copy()[0].clear()  #: clear\nes[:][0].set()  #: set'],
    ['starred into another', 'es = [asyncio.Event()]\nfs = [*es, x]\nfs[0].clear()  #: clear'],
    [
      'unpacked',
      'es = [asyncio.Event(), asyncio.Event()]\na, b = es\na.set()  #: set\nb.clear()  #: clear',
    ],
    [
      'unpacked with a star',
      'es = [asyncio.Event()]\na, *b = es\na.set()  #: set\nb[0].clear()  #: clear',
    ],
    ['a set', 'es = {asyncio.Event()}\nfor e in es: e.clear()  #: clear'],
    ['added to a set', 'es = set()\nes.add(asyncio.Event())\nfor e in es: e.clear()  #: clear'],
    [
      'a deque',
      'from collections import deque\nes = deque()\nes.append(asyncio.Event())\nes.popleft().clear()  #: clear',
    ],
    ['a tuple by index', 't = (asyncio.Event(), x)\nt[0].clear()  #: clear\nt[1].clear()'],
    ['a tuple by a computed index', 't = (asyncio.Event(), x)\nt[i].clear()  #: maybe clear'],
    ['a loop over a tuple', 'for e in (asyncio.Event(), x):\n  e.clear()  #: maybe clear'],
    [
      'a tuple unpacked with a star',
      't = (asyncio.Event(), 1, 2)\na, *b = t\na.clear()  #: clear\nb[0].clear()',
    ],
    [
      'behind a star',
      't = (1, 2, asyncio.Event())\na, *b, c = t\na.clear()\nb[0].clear()  #: maybe clear\nc.clear()  #: maybe clear',
    ],
    [
      'a dict by a literal key',
      'd = {"a": asyncio.Event(), "b": x}\nd["a"].clear()  #: clear\nd["b"].clear()',
    ],
    [
      'a dict by a computed key',
      'd = {"a": asyncio.Event(), "b": x}\nd[k].clear()  #: maybe clear',
    ],
    ['get', 'd = {"a": asyncio.Event()}\nd.get("a").clear()  #: clear\nd.get("b").clear()'],
    ['values', 'd = {}\nd[k] = asyncio.Event()\nfor e in d.values(): e.clear()  #: clear'],
    [
      'items',
      'd = {}\nd[k] = asyncio.Event()\nfor k, e in d.items():\n  e.clear()  #: clear\n  k.clear()',
    ],
    [
      'items in a comprehension',
      'd = {}\nd[k] = asyncio.Event()\n[e.clear() for k, e in d.items()]  #: clear',
    ],
    [
      'a list of items',
      'd = {}\nd[k] = asyncio.Event()\nfor k, e in list(d.items()): e.clear()  #: clear',
    ],
    [
      'sorted items',
      'd = {}\nd[k] = asyncio.Event()\nfor item in sorted(d.items()): item[1].clear()  #: clear',
    ],
    [
      'keys',
      'd = {}\nd[k] = asyncio.Event()\nfor k in d: k.clear()\nfor k in list(d): k.clear()\nfor k in d.keys(): k.clear()',
    ],
    ['popitem', 'd = {}\nd[k] = asyncio.Event()\nk, e = d.popitem()\ne.clear()  #: clear'],
    [
      'setdefault',
      'd = {}\ne = d.setdefault(k, asyncio.Event())\ne.set()  #: set\nd[k].clear()  #: clear',
    ],
    [
      'setdefault with a list',
      'd = {}\nd.setdefault(k, []).append(asyncio.Event())\nfor e in d[k]: e.clear()  #: clear',
    ],
    ['update', 'd = {}\nd.update({k: asyncio.Event()})\nd[k].clear()  #: clear'],
    ['update by keyword', 'd = {}\nd.update(a=asyncio.Event())\nd["a"].clear()  #: clear'],
    ['union', 'd = {k: asyncio.Event()} | other\nd[k].clear()  #: clear'],
    ['union in place', 'd = {}\nd |= {k: asyncio.Event()}\nd[k].clear()  #: clear'],
    ['spread', 'd = {k: asyncio.Event()}\nc = {**d}\nc[k].clear()  #: clear'],
    ['dict()', 'd = dict(a=asyncio.Event())\nd["a"].clear()  #: clear'],
    ['dict of pairs', 'd = dict(zip(ks, [asyncio.Event()]))\nd[k].clear()  #: clear'],
    ['fromkeys', 'd = dict.fromkeys(ks, asyncio.Event())\nd[k].clear()  #: clear'],
    ['a dict comprehension', 'd = {k: asyncio.Event() for k in ks}\nd[k].clear()  #: clear'],
    [
      'defaultdict',
      'from collections import defaultdict\nd = defaultdict(asyncio.Event)\nd[k].clear()  #: clear',
    ],
    [
      'defaultdict of a lambda',
      'from collections import defaultdict\nd = defaultdict(lambda: asyncio.Event())\nd[k].clear()  #: clear',
    ],
    [
      'a list in a dict',
      'd = {}\nd[k] = [asyncio.Event()]\nfor es in d.values():\n  for e in es: e.clear()  #: clear',
    ],
    ['a dict in a dict', 'd = {}\nd[a] = {}\nd[a][b] = asyncio.Event()\nd[a][b].clear()  #: clear'],
    [
      'a container that is not known',
      'x[k] = asyncio.Event()\nfor e in x: e.clear()  #: maybe clear\nx[k].set()  #: set',
    ],
    [
      'added to what is not known',
      'x.add(asyncio.Event())  #: escape\nfor e in x: e.clear()  #: clear',
    ],
    [
      'a queue',
      'q = asyncio.Queue()\nq.put_nowait(asyncio.Event())  #: escape\nq.get_nowait().clear()  #: clear',
    ],
    [
      'a custom container',
      'class C(dict):\n  pass\nc = C()\nc[k] = asyncio.Event()  #: escape\nc[k].clear()  #: clear',
    ],
    ['a method that is not known', 'es = [asyncio.Event()]\nes.shuffled()  #: escape'],
    ['a method that is handed on', 'es = [asyncio.Event()]\nf(es.pop)  #: escape'],
    ['without end', 'x = [asyncio.Event()]\nx = [x]\nwhile y: x = x[0]\nx.clear()  #: clear'],
  ])('%s', (_, program) => {
    if (_ === 'without end') return expectEndless(program);
    return expectFamily(program);
  });

  /** The nesting is cut at some depth, and said to be. */
  function expectEndless(program: string): void {
    const [family] = familiesOf(program);
    expect(family?.operations).toContain('m.py:5 clear');
    expect(family?.operations.some((told) => told.endsWith('escape'))).toBe(true);
  }
});

describe('functions over containers', () => {
  it.each<Row>([
    [
      'list, tuple, sorted, reversed',
      'es = [asyncio.Event()]\nlist(tuple(sorted(reversed(es))))[0].clear()  #: clear',
    ],
    ['iter and next', 'es = [asyncio.Event()]\nnext(iter(es)).clear()  #: clear'],
    ['next with a default', 'next(x, asyncio.Event()).clear()  #: clear'],
    ['min', 'es = [asyncio.Event()]\nmin(es).clear()  #: clear'],
    ['max of two', 'a = asyncio.Event()\nmax(a, b).clear()  #: clear'],
    [
      'min with a key',
      'es = [asyncio.Event()]\nmin(es, key=lambda e: e.clear()).set()  #: clear, set',
    ],
    [
      'sorted with a key',
      'es = [asyncio.Event()]\nsorted(es, key=lambda e: e.is_set())  #: is_set',
    ],
    [
      'enumerate',
      'es = [asyncio.Event()]\nfor i, e in enumerate(es):\n  e.clear()  #: clear\n  i.clear()',
    ],
    ['zip', 'es = [asyncio.Event()]\nfor a, e in zip(x, es):\n  e.clear()  #: clear\n  a.clear()'],
    ['map', 'es = [asyncio.Event()]\nlist(map(lambda e: e.clear(), es))  #: clear'],
    [
      'map of a function',
      'def shut(e):\n  e.clear()  #: clear\nes = [asyncio.Event()]\nmap(shut, es)',
    ],
    ['map of an unknown function', 'es = [asyncio.Event()]\nmap(shut, es)  #: escape'],
    [
      'filter',
      'es = [asyncio.Event()]\nfor e in filter(lambda e: e.is_set(), es): e.clear()  #: is_set, clear',
    ],
    ['any, all, len', 'es = [asyncio.Event()]\nany(es), all(es), len(es)'],
    ['gather', 'es = [asyncio.Event()]\nasyncio.gather(*[e.wait() for e in es])  #: wait'],
    [
      'chain',
      'from itertools import chain\nes = [asyncio.Event()]\nfor e in chain(es, x): e.clear()  #: clear',
    ],
    ['choice', 'import random\nes = [asyncio.Event()]\nrandom.choice(es).clear()  #: clear'],
    ['copy', 'import copy\nes = [asyncio.Event()]\ncopy.copy(es)[0].clear()  #: clear'],
    ['a copy of the object', 'import copy\ne = asyncio.Event()\ncopy.copy(e)  #: escape'],
    ['another function', 'es = [asyncio.Event()]\nshuffle(es)  #: escape'],
  ])('%s', (_, program) => expectFamily(program));
});
