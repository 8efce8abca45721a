"""Counts the uses of asyncio in Python files by Python's own `ast`: the yardstick of the tests.

What is said of asyncio here goes for uvloop and async_timeout as well.

    python census.py file.py ...            files as arguments
    python census.py < list                 or their paths on stdin, each ended by a NUL

Prints JSON: `{"python": "3.13.0", "files": [{"path", "uses": [...], "error"}]}`, the files in the
given order; `error` is null, or why a file could not be read or parsed (an ASCII file without the
name of such a library is not parsed). A use has

- `line` and `column`: 1-based, the column in UTF-16 code units; a byte order mark does not count;
- `name`: canonical, as `asyncio.Lock`, also for `asyncio.locks.Lock`; `asyncio` for the module;
- `kind`, and in which place the use is then located:
    name               `asyncio.sleep`, `sleep`: the start of the expression
    module             `asyncio`, or a submodule, that no attribute follows
    getattr            `getattr(asyncio, 'sleep')`, hasattr, setattr, delattr and patch.object
                       alike: the module in it; `name` has the attribute
    annotation-string  a name inside a string annotation: its place in the string
    patch-target       `patch('game.loop.asyncio.sleep')`, setattr, delattr: the string's content
    import-string      `import_module('asyncio')`, __import__, importorskip: likewise
    import             an imported name that nothing in its scope refers to: the alias
- `doubt`: whether the name is bound to something else too (`except ImportError: asyncio = None`).

A string that is no single plain literal (escapes, pieces side by side) has its uses at its start.
Before Python 3.12, `ast` misplaces expressions inside f-strings over several lines: count with a
later one. Not found: modules reached through another module (`other.asyncio.sleep`), assigned
names (`nap = asyncio.sleep` counts once), f-strings as patch targets, type comments.
"""

import ast
import io
import json
import re
import sys
import tokenize
import warnings

from asyncio_names import LIBRARIES, canonical, is_module, public_names, star_names
from scopes import DELETION, last_name, lookup, names_of

PATCHERS = {'patch', 'setattr', 'delattr'}
OBJECT_PATCHERS = {'getattr', 'hasattr', 'setattr', 'delattr', 'object'}
IMPORTERS = {'import_module', '__import__', 'importorskip'}
DOTTED = re.compile(r'[^\W\d]\w*(\.[^\W\d]\w*)*')
LITERAL = re.compile(r'[uUrR]?(\'\'\'|"""|\'|")')


def main(argv):
    paths = argv or [path for path in sys.stdin.read().split('\0') if path]
    files = [count_file(path) for path in paths]
    json.dump({'python': sys.version.split()[0], 'files': files}, sys.stdout)


def count_file(path):
    """The uses in one file, as the module's docstring says; never raises for a bad file."""
    try:
        with open(path, 'rb') as file:
            data = file.read()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return {'path': path, 'uses': count(data.decode(encoding)), 'error': None}
    except (OSError, SyntaxError, ValueError, RecursionError) as error:
        return {'path': path, 'uses': [], 'error': f'{type(error).__name__}: {error}'}


def count(text):
    """The uses in a program's text, in its order; raises SyntaxError or ValueError (NUL)."""
    # An identifier outside ASCII is normalised before it counts, and may come to read asyncio.
    if text.isascii() and not any(library in text for library in LIBRARIES):
        return []
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        tree = ast.parse(text)
        names = names_of(tree)
    uses = _Census(names, _Text(text)).uses()
    return sorted(uses, key=lambda use: (use['line'], use['column'], use['name']))


class _Census:
    def __init__(self, names, text):
        self.names = names
        self.text = text
        self.stars = [star for star in names.stars if _is_asyncio(star.target)]
        # What these bind is unknown; it may be any name.
        self.other_stars = len(self.stars) < len(names.stars)
        self.referenced = set()

    def uses(self):
        for load in self.names.loads:
            yield from self.loaded(load)
        for call in self.names.calls:
            yield from self.named_in_string(call)
        yield from self.unreferenced()

    def loaded(self, load):
        bindings = lookup(load.node.id, load.scope, load.at)
        ours = [binding for binding in bindings if _is_asyncio(binding.target)]
        star = self.star_of(load.node.id) if len(ours) == len(bindings) else None
        if not ours and not star:
            return
        self.referenced.update(binding.node for binding in ours)
        if star:
            self.referenced.add(star.node)
        if ours:
            earlier = [binding for binding in ours if binding.since <= load.at]
            targets = [binding.target for binding in earlier or ours[:1]]
            own = [target for target in targets if _library(target) == 'asyncio']
            target = (own or targets)[-1]
        else:
            target = f'{star.target}.{load.node.id}'
        meanings = [binding for binding in bindings if binding.kind != DELETION]
        doubt = len(ours) < len(meanings) or (not ours and self.other_stars)
        doubt |= len({_library(binding.target) for binding in ours}) > 1
        yield self.through_import(load, target, doubt)

    def star_of(self, name):
        return next((star for star in self.stars if name in star_names(star.target)), None)

    def through_import(self, load, target, doubt):
        path = target.split('.')
        node = load.node
        parent = self.names.parents.get(node)
        while isinstance(parent, ast.Attribute):
            path.append(parent.attr)
            node, parent = parent, self.names.parents.get(parent)
        name = canonical(path)
        kind = 'name'
        if is_module(name):
            member = self.member_by_string(node, parent)
            kind = 'getattr' if member else 'module'
            name = canonical([*name.split('.'), *member.split('.')]) if member else name
        if load.string:
            kind = 'annotation-string'
        line, column = self.text.place_in(load.string, load.node)
        return _use(line, column, name, kind, doubt)

    def member_by_string(self, node, parent):
        if not isinstance(parent, ast.Call) or last_name(parent.func) not in OBJECT_PATCHERS:
            return None
        first, second, *_ = [*parent.args, None, None]
        return _string(second) if first is node else None

    def named_in_string(self, call):
        callee = last_name(call.func)
        qualifier = last_name(call.func.value) if isinstance(call.func, ast.Attribute) else None
        if callee in PATCHERS or qualifier == 'patch':
            find, kind = _patched_name, 'patch-target'
        elif callee in IMPORTERS:
            find, kind = _imported_name, 'import-string'
        else:
            return
        node = _target_string(call)
        name = node and DOTTED.fullmatch(node.value) and find(node.value.split('.'))
        if name:
            line, column = self.text.place_of_content(node)
            yield _use(line, column, name, kind, False)

    def unreferenced(self):
        for scope in self.names.scopes:
            for bindings in scope.bindings.values():
                for binding in bindings:
                    if _is_asyncio(binding.target) and binding.node not in self.referenced:
                        yield self.imported(binding.node, canonical(binding.target.split('.')))
        for star in self.stars:
            if star.node not in self.referenced:
                yield self.imported(star.node, star.target)

    def imported(self, alias, name):
        line, column = self.text.place(alias.lineno, alias.col_offset)
        return _use(line, column, name, 'import', False)


class _Text:
    """Turns the positions of `ast` (1-based line, UTF-8 byte column) into a person's."""

    def __init__(self, text):
        # Only these end a line for Python; str.splitlines() knows more.
        self.lines = re.split('\r\n|\r|\n', text)

    def place(self, line, byte_column):
        """(line, column), both 1-based, the column in UTF-16 code units."""
        before = self.lines[line - 1].encode()[:byte_column].decode()
        return line, len(before.encode('utf-16-le')) // 2 + 1

    def place_in(self, string, node):
        if string is None:
            return self.place(node.lineno, node.col_offset)
        # The text was parsed in parentheses: one byte too many before the first line.
        inner_column = node.col_offset - (1 if node.lineno == 1 else 0)
        origin = self.content_origin(string)
        if origin is None:
            outermost = string.outermost.node
            return self.place(outermost.lineno, outermost.col_offset)
        return self.place(*_shift(origin, node.lineno, inner_column))

    def place_of_content(self, node):
        start = self.literal_start(node)
        return self.place(node.lineno, node.col_offset if start is None else start)

    def content_origin(self, string):
        """(line, byte column) where the content of a plain literal begins; None for others."""
        node = string.node
        if string.outer is None:
            start = self.literal_start(node)
            return None if start is None else (node.lineno, start)
        origin = self.content_origin(string.outer)
        plain = node.end_col_offset - node.col_offset == len(node.value.encode()) + len('""')
        if origin is None or not plain or node.end_lineno != node.lineno:
            return None
        column = node.col_offset - (1 if node.lineno == 1 else 0)
        return _shift(origin, node.lineno, column + 1)

    def literal_start(self, node):
        """The byte column behind the opening quote; None when the literal is not plain."""
        lines = [line.encode() for line in self.lines[node.lineno - 1 : node.end_lineno]]
        lines[-1] = lines[-1][: node.end_col_offset]
        source = b'\n'.join(lines)[node.col_offset :].decode()
        opening = LITERAL.match(source)
        if opening is None:
            return None
        content = source[opening.end() : -len(opening[1])]
        return node.col_offset + opening.end() if content == node.value else None


def _shift(origin, line, byte_column):
    first_line, first_column = origin
    if line == 1:
        return first_line, first_column + byte_column
    return first_line + line - 1, byte_column


def _use(line, column, name, kind, doubt):
    return {'line': line, 'column': column, 'name': name, 'kind': kind, 'doubt': bool(doubt)}


def _library(target):
    return target.split('.')[0]


def _is_asyncio(target):
    return target is not None and _library(target) in LIBRARIES


def _string(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _target_string(call):
    named = [keyword.value for keyword in call.keywords if keyword.arg == 'target']
    first = next(iter([*call.args, *named]), None)
    return first if _string(first) is not None else None


def _patched_name(parts):
    """The name that a patch target means; others' modules are called asyncio too (sqlalchemy)."""
    for at in reversed(range(len(parts) - 1)):
        if parts[at] in LIBRARIES and (at == 0 or parts[at + 1] in public_names(parts[at])):
            return canonical(parts[at:])
    return parts[0] if len(parts) == 1 and parts[0] in LIBRARIES else None


def _imported_name(parts):
    return canonical(parts) if parts[0] in LIBRARIES else None


if __name__ == '__main__':
    main(sys.argv[1:])
