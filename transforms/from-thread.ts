/**
 * `asyncio.run_coroutine_threadsafe(f(x), loop).result()` → `anyio.from_thread.run(f, x)`, in a
 * function that can be shown to run in anyio's own threads alone.
 *
 * Both run the coroutine in the loop and wait for its result in the thread. anyio knows the loop of
 * the threads that `anyio.to_thread.run_sync` makes, and raises NoEventLoopError in all others, where
 * run_coroutine_threadsafe works on with anyio's code (semantics, section 14): there it stays.
 */

import type { Node } from 'web-tree-sitter';
import { handOver } from '../src/edit/call.ts';
import { argumentsOf, lastName, same, stripParens, withParens } from '../src/syntax/nodes.ts';
import { anyioThreads } from '../src/threads/origin.ts';
import type { JudgeContext, NeededEdit, Transform, Use, Verdict } from '../src/transform.ts';
import { anyio, placeOf, refuse, replace } from '../src/verdicts.ts';

export const fromThread: Transform = {
  id: 'from-thread',
  phase: 3,
  names: ['asyncio.run_coroutine_threadsafe'],
  summary: 'run_coroutine_threadsafe(f(x), loop).result() -> anyio.from_thread.run(f, x)',
  examples: [
    {
      before:
        'def work(loop):\n' +
        '    asyncio.run_coroutine_threadsafe(report("half"), loop).result()\n\n\n' +
        'await asyncio.to_thread(work, asyncio.get_running_loop())',
      after:
        'def work(loop):\n' +
        '    anyio.from_thread.run(report, "half")\n\n\n' +
        'await anyio.to_thread.run_sync(work, asyncio.get_running_loop())',
      review: true,
    },
  ],
  safety:
    'Never safe, always for review: the coroutine runs in the loop that made the thread, which ' +
    'should be the one that is named, and a cancel scope around the call that made the thread ' +
    'cancels it as well. In threads that are not shown to be of anyio nothing changes: ' +
    'run_coroutine_threadsafe works on there, with code on anyio as well.',
  diagnostics: [
    {
      code: 'threadsafe-shape',
      title: 'the future of run_coroutine_threadsafe is kept, or waited for with a timeout',
      why:
        'anyio.from_thread.run takes the function with its arguments, and waits for the result at ' +
        'once. A future that is kept, given up after a time, or never asked has no counterpart; nor ' +
        'has a coroutine that was made elsewhere.',
      instead:
        'async def report_in_time(text):\n    with anyio.fail_after(5):\n        await report(text)\n\n\n' +
        'anyio.from_thread.run(report_in_time, "half")\n',
    },
    {
      code: 'from-thread-patched-in-tests',
      title: 'a test replaces run_coroutine_threadsafe for this module',
      why: 'The patch would no longer intercept the call, which has another name and other arguments in anyio.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    const call = withParens(use.node).parent;
    const isCall = use.role === 'call' && call?.type === 'call';
    const needs = isCall ? anyioThreads(use.file, call, context.definitions) : undefined;
    const known = needs?.every((need) => isSelected(need, context));
    if (!isCall || !needs || !known) return { kind: 'leave', reason: ELSEWHERE };
    const [patch] = context.patches.patchesOf(use.file, use.name);
    if (patch) {
      return refuse(
        'from-thread-patched-in-tests',
        `a test replaces \`${use.name}\` for this module; after a rewrite its patch would intercept nothing`,
        'change the patch target to `anyio.from_thread.run` by hand, together with the code',
        placeOf(patch),
      );
    }
    return rewriteCall(use, call, needs, context);
  },
};

const ELSEWHERE =
  'it may be called in threads that anyio has not made, where anyio.from_thread raises; it works on, with code on anyio as well';

/** Whether this run rewrites what makes the thread. */
function isSelected({ use }: NeededEdit, { selected }: JudgeContext): boolean {
  return selected.has(use.name === 'asyncio.to_thread' ? 'to-thread' : 'running-loop');
}

function rewriteCall(
  use: Use,
  call: Node,
  needs: NeededEdit[],
  { definitions }: JudgeContext,
): Verdict {
  const { positional, keywords, keywordNodes } = argumentsOf(call);
  const [coroutine] = positional;
  const loop = positional[1] ?? keywords.get('loop');
  const inner = coroutine && stripParens(coroutine);
  const result = resultCall(call);
  const isPlain = positional.length + keywordNodes.length === 2 && !call.text.includes('#');
  if (inner?.type !== 'call' || !loop || !result || !isPlain) return refuseShape();
  const type = definitions.callee(use.file, inner);
  if (type?.kind === 'function' && !type.of.async) return refuseShape();
  const unseen =
    type?.kind === 'function'
      ? ''
      : `; ${lastName(inner.childForFieldName('function')) ?? 'what is called'} cannot be found: if it is no async def, its body now runs in the loop`;
  return {
    kind: 'rewrite',
    safety: 'review',
    edits: [
      { ...use.span, pieces: [anyio('from_thread.run')] },
      ...handOver(use.file, inner),
      replace(coroutine?.endIndex ?? 0, (keywordNodes[0] ?? loop).endIndex, ''),
      replace(call.endIndex, result.endIndex, ''),
    ],
    minAnyio: '4.0.0',
    note: `it now runs in the loop that made the thread: see that \`${loop.text.split('\n')[0]}\` is that loop${unseen}`,
    needs,
  };
}

function refuseShape(): Verdict {
  return refuse(
    'threadsafe-shape',
    'anyio.from_thread.run takes a function, and waits for its result at once; here the future is used in another way, or the coroutine comes from elsewhere',
    'call anyio.from_thread.run where the result is wanted, or leave it: it works on',
  );
}

/** `….result()` behind a call. */
function resultCall(call: Node): Node | undefined {
  const outer = withParens(call);
  const attribute = outer.parent;
  const result = attribute?.parent;
  if (attribute?.type !== 'attribute' || result?.type !== 'call' || !same(outer, call)) {
    return undefined;
  }
  const isResult = attribute.childForFieldName('attribute')?.text === 'result';
  const { positional, keywordNodes } = argumentsOf(result);
  return isResult && positional.length + keywordNodes.length === 0 ? result : undefined;
}
