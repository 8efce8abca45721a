"""Tests of the scopes that census.py looks names up in."""

import ast
import asyncio
import os
import symtable
import sys
import unittest

import scopes
from census_case import CensusCase


class Scopes(CensusCase):
    def test_shadowing(self):
        self.check(
            """
            from asyncio import sleep, Lock, «Event, «gather
            def f(sleep, *, Lock=«Lock): sleep(1); return Lock
            g = lambda sleep, x=«sleep: sleep
            def h():
                Event()
                Event = 1
            def i(*gather, **Event): return gather, Event
            """,
            ('asyncio.Event', 'import'),
            ('asyncio.gather', 'import'),
            'asyncio.Lock',
            'asyncio.sleep',
        )

    def test_what_else_binds(self):
        self.check(
            """
            from asyncio import «sleep
            def a():
                for sleep in x: sleep
            def b():
                with x as sleep: sleep
            def c():
                try: pass
                except E as sleep: sleep
            def d():
                def sleep(): sleep
            def e():
                class sleep: sleep
            def f():
                import sleep; sleep
            def g():
                sleep: int; sleep
            def h():
                if (sleep := 1): sleep
            def i():
                match x:
                    case {'a': 1, **sleep}: sleep
            def j():
                match x:
                    case [1, *sleep] | {'a': sleep}: sleep
            def k():
                sleep += 1; sleep
            def l():
                (a, [b, *sleep]) = x; sleep
            """,
            ('asyncio.sleep', 'import'),
        )

    def test_a_rebound_global_is_a_doubt(self):
        self.check(
            """
            import asyncio
            from asyncio import sleep
            def patch_it():
                global sleep
                sleep = lambda: None
            def use(): return «sleep, «asyncio.run
            """,
            ('asyncio.sleep', 'name', 'doubt'),
            'asyncio.run',
        )

    def test_nonlocal(self):
        self.check(
            """
            def f():
                from asyncio import sleep
                def g():
                    nonlocal sleep
                    sleep = 1
                def h(): return «sleep
            """,
            ('asyncio.sleep', 'name', 'doubt'),
        )

    def test_global_reaches_over_the_function_between(self):
        self.check(
            """
            import asyncio
            def f(asyncio):
                def g():
                    global asyncio
                    return «asyncio.run, lambda: «asyncio.sleep
                return asyncio.Lock
            """,
            'asyncio.run',
            'asyncio.sleep',
        )

    def test_comprehensions(self):
        self.check(
            """
            from asyncio import sleep, run
            [sleep for sleep in «sleep]
            {sleep: «run for sleep in x if sleep}
            [«sleep for x in y]
            (run for x in «run for run in run)
            [sleep for x in y for sleep in sleep]
            """,
            'asyncio.sleep',
            'asyncio.run',
            'asyncio.sleep',
            'asyncio.run',
        )

    def test_a_walrus_in_a_comprehension_binds_outside(self):
        self.check(
            """
            from asyncio import «sleep
            def f():
                [(sleep := x) for x in y]
                sleep
            """,
            ('asyncio.sleep', 'import'),
        )

    def test_class_bodies(self):
        self.check(
            """
            from asyncio import Event, Lock, sleep
            class A:
                Event = «Event
                Event
                lock: «Lock = «Lock()
                def method(self, x: Event = Event): return «Event
                Lock = «Lock
                def sleep(self): return «sleep
                other = sleep
                [«Lock for x in Event]
            """,
            'asyncio.Event',
            'asyncio.Lock',
            'asyncio.Lock',
            'asyncio.Event',
            'asyncio.Lock',
            'asyncio.sleep',
            'asyncio.Lock',
        )

    def test_a_field_without_a_value_binds_nothing(self):
        self.check(
            """
            from asyncio import Event
            class A:
                Event: «Event
                other: «Event
            """,
            'asyncio.Event',
            'asyncio.Event',
        )

    def test_class_scope_import_is_not_seen_by_methods(self):
        self.check(
            """
            class A:
                import asyncio
                x = «asyncio.Lock()
                def f(self): return asyncio.sleep
            """,
            'asyncio.Lock',
        )

    def test_where_a_signature_is_evaluated(self):
        self.check(
            """
            import asyncio
            @«asyncio.deco
            async def f(asyncio: «asyncio.A = «asyncio.B, *a: «asyncio.C) -> «asyncio.D:
                asyncio.E
            class C(«asyncio.Protocol, metaclass=«asyncio.M):
                asyncio = 1
            """,
            *(f'asyncio.{name}' for name in ['deco', 'A', 'B', 'C', 'D', 'Protocol', 'M']),
        )

    @unittest.skipIf(sys.version_info < (3, 12), 'type parameters')
    def test_type_parameters(self):
        self.check(
            """
            from asyncio import Task, Lock, «Event
            def f[Task: «Lock](x: Task) -> «Lock: return Task
            class C[Event]:
                def m[T](self, x: Event) -> «Task: ...
            type X[Lock] = «Task[Lock]
            """,
            ('asyncio.Event', 'import'),
            'asyncio.Lock',
            'asyncio.Lock',
            'asyncio.Task',
            'asyncio.Task',
        )


class AgainstPython(unittest.TestCase):
    """The scope walk against `symtable`, over asyncio's own source and this folder's."""

    def test_scopes_bind_what_symtable_says(self):
        folders = [os.path.dirname(asyncio.__file__), os.path.dirname(scopes.__file__)]
        seen = 0
        for folder in folders:
            for name in sorted(os.listdir(folder)):
                if name.endswith('.py'):
                    seen += self.check(os.path.join(folder, name))
        self.assertGreater(seen, 500)

    def check(self, path):
        with open(path, encoding='utf-8') as file:
            text = file.read()
        ours = _our_scopes(text)
        theirs = _symtable_scopes(symtable.symtable(text, path, 'exec'))
        self.assertEqual(sorted(ours), sorted(theirs), path)
        return len(ours)


def _our_scopes(text):
    """The sorted names of each scope, as symtable would tell them."""
    found = scopes.names_of(ast.parse(text)).scopes
    names = {id(scope): {_mangled(scope, name) for name in scope.bindings} for scope in found}
    for scope in reversed(found):
        # Since 3.12 comprehensions are part of the scope around (PEP 709), generators are not.
        inlined = scope.kind == 'comprehension' and not isinstance(scope.node, ast.GeneratorExp)
        if inlined and sys.version_info >= (3, 12):
            names[id(scope.parent)] |= names.pop(id(scope))
    return [sorted(bound) for bound in names.values()]


def _mangled(scope, name):
    """`_Class__name`, as symtable writes a private name."""
    while scope.parent and scope.kind != 'class':
        scope = scope.parent
    private = scope.kind == 'class' and name.startswith('__') and not name.endswith('__')
    return f'_{scope.node.name.lstrip("_")}{name}' if private else name


def _symtable_scopes(table):
    if table.get_name() != '__annotate__':
        yield sorted(symbol.get_name() for symbol in table.get_symbols() if _is_bound(symbol))
    for child in table.get_children():
        yield from _symtable_scopes(child)


def _is_bound(symbol):
    is_bound = symbol.is_assigned() or symbol.is_imported() or symbol.is_parameter()
    # A leading dot marks what the compiler adds.
    return symbol.is_local() and is_bound and not symbol.get_name().startswith('.')


if __name__ == '__main__':
    unittest.main()
