/** What counts as being on anyio already. */

import { describe, expect, test } from 'vitest';
import { Project } from '../src/analysis/project.ts';
import { countArrived, phaseOfPath } from '../src/arrived.ts';
import { MemoryStore, type Texts } from './analysis-harness.ts';

function counted(texts: Texts): Record<string, Record<number, number>> {
  const found: Record<string, Record<number, number>> = {};
  for (const { path, phase, uses } of countArrived(new Project(new MemoryStore(texts)))) {
    const name = path.replace('/project/', '');
    found[name] = { ...found[name], [phase]: uses };
  }
  return found;
}

describe('a name of anyio', () => {
  test('counts by its phase, however it is imported', () => {
    const text = `
import anyio
import anyio as aio
import anyio.abc
from anyio import Event as Flag, sleep, to_thread
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectSendStream as Stream

async def main(stream: Stream, group: TaskGroup, other: anyio.abc.TaskGroup):
    import anyio.from_thread as back
    flag = Flag()
    async with aio.create_task_group():
        with anyio.fail_after(1):
            await sleep(1)
            await anyio.lowlevel.checkpoint()
            await to_thread.run_sync(print)
            back.run(main)

anyio.run(main)
`;
    expect(counted({ 'a.py': text })).toEqual({ 'a.py': { 1: 1, 2: 3, 3: 3, 4: 1, 5: 3 } });
  });

  test('counts where pytest runs the tests by it, and through a star', () => {
    const marks = `
import pytest
from pytest import mark as tag

pytestmark = pytest.mark.anyio

@tag.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_it(): ...
`;
    const star = 'from anyio import *\n\nrun(main)\n\ndef run_all(sleep):\n    sleep(1)\n';
    expect(counted({ 't.py': marks, 's.py': star })).toEqual({
      't.py': { 6: 2 },
      's.py': { 1: 1 },
    });
  });

  test('does not count where something else has the name, or no phase writes it', () => {
    const text = `
import anyio
from other import sleep, Event

class Lock: ...

def f(anyio):
    anyio.sleep(1)

sleep(1), Event(), Lock(), anyio.Path("anyio.sleep(1)"), anyio.open_file
# anyio.sleep(1)
`;
    expect(counted({ 'a.py': text })).toEqual({});
  });

  test('nor where the project is anyio itself', () => {
    expect(counted({ 'anyio/__init__.py': '', 'a.py': 'import anyio\nanyio.sleep(1)\n' })).toEqual(
      {},
    );
  });
});

test('only what holds the word is read', () => {
  const store = new MemoryStore({
    'a.py': 'import anyio\nanyio.run(main)\n',
    'b.py': 'import asyncio\nanyio_backend = asyncio.run(main)\n',
  });
  countArrived(new Project(store));
  expect([...store.loaded]).toEqual(['a.py']);
});

test('the longest name decides', () => {
  expect(phaseOfPath(['anyio', 'abc', 'TaskGroup', 'start_soon'])).toBe(5);
  expect(phaseOfPath(['anyio', 'abc', 'AsyncResource'])).toBe(undefined);
  expect(phaseOfPath(['anyio'])).toBe(undefined);
  expect(phaseOfPath(['pytest', 'mark', 'asyncio'])).toBe(undefined);
});
