/** From uses to verdicts: asks the transform that owns each name, and holds families together. */

import { isModuleName } from './analysis/names.ts';
import { laterPhase, reasonToStay } from './catalogue.ts';
import { holdPatches } from './patching.ts';
import type { Selection } from './phases.ts';
import type { JudgeContext, Judged, Transform, Use, Verdict } from './transform.ts';
import { lowerVersion, placeOf, refuse } from './verdicts.ts';

export interface JudgeOptions {
  context: JudgeContext;
  transforms: readonly Transform[];
  selection: Selection;
  /** Whether a higher anyio than the project's bound may be required: phase 0 raises it. */
  mayRaiseAnyio: boolean;
  importStyle: 'keep' | 'module' | 'from';
}

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
  while (holdPatches(judged, context, importStyle));
}

/** The verdicts on the uses, in their order; rewrites are not marked as applied yet. */
export function judgeUses(uses: readonly Use[], options: JudgeOptions): Judged[] {
  const owners = new Map<string, Transform>();
  for (const transform of options.transforms) {
    for (const name of transform.names) owners.set(name, transform);
  }
  const judged = uses.map((use): Judged => {
    const owner = ownerOf(use, owners);
    return {
      use,
      position: use.file.lines.position(use.span),
      phase: owner?.phase ?? laterPhase(use.name),
      transform: owner?.id,
      verdict: judgeUse(use, owner, owners, options),
      applied: false,
    };
  });
  settle(judged, options.context, options.importStyle);
  return judged;
}

/** A transform that owns a module owns all that is read from it. */
function ownerOf({ name }: Use, owners: ReadonlyMap<string, Transform>): Transform | undefined {
  return owners.get(name) ?? owners.get(name.slice(0, name.indexOf('.')));
}

function judgeUse(
  use: Use,
  owner: Transform | undefined,
  owners: ReadonlyMap<string, Transform>,
  options: JudgeOptions,
): Verdict {
  if (use.role === 'import') {
    const what =
      use.spelling === 'string'
        ? 'a dynamic import'
        : 'nothing in this file refers to it: a re-export, or an import without use';
    return { kind: 'leave', reason: what };
  }
  if (!owner) return unowned(use);
  if (!options.selection.transforms.has(owner.id)) return { kind: 'defer' };
  if (use.doubt !== undefined && use.role !== 'patch-target') return refuseDoubt(use, use.doubt);
  const verdictOn = (other: Use) => judgeUse(other, owners.get(other.name), owners, options);
  const verdict = owner.judge(use, { ...options.context, verdictOn });
  return refuseOldAnyio(verdict, options) ?? verdict;
}

function unowned(use: Use): Verdict {
  const phase = isModuleName(use.name) ? undefined : laterPhase(use.name);
  if (phase === undefined) return { kind: 'leave', reason: reasonToStay(use.name) };
  return { kind: 'defer', note: 'this version has no transform for it' };
}

function refuseDoubt(use: Use, doubt: string): Verdict {
  if (use.through) {
    return refuse(
      'reexported-name',
      `${doubt}, which takes it from asyncio; the two modules would have to change together`,
      'import the name from asyncio here, or move both modules by hand',
    );
  }
  return refuse(
    'name-rebound',
    `the name may not mean asyncio at run time: ${doubt}`,
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
    if (verdict.kind !== 'rewrite' || verdict.family === undefined || families.has(verdict.family))
      continue;
    const found = context.tests?.of(use) ?? context.families.familyOf(use);
    const uses = verdict.members ?? found?.uses ?? [];
    const outside = uses.find((other) => !byUse.has(other));
    const members = uses.map((other) => byUse.get(other)).filter((other) => other !== undefined);
    families.set(verdict.family, members);
    if (outside) refuseMembers(members, needsOtherFile(outside));
  }
  for (const members of families.values()) {
    const blocked = members.find(({ verdict }) => verdict.kind === 'refuse');
    if (blocked) refuseMembers(members, movesTogether(blocked));
    else reviewTogether(members);
  }
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
