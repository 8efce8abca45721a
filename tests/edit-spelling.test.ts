import { beforeAll, describe } from 'vitest';
import { loadParser } from '../src/syntax/parser.ts';
import { py } from './edit-harness.ts';
import { table } from './edit-table.ts';

beforeAll(loadParser);

describe('names reached through the module', () => {
  table([
    {
      name: 'import asyncio',
      before: py`
        import asyncio

        asyncio.run(asyncio.sleep(1))
      `,
      after: py`
        import anyio

        anyio.run(anyio.sleep(1))
      `,
    },
    {
      name: 'an alias of asyncio is not handed on to anyio',
      before: py`
        import asyncio as aio

        aio.run(main())
      `,
      after: py`
        import anyio

        anyio.run(main())
      `,
    },
    {
      name: "a name in a part of anyio, which anyio's own import loads",
      before: py`
        import asyncio

        processes: list[asyncio.subprocess.Process] = []
      `,
      after: py`
        import anyio

        processes: list[anyio.abc.Process] = []
      `,
    },
    {
      name: 'a name in a part of anyio, by itself',
      before: py`
        from asyncio.subprocess import Process

        processes: list[Process] = []
      `,
      after: py`
        from anyio.abc import Process

        processes: list[Process] = []
      `,
    },
    {
      name: 'a submodule',
      before: py`
        import asyncio.locks

        lock = asyncio.locks.Lock()
      `,
      after: py`
        import anyio

        lock = anyio.Lock()
      `,
    },
    {
      name: 'a submodule under its own name',
      before: py`
        from asyncio import locks

        lock = locks.Lock()
      `,
      after: py`
        import anyio

        lock = anyio.Lock()
      `,
    },
    {
      name: 'uses that stay keep their import',
      before: py`
        import asyncio

        asyncio.run(main())
        asyncio.gather(a, b)
      `,
      after: py`
        import asyncio

        import anyio

        anyio.run(main())
        asyncio.gather(a, b)
      `,
    },
    {
      name: 'anyio imported under another name',
      before: py`
        import asyncio

        import anyio as a

        asyncio.run(main())
      `,
      after: py`
        import anyio as a

        a.run(main())
      `,
    },
    {
      name: 'an import of anyio in an enclosing function',
      before: py`
        import asyncio


        def outer():
            import anyio

            def inner():
                return asyncio.Lock()

            return inner
      `,
      after: py`
        def outer():
            import anyio

            def inner():
                return anyio.Lock()

            return inner
      `,
    },
    {
      name: 'an import of anyio behind the use does not count',
      before: py`
        import asyncio

        lock = asyncio.Lock()

        import anyio
      `,
      after: py`
        import anyio

        lock = anyio.Lock()

        import anyio
      `,
    },
    {
      name: 'a conditional import of anyio does not count',
      before: py`
        import asyncio

        if TYPE_CHECKING:
            import anyio

        lock = asyncio.Lock()
      `,
      after: py`
        import anyio

        if TYPE_CHECKING:
            import anyio

        lock = anyio.Lock()
      `,
    },
    {
      name: 'a star import stays and its names go through the module',
      before: py`
        from asyncio import *

        run(main())
        gather(a, b)
      `,
      after: py`
        from asyncio import *

        import anyio

        anyio.run(main())
        gather(a, b)
      `,
    },
    {
      name: 'a star import stays even when all its names are rewritten',
      before: py`
        from asyncio import *

        run(main())
      `,
      after: py`
        from asyncio import *

        import anyio

        anyio.run(main())
      `,
    },
  ]);
});

describe('annotations in strings', () => {
  table([
    {
      name: 'through the module',
      before: py`
        import asyncio

        lock: "asyncio.Lock | None" = None
      `,
      after: py`
        import anyio

        lock: "anyio.Lock | None" = None
      `,
    },
    {
      name: 'imported from asyncio',
      before: py`
        from asyncio import Event

        def f(event: "dict[str, Event]") -> 'Event': ...
      `,
      after: py`
        from anyio import Event

        def f(event: "dict[str, Event]") -> 'Event': ...
      `,
    },
    {
      name: 'one that stays keeps the import',
      before: py`
        from asyncio import Event

        a: "Event" = Event()
        b: "Event" = None  # KEEP
      `,
      after: py`
        from asyncio import Event

        import anyio

        a: "anyio.Event" = anyio.Event()
        b: "Event" = None  # KEEP
      `,
    },
  ]);
});

describe('names that lie in a module of anyio', () => {
  table([
    {
      name: 'through the module',
      before: py`
        import asyncio

        asyncio.to_thread(f)
      `,
      after: py`
        import anyio

        anyio.to_thread.run_sync(f)
      `,
    },
    {
      name: 'the module takes over the name of the function',
      before: py`
        from asyncio import to_thread

        to_thread(f)
        to_thread(g)
      `,
      after: py`
        from anyio import to_thread

        to_thread.run_sync(f)
        to_thread.run_sync(g)
      `,
    },
    {
      name: 'beside another name',
      before: py`
        from asyncio import sleep, to_thread

        sleep(1)
        to_thread(f)
      `,
      after: py`
        from anyio import sleep, to_thread

        sleep(1)
        to_thread.run_sync(f)
      `,
    },
    {
      name: 'an alias of the function is none of the module',
      before: py`
        from asyncio import to_thread as in_thread

        in_thread(f)
      `,
      after: py`
        from anyio import to_thread

        to_thread.run_sync(f)
      `,
    },
    {
      name: 'a use that stays keeps the name',
      before: py`
        from asyncio import to_thread

        to_thread(f)
        to_thread(g)  # KEEP
      `,
      after: py`
        from asyncio import to_thread

        import anyio

        anyio.to_thread.run_sync(f)
        to_thread(g)  # KEEP
      `,
    },
    {
      name: 'the module is there already',
      before: py`
        import asyncio

        from anyio import to_thread

        asyncio.to_thread(f)
      `,
      after: py`
        from anyio import to_thread

        to_thread.run_sync(f)
      `,
      options: { importStyle: 'from' },
    },
    {
      name: 'the function is there already',
      before: py`
        import asyncio

        from anyio.to_thread import run_sync

        asyncio.to_thread(f)
      `,
      after: py`
        from anyio.to_thread import run_sync

        run_sync(f)
      `,
    },
    {
      name: 'the module is imported by its dotted name',
      before: py`
        import asyncio

        import anyio.to_thread

        asyncio.to_thread(f)
      `,
      after: py`
        import anyio.to_thread

        anyio.to_thread.run_sync(f)
      `,
    },
    {
      name: 'the name is taken',
      before: py`
        from asyncio import to_thread as in_thread


        def to_thread(f):
            return in_thread(f)
      `,
      after: py`
        import anyio


        def to_thread(f):
            return anyio.to_thread.run_sync(f)
      `,
    },
    {
      name: 'a parameter of the name of the module',
      before: py`
        from asyncio import to_thread as in_thread


        def start(to_thread):
            return in_thread(to_thread)
      `,
      after: py`
        import anyio


        def start(to_thread):
            return anyio.to_thread.run_sync(to_thread)
      `,
    },
    {
      name: 'from asyncio, by choice through the module',
      before: py`
        from asyncio import to_thread

        to_thread(f)
      `,
      after: py`
        import anyio

        anyio.to_thread.run_sync(f)
      `,
      options: { importStyle: 'module' },
    },
  ]);
});
