/** What the edit room has to know of a run: how imports are written, and which have to stay. */

import type { Binding } from './analysis/bindings.ts';
import type { PythonFile } from './analysis/file.ts';
import type { Project } from './analysis/project.ts';
import type { EditOptions } from './edit/types.ts';
import { isApplied } from './rewrite.ts';
import type { Judged, Use } from './transform.ts';

/** @param files all that have uses, those that were not selected too */
export function editOptions(
  project: Project,
  files: readonly PythonFile[],
  judged: readonly Judged[],
  {
    importStyle,
    includeReview,
  }: { importStyle: EditOptions['importStyle']; includeReview: boolean },
): EditOptions {
  const verdicts = new Map(judged.map((item) => [item.use, item]));
  const homes = new Map(files.map((file) => [file.scopes.module, file.path]));
  const reached = new Map<string, Use[]>();
  for (const use of files.flatMap((file) => file.uses)) {
    const module = use.through && project.module(use.through.module);
    if (!module) continue;
    const key = `${module.path}|${use.through?.local}`;
    reached.set(key, [...(reached.get(key) ?? []), use]);
  }
  // A patch target that moves along needs the old name no more.
  const stays = (use: Use) => {
    const verdict = verdicts.get(use)?.verdict;
    return !verdict || !isApplied(verdict, includeReview);
  };
  return {
    importStyle,
    keep: (binding: Binding) => {
      const use = reached.get(`${homes.get(binding.scope)}|${binding.local}`)?.find(stays);
      return use && `${use.file.info.module} reaches it`;
    },
    isFirstParty: (module: string) => project.module(module) !== undefined,
  };
}
