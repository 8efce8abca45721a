/** `review`: the changes one by one, each with a question; what was taken is written at the end. */

import { count, plural } from '../report/layout.ts';
import type { ReviewPage } from '../report/review.ts';
import { styleFor } from '../report/style.ts';
import { type Book, readBook } from '../review/book.ts';
import { Session } from '../review/session.ts';
import type { Run } from '../run.ts';
import { UsageError } from '../usage.ts';
import { wishesOf } from './apply.ts';
import { isOn, type ParsedArgs, switchOf } from './argv.ts';
import { checkCheckout, type GitWishes } from './checkout.ts';
import { type NextStep, nextSteps } from './next-steps.ts';
import { DONE, showNotes, showProblems } from './problems.ts';
import { commandLine, requestOf } from './request.ts';
import { INTERRUPTED, type Review } from './review-context.ts';
import { finish, writeAccepted } from './review-end.ts';
import { askStep } from './review-step.ts';
import { commitModeOf } from './steps.ts';
import { type Terminal, widthOf, writeLines } from './terminal.ts';

/**
 * @returns the exit code
 * @throws UsageError where nobody can be asked, and where the files must not be written
 * @throws GitError when git refuses to branch or commit
 */
export async function run(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  const wishes = wishesOf(argv);
  if (wishes.commit && commitModeOf(argv) !== 'once') {
    throw new UsageError(
      'review commits what was taken at once; --commit takes no other word here',
    );
  }
  const { prompter } = terminal;
  if (!prompter && !isOn(argv, 'accepted')) {
    throw new UsageError(
      'review asks questions, and needs a terminal for them; diff and apply ask nothing',
    );
  }
  const opened = await terminal.engine.open(await requestOf(argv, terminal, 'hybrid'));
  try {
    const session = new Session(opened, withReview(argv), bookOf(opened, argv));
    showProblems(session.migration.problems, terminal);
    showNotes(session.migration.notes, terminal);
    checkAhead(session, wishes, argv, terminal);
    if (!prompter || isOn(argv, 'accepted')) {
      return await writeAccepted(session, wishes, argv, terminal, pageOf(terminal));
    }
    const catalog = await terminal.engine.catalog();
    const page = pageOf(terminal);
    const prompt = await prompter();
    return await goThrough({ session, wishes, argv, terminal, catalog, page, prompt });
  } finally {
    opened.dispose();
  }
}

/** Looking is what this command is for: what needs a look is left out only when a flag says so. */
function withReview(argv: ParsedArgs): boolean {
  return switchOf(argv, 'include-review') ?? true;
}

function bookOf({ root }: Run, argv: ParsedArgs): Book {
  return isOn(argv, 'restart') ? { answers: new Map(), edits: [] } : readBook(root);
}

/** What would refuse to be written at the end is told before the first question. */
function checkAhead(
  { migration }: Session,
  wishes: GitWishes,
  argv: ParsedArgs,
  terminal: Terminal,
): void {
  if (isOn(argv, 'dry-run') || migration.changes.length === 0) return;
  checkCheckout(migration.changes, wishes, terminal);
}

function pageOf({ stdout, env, cwd }: Terminal): ReviewPage {
  return { cwd, width: widthOf(stdout), style: styleFor(stdout, env) };
}

async function goThrough(review: Review): Promise<number> {
  const { session, terminal } = review;
  writeLines(terminal.stdout, greeting(review));
  for (;;) {
    const step = session.next();
    const went = step ? await askStep(step, review) : await finish(review);
    if (typeof went === 'number') return went;
    if (went === 'left' || went === 'interrupted') {
      writeLines(terminal.stdout, farewell(review));
      return went === 'left' ? DONE : INTERRUPTED;
    }
  }
}

/** How much there is, and what was answered before. */
function greeting({ session, page }: Review): string[] {
  const { items, total } = session;
  if (items.length === 0) return ['No use of asyncio can be rewritten here.'];
  const safe = items.filter(({ safety }) => safety === 'safe').length;
  const review = items.length - safe;
  const files = new Set(items.flatMap(({ paths }) => [...paths])).size;
  const kinds = [
    ...(safe > 0 ? [`${safe} safe`] : []),
    ...(review > 0 ? [`${review} to look at`] : []),
  ].join(', ');
  const before = kept(session);
  return [
    page.style.heading(
      `${plural(total, 'step')} with ${plural(items.length, 'decision')} (${kinds}) in ${plural(files, 'file')}.`,
    ),
    ...(before === '' ? [] : [`Answered before: ${before}; --restart asks again.`]),
  ];
}

/** How to go on, and how to write what there is. */
function farewell({ session, argv, page }: Review): string[] {
  const answers = kept(session);
  const open = session.answered(undefined).length;
  const steps: NextStep[] = [[commandLine('review', argv), 'go on']];
  if (session.answered('yes').length > 0) {
    const write = commandLine('review', argv, undefined, ['--accepted']);
    steps.push([write, 'write what was taken so far']);
  }
  const words =
    answers === ''
      ? 'Nothing was answered.'
      : `Kept: ${answers}; ${count(open)} open. Nothing is written.`;
  return ['', words, ...nextSteps(steps, page.width)];
}

function kept(session: Session): string {
  const [yes, no] = [session.answered('yes').length, session.answered('no').length];
  return [...(yes > 0 ? [`${yes} yes`] : []), ...(no > 0 ? [`${no} no`] : [])].join(', ');
}
