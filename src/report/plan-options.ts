/** What the parts of the plan need to know of the page they are on. */

import type { Style } from './style.ts';

export interface PlanOptions {
  /** Absolute; file names are shown as seen from here. */
  cwd: string;
  /** In columns. */
  width: number;
  style: Style;
  /** Whether the reader takes more than ASCII: the bars are drawn of blocks then. */
  unicode: boolean;
  /** Whether the rewrites to review are in the new text. */
  includeReview: boolean;
  /** Name all that is only counted: every place, every file. */
  verbose: boolean;
  /** `anyio-codemod diff app --phase 1` for a given command and phases. */
  commandLine: (command: 'diff' | 'apply', phases: readonly number[]) => string;
}
