import { beforeAll, describe } from 'vitest';
import { loadParser } from '../src/syntax/parser.ts';
import { py } from './edit-harness.ts';
import { table } from './edit-table.ts';

beforeAll(loadParser);

describe('the place of a new import where the header is not so simple', () => {
  table([
    {
      name: 'below the heading of the third-party block',
      before: py`
        # Standard library
        import asyncio
        import os

        # Third-party packages
        import requests

        asyncio.run(main())
      `,
      after: py`
        # Standard library
        import os

        # Third-party packages
        import anyio
        import requests

        anyio.run(main())
      `,
    },
    {
      name: 'above the comment that belongs to the next import',
      before: py`
        import asyncio

        import aiohttp
        # requests is vendored until the proxy is fixed
        import requests

        asyncio.run(main())
      `,
      after: py`
        import aiohttp
        import anyio
        # requests is vendored until the proxy is fixed
        import requests

        anyio.run(main())
      `,
    },
    {
      name: 'in the top block when asyncio comes late',
      before: py`
        import sys

        import requests

        sys.path.insert(0, "lib")

        import asyncio

        asyncio.run(main())
      `,
      after: py`
        import sys

        import anyio
        import requests

        sys.path.insert(0, "lib")

        anyio.run(main())
      `,
    },
    {
      name: 'where the late asyncio stands when the top has no such block',
      before: py`
        import sys

        sys.path.insert(0, "lib")

        import asyncio  # noqa: E402
        import json  # noqa: E402

        from app import main  # noqa: E402

        asyncio.run(main())
      `,
      after: py`
        import sys

        sys.path.insert(0, "lib")

        import json  # noqa: E402

        import anyio  # noqa: E402

        from app import main  # noqa: E402

        anyio.run(main())
      `,
    },
    {
      name: 'with the third-party imports behind a conditional one',
      before: py`
        import asyncio
        import os

        try:
            import uvloop
        except ImportError:
            uvloop = None

        import requests

        asyncio.run(main())
      `,
      after: py`
        import os

        try:
            import uvloop
        except ImportError:
            uvloop = None

        import anyio
        import requests

        anyio.run(main())
      `,
    },
    {
      name: 'before the first code that uses it',
      before: py`
        import asyncio

        lock = asyncio.Lock()

        import requests
      `,
      after: py`
        import anyio

        lock = anyio.Lock()

        import requests
      `,
    },
    {
      name: 'no import of a TYPE_CHECKING block counts as a block',
      before: py`
        import asyncio
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            import requests

        asyncio.run(main())
      `,
      after: py`
        from typing import TYPE_CHECKING

        import anyio

        if TYPE_CHECKING:
            import requests

        anyio.run(main())
      `,
    },
    {
      name: 'two imports, each in its place',
      before: py`
        import asyncio
        from asyncio import Lock

        from aiohttp import web

        asyncio.run(main())
        Lock()
      `,
      after: py`
        import anyio
        from aiohttp import web
        from anyio import Lock

        anyio.run(main())
        Lock()
      `,
    },
    {
      name: 'functools and anyio, each in its block',
      before: py`
        import asyncio

        from app import x

        asyncio.run(asyncio.iscoroutine(x))
      `,
      after: py`
        import functools

        import anyio

        from app import x

        anyio.run(functools.partial(x))
      `,
    },
    {
      name: 'functools in a module whose only import is local',
      before: py`
        """Doc."""


        def main():
            import asyncio

            asyncio.iscoroutine(x)
      `,
      after: py`
        """Doc."""

        import functools


        def main():
            functools.partial(x)
      `,
    },
    {
      name: 'functools below a licence that no import follows',
      before: py`
        # Copyright 2020

        def main():
            import asyncio

            return asyncio.iscoroutine(x)
      `,
      after: py`
        # Copyright 2020

        import functools

        def main():
            return functools.partial(x)
      `,
    },
  ]);
});
