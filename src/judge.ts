/** From uses to verdicts: asks the transform that owns each name, and holds families together. */

import type { PythonFile } from './analysis/file.ts';
import { isModuleName, libraryOf } from './analysis/names.ts';
import { laterPhase, reasonToStay } from './catalogue.ts';
import { isMovedText } from './edit/needs.ts';
import { holdPatches } from './patching.ts';
import type { Selection } from './phases.ts';
import { counted, type OnProgress } from './progress.ts';
import { lineText } from './syntax/lines.ts';
import type {
  Diagnostic,
  Edit,
  JudgeContext,
  Judged,
  Transform,
  Use,
  Verdict,
} from './transform.ts';
import { lowerVersion, placeOf, refuse } from './verdicts.ts';

export interface JudgeOptions {
  context: JudgeContext;
  transforms: readonly Transform[];
  selection: Selection;
  /** Whether a higher anyio than the project's bound may be required: phase 0 raises it. */
  mayRaiseAnyio: boolean;
  importStyle: 'keep' | 'module' | 'from';
  leaveOut?: LeaveOut;
  onProgress?: OnProgress;
}

/**
 * Why a use is not to be rewritten though it could be: an ignore comment, the configuration, or a
 * person's answer says so. Undefined for all others.
 *
 * @param transform the id of the one that owns the use, if one does
 */
export type LeaveOut = (use: Use, transform: string | undefined) => Diagnostic | undefined;

/**
 * Holds together what must move together, until no verdict changes any more. Called again when a
 * later step refuses more.
 */
export function settle(
  judged: readonly Judged[],
  context: JudgeContext,
  importStyle: 'keep' | 'module' | 'from',
): void {
  do holdTogether(judged, context);
  while (holdPatches(judged, context, importStyle) || holdNeeds(judged) || holdCovered(judged));
}

/**
 * Refuses what would take away a use that somebody wants to keep: a wait_for whose handler is left
 * out, a call whose argument is. Gives whether a verdict changed.
 */
function holdCovered(judged: readonly Judged[]): boolean {
  const kept = new Map<PythonFile, Judged[]>();
  for (const item of judged) {
    const { verdict, use } = item;
    if (verdict.kind !== 'refuse' || !isWish(verdict)) continue;
    const others = kept.get(use.file);
    if (others) others.push(item);
    else kept.set(use.file, [item]);
  }
  let changed = false;
  for (const item of judged) {
    const { verdict, use } = item;
    const others = kept.get(use.file);
    if (verdict.kind !== 'rewrite' || !others) continue;
    const covered = others.find((other) => verdict.edits.some((edit) => takes(edit, other.use)));
    if (!covered) continue;
    refuseMembers([item], movesTogether(covered));
    changed = true;
  }
  return changed;
}

/** Whether a refusal is a person's, and not a matter of what the code does. */
function isWish({ diagnostic }: Verdict & { kind: 'refuse' }): boolean {
  return diagnostic.code === 'ignored' || diagnostic.code === 'left-out';
}

/** Whether an edit replaces the text of a use, and does not only move it. */
function takes({ start, end, lines, pieces }: Edit, { span }: Use): boolean {
  const lies = (from: number, to: number) => span.start >= from && span.end <= to;
  const isMoved = pieces.some((piece) => isMovedText(piece) && lies(piece.from, piece.to));
  return !lines && !isMoved && lies(start, end);
}

/** Leaves what counts on an edit that is not made. Gives whether a verdict changed. */
function holdNeeds(judged: readonly Judged[]): boolean {
  const verdicts = new Map(judged.map(({ use, verdict }) => [use, verdict]));
  let changed = false;
  for (const item of judged) {
    const needs = item.verdict.kind === 'rewrite' ? (item.verdict.needs ?? []) : [];
    const missing = needs.find(({ use, at }) => {
      const verdict = verdicts.get(use);
      return verdict?.kind !== 'rewrite' || !verdict.edits.some(({ start }) => start === at);
    });
    if (!missing) continue;
    item.verdict = {
      kind: 'leave',
      reason: `it goes with \`${missing.use.name}\` of ${lineText(placeOf(missing.use))}, which stays`,
    };
    changed = true;
  }
  return changed;
}

/** The verdicts on the uses, in their order; rewrites are not marked as applied yet. */
export function judgeUses(uses: readonly Use[], options: JudgeOptions): Judged[] {
  const ownerOf = ownersOf(options.transforms);
  const verdictOn = onceEach((use) => judgeUse(use, ownerOf(use), options, verdictOn));
  const counting = counted(uses, 'judge', options.onProgress);
  const judged = Array.from(counting, (use): Judged => {
    const owner = ownerOf(use);
    return {
      use,
      position: use.file.lines.position(use.span),
      phase: owner?.phase ?? laterPhase(use.name),
      transform: owner?.id,
      verdict: verdictOn(use) ?? unowned(use),
      applied: false,
    };
  });
  settle(judged, options.context, options.importStyle);
  return judged;
}

/** Judges each use once; undefined while it is being judged, for those who ask on the way. */
function onceEach(judge: (use: Use) => Verdict): (use: Use) => Verdict | undefined {
  const verdicts = new Map<Use, Verdict | undefined>();
  return (use) => {
    if (!verdicts.has(use)) {
      verdicts.set(use, undefined);
      verdicts.set(use, judge(use));
    }
    return verdicts.get(use);
  };
}

/** The transform that owns a use, if one does. */
export type OwnerOf = (use: Use) => Transform | undefined;

/** A transform that owns a module owns all that is read from it. */
export function ownersOf(transforms: readonly Transform[]): OwnerOf {
  const owners = ownersByName(transforms);
  return (use) => {
    const { name } = use;
    const candidates = owners.get(name) ?? owners.get(name.slice(0, name.indexOf('.')));
    return candidates?.find(({ owns }) => owns?.(use) ?? true);
  };
}

/** The transforms that own a name: first those that own only some of its uses. */
function ownersByName(transforms: readonly Transform[]): Map<string, Transform[]> {
  const owners = new Map<string, Transform[]>();
  for (const transform of transforms) {
    for (const name of transform.names) {
      const others = owners.get(name) ?? [];
      owners.set(name, transform.owns ? [transform, ...others] : [...others, transform]);
    }
  }
  return owners;
}

function judgeUse(
  use: Use,
  owner: Transform | undefined,
  options: JudgeOptions,
  verdictOn: (use: Use) => Verdict | undefined,
): Verdict {
  if (use.role === 'import') {
    const what =
      use.spelling === 'string'
        ? 'a dynamic import'
        : 'nothing in this file refers to it: a re-export, or an import without use';
    return { kind: 'leave', reason: what };
  }
  if (!owner) {
    const verdict = unowned(use);
    // What can stay anyway needs nobody to say so.
    return verdict.kind === 'leave' ? verdict : (leftOut(use, undefined, options) ?? verdict);
  }
  if (!options.selection.transforms.has(owner.id)) return { kind: 'defer' };
  const out = leftOut(use, owner.id, options);
  if (out) return out;
  if (use.file.info.notebook?.isMasked(use.span.start, use.span.end)) return refuseMagic(use);
  const verdict = owner.judge(use, { ...options.context, verdictOn });
  // What stays anyway may mean whatever it does.
  const doubtful = use.role !== 'patch-target' && verdict.kind !== 'leave';
  if (use.doubt !== undefined && doubtful) return refuseDoubt(use, use.doubt);
  return refuseOldAnyio(verdict, options) ?? verdict;
}

function leftOut(
  use: Use,
  transform: string | undefined,
  { leaveOut }: JudgeOptions,
): Verdict | undefined {
  const diagnostic = leaveOut?.(use, transform);
  return diagnostic && { kind: 'refuse', diagnostic };
}

function unowned(use: Use): Verdict {
  const phase = isModuleName(use.name) ? undefined : laterPhase(use.name);
  if (phase === undefined) return { kind: 'leave', reason: reasonToStay(use.name) };
  return { kind: 'defer', note: 'this version has no transform for it' };
}

function refuseMagic(use: Use): Verdict {
  return refuse(
    'used-by-magic',
    `a magic of IPython may use \`${use.name}\` here, and what it does with it cannot be read`,
    'write the line as Python, or change it by hand',
  );
}

function refuseDoubt(use: Use, doubt: string): Verdict {
  const library = libraryOf(use.name);
  if (use.through) {
    return refuse(
      'reexported-name',
      `${doubt}, which takes it from ${library}; the two modules would have to change together`,
      `import the name from ${library} here, or move both modules by hand`,
    );
  }
  return refuse(
    'name-rebound',
    `the name may not mean ${library} at run time: ${doubt}`,
    'give the two meanings different names',
  );
}

function refuseOldAnyio(
  verdict: Verdict,
  { context, mayRaiseAnyio }: JudgeOptions,
): Verdict | undefined {
  const { anyio, anyioSource } = context.target;
  if (verdict.kind !== 'rewrite' || mayRaiseAnyio || anyio === undefined) return undefined;
  if (!lowerVersion(anyio, verdict.minAnyio)) return undefined;
  return refuse(
    'anyio-too-old',
    `what would be written needs anyio ${verdict.minAnyio}, and ${anyioSource ?? 'the project'} allows ${anyio}`,
    'select phase 0 as well, which raises the bound, or give --target-anyio',
  );
}

/**
 * All uses of one object move, or none: a refusal of one refuses the others and names it, a doubt
 * over one makes all of them `review`.
 */
function holdTogether(judged: readonly Judged[], context: JudgeContext): void {
  const families = new Map<string, Judged[]>();
  const byUse = new Map(judged.map((item) => [item.use, item]));
  for (const item of judged) {
    const { verdict, use } = item;
    const family = verdict.kind === 'rewrite' ? familyKey(verdict) : undefined;
    if (verdict.kind !== 'rewrite' || family === undefined || families.has(family)) continue;
    const uses =
      verdict.together ?? (context.tests?.of(use) ?? context.families.familyOf(use))?.uses ?? [];
    const outside = uses.find((other) => !byUse.has(other));
    const members = uses.map((other) => byUse.get(other)).filter((other) => other !== undefined);
    families.set(family, members);
    if (outside) refuseMembers(members, needsOtherFile(outside));
  }
  for (const members of families.values()) {
    const blocked = members.find(({ verdict }) => verdict.kind === 'refuse');
    if (blocked) refuseMembers(members, movesTogether(blocked));
    else reviewTogether(members);
  }
  while (judged.some((item) => refusedWithLeader(item, byUse)));
}

/** Refuses a rewrite that counts on another one which is refused; tells whether it did. */
function refusedWithLeader(item: Judged, byUse: ReadonlyMap<Use, Judged>): boolean {
  if (item.verdict.kind !== 'rewrite') return false;
  const needed = item.verdict.follows?.map((use) => byUse.get(use));
  const blocked = needed?.find((other) => other?.verdict.kind === 'refuse');
  if (blocked) refuseMembers([item], movesTogether(blocked));
  return blocked !== undefined;
}

/** What the verdicts that must stay together have in common. */
function familyKey({ family, together }: Verdict & { kind: 'rewrite' }): string | undefined {
  const [first] = together ?? [];
  return first ? `${first.file.path}:${first.span.start}` : family;
}

function refuseMembers(members: readonly Judged[], verdict: Verdict): void {
  for (const member of members) {
    if (member.verdict.kind !== 'rewrite') continue;
    member.verdict = verdict;
    member.applied = false;
  }
}

function reviewTogether(members: readonly Judged[]): void {
  const doubtful = members.find(
    ({ verdict }) => verdict.kind === 'rewrite' && verdict.safety === 'review',
  );
  if (doubtful?.verdict.kind !== 'rewrite') return;
  const { note, blocker } = doubtful.verdict;
  for (const member of members) {
    if (member.verdict.kind === 'rewrite' && member.verdict.safety === 'safe') {
      member.verdict = { ...member.verdict, safety: 'review', note, blocker };
    }
  }
}

function movesTogether(blocked: Judged): Verdict {
  if (blocked.verdict.kind !== 'refuse') return blocked.verdict;
  const { diagnostic } = blocked.verdict;
  return {
    kind: 'refuse',
    diagnostic: { ...diagnostic, blocker: diagnostic.blocker ?? placeOf(blocked.use) },
  };
}

function needsOtherFile(outside: Use): Verdict {
  return refuse(
    'needs-other-file',
    'the same object is named in a file that was not selected, and all of its uses must move together',
    'run the transform on both files, or on the whole project',
    placeOf(outside),
  );
}
