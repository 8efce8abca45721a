/**
 * `asyncio.iscoroutinefunction(f)` → `inspect.iscoroutinefunction(f)`: what asyncio itself asks, and
 * names since Python 3.14, where its own is deprecated (semantics, section 15).
 *
 * asyncio also says True of what bears the mark `_is_coroutine`: a function that a library marked by
 * hand, a mock that create_autospec made of an `async def` (before Python 3.13), a generator under
 * `@asyncio.coroutine` (before Python 3.11). A project that shows one of these is told so.
 */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../src/analysis/file.ts';
import { importedPath } from '../src/analysis/import-path.ts';
import { stripParens, withParens } from '../src/syntax/nodes.ts';
import type { JudgeContext, Place, Role, Transform, Use, Verdict } from '../src/transform.ts';
import { lowerVersion, placeOf, refuse } from '../src/verdicts.ts';

export const iscoroutinefunction: Transform = {
  id: 'iscoroutinefunction',
  phase: 3,
  names: ['asyncio.iscoroutinefunction'],
  summary: 'asyncio.iscoroutinefunction(f) -> inspect.iscoroutinefunction(f)',
  examples: [
    {
      before: 'if asyncio.iscoroutinefunction(handler):',
      after: 'if inspect.iscoroutinefunction(handler):',
    },
  ],
  safety:
    'Safe: both say the same of functions, methods, partial objects, AsyncMock and everything else ' +
    'that does not bear the mark `_is_coroutine`, which asyncio alone looks at. For review when the ' +
    'project sets that mark, makes mocks by autospec and allows a Python before 3.13, or has a ' +
    'generator under @asyncio.coroutine.',
  diagnostics: [
    {
      code: 'iscoroutinefunction-value-use',
      title: 'the function is reached in a way that cannot be renamed',
      why: 'It is asked for by its name as a string, or as a part of something else.',
    },
    {
      code: 'iscoroutinefunction-patched-in-tests',
      title: 'a test replaces asyncio.iscoroutinefunction for this module',
      why: "The patch would no longer intercept the call, which then is that of the module inspect, and the whole program's.",
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    const patched = judgePatched(use, context);
    if (patched) return patched;
    if (!RENAMED.has(use.role)) {
      return refuse(
        'iscoroutinefunction-value-use',
        'the function is not named here in a way that can be replaced',
        'use inspect.iscoroutinefunction by hand',
      );
    }
    if (isSecondQuestion(use)) {
      return {
        kind: 'leave',
        reason:
          'it is asked beside that of inspect, for what asyncio alone takes for a coroutine function',
      };
    }
    const doubt = markedBy(context);
    return {
      kind: 'rewrite',
      safety: doubt ? 'review' : 'safe',
      edits: [{ ...use.span, pieces: [{ module: 'inspect', name: 'iscoroutinefunction' }] }],
      minAnyio: '4.0.0',
      ...(doubt ? { note: doubt.note, blocker: doubt.place } : {}),
    };
  },
};

/** It takes one argument and gives a bool, as the other does: a value is as good as a call. */
const RENAMED: ReadonlySet<Role> = new Set<Role>([
  'call',
  'argument',
  'partial',
  'reference',
  'default-factory',
]);

function judgePatched(use: Use, { patches }: JudgeContext): Verdict | undefined {
  const [patch] = use.role === 'patch-target' ? [use] : patches.patchesOf(use.file, use.name);
  if (!patch) return undefined;
  return refuse(
    'iscoroutinefunction-patched-in-tests',
    patch === use
      ? `a test replaces \`${use.name}\` here, and the code it aims at keeps it`
      : `a test replaces \`${patch.name}\` for this module; that of inspect would not be replaced`,
    'give the test a function of the kind that it needs, instead of the patch',
    patch === use ? undefined : placeOf(patch),
  );
}

/** `inspect.iscoroutinefunction(f) or asyncio.iscoroutinefunction(f)`, about the same object. */
function isSecondQuestion({ file, node }: Use): boolean {
  const own = withParens(node).parent;
  const asked = (call: Node | null | undefined) => call?.childForFieldName('arguments')?.text;
  let outer = withParens(node);
  while (outer.parent && PARTS.has(outer.parent.type)) outer = outer.parent;
  return outer.descendantsOfType('call').some((call) => {
    const callee = call?.childForFieldName('function');
    const isInspects =
      callee && importedPath(file, stripParens(callee)) === 'inspect.iscoroutinefunction';
    return isInspects && asked(call) === asked(own);
  });
}

/** What a question is part of: `a(f) or (version < (3, 14) and b(f))`. */
const PARTS: ReadonlySet<string> = new Set([
  'call',
  'boolean_operator',
  'not_operator',
  'parenthesized_expression',
]);

/** What the project shows of functions that asyncio alone takes for coroutine functions. */
function markedBy({
  definitions: { project },
  target: { python },
}: JudgeContext): { note: string; place: Place } | undefined {
  const allows = (version: string) => python === undefined || lowerVersion(python, version);
  const [marking] = project.filesMentioning('_is_coroutine');
  if (marking) {
    const note =
      'the project marks functions by `_is_coroutine`, which inspect does not look at: use inspect.markcoroutinefunction';
    return { note, place: placeIn(marking, '_is_coroutine') };
  }
  const [mocking] = allows('3.13') ? project.filesMentioning('autospec', 'create_autospec') : [];
  if (mocking) {
    const note =
      'before Python 3.13, inspect does not take what create_autospec makes of an `async def` for a coroutine function, and asyncio does';
    return { note, place: placeIn(mocking, 'autospec') };
  }
  if (python === undefined || !lowerVersion(python, '3.11')) return undefined;
  const generator = project
    .filesMentioning('.coroutine')
    .flatMap(({ uses }) => uses)
    .find(({ name }) => name === 'asyncio.coroutine');
  const note =
    'inspect does not take a generator under @asyncio.coroutine for a coroutine function';
  return generator && { note, place: placeOf(generator) };
}

/** The first place of a word in a file that holds it. */
function placeIn(file: PythonFile, word: string): Place {
  return { file: file.path, ...file.lines.at(Math.max(0, file.text.indexOf(word))) };
}
