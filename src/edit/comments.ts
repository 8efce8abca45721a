/** Comments on import lines that go: where they are kept. */

import { type ImportStatement, trailing } from './import-statement.ts';
import type { TextLines } from './lines.ts';

/** Comments for a tool, not for a reader: they mean nothing on another line. */
const PRAGMA =
  /^#\s*(?:noqa|type:|pylint:|pyright:|mypy:|ruff:|isort:|fmt:|nosec|pragma|nopycln|anyio-codemod:)/i;

/** Comments of one statement. */
export interface Comments {
  /** Behind the statement, with the space before it: `  # event loop`. */
  trailing: string;
  /** Between its parentheses. */
  inner: string[];
}

export function commentsOf(lines: TextLines, statement: ImportStatement): Comments {
  const behind = trailing(lines, statement.node);
  return {
    trailing: behind.includes('#') ? behind.trimEnd() : '',
    inner: statement.comments.map((comment) => comment.text),
  };
}

/** All comments in one, for a line that had none: `  # loop  # noqa`. Empty when there is none. */
export function joinComments({ trailing, inner }: Comments): string {
  return inner.map((comment) => `  ${comment}`).join('') + trailing;
}

/** The comments that speak to a reader. */
export function withoutPragmas({ trailing, inner }: Comments): Comments {
  return {
    trailing: PRAGMA.test(trailing.trim()) ? '' : trailing,
    inner: inner.filter((comment) => !PRAGMA.test(comment)),
  };
}
