/**
 * Tests move with the code that they watch. A patch of `app.worker.asyncio.sleep` becomes one of
 * `app.worker.anyio.sleep` when all sleeps of that module move, and else both stay: a patch that
 * aims at the wrong library intercepts nothing.
 */

import { isLibrary, isModuleName, libraryOf } from './analysis/names.ts';
import { goesWithPatch } from './analysis/originals.ts';
import { replacesModuleItself, runsUnder } from './analysis/patch-calls.ts';
import type { Edit, JudgeContext, Judged, Use, Verdict } from './transform.ts';
import { placeOf, refuse, refuseForPatch, rename, replace, shortName } from './verdicts.ts';

/**
 * The verdict on a patch target by itself, for primitives whose call keeps its shape; whether what
 * it aims at moves is seen later. For any other use: the refusal when a patch that aims at it
 * stands in a file that was not selected, and so cannot move along; and the rewrite of what a test
 * says of the name that it replaces itself.
 */
export function judgePatch(use: Use, context: JudgeContext, id: string): Verdict | undefined {
  if (use.role === 'patch-target') return judgePatchTarget(use, context, id);
  const patches = context.patches.patchesOf(use.file, use.name);
  const outside = patches.find((patch) => !patch.file.info.selected);
  if (outside) return refuseForPatch(use, outside, id);
  const beside = patches.some((patch) => patch.file === use.file);
  if (use.role === 'call' || !beside || !goesWithPatch(use)) return undefined;
  return rewriteTo('review', [rename(use, shortName(use))]);
}

function judgePatchTarget(use: Use, context: JudgeContext, id: string): Verdict {
  if (aimsOutside(use, context) || isOneOfSeveral(use)) return unmovable(use, id);
  const text = use.file.text.slice(use.span.start, use.span.end);
  const member = use.through?.local;
  const library = libraryOf(use.name);
  if (member !== undefined && member !== library) {
    // `app.worker.sleep`, from a from-import there: the name stays, and comes from anyio then.
    return text.split('.').at(-1) === shortName(use) ? rewriteTo('safe', []) : unmovable(use, id);
  }
  const onModule = editOnModule(use);
  if (onModule) return rewriteTo('review', [onModule]);
  const tail = `${library}.${shortName(use)}`;
  if (use.spelling === 'string' && text.endsWith(tail)) {
    const start = use.span.end - tail.length;
    const edits = [replace(start, start + library.length, 'anyio')];
    return rewriteTo(member === undefined ? 'review' : 'safe', edits);
  }
  const attribute = use.node.type === 'attribute' ? use.node.childForFieldName('attribute') : null;
  if (member !== undefined && attribute?.text === library && isWholeModule(use)) {
    return rewriteTo('safe', [replace(attribute.startIndex, attribute.endIndex, 'anyio')]);
  }
  return unmovable(use, id);
}

/** `patch.object(asyncio, "sleep")`, `asyncio.sleep = fake`: on the file's own import of asyncio. */
function editOnModule(use: Use): Edit | undefined {
  const { node, span, binding } = use;
  const plain = isLibrary(binding?.target ?? '') && use.through === undefined && !use.doubt;
  if (!plain || use.spelling !== 'module' || node.endIndex !== span.end) return undefined;
  if (node.type === 'identifier') return { ...span, pieces: [{ module: 'anyio' }] };
  const isMember = node.childForFieldName('object')?.type === 'identifier';
  return isMember && node.parent?.type === 'assignment' ? rename(use, shortName(use)) : undefined;
}

/** Whether one call replaces several names, which may not all move: `patch.multiple(asyncio, …)`. */
function isOneOfSeveral({ file, node, name }: Use): boolean {
  return file.uses.some((other) => other.node === node && other.name !== name);
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

function rewriteTo(
  safety: 'safe' | 'review',
  edits: Edit[],
): Extract<Verdict, { kind: 'rewrite' }> {
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
    use.node.parent?.type === 'assignment'
      ? `replace it by \`patch("the.module.${use.name}")\`, or move it and the code together, by hand`
      : 'move the patch and the code together, by hand',
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
    const caught = judged.find((item) => aims.has(item.use.file.path) && isCaught(item, patch));
    changed = holdPatch(patch, targets, caught, importStyle) || changed;
  }
  return changed;
}

function holdPatch(
  patch: Judged,
  targets: readonly Judged[],
  caught: Judged | undefined,
  importStyle: 'keep' | 'module' | 'from',
): boolean {
  const moving = targets.filter(({ verdict }) => verdict.kind === 'rewrite');
  const { verdict } = patch;
  if (verdict.kind === 'leave' && isModuleName(patch.use.name) && targets.length > 0) {
    patch.verdict = { kind: 'leave', reason: WHOLE_MODULE };
  }
  if (verdict.kind !== 'rewrite') return verdict.kind !== 'defer' && stay(moving, patch);
  if (targets.length === 0) {
    patch.verdict = { kind: 'leave', reason: 'nothing that it aims at calls the name' };
    return true;
  }
  const blocked =
    targets.find((target) => target.verdict.kind !== 'rewrite') ??
    targets.find((target) => isReshaped(target, patch)) ??
    caught;
  const unreachable =
    patch.use.through?.local === libraryOf(patch.use.name) && !targets.some(isAtModuleLevel);
  if (blocked || unreachable || importStyle !== 'keep' || renamesAnyio(targets)) {
    patch.verdict = patchStays(patch, blocked);
    stay(moving, patch);
    if (caught) caught.verdict = refuseCaught(patch.use);
    return true;
  }
  if (verdict.safety === 'safe' && targets.some(({ use }) => hasAnyios(use))) {
    const note = 'the module calls the name of anyio as well, which the moved patch replaces too';
    patch.verdict = { ...verdict, safety: 'review', note };
  }
  return alike([patch, ...targets]);
}

const WHOLE_MODULE = 'it replaces the whole module for the code that it aims at, which stays';

/** Whether a use is one that the patch intercepts today. */
function isAimedAt({ use }: Judged, patch: Judged, aims: ReadonlySet<string>): boolean {
  if (use.role === 'patch-target' || use.role === 'import') return false;
  const { name, through } = patch.use;
  const library = libraryOf(name);
  if (libraryOf(use.name) !== library) return false;
  // `worker.asyncio.sleep.assert_awaited()` in a test goes through the module as the patch does.
  if (through && use.through?.module === through.module && use.through.local === through.local) {
    return use.name === name || (isModuleName(name) && use.role !== 'module');
  }
  // `worker.asyncio` is asyncio itself: what the test calls meanwhile is replaced as well.
  if (through?.local === library && use.file === patch.use.file && use.name === name) {
    if (use.spelling === 'module' && runsUnder(use.node, patch.use.node)) return true;
  }
  if (!aims.has(use.file.path)) return false;
  const atModuleLevel = isAtModuleLevel({ use });
  if (replacesModuleItself(patch.use)) return use.file !== patch.use.file || !atModuleLevel;
  if (isModuleName(name)) {
    const same = through === undefined || !use.binding || use.binding.local === through.local;
    return use.spelling === 'module' && use.role !== 'module' && same;
  }
  if (use.name !== name) return false;
  // What a function imports when it runs, it gets from the patched module.
  if (through === undefined || through.local === library) {
    return use.spelling !== 'from' || !atModuleLevel;
  }
  return use.binding?.local === through.local;
}

function isAtModuleLevel({ use }: { use: Use }): boolean {
  return use.binding === undefined || use.binding.scope === use.file.scopes.module;
}

/** Whether a use becomes a name that the moved patch replaces, which the patch leaves alone today. */
function isCaught({ use, verdict }: Judged, patch: Judged): boolean {
  const bounded = use.name === 'asyncio.BoundedSemaphore' && patch.use.name === 'asyncio.Semaphore';
  return bounded && verdict.kind === 'rewrite' && use.role !== 'patch-target';
}

function refuseCaught(patch: Use): Verdict {
  return refuse(
    'semaphore-patched-in-tests',
    `a test replaces \`${patch.name}\` for this module; as anyio.Semaphore this one would be replaced with it`,
    'move the patch and both semaphores by hand',
    placeOf(patch),
  );
}

/** Whether a module says `anyio.sleep` beside the `asyncio.sleep` that is to become it. */
function hasAnyios(use: Use): boolean {
  return use.file
    .references('anyio')
    .some(
      ({ node: { parent } }) =>
        parent?.type === 'attribute' &&
        parent.childForFieldName('attribute')?.text === shortName(use),
    );
}

/**
 * Whether more than the name changes where the patched function is called: it gets other arguments,
 * or what it gives is treated in another way. The transform `run` looks at that itself.
 */
function isReshaped({ use, verdict, transform }: Judged, patch: Judged): boolean {
  if (verdict.kind !== 'rewrite' || transform === 'run' || use === patch.use) return false;
  return verdict.edits.some(({ start, end }) => start < use.span.start || end > use.span.end);
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
    'move the patch target, what is asserted of it and the code together, by hand',
    blocked && placeOf(blocked.use),
  );
}

/** A doubt over one is a doubt over all. */
function alike(members: readonly Judged[]): boolean {
  const doubt = members.find(
    ({ verdict }) => verdict.kind === 'rewrite' && verdict.safety === 'review',
  );
  if (doubt?.verdict.kind !== 'rewrite') return false;
  const { blocker } = doubt.verdict;
  let changed = false;
  for (const member of members) {
    if (member.verdict.kind !== 'rewrite' || member.verdict.safety === 'review') continue;
    const place = blocker ?? placeOf(doubt.use);
    const note =
      doubt.use.role === 'patch-target' && member.use.role !== 'patch-target'
        ? `a test patches \`${doubt.use.name}\` for the whole program; its patch moves along, and misses what still is asyncio's`
        : doubt.verdict.note;
    member.verdict = { ...member.verdict, safety: 'review', note, blocker: place };
    changed = true;
  }
  return changed;
}
