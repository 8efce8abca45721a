import { beforeAll, describe } from 'vitest';
import { loadParser } from '../src/syntax/parser.ts';
import { py } from './edit-harness.ts';
import { table } from './edit-table.ts';

beforeAll(loadParser);

describe('the place of a new import', () => {
  table([
    {
      name: 'sorted into the third-party block, asyncio goes',
      before: py`
        import asyncio
        import os

        import aiohttp
        import attr
        from yarl import URL

        asyncio.run(main())
      `,
      after: py`
        import os

        import aiohttp
        import anyio
        import attr
        from yarl import URL

        anyio.run(main())
      `,
    },
    {
      name: 'sorted into the third-party block, asyncio stays',
      before: py`
        import asyncio

        import requests

        asyncio.run(main())
        asyncio.gather()
      `,
      after: py`
        import asyncio

        import anyio
        import requests

        anyio.run(main())
        asyncio.gather()
      `,
    },
    {
      name: 'plain imports come before from-imports',
      before: py`
        import asyncio

        from aiohttp import web
        from yarl import URL

        asyncio.run(main())
      `,
      after: py`
        import anyio
        from aiohttp import web
        from yarl import URL

        anyio.run(main())
      `,
    },
    {
      name: 'a from-import is sorted among the from-imports',
      before: py`
        from asyncio import sleep

        import zope
        from aiohttp import web
        from yarl import URL

        sleep(1)
      `,
      after: py`
        import zope
        from aiohttp import web
        from anyio import sleep
        from yarl import URL

        sleep(1)
      `,
    },
    {
      name: 'a block that mixes the two forms by module keeps doing so',
      before: py`
        import asyncio

        from aiohttp import web
        import attr
        from yarl import URL

        asyncio.run(main())
      `,
      after: py`
        from aiohttp import web
        import anyio
        import attr
        from yarl import URL

        anyio.run(main())
      `,
    },
    {
      name: 'capitals do not matter to the order',
      before: py`
        import asyncio

        import aiohttp
        import Yaml

        asyncio.run(main())
      `,
      after: py`
        import aiohttp
        import anyio
        import Yaml

        anyio.run(main())
      `,
    },
    {
      name: 'a block of its own behind the standard library',
      before: py`
        import asyncio
        import os

        from app import views
        from . import models

        asyncio.run(main())
      `,
      after: py`
        import os

        import anyio

        from app import views
        from . import models

        anyio.run(main())
      `,
    },
    {
      name: 'a block of its own at the end of the header',
      before: py`
        import asyncio
        import os


        def main():
            asyncio.sleep(1)
      `,
      after: py`
        import os

        import anyio


        def main():
            anyio.sleep(1)
      `,
    },
    {
      name: 'a blank line sets the new block off from code',
      before: py`
        import asyncio
        import os
        logger = None
        asyncio.run(main())
      `,
      after: py`
        import os

        import anyio

        logger = None
        anyio.run(main())
      `,
    },
    {
      name: 'in the place of asyncio when that was the only import there',
      before: py`
        """Runs it."""

        import asyncio

        from app import main

        asyncio.run(main())
      `,
      after: py`
        """Runs it."""

        import anyio

        from app import main

        anyio.run(main())
      `,
    },
    {
      name: 'behind __future__, docstring, shebang and encoding line',
      before: py`
        #!/usr/bin/env python3
        # -*- coding: utf-8 -*-
        """Doc."""
        from __future__ import annotations

        import asyncio

        asyncio.run(main())
      `,
      after: py`
        #!/usr/bin/env python3
        # -*- coding: utf-8 -*-
        """Doc."""
        from __future__ import annotations

        import anyio

        anyio.run(main())
      `,
    },
    {
      name: 'groups without blank lines between them',
      before: py`
        import asyncio
        import os
        import requests
        from app import x
        asyncio.run(main())
      `,
      after: py`
        import os
        import anyio
        import requests
        from app import x
        anyio.run(main())
      `,
    },
    {
      name: 'standard library and first party without a blank line',
      before: py`
        import asyncio
        import os
        from app import x

        asyncio.run(main())
      `,
      after: py`
        import os
        import anyio
        from app import x

        anyio.run(main())
      `,
    },
    {
      name: 'imports sorted regardless of where they come from',
      before: py`
        import aiohttp
        import asyncio
        import os
        import requests

        asyncio.run(main())
      `,
      after: py`
        import aiohttp
        import anyio
        import os
        import requests

        anyio.run(main())
      `,
    },
    {
      name: 'imports in no order at all: in the place of asyncio',
      before: py`
        import requests
        import os
        import asyncio
        from app import x
        import aiohttp
        import sys

        asyncio.run(main())
      `,
      after: py`
        import requests
        import os
        import anyio
        from app import x
        import aiohttp
        import sys

        anyio.run(main())
      `,
    },
  ]);
});
