import { beforeAll, describe, expect, it } from 'vitest';
import { editFile } from '../src/edit/edit-file.ts';
import { loadParser } from '../src/syntax/parser.ts';
import { chooseRewrites, DEFAULTS, makeFile, py } from './edit-harness.ts';
import { table } from './edit-table.ts';

beforeAll(loadParser);

describe('names that mean something else', () => {
  table([
    {
      name: 'a parameter called anyio',
      before: py`
        import asyncio

        def f(anyio):
            asyncio.sleep(1)

        asyncio.sleep(2)
      `,
      after: py`
        import asyncio

        import anyio

        def f(anyio):
            asyncio.sleep(1)

        anyio.sleep(2)
      `,
      refused: ['name-collision:4'],
    },
    {
      name: 'a variable of the module',
      before: py`
        import asyncio

        anyio = pick_backend()
        asyncio.sleep(1)
      `,
      after: py`
        import asyncio

        anyio = pick_backend()
        asyncio.sleep(1)
      `,
      refused: ['name-collision:4'],
    },
    {
      name: 'an optional import',
      before: py`
        import asyncio

        try:
            import anyio
        except ImportError:
            anyio = None
        asyncio.sleep(1)
      `,
      after: py`
        import asyncio

        try:
            import anyio
        except ImportError:
            anyio = None
        asyncio.sleep(1)
      `,
      refused: ['name-collision:7'],
    },
    {
      name: 'an import of anyio further down in the same function',
      before: py`
        import asyncio

        def f():
            asyncio.sleep(1)
            import anyio
      `,
      after: py`
        import asyncio

        def f():
            asyncio.sleep(1)
            import anyio
      `,
      refused: ['name-collision:4'],
    },
    {
      name: 'a module of the project',
      options: { isFirstParty: (module) => module === 'anyio' },
      before: py`
        import asyncio
        from asyncio import Lock

        asyncio.sleep(1)
        Lock()
      `,
      after: py`
        import asyncio
        from asyncio import Lock

        asyncio.sleep(1)
        Lock()
      `,
      refused: ['name-collision:4', 'name-collision:5'],
    },
    {
      name: 'a class attribute is not seen by the methods',
      before: py`
        import asyncio

        class Backend:
            anyio = "anyio"

            def f(self):
                asyncio.sleep(1)
      `,
      after: py`
        import anyio

        class Backend:
            anyio = "anyio"

            def f(self):
                anyio.sleep(1)
      `,
    },
    {
      name: 'functools as a variable',
      before: py`
        import asyncio

        functools = None
        asyncio.iscoroutine(f)
      `,
      after: py`
        import asyncio

        functools = None
        asyncio.iscoroutine(f)
      `,
      refused: ['name-collision:4'],
    },
  ]);
});

it('says in plain words what stands in the way, and where', () => {
  const file = makeFile('import asyncio\n\nanyio = 1\nasyncio.sleep(1)\n');
  try {
    const { text, refused } = editFile(file, chooseRewrites(file), DEFAULTS);
    expect(text).toBe(file.text);
    expect([...refused.values()]).toEqual([
      {
        code: 'name-collision',
        message:
          'the new code needs the name `anyio`, which means something else here: it is bound in line 3',
        help: 'give the `anyio` of line 3 another name',
        blocker: { file: '/project/m.py', line: 3, column: 1 },
      },
    ]);
  } finally {
    file.dispose();
  }
});
