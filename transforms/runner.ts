/**
 * `asyncio.Runner` has no counterpart in anyio, and is refused.
 *
 * A runner keeps its loop from one `run` to the next, and `anyio.run` makes one for each, so what
 * the runs share (tasks that are left, objects bound to the loop) would be lost. Where there is one
 * run only, or one main function can await them all, that is what to write (semantics, section 1).
 * In the phase of the scripts, since a program that starts by a runner stays with asyncio there.
 */

import type { Transform, Use, Verdict } from '../src/transform.ts';
import { refuse } from '../src/verdicts.ts';

export const runner: Transform = {
  id: 'runner',
  phase: 1,
  names: ['asyncio.Runner'],
  summary: 'asyncio.Runner: no counterpart, refused with what to write instead',
  examples: [],
  safety: 'Nothing is rewritten.',
  diagnostics: [
    {
      code: 'runner-unsupported',
      title: 'anyio has no runner object',
      why: 'The runs of an asyncio.Runner share one event loop, and with it tasks, connections and async generators; each anyio.run makes a loop of its own and closes it. The code inside works on under asyncio.Runner, whatever of it has moved. A runner that runs once is anyio.run; several runs belong into one main function, or into a blocking portal (anyio.from_thread.start_blocking_portal), whose loop lives in a thread of its own.',
      instead:
        'async def main():\n    await prepare()\n    await serve()\n\n\n' +
        'anyio.run(main)  # options: backend_options={"debug": True, "loop_factory": factory}',
    },
  ],

  judge(use: Use): Verdict {
    if (use.role === 'patch-target') return { kind: 'leave', reason: 'the runner itself stays' };
    return refuse(
      'runner-unsupported',
      'anyio has no runner: its runs share an event loop, and anyio.run makes a fresh one each time',
      'await all that is run in one main function, and give that to anyio.run',
    );
  },
};
