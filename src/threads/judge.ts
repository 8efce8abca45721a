/** What becomes of a call that runs a function in a thread, for whoever owns its name. */

import type { PythonFile } from '../analysis/file.ts';
import { withParens } from '../syntax/nodes.ts';
import type { JudgeContext, Place, Use, Verdict } from '../transform.ts';
import { type ThreadCall, threadCallEdits } from './edits.ts';
import { placeOfCall } from './place.ts';
import { callTaking, destinationOf, scopeReaching } from './reach.ts';

type Rewritten = Extract<Verdict, { kind: 'rewrite' }>;

/** abandon_on_cancel came with it; before, the argument had another name. */
const ABANDON_SINCE = '4.1.0';

/** The rewrite of one call: with its doubt, and with the anyio that it needs. */
export function threadRewrite(use: Use, thread: ThreadCall, context: JudgeContext): Rewritten {
  const { file } = use;
  const { abandon, doubt } = cancellation(file, thread, context);
  const verdict: Rewritten = {
    kind: 'rewrite',
    safety: doubt ? 'review' : 'safe',
    edits: threadCallEdits(file, use, thread, {
      abandon,
      lineLength: context.lineLength,
      place: placeOfCall(file, thread.call, context),
    }),
    minAnyio: abandon ? ABANDON_SINCE : '4.0.0',
  };
  if (doubt) {
    verdict.note = doubt.note;
    if (doubt.blocker) verdict.blocker = doubt.blocker;
  }
  return verdict;
}

interface Cancellation {
  abandon: boolean;
  doubt?: { note: string; blocker?: Place };
}

/** Whether the thread has to be let go of on cancellation, and what then ends later than before. */
function cancellation(
  file: PythonFile,
  { call }: ThreadCall,
  { definitions }: JudgeContext,
): Cancellation {
  const destination = destinationOf(call);
  if (destination === 'task') return inTask(file, call);
  const { reach, cleanup } = scopeReaching(file, call, definitions);
  if (reach.kind === 'none') return { abandon: false };
  if (cleanup) {
    return {
      abandon: true,
      doubt: {
        note: 'it is part of a cleanup; in a scope that is cancelled anyio does not start the thread at all, which asyncio does before it looks: shield it with `anyio.CancelScope(shield=True)`',
        blocker: cleanup,
      },
    };
  }
  if (reach.kind === 'unknown') return { abandon: true };
  return {
    abandon: true,
    doubt: {
      note: 'a thread that a timeout lets go of runs on, as with asyncio; but asyncio.run waits for it before it returns, and anyio leaves it to the end of the process',
      blocker: reach.place,
    },
  };
}

/** In a task of its own it may be left over when the loop ends. */
function inTask(file: PythonFile, call: ThreadCall['call']): Cancellation {
  const taker = callTaking(withParens(call));
  const isAwaited = taker && withParens(taker).parent?.type === 'await';
  const name = taker?.childForFieldName('function')?.text ?? '';
  if (isAwaited && name.endsWith('gather')) return { abandon: false };
  return {
    abandon: false,
    doubt: {
      note: 'it runs in a task of its own; if that is still running when the program ends, asyncio.run waits for the thread before it returns, and anyio leaves it to the end of the process',
      ...(taker ? { blocker: file.place(taker) } : {}),
    },
  };
}
