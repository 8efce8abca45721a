/**
 * uvloop's event loop becomes an option of anyio's asyncio backend:
 *
 *     uvloop.run(main(a))  →  anyio.run(main, a, backend_options={"use_uvloop": True})
 *
 * and `uvloop.install()` goes, where it stands before the one `asyncio.run` that it is for. Both
 * come to the same loop in the same way: anyio makes it by `uvloop.new_event_loop`, from 4.2 on
 * (older ones took the option and ignored it). The policy that `install()` sets is honoured by
 * `anyio.run` as well, so an install that may be meant for other code stays (semantics, section 1).
 */

import { judgeRun, USE_UVLOOP } from '../src/run-call.ts';
import { argumentsOf, withParens } from '../src/syntax/nodes.ts';
import type { JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';
import { judgePaired, pairOf } from '../src/uvloop-install.ts';
import { refuse, refusePatched } from '../src/verdicts.ts';

export const uvloop: Transform = {
  id: 'uvloop',
  phase: 1,
  names: ['uvloop.run', 'uvloop.install'],
  summary: 'uvloop.run(main()) -> anyio.run(main, backend_options={"use_uvloop": True})',
  examples: [
    {
      before: 'uvloop.run(main(port))',
      after: 'anyio.run(main, port, backend_options={"use_uvloop": True})',
    },
    {
      before: 'uvloop.install()\nasyncio.run(main())',
      after: 'anyio.run(main, backend_options={"use_uvloop": True})',
    },
  ],
  safety:
    'Safe when the function that is called is found and is an async def: anyio makes the loop by ' +
    'uvloop.new_event_loop as uvloop.run does. uvloop.install() goes only where it and the one ' +
    'asyncio.run that it is for stand in one block, and nothing else in the project makes or runs ' +
    'a loop; elsewhere it stays, since anyio.run honours the policy that it sets. The option is ' +
    "asyncio's: a later move to trio takes it out.",
  diagnostics: [
    {
      code: 'uvloop-value-use',
      title: 'uvloop.run itself is handed on',
      why: 'Where uvloop.run is stored or passed as a value, its callers give it a coroutine, which anyio.run rejects.',
    },
    {
      code: 'uvloop-patched-in-tests',
      title: 'a test replaces uvloop.run for this module',
      why: 'The patch would no longer intercept the call, and the test would really run the program. anyio.run is given a function and its arguments where uvloop.run is given a coroutine, so the patch cannot simply move along.',
      instead: 'with patch("app.cli.anyio.run") as run: ...',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    return use.name === 'uvloop.run' ? judgeUvloopRun(use, context) : judgeInstall(use, context);
  },
};

function judgeUvloopRun(use: Use, context: JudgeContext): Verdict {
  const patched = refusePatched(use, context, 'uvloop');
  if (patched) return patched;
  const call = withParens(use.node).parent;
  if (use.role !== 'call' || call?.type !== 'call') {
    return refuse(
      'uvloop-value-use',
      'uvloop.run itself is used as a value here; whoever calls it gives it a coroutine, which anyio.run rejects',
      'call it directly, or wrap it in a function of your own',
    );
  }
  if (!argumentsOf(call).keywords.has('loop_factory')) {
    return judgeRun(use, call, context, USE_UVLOOP);
  }
  const verdict = judgeRun(use, call, context);
  if (verdict.kind !== 'rewrite') return verdict;
  const note =
    "anyio.run takes whatever loop the factory makes; uvloop.run raises TypeError for one that is not uvloop's";
  return {
    ...verdict,
    safety: 'review',
    note: verdict.note === undefined ? note : `${note}; ${verdict.note}`,
  };
}

/** An install stays unless it is for one run, which says so itself from then on. */
function judgeInstall(use: Use, context: JudgeContext): Verdict {
  const pair = use.role === 'call' ? pairOf(use, context) : undefined;
  const verdict = pair && judgePaired(use, pair, context);
  return verdict?.kind === 'rewrite' ? verdict : { kind: 'leave', reason: HONOURED };
}

const HONOURED = 'the event loop policy that it sets is honoured by anyio.run as well';
