/**
 * `asyncio.run(main(a))` becomes `anyio.run(main, a)`.
 *
 * The coroutine function and its arguments are handed over instead of the coroutine; arguments are
 * evaluated where they were, before the loop starts. Keyword arguments go through
 * `functools.partial`. `debug=` and `loop_factory=` become backend options (semantics, section 1).
 */

import type { Node } from 'web-tree-sitter';
import { argumentReader } from '../src/analysis/replacements.ts';
import { judgePatch } from '../src/patching.ts';
import { judgeRun } from '../src/run-call.ts';
import { withParens } from '../src/syntax/nodes.ts';
import type { JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';
import { judgePaired, pairOf } from '../src/uvloop-install.ts';
import { refuse } from '../src/verdicts.ts';

export const run: Transform = {
  id: 'run',
  phase: 1,
  names: ['asyncio.run'],
  summary: 'asyncio.run(main(...)) -> anyio.run(main, ...)',
  examples: [
    { before: 'asyncio.run(main())', after: 'anyio.run(main)' },
    {
      before: 'sys.exit(asyncio.run(app.start(port, *hosts)))',
      after: 'sys.exit(anyio.run(app.start, port, *hosts))',
    },
    {
      before: 'asyncio.run(main(verbose=True))',
      after: 'anyio.run(functools.partial(main, verbose=True))',
    },
    {
      before: 'asyncio.run(main(), debug=True)',
      after: 'anyio.run(main, backend_options={"debug": True})',
    },
  ],
  safety:
    'Safe when the function that is called is found and is an async def. Both libraries start a ' +
    'fresh loop, return the result, let exceptions through, cancel what is left over and refuse to ' +
    'run inside a running loop. The root task has another name.',
  diagnostics: [
    {
      code: 'run-noncall-arg',
      title: 'the argument is not a call',
      why: 'anyio.run wants a function and its arguments; here the coroutine has been made already and stands in a variable or an expression.',
      instead: 'async def main():\n    return await coro\n\nanyio.run(main)',
    },
    {
      code: 'run-sync-factory',
      title: 'the function called is a plain def',
      why: 'asyncio.run(make()) calls make() before the loop starts; anyio.run(make) calls it inside the running loop, where asyncio.run, get_event_loop or blocking calls in it behave differently.',
      instead: 'async def main():\n    return await make()',
    },
    {
      code: 'run-gather-arg',
      title: 'the argument is a call of asyncio itself',
      why: 'asyncio.run(asyncio.wait_for(...)), gather or sleep: the inner call belongs to another phase, and its own arguments would be made outside a loop or not at all.',
      instead:
        'async def main():\n    with anyio.fail_after(5):\n        await serve()\n\nanyio.run(main)',
    },
    {
      code: 'run-arguments',
      title: 'arguments that cannot be carried over',
      why: 'anyio.run takes the function and its arguments; unknown keywords, `**options` or several positional arguments of asyncio.run have no counterpart.',
    },
    {
      code: 'run-value-use',
      title: 'the function itself is handed on',
      why: 'Where asyncio.run is stored or passed as a value, its callers give it a coroutine, which anyio.run rejects.',
    },
    {
      code: 'run-keyboardinterrupt-310',
      title: 'Ctrl-C on Python 3.10',
      why: 'On Python 3.10 and older asyncio.run raises KeyboardInterrupt on Ctrl-C, anyio.run (4.2 and later) raises CancelledError: the handler around the call would not catch it. Refused when the project allows such a Python, offered for review when it does not say.',
    },
    {
      code: 'run-in-notebook',
      title: 'the call stands in a notebook, where a loop is running already',
      why: 'Jupyter runs the cells in its own event loop, and neither asyncio.run nor anyio.run starts another one inside of it. Where nest_asyncio makes asyncio.run work all the same, anyio.run still refuses. A cell may await by itself.',
      instead: 'await main()',
    },
    {
      code: 'run-patched-in-tests',
      title: 'a test replaces asyncio.run for this module',
      why: 'The patch would no longer intercept the call, and the test would really run the program. It moves along, for review, when all calls that it aims at move and the mock is only counted (run-mock-arguments).',
      instead: 'with patch("app.cli.anyio.run"): ...',
    },
    {
      code: 'run-mock-arguments',
      title: 'a test looks at what asyncio.run was given',
      why: 'asyncio.run(main(port)) hands a coroutine to the mock, anyio.run(main, port) a function and its arguments, and main is not called at all: a side_effect that closes or runs the coroutine, an assertion on call_args, and an assertion that a mock of main was called would all fail.',
      instead:
        'with patch("app.cli.anyio.run") as run:\n    cli.start(80)\nrun.assert_called_once_with(cli.main, 80)',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    const patched = judgePatch(use, context, 'run');
    if (patched) return use.role === 'patch-target' ? judgeMock(use, patched) : patched;
    if (use.file.info.notebook) return refuse('run-in-notebook', IN_NOTEBOOK, AWAIT_INSTEAD);
    const call = withParens(use.node).parent;
    if (use.role !== 'call' || call?.type !== 'call') {
      return refuse(
        'run-value-use',
        'asyncio.run itself is used as a value here; whoever calls it gives it a coroutine, which anyio.run rejects',
        'call it directly, or wrap it in a function of your own',
      );
    }
    return judgeWithLoop(use, call, context);
  },
};

const IN_NOTEBOOK =
  'a notebook has a running loop already: anyio.run raises RuntimeError in it, also where nest_asyncio lets asyncio.run through';
const AWAIT_INSTEAD = 'await the coroutine at the top level of the cell: `await main()`';

/** A patch of asyncio.run: it moves when nobody asks with what the mock was called. */
function judgeMock(use: Use, patched: Verdict): Verdict {
  if (patched.kind !== 'rewrite') return patched;
  const reader = argumentReader(use);
  if (reader) {
    return refuse(
      'run-mock-arguments',
      'what stands in for asyncio.run is given a coroutine, and would be given a function and its arguments; the code it aims at keeps asyncio',
      'move the code and the patch together by hand, and let the test look at the function',
      use.file.place(reader),
    );
  }
  const note =
    'what stands in for anyio.run gets the function and its arguments, and the function is not called';
  return { ...patched, safety: 'review', note };
}

/** The call; an `uvloop.install()` before it goes, and is an option of the backend from then on. */
function judgeWithLoop(use: Use, call: Node, context: JudgeContext): Verdict {
  const pair = pairOf(use, context);
  return pair ? judgePaired(use, pair, context) : judgeRun(use, call, context);
}
