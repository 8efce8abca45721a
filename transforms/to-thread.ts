/**
 * `asyncio.to_thread(f, x)` → `anyio.to_thread.run_sync(f, x)`; keyword arguments go through
 * `functools.partial`, since run_sync has some of its own.
 *
 * Both copy the context into the thread, give the function's result and raise its exception. They
 * part where somebody stops waiting: a native cancellation lets go of the thread in both, a cancel
 * scope of anyio waits for it, unless `abandon_on_cancel=True` is given (semantics, section 14). It
 * is given wherever a scope may reach the call, now or once a timeout has become a block.
 */

import { argumentsOf, withParens } from '../src/syntax/nodes.ts';
import { type ThreadCall, threadParts } from '../src/threads/edits.ts';
import { ownExecutor } from '../src/threads/executor.ts';
import { threadRewrite } from '../src/threads/judge.ts';
import type { JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';
import { placeOf, refuse } from '../src/verdicts.ts';

export const toThread: Transform = {
  id: 'to-thread',
  phase: 3,
  names: ['asyncio.to_thread'],
  summary: 'asyncio.to_thread(f, x) -> anyio.to_thread.run_sync(f, x)',
  examples: [
    {
      before: 'text = await asyncio.to_thread(path.read_text)',
      after: 'text = await anyio.to_thread.run_sync(path.read_text)',
    },
    {
      before: 'await asyncio.to_thread(save, data, indent=2)',
      after: 'await anyio.to_thread.run_sync(functools.partial(save, data, indent=2))',
    },
    {
      before: 'async with asyncio.timeout(5):\n    rows = await asyncio.to_thread(query, sql)',
      after:
        'with anyio.fail_after(5):\n' +
        '    rows = await anyio.to_thread.run_sync(query, sql, abandon_on_cancel=True)',
      review: true,
    },
  ],
  safety:
    'The function gets the same arguments and a copy of the same context, and its result and its ' +
    'exceptions come back alike. A cancelled task leaves the thread to itself in both libraries. A ' +
    'cancel scope of anyio waits for the thread instead, so where a scope or a timeout stands ' +
    'around the call or its callers, or where that cannot be seen, abandon_on_cancel=True is ' +
    'written, which is as asyncio has it. Up to 40 threads run at once, where asyncio has at most ' +
    '32. A thread that nobody waits for any more is waited for by asyncio.run, and by anyio only ' +
    'at the end of the process: for review where a timeout or a task makes that likely.',
  diagnostics: [
    {
      code: 'to-thread-executor',
      title: 'the project gives the loop a default executor of its own',
      why:
        'asyncio.to_thread runs in the executor that set_default_executor was given: one that may ' +
        'have a single thread, or names and set-up of its own. anyio has its own threads, and a ' +
        'limiter says how many run at once.',
      instead:
        'one_at_a_time = anyio.CapacityLimiter(1)\n\n\nasync def query(sql):\n' +
        '    return await anyio.to_thread.run_sync(execute, sql, limiter=one_at_a_time)\n',
    },
    {
      code: 'to-thread-arguments',
      title: 'a call that gives no function by position',
      why: 'asyncio.to_thread takes the function by position alone; without one it raises TypeError.',
    },
    {
      code: 'to-thread-value-use',
      title: 'the function itself is handed on',
      why:
        'Whoever gets asyncio.to_thread may call it with keyword arguments for the function, which ' +
        'run_sync would take for its own.',
      instead: 'runner = Runner(call=anyio.to_thread.run_sync)  # when it gives no keywords',
    },
    {
      code: 'to-thread-patched-in-tests',
      title: 'a test replaces asyncio.to_thread for this module',
      why:
        'The patch would no longer intercept the call, and the function would really run in a ' +
        'thread. Patch `anyio.to_thread.run_sync` there, together with the code.',
      instead: 'with patch("app.worker.anyio.to_thread.run_sync", new=inline): ...',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    const patched = judgePatched(use, context);
    if (patched) return patched;
    const call = withParens(use.node).parent;
    if (use.role !== 'call' || call?.type !== 'call') {
      return refuse(
        'to-thread-value-use',
        'the function itself is used as a value here, and whoever gets it may give it keyword arguments, which anyio takes for its own',
        'if it is called with a function and positional arguments, write `anyio.to_thread.run_sync` by hand',
      );
    }
    const parts = threadParts(call);
    const { positional, keywordNodes } = argumentsOf(call);
    const [first] = positional;
    if (!parts || !first || parts[0]?.id !== first.id) {
      return refuse(
        'to-thread-arguments',
        'the function to run is not the first argument',
        'give the function first, by position',
      );
    }
    const executor = ownExecutor(context.definitions);
    if (executor) {
      return refuse(
        'to-thread-executor',
        'the project sets a default executor, in which this runs; anyio has threads of its own',
        'give the call a limiter that allows as many threads, or keep the executor',
        executor,
      );
    }
    const thread: ThreadCall = {
      call,
      callee: use.span,
      parts,
      hasKeywords: keywordNodes.length > 0,
    };
    return threadRewrite(use, thread, context);
  },
};

/** The name has another shape in anyio: a patch of it does not move along. */
function judgePatched(use: Use, { patches }: JudgeContext): Verdict | undefined {
  const isPatch = use.role === 'patch-target';
  const [patch] = isPatch ? [use] : patches.patchesOf(use.file, use.name);
  if (!patch) return undefined;
  return refuse(
    'to-thread-patched-in-tests',
    isPatch
      ? `a test replaces \`${use.name}\` here; the code it aims at keeps asyncio`
      : `a test replaces \`${use.name}\` for this module; after a rewrite its patch would intercept nothing`,
    'change the patch target to `anyio.to_thread.run_sync` by hand, together with the code',
    isPatch ? undefined : placeOf(patch),
  );
}
