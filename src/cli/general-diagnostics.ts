/** The diagnostics that belong to no single transform: `judge.ts` and the edit room give them. */

import { REWRITES_OVERLAP } from '../edit/overlaps.ts';
import { NAME_COLLISION } from '../edit/types.ts';
import type { DiagnosticInfo } from '../transform.ts';

export const GENERAL_DIAGNOSTICS: readonly DiagnosticInfo[] = [
  NAME_COLLISION,
  REWRITES_OVERLAP,
  {
    code: 'name-rebound',
    title: 'the name may not mean asyncio when the code runs',
    why:
      'The name is bound more than once where it is used: by an import in a try and another in ' +
      'the except, by an assignment, by a parameter. Which of them counts is known only when the ' +
      'code runs, and a rewrite would be right for one of them. Give the two different names.',
  },
  {
    code: 'reexported-name',
    title: 'the name comes from asyncio by way of another module',
    why:
      'Another module of the project imports the name from asyncio, and this one takes it from ' +
      'there. A rewrite of one module without the other would give the name two meanings. Import ' +
      'it from asyncio (or from anyio) where it is used.',
  },
  {
    code: 'needs-other-file',
    title: 'the object is used in a file that was not selected',
    why:
      'A lock or an event moves with all its uses or not at all, and one of them is in a file ' +
      'outside of the given paths, or excluded. Run the transform on the whole project.',
  },
  {
    code: 'anyio-too-old',
    title: 'the project allows an anyio that lacks what would be written',
    why:
      'The lowest anyio that the manifest (or --target-anyio) allows does not have the name or the ' +
      'argument that the new code needs. Phase 0 raises the bound: select it as well, or raise it ' +
      'by hand.',
  },
  {
    code: 'used-by-magic',
    title: 'a magic of IPython may use the name',
    why:
      'A line or cell of a notebook that begins with `%` or `%%` names it, and what the magic does ' +
      'with its words is not known: it may run them as Python. `%time` and `%timeit` before a ' +
      'statement, and `%%time`, `%%timeit`, `%%capture` and `%%prun` above a cell are understood.',
  },
  {
    code: 'ignored',
    title: 'an ignore comment says to leave it',
    why:
      'A comment `# anyio-codemod: ignore` or `ignore[lock]` stands on the line of the use (for a ' +
      'call of several lines: on its first or last), or `ignore-file` above the first statement of ' +
      'the file. Of an object that moves with all its uses, one ignored use keeps the others, in ' +
      'other files too; each of them points at it. What stands behind the brackets is the reason, ' +
      'and is shown. Take the comment away, and the use is judged like any other.',
  },
  {
    code: 'left-out',
    title: 'somebody decided to leave it as it is',
    why:
      'An entry of `leave-out` in the configuration names the place, or the answer in a review was ' +
      'no: for this use, or for another one of the same object, which moves with all its uses or ' +
      'not at all. `verify` writes such entries for rewrites that broke a test. Take the entry out ' +
      'of pyproject.toml, or review again, and the use is judged like any other.',
  },
  {
    code: 'validation-failed',
    title: 'the new text of the file did not pass our checks',
    why:
      'The new text parses worse than the old one, or uses a name that it does not import. That ' +
      'is a bug of anyio-codemod; the file is left as it is. Please report it.',
  },
];
