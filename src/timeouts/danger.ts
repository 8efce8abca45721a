/** What code inside a timeout does that a cancelled scope cuts off or repeats. */

import type { CancellationFact } from '../analysis/cancellation.ts';
import type { Place, Verdict } from '../transform.ts';
import { refuse } from '../verdicts.ts';

/** What a person must look at. */
export interface Doubt {
  kind: 'doubt';
  note: string;
  blocker?: Place;
}

export type Refusal = Verdict & { kind: 'refuse' };

/**
 * The refusal, or the doubt, that follows from the facts; undefined when nothing speaks against a
 * block.
 *
 * @param id of the transform, with which the codes begin
 */
export function dangerOf(
  facts: readonly CancellationFact[],
  id: string,
): Refusal | Doubt | undefined {
  const swallows = facts.find(({ kind }) => kind === 'swallows');
  if (swallows) {
    return refuse(
      `${id}-cancel-swallow`,
      'what is awaited catches CancelledError and goes on; a block cancels it again at its next await',
      'let CancelledError through there',
      swallows.place,
    ) as Refusal;
  }
  const cleanup = facts.find(({ kind }) => kind === 'awaits-in-cleanup');
  if (cleanup) {
    return refuse(
      `${id}-async-cleanup`,
      'what is awaited awaits while it cleans up, which a block cuts off when the time is over',
      'shield the cleanup: `with anyio.move_on_after(5, shield=True):`',
      cleanup.place,
    ) as Refusal;
  }
  const thread = facts.find(({ kind }) => kind === 'waits-for-thread');
  if (thread) {
    return {
      kind: 'doubt',
      note: 'a block waits for this thread until it ends, and then there is no TimeoutError; with abandon_on_cancel=True it is let go of',
      blocker: thread.place,
    };
  }
  const unknown = facts.find(({ kind }) => kind === 'unknown-call');
  return (
    unknown && {
      kind: 'doubt',
      note: `${unknown.name} cannot be followed; if it catches CancelledError, or awaits while it cleans up, a block cancels it again there`,
      blocker: unknown.place,
    }
  );
}
