/**
 * `except asyncio.CancelledError:` → `except anyio.get_cancelled_exc_class():`, in a coroutine that
 * raises it again.
 *
 * On the asyncio backend it is the very same class; the call matters on trio, and needs a running
 * loop (semantics, section 15). What speaks of an asyncio task that was cancelled (`task.cancel()`,
 * then `await task`) stays with that task, and so does the class where it is a value.
 */

import type { Node } from 'web-tree-sitter';
import { catchesCancellation } from '../src/analysis/cancellation.ts';
import type { PythonFile } from '../src/analysis/file.ts';
import {
  awaitsIn,
  endsInRaise,
  type Handler,
  handlerOf,
  raisesAgain,
} from '../src/analysis/handlers.ts';
import { importedPath } from '../src/analysis/import-path.ts';
import { runsInLoop } from '../src/analysis/running.ts';
import {
  argumentsOf,
  codeChildren,
  FUNCTIONS,
  lastName,
  same,
  withParens,
} from '../src/syntax/nodes.ts';
import { usesTask } from '../src/task-values.ts';
import type { JudgeContext, Place, Transform, Use, Verdict } from '../src/transform.ts';
import { anyio, placeOf, refuse } from '../src/verdicts.ts';

export const cancelledError: Transform = {
  id: 'cancelled-error',
  phase: 3,
  names: ['asyncio.CancelledError'],
  summary: 'except asyncio.CancelledError -> except anyio.get_cancelled_exc_class()',
  examples: [
    {
      before:
        'try:\n    await work()\nexcept asyncio.CancelledError:\n    print("stopped")\n    raise',
      after:
        'try:\n    await work()\nexcept anyio.get_cancelled_exc_class():\n    print("stopped")\n    raise',
    },
  ],
  safety:
    'Safe in a coroutine whose handler raises again: on the asyncio backend the call gives ' +
    'asyncio.CancelledError itself. It is made when an exception arrives at the clause, and needs a ' +
    'running loop: a coroutine that is closed after its loop has ended gets NoEventLoopError there, ' +
    'which Python reports and ignores. Where a later clause of the same try would have taken that ' +
    'GeneratorExit, the rewrite is for review. A handler around a task that was cancelled, and the ' +
    'class as a value, stay.',
  diagnostics: [
    {
      code: 'cancelled-swallow',
      title: 'a cancellation is caught and not raised again',
      why:
        'asyncio cancels once, and code that catches it goes on. Under an anyio scope every further ' +
        'await is cancelled again, and trio demands that its Cancelled arrives at the scope. Raise it ' +
        'again; to stop something without an end of its own, cancel a scope around it.',
      instead:
        'try:\n    await work()\nexcept anyio.get_cancelled_exc_class():\n' +
        '    print("stopped")\n    raise\n',
    },
    {
      code: 'cancelled-error-patched-in-tests',
      title: 'a test replaces asyncio.CancelledError for this module',
      why: 'The patch would no longer reach the handler.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    const verdict = judgeUse(use);
    const isMoving = verdict.kind === 'rewrite' || use.role === 'patch-target';
    return (isMoving && judgePatched(use, context)) || verdict;
  },
};

function judgeUse(use: Use): Verdict {
  const { role, node } = use;
  if (role === 'raise') {
    return leave(
      'it is raised by hand, for which anyio has no counterpart: there a scope is cancelled',
    );
  }
  if (role === 'annotation' || role === 'base-class') {
    return leave('the class itself is named, where no loop need be running');
  }
  const suppressed = role === 'argument' ? suppressedBlock(use) : undefined;
  if (role !== 'except' && role !== 'isinstance' && !suppressed) {
    return leave(
      'the class is used as a value; on the asyncio backend it is the one that anyio raises too',
    );
  }
  if (!runsInLoop(use.file, node)) {
    return leave(
      'get_cancelled_exc_class() has to be called inside a running loop, and this is no coroutine',
    );
  }
  if (suppressed) return judgeSuppressed(use, suppressed);
  return role === 'except' ? judgeClause(use) : judgeIsinstance(use);
}

function judgePatched(use: Use, { patches }: JudgeContext): Verdict | undefined {
  const [patch] = use.role === 'patch-target' ? [use] : patches.patchesOf(use.file, use.name);
  if (!patch) return undefined;
  return refuse(
    'cancelled-error-patched-in-tests',
    patch === use
      ? `a test replaces \`${use.name}\` here, and a handler of anyio's would not see it`
      : `a test replaces \`${patch.name}\` for this module, and a handler of anyio's would not see it`,
    'let the test raise asyncio.CancelledError itself, then run again',
    patch === use ? undefined : placeOf(patch),
  );
}

function judgeClause(use: Use): Verdict {
  const handler = handlerAround(use.node);
  const value = handler?.clause.childForFieldName('value');
  if (!handler || !value || !isListed(use.node, value)) {
    return leave('it is not named in the clause itself');
  }
  if (value.descendantsOfType('identifier').some((name) => name?.text === NEW)) {
    return leave('the clause names the class of both libraries');
  }
  const native = ofTask(use.file, handler.tried);
  if (native) return native;
  if (!raisesAgain(handler)) return swallowed();
  const later = laterHandler(handler);
  return rewriteTo(
    use,
    later && {
      note: 'a coroutine that is closed when no loop runs raises NoEventLoopError here, and does not come to the clause below',
      place: use.file.place(later),
    },
  );
}

/** `isinstance(error, asyncio.CancelledError)` in the handler that caught `error`. */
function judgeIsinstance(use: Use): Verdict {
  const { node, file } = use;
  const call = ancestorCall(node);
  const [asked] = call ? argumentsOf(call).positional : [];
  const handler = handlerAround(node);
  const isOwn = asked?.type === 'identifier' && asked.text === handler?.alias;
  if (!call || !handler || !isOwn) {
    return leave('it asks about the outcome of an asyncio task');
  }
  if (!catchesCancellation(handler.clause)) {
    return leave('no cancellation comes to this handler, which catches no BaseException');
  }
  const native = ofTask(file, handler.tried);
  if (native) return native;
  const guarded = withParens(call).parent;
  const branch = guarded?.type === 'if_statement' ? guarded.childForFieldName('consequence') : null;
  if (!raisesAgain(handler) && !(branch && endsInRaise(branch, handler.alias))) {
    return swallowed();
  }
  return rewriteTo(use, {
    note: 'a coroutine that is closed when no loop runs may come here with GeneratorExit, and then raises NoEventLoopError',
    place: file.place(handler.clause),
  });
}

/** `with contextlib.suppress(asyncio.CancelledError): …` never raises it again. */
function judgeSuppressed(use: Use, block: Node): Verdict {
  return ofTask(use.file, block) ?? swallowed();
}

/** The body of the `with contextlib.suppress(…)` that names the use. */
function suppressedBlock({ file, node }: Use): Node | undefined {
  const call = ancestorCall(node);
  const callee = call?.childForFieldName('function');
  const isSuppress =
    callee && (importedPath(file, callee) ?? lastName(callee)) === 'contextlib.suppress';
  const item = isSuppress ? call?.parent : undefined;
  const statement = item?.type === 'with_item' ? item.parent?.parent : undefined;
  return statement?.childForFieldName('body') ?? undefined;
}

/** What an asyncio task brings about stays with the task. */
function ofTask(file: PythonFile, tried: Node): Verdict | undefined {
  if (!awaitsIn(tried)) {
    return leave('nothing is awaited there: it is the error of an asyncio task that is asked for');
  }
  const task = usesTask(file, tried);
  if (!task) return undefined;
  return leave(
    'it speaks of the cancellation of an asyncio task or future that is awaited there; the two move together in phase 5',
  );
}

function swallowed(): Verdict {
  return refuse(
    'cancelled-swallow',
    'the cancellation is caught here and not raised again; under an anyio scope the next await is cancelled again',
    'end the handler in `raise`',
  );
}

const NEW = 'get_cancelled_exc_class';

function rewriteTo(use: Use, doubt?: { note: string; place: Place }): Verdict {
  return {
    kind: 'rewrite',
    safety: doubt ? 'review' : 'safe',
    edits: [{ ...use.span, pieces: [anyio(NEW), '()'] }],
    minAnyio: '4.0.0',
    ...(doubt ? { note: doubt.note, blocker: doubt.place } : {}),
  };
}

function leave(reason: string): Verdict {
  return { kind: 'leave', reason };
}

/** The nearest `except` clause around a node, in the same function. */
function handlerAround(node: Node): Handler | undefined {
  for (let up = node.parent; up && !FUNCTIONS.has(up.type); up = up.parent) {
    if (up.type === 'except_clause') return handlerOf(up);
  }
  return undefined;
}

/** Whether a node is the class of a clause, or one of its tuple. */
function isListed(node: Node, value: Node): boolean {
  const classes = value.type === 'as_pattern' ? codeChildren(value)[0] : value;
  const outer = withParens(node);
  return (
    same(outer, classes) ||
    (outer.parent?.type === 'tuple' && same(withParens(outer.parent), classes))
  );
}

/** A later clause of the same `try` that a GeneratorExit would come to. */
function laterHandler({ clause, statement }: Handler): Node | undefined {
  return codeChildren(statement).find((child) => {
    if (child.type !== 'except_clause' || child.startIndex <= clause.startIndex) return false;
    const value = child.childForFieldName('value');
    const names = value?.descendantsOfType('identifier') ?? [];
    return !value || names.some((name) => name && CLOSING.has(name.text));
  });
}

const CLOSING: ReadonlySet<string> = new Set(['BaseException', 'GeneratorExit']);

/** The call in whose arguments a node stands, alone or in a tuple. */
function ancestorCall(node: Node): Node | undefined {
  let at = withParens(node);
  if (at.parent?.type === 'tuple') at = withParens(at.parent);
  const call = at.parent?.type === 'argument_list' ? at.parent.parent : undefined;
  return call?.type === 'call' ? call : undefined;
}
