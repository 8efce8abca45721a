"""Tests of census.py: imports, strings, places and files."""

import os
import sys
import tempfile
import unittest

import census
from census_case import CensusCase


class Imports(CensusCase):
    def test_module(self):
        self.check(
            """
            import asyncio
            «asyncio.sleep(1)
            x = «asyncio.Queue.get
            y = («asyncio
                 .locks.Lock)()
            """,
            'asyncio.sleep',
            'asyncio.Queue',
            'asyncio.Lock',
        )

    def test_alias_and_from(self):
        self.check(
            """
            import asyncio as aio
            from asyncio import sleep as nap, Lock
            «aio.run(«nap(1)); «Lock(); sleep(2); Event(); asyncio.run()
            """,
            'asyncio.run',
            'asyncio.sleep',
            'asyncio.Lock',
        )

    def test_libraries_beside_it(self):
        self.check(
            """
            import uvloop as uv, async_timeout
            from uvloop import install, Loop as Loop_
            from async_timeout import *
            «uv.run(1); «uv.Loop.close; «install(); «Loop_
            «async_timeout.timeout(1), «timeout_at(2), timeout_in(3)
            patch('«app.main.uvloop.install'), patch('app.uvloop.other')
            import_module('«uvloop')
            """,
            'uvloop.run',
            'uvloop.Loop',
            'uvloop.install',
            'uvloop.Loop',
            'async_timeout.timeout',
            'async_timeout.timeout_at',
            ('uvloop.install', 'patch-target'),
            ('uvloop', 'import-string'),
        )

    def test_submodules(self):
        self.check(
            """
            import asyncio.subprocess
            import asyncio.locks as locks
            from asyncio import tasks, subprocess as sp
            from asyncio.exceptions import CancelledError
            «asyncio.subprocess.PIPE
            «asyncio.subprocess.create_subprocess_exec
            «locks.Lock, «tasks.create_task, «tasks._all_tasks.x, «sp.Process.wait
            «CancelledError
            «tasks
            «locks.asyncio
            """,
            'asyncio.subprocess.PIPE',
            'asyncio.create_subprocess_exec',
            'asyncio.Lock',
            'asyncio.create_task',
            'asyncio.tasks._all_tasks',
            'asyncio.subprocess.Process',
            'asyncio.CancelledError',
            ('asyncio.tasks', 'module'),
            'asyncio.locks.asyncio',
        )

    def test_star(self):
        self.check(
            """
            from asyncio import *
            «sleep(1); Sleep(2); print(3)
            try: pass
            except «TimeoutError: pass
            def f(gather): gather(1); «run(2)
            """,
            'asyncio.sleep',
            'asyncio.TimeoutError',
            'asyncio.run',
        )

    def test_star_of_a_submodule_and_of_another_module(self):
        self.check(
            """
            from asyncio.locks import *
            from elsewhere import *
            «Lock(); sleep(1)
            """,
            ('asyncio.Lock', 'name', 'doubt'),
        )

    def test_function_local(self):
        self.check(
            """
            def f():
                import asyncio
                def g(): return «asyncio.sleep
                return g
            asyncio.sleep
            """,
            'asyncio.sleep',
        )

    def test_global_import_in_a_function(self):
        self.check(
            """
            def load():
                global asyncio
                import asyncio
            def use(): «asyncio.sleep
            """,
            'asyncio.sleep',
        )

    def test_import_error_makes_a_doubt(self):
        self.check(
            """
            try:
                from asyncio import timeout
                import asyncio
            except ImportError:
                from async_timeout import timeout
            «timeout(1), «asyncio.sleep
            """,
            ('asyncio.timeout', 'name', 'doubt'),
            'asyncio.sleep',
        )

    def test_type_checking(self):
        self.check(
            """
            if TYPE_CHECKING:
                import asyncio
            def f(x: "«asyncio.Task[None]"): pass
            """,
            ('asyncio.Task', 'annotation-string'),
        )

    def test_others_of_the_name(self):
        self.check(
            """
            from . import asyncio
            from .asyncio import sleep
            import trio.asyncio, asyncio_tools
            from sqlalchemy.ext import asyncio as sa
            asyncio.sleep; sleep; trio.asyncio.sleep; asyncio_tools.asyncio; sa.Lock
            """
        )

    def test_never_referenced(self):
        self.check(
            """
            import «asyncio, «asyncio.events as ev
            from asyncio import («sleep as nap,
                «Lock)
            __all__ = ['nap']
            def f():
                import asyncio
                «asyncio.run
            """,
            ('asyncio', 'import'),
            ('asyncio.events', 'import'),
            ('asyncio.sleep', 'import'),
            ('asyncio.Lock', 'import'),
            'asyncio.run',
        )

    def test_never_referenced_star(self):
        self.check('from asyncio import «*\nx = 1\n', ('asyncio', 'import'))

    def test_reference_stands_for_all_imports_of_the_name(self):
        self.check(
            """
            import asyncio
            import asyncio.locks
            if x: import asyncio
            del «asyncio
            """,
            ('asyncio', 'module'),
        )

    def test_the_last_import_before_counts(self):
        self.check(
            """
            from asyncio import Queue
            a = «Queue()
            from asyncio import PriorityQueue as Queue
            b = «Queue()
            """,
            'asyncio.Queue',
            'asyncio.PriorityQueue',
        )


class Strings(CensusCase):
    def test_annotations(self):
        self.check(
            """
            import asyncio
            from asyncio import Queue
            x: Optional["«asyncio.Task[int]"] = None
            y: "dict[str, «asyncio.Lock | «Queue]"
            def f(a: list["«Queue"], *, b: '«asyncio.Task' | None): pass
            def g() -> "List['«asyncio.Event']": pass
            z = cast("«asyncio.Future[None]", x)
            T = TypeVar("T", bound="«asyncio.Protocol")
            A: TypeAlias = "«asyncio.Server"
            """,
            *(
                (f'asyncio.{name}', 'annotation-string')
                for name in ['Task', 'Lock', 'Queue', 'Queue', 'Task', 'Event', 'Future']
                + ['Protocol', 'Server']
            ),
        )

    def test_strings_that_are_no_annotations(self):
        self.check(
            """
            import «asyncio
            x: Literal["asyncio.Task"]
            y: Annotated[int, "asyncio.Task", f("asyncio.Lock")]
            z: "no annotation, asyncio.Lock ["
            print("asyncio.sleep"); d["asyncio.Lock"]
            def asyncio_doc(): "asyncio.sleep"
            """,
            ('asyncio', 'import'),
        )

    def test_scope_of_a_string(self):
        self.check(
            """
            def f():
                import asyncio
                x: "«asyncio.Task"
            def g():
                x: "asyncio.Task"
            """,
            ('asyncio.Task', 'annotation-string'),
        )

    def test_places_in_strings(self):
        self.check(
            """
            import asyncio
            a: "  «asyncio.Task"
            b: \'\'\'Union[ü,
              «asyncio.Task, «asyncio.Lock]\'\'\'
            c: r"«asyncio.Task"; d: «"asyncio" ".Task"; e: «"asyncio.Task[\\x61]"; «asyncio
            """,
            ('asyncio.Task', 'annotation-string'),
            ('asyncio.Task', 'annotation-string'),
            ('asyncio.Lock', 'annotation-string'),
            ('asyncio.Task', 'annotation-string'),
            ('asyncio.Task', 'annotation-string'),
            ('asyncio.Task', 'annotation-string'),
            ('asyncio', 'module'),
        )

    def test_patch_targets(self):
        self.check(
            """
            @patch("«asyncio.sleep")
            def f(): pass
            mock.patch('«game.loop.asyncio.sleep', new=1)
            monkeypatch.setattr("«asyncio.subprocess.PIPE", 1)
            mocker.patch.multiple("«asyncio", sleep=1)
            patch(target="«game.asyncio.subprocess.create_subprocess_exec")
            patch("sqlalchemy.ext.asyncio.AsyncSession"); patch("game.loop.sleep")
            patch("asyncio_tools.sleep"); patch(x, "asyncio.sleep"); find("asyncio.sleep")
            patch("asyncio sleep"); patch("game.asyncio")
            """,
            ('asyncio.sleep', 'patch-target'),
            ('asyncio.sleep', 'patch-target'),
            ('asyncio.subprocess.PIPE', 'patch-target'),
            ('asyncio', 'patch-target'),
            ('asyncio.create_subprocess_exec', 'patch-target'),
        )

    def test_members_by_string(self):
        self.check(
            """
            import asyncio
            getattr(«asyncio, "timeout", None); hasattr(«asyncio, 'run')
            patch.object(«asyncio, "sleep"); monkeypatch.setattr(«asyncio, "sleep", 1)
            getattr(«asyncio.subprocess, "PIPE"); getattr(«asyncio, name); f(«asyncio, "x")
            getattr(x, "asyncio", «asyncio); getattr(«asyncio.sleep, "x")
            """,
            ('asyncio.timeout', 'getattr'),
            ('asyncio.run', 'getattr'),
            ('asyncio.sleep', 'getattr'),
            ('asyncio.sleep', 'getattr'),
            ('asyncio.subprocess.PIPE', 'getattr'),
            ('asyncio', 'module'),
            ('asyncio', 'module'),
            ('asyncio', 'module'),
            'asyncio.sleep',
        )

    def test_imports_by_string(self):
        self.check(
            """
            importlib.import_module("«asyncio"); __import__('«asyncio.locks')
            import_module("asyncio_tools"); import_module("x.asyncio")
            """,
            ('asyncio', 'import-string'),
            ('asyncio.locks', 'import-string'),
        )


class Places(CensusCase):
    def test_columns_are_utf16(self):
        self.check(
            """
            import asyncio
            x = "é", «asyncio.sleep; y = "🐍", «asyncio.run
            z: "tuple[Literal['🐍'], «asyncio.Task]"
            """,
            'asyncio.sleep',
            'asyncio.run',
            ('asyncio.Task', 'annotation-string'),
        )

    def test_form_feeds_and_separators_end_no_line(self):
        self.check(
            'import asyncio\n\f\nx = "\x85\u2028"; «asyncio.run\n\f«asyncio.sleep\n',
            'asyncio.run',
            'asyncio.sleep',
        )

    @unittest.skipIf(sys.version_info < (3, 12), 'ast knew no places inside f-strings')
    def test_inside_an_f_string(self):
        self.check(
            '''
            import asyncio
            f"""
            {«asyncio.run} {x:{«asyncio.sleep}}"""
            ''',
            'asyncio.run',
            'asyncio.sleep',
        )

    def test_line_ends(self):
        for end in ['\r\n', '\r']:
            found = census.count(end.join(['import asyncio', 'x: """', 'asyncio.Task"""', '']))
            self.assertEqual([(use['line'], use['column']) for use in found], [(3, 1)])


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, 'program.py')

    def count(self, data):
        with open(self.path, 'wb') as file:
            file.write(data)
        return census.count_file(self.path)

    def test_encodings(self):
        for data in [
            '\ufeffimport asyncio; asyncio.run'.encode(),
            '# coding: latin-1\n"é"; import asyncio; asyncio.run'.encode('latin-1'),
        ]:
            counted = self.count(data)
            self.assertEqual([use['name'] for use in counted['uses']], ['asyncio.run'])
        self.assertEqual(counted['uses'][0]['column'], 22)

    def test_a_byte_order_mark_is_no_column(self):
        counted = self.count('\ufeffimport asyncio'.encode())
        self.assertEqual([use['column'] for use in counted['uses']], [8])

    def test_bad_files(self):
        for data, error in [
            (b'import asyncio\nx = = 1\n', 'SyntaxError'),
            (b'# coding: none-such\nimport asyncio\n', 'SyntaxError'),
            (b'import asyncio; "\xff"\n', 'UnicodeDecodeError|SyntaxError'),
            (b'import asyncio\0\n', 'ValueError|SyntaxError'),
        ]:
            with self.subTest(data):
                self.assertRegex(self.count(data)['error'], error)
        self.assertRegex(census.count_file('/nowhere/at/all')['error'], 'FileNotFoundError')


if __name__ == '__main__':
    unittest.main()
