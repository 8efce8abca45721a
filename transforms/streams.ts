/**
 * `reader, writer = await asyncio.open_connection(host, port)` → `stream = await anyio.connect_tcp(host, port)`.
 *
 * asyncio gives two objects, anyio one. So both names are followed through the function that opens
 * the connection, and each thing that is done with them has to have a counterpart (`src/streams/`):
 * a write with its drain is a `send()`, a close with its `wait_closed()` an `aclose()`, a `read(n)` a
 * `receive(n)` with a handler for the end of the stream. Lines and exact sizes take a buffer around
 * the stream. What a connection raises when it breaks differs, and handlers that name OSError are
 * made to name anyio's exceptions too. All of this was run against real sockets on both backends
 * (semantics, section 17). Never safe.
 */

import type { Node } from 'web-tree-sitter';
import { reasonToStay } from '../src/catalogue.ts';
import { type Plan, planNaming, planOf } from '../src/streams/plan.ts';
import { ancestor } from '../src/syntax/nodes.ts';
import type { JudgeContext, NeededName, Transform, Use, Verdict } from '../src/transform.ts';
import { refuse, refusePatched } from '../src/verdicts.ts';

const SERVERS = new Set(['asyncio.start_server', 'asyncio.start_unix_server']);

export const streams: Transform = {
  id: 'streams',
  phase: 3,
  names: [
    'asyncio.open_connection',
    'asyncio.open_unix_connection',
    'asyncio.start_server',
    'asyncio.start_unix_server',
    'asyncio.StreamReader',
    'asyncio.StreamWriter',
    'asyncio.IncompleteReadError',
    'asyncio.LimitOverrunError',
  ],
  summary:
    'reader, writer = await asyncio.open_connection(...) -> stream = await anyio.connect_tcp(...)',
  examples: [
    {
      before:
        'reader, writer = await asyncio.open_connection(host, port)\n' +
        'writer.write(question)\nawait writer.drain()\n' +
        'answer = await reader.read()\n' +
        'writer.close()\nawait writer.wait_closed()',
      after:
        'stream = await anyio.connect_tcp(host, port)\n' +
        'await stream.send(question)\n' +
        'answer = b"".join([chunk async for chunk in stream])\n' +
        'await stream.aclose()',
      review: true,
    },
    {
      before:
        'reader, writer = await asyncio.open_connection(host, port)\n' +
        'head = await reader.readexactly(4)\nline = await reader.readline()',
      after:
        'stream = await anyio.connect_tcp(host, port)\n' +
        'reader = BufferedByteReceiveStream(stream)\n' +
        'head = await reader.receive_exactly(4)\n' +
        'try:\n    line = await reader.receive_until(b"\\n", 65536) + b"\\n"\n' +
        'except anyio.IncompleteRead:\n    line = await reader.receive_exactly(len(reader.buffer))',
      review: true,
    },
  ],
  safety:
    'Never safe, always for review: a connection that breaks raises anyio.BrokenResourceError, which ' +
    'is no OSError, where asyncio raises ConnectionResetError; one that cannot be made raises a plain ' +
    'OSError with the reason as its cause; a host with several addresses is tried at several at once. ' +
    'Handlers in the same function are rewritten along, those of callers are not. What arrives is the ' +
    'same, and the end of the stream is told apart as before. send() always lets other tasks run, where ' +
    'drain() mostly does not. wait_closed() may raise what broke the ' +
    'connection, aclose() does not; on trio the other side sees a reset when something that arrived ' +
    'was never read.',
  diagnostics: [
    {
      code: 'net-stream-api',
      title: "the reader or the writer is used as only asyncio's can be",
      why:
        'asyncio gives a reader and a writer, anyio one stream with send(), receive(), send_eof() and ' +
        'aclose(). Both names move together, with all that is done with them, and only where the ' +
        'function that opens the connection holds them alone: whoever else gets one expects ' +
        "asyncio's. A write without a drain sends later and does not wait, which anyio cannot.",
      instead:
        'stream = await anyio.connect_tcp(host, port)\nasync with stream:\n' +
        '    await stream.send(request)\n    async for chunk in stream:\n        handle(chunk)\n\n' +
        'lines = BufferedByteReceiveStream(stream)  # from anyio.streams.buffered\n' +
        'line = await lines.receive_until(b"\\n", 65536)  # without the newline; IncompleteRead at the end\n' +
        'header = await lines.receive_exactly(4)',
    },
    {
      code: 'net-stream-shape',
      title: 'the connection is not unpacked into two names',
      why:
        'Only `reader, writer = await asyncio.open_connection(...)`, with a wait_for around the call or ' +
        'without, tells which name is which. A pair that is kept, returned or handed to gather goes ' +
        'where it cannot be followed.',
    },
    {
      code: 'net-stream-arguments',
      title: 'an option that connect_tcp takes otherwise, or not at all',
      why:
        "TLS, a local address, a socket of one's own and `**` options have other names in anyio and " +
        'partly another meaning: by default an anyio TLS stream raises where the other side hangs up ' +
        'without ending TLS.',
      instead:
        'stream = await anyio.connect_tcp(\n    host, port, tls=True, ssl_context=context, tls_standard_compatible=False\n)',
    },
    {
      code: 'net-stream-handler',
      title: 'a handler looks for what asyncio raises',
      why:
        'Where no connection can be made, anyio raises a plain OSError: a handler of ' +
        'ConnectionRefusedError would not catch it, and its errno is None. What a broken or ended ' +
        'stream raises has no errno and no `partial`.',
      instead:
        'try:\n    stream = await anyio.connect_tcp(host, port)\nexcept OSError as error:\n' +
        '    print("no connection:", error.__cause__)',
    },
    {
      code: 'net-server',
      title: 'a server',
      why:
        'anyio listens with a listener that is served in a task group: the handler gets one stream ' +
        'instead of a reader and a writer, the stream is to be closed by it, an exception in it ends the ' +
        'whole server instead of being logged, and there is no server object that runs by itself: serve() ' +
        'goes on until it is cancelled. Write the handler first, then its server.',
      instead:
        'async def handle(stream):\n    async with stream:\n        async for chunk in stream:\n' +
        '            await stream.send(chunk)\n\n' +
        'async def main():\n    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=8888)\n' +
        '    async with listener, anyio.create_task_group() as tasks:\n' +
        '        tasks.start_soon(listener.serve, handle)\n        ...\n        tasks.cancel_scope.cancel()',
    },
    {
      code: 'streams-value-use',
      title: 'the function itself is handed on',
      why: "Whoever gets open_connection or start_server as a value expects what asyncio's returns.",
    },
    {
      code: 'streams-patched-in-tests',
      title: 'a test replaces the function for this module',
      why:
        'The stand-in gives a reader and a writer, as asyncio does. Let the test start a small server on ' +
        '127.0.0.1 instead, or give it a fake anyio stream, by hand.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    const { name } = use;
    if (name.startsWith('asyncio.Stream') || name.endsWith('Error'))
      return judgeClass(use, context);
    const patched = refusePatched(use, context, 'streams');
    if (patched) return patched;
    if (SERVERS.has(name)) return refuseServer(use);
    const plan = planOf(use, context);
    return 'kind' in plan ? plan : rewriteTo(use, plan);
  },
};

function refuseServer(use: Use): Verdict {
  if (use.role !== 'call') {
    return refuse(
      'streams-value-use',
      'the function itself is used as a value here, and whoever gets it expects a server object',
      'call it where the server runs',
    );
  }
  const isUnix = use.name === 'asyncio.start_unix_server';
  const listener = isUnix ? 'create_unix_listener' : 'create_tcp_listener';
  return refuse(
    'net-server',
    'the handler gets a reader and a writer here, and in anyio one stream, which it has to close; an exception in it is logged here, and ends the server there',
    `anyio.${listener}(...), and \`await listener.serve(handler)\` in a task group that is cancelled to stop it`,
  );
}

/** One use carries the edits of the connection; the others go with it. */
function rewriteTo(use: Use, plan: Plan, own?: NeededName): Verdict {
  const { connection } = plan;
  const [leader] = connection.opens;
  const edits = use === leader?.use ? plan.edits : own ? [{ ...use.span, pieces: [own] }] : [];
  const members = [
    ...connection.opens.map((open) => open.use),
    ...plan.beside,
    ...connection.renamed.keys(),
    ...connection.holders.flatMap(({ uses }) => uses),
  ];
  return {
    kind: 'rewrite',
    safety: 'review',
    edits,
    minAnyio: '4.0.0',
    note: noteOn(plan),
    together: members,
  };
}

/** What to look at. */
function noteOn({ connection: { opens, operations } }: Plan): string {
  const has = (kind: string) => operations.some((operation) => operation.kind === kind);
  const closes = operations.filter(({ kind }) => kind === 'close').length;
  const waits = operations.filter(({ kind }) => kind === 'closed').length;
  const isTcp = opens.some(({ isUnix }) => !isUnix);
  const notes = [
    'a connection that breaks raises anyio.BrokenResourceError, which is no OSError: see who catches what in the callers',
  ];
  if (isTcp) notes.push('one that cannot be made raises a plain OSError');
  if (has('exactly') || has('until')) notes.push('one that ends early anyio.IncompleteRead');
  if (has('line'))
    notes.push('a line over the limit raises anyio.DelimiterNotFound instead of ValueError');
  if (closes > waits) {
    const inCleanup = operations.some(({ kind, name }) => kind === 'close' && isCleanup(name));
    const more = inCleanup
      ? ', and under a cancelled scope the clean-up ends with it'
      : ', where other tasks may run';
    notes.push(`closing has become an await${more}`);
  }
  if (has('extra')) notes.push('an IPv6 address has two parts instead of four');
  return notes.join('; ');
}

function isCleanup(node: Node): boolean {
  return ancestor(node, new Set(['finally_clause', 'except_clause'])) !== undefined;
}

// -- classes ---------------------------------------------------------------------------------------

const ERRORS: Readonly<Record<string, string>> = {
  'asyncio.IncompleteReadError': 'IncompleteRead',
  'asyncio.LimitOverrunError': 'DelimiterNotFound',
};

/** A class of asyncio's streams: it moves with the connection that it is named for, or stays. */
function judgeClass(use: Use, context: JudgeContext): Verdict {
  const plan = use.doubt === undefined ? planNaming(use, context) : undefined;
  if (!plan) return { kind: 'leave', reason: reasonOf(use) };
  if (ERRORS[use.name] !== undefined) {
    const own = { module: 'anyio', name: ERRORS[use.name] ?? '' };
    return rewriteTo(use, plan, own);
  }
  const { isBuffered } = plan.connection;
  if (use.name === 'asyncio.StreamWriter') {
    return rewriteTo(use, plan, { module: 'anyio.abc', name: 'SocketStream', own: true });
  }
  const buffer = { module: 'anyio.streams.buffered', name: 'BufferedByteReceiveStream', own: true };
  return rewriteTo(use, plan, isBuffered ? buffer : undefined);
}

function reasonOf(use: Use): string {
  if (ERRORS[use.name] !== undefined) return 'the error comes from asyncio code that stays';
  return use.role === 'annotation'
    ? "it names asyncio's own stream, which whoever hands it over goes on to give"
    : reasonToStay(use.name);
}
