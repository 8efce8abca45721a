/** Colour, and when there is any. */

import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];
type Paint = (text: string) => string;

/** The few looks that the reports use; each is the identity where there is no colour. */
export interface Style {
  heading: Paint;
  code: Paint;
  faint: Paint;
  /** What is done already. */
  done: Paint;
  good: Paint;
  warn: Paint;
  bad: Paint;
  hunk: Paint;
}

/** What decides about colour, of a stream such as `process.stdout`. */
export interface ColourTarget {
  isTTY?: boolean;
}

/**
 * Whether to write colour to `stream`: FORCE_COLOR decides when it is set (`0` and `false` mean
 * no), then a NO_COLOR that is not empty and TERM=dumb mean no, then it is a matter of the stream
 * being a terminal. The order is that of https://nodejs.org/api/tty.html (getColorDepth).
 */
export function wantsColour(stream: ColourTarget, env: NodeJS.ProcessEnv): boolean {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env.NO_COLOR) return false;
  if (env.TERM === 'dumb') return false;
  return stream.isTTY === true;
}

/**
 * Whether text beyond ASCII can be read there: as the locale says, by the order of POSIX, and on a
 * Windows terminal always.
 */
export function takesUnicode(
  stream: ColourTarget,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (platform === 'win32') return stream.isTTY === true;
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value);
  return /utf-?8/i.test(locale ?? '');
}

/** The looks for `stream`. */
export function styleFor(stream: ColourTarget, env: NodeJS.ProcessEnv): Style {
  return wantsColour(stream, env) ? COLOURED : PLAIN;
}

/** Newer Nodes ask the terminal themselves, which we have done; Node 20 ignores the option. */
const force = styleText as (
  format: Format,
  text: string,
  options: { validateStream: boolean },
) => string;

function paint(format: Format): Paint {
  return (text) => force(format, text, { validateStream: false });
}

const COLOURED: Style = {
  heading: paint('bold'),
  code: paint('cyan'),
  faint: paint('dim'),
  done: paint('blue'),
  good: paint('green'),
  warn: paint('yellow'),
  bad: paint('red'),
  hunk: paint('cyan'),
};

const plain: Paint = (text) => text;

/** No colour. */
export const PLAIN: Style = {
  heading: plain,
  code: plain,
  faint: plain,
  done: plain,
  good: plain,
  warn: plain,
  bad: plain,
  hunk: plain,
};
