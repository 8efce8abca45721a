/**
 * What an ignore comment says: `# anyio-codemod: ignore`, `# anyio-codemod: ignore[lock, sleep] why`
 * and `# anyio-codemod: ignore-file`. It may stand beside other comments: `# noqa  # anyio-codemod: …`.
 */

import { didYouMean } from './usage.ts';

export interface Directive {
  kind: Kind;
  /** What stands in the brackets; undefined when there are none, which means all. */
  names: readonly string[] | undefined;
  reason?: string;
}

/** A directive, or what is wrong with it: a sentence without a full stop. */
export type Parsed = Directive | { fault: string };

type Kind = (typeof KINDS)[number];

const KINDS = ['ignore', 'ignore-file'] as const;

/** Where a directive begins; prose that only names the tool has no colon. */
const START = /#\s*anyio-codemod\s*(:?)\s*/gi;

/** Whether a text may hold a directive. */
export function mayHoldDirective(text: string): boolean {
  return /#\s*anyio-codemod\b/i.test(text);
}

/** @param comment with its `#` */
export function directivesIn(comment: string): Parsed[] {
  const starts = [...comment.matchAll(START)];
  return starts.flatMap((start, index) => {
    const end = starts[index + 1]?.index ?? comment.length;
    return parse(start[1] === ':', comment.slice(start.index + start[0].length, end));
  });
}

function parse(hasColon: boolean, text: string): Parsed[] {
  const [word = ''] = /^[\w-]*/.exec(text) ?? [];
  const kind = KINDS.find((each) => each === word.toLowerCase());
  if (!hasColon) {
    return kind ? [{ fault: `a colon is missing: \`# anyio-codemod: ${kind}\`` }] : [];
  }
  if (!kind) {
    return [{ fault: `'${word}' is neither ignore nor ignore-file${didYouMean(word, KINDS)}` }];
  }
  const rest = text.slice(word.length);
  const [brackets = '', inner, close] = /^\s*\[([^\]#]*)(\]?)/.exec(rest) ?? [];
  const names = inner?.split(/[\s,]+/).filter((name) => name !== '');
  if (close === '') return [{ fault: `the bracket of \`${kind}\` is not closed` }];
  if (names?.length === 0) return [{ fault: `the brackets of \`${kind}\` are empty` }];
  const reason = reasonIn(rest.slice(brackets.length));
  return [reason === '' ? { kind, names } : { kind, names, reason }];
}

/** Up to the next comment of the line; `#12` is the number of an issue. */
function reasonIn(text: string): string {
  const [reason = ''] = text.split(/(?:^|\s)#(?!\d)/);
  return reason.replace(/^[\s:–—-]+/, '').trim();
}
