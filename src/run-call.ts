/** The call that runs a program, `asyncio.run(main(a))` and its like: what it becomes, and what forbids it. */

import type { Node } from 'web-tree-sitter';
import { replacementOf } from './analysis/replacements.ts';
import { type Concern, judgeCallee, judgeInterrupt, judgeThread } from './coroutine-call.ts';
import { handOver } from './edit/call.ts';
import { argumentsOf, lastName, stripParens } from './syntax/nodes.ts';
import type { Edit, JudgeContext, Use, Verdict } from './transform.ts';
import { refuse, rename, replace } from './verdicts.ts';

/** Runs on uvloop's event loop. */
export const USE_UVLOOP = '"use_uvloop": True';

/** The lowest anyio whose `run` looks at options of the loop; those before took and ignored them. */
export const OPTIONS_SINCE = '4.2.0';

/**
 * `anyio.run(main, a)` for a call of `asyncio.run` or `uvloop.run`.
 *
 * @param option one more of the backend's options, as an item of a dict
 */
export function judgeRun(use: Use, call: Node, context: JudgeContext, option?: string): Verdict {
  const main = coroutineArgument(call);
  if (!main) {
    return refuse(
      'run-arguments',
      'the arguments are not one coroutine with debug= or loop_factory= at most',
      `write ${use.name}(main()) plainly, then run this again`,
    );
  }
  const inner = stripParens(main.value);
  if (inner.type !== 'call') {
    return refuse(
      'run-noncall-arg',
      'the argument is not a call: the coroutine has been made already, and anyio.run wants the function',
      'wrap it: `async def main(): return await coro`, then anyio.run(main)',
    );
  }
  const refusal =
    judgeMockedCallee(use, inner, context) ??
    judgeCallee(use.file, inner, context) ??
    judgeInterrupt(use.file, call, context) ??
    judgeThread(use.file, call, context);
  if (refusal?.kind === 'refuse') return refusal;
  const options = optionEdits(call, option);
  const alone =
    option !== undefined && options.length === 0 ? `backend_options={${option}}` : undefined;
  const ofLoop = option !== undefined || argumentsOf(call).keywords.has('loop_factory');
  const verdict: Verdict = {
    kind: 'rewrite',
    safety: refusal ? 'review' : 'safe',
    edits: [rename(use, 'run'), ...main.edits, ...handOver(use.file, inner, alone), ...options],
    minAnyio: ofLoop ? OPTIONS_SINCE : '4.0.0',
  };
  if (refusal) verdict.note = refusal.note;
  return verdict;
}

/** A test that replaces both asyncio.run and main sees main called; with anyio.run it is not. */
function judgeMockedCallee(use: Use, inner: Node, context: JudgeContext): Concern | undefined {
  const node = inner.childForFieldName('function');
  const callee = lastName(node);
  if (callee === undefined) return undefined;
  // A plain name is replaced in the module that looks it up.
  const isOther = (target: string) => {
    const module = context.definitions.project.longestModule(target.split('.'));
    return node?.type === 'identifier' && !!module && module.path !== use.file.path;
  };
  for (const { file } of context.patches.patchesOf(use.file, use.name)) {
    const replaced = replacementOf(file, callee, isOther);
    if (!replaced) continue;
    return {
      kind: 'refuse',
      diagnostic: {
        code: 'run-mock-arguments',
        message: `a test replaces ${callee} along with ${use.name} and sees it called; anyio.run calls it only when it really runs`,
        help: 'move the call and the patches together by hand, and assert what anyio.run was given',
        blocker: file.place(replaced),
      },
    };
  }
  return undefined;
}

/** The coroutine argument, by position or as `main=`, when nothing else is unexpected. */
function coroutineArgument(call: Node): { value: Node; edits: Edit[] } | undefined {
  const { positional, keywords, keywordNodes, hasStar, hasDoubleStar } = argumentsOf(call);
  if (hasStar || hasDoubleStar) return undefined;
  const known = [...keywords.keys()].every((name) =>
    ['main', 'debug', 'loop_factory'].includes(name),
  );
  if (!known || positional.length > 1) return undefined;
  const [only] = positional;
  if (only) return keywords.has('main') ? undefined : { value: only, edits: [] };
  const named = keywords.get('main');
  const [first] = keywordNodes;
  if (!named || first?.childForFieldName('name')?.text !== 'main') return undefined;
  return { value: named, edits: [replace(first.startIndex, named.startIndex, '')] };
}

/** `debug=True, loop_factory=f` become one `backend_options={"debug": True, "loop_factory": f}`. */
function optionEdits(call: Node, more?: string): Edit[] {
  const options = argumentsOf(call).keywordNodes.filter(
    (node) => node.childForFieldName('name')?.text !== 'main',
  );
  return options.flatMap((option, index) => {
    const name = option.childForFieldName('name')?.text ?? '';
    const value = option.childForFieldName('value');
    if (!value) return [];
    const open = index === 0 ? 'backend_options={' : '';
    const edits = [replace(option.startIndex, value.startIndex, `${open}"${name}": `)];
    const close = more === undefined ? '}' : `, ${more}}`;
    if (index === options.length - 1) edits.push(replace(value.endIndex, value.endIndex, close));
    return edits;
  });
}
