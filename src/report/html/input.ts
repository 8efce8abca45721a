/** What the page is made of. */

import type { Migration } from '../../result.ts';
import type { DiagnosticInfo } from '../../transform.ts';
import type { TransformInfo } from '../explain.ts';

export interface HtmlInput {
  /** What was asked for: its account is the page's. */
  plan: Migration;
  /** The same with all that needs a look: its changes are the page's diff. */
  full: Migration;
  catalog: readonly TransformInfo[];
  /** The diagnostics that belong to no transform. */
  diagnostics: readonly DiagnosticInfo[];
  /** Absolute; file names are shown as seen from here, as the commands need them. */
  cwd: string;
  /** What the project is called. */
  name: string;
  /** The command that made the page, and those that it proposes. */
  commands: ReportCommands;
  made: Date;
}

export interface ReportCommands {
  self: string;
  /** What to do next; none when nothing is to be written. */
  next: readonly string[];
  /** `apply`, with PATHS_HERE and SELECTORS_HERE where the page puts what is chosen there. */
  apply: string;
  /** What stands there while nothing is chosen, as a shell takes it. */
  paths: string;
  selectors: string;
}

export const PATHS_HERE = '@PATHS@';
export const SELECTORS_HERE = '@SELECTORS@';
