/** What code does when it is cancelled, found through the calls that can be resolved. */

import { describe, expect, it } from 'vitest';
import { cancellationFacts } from '../src/analysis/cancellation.ts';
import { type Texts, Workspace } from './analysis-harness.ts';

/** The facts of the body of `main()` in `m.py`: `kind line`, and the way there. */
function facts(text: string, others: Texts = {}): string[] {
  const workspace = new Workspace({ 'm.py': text, ...others });
  const file = workspace.file('m.py');
  const main = file.root
    .descendantsOfType('function_definition')
    .find((node) => node?.childForFieldName('name')?.text === 'main');
  const body = main?.childForFieldName('body');
  if (!body) throw new Error('the case has no main()');
  return cancellationFacts(file, body, workspace.definitions).map(
    ({ kind, name, place, through }) =>
      [kind, place.line, name, through.join(' > ')].filter((part) => part !== '').join(' '),
  );
}

const python = (...lines: string[]) => `${lines.join('\n')}\n`;

describe('cancellation', () => {
  it('finds a CancelledError that is swallowed', () => {
    expect(
      facts(
        python(
          'async def main():',
          '    try:',
          '        x()',
          '    except CancelledError:',
          '        pass',
        ),
      ),
    ).toEqual(['swallows 4']);
    expect(
      facts(python('async def main():', '    try:', '        x()', '    except:', '        pass')),
    ).toEqual(['swallows 4']);
    expect(
      facts(
        python('async def main():', '    with suppress(asyncio.CancelledError):', '        x()'),
      ),
    ).toEqual(['swallows 2']);
  });

  it('knows what anyio itself awaits', () => {
    const waiting = (call: string) =>
      python('import anyio', 'from anyio import sleep', 'async def main():', `    await ${call}`);
    expect(facts(waiting('anyio.sleep(1)'))).toEqual([]);
    expect(facts(waiting('sleep(1)'))).toEqual([]);
    expect(facts(waiting('nap(1)'))).toEqual(['unknown-call 4 nap']);
  });

  it("knows anyio's way to name the class", () => {
    const handler = (name: string) =>
      python('async def main():', '    try:', '        x()', `    except ${name}:`, '        pass');
    expect(facts(handler('anyio.get_cancelled_exc_class()'))).toEqual(['swallows 4']);
    expect(facts(handler('(OSError, get_cancelled_exc_class())'))).toEqual(['swallows 4']);
  });

  it('passes over handlers that raise again, and those that a cancellation does not reach', () => {
    const handler = (name: string, body: string) =>
      python(
        'async def main():',
        '    try:',
        '        x()',
        `    except ${name}:`,
        `        ${body}`,
      );
    expect(facts(handler('CancelledError', 'raise'))).toEqual([]);
    expect(facts(handler('Exception', 'pass'))).toEqual([]);
    expect(facts(handler('(ValueError, OSError)', 'pass'))).toEqual([]);
  });

  it('finds an await while cleaning up, unless it is shielded', () => {
    const cleanup = (...lines: string[]) =>
      python(
        'import asyncio',
        'async def main():',
        '    try:',
        '        x()',
        '    finally:',
        ...lines,
      );
    expect(facts(cleanup('        await asyncio.sleep(1)'))).toEqual(['awaits-in-cleanup 6']);
    expect(facts(cleanup('        async with x: pass'))).toEqual([
      'awaits-in-cleanup 6',
      'unknown-call 6 `async with x`',
    ]);
    const shield = '        with anyio.CancelScope(shield=True):';
    expect(facts(cleanup(shield, '            await asyncio.sleep(1)'))).toEqual([]);
    expect(facts(cleanup('        close()'))).toEqual([]);
  });

  it('does not know what an unknown context manager or iterator does when it is left', () => {
    const main = (...lines: string[]) =>
      python('import asyncio, anyio, aiohttp', 'async def main(x):', ...lines);
    expect(facts(main('    async with aiohttp.get(): pass'))).toEqual([
      'unknown-call 3 `async with aiohttp.get()`',
    ]);
    expect(facts(main('    async for y in x: pass'))).toEqual([
      'unknown-call 3 `async for … in x`',
    ]);
    expect(facts(main('    return [y async for y in x]'))).toEqual([
      'unknown-call 3 `async for … in x`',
    ]);
    const known = ['asyncio.timeout(1)', 'asyncio.Lock()', 'anyio.create_task_group()'];
    for (const manager of known) {
      expect(facts(main(`    async with ${manager}: pass`))).toEqual([]);
    }
  });

  it('looks into what a wait_for awaits', () => {
    const main = (call: string) =>
      python(
        'import asyncio',
        'async def stubborn():',
        '    try:',
        '        await asyncio.sleep(1)',
        '    except asyncio.CancelledError:',
        '        pass',
        'async def main(x):',
        `    await asyncio.wait_for(${call}, 1)`,
      );
    expect(facts(main('asyncio.sleep(1)'))).toEqual([]);
    expect(facts(main('stubborn()'))).toEqual(['swallows 5 stubborn']);
    expect(facts(main('x()'))).toEqual(['unknown-call 8 x']);
  });

  it('follows a context manager that is a generator', () => {
    const main = python(
      'import asyncio, contextlib',
      '@contextlib.asynccontextmanager',
      'async def opened():',
      '    try:',
      '        yield 1',
      '    finally:',
      '        await asyncio.sleep(1)',
      'async def main():',
      '    async with opened(): pass',
    );
    expect(facts(main)).toEqual(['awaits-in-cleanup 7 opened', 'yields 5 opened']);
  });

  it('finds a yield, but not one of a function inside', () => {
    expect(facts(python('async def main():', '    yield 1'))).toEqual(['yields 2']);
    expect(facts(python('async def main():', '    def f():', '        yield 1'))).toEqual([]);
  });

  it('follows calls into functions, methods and other files, and tells the way', () => {
    const client = python(
      'class Client:',
      '    async def close(self):',
      '        try:',
      '            pass',
      '        finally:',
      '            await self.flush()',
      '    async def flush(self):',
      '        pass',
    );
    const main = python(
      'from client import Client',
      'async def helper(client: Client):',
      '    await client.close()',
      'async def main():',
      '    await helper(Client())',
    );
    expect(facts(main, { 'client.py': client })).toEqual([
      'awaits-in-cleanup 6 helper > Client.close',
    ]);
  });

  it('finds what the __aexit__ of a project class awaits', () => {
    const text = python(
      'class Session:',
      '    async def __aexit__(self, *error):',
      '        await self.close()',
      'async def main():',
      '    async with Session():',
      '        pass',
    );
    expect(facts(text)).toEqual(['awaits-in-cleanup 3 Session.__aexit__']);
  });

  it('names the calls that it cannot follow', () => {
    expect(facts(python('async def main(x):', '    await x.fetch(1)', '    await x'))).toEqual([
      'unknown-call 2 x.fetch',
      'unknown-call 3 x',
    ]);
  });

  it('knows threads: asyncio lets go of them, anyio only when it is told', () => {
    const text = python(
      'import asyncio',
      'import anyio',
      'from anyio import to_thread',
      'async def main(loop):',
      '    await asyncio.to_thread(f)',
      '    await loop.run_in_executor(None, f)',
      '    await anyio.to_thread.run_sync(f)',
      '    await to_thread.run_sync(f, abandon_on_cancel=True)',
      '    await anyio.sleep(1)',
    );
    expect(facts(text)).toEqual(['waits-for-thread 7 anyio.to_thread.run_sync']);
  });

  it("knows asyncio's streams, however their names come", () => {
    const body = (...lines: string[]) =>
      facts(python('import asyncio', 'async def main():', ...lines.map((line) => `    ${line}`)));
    expect(
      body(
        'reader: asyncio.StreamReader',
        'writer = None',
        'reader, writer = await asyncio.open_connection("", 1)',
        'await reader.readexactly(await reader.read(1))',
        'await writer.drain()',
        'await writer.wait_closed()',
      ),
    ).toEqual([]);
    expect(
      body(
        'reader, writer = await asyncio.wait_for(asyncio.open_unix_connection(""), 1)',
        'await reader.readline()',
        'self.reader, self.writer = await asyncio.open_connection("", 1)',
        'await self.writer.drain()',
        'await asyncio.to_thread(print)',
        'await asyncio.start_server(print)',
      ),
    ).toEqual([]);
    expect(
      body(
        'reader, writer = await asyncio.open_connection("", 1, happy_eyeballs_delay=1)',
        'await reader.read()',
      ),
    ).toEqual(['unknown-call 3 asyncio.open_connection']);
    expect(
      body(
        'reader, writer = await asyncio.open_connection("", 1)',
        'reader = wrap(reader)',
        'await reader.read()',
        'for writer in writers: await writer.drain()',
      ),
    ).toEqual(['unknown-call 5 reader.read', 'unknown-call 6 writer.drain']);
  });

  it("knows anyio's functions and streams, but its threads", () => {
    const body = (...lines: string[]) =>
      facts(
        python('import anyio', 'async def main(other):', ...lines.map((line) => `    ${line}`)),
      );
    expect(
      body(
        'await anyio.sleep(1)',
        'stream = await anyio.connect_tcp("", 1)',
        'await stream.receive()',
        'send, receive = anyio.create_memory_object_stream(1)',
        'await send.send(await receive.receive())',
        'condition = anyio.Condition()',
        'await condition.wait()',
      ),
    ).toEqual([]);
    expect(body('await anyio.to_thread.run_sync(print)', 'await other.receive()')).toEqual([
      'waits-for-thread 3 anyio.to_thread.run_sync',
      'unknown-call 4 other.receive',
    ]);
  });

  it('ends where functions call each other', () => {
    const text = python(
      'async def other():',
      '    await main()',
      'async def main():',
      '    await other()',
    );
    expect(facts(text)).toEqual([]);
  });
});
