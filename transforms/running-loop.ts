/**
 * What a coroutine asks of the loop that runs it, where anyio has a word for it:
 *
 *     loop = asyncio.get_running_loop()
 *     start = loop.time()                              →   start = anyio.current_time()
 *     rows = await loop.run_in_executor(None, query)   →   rows = await anyio.to_thread.run_sync(query)
 *
 * The clock is the same, and needs a task around it: callbacks of the loop keep theirs (semantics,
 * section 15). Threads are as in `to-thread`. When nothing is left that the loop is asked for, its
 * variable goes. One use of `get_running_loop` carries all that is done with the loop it gives.
 */

import type { Node } from 'web-tree-sitter';
import { loopUse } from '../src/analysis/loops.ts';
import { runsInLoop } from '../src/analysis/running.ts';
import { removeStatements } from '../src/edit/statements.ts';
import { argumentsOf, lastName } from '../src/syntax/nodes.ts';
import { ownExecutor } from '../src/threads/executor.ts';
import { threadRewrite } from '../src/threads/judge.ts';
import {
  executorCall,
  type LoopCall,
  type LoopCalls,
  loopCalls,
} from '../src/threads/loop-calls.ts';
import type { Edit, JudgeContext, Place, Transform, Use, Verdict } from '../src/transform.ts';
import { anyio, lowerVersion, placeOf, refuse } from '../src/verdicts.ts';

export const runningLoop: Transform = {
  id: 'running-loop',
  phase: 3,
  names: ['asyncio.get_running_loop', 'asyncio.get_event_loop'],
  owns: (use) => use.name === 'asyncio.get_running_loop' || asksForRunning(use),
  summary:
    'loop.time(), await loop.run_in_executor(None, f) -> anyio.current_time(), anyio.to_thread.run_sync(f)',
  examples: [
    {
      before: 'start = asyncio.get_running_loop().time()',
      after: 'start = anyio.current_time()',
    },
    {
      before:
        'loop = asyncio.get_running_loop()\nrows = await loop.run_in_executor(None, query, sql)',
      after: 'rows = await anyio.to_thread.run_sync(query, sql)',
    },
  ],
  safety:
    'The clock of anyio is that of the loop. A function in a thread gets the same arguments, and ' +
    'its result and its exceptions come back alike; see to-thread for what cancellation does. For ' +
    'review where the project has context variables: run_in_executor does not hand them to the ' +
    'thread, anyio does. What else the loop is asked for stays: under anyio on the asyncio backend ' +
    'there still is one. In an async def, get_event_loop() gives the running loop too.',
  diagnostics: [
    {
      code: 'signal-handler',
      title: 'signal handlers are set on the loop',
      why:
        'anyio has no handlers that are called back: signals are read by a task. Until the program ' +
        'has such a task, the handlers of the loop work on, on the asyncio backend.',
      instead:
        'async def watch_signals(stop):\n' +
        '    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:\n' +
        '        async for _ in signals:\n' +
        '            stop.set()\n\n\n' +
        'async with anyio.create_task_group() as tasks:\n' +
        '    tasks.start_soon(watch_signals, stop)\n',
    },
    {
      code: 'executor-custom',
      title: 'run_in_executor with an executor of its own',
      why:
        'anyio has threads of its own; a limiter says how many run at once. An executor may have ' +
        'set-up, a single thread that something belongs to, or processes (anyio.to_process).',
      instead:
        'limiter = anyio.CapacityLimiter(4)\n' +
        'rows = await anyio.to_thread.run_sync(query, sql, limiter=limiter)\n',
    },
    {
      code: 'running-loop-patched-in-tests',
      title: 'a test replaces get_running_loop or get_event_loop for this module',
      why:
        'The test gives the code a loop of its own, often a mock, and sees what is asked of it; ' +
        'anyio would not ask it.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    const found = loopCalls(use);
    if (!found) return { kind: 'leave', reason: HANDED_ON };
    const moves = found.calls.flatMap((each) => moveOf(use, each, found, context) ?? []);
    if (moves.length === 0) return judgeStaying(use, found, context);
    const [patch] = context.patches.patchesOf(use.file, use.name);
    if (patch) return refusePatched(placeOf(patch));
    return together(use, found, moves);
  },
};

/** In a coroutine, `get_event_loop()` is the loop that runs it; a notebook may try to run it again. */
function asksForRunning(use: Use): boolean {
  const { file, name, role, node } = use;
  if (name !== 'asyncio.get_event_loop' || role !== 'call' || !runsInLoop(file, node)) return false;
  return file.info.notebook === undefined || loopUse(use).kind === 'none';
}

type Rewritten = Extract<Verdict, { kind: 'rewrite' }>;

/** The rewrite of one call, where it can move. */
function moveOf(
  use: Use,
  each: LoopCall,
  found: LoopCalls,
  context: JudgeContext,
): Rewritten | undefined {
  const { call, callee, method } = each;
  if (!each.inCoroutine || callee.descendantsOfType('comment').length > 0) return undefined;
  const span = { start: callee.startIndex, end: callee.endIndex };
  if (method === 'time') {
    const isCalled = call.childForFieldName('arguments')?.namedChildCount === 0;
    if (!isCalled || feedsLoop(each, found)) return undefined;
    const edits = [{ ...span, pieces: [anyio('current_time')] }];
    return { kind: 'rewrite', safety: 'safe', edits, minAnyio: '4.0.0' };
  }
  const executor = method === 'run_in_executor' ? executorCall(call) : undefined;
  if (executor?.kind !== 'default' || ownExecutor(context.definitions)) return undefined;
  const thread = { ...executor, call, callee: span, hasKeywords: false };
  const rewrite = threadRewrite(use, thread, context);
  return runsInContext(thread.parts[0]) ? rewrite : withContext(rewrite, context);
}

/** `loop.call_at(loop.time() + 5, …)`: the loop's own clock for the loop's own timer. */
function feedsLoop({ call }: LoopCall, { calls }: LoopCalls): boolean {
  return calls.some(
    (other) =>
      other.method.startsWith('call_') &&
      other.call.startIndex < call.startIndex &&
      call.endIndex < other.call.endIndex,
  );
}

/** `copy_context().run`, also in a partial: the code takes a context along by itself. */
function runsInContext(node: Node | undefined): boolean {
  if (node?.type === 'call' && lastName(node.childForFieldName('function')) === 'partial') {
    return runsInContext(argumentsOf(node).positional[0]);
  }
  const object = lastName(node) === 'run' ? node?.childForFieldName('object') : undefined;
  return lastName(object?.childForFieldName('function')) === 'copy_context';
}

/** run_in_executor leaves the context behind; anyio takes a copy of it along. */
function withContext(rewrite: Rewritten, { definitions }: JudgeContext): Rewritten {
  const { store } = definitions.project;
  const words = ['contextvars', 'decimal'];
  const file = store.candidates.find((each) => store.mentions(each, words));
  if (!file || rewrite.safety === 'review') return rewrite;
  return {
    ...rewrite,
    safety: 'review',
    note: 'the thread now sees the context variables of the task, which run_in_executor does not hand on',
  };
}

/** One verdict for all that moves; the variable goes when nothing else is asked of the loop. */
function together(use: Use, found: LoopCalls, moves: readonly Rewritten[]): Verdict {
  const isAll = !found.escapes && moves.length === found.calls.length;
  const edits: Edit[] = moves.flatMap((move) => move.edits);
  if (isAll && found.assignment)
    edits.push(...(removeStatements(use.file, [found.assignment]) ?? []));
  const doubt = moves.find(({ safety }) => safety === 'review');
  const minAnyio = moves
    .map((move) => move.minAnyio)
    .reduce((highest, each) => (lowerVersion(highest, each) ? each : highest));
  return {
    kind: 'rewrite',
    safety: doubt ? 'review' : 'safe',
    edits,
    minAnyio,
    ...(doubt?.note === undefined ? {} : { note: doubt.note }),
    ...(doubt?.blocker ? { blocker: doubt.blocker } : {}),
  };
}

const SIGNALS: ReadonlySet<string> = new Set(['add_signal_handler', 'remove_signal_handler']);
const STILL_A_LOOP = 'under anyio on the asyncio backend there still is one';
const HANDED_ON = `the loop itself is kept or handed on; ${STILL_A_LOOP}`;

/** The verdict where nothing that is asked of the loop can move. */
function judgeStaying(use: Use, { calls, escapes }: LoopCalls, context: JudgeContext): Verdict {
  const { file } = use;
  const signal = calls.find(({ method }) => SIGNALS.has(method));
  if (signal) {
    return refuse(
      'signal-handler',
      `${signal.method} sets a callback of the loop; anyio hands signals to a task that reads them`,
      'read the signals in a task, with `anyio.open_signal_receiver`',
      file.place(signal.call),
    );
  }
  const inExecutor = calls.filter(({ method }) => method === 'run_in_executor');
  const custom = inExecutor.find(({ call }) => executorCall(call).kind === 'custom');
  const own = inExecutor.length > 0 ? ownExecutor(context.definitions) : undefined;
  if (custom || own) {
    return refuse(
      'executor-custom',
      custom
        ? 'the function runs in an executor of its own; anyio has threads of its own'
        : 'the project sets a default executor, in which this runs; anyio has threads of its own',
      'give `anyio.to_thread.run_sync` a limiter that allows as many threads, or keep the executor',
      own ?? (custom && file.place(custom.call)),
    );
  }
  return { kind: 'leave', reason: whyStays(calls, escapes) };
}

function whyStays(calls: readonly LoopCall[], escapes: boolean): string {
  if (escapes) return HANDED_ON;
  const methods = [...new Set(calls.map(({ method }) => method))];
  const [first] = methods;
  if (first === undefined) return `nothing is asked of the loop here; ${STILL_A_LOOP}`;
  if (methods.includes('run_in_executor')) {
    return 'run_in_executor gives a future that runs already, and it is not awaited on the spot';
  }
  if (methods.includes('time')) {
    return 'the loop may call the function itself, outside of any task, where anyio.current_time() raises';
  }
  if (first === 'call_soon_threadsafe') {
    return 'call_soon_threadsafe does not wait for its callback, as anyio.from_thread.run_sync does, and works in all threads';
  }
  return `anyio has no counterpart of ${methods.slice(0, 3).join(', ')}; ${STILL_A_LOOP}`;
}

function refusePatched(place: Place): Verdict {
  return refuse(
    'running-loop-patched-in-tests',
    'a test puts another loop in the place of the one that runs, and anyio would not ask it',
    'rewrite the test first, so that it replaces what the loop is asked for',
    place,
  );
}
