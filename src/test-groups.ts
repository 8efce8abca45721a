/**
 * Which tests can change the plugin that runs them. A test and the async fixtures that it gets run
 * on one event loop, so they move together or not at all; under pytest-asyncio's auto mode, which
 * is one setting for the project, all of them do.
 *
 * What differs between the plugins was found by running pytest 8.3, pytest-asyncio 0.25 and anyio
 * 4.8 and 4.15; the fixtures of the transform show it.
 */

import type { PythonFile } from './analysis/file.ts';
import type { TestFixture, TestFunction } from './analysis/test-functions.ts';
import { isBelow, isConftest, type TestSuite } from './analysis/test-suite.ts';
import { TEST_NAMES } from './analysis/test-uses.ts';
import type { AsyncSettings } from './manifest/pytest-settings.ts';
import { argumentsOf, lastName, plainString } from './syntax/nodes.ts';
import {
  asksForLoop,
  elsewhere,
  loopInSync,
  losesErrors,
  narrowBackend,
  ON_PARAMETER,
  onTheLoop,
  outOfReach,
  settingsInTheWay,
  sharedLoop,
} from './test-reasons.ts';
import type { Diagnostic, Place, Use } from './transform.ts';

/** What stands against moving a test, a fixture or a use: it, and all that runs with it, stays. */
export interface Obstacle {
  diagnostic: Diagnostic;
  /** The use that it is about, if there is one. */
  use?: Use;
}

/** What may differ, for `review`. */
export interface Doubt {
  note: string;
  blocker?: Place;
}

/** Uses, tests and fixtures that move together. */
export interface TestGroup {
  id: string;
  uses: Use[];
  tests: TestFunction[];
  fixtures: TestFixture[];
  obstacles: Obstacle[];
  doubts: Doubt[];
}

type Member = Use | TestFunction | TestFixture;

/** Calls that take the loop which pytest-asyncio makes current before sync fixtures run. */
const CURRENT_LOOP: ReadonlySet<string> = new Set([
  'asyncio.get_event_loop',
  'asyncio.Future',
  'asyncio.ensure_future',
]);
/** Calls after which an exception may be raised where nobody awaits it. */
const BACKGROUND: ReadonlySet<string> = new Set([
  'asyncio.create_task',
  'asyncio.ensure_future',
  'asyncio.run_coroutine_threadsafe',
]);
/** Fixtures of plugins that stand on pytest-asyncio's loop. */
const ON_THE_LOOP: ReadonlySet<string> = new Set(
  'loop proactor_loop aiohttp_client aiohttp_server aiohttp_raw_server event_loop_policy'.split(
    ' ',
  ),
);
/** Fixtures that run no coroutine: those of pytest, pytest-mock and anyio, and plain ones. */
const HARMLESS: ReadonlySet<string> = new Set(
  `cache capfd capfdbinary caplog capsys capsysbinary capteesys doctest_namespace monkeypatch
   pytestconfig pytester record_property record_testsuite_property record_xml_attribute recwarn
   request subtests testdir tmp_path tmp_path_factory tmpdir tmpdir_factory mocker class_mocker
   module_mocker package_mocker session_mocker anyio_backend anyio_backend_name
   anyio_backend_options free_tcp_port free_tcp_port_factory free_udp_port free_udp_port_factory
   unused_tcp_port unused_tcp_port_factory unused_udp_port unused_udp_port_factory event_loop
   benchmark faker freezer httpserver requests_mock respx_mock worker_id testrun_uid`
    .trim()
    .split(/\s+/),
);
const SCOPE_ORDER = ['function', 'class', 'module', 'package', 'session'];

/** The groups of a project's tests. */
export class TestGroups {
  readonly groups: readonly TestGroup[];
  private readonly groupOf = new Map<Member, TestGroup>();
  private readonly parent = new Map<Member, Member>();
  private readonly obstacles: { member: Member; obstacle: Obstacle }[] = [];
  private readonly doubts: { member: Member; doubt: Doubt }[] = [];
  private readonly fixtureOf = new Map<Use, TestFixture>();
  /** Tests that pytest-asyncio runs today. */
  private readonly running = new Set<TestFunction>();
  private readonly taking: ReadonlySet<TestFixture>;

  /**
   * @param uses those of tests: marks, fixtures, names of pytest-asyncio
   * @param asyncioUses all uses of asyncio in the project
   */
  constructor(
    private readonly suite: TestSuite,
    readonly settings: AsyncSettings,
    private readonly uses: readonly Use[],
    private readonly asyncioUses: readonly Use[],
  ) {
    for (const use of uses) this.addUse(use);
    if (settings.auto) for (const test of suite.tests) this.addRunning(test);
    for (const fixture of suite.fixtures) if (this.moves(fixture)) this.addFixture(fixture);
    for (const test of this.running) this.tie(test);
    for (const fixture of suite.fixtures) this.checkOverride(fixture);
    this.checkProject();
    this.groups = this.gather();
    this.taking = this.fixturesOfSyncTests();
  }

  /** The group of a use; undefined for one that moves with nothing (`event_loop`, an import). */
  of(use: Use): TestGroup | undefined {
    return this.groupOf.get(use);
  }

  /** The fixture whose decorator a use is. */
  fixture(use: Use): TestFixture | undefined {
    return this.fixtureOf.get(use);
  }

  /**
   * Whether a fixture has to ask for `anyio_backend` itself: anyio's plugin runs an async fixture
   * only where the test or the fixture asks for it, and a sync test does not.
   */
  mustAskForBackend(fixture: TestFixture): boolean {
    return fixture.async && this.taking.has(fixture) && !fixture.asks.has('anyio_backend');
  }

  // -- members -----------------------------------------------------------------------------------

  private addUse(use: Use): void {
    if (use.role === 'import') return;
    if (use.name === TEST_NAMES.mark) return this.addMark(use);
    if (use.name === TEST_NAMES.unmarked) return this.addUnmarked(use);
    if (use.name === 'pytest_asyncio.fixture' || use.name === TEST_NAMES.plainFixture) {
      const fixture = this.suite.fixtures.find(
        (each) => each.file === use.file && decoratorCallee(each).id === use.node.id,
      );
      if (fixture) {
        this.fixtureOf.set(use, fixture);
        return this.join(use, fixture);
      }
    }
    if (use.name === TEST_NAMES.eventLoop || use.name === TEST_NAMES.isolated) return;
    this.join(use, use);
    this.hold(use, elsewhere(use), use);
    for (const member of this.reach(use)) this.join(use, member);
  }

  private addMark(use: Use): void {
    const cover = this.suite.coverOf(use.file, use.node);
    const tests = cover.kind === 'tests' ? cover.tests : [];
    // On unittest's own async tests the mark does nothing.
    if (tests.length > 0 && tests.every((test) => this.suite.isIsolated(test))) return;
    this.join(use, use);
    if (cover.kind === 'parameter') this.hold(use, ON_PARAMETER, use);
    if (cover.kind === 'elsewhere') {
      this.hold(use, elsewhere(use), use);
      for (const member of this.reach(use)) this.join(use, member);
    }
    if (cover.kind !== 'tests') return;
    const wide = loopScope(use);
    if (wide !== undefined) this.hold(use, sharedLoop(wide), use);
    for (const test of tests) {
      this.addRunning(test);
      if (this.running.has(test)) this.join(use, test);
    }
  }

  private addUnmarked(use: Use): void {
    const found = this.suite.tests.find(
      ({ file, node }) => file === use.file && node.id === use.node.parent?.id,
    );
    if (found && !this.suite.isIsolated(found)) this.join(use, found);
  }

  private addRunning(test: TestFunction): void {
    if (test.async && !this.suite.isIsolated(test)) this.running.add(test);
  }

  /** Whether pytest-asyncio runs the fixture today. */
  private moves(fixture: TestFixture): boolean {
    if (fixture.maker === 'pytest_asyncio.fixture') return true;
    return this.settings.auto && fixture.async;
  }

  private addFixture(fixture: TestFixture): void {
    this.join(fixture, fixture);
    const { keywords } = argumentsOf(fixture.decorator);
    const scope = keywords.get('loop_scope');
    if (scope && plainString(scope)?.content !== 'function') {
      this.hold(fixture, sharedLoop(scope.text), undefined);
    }
    if (fixture.scope !== 'function') this.checkScope(fixture);
    for (const inner of this.suite.closure(fixture)) {
      if (this.moves(inner)) this.join(fixture, inner);
    }
    this.checkAsked(fixture, fixture);
  }

  private checkScope(fixture: TestFixture): void {
    const { scope, given } = fixture;
    const [backend] = this.suite.named('anyio_backend', fixture);
    if (backend && SCOPE_ORDER.indexOf(backend.scope) < SCOPE_ORDER.indexOf(scope)) {
      this.hold(fixture, narrowBackend(fixture, backend), undefined);
    }
    if (!fixture.async) return;
    this.doubt(fixture, {
      note: `the fixture \`${given}\` lasts for a ${scope}, and under anyio all tests in that time share its event loop`,
      blocker: fixture.file.place(fixture.node),
    });
  }

  /** A test and what it gets: the async fixtures come along, the sync ones are looked at. */
  private tie(test: TestFunction): void {
    this.join(test, test);
    this.checkAsked(test, test);
    for (const fixture of this.suite.closure(test)) {
      this.checkAsked(fixture, test);
      if (this.moves(fixture)) this.join(test, fixture);
      else if (!fixture.async) this.checkSync(test, fixture);
    }
    for (const setup of this.suite.setups) {
      const same = setup.file === test.file && setup.owner?.id === test.owner?.id;
      if (same || (setup.file === test.file && !setup.owner)) this.checkSync(test, setup);
    }
  }

  /** Looks at the fixtures that the project does not define; what they mean holds `member`. */
  private checkAsked(asking: TestFunction, member: TestFunction): void {
    for (const name of asking.asks) {
      if (this.suite.named(name, asking).length > 0) continue;
      if (name === 'event_loop') {
        this.hold(member, asksForLoop(asking.file.place(asking.node)), undefined);
      } else if (ON_THE_LOOP.has(name)) {
        this.hold(member, onTheLoop(name, asking), undefined);
      } else if (!HARMLESS.has(name)) {
        this.doubt(member, {
          note: `\`${name}\` is a fixture of a plugin; if it is async, or uses the loop, it needs pytest-asyncio`,
          blocker: asking.file.place(asking.node),
        });
      }
    }
  }

  /** A sync fixture that takes the current loop finds none: anyio's plugin sets none for it. */
  private checkSync(test: TestFunction, fixture: TestFunction): void {
    const { startIndex, endIndex } = fixture.node;
    const found = fixture.file.uses.find(
      ({ name, role, span }) =>
        role === 'call' &&
        CURRENT_LOOP.has(name) &&
        span.start >= startIndex &&
        span.end <= endIndex,
    );
    if (found) this.hold(test, loopInSync(fixture, found), undefined);
  }

  /** A fixture of the project in the place of pytest-asyncio's loop: the tests below it stay. */
  private checkOverride(fixture: TestFixture): void {
    if (fixture.given !== 'event_loop' && fixture.given !== 'event_loop_policy') return;
    const place = fixture.file.place(fixture.node);
    const below = [...this.running, ...this.suite.fixtures.filter((each) => this.moves(each))];
    for (const member of below) {
      if (this.suite.isVisible(fixture, member)) this.hold(member, asksForLoop(place), undefined);
    }
  }

  /** What concerns all tests: the settings, files out of reach, background tasks. */
  private checkProject(): void {
    const members = [...this.parent.keys()];
    const [first] = members;
    for (const member of members) {
      if (this.settings.auto && first) this.join(first, member);
      const { info, root } = member.file;
      if (!info.selected || root.hasError) this.hold(member, outOfReach(member), undefined);
      if (this.settings.obstacle !== undefined) {
        this.hold(member, settingsInTheWay(this.settings.obstacle), undefined);
      }
    }
    const background = this.asyncioUses.find(
      ({ name, role }) => BACKGROUND.has(name) && role === 'call',
    );
    if (!background) return;
    for (const test of this.running) this.doubt(test, losesErrors(background));
  }

  // -- groups ------------------------------------------------------------------------------------

  private join(a: Member, b: Member): void {
    for (const member of [a, b]) if (!this.parent.has(member)) this.parent.set(member, member);
    this.parent.set(this.root(a), this.root(b));
  }

  private root(member: Member): Member {
    let at = member;
    for (;;) {
      const up = this.parent.get(at) ?? at;
      if (up === at) return at;
      this.parent.set(at, this.parent.get(up) ?? up);
      at = up;
    }
  }

  private hold(member: Member, diagnostic: Diagnostic, use: Use | undefined): void {
    this.obstacles.push({ member, obstacle: use ? { diagnostic, use } : { diagnostic } });
  }

  private doubt(member: Member, doubt: Doubt): void {
    this.doubts.push({ member, doubt });
  }

  private gather(): TestGroup[] {
    const groups = new Map<Member, TestGroup>();
    for (const member of this.parent.keys()) {
      const root = this.root(member);
      const group = groups.get(root) ?? emptyGroup(`tests:${groups.size}`);
      groups.set(root, group);
      this.groupOf.set(member, group);
      if ('role' in member) group.uses.push(member);
      else if (member.kind === 'fixture') group.fixtures.push(member as TestFixture);
      else group.tests.push(member);
    }
    for (const { member, obstacle } of this.obstacles) {
      this.groupOf.get(member)?.obstacles.push(obstacle);
    }
    for (const { member, doubt } of this.doubts) this.groupOf.get(member)?.doubts.push(doubt);
    return [...groups.values()];
  }

  /** What a mark or a decorator that is handed on as a value may end up on. */
  private reach({ file }: Use): Member[] {
    const isNear = (other: PythonFile) => {
      if (other === file) return true;
      if (isConftest(file)) return isBelow(other.path, file.path.replace(/[\\/]conftest\.py$/, ''));
      return !this.suite.tests.some((test) => test.file === file);
    };
    const members: Member[] = [
      ...this.uses.filter(({ name, role }) => name === TEST_NAMES.mark && role !== 'import'),
      ...this.suite.tests.filter((test) => test.async && !this.suite.isIsolated(test)),
      ...this.suite.fixtures.filter((fixture) => this.moves(fixture)),
    ];
    return members.filter((member) => isNear(member.file));
  }

  /** The fixtures that a test gets which anyio's plugin does not run. */
  private fixturesOfSyncTests(): Set<TestFixture> {
    const taken = new Set(this.suite.fixtures.filter(({ autouse }) => autouse));
    for (const test of this.suite.tests) {
      if (this.running.has(test)) continue;
      for (const fixture of this.suite.closure(test)) taken.add(fixture);
    }
    for (const name of this.namesInStrings()) {
      for (const fixture of this.suite.fixtures) if (fixture.given === name) taken.add(fixture);
    }
    return taken;
  }

  /** `request.getfixturevalue("db")`. */
  private namesInStrings(): string[] {
    return this.suite.files.flatMap((file) =>
      file.text.includes('getfixturevalue')
        ? file.scopes.strings
            .filter(({ node }) => {
              const call = node.parent?.parent;
              return lastName(call?.childForFieldName('function')) === 'getfixturevalue';
            })
            .map(({ node }) => plainString(node)?.content ?? '')
        : [],
    );
  }
}

function emptyGroup(id: string): TestGroup {
  return { id, uses: [], tests: [], fixtures: [], obstacles: [], doubts: [] };
}

/** `pytest_asyncio.fixture` of `pytest_asyncio.fixture(scope="module")`. */
function decoratorCallee({ decorator }: TestFixture) {
  return decorator.type === 'call'
    ? (decorator.childForFieldName('function') ?? decorator)
    : decorator;
}

/** The text of a loop scope wider than one test, of `mark.asyncio(loop_scope="module")`. */
function loopScope({ node }: Use): string | undefined {
  if (node.parent?.type !== 'call') return undefined;
  const { keywords, positional } = argumentsOf(node.parent);
  const value = keywords.get('loop_scope') ?? keywords.get('scope') ?? positional[0];
  return value && plainString(value)?.content !== 'function' ? value.text : undefined;
}
