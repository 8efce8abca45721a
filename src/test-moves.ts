/** The tests of a run: what is read for them, and what changes beside their own lines. */

import type { PythonFile } from './analysis/file.ts';
import { isLibraryPath } from './analysis/names.ts';
import type { Project } from './analysis/project.ts';
import { TestSuite } from './analysis/test-suite.ts';
import { TEST_WORDS, testUses } from './analysis/test-uses.ts';
import { collectUses } from './analysis/uses.ts';
import { backendFixtures, type TestBackends } from './backend-fixture.ts';
import { type AsyncSettings, AUTO_SINCE, movedSettings } from './manifest/pytest-settings.ts';
import type { FileChange } from './result.ts';
import type { Additions } from './rewrite.ts';
import { type TestGroup, TestGroups } from './test-groups.ts';
import type { Judged, Use } from './transform.ts';

/** Words that a file with async tests or fixtures holds. */
export const TEST_TRIGGERS = ['pytest', 'pytest_asyncio', 'event_loop', 'async'];

/**
 * Whether a file may hold async tests or fixtures, or what speaks of them. Under the auto mode a
 * test needs no import.
 */
export function mayHoldTests(text: string, path: string, auto: boolean): boolean {
  if (/(^|[\\/])conftest\.py$/.test(path)) return true;
  if (/\bpytest_asyncio\b|\bmark\s*\.\s*asyncio\b|\bevent_loop\b/.test(text)) return true;
  if (!/\basync\s+def\b/.test(text)) return false;
  return TEST_WORDS.test(text) || (auto && /\basync\s+def\s+test/.test(text));
}

/** Whether a use speaks of pytest-asyncio or of unittest's loop, and not of asyncio. */
export function isTestUse({ name }: Use): boolean {
  return !isLibraryPath(name);
}

/** What the engine asks about tests; made when the transform `pytest` is selected. */
export class TestMoves {
  readonly groups: TestGroups;
  private readonly suite: TestSuite;
  private readonly made = new Map<Use, readonly Use[]>();

  /** @param files those whose uses are collected, tests' uses too. */
  constructor(
    private readonly project: Project,
    files: readonly PythonFile[],
    private readonly settings: AsyncSettings,
    private readonly backends: TestBackends,
    private readonly includeReview: boolean,
  ) {
    const uses = files.flatMap((file) => file.uses);
    this.suite = new TestSuite(this.withAskers(files));
    this.groups = new TestGroups(
      this.suite,
      settings,
      uses.filter(isTestUse),
      uses.filter((use) => !isTestUse(use)),
    );
  }

  /** Files that may hold tests, and those that ask for one of their async fixtures by its name. */
  private withAskers(files: readonly PythonFile[]): PythonFile[] {
    const mine = files.filter((file) => TEST_WORDS.test(file.text) || this.settings.auto);
    const names = new TestSuite(mine).fixtures.filter(({ async }) => async);
    const asking = names.flatMap(({ given }) => this.project.filesMentioning(given));
    return [...new Set([...mine, ...asking])];
  }

  /** The fixtures `anyio_backend` that the rewritten tests need. */
  get additions(): Additions {
    return {
      what: 'anyio_backend added',
      to: (applied) => {
        const moving = this.groups.groups.filter((group) => this.isMoving(group, applied));
        const rewrites = backendFixtures(moving, this.suite, this.project, this.backends);
        const causes = moving.flatMap((group) => group.uses);
        for (const { use } of rewrites) this.made.set(use, causes);
        return rewrites;
      },
      causes: (made) => this.made.get(made) ?? [],
    };
  }

  /** Whether a group leaves pytest-asyncio in this run. */
  private isMoving(group: TestGroup, applied: ReadonlySet<Use>): boolean {
    if (group.obstacles.length > 0 || (group.doubts.length > 0 && !this.includeReview))
      return false;
    return group.uses.length > 0 && group.uses.every((use) => applied.has(use));
  }

  /** Whether the settings move: only when nothing is left that pytest-asyncio runs. */
  settingsMove(judged: readonly Judged[]): boolean {
    const applied = new Set(judged.filter((item) => item.applied).map(({ use }) => use));
    const { groups } = this.groups;
    return groups.length > 0 && groups.every((group) => this.isMoving(group, applied));
  }

  /** All changes of a run, those of the settings among them. */
  withSettings(changes: readonly FileChange[]): FileChange[] {
    const moved = movedSettings(this.settings, changes);
    const paths = new Set(moved.map(({ path }) => path));
    return [...changes.filter(({ path }) => !paths.has(path)), ...moved];
  }

  /** The lowest anyio that has what the changed settings say. */
  get settingsFloor(): string {
    return this.settings.auto ? AUTO_SINCE : '4.0.0';
  }
}

/** All uses of a file, also those of tests where no transform was asked for them. */
export function allUses(file: PythonFile, project: Project): Use[] {
  return [...collectUses(file, project), ...testUses(file, true)];
}

/** The uses of tests in a file, beside those of asyncio. */
export function withTestUses(file: PythonFile, uses: readonly Use[], auto: boolean): Use[] {
  return [...uses, ...testUses(file, auto)].sort((a, b) => a.span.start - b.span.start);
}
