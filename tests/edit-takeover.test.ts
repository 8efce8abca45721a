import { beforeAll, describe } from 'vitest';
import { loadParser } from '../src/syntax/parser.ts';
import { py } from './edit-harness.ts';
import { table } from './edit-table.ts';

beforeAll(loadParser);

describe('names imported from asyncio', () => {
  table([
    {
      name: 'all references rewritten: the name passes on',
      before: py`
        from asyncio import sleep

        await sleep(1)
      `,
      after: py`
        from anyio import sleep

        await sleep(1)
      `,
    },
    {
      name: 'with its alias',
      before: py`
        from asyncio import sleep as nap

        await nap(1)
      `,
      after: py`
        from anyio import sleep as nap

        await nap(1)
      `,
    },
    {
      name: 'some references stay: through the module',
      before: py`
        from asyncio import sleep

        await sleep(1)
        await sleep(1, "x")  # KEEP
      `,
      after: py`
        from asyncio import sleep

        import anyio

        await anyio.sleep(1)
        await sleep(1, "x")  # KEEP
      `,
    },
    {
      name: 'a name that anyio spells otherwise',
      before: py`
        from asyncio import BoundedSemaphore

        limit = BoundedSemaphore(3)
      `,
      after: py`
        from anyio import Semaphore

        limit = Semaphore(3)
      `,
    },
    {
      name: 'a name that anyio spells otherwise, under an alias',
      before: py`
        from asyncio import BoundedSemaphore as Limit

        limit = Limit(3)
      `,
      after: py`
        from anyio import Semaphore as Limit

        limit = Limit(3)
      `,
    },
    {
      name: "anyio's name is taken in the file: through the module",
      before: py`
        from asyncio import BoundedSemaphore

        Semaphore = make()
        limit = BoundedSemaphore(3)
      `,
      after: py`
        import anyio

        Semaphore = make()
        limit = anyio.Semaphore(3)
      `,
    },
    {
      name: 'the others of the statement stay',
      before: py`
        from asyncio import create_task, sleep

        create_task(sleep(1))
      `,
      after: py`
        from asyncio import create_task

        from anyio import sleep

        create_task(sleep(1))
      `,
    },
    {
      name: 'named in __all__: the import stays',
      before: py`
        from asyncio import sleep

        __all__ = ["main", "sleep"]

        sleep(1)
      `,
      after: py`
        from asyncio import sleep

        import anyio

        __all__ = ["main", "sleep"]

        anyio.sleep(1)
      `,
    },
    {
      name: 'appended to __all__: the import stays',
      before: py`
        from asyncio import sleep

        __all__ = []
        __all__ += ["sleep"]
        sleep(1)
      `,
      after: py`
        from asyncio import sleep

        import anyio

        __all__ = []
        __all__ += ["sleep"]
        anyio.sleep(1)
      `,
    },
    {
      name: 'the re-export form stays',
      before: py`
        from asyncio import sleep as sleep

        sleep(1)
      `,
      after: py`
        from asyncio import sleep as sleep

        import anyio

        anyio.sleep(1)
      `,
    },
    {
      name: 'a package hands its from-imports on',
      path: '/project/pkg/__init__.py',
      before: py`
        import asyncio
        from asyncio import sleep

        sleep(1)
        asyncio.run(main())
      `,
      after: py`
        from asyncio import sleep

        import anyio

        anyio.sleep(1)
        anyio.run(main())
      `,
    },
    {
      name: 'the caller says that it stays',
      options: { keep: (binding) => (binding.local === 'sleep' ? 'another module' : undefined) },
      before: py`
        from asyncio import Lock, sleep

        sleep(1)
        Lock()
      `,
      after: py`
        from asyncio import sleep

        import anyio
        from anyio import Lock

        anyio.sleep(1)
        Lock()
      `,
    },
    {
      name: 'a type comment still reads the name',
      before: py`
        from asyncio import Lock

        locks = []  # type: list[Lock]
        locks.append(Lock())
      `,
      after: py`
        from asyncio import Lock

        import anyio

        locks = []  # type: list[Lock]
        locks.append(anyio.Lock())
      `,
    },
  ]);
});
