/** A line on the terminal that tells how far things are, and goes when they are done. */

import type { OnProgress, Stage } from '../progress.ts';
import { count } from '../report/layout.ts';
import type { Engine } from './engine.ts';
import type { Terminal } from './terminal.ts';

export interface Progress {
  /** Says what is going on, in place of what was said before. */
  show(text: string): void;
  /** Takes the line away. It may be shown again, for other work. */
  done(): void;
}

/** Work that takes less is not worth a line, in milliseconds. */
const PATIENCE = 500;
/** No more often than an eye can follow, in milliseconds. */
const PAUSE = 100;

const ERASE = '\r\x1b[2K';
/** Where nobody looks. */
export const SILENT: Progress = { show() {}, done() {} };

/** Shows nothing unless somebody looks: stderr is a terminal, and not that of a CI. */
export function progressOn({ stderr, env }: Pick<Terminal, 'stderr' | 'env'>): Progress {
  if (!stderr.isTTY || env.CI || env.TERM === 'dumb') return SILENT;
  let due: number | undefined;
  let isShown = false;
  let latest = '';
  let timer: NodeJS.Timeout | undefined;

  const draw = () => {
    // Written at once, since the work leaves no time to anything that waits for its turn.
    stderr.write(ERASE + latest.slice(0, (stderr.columns ?? 80) - 1));
    isShown = true;
    due = performance.now() + PAUSE;
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    show(text) {
      latest = text;
      due ??= performance.now() + PATIENCE;
      if (performance.now() >= due) return draw();
      // Work that does leave time says what it does once, and then nothing for long.
      timer ??= setTimeout(draw, due - performance.now()).unref();
    },
    done() {
      clearTimeout(timer);
      timer = undefined;
      if (isShown) stderr.write(ERASE);
      due = undefined;
      isShown = false;
    },
  };
}

const DOING: Readonly<Record<Stage, readonly [doing: string, what: string]>> = {
  read: ['reading', 'files'],
  bind: ['finding uses in', 'files'],
  judge: ['judging', 'uses'],
  rewrite: ['rewriting', 'files'],
};

/** An engine whose runs tell how far they are. */
export function showing(engine: Engine, progress: Progress): Engine {
  if (progress === SILENT) return engine;
  const onProgress: OnProgress = (stage, done, total) => {
    // A run may be judged long after it was opened: nothing else tells when that is over.
    if (stage === 'rewrite' && done === total) return progress.done();
    const [doing, what] = DOING[stage];
    progress.show(`${doing} ${count(done)} of ${count(total)} ${what}`);
  };
  const until = async <Result>(end: Promise<Result>) => end.finally(() => progress.done());
  return {
    ...engine,
    migrate: (options) => until(engine.migrate({ ...options, onProgress })),
    open: (options) => until(engine.open({ ...options, onProgress })),
  };
}
