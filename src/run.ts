/**
 * One run, from left to right:
 * discover → prefilter → parse → bind → index → judge → edit → validate. Nothing is written here.
 *
 * The way to the index is taken once (`openRun`); from there on a run can judge and edit again with
 * other choices: without what somebody does not want, or for one commit after the other.
 */

import { transforms } from '../transforms/index.ts';
import { accountOf } from './account.ts';
import { Definitions } from './analysis/definitions.ts';
import { FamilyIndex } from './analysis/family-index.ts';
import type { PythonFile } from './analysis/file.ts';
import { LIBRARIES } from './analysis/names.ts';
import { PatchIndex } from './analysis/patches.ts';
import { type Candidate, Project } from './analysis/project.ts';
import { collectUses } from './analysis/uses.ts';
import { countArrived } from './arrived.ts';
import type { TestBackends } from './backend-fixture.ts';
import { declare, FLOOR, floorOf } from './declare.ts';
import { editOptions } from './edit-options.ts';
import { type Chosen, chosenRoot } from './files/chosen.ts';
import { type Discovery, discover, type Excludes } from './files/discover.ts';
import { isNotebookName } from './files/skip.ts';
import { mayHoldDirective } from './ignore-comments.ts';
import { Ignores } from './ignores.ts';
import { judgeUses, type LeaveOut } from './judge.ts';
import { manifestHome } from './manifest/home.ts';
import { lineLengthOf } from './manifest/line-length.ts';
import { type AsyncSettings, AUTO_SINCE, readPytestSettings } from './manifest/pytest-settings.ts';
import { type Manifests, readManifests, targetOf } from './manifest/read.ts';
import type { Selection } from './phases.ts';
import { counted, type OnProgress } from './progress.ts';
import type { FileChange, Migration, Note } from './result.ts';
import { rewriteFiles } from './rewrite.ts';
import { DiskStore } from './store.ts';
import { loadParser } from './syntax/parser.ts';
import {
  allUses,
  isTestUse,
  mayHoldTests,
  TEST_TRIGGERS,
  TestMoves,
  withTestUses,
} from './test-moves.ts';
import type { JudgeContext, Judged, Target, Use, Verdict } from './transform.ts';
import { type Unit, unitsOf } from './units.ts';
import { lowerVersion } from './verdicts.ts';

/** `paths` and `exclude` are relative to `cwd`. No path means all of it, unless files are listed. */
export interface MigrateOptions extends Chosen {
  /** Patterns in gitignore syntax. */
  exclude: string[];
  /** More of them, relative to a folder of their own. */
  excludeBelow?: Excludes;
  /** Whether what is excluded is left out even where it is named outright. */
  forceExclude?: boolean;
  selection: Selection;
  includeReview: boolean;
  importStyle: 'keep' | 'module' | 'from';
  /** A version such as "4.7"; else the lowest that the project's manifest allows. */
  targetAnyio?: string;
  fastAcquire: boolean;
  /** Whether a handler that only goes on after a timeout is written as `move_on_after` (for review). */
  idiom?: 'fail-after' | 'move-on-after';
  /** Whether a wait that no block can stand for gets a function of its own (`--wrap-timeouts`). */
  wrapTimeouts?: boolean;
  /** What a new fixture `anyio_backend` chooses: asyncio, unless told. */
  testBackends?: TestBackends;
  /** What is not to be rewritten, and why. */
  leaveOut?: LeaveOut;
  /** Absolute path of the configuration that part of this comes from, for reports. */
  configFile?: string;
  /** What to say of the uses that were found in the files (absolute paths) that were looked at. */
  notesOn?: (uses: readonly Use[], files: readonly string[]) => Note[];
  /** Told how far the run is; it works without a pause until it is done. */
  onProgress?: OnProgress;
  /** Whether to count what is on anyio already, for which its files are read too. */
  countArrived?: boolean;
}

/** A file without one of these holds no use of asyncio, but for names that other files re-export. */
const TRIGGERS = [...LIBRARIES, 'anyio-codemod'];
/** `pytest.mark.asyncio` and `sqlalchemy.ext.asyncio` are not the library. */
const WORTH_PARSING = new RegExp(
  String.raw`(?<!\bmark\s*\.\s*)(?<!\bext\s*\.\s*)\b(?:${LIBRARIES.join('|')})\b`,
);

/** What may differ from one migration of a run to the next. */
export interface Choices {
  /** Among the transforms of the run. */
  selection?: Selection;
  includeReview?: boolean;
  /** Besides what the options of the run leave out. */
  leaveOut?: LeaveOut;
  /** A version that phase 0 declares at the least, whatever is rewritten. */
  leastAnyio?: string;
}

/** Finds every use of asyncio in the chosen files. The caller has to `dispose` the run. */
export async function openRun(options: MigrateOptions): Promise<Run> {
  await loadParser();
  const root = chosenRoot(options);
  const { provided } = options;
  const selected = discover(options.paths, { ...options, root });
  const project = discover([root], { cwd: root, root, exclude: [] });
  const manifests = readManifests(manifestHome(root, selected.files));
  const hasNotebooks = [...selected.files, ...project.files].some(isNotebookName);
  const notebooks = hasNotebooks ? await import('./notebook/notebook.ts') : undefined;
  const store = new DiskStore(root, selected.files, project.files, notebooks, provided);
  try {
    return new Run(options, root, { selected, manifests, store });
  } catch (error) {
    store.dispose();
    throw error;
  }
}

/** What a run reads from the disk. */
interface Sources {
  selected: Discovery;
  manifests: Manifests;
  store: DiskStore;
}

/** A project with all its uses of asyncio found, ready to be judged. */
export class Run {
  private readonly index: Project;
  private readonly files: readonly PythonFile[];
  private readonly target: Target;
  private readonly facts: JudgeContext;
  /** Made once: a preview is asked for at each key of a review. */
  private forPreview: ReturnType<Run['contextFor']> | undefined;
  private readonly ignores: Ignores;

  /** Parses and binds; use `openRun`. */
  constructor(
    readonly options: MigrateOptions,
    /** Absolute path of the project's root. */
    readonly root: string,
    private readonly sources: Sources,
  ) {
    const { manifests, store } = sources;
    this.target = targetOf(manifests, options.targetAnyio);
    this.index = new Project(store);
    this.files = bind(this.index, store, this.testSettings(options), options.onProgress);
    this.ignores = new Ignores(this.selectedFiles(), transforms);
    this.facts = contextOf(this.index, this.files, this.target, options.fastAcquire);
    this.facts.lineLength = lineLengthOf(manifests);
    this.facts.wrapTimeouts = options.wrapTimeouts ?? false;
  }

  /** Judges every use, and makes the new texts. Each call gives a migration of its own. */
  migration(choices: Choices = {}): Migration {
    const options = this.with(choices);
    const { selected, manifests, store } = this.sources;
    const { context, tests } = this.contextFor(options);
    const judged = judgeUses(this.usesFor(options), {
      context,
      transforms,
      selection: options.selection,
      importStyle: options.importStyle,
      mayRaiseAnyio: mayRaise(options),
      leaveOut: options.leaveOut,
      onProgress: options.onProgress,
    });
    const { changes, problems } = rewriteFiles(
      judged,
      context,
      editOptions(this.index, this.files, judged, options),
      options.includeReview,
      tests?.additions,
      options.onProgress,
    );
    const moved = tests?.settingsMove(judged) ? tests : undefined;

    const migration: Migration = {
      root: this.root,
      target: this.target,
      phases: options.selection.phases,
      transforms: [...options.selection.transforms],
      judged,
      changes,
      problems: [...selected.problems, ...manifests.problems, ...store.problems, ...problems],
      notes: this.notes(),
      configFile: options.configFile,
      filesSeen: selected.files.length,
      filesWithUses: new Set(judged.map(({ use }) => use.file.path)).size,
      account: accountOf(judged),
    };
    const least = moved?.settingsFloor ?? FLOOR;
    const asked = choices.leastAnyio ?? least;
    const floor = floorOf(judged, lowerVersion(least, asked) ? asked : least);
    // Where a list leaves nothing to look at, there is nothing to declare either.
    const isAsked = selected.files.length > 0 || options.listed === undefined;
    if (isAsked && options.selection.transforms.has('dependency')) {
      declare(migration, manifests, floor);
    }
    if (moved) migration.changes = moved.withSettings(migration.changes);
    // Last, since a file that is read for this alone is no problem of anybody's.
    if (options.countArrived) migration.arrived = countArrived(this.index);
    return migration;
  }

  /**
   * The changes that some rewrites of a migration make by themselves, their imports among them. For
   * showing: what is written comes from `migration`, which judges the others without them.
   *
   * @param chosen among the rewrites of `migration`, for review or not
   * @param paths the files whose changes are asked for; all, unless told
   */
  preview(
    migration: Migration,
    chosen: ReadonlySet<Judged>,
    paths?: ReadonlySet<string>,
  ): FileChange[] {
    const options = this.with({ includeReview: true });
    this.forPreview ??= this.contextFor(options);
    const { context, tests } = this.forPreview;
    const judged = migration.judged.map(
      (item): Judged => (chosen.has(item) ? { ...item } : { ...item, verdict: NOT_CHOSEN }),
    );
    const edit = editOptions(this.index, this.files, judged, options);
    const { additions } = tests ?? {};
    return rewriteFiles(judged, context, edit, true, additions, undefined, paths).changes;
  }

  /** The rewrites of a migration, applied or not, parted into what is taken together or not at all. */
  units(migration: Migration): Unit[] {
    return unitsOf(migration.judged, this.facts.patches, this.root);
  }

  /** All files with uses, parsed and bound; they live until `dispose`. */
  get boundFiles(): readonly PythonFile[] {
    return this.files;
  }

  /** What the transforms ask while they judge. */
  get context(): JudgeContext {
    return this.facts;
  }

  /** Frees all trees; nothing of the run, nor a node of its migrations, may be touched afterwards. */
  dispose(): void {
    this.sources.store.dispose();
  }

  private with({ leaveOut, leastAnyio: _least, ...choices }: Choices): MigrateOptions {
    const { leaveOut: always } = this.options;
    return {
      ...this.options,
      ...choices,
      leaveOut: (use, transform) =>
        this.ignores.leaveOut(use, transform) ??
        always?.(use, transform) ??
        leaveOut?.(use, transform),
    };
  }

  private contextFor(options: MigrateOptions): { context: JudgeContext; tests?: TestMoves } {
    const settings = this.testSettings(options);
    const tests = settings && testMoves(this.index, this.files, settings, options);
    const context = { ...this.facts, selected: options.selection.transforms };
    if (tests) context.tests = tests.groups;
    // Not asked for, the safe form is better than none.
    if (options.includeReview) context.idiom = options.idiom ?? 'move-on-after';
    return { context, ...(tests ? { tests } : {}) };
  }

  private testSettings(options: MigrateOptions): AsyncSettings | undefined {
    return testSettings(this.root, this.sources.store, this.target, mayRaise(options), options);
  }

  /** Looks at all uses, whatever is selected: another phase's entry has its effect another time. */
  private notes(): Note[] {
    const uses = this.selectedFiles().flatMap((file) => file.uses);
    return [
      ...this.ignores.notes((file) => allUses(file, this.index)),
      ...(this.options.notesOn?.(uses, this.sources.selected.files) ?? []),
    ];
  }

  private selectedFiles(): PythonFile[] {
    return this.files.filter((file) => file.info.selected && !file.root.hasError);
  }

  private usesFor({ selection }: MigrateOptions): Use[] {
    const uses = this.selectedFiles().flatMap((file) => file.uses);
    return selection.transforms.has('pytest') ? uses : uses.filter((use) => !isTestUse(use));
  }
}

const NOT_CHOSEN: Verdict = { kind: 'leave', reason: 'not chosen' };

/** Whether phase 0 of the same run raises the bound on anyio. */
function mayRaise({ targetAnyio, selection }: MigrateOptions): boolean {
  return targetAnyio === undefined && selection.transforms.has('dependency');
}

/** What pytest's settings say, when the tests are to move; undefined when they are not. */
function testSettings(
  root: string,
  store: DiskStore,
  target: Target,
  mayRaiseAnyio: boolean,
  { selection }: Pick<MigrateOptions, 'selection'>,
): AsyncSettings | undefined {
  if (!selection.transforms.has('pytest')) return undefined;
  const settings = readPytestSettings(
    root,
    store.candidates.map(({ path }) => path),
  );
  const { anyio, anyioSource } = target;
  const tooOld = anyio !== undefined && !mayRaiseAnyio && lowerVersion(anyio, AUTO_SINCE);
  if (!settings.auto || !tooOld || settings.obstacle !== undefined) return settings;
  const message = `asyncio_mode = auto would become anyio_mode, which needs anyio ${AUTO_SINCE}, and ${anyioSource ?? 'the project'} allows ${anyio}`;
  const help = 'select phase 0 as well (--phase 0,pytest), which raises the bound';
  return { ...settings, obstacle: { message, help } };
}

function testMoves(
  project: Project,
  files: readonly PythonFile[],
  settings: AsyncSettings,
  { testBackends = 'asyncio', includeReview }: MigrateOptions,
): TestMoves {
  return new TestMoves(project, files, settings, testBackends, includeReview);
}

/**
 * Parses what may use asyncio, and finds the uses in all of it. Ordered by path.
 *
 * @param settings pytest's, when the tests are to move: then their files are parsed as well
 */
function bind(
  project: Project,
  store: DiskStore,
  settings: AsyncSettings | undefined,
  onProgress: OnProgress | undefined,
): PythonFile[] {
  const triggers = settings ? [...TRIGGERS, ...TEST_TRIGGERS] : TRIGGERS;
  const worthParsing = (candidate: Candidate) => {
    const text = store.text(candidate) ?? '';
    if (WORTH_PARSING.test(text)) return true;
    if (candidate.selected && mayHoldDirective(text)) return true;
    return settings !== undefined && mayHoldTests(text, candidate.path, settings.auto);
  };
  const files = project.bindAll(triggers, worthParsing, onProgress);
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const file of counted(files, 'bind', onProgress)) {
    const uses = collectUses(file, project);
    file.uses = settings
      ? withTestUses(file, uses, settings.auto)
      : uses.filter((use) => !isTestUse(use));
  }
  return files;
}

function contextOf(
  project: Project,
  files: readonly PythonFile[],
  target: JudgeContext['target'],
  fastAcquire: boolean,
): JudgeContext {
  const definitions = new Definitions(project);
  return {
    definitions,
    families: new FamilyIndex(project, definitions, files, FOLLOWED),
    patches: new PatchIndex(project, files),
    target,
    fastAcquire,
    lineLength: 88,
    selected: new Set(),
  };
}

/** The primitives whose objects are followed. */
const FOLLOWED: ReadonlySet<string> = new Set([
  'asyncio.Lock',
  'asyncio.Event',
  'asyncio.Semaphore',
  'asyncio.BoundedSemaphore',
  'asyncio.Condition',
]);
