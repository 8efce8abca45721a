/**
 * The programs around the examples of the transforms. An example is what a reader needs to see;
 * whether the tool does it depends on what stands around it: who defines the functions, which
 * imports there are. The frame gives that, and `{}` is where the example goes, as deep as it stands.
 */

export interface Frame {
  /** The program, with `{}` on a line of its own. */
  text: string;
  /** The file of the project that it is: `example.py`, unless told. */
  path?: string;
  /** Other files of the project, by path. */
  beside?: Readonly<Record<string, string>>;
}

const WORK = 'async def work(*values, **options):\n    return values or options\n\n\n';
const INSIDE = `${WORK}async def example():\n    {}\n`;

/** `import asyncio`, some definitions, and a coroutine that the example is the body of. */
function inside(definitions = ''): Frame {
  return { text: `import asyncio\n\n\n${definitions}${INSIDE}` };
}

/** `import asyncio`, and a module that the example is a statement of. */
function module(definitions = '', imports = 'import asyncio'): Frame {
  return { text: `${imports}\n\n\n${definitions}{}\n` };
}

/** A class whose constructor holds the example, and whose method uses what it makes. */
function attribute(use: string, imports = 'import asyncio'): Frame {
  const method = use.replaceAll('\n', '\n        ');
  return {
    text: `${imports}\n\n\nclass Example:\n    def __init__(self):\n        {}\n\n    async def use(self, key):\n        ${method}\n`,
  };
}

/** A coroutine without parameters that the example awaits, one line long. */
function coroutine(name: string, body = 'return 1', parameters = ''): string {
  return `async def ${name}(${parameters}):\n    ${body}\n\n\n`;
}

const MAIN = coroutine('main', 'return 0', 'port=0, *, verbose=False');
const CONNECTION = `class Connection:
    async def close(self):
        self.closed = True

    async def ping(self):
        return self.closed

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        self.closed = True


`;

const HANDLER: Frame = {
  text: `import asyncio\n\n\n${WORK}async def example():\n    try:\n        await work()\n    {}\n        return None\n`,
};

/** A project that has the fixture already which the tool would add. */
const BACKEND = {
  'conftest.py': 'import pytest\n\n\n@pytest.fixture\ndef anyio_backend():\n    return "asyncio"\n',
};

/** A frame for each example of a transform, in the same order. */
export const FRAMES: Readonly<Record<string, readonly Frame[]>> = {
  run: [
    module(MAIN),
    {
      text: 'import asyncio\nimport sys\n\nimport app\n\n\ndef example(port, hosts):\n    {}\n',
      beside: { 'app.py': 'async def start(port, *hosts):\n    return port\n' },
    },
    module(MAIN),
    module(MAIN),
  ],
  'run-until-complete': [module(MAIN), module(MAIN)],
  runner: [],
  uvloop: [
    { text: `import uvloop\n\nport = 80\n\n\n${MAIN}{}\n` },
    module(MAIN, 'import asyncio\n\nimport uvloop'),
  ],
  sleep: [inside(), { text: '{}\n' }],
  lock: [
    attribute('async with self._lock:\n    return key'),
    attribute(
      'async with self._locks[key]:\n    return key',
      'import asyncio\nfrom collections import defaultdict',
    ),
  ],
  event: [attribute('self._stopped.set()\nawait self._stopped.wait()'), inside()],
  semaphore: [attribute('async with self._slots:\n    return key'), module(), module('size = 4\n')],
  condition: [
    attribute('async with self._changed:\n    self._changed.notify_all()'),
    {
      text: 'import asyncio\nfrom dataclasses import dataclass, field\n\n\n@dataclass\nclass Example:\n    {}\n',
    },
  ],
  barrier: [],
  'wait-for': [
    inside(`${coroutine('ask', 'return question', 'question')}question = "?"\n\n\n`),
    inside(coroutine('drain')),
    inside(coroutine('ping')),
    inside(`${coroutine('read')}def write(chunk):\n    print(chunk)\n\n\n`),
    inside(
      `${coroutine('read')}${coroutine('send', 'return value', 'value')}def timeout():\n    return 5\n\n\n`,
    ),
  ],
  timeout: [
    inside(),
    inside(coroutine('deadline')),
    inside(CONNECTION.replace('Connection', 'connect')),
  ],
  'timeout-error': [HANDLER, HANDLER],
  'to-thread': [
    module(
      '',
      'import asyncio\nfrom pathlib import Path\n\n\nasync def example(path: Path):\n    {}\n',
    ),
    inside('def save(*values, indent): ...\n\n\ndata = []\n\n\n'),
    inside('def query(sql):\n    return [sql]\n\n\nsql = "SELECT 1"\n\n\n'),
  ],
  'running-loop': [
    inside(),
    inside('def query(sql):\n    return [sql]\n\n\nsql = "SELECT 1"\n\n\n'),
  ],
  'from-thread': [inside(coroutine('report', 'print(text)', 'text'))],
  shield: [inside(`${CONNECTION}connection = Connection()\n\n\n`)],
  'cancelled-error': [inside()],
  'current-task': [inside(), inside('import logging\n\nlog = logging.getLogger()\n\n\n')],
  iscoroutinefunction: [
    { text: 'import asyncio\n\n\nasync def example(handler):\n    {}\n        await handler()\n' },
  ],
  subprocess: [inside(), inside('command = ["make"]\n\n\n'), inside()],
  streams: [inside(), inside()],
  pytest: [
    { text: 'import pytest\n\n\n{}\n', path: 'test_example.py', beside: BACKEND },
    {
      text: 'import pytest\nimport pytest_asyncio\n\n\n{}\n',
      path: 'test_example.py',
      beside: BACKEND,
    },
    {
      text: '{}',
      path: 'pyproject.toml',
      beside: { 'test_example.py': 'async def test_it(): ...\n' },
    },
  ],
};
