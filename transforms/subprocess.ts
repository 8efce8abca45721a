/**
 * `process = await asyncio.create_subprocess_exec(…)` → `process = await anyio.open_process([…])`, and
 * `anyio.run_process` where communicate() follows.
 *
 * On asyncio, anyio's process is asyncio's with a cover: the same errors, exit codes and signals.
 * What is done with it is followed as far as a local variable goes. asyncio leaves stdin, stdout and
 * stderr as they are where nothing is said, anyio makes pipes: so None is written out (semantics,
 * section 17). The constants of asyncio.subprocess are those of subprocess, and go with their call.
 */

import {
  CREATORS,
  type Creation,
  creationOf,
  isRefused,
  type Refused,
} from '../src/subprocesses/creation.ts';
import { type Plan, planAtOnce, planOf } from '../src/subprocesses/plan.ts';
import { ancestor, withParens } from '../src/syntax/nodes.ts';
import type { Edit, JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';
import { placeOf, refusePatched, shortName } from '../src/verdicts.ts';

const CONSTANTS: ReadonlySet<string> = new Set(
  ['PIPE', 'DEVNULL', 'STDOUT'].map((name) => `asyncio.subprocess.${name}`),
);

export const subprocess: Transform = {
  id: 'subprocess',
  phase: 3,
  names: [...CREATORS, ...CONSTANTS, 'asyncio.subprocess', 'asyncio.subprocess.Process'],
  summary: 'asyncio.create_subprocess_exec(a, b) -> anyio.open_process([a, b]), anyio.run_process',
  examples: [
    {
      before:
        'process = await asyncio.create_subprocess_exec("make", "-j4")\ncode = await process.wait()',
      after:
        'process = await anyio.open_process(\n    ["make", "-j4"], stdin=None, stdout=None, stderr=None\n)\ncode = await process.wait()',
    },
    {
      before:
        'process = await asyncio.create_subprocess_exec(\n    *command,\n    stdout=asyncio.subprocess.PIPE,\n)\nout, err = await process.communicate()',
      after:
        'process = await anyio.run_process(\n    [*command],\n    stdout=subprocess.PIPE,\n    stderr=None,\n    check=False,\n)\nout, err = process.stdout, process.stderr',
      review: true,
    },
    {
      before:
        'process = await asyncio.create_subprocess_exec(\n    "make",\n    stdin=asyncio.subprocess.DEVNULL,\n    stdout=asyncio.subprocess.PIPE,\n    stderr=asyncio.subprocess.STDOUT,\n)\nlog = await process.stdout.read()\ncode = await process.wait()',
      after:
        'process = await anyio.open_process(\n    ["make"],\n    stdin=subprocess.DEVNULL,\n    stdout=subprocess.PIPE,\n    stderr=subprocess.STDOUT,\n)\nlog = b"".join([chunk async for chunk in process.stdout])\ncode = await process.wait()',
      review: true,
    },
  ],
  safety:
    'Safe where the process is only started, waited for, signalled and asked for its exit code, or ' +
    'read to its end: on asyncio it is the same process below. (On trio, a signal to a process that ' +
    'has ended raises nothing.) For review where wait() meets pipes, since anyio does not wait for ' +
    'these; where stdin is written to, since its errors are others; and where communicate() becomes ' +
    'run_process, which kills the process when it is cancelled.',
  diagnostics: [
    {
      code: 'subprocess-communicate',
      title: 'communicate() is more than the next thing that is awaited',
      why:
        "anyio's process has no communicate(); run_process starts a process and waits for its end " +
        'in one. With a timeout or a kill() around communicate() the two differ: asyncio leaves the ' +
        'process running, and run_process kills it and waits.',
      instead:
        'try:\n    with anyio.fail_after(timeout):\n        result = await anyio.run_process(command, check=False)\n' +
        'except TimeoutError:\n    return None  # it has been killed\nreturn result.stdout\n',
    },
    {
      code: 'subprocess-stream-api',
      title: 'the streams of the process are read by lines, or used as only asyncio has them',
      why:
        'anyio has byte streams: receive() gives a piece, of any length, and raises EndOfStream at ' +
        'the end; send() writes and waits. `async for` over one gives pieces, not lines. Wrap the ' +
        'stream.',
      instead:
        'lines = BufferedByteReceiveStream(process.stdout)\nwhile True:\n    try:\n' +
        '        line = await lines.receive_until(b"\\n", 65536)\n    except anyio.IncompleteRead:\n        break\n' +
        '    print(line.decode())\n',
    },
    {
      code: 'subprocess-escapes',
      title: 'the process leaves the function that makes it, or its variable',
      why:
        'It is returned, kept in an attribute or handed to a function, and whoever gets it may use ' +
        'what only asyncio has: communicate(), readline(), drain().',
    },
    {
      code: 'subprocess-arguments',
      title: 'arguments that anyio does not take',
      why:
        'open_process has cwd, env, start_new_session, and from 4.5 on startupinfo, creationflags, ' +
        'pass_fds, user, group, extra_groups and umask. limit belongs to StreamReader; executable, ' +
        'preexec_fn and the like have no counterpart.',
    },
    {
      code: 'subprocess-shape',
      title: 'the process is not given a name by a plain assignment',
      why: 'What is done with the process can be followed only through a local variable.',
    },
    {
      code: 'subprocess-value-use',
      title: 'the function itself is used as a value',
      why: 'Whoever gets it calls it with the arguments of asyncio.',
    },
    {
      code: 'subprocess-patched-in-tests',
      title: 'a test replaces the function for this module',
      why:
        'The stand-in is called with other arguments and gives a process with communicate(). Let ' +
        'the test run a real program, or replace the function around the call.',
    },
  ],

  judge(use: Use, context: JudgeContext): Verdict {
    if (CREATORS.has(use.name)) return judgeCreator(use, context);
    if (CONSTANTS.has(use.name)) return judgeConstant(use, context);
    if (shortName(use) === 'Process') return judgeType(use, context);
    return { kind: 'leave', reason: 'the module goes when nothing is taken from it any more' };
  },
};

type Rewriting = Verdict & { kind: 'rewrite' };

function judgeCreator(use: Use, context: JudgeContext): Verdict {
  if (use.role === 'patch-target') {
    return refusePatched(use, context, 'subprocess') ?? STAYS;
  }
  const plan = planAtOnce(use, context) ?? planOfUse(use, context);
  if (isRefused(plan)) return plan;
  const own = plan.calls.find((call) => call.use === use);
  return rewrite(plan, own?.edits ?? []);
}

function planOfUse(use: Use, context: JudgeContext): Plan | Refused {
  const creation = creationOf(use);
  return isRefused(creation) ? creation : planOf(creation, context);
}

function rewrite({ calls, notes, minAnyio }: Plan, edits: Edit[]): Rewriting {
  const safety = notes.length > 0 ? 'review' : 'safe';
  return {
    kind: 'rewrite',
    safety,
    edits,
    minAnyio,
    ...(calls.length > 1 ? { together: calls.map((call) => call.use) } : {}),
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  };
}

const STAYS: Verdict = {
  kind: 'leave',
  reason: 'it belongs to a process that stays with asyncio',
};

/** The constants are those of the standard library's module: they go where their process goes. */
function judgeConstant(use: Use, context: JudgeContext): Verdict {
  if (use.role === 'patch-target') return STAYS;
  const creators = use.file.uses.filter(
    ({ name, role }) => CREATORS.has(name) && role !== 'import' && role !== 'patch-target',
  );
  const around = creators.find((creator) => holds(creator, use));
  const verdicts = (around ? [around] : creators).map((each) => judgeCreator(each, context));
  const doubt = verdicts.find(
    (verdict) => verdict.kind === 'rewrite' && verdict.safety === 'review',
  );
  const verdict = doubt ?? verdicts[0];
  if (verdict?.kind !== 'rewrite' || !verdicts.every(({ kind }) => kind === 'rewrite'))
    return STAYS;
  const { start, end } = use.span;
  if (around && verdict.edits.some((edit) => edit.start <= start && end <= edit.end)) {
    return { ...verdict, edits: [], follows: [around], blocker: placeOf(around) };
  }
  if (meansOther(use)) {
    return {
      kind: 'leave',
      reason: '`subprocess` means something else here; the constants are the same in both modules',
    };
  }
  const pieces = [{ module: 'subprocess', name: shortName(use) }];
  const follows = around ? [around] : creators;
  return { ...verdict, edits: [{ start, end, pieces }], follows };
}

/** Whether a use stands among the arguments of the call of another. */
function holds(creator: Use, { span }: Use): boolean {
  const call = withParens(creator.node).parent;
  return call?.type === 'call' && call.startIndex <= span.start && span.end <= call.endIndex;
}

/** Whether the file calls something else `subprocess`, such as asyncio's own module. */
function meansOther({ file, span }: Use): boolean {
  const scope = file.scopes.ranges.at(span.start) ?? file.scopes.module;
  const sites = scope.lookup('subprocess')?.bindings.get('subprocess') ?? [];
  return sites.some(({ imported }) => imported?.target !== 'subprocess');
}

/** `process: asyncio.subprocess.Process`, as the annotation of a variable that moves. */
function judgeType(use: Use, context: JudgeContext): Verdict {
  const plan = use.role === 'annotation' ? planOfAnnotation(use, context) : undefined;
  if (!plan) return STAYS;
  const pieces = plan.isRun
    ? [{ module: 'subprocess', name: 'CompletedProcess' }, '[bytes]']
    : [{ module: 'anyio.abc', name: 'Process' }];
  const follows = plan.calls.map((call) => call.use);
  return { ...rewrite(plan, [{ ...use.span, pieces }]), together: undefined, follows };
}

const ASSIGNMENTS: ReadonlySet<string> = new Set(['assignment']);

function planOfAnnotation(use: Use, context: JudgeContext): Plan | undefined {
  const assignment = ancestor(use.node, ASSIGNMENTS);
  const target = assignment?.childForFieldName('left');
  const type = assignment?.childForFieldName('type');
  const isType = type && type.startIndex <= use.span.start && use.span.end <= type.endIndex;
  if (!target || !isType) return undefined;
  const scope = use.file.scopeAt(target).lookup(target.text);
  const creations = use.file.uses
    .filter(({ name }) => CREATORS.has(name))
    .map(creationOf)
    .filter((found): found is Creation => !isRefused(found));
  const mine = creations.find(
    (creation) =>
      creation.target.text === target.text &&
      use.file.scopeAt(creation.target).lookup(target.text) === scope,
  );
  const plan = mine && planOf(mine, context);
  return plan && !isRefused(plan) ? plan : undefined;
}
