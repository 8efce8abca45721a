"""Programs whose uses of asyncio are counted by hand, for the tests of census.py.

In a program, each use is marked: `«` stands right before the place where it is to be found. The
expected names are listed in the order of the text.
"""

import textwrap
import unittest

import census

MARK = '«'


def marked_places(program):
    """The text without its marks, and the (line, column) of each mark, in UTF-16 code units."""
    places = []
    lines = program.split('\n')
    for number, line in enumerate(lines, 1):
        while (at := line.find(MARK)) >= 0:
            places.append((number, len(line[:at].encode('utf-16-le')) // 2 + 1))
            line = line[:at] + line[at + 1 :]
        lines[number - 1] = line
    return '\n'.join(lines), places


class CensusCase(unittest.TestCase):
    def check(self, program, *expected):
        """`expected`: of each marked use its name, or (name, kind), or (name, kind, 'doubt')."""
        text, places = marked_places(textwrap.dedent(program))
        compile(text, 'program', 'exec')
        wanted = []
        for place, use in zip(places, expected, strict=True):
            name, kind, doubt = (*((use,) if isinstance(use, str) else use), 'name', '')[:3]
            wanted.append((*place, name, kind, doubt == 'doubt'))
        found = census.count(text)
        keys = ('line', 'column', 'name', 'kind', 'doubt')
        self.assertEqual([tuple(use[key] for key in keys) for use in found], wanted)
