/**
 * A loop that is made only to run one coroutine becomes `anyio.run`:
 *
 *     loop = asyncio.new_event_loop()
 *     asyncio.set_event_loop(loop)
 *     try:
 *         loop.run_until_complete(main())      →      anyio.run(main)
 *     finally:
 *         loop.close()
 *
 * Always `review`: `anyio.run` cancels the tasks that are left over and closes async generators,
 * which `loop.close()` does not (semantics, section 16). A loop that is used for anything else is
 * refused; one on which nothing is run stays.
 */

import { type LoopUse, loopUse } from '../src/analysis/loops.ts';
import { reasonToStay } from '../src/catalogue.ts';
import { type Concern, judgeCallee, judgeInterrupt, judgeThread } from '../src/coroutine-call.ts';
import { handOver } from '../src/edit/call.ts';
import { removeStatements } from '../src/edit/statements.ts';
import { argumentsOf, stripParens } from '../src/syntax/nodes.ts';
import type { JudgeContext, Place, Transform, Use, Verdict } from '../src/transform.ts';
import { anyio, refuse, refuseForPatch } from '../src/verdicts.ts';

export const runUntilComplete: Transform = {
  id: 'run-until-complete',
  phase: 1,
  names: ['asyncio.new_event_loop', 'asyncio.get_event_loop', 'asyncio.set_event_loop'],
  summary: 'loop = new_event_loop(); loop.run_until_complete(main()) -> anyio.run(main)',
  examples: [
    {
      before:
        'loop = asyncio.new_event_loop()\nasyncio.set_event_loop(loop)\ntry:\n    result = loop.run_until_complete(main())\nfinally:\n    loop.close()',
      after: 'result = anyio.run(main)',
      review: true,
    },
    {
      before: 'asyncio.get_event_loop().run_until_complete(main())',
      after: 'anyio.run(main)',
      review: true,
    },
  ],
  safety:
    'Never safe, always for review: anyio.run cancels the tasks that main() leaves behind, closes ' +
    'async generators and the default executor, and leaves no current loop; loop.close() does none ' +
    'of these. A loop on which nothing is run is left alone.',
  diagnostics: [
    {
      code: 'loop-reuse',
      title: 'the loop is used for more than one run',
      why: 'anyio.run makes a fresh loop each time. A loop that runs several coroutines, is handed on or kept carries state from one to the next, which would be lost.',
      instead: 'async def main():\n    await first()\n    await second()\n\nanyio.run(main)',
    },
    {
      code: 'loop-run-forever',
      title: 'the loop runs for ever',
      why: 'anyio has no run_forever: a program ends when its main function ends.',
      instead:
        'async def main():\n    await serve()\n    await anyio.sleep_forever()\n\nanyio.run(main)',
    },
    {
      code: 'loop-handlers',
      title: 'handlers are set on the loop before it runs',
      why: 'Signal handlers, exception handlers and debug settings made on the loop object would be made on a loop that anyio.run never uses.',
      instead:
        'async def main():\n    with anyio.open_signal_receiver(signal.SIGTERM) as signals: ...',
    },
    {
      code: 'loop-not-owned',
      title: 'get_event_loop beside other loop code',
      why: 'get_event_loop() gives whatever loop this thread has; with other code in the file that makes, sets or takes loops, a fresh one would part what belongs together.',
    },
    {
      code: 'loop-patched-in-tests',
      title: 'a test replaces the loop, or what makes it',
      why: 'A test that puts a mock in the place of asyncio.new_event_loop or get_event_loop sees run_until_complete called on it; anyio.run makes its own loop, and would really run the program.',
    },
    {
      code: 'loop-in-notebook',
      title: 'the loop is run in a notebook, where one is running already',
      why: 'Jupyter runs the cells in its own event loop. run_until_complete works there only with nest_asyncio or in a thread, and anyio.run raises RuntimeError. A cell may await by itself.',
      instead: 'result = await main()',
    },
    {
      code: 'loop-shape',
      title: 'loop code of another shape',
      why: 'The lines that make, run and close the loop are recognised only as statements of their own in one function. Elsewhere they are left to a person.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    const found = loopUse(use);
    if (found.kind !== 'none' && use.file.info.notebook) return refuseInNotebook();
    switch (found.kind) {
      case 'none':
        return { kind: 'leave', reason: reasonToStay(use.name) };
      case 'refuse':
        return refuse(found.code, found.message, found.help, found.place);
      case 'run':
        return judgePatched(found, context) ?? rewriteRun(use, found, context);
    }
  },
};

function refuseInNotebook(): Verdict {
  return refuse(
    'loop-in-notebook',
    'a notebook has a running loop already, and anyio.run raises RuntimeError in it, also where nest_asyncio lets run_until_complete through',
    'await the coroutine at the top level of the cell: `result = await main()`',
  );
}

/** The lines of a loop go together: a test that replaces one of the names keeps them all. */
function judgePatched({ uses }: LoopUse & { kind: 'run' }, { patches }: JudgeContext) {
  for (const use of uses) {
    const [patch] = patches.patchesOf(use.file, use.name);
    if (patch) return refuseForPatch(use, patch, 'run-until-complete');
  }
  return undefined;
}

function rewriteRun(use: Use, found: LoopUse & { kind: 'run' }, context: JudgeContext): Verdict {
  const { file } = use;
  const [argument] = argumentsOf(found.run).positional;
  const inner = argument && stripParens(argument);
  if (inner?.type !== 'call') {
    return refuse(
      'run-noncall-arg',
      'what is run is not a call: the coroutine or future has been made already, and anyio.run wants the function',
      'wrap it: `async def main(): return await coro`, then anyio.run(main)',
      file.place(found.run),
    );
  }
  const concern =
    judgeCallee(file, inner, context) ??
    judgeInterrupt(file, found.run, context) ??
    judgeThread(file, found.run, context);
  if (concern?.kind === 'refuse') return withPlace(concern, file.place(found.run));
  const removal = removeStatements(file, found.statements);
  if (!removal) {
    return refuse(
      'loop-shape',
      'the lines of this loop are not statements that can be taken out',
      'replace them by anyio.run(...) by hand',
    );
  }
  const callee = found.run.childForFieldName('function');
  const note =
    'anyio.run cancels tasks that are left over and closes async generators, which loop.close() does not' +
    (concern ? `; ${concern.note}` : '');
  // One use carries the edits of the whole pattern; the others go with it.
  const leads = use === found.uses[0];
  const edits =
    leads && callee
      ? [
          { start: callee.startIndex, end: callee.endIndex, pieces: [anyio('run')] },
          ...handOver(file, inner),
          ...removal,
        ]
      : [];
  return {
    kind: 'rewrite',
    safety: 'review',
    edits,
    minAnyio: '4.0.0',
    note,
    together: found.uses,
  };
}

function withPlace(concern: Concern & { kind: 'refuse' }, place: Place): Verdict {
  return {
    kind: 'refuse',
    diagnostic: { ...concern.diagnostic, blocker: concern.diagnostic.blocker ?? place },
  };
}
