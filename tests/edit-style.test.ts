import { beforeAll, describe } from 'vitest';
import { loadParser } from '../src/syntax/parser.ts';
import { py } from './edit-harness.ts';
import { table } from './edit-table.ts';

beforeAll(loadParser);

describe('the import style that is asked for', () => {
  table([
    {
      name: 'module: names go through the module',
      options: { importStyle: 'module' },
      before: py`
        from asyncio import Lock as L, sleep

        sleep(1)
        L()
      `,
      after: py`
        import anyio

        anyio.sleep(1)
        anyio.Lock()
      `,
    },
    {
      name: 'from: names are imported',
      options: { importStyle: 'from' },
      before: py`
        import asyncio

        lock = asyncio.Lock()
        asyncio.run(main())
        asyncio.gather(a, b)
      `,
      after: py`
        import asyncio

        from anyio import Lock, run

        lock = Lock()
        run(main())
        asyncio.gather(a, b)
      `,
    },
    {
      name: 'from: a name that is taken in the module goes through the module',
      options: { importStyle: 'from' },
      before: py`
        import asyncio

        def run():
            asyncio.run(main())
            asyncio.sleep(1)
      `,
      after: py`
        import anyio
        from anyio import sleep

        def run():
            anyio.run(main())
            sleep(1)
      `,
    },
    {
      name: 'from: a name that is taken at the place goes through the module',
      options: { importStyle: 'from' },
      before: py`
        import asyncio

        def f(run):
            asyncio.run(main())
      `,
      after: py`
        import anyio

        def f(run):
            anyio.run(main())
      `,
    },
    {
      name: 'from: a name that means a builtin elsewhere in the file is not free',
      options: { importStyle: 'from' },
      before: py`
        import asyncio

        asyncio.sleep(1)
        sleep(2)
      `,
      after: py`
        import anyio

        anyio.sleep(1)
        sleep(2)
      `,
    },
    {
      name: 'from: two ways to the same name meet in one import',
      options: { importStyle: 'from' },
      before: py`
        import asyncio
        from asyncio import sleep

        asyncio.sleep(1)
        sleep(2)
      `,
      after: py`
        from anyio import sleep

        sleep(1)
        sleep(2)
      `,
    },
    {
      name: 'from: an import that is there already is used',
      options: { importStyle: 'from' },
      before: py`
        import asyncio

        from anyio import sleep as nap

        asyncio.sleep(1)
      `,
      after: py`
        from anyio import sleep as nap

        nap(1)
      `,
    },
  ]);
});

describe('names of other libraries', () => {
  table([
    {
      name: 'functools is imported where it is missing',
      before: py`
        import asyncio
        import os

        asyncio.iscoroutine(f)
      `,
      after: py`
        import functools
        import os

        functools.partial(f)
      `,
    },
    {
      name: 'functools under an alias',
      before: py`
        import asyncio
        import functools as ft

        asyncio.iscoroutine(f)
      `,
      after: py`
        import functools as ft

        ft.partial(f)
      `,
    },
    {
      name: 'partial imported from functools',
      before: py`
        import asyncio
        from functools import partial

        asyncio.iscoroutine(f)
      `,
      after: py`
        from functools import partial

        partial(f)
      `,
    },
    {
      name: 'partial shadowed at the place',
      before: py`
        import asyncio
        from functools import partial

        def g(partial):
            asyncio.iscoroutine(f)
      `,
      after: py`
        import functools
        from functools import partial

        def g(partial):
            functools.partial(f)
      `,
    },
    {
      name: 'for a use in a function, functools is still imported at the top',
      before: py`
        import os
        import requests

        def g():
            import asyncio
            asyncio.iscoroutine(f)
      `,
      after: py`
        import functools
        import os
        import requests

        def g():
            functools.partial(f)
      `,
    },
  ]);
});
