/** What all parts of a review have at hand. */

import type { TransformInfo } from '../report/explain.ts';
import type { ReviewPage } from '../report/review.ts';
import type { Session } from '../review/session.ts';
import type { ParsedArgs } from './argv.ts';
import type { GitWishes } from './checkout.ts';
import type { Prompter } from './prompter.ts';
import type { Terminal } from './terminal.ts';

/** The exit code of what Ctrl-C ended: 128 and the number of the signal. */
export const INTERRUPTED = 130;

export interface Review {
  session: Session;
  wishes: GitWishes;
  argv: ParsedArgs;
  terminal: Terminal;
  catalog: readonly TransformInfo[];
  page: ReviewPage;
  prompt: Prompter;
}

/** What a question led to: on to the next, or out of the review with the answers kept. */
export type Went = 'on' | 'left' | 'interrupted';
