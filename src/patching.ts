/**
 * Tests move with the code that they watch. A patch of `app.worker.asyncio.sleep` becomes one of
 * `app.worker.anyio.sleep` when all sleeps of that module move, and else both stay: a patch that
 * aims at the wrong library intercepts nothing.
 */

import { isModuleName } from './analysis/names.ts';
import type { JudgeContext, Judged, Use, Verdict } from './transform.ts';
import { placeOf, refuse, refuseForPatch, replace, shortName } from './verdicts.ts';

/**
 * The verdict on a patch target by itself, for primitives whose call keeps its shape; whether what
 * it aims at moves is seen later. For any other use: the refusal when a patch that aims at it
 * stands in a file that was not selected, and so cannot move along.
 */
export function judgePatch(use: Use, context: JudgeContext, id: string): Verdict | undefined {
  if (use.role === 'patch-target') return judgePatchTarget(use, context, id);
  const patches = context.patches.patchesOf(use.file, use.name);
  const outside = patches.find((patch) => !patch.file.info.selected);
  return outside && refuseForPatch(use, outside, id);
}

function judgePatchTarget(use: Use, context: JudgeContext, id: string): Verdict {
  if (aimsOutside(use, context)) return unmovable(use, id);
  const text = use.file.text.slice(use.span.start, use.span.end);
  const member = use.through?.local;
  if (member !== undefined && member !== 'asyncio') {
    // `app.worker.sleep`, from a from-import there: the name stays, and comes from anyio then.
    return text.split('.').at(-1) === shortName(use) ? rewriteTo('safe', []) : unmovable(use, id);
  }
  const tail = `asyncio.${shortName(use)}`;
  if (use.spelling === 'string' && text.endsWith(tail)) {
    const start = use.span.end - tail.length;
    const edits = [replace(start, start + 'asyncio'.length, 'anyio')];
    return rewriteTo(member === undefined ? 'review' : 'safe', edits);
  }
  const attribute = use.node.type === 'attribute' ? use.node.childForFieldName('attribute') : null;
  if (member !== undefined && attribute?.text === 'asyncio' && isWholeModule(use)) {
    return rewriteTo('safe', [replace(attribute.startIndex, attribute.endIndex, 'anyio')]);
  }
  return unmovable(use, id);
}

/** Whether a file that was not selected uses the name that is replaced for it. */
function aimsOutside(use: Use, { patches, definitions }: JudgeContext): boolean {
  const aims = patches.aims(use);
  const { store } = definitions.project;
  return store.candidates.some(
    (candidate) =>
      !candidate.selected &&
      aims.has(candidate.path) &&
      store
        .load(candidate)
        ?.uses.some(({ name, role }) => name === use.name && role !== 'patch-target'),
  );
}

/** Whether the use is the module in `patch.object(worker.asyncio, "sleep")`, not a longer name. */
function isWholeModule({ node, span }: Use): boolean {
  return node.endIndex === span.end;
}

function rewriteTo(safety: 'safe' | 'review', edits: ReturnType<typeof replace>[]): Verdict {
  const note =
    "the patch replaces the function for the whole program, also where it still is asyncio's";
  return {
    kind: 'rewrite',
    safety,
    edits,
    minAnyio: '4.0.0',
    ...(safety === 'review' ? { note } : {}),
  };
}

function unmovable(use: Use, id: string): Verdict {
  return refuse(
    `${id}-patched-in-tests`,
    `\`${use.name}\` is replaced here in a way that cannot be rewritten; the code it aims at keeps asyncio`,
    'move the patch and the code together, by hand',
  );
}

/**
 * Holds each patch and the uses it aims at together. Gives whether a verdict changed, for then the
 * families have to be looked at again.
 */
export function holdPatches(
  judged: readonly Judged[],
  context: JudgeContext,
  importStyle: 'keep' | 'module' | 'from',
): boolean {
  let changed = false;
  for (const patch of judged) {
    if (patch.use.role !== 'patch-target') continue;
    const aims = context.patches.aims(patch.use);
    const targets = judged.filter((item) => isAimedAt(item, patch, aims));
    changed = holdPatch(patch, targets, importStyle) || changed;
  }
  return changed;
}

function holdPatch(
  patch: Judged,
  targets: readonly Judged[],
  importStyle: 'keep' | 'module' | 'from',
): boolean {
  const moving = targets.filter(({ verdict }) => verdict.kind === 'rewrite');
  const { verdict } = patch;
  if (verdict.kind !== 'rewrite') return verdict.kind !== 'defer' && stay(moving, patch);
  if (targets.length === 0) {
    patch.verdict = { kind: 'leave', reason: 'nothing that it aims at calls the name' };
    return true;
  }
  const blocked = targets.find((target) => target.verdict.kind !== 'rewrite');
  if (blocked || importStyle !== 'keep' || renamesAnyio(targets)) {
    patch.verdict = patchStays(patch, blocked);
    stay(moving, patch);
    return true;
  }
  return alike([patch, ...targets]);
}

/** Whether a use is one that the patch intercepts today. */
function isAimedAt({ use }: Judged, patch: Judged, aims: ReadonlySet<string>): boolean {
  if (use.role === 'patch-target' || use.role === 'import' || !aims.has(use.file.path))
    return false;
  if (isModuleName(patch.use.name)) return use.spelling === 'module' && use.role !== 'module';
  if (use.name !== patch.use.name) return false;
  const local = patch.use.through?.local;
  if (local === undefined || local === 'asyncio') return use.spelling !== 'from';
  return use.binding?.local === local;
}

/** Whether a module has anyio under another name, where `module.anyio` would not be found. */
function renamesAnyio(targets: readonly Judged[]): boolean {
  return targets.some(({ use }) =>
    [...use.file.scopes.module.bindings].some(
      ([local, sites]) =>
        local !== 'anyio' && sites.some((site) => site.imported?.target === 'anyio'),
    ),
  );
}

function stay(targets: readonly Judged[], patch: Judged): boolean {
  for (const target of targets) {
    target.verdict = refuseForPatch(target.use, patch.use, target.transform ?? '');
  }
  return targets.length > 0;
}

function patchStays(patch: Judged, blocked: Judged | undefined): Verdict {
  return refuse(
    `${patch.transform}-patched-in-tests`,
    `a test replaces \`${patch.use.name}\` here, and not all that it aims at can move`,
    'move the patch target and the code together, by hand',
    blocked && placeOf(blocked.use),
  );
}

/** A doubt over one is a doubt over all. */
function alike(members: readonly Judged[]): boolean {
  const doubt = members.find(
    ({ verdict }) => verdict.kind === 'rewrite' && verdict.safety === 'review',
  );
  if (doubt?.verdict.kind !== 'rewrite') return false;
  const { note, blocker } = doubt.verdict;
  let changed = false;
  for (const member of members) {
    if (member.verdict.kind !== 'rewrite' || member.verdict.safety === 'review') continue;
    const place = blocker ?? (member === doubt ? undefined : placeOf(doubt.use));
    member.verdict = { ...member.verdict, safety: 'review', note, blocker: place };
    changed = true;
  }
  return changed;
}
