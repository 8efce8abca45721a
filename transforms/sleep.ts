/**
 * `asyncio.sleep(delay)` becomes `anyio.sleep(delay)`.
 *
 * A drop-in on the asyncio backend: anyio hands the delay to `asyncio.sleep` itself (semantics,
 * section 2). Not a drop-in where the second argument is used, where the function itself is handed
 * on, and where a test replaces `asyncio.sleep`.
 */

import type { Node } from 'web-tree-sitter';
import { judgePatch } from '../src/patching.ts';
import { argumentsOf, dottedParts, stripParens, withParens } from '../src/syntax/nodes.ts';
import type { JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';
import { refuse, rename } from '../src/verdicts.ts';

export const sleep: Transform = {
  id: 'sleep',
  phase: 2,
  names: ['asyncio.sleep'],
  summary: 'asyncio.sleep(delay) -> anyio.sleep(delay)',
  examples: [
    { before: 'await asyncio.sleep(0.5)', after: 'await anyio.sleep(0.5)' },
    {
      before: 'from asyncio import sleep\n\n\nasync def rest(pause):\n    await sleep(delay=pause)',
      after: 'from anyio import sleep\n\n\nasync def rest(pause):\n    await sleep(delay=pause)',
    },
  ],
  safety:
    'On the asyncio backend anyio.sleep awaits asyncio.sleep with the same delay; it returns None, ' +
    'as a call without the result argument does. Handed to create_task, gather or wait_for it is a ' +
    'coroutine like the other. On trio a negative delay is an error.',
  diagnostics: [
    {
      code: 'sleep-result-arg',
      title: 'the result argument of asyncio.sleep',
      why: 'asyncio.sleep(delay, result) returns its second argument; anyio.sleep takes the delay alone and raises TypeError.',
      instead: 'await anyio.sleep(delay)\nvalue = result',
    },
    {
      code: 'sleep-arguments',
      title: 'a call whose arguments cannot be told apart',
      why: 'With `*args` or `**kwargs`, or with no argument at all, it cannot be seen that there is just one delay, and anyio.sleep takes nothing else.',
    },
    {
      code: 'sleep-negative',
      title: 'a negative or NaN delay',
      why: 'asyncio returns at once; anyio on trio raises ValueError. Say sleep(0) if a yield is what is meant.',
      instead: 'await anyio.sleep(0)',
    },
    {
      code: 'sleep-value-use',
      title: 'the function itself is handed on',
      why: "Where asyncio.sleep is passed as a value, compared or stored, whoever receives it may give it a second argument or expect asyncio's own function.",
      instead: 'poller = Poller(sleep=anyio.sleep)  # when the receiver calls it with one delay',
    },
    {
      code: 'sleep-patched-in-tests',
      title: 'a test replaces asyncio.sleep for this module',
      why: 'patch("app.worker.asyncio.sleep") would no longer intercept the call: the test then waits the real seconds, or passes for the wrong reason. A patch of plain "asyncio.sleep" is taken to aim at the modules that the test file imports.',
      instead: 'with patch("app.worker.anyio.sleep"): ...',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    const patched = judgePatch(use, context, 'sleep');
    if (patched) return patched;
    const call = withParens(use.node).parent;
    if (use.role !== 'call' || call?.type !== 'call') {
      return refuse(
        'sleep-value-use',
        'the function itself is used as a value here, and whoever gets it may call it as only asyncio.sleep can be called',
        'if it is called with one delay and awaited, replace it by `anyio.sleep` by hand',
      );
    }
    return (
      judgeCall(call) ?? {
        kind: 'rewrite',
        safety: 'safe',
        edits: [rename(use, 'sleep')],
        minAnyio: '4.0.0',
      }
    );
  },
};

function judgeCall(call: Node): Verdict | undefined {
  const { positional, keywords, keywordNodes, hasStar, hasDoubleStar } = argumentsOf(call);
  if (positional.length > 1 || keywords.has('result')) {
    return refuse(
      'sleep-result-arg',
      'anyio.sleep takes the delay alone and returns None; the second argument is what asyncio.sleep returns',
      'await anyio.sleep(delay), then use the value itself',
    );
  }
  const delay = positional[0] ?? keywords.get('delay');
  if (hasStar || hasDoubleStar || !delay || positional.length + keywordNodes.length !== 1) {
    return refuse(
      'sleep-arguments',
      'the arguments do not show that there is exactly one delay',
      'write the delay as one plain argument',
    );
  }
  if (isNegativeOrNan(delay)) {
    return refuse(
      'sleep-negative',
      'asyncio returns at once for such a delay, anyio on trio raises ValueError',
      'write 0 if a yield to the loop is meant',
    );
  }
  return undefined;
}

/** `-1`, `-0.5`, `float("nan")`, `math.nan`, as far as they are literal. */
function isNegativeOrNan(delay: Node): boolean {
  const node = stripParens(delay);
  if (node.type === 'unary_operator') {
    const argument = node.childForFieldName('argument');
    const literal = argument?.type === 'integer' || argument?.type === 'float';
    return literal && node.child(0)?.type === '-' && /[1-9]/.test(node.text);
  }
  if (node.type === 'attribute') return dottedParts(node)?.at(-1) === 'nan';
  return node.type === 'call' && /^float\(\s*['"]\s*[+-]?nan\s*['"]\s*\)$/i.test(node.text);
}
