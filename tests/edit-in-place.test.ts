import { beforeAll, describe } from 'vitest';
import { loadParser } from '../src/syntax/parser.ts';
import { py } from './edit-harness.ts';
import { table } from './edit-table.ts';

beforeAll(loadParser);

describe('imports that are replaced where they stand', () => {
  table([
    {
      name: 'in a function',
      before: py`
        async def f():
            import asyncio

            await asyncio.sleep(1)
      `,
      after: py`
        async def f():
            import anyio

            await anyio.sleep(1)
      `,
    },
    {
      name: 'in a function, where asyncio stays',
      before: py`
        async def f():
            import asyncio  # here for speed

            await asyncio.gather(asyncio.sleep(1))
      `,
      after: py`
        async def f():
            import asyncio  # here for speed

            import anyio

            await asyncio.gather(anyio.sleep(1))
      `,
    },
    {
      name: 'with its comment',
      before: py`
        async def f():
            # imported late
            import asyncio  # a cycle otherwise

            await asyncio.sleep(1)
      `,
      after: py`
        async def f():
            # imported late
            import anyio  # a cycle otherwise

            await anyio.sleep(1)
      `,
    },
    {
      name: 'in a class',
      before: py`
        class A:
            import asyncio

            lock = asyncio.Lock()
      `,
      after: py`
        class A:
            import anyio

            lock = anyio.Lock()
      `,
    },
    {
      name: 'in a conditional block, tabs kept',
      before: 'if WINDOWS:\n\timport asyncio\n\timport os\n\tasyncio.run(asyncio.gather())\n',
      after:
        'if WINDOWS:\n\timport asyncio\n\timport os\n\n\timport anyio\n\tanyio.run(asyncio.gather())\n',
    },
    {
      name: 'in TYPE_CHECKING',
      before: py`
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from asyncio import Event, Lock

        def f(event: "Event", lock: "Lock"): ...
      `,
      after: py`
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from anyio import Event, Lock

        def f(event: "Event", lock: "Lock"): ...
      `,
    },
    {
      name: 'in TYPE_CHECKING beside an import of anyio',
      before: py`
        if TYPE_CHECKING:
            import asyncio
            import anyio

        def f(event: "asyncio.Event"): ...
      `,
      after: py`
        if TYPE_CHECKING:
            import anyio

        def f(event: "anyio.Event"): ...
      `,
    },
    {
      name: 'in both branches of a try',
      before: py`
        try:
            from asyncio import Lock
        except ImportError:
            from asyncio.locks import Lock

        Lock()
      `,
      after: py`
        try:
            from anyio import Lock
        except ImportError:
            from anyio import Lock

        Lock()
      `,
    },
    {
      name: 'in a suite on one line',
      before: py`
        if DEBUG: import asyncio
        asyncio.run(main())
      `,
      after: py`
        if DEBUG: import anyio
        anyio.run(main())
      `,
    },
    {
      name: 'in a suite on one line, where asyncio stays',
      before: py`
        def f(): import asyncio; asyncio.run(asyncio.gather())
      `,
      after: py`
        def f(): import anyio; import asyncio; anyio.run(asyncio.gather())
      `,
    },
    {
      name: 'one of several names',
      before: py`
        def f():
            from asyncio import create_task, sleep  # both
            create_task(sleep(1))
      `,
      after: py`
        def f():
            from anyio import sleep
            from asyncio import create_task  # both
            create_task(sleep(1))
      `,
    },
    {
      name: 'one of several modules',
      before: py`
        def f():
            import asyncio as aio, os
            aio.run(main())
      `,
      after: py`
        def f():
            import anyio, os
            anyio.run(main())
      `,
    },
    {
      name: 'names that anyio spells otherwise, in a vertical list',
      before: py`
        def f():
            from asyncio import (
                BoundedSemaphore,  # three at once
                Lock,
            )
            return BoundedSemaphore(3), Lock()
      `,
      after: py`
        def f():
            from anyio import (
                Lock,
                Semaphore,  # three at once
            )
            return Semaphore(3), Lock()
      `,
    },
    {
      name: 'two statements need the same import once',
      before: py`
        def f():
            import asyncio
            import asyncio.locks as locks
            return asyncio.run(locks.Lock())
      `,
      after: py`
        def f():
            import anyio
            return anyio.run(anyio.Lock())
      `,
    },
    {
      name: 'CRLF',
      before: 'def f():\r\n    import asyncio\r\n    asyncio.run(asyncio.gather())\r\n',
      after:
        'def f():\r\n    import asyncio\r\n\r\n    import anyio\r\n    anyio.run(asyncio.gather())\r\n',
    },
    {
      name: 'a second import below the one at the top',
      before: py`
        import asyncio

        lock = asyncio.Lock()

        if __name__ == "__main__":
            import asyncio

            asyncio.run(main())
      `,
      after: py`
        import anyio

        lock = anyio.Lock()

        if __name__ == "__main__":
            import anyio

            anyio.run(main())
      `,
    },
    {
      name: 'a second import below the one at the top, where asyncio stays',
      before: py`
        import asyncio

        lock = asyncio.gather()

        if __name__ == "__main__":
            import asyncio

            asyncio.run(main())
      `,
      after: py`
        import asyncio

        import anyio

        lock = asyncio.gather()

        if __name__ == "__main__":
            import asyncio

            anyio.run(main())
      `,
    },
    {
      name: 'a star import in a conditional block',
      before: py`
        if FAST:
            from asyncio import *
        run(main())
      `,
      after: py`
        if FAST:
            from asyncio import *

            import anyio
        anyio.run(main())
      `,
    },
    {
      name: 'an import for the module in a function: anyio comes to the top',
      before: py`
        import os

        def load():
            global asyncio
            import asyncio

        def f():
            asyncio.run(main())
      `,
      after: py`
        import os

        import anyio

        def load():
            global asyncio
            import asyncio

        def f():
            anyio.run(main())
      `,
    },
  ]);
});

describe('imports that go where anyio is imported above', () => {
  table([
    {
      name: 'with the line and its gap',
      before: py`
        import anyio

        async def f():
            import asyncio

            await asyncio.sleep(1)
      `,
      after: py`
        import anyio

        async def f():
            await anyio.sleep(1)
      `,
    },
    {
      name: 'leaving its comment',
      before: py`
        import anyio

        async def f():
            import asyncio  # a cycle otherwise

            await asyncio.sleep(1)
      `,
      after: py`
        import anyio

        async def f():
            # a cycle otherwise

            await anyio.sleep(1)
      `,
    },
    {
      name: 'never leaving an empty suite',
      before: py`
        import anyio

        if TYPE_CHECKING:
            import asyncio  # types only

        def f(lock: "asyncio.Lock"): ...
      `,
      after: py`
        import anyio

        if TYPE_CHECKING:
            pass  # types only

        def f(lock: "anyio.Lock"): ...
      `,
    },
    {
      name: 'from lines with semicolons',
      before: py`
        import anyio

        def f():
            import asyncio; import os
            import sys; import asyncio.locks
            asyncio.run(os)
      `,
      after: py`
        import anyio

        def f():
            import os
            import sys
            anyio.run(os)
      `,
    },
    {
      name: 'from a suite on one line',
      before: py`
        import anyio

        def f(): import asyncio; return asyncio.Lock()
      `,
      after: py`
        import anyio

        def f(): return anyio.Lock()
      `,
    },
  ]);
});
