/**
 * `asyncio.TimeoutError` → `TimeoutError`: the same class since Python 3.11.
 *
 * Where the project still allows 3.10, asyncio's class is another one, so a handler keeps both; in
 * other places nothing says which of the two is meant, and the name stays (semantics, sections 7 and
 * 15). A project that names no Python is taken for one of today: 3.10 is past its end of life.
 */

import type { Node } from 'web-tree-sitter';
import { cancellationFacts, functionsRunIn } from '../src/analysis/cancellation.ts';
import type { PythonFile } from '../src/analysis/file.ts';
import { judgePatch } from '../src/patching.ts';
import { ancestor, codeChildren, lastName, withParens } from '../src/syntax/nodes.ts';
import type { Edit, JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';
import { lowerVersion, placeOf, refuse, replace } from '../src/verdicts.ts';

export const timeoutError: Transform = {
  id: 'timeout-error',
  phase: 3,
  names: ['asyncio.TimeoutError'],
  summary: 'asyncio.TimeoutError -> TimeoutError',
  examples: [
    { before: 'except asyncio.TimeoutError:', after: 'except TimeoutError:' },
    {
      before: 'except (asyncio.TimeoutError, OSError) as error:',
      after: 'except (TimeoutError, OSError) as error:',
    },
  ],
  safety:
    'Safe: since Python 3.11 both names mean one class. Where the project allows Python 3.10, a ' +
    'handler catches both classes, `(asyncio.TimeoutError, TimeoutError)`, since what raises it ' +
    'may move before or after the handler does; so do isinstance, suppress and pytest.raises. A ' +
    'handler over nothing but waits that become blocks in the same run names the builtin alone, ' +
    'for review like they.',
  diagnostics: [
    {
      code: 'timeout-error-310',
      title: 'the project allows Python 3.10, where there are two classes',
      why:
        'There asyncio raises asyncio.TimeoutError and anyio the builtin TimeoutError, and neither ' +
        'derives from the other. In a handler, an isinstance, suppress or pytest.raises both can be ' +
        'named; a raise or a class handed to a function has to mean one. Require Python 3.11, or ' +
        'decide by hand.',
    },
    {
      code: 'timeout-error-shadowed',
      title: 'the builtin name means something else there',
      why:
        'TimeoutError is bound in the file (an import of another library, a class of its own), so ' +
        'the builtin cannot be named. Rename the other one, or import the builtin from builtins.',
    },
    {
      code: 'timeout-error-patched-in-tests',
      title: 'a test replaces asyncio.TimeoutError for this module',
      why: 'The patch would no longer reach the name.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    const patched = judgePatch(use, context, 'timeout-error');
    if (patched) {
      return use.role === 'patch-target'
        ? refuse(
            'timeout-error-patched-in-tests',
            'a test replaces asyncio.TimeoutError here, and a builtin is not replaced for one module',
            'raise the builtin TimeoutError in the test instead',
          )
        : patched;
    }
    const taken = takenAway(use, context);
    if (taken) return taken;
    const shadow = otherMeaning(use);
    if (shadow) {
      return refuse(
        'timeout-error-shadowed',
        '`TimeoutError` means something else here, so the builtin cannot be named',
        'give the other one another name, then run again',
        use.file.place(shadow),
      );
    }
    const { python } = context.target;
    const isOld = python !== undefined && lowerVersion(python, '3.11');
    if (!isOld) return { ...rewriteTo(plainEdits(use)), ...sameName(use) };
    return withItsWaits(use, context) ?? forOldPython(use, python);
  },
};

/** A handler that goes with its wait_for, which becomes move_on_after: nothing is left to rewrite. */
function takenAway(use: Use, context: JudgeContext): Verdict | undefined {
  if (context.idiom !== 'move-on-after') return undefined;
  const { start, end } = use.span;
  for (const other of use.file.uses) {
    if (other.name !== 'asyncio.wait_for' || other.role !== 'call') continue;
    if (Math.abs(other.node.startPosition.row - use.node.startPosition.row) > NEAR) continue;
    const verdict = context.verdictOn?.(other);
    if (verdict?.kind !== 'rewrite') continue;
    if (!verdict.edits.some((edit) => !edit.lines && edit.start <= start && edit.end >= end))
      continue;
    const note = 'the handler goes with its wait_for, which becomes move_on_after';
    return { ...verdict, edits: [], note, blocker: placeOf(other), follows: [other] };
  }
  return undefined;
}

/** A handler stands this many lines from its wait_for, at most: a call seldom has more. */
const NEAR = 30;

/** What binds `TimeoutError` where the use stands, but for the very import of asyncio's. */
function otherMeaning({ file, binding, span }: Use): Node | undefined {
  const scope = file.scopes.ranges.at(span.start) ?? file.scopes.module;
  const owner = scope.lookup('TimeoutError');
  const sites = owner?.bindings.get('TimeoutError') ?? [];
  const own = new Set((binding?.imports ?? []).map((site) => site.node.id));
  return sites.find((site) => !own.has(site.node.id))?.node;
}

/** Under one name the class is asyncio's or the builtin, for the whole file. */
function sameName({ file, binding }: Use): { together?: readonly Use[] } {
  if (binding?.local !== 'TimeoutError') return {};
  return { together: file.uses.filter((use) => use.binding === binding && use.role !== 'import') };
}

function rewriteTo(edits: Edit[]): Rewriting {
  return { kind: 'rewrite', safety: 'safe', edits, minAnyio: '4.0.0' };
}

type Rewriting = Verdict & { kind: 'rewrite' };

/** The builtin, or nothing at all where it stands in the same tuple already. */
function plainEdits(use: Use): Edit[] {
  const list = caughtList(use);
  const others = list ? codeChildren(list).filter((part) => part.id !== use.node.id) : [];
  if (list?.type === 'tuple' && others.some(isBuiltin)) return withoutItem(list, use.node);
  return [replace(use.span.start, use.span.end, 'TimeoutError')];
}

/**
 * On an old Python, a handler over nothing but waits that become blocks in this run: what it catches is
 * the builtin then, and it moves with them.
 */
function withItsWaits(use: Use, { definitions, verdictOn }: JudgeContext): Verdict | undefined {
  const { file } = use;
  const body = use.role === 'except' ? triedBody(use.node) : undefined;
  if (!body) return undefined;
  const facts = cancellationFacts(file, body, definitions);
  const inside = usesIn(file, body);
  const called = functionsRunIn(file, body, definitions).flatMap((each) =>
    usesIn(each.file, each.node),
  );
  const waits = inside.filter(({ name }) => TIMED.has(name));
  const others = [...inside.filter((each) => !waits.includes(each)), ...called];
  const isFollowed = facts.every(({ kind }) => kind !== 'unknown-call');
  if (waits.length === 0 || !isFollowed || !others.every(({ name }) => QUIET.has(name))) {
    return undefined;
  }
  if (!waits.every((wait) => verdictOn?.(wait)?.kind === 'rewrite')) return undefined;
  return {
    kind: 'rewrite',
    safety: 'review',
    edits: plainEdits(use),
    minAnyio: '4.0.0',
    note: 'all that it can catch here becomes a block, which raises the builtin on Python 3.10 too',
    follows: waits,
  };
}

/** What raises asyncio's own class, and becomes a block. */
const TIMED: ReadonlySet<string> = new Set(['asyncio.wait_for', 'asyncio.timeout']);
/** Names that raise no TimeoutError. */
const QUIET: ReadonlySet<string> = new Set(
  'sleep Lock Event Condition Semaphore BoundedSemaphore CancelledError get_running_loop current_task'
    .split(' ')
    .map((name) => `asyncio.${name}`),
);

function usesIn({ uses }: PythonFile, { startIndex, endIndex }: Node): Use[] {
  return uses.filter(({ span }) => span.start >= startIndex && span.end <= endIndex);
}

/** The body of the `try` whose handler holds a node. */
function triedBody(node: Node): Node | undefined {
  const clause = ancestor(node, new Set(['except_clause']));
  return clause?.parent?.childForFieldName('body') ?? undefined;
}

/** Where classes are caught or tested for, both are named; elsewhere one class has to be meant. */
function forOldPython(use: Use, python: string): Verdict {
  const list = caughtList(use);
  const isOneName = use.file.text.slice(use.span.start, use.span.end) === 'TimeoutError';
  if (isOneName || (!list && !isTestedAlone(use))) {
    return refuse(
      'timeout-error-310',
      `the project allows Python ${python}, where asyncio.TimeoutError and TimeoutError are two classes`,
      isOneName
        ? 'require Python 3.11, or write it as asyncio.TimeoutError, so that both can be named'
        : 'require Python 3.11, or decide which of the two is meant',
    );
  }
  if (list && codeChildren(list).some(isBuiltin)) {
    return { kind: 'leave', reason: 'both classes are named there already' };
  }
  const { start, end } = use.span;
  return rewriteTo(
    list
      ? [replace(end, end, ', TimeoutError')]
      : [replace(start, start, '('), replace(end, end, ', TimeoutError)')],
  );
}

/** Calls whose arguments are classes to catch. */
const SUPPRESSING: ReadonlySet<string> = new Set(['suppress']);
/** Calls that take a class to catch or to test for, or a tuple of classes. */
const TESTING: ReadonlySet<string> = new Set([
  'isinstance',
  'issubclass',
  'raises',
  'assertRaises',
  'assertRaisesRegex',
]);

/** The tuple, or the arguments of `suppress`, that hold the use among the classes to catch. */
function caughtList({ role, node }: Use): Node | undefined {
  const list = withParens(node).parent;
  if (list?.type === 'argument_list') return isCallOf(list, SUPPRESSING) ? list : undefined;
  if (list?.type !== 'tuple') return undefined;
  return role === 'except' || isCallOf(withParens(list).parent, TESTING) ? list : undefined;
}

/** `except asyncio.TimeoutError`, `pytest.raises(asyncio.TimeoutError)`. */
function isTestedAlone({ role, node }: Use): boolean {
  return role === 'except' || isCallOf(withParens(node).parent, TESTING);
}

function isCallOf(list: Node | null, names: ReadonlySet<string>): boolean {
  const call = list?.type === 'argument_list' ? list.parent : null;
  return call?.type === 'call' && names.has(lastName(call.childForFieldName('function')) ?? '');
}

function isBuiltin(node: Node): boolean {
  return node.type === 'identifier' && node.text === 'TimeoutError';
}

/** Takes an item out of a tuple; one item that is left loses the parentheses with its comma. */
function withoutItem(tuple: Node, item: Node): Edit[] {
  const items = codeChildren(tuple);
  const at = items.findIndex((part) => part.id === item.id);
  const [before, after] = [items[at - 1], items[at + 1]];
  if (items.length === 2 && !tuple.descendantsOfType('comment').length) {
    const kept = before ?? after;
    if (kept) {
      return [
        replace(tuple.startIndex, kept.startIndex, ''),
        replace(kept.endIndex, tuple.endIndex, ''),
      ];
    }
  }
  if (after) return [replace(item.startIndex, after.startIndex, '')];
  return before ? [replace(before.endIndex, item.endIndex, '')] : [];
}
