/**
 * `@pytest.mark.asyncio` → `@pytest.mark.anyio`: tests run by anyio's own pytest plugin, on asyncio
 * first, in place of pytest-asyncio.
 *
 * Tests and the async fixtures that they get share an event loop, so they move together
 * (`src/test-groups.ts`). Safe where nothing can run outside of the test itself: anyio's plugin
 * also fails a test for an exception that a background task lost, so a project that makes such
 * tasks is for review. What was found by running both plugins is in semantics.md, section 17, and
 * in the fixtures of this transform.
 */

import type { TestFixture } from '../src/analysis/test-functions.ts';
import { TEST_NAMES } from '../src/analysis/test-uses.ts';
import { AUTO_SINCE } from '../src/manifest/pytest-settings.ts';
import { argumentsOf, codeChildren } from '../src/syntax/nodes.ts';
import type { TestGroup, TestGroups } from '../src/test-groups.ts';
import type { Edit, JudgeContext, Transform, Use, Verdict } from '../src/transform.ts';
import { placeOf, refuse, replace } from '../src/verdicts.ts';

export const pytest: Transform = {
  id: 'pytest',
  phase: 6,
  names: [...Object.values(TEST_NAMES), 'pytest_asyncio'],
  summary: 'pytest.mark.asyncio -> pytest.mark.anyio, async fixtures, asyncio_mode',
  examples: [
    {
      before: '@pytest.mark.asyncio\nasync def test_ready(): ...',
      after: '@pytest.mark.anyio\nasync def test_ready(): ...',
    },
    {
      before: '@pytest_asyncio.fixture\nasync def database(): ...',
      after: '@pytest.fixture\nasync def database(): ...',
    },
    {
      before: '[tool.pytest.ini_options]\nasyncio_mode = "auto"\n',
      after: '[tool.pytest.ini_options]\nanyio_mode = "auto"\n',
    },
  ],
  safety:
    'A test moves together with the async fixtures that it gets, since they share an event loop; ' +
    'under asyncio_mode = "auto" the whole project moves, or nothing. Where the project says no ' +
    'backend, a fixture `anyio_backend` is added that chooses asyncio (`--test-backends both` adds ' +
    "trio). An async fixture that a sync test gets asks for `anyio_backend`, without which anyio's " +
    'plugin would hand out a coroutine. For review where the project makes background tasks: ' +
    'pytest-asyncio logs an exception that such a task loses, anyio fails the test. ' +
    'pytest-asyncio itself stays among the dependencies: take it out when nothing needs it.',
  diagnostics: [
    {
      code: 'pytest-event-loop',
      title: 'a test or fixture asks for the fixture event_loop',
      why:
        "anyio's plugin has no such fixture, and hands out no loop. The running loop is what the " +
        'test needs in most cases; a project that makes its own (uvloop, a policy) says so in ' +
        'anyio_backend.',
      instead:
        'async def test_later():\n    loop = asyncio.get_running_loop()\n\n\n' +
        '@pytest.fixture(scope="session")\ndef anyio_backend():\n' +
        '    return "asyncio", {"use_uvloop": True}\n',
    },
    {
      code: 'pytest-loop-scope',
      title: 'tests share one event loop (loop_scope, asyncio_default_test_loop_scope)',
      why:
        "anyio's plugin makes a loop when the first async fixture or test needs one and closes it " +
        'when the last of them is done, so nothing says "one loop for this module". Objects that ' +
        'are bound to a loop belong in an async fixture of that scope, which keeps the loop alive.',
    },
    {
      code: 'pytest-mark-on-parameter',
      title: 'the mark stands on a parameter set',
      why:
        "pytest.param(1, marks=pytest.mark.asyncio) marks one run of a test; anyio's plugin looks " +
        'at the marks of the function when it collects it, and the run would fail or be skipped. ' +
        'Mark the function: an async test needs the plugin for every parameter.',
    },
    {
      code: 'pytest-mark-elsewhere',
      title: 'a mark, or a name of pytest_asyncio, is used as a value',
      why:
        'A mark that is handed to add_marker(), kept in a variable or returned by a function may ' +
        'end up on any test below, and so may a decorator made of pytest_asyncio.fixture. Write ' +
        'them where they belong, or move those tests by hand.',
    },
    {
      code: 'pytest-loop-in-sync-fixture',
      title: 'a sync fixture takes the current event loop',
      why:
        'pytest-asyncio makes its loop the current one before fixtures run, so that a sync ' +
        "fixture finds it with asyncio.get_event_loop(). anyio's plugin does not: the call raises " +
        'RuntimeError, or finds a loop that nobody runs. What the fixture calls is not followed.',
      instead:
        '@pytest.fixture\nasync def server():\n    loop = asyncio.get_running_loop()\n    ...\n',
    },
    {
      code: 'pytest-backend-scope',
      title: "an async fixture lasts longer than the project's anyio_backend",
      why:
        'A fixture may only use fixtures that last as long as itself: pytest raises ScopeMismatch. ' +
        'Give anyio_backend the wider scope.',
    },
    {
      code: 'pytest-plugin-fixture',
      title: "a test gets a fixture that stands on pytest-asyncio's loop",
      why:
        'aiohttp_client and its kin come from pytest-aiohttp, which has pytest-asyncio run them. ' +
        "Under anyio's plugin they would run on another loop, or not at all.",
    },
    {
      code: 'pytest-settings',
      title: "pytest's settings stand in the way",
      why:
        'A setting chooses one loop for many tests, gives --asyncio-mode on every command line, ' +
        "turns anyio's plugin off, or cannot be read. It has to change first.",
    },
  ],
  judge,
};

function judge(use: Use, { tests }: JudgeContext): Verdict {
  if (use.name === TEST_NAMES.isolated) return { kind: 'leave', reason: ISOLATED };
  if (!tests) return { kind: 'defer' };
  if (use.name === TEST_NAMES.eventLoop) return refuseLoop();
  const group = tests.of(use);
  if (!group) return { kind: 'leave', reason: 'unittest runs the test on a loop of its own' };
  return refused(use, group) ?? rewritten(use, group, tests);
}

const ISOLATED =
  'unittest runs each test on an event loop of its own, where code on anyio runs as well';

function refuseLoop(): Verdict {
  return refuse(
    'pytest-event-loop',
    "the fixture `event_loop` has no counterpart in anyio's plugin",
    'take the loop by `asyncio.get_running_loop()` inside the test; for a loop of another kind, set backend options in `anyio_backend`',
  );
}

function refused(use: Use, { obstacles }: TestGroup): Verdict | undefined {
  const own = obstacles.find((obstacle) => obstacle.use === use);
  const found = own ?? obstacles[0];
  if (!found) return undefined;
  const place = found.use && found.use !== use ? placeOf(found.use) : undefined;
  const { blocker = place, ...diagnostic } = found.diagnostic;
  return { kind: 'refuse', diagnostic: blocker ? { ...diagnostic, blocker } : diagnostic };
}

function rewritten(use: Use, group: TestGroup, tests: TestGroups): Verdict {
  const fixture = tests.fixture(use);
  const [doubt] = group.doubts;
  return {
    kind: 'rewrite',
    safety: doubt ? 'review' : 'safe',
    edits: fixture
      ? fixtureEdits(use, fixture, tests)
      : use.name === TEST_NAMES.mark
        ? [markEdit(use)]
        : [],
    minAnyio: tests.settings.auto ? AUTO_SINCE : '4.0.0',
    ...(doubt ?? {}),
    family: group.id,
  };
}

/** `asyncio` of `pytest.mark.asyncio`, together with an empty call or one that says the default. */
function markEdit({ node }: Use): Edit {
  const name = node.type === 'attribute' ? (node.childForFieldName('attribute') ?? node) : node;
  const call = node.parent?.type === 'call' ? node.parent : undefined;
  return replace(name.startIndex, call?.endIndex ?? name.endIndex, 'anyio');
}

function fixtureEdits(use: Use, fixture: TestFixture, tests: TestGroups): Edit[] {
  const edits: Edit[] = [];
  if (fixture.maker === 'pytest_asyncio.fixture') {
    edits.push({ ...use.span, pieces: [{ module: 'pytest', name: 'fixture' }] });
  }
  const scope = loopScopeEdit(fixture);
  if (scope) edits.push(scope);
  if (tests.mustAskForBackend(fixture)) edits.push(parameterEdit(fixture));
  return edits;
}

/** `loop_scope="function"`, which says what is so anyway, and pytest's own decorator does not take. */
function loopScopeEdit({ decorator }: TestFixture): Edit | undefined {
  if (decorator.type !== 'call') return undefined;
  const { keywordNodes } = argumentsOf(decorator);
  const found = keywordNodes.find((node) => node.childForFieldName('name')?.text === 'loop_scope');
  const list = decorator.childForFieldName('arguments');
  if (!found || !list) return undefined;
  const all = codeChildren(list);
  const at = all.findIndex((node) => node.id === found.id);
  const [before, after] = [all[at - 1], all[at + 1]];
  if (after) return replace(found.startIndex, after.startIndex, '');
  if (before) return replace(before.endIndex, found.endIndex, '');
  return replace(list.startIndex, list.endIndex, '');
}

/** The parameter `anyio_backend`, behind `self` in a method; annotated where the function is. */
function parameterEdit({ node, owner }: TestFixture): Edit {
  const list = node.childForFieldName('parameters');
  const typed = node.childForFieldName('return_type') !== null;
  const name = typed ? 'anyio_backend: object' : 'anyio_backend';
  const [first] = codeChildren(list ?? node);
  const start = (list?.startIndex ?? node.startIndex) + 1;
  if (!first) return replace(start, start, name);
  if (owner) return replace(first.endIndex, first.endIndex, `, ${name}`);
  return replace(first.startIndex, first.startIndex, `${name}, `);
}
