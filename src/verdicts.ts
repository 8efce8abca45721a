/** What several transforms say in the same words. */

import { isModuleName, libraryOf } from './analysis/names.ts';
import type {
  Diagnostic,
  Edit,
  JudgeContext,
  NeededName,
  Place,
  Use,
  Verdict,
} from './transform.ts';

/** A name of anyio that the new code needs. */
export function anyio(name: string): NeededName {
  return { module: 'anyio', name };
}

/** Replaces the reference of a use (`asyncio.sleep`, without the call) by a name of anyio. */
export function rename(use: Use, name: string): Edit {
  return { ...use.span, pieces: [anyio(name)] };
}

/** Replaces the text of `[start, end)` by literal text. */
export function replace(start: number, end: number, text: string): Edit {
  return { start, end, pieces: [text] };
}

export function refuse(code: string, message: string, help: string, blocker?: Place): Verdict {
  const diagnostic: Diagnostic = { code, message, help };
  if (blocker) diagnostic.blocker = blocker;
  return { kind: 'refuse', diagnostic };
}

/** `asyncio.sleep` as its last part. */
export function shortName(use: Use): string {
  return use.name.slice(use.name.lastIndexOf('.') + 1);
}

/** The place where a use begins. */
export function placeOf(use: Use): Place {
  return { file: use.file.path, ...use.file.lines.at(use.span.start) };
}

/**
 * Refuses a use whose name a test replaces, and the replacing string itself, where the shape of the
 * call changes, so that the patch cannot move along.
 */
export function refusePatched(use: Use, context: JudgeContext, id: string): Verdict | undefined {
  const code = `${id}-patched-in-tests`;
  if (use.role === 'patch-target') {
    return refuse(
      code,
      `a test replaces \`${use.name}\` here, and the call would have other arguments; the code it aims at keeps asyncio`,
      'move the patch target, what is asserted of it and the code together, by hand',
    );
  }
  const [patch] = context.patches.patchesOf(use.file, use.name);
  return patch && refuseForPatch(use, patch, id);
}

/** Refuses a use, which the transform `id` owns, because of a patch that cannot move with it. */
export function refuseForPatch(use: Use, patch: Use, id: string): Verdict {
  if (id === 'run-until-complete') {
    return refuse(
      'loop-patched-in-tests',
      `a test replaces \`${patch.name}\` for this module; anyio.run would not ask it for a loop`,
      'rewrite the test first, so that it lets the coroutine run, or replaces what it awaits',
      placeOf(patch),
    );
  }
  if (isModuleName(patch.name)) {
    return refuse(
      `${id}-patched-in-tests`,
      `a test puts something else in the place of \`${libraryOf(patch.name)}\` as this module sees it; after a rewrite \`${use.name}\` would no longer come from there`,
      `replace what the code uses name by name, as in patch("the.module.${use.name}"), and run this again`,
      placeOf(patch),
    );
  }
  return refuse(
    `${id}-patched-in-tests`,
    `a test replaces \`${use.name}\` for this module; after a rewrite its patch would intercept nothing`,
    `change the patch target to \`anyio.${shortName(use)}\` by hand, together with this module`,
    placeOf(patch),
  );
}

/** Refuses a use that would become a block, and the patch of it: a block is no call to stand in for. */
export function refuseForBlock(
  use: Use,
  { patches }: JudgeContext,
  id: string,
): Verdict | undefined {
  const [patch] = use.role === 'patch-target' ? [use] : patches.patchesOf(use.file, use.name);
  if (!patch) return undefined;
  return refuse(
    `${id}-patched-in-tests`,
    patch === use
      ? `a test replaces ${use.name} here, and a block is no call that could be replaced; the code it aims at keeps asyncio`
      : `a test replaces ${use.name} for this module, and a block is no call that could be replaced`,
    'let the test replace what is awaited instead, then run again',
    patch === use ? undefined : placeOf(patch),
  );
}

/** Whether one dotted version is lower than another: "4.7" is lower than "4.10". */
export function lowerVersion(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let at = 0; at < 3; at++) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
