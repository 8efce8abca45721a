import { beforeAll, describe } from 'vitest';
import { loadParser } from '../src/syntax/parser.ts';
import { py } from './edit-harness.ts';
import { table } from './edit-table.ts';

beforeAll(loadParser);

describe('comments', () => {
  table([
    {
      name: 'move along to the new import',
      before: py`
        # the loop
        import asyncio  # event loop
        import os

        import requests

        asyncio.run(main())
      `,
      after: py`
        # the loop
        import os

        import anyio  # event loop
        import requests

        anyio.run(main())
      `,
    },
    {
      name: 'go to the import that serves from now on',
      before: py`
        import asyncio  # event loop

        import anyio

        asyncio.run(main())
      `,
      after: py`
        import anyio  # event loop

        anyio.run(main())
      `,
    },
    {
      name: 'stay on a line of their own where that has a comment',
      before: py`
        import asyncio  # event loop
        import os

        import anyio  # groups

        asyncio.run(main())
      `,
      after: py`
        # event loop
        import os

        import anyio  # groups

        anyio.run(main())
      `,
    },
    {
      name: 'for a tool are dropped with the line that they were for',
      before: py`
        import asyncio  # noqa: E402

        import anyio

        asyncio.run(main())
      `,
      after: py`
        import anyio

        anyio.run(main())
      `,
    },
    {
      name: 'behind names go to the module that comes instead',
      options: { importStyle: 'module' },
      before: py`
        from asyncio import (
            BoundedSemaphore,  # three at once
            Lock,  # one at a time
            wait,
        )

        import requests

        BoundedSemaphore(3), Lock(), wait(x)
      `,
      after: py`
        from asyncio import (
            wait,
        )

        import anyio  # three at once  # one at a time
        import requests

        anyio.Semaphore(3), anyio.Lock(), wait(x)
      `,
    },
    {
      name: 'between names that go move behind the new import',
      before: py`
        from asyncio import (
            # three at once
            BoundedSemaphore,
        )

        BoundedSemaphore(3)
      `,
      after: py`
        from anyio import Semaphore  # three at once

        Semaphore(3)
      `,
    },
    {
      name: 'of several statements meet',
      before: py`
        import asyncio  # loop
        from asyncio import sleep  # naps

        asyncio.run(sleep(1))
      `,
      after: py`
        import anyio  # loop
        from anyio import sleep  # naps

        anyio.run(sleep(1))
      `,
    },
  ]);
});

describe('blank lines and line ends', () => {
  table([
    {
      name: 'no double gap where a block goes',
      before: py`
        """Doc."""

        import asyncio

        import requests

        asyncio.run(main())
      `,
      after: py`
        """Doc."""

        import anyio
        import requests

        anyio.run(main())
      `,
    },
    {
      name: 'the larger gap stays before code',
      before: py`
        import anyio

        import asyncio


        def f():
            asyncio.sleep(1)
      `,
      after: py`
        import anyio


        def f():
            anyio.sleep(1)
      `,
    },
    {
      name: 'blank lines elsewhere stay',
      before: 'import asyncio\n\n\n\nx = 1\n\n\n\n\nasyncio.run(x)\n',
      after: 'import anyio\n\n\n\nx = 1\n\n\n\n\nanyio.run(x)\n',
    },
    {
      name: 'CRLF',
      before: 'import asyncio\r\nimport os\r\n\r\nasyncio.run(x)\r\n',
      after: 'import os\r\n\r\nimport anyio\r\n\r\nanyio.run(x)\r\n',
    },
    {
      name: 'mixed line ends: those of the neighbour',
      before: 'import asyncio\nimport os\r\n\r\nimport requests\r\nasyncio.run(x)\n',
      after: 'import os\r\n\r\nimport anyio\r\nimport requests\r\nanyio.run(x)\n',
    },
    {
      name: 'a BOM',
      before: '\uFEFFimport asyncio\nimport os\n\nasyncio.run(x)\n',
      after: '\uFEFFimport os\n\nimport anyio\n\nanyio.run(x)\n',
    },
    {
      name: 'form feeds',
      before: '\fimport asyncio\nimport os\n\f\nimport requests\nasyncio.run(x)\n',
      after: '\fimport os\n\f\nimport anyio\nimport requests\nanyio.run(x)\n',
    },
    {
      name: 'no final newline',
      before: 'def f(): return asyncio.run(x)\nimport asyncio',
      after: 'def f(): return anyio.run(x)\nimport anyio',
    },
    {
      name: 'no final newline behind the block that gets a neighbour',
      before: 'def f(): return asyncio.run(asyncio.gather())\nimport asyncio',
      after: 'def f(): return anyio.run(asyncio.gather())\nimport asyncio\n\nimport anyio',
    },
  ]);
});
