import { beforeAll, describe, expect, it } from 'vitest';
import { editFile, type Rewrite, validateEdit } from '../src/edit/edit-file.ts';
import { loadParser } from '../src/syntax/parser.ts';
import { chooseRewrites, DEFAULTS, makeFile, py } from './edit-harness.ts';

beforeAll(loadParser);

const BEFORE = py`
  import asyncio
  from asyncio import Lock

  lock: "Lock" = Lock()
  asyncio.run(asyncio.gather())
`;

/** What `validateEdit` says of a text that should come from `BEFORE` with all its names rewritten. */
function faultOf(text: string, before = BEFORE): string | undefined {
  const file = makeFile(before);
  try {
    return validateEdit(file, chooseRewrites(file), text);
  } finally {
    file.dispose();
  }
}

describe('validateEdit', () => {
  it('accepts the right text', () => {
    const text = py`
      import asyncio

      import anyio
      from anyio import Lock

      lock: "Lock" = Lock()
      anyio.run(asyncio.gather())
    `;
    expect(faultOf(text)).toBeUndefined();
  });

  it.each([
    {
      name: 'a syntax error',
      text: 'import asyncio\nimport anyio\nfrom anyio import Lock\n\nlock: "Lock" = Lock()\nanyio.run(asyncio.gather()\n',
      fault: /syntax error/,
    },
    {
      name: 'an import of asyncio that is missed',
      text: 'import anyio\nfrom anyio import Lock\n\nlock: "Lock" = Lock()\nanyio.run(asyncio.gather())\n',
      fault: /^nothing binds `asyncio`/,
    },
    {
      name: 'an import of anyio that is missed',
      text: 'import asyncio\nfrom anyio import Lock\n\nlock: "Lock" = Lock()\nanyio.run(asyncio.gather())\n',
      fault: /^nothing binds `anyio`/,
    },
    {
      name: 'a use that was not rewritten',
      text: 'import asyncio\nfrom anyio import Lock\n\nlock: "Lock" = Lock()\nasyncio.run(asyncio.gather())\n',
      fault: /1 uses of asyncio.run where 0/,
    },
    {
      name: 'a use that vanished',
      text: 'import asyncio\nimport anyio\nfrom anyio import Lock\n\nlock: "Lock" = Lock()\nanyio.run()\n',
      fault: /0 uses of asyncio.gather where 1/,
    },
    {
      name: 'a name that comes from elsewhere',
      text: 'import asyncio\nimport anyio\nfrom threading import Lock\n\nlock: "Lock" = Lock()\nanyio.run(asyncio.gather())\n',
      fault: /imports anyio.Lock for 0 of 2 places/,
    },
    {
      name: 'a name that is shadowed where it is needed',
      before: 'import asyncio\n\ndef f(anyio):\n    asyncio.sleep(1)\n',
      text: 'import anyio\n\ndef f(anyio):\n    anyio.sleep(1)\n',
      fault: /imports anyio.sleep for 0 of 1 places/,
    },
  ])('sees $name', ({ text, fault, before }) => {
    expect(faultOf(text, before)).toMatch(fault);
  });
});

it('throws on overlapping edits of one use', () => {
  const file = makeFile('import asyncio\nasyncio.run(asyncio.sleep(1))\n');
  try {
    const [outer, inner] = chooseRewrites(file);
    if (!outer || !inner) throw new Error('two uses expected');
    const end = file.text.length - 1;
    const gone = { start: outer.use.span.start, end, pieces: ['gone'] };
    const edits = [gone, ...inner.verdict.edits];
    const wide: Rewrite = { use: outer.use, verdict: { ...outer.verdict, edits } };
    expect(() => editFile(file, [wide], DEFAULTS)).toThrow(/overlapping edits/);
  } finally {
    file.dispose();
  }
});

it('changes nothing when there is nothing to rewrite', () => {
  const file = makeFile(
    'import asyncio ;import os\n\n\nfrom asyncio import Lock # noqa\nasyncio.x\n',
  );
  try {
    expect(editFile(file, [], DEFAULTS).text).toBe(file.text);
  } finally {
    file.dispose();
  }
});

it('spells names in other strings as they are, and imports nothing for them', () => {
  const text = 'import mock\n\nmock.patch("app.views.asyncio.sleep")\n';
  const file = makeFile(text);
  try {
    const rewrites = chooseRewrites(file).map(({ use, verdict }) => {
      const start = text.indexOf('asyncio');
      const pieces = [{ module: 'anyio', name: 'sleep' }];
      const edits = [{ start, end: start + 'asyncio.sleep'.length, pieces }];
      return { use, verdict: { ...verdict, edits } };
    });
    expect(rewrites).toHaveLength(1);
    const outcome = editFile(file, rewrites, DEFAULTS);
    expect(outcome.text).toBe('import mock\n\nmock.patch("app.views.anyio.sleep")\n');
    expect(validateEdit(file, rewrites, outcome.text)).toBeUndefined();
  } finally {
    file.dispose();
  }
});

it('leaves the import of a name that comes through another module of the project', () => {
  const text = 'from app.compat import sleep\n\nsleep(1)\n';
  const file = makeFile(text);
  try {
    file.rebind(
      ({ target }) =>
        target === 'app.compat.sleep'
          ? { target: 'asyncio.sleep', via: { module: 'app.compat', local: 'sleep' } }
          : undefined,
      () => false,
    );
    const rewrites = chooseRewrites(file);
    expect(rewrites).toHaveLength(1);
    const outcome = editFile(file, rewrites, DEFAULTS);
    expect(outcome.text).toBe('import anyio\n\nfrom app.compat import sleep\n\nanyio.sleep(1)\n');
    expect(validateEdit(file, rewrites, outcome.text)).toBeUndefined();
  } finally {
    file.dispose();
  }
});
