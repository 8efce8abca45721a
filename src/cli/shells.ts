/** The shells that there is a completion for. */

import { didYouMean, UsageError } from '../usage.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** @throws UsageError for another one */
export function shellNamed(name: string): Shell {
  const shell = SHELLS.find((each) => each === name);
  if (shell) return shell;
  const meant = didYouMean(name, SHELLS);
  throw new UsageError(`completion is for bash, zsh or fish, not '${name}'${meant}`);
}
