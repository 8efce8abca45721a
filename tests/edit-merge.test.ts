import { beforeAll, describe } from 'vitest';
import { loadParser } from '../src/syntax/parser.ts';
import { py } from './edit-harness.ts';
import { table } from './edit-table.ts';

beforeAll(loadParser);

describe('existing imports of anyio', () => {
  table([
    {
      name: 'import anyio is used as it is',
      before: py`
        import asyncio

        import anyio

        asyncio.run(main())
      `,
      after: py`
        import anyio

        anyio.run(main())
      `,
    },
    {
      name: 'a from-import takes the new name in its order',
      before: py`
        from asyncio import Lock, sleep

        from anyio import Event, create_task_group

        Lock()
        sleep(1)
      `,
      after: py`
        from anyio import Event, Lock, create_task_group, sleep

        Lock()
        sleep(1)
      `,
    },
    {
      name: 'in the order of the alphabet where that is the habit',
      before: py`
        from asyncio import Lock

        from anyio import create_task_group, Event, move_on_after

        Lock()
      `,
      after: py`
        from anyio import create_task_group, Event, Lock, move_on_after

        Lock()
      `,
    },
    {
      name: 'a vertical list gets a line',
      before: py`
        from asyncio import Lock, sleep

        from anyio import (
            Event,  # ours
            # about groups
            create_task_group,
        )

        Lock()
        sleep(1)
      `,
      after: py`
        from anyio import (
            Event,  # ours
            Lock,
            # about groups
            create_task_group,
            sleep,
        )

        Lock()
        sleep(1)
      `,
    },
    {
      name: 'a vertical list without a trailing comma stays without',
      before: py`
        from asyncio import sleep

        from anyio import (
            Event,
            Lock  # last
        )

        sleep(1)
      `,
      after: py`
        from anyio import (
            Event,
            Lock,  # last
            sleep
        )

        sleep(1)
      `,
    },
    {
      name: 'backslashes stay',
      before: py`
        from asyncio import Lock

        from anyio import Event, \
            sleep

        Lock()
      `,
      after: py`
        from anyio import Event, \
            Lock, sleep

        Lock()
      `,
    },
    {
      name: 'a line that gets too long becomes a list',
      before: py`
        from asyncio import Lock

        from anyio import CapacityLimiter, create_memory_object_stream, create_task_group, Path

        Lock()
      `,
      after: py`
        from anyio import (
            CapacityLimiter,
            create_memory_object_stream,
            create_task_group,
            Lock,
            Path,
        )

        Lock()
      `,
    },
    {
      name: 'an alias gets a statement of its own where aliases stand alone',
      before: py`
        from asyncio import sleep as nap

        from anyio import Event

        nap(1)
      `,
      after: py`
        from anyio import Event
        from anyio import sleep as nap

        nap(1)
      `,
    },
    {
      name: 'one name a statement where that is the habit',
      before: py`
        from asyncio import Lock
        from asyncio import sleep

        from anyio import Event

        Lock()
        sleep(1)
      `,
      after: py`
        from anyio import Event
        from anyio import Lock
        from anyio import sleep

        Lock()
        sleep(1)
      `,
    },
  ]);
});

describe('names that leave a statement', () => {
  table([
    {
      name: 'import asyncio, os',
      before: py`
        import asyncio, os

        asyncio.run(main())
      `,
      after: py`
        import os

        import anyio

        anyio.run(main())
      `,
    },
    {
      name: 'import os, asyncio  # comment',
      before: py`
        import os, asyncio  # both

        asyncio.run(main())
      `,
      after: py`
        import os  # both

        import anyio

        anyio.run(main())
      `,
    },
    {
      name: 'a name on its own line, with its comment',
      before: py`
        from asyncio import (
            Lock,  # one at a time
            create_task,  # starts it
            sleep
        )

        Lock(), sleep(1), create_task(f())
      `,
      after: py`
        from asyncio import (
            create_task  # starts it
        )

        from anyio import (
            Lock,  # one at a time
            sleep,
        )

        Lock(), sleep(1), create_task(f())
      `,
    },
    {
      name: 'names in a grid',
      before: py`
        from asyncio import (Lock, create_task, sleep,
                             gather, Event)

        Lock(), sleep(1), Event()
        create_task(gather())
      `,
      after: py`
        from asyncio import (create_task,
                             gather)

        from anyio import Event, Lock, sleep

        Lock(), sleep(1), Event()
        create_task(gather())
      `,
    },
    {
      name: 'names behind backslashes',
      before: py`
        from asyncio import Lock, \
            create_task, \
            sleep

        create_task(sleep(Lock()))
      `,
      after: py`
        from asyncio import create_task

        from anyio import Lock, sleep

        create_task(sleep(Lock()))
      `,
    },
    {
      name: 'a statement that passes on whole keeps its form',
      before: py`
        from asyncio import (
            # primitives
            Lock,

            sleep,  # naps
        )  # noqa

        import requests

        Lock(), sleep(1)
      `,
      after: py`
        import requests
        from anyio import (
            # primitives
            Lock,

            sleep,  # naps
        )  # noqa

        Lock(), sleep(1)
      `,
    },
    {
      name: 'an import that had no references is not touched',
      before: py`
        import asyncio
        from asyncio import Event, sleep

        sleep(1)
      `,
      after: py`
        import asyncio
        from asyncio import Event

        from anyio import sleep

        sleep(1)
      `,
    },
    {
      name: 'statements joined by semicolons',
      before: py`
        import os; import asyncio
        import asyncio; asyncio.run(main())
      `,
      after: py`
        import os; import anyio
        anyio.run(main())
      `,
    },
    {
      name: 'joined statements with an import of anyio above',
      before: py`
        import anyio
        import os; import asyncio
        import asyncio; import sys
        asyncio.run(main())
      `,
      after: py`
        import anyio
        import os
        import sys
        anyio.run(main())
      `,
    },
  ]);
});
