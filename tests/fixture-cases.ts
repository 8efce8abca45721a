/**
 * The fixtures: `fixtures/<transform>/<case>/` with `before.py` and `after.py` (`.ipynb` for a
 * notebook, `before/` and `after/` for a case of several files) and `expected.json`. Where the after
 * side is missing, the case must stay as it is.
 */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { type MigrateOptions, migrate } from '../src/migrate.ts';
import type { Migration } from '../src/result.ts';
import type { Judged } from '../src/transform.ts';
import { transforms } from '../transforms/index.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
/** Folders of other kinds: phase 0 has a runner of its own, the sample is no case. */
const OTHER = new Set(['dependency', 'sample']);

export interface Expected {
  /** What the case shows, in a sentence. */
  about: string;
  /** How many uses are rewritten and safe. */
  safe: number;
  /**
   * Every other use, `line use verdict [code or safety]`, with the file before the line in a case of
   * several, and `cell 2:` in a notebook.
   */
  others?: string[];
  /**
   * `both`: run on asyncio and on trio. `asyncio`: on asyncio alone. `pytest`: its tests are run, by
   * pytest-asyncio before and by anyio's plugin after. `notebook`: its cells are run one by one, on
   * asyncio. Else why it cannot be run.
   */
  run: string;
  options?: Partial<
    Pick<
      MigrateOptions,
      | 'includeReview'
      | 'importStyle'
      | 'targetAnyio'
      | 'fastAcquire'
      | 'idiom'
      | 'testBackends'
      | 'wrapTimeouts'
    >
  > & {
    transforms?: string[];
    paths?: string[];
  };
  /** In a case of several files, the one that is run. */
  main?: string;
  /**
   * Whether find and replace breaks the program: a test shows it by running. Where replacing each
   * `asyncio.X` is not the naive way, `naive.py` (or `naive/`) lies beside `before.py`.
   */
  naive?: boolean;
}

export interface FixtureCase {
  /** `sleep/from-import`. */
  name: string;
  expected: Expected;
  /** Text by path, with forward slashes. */
  before: Map<string, string>;
  after: Map<string, string>;
  /** The program to run, among the paths. */
  main: string;
  /** The program as find and replace would leave it, where that breaks it: see `naiveTexts`. */
  naive?: Map<string, string>;
}

/** All cases, in the order of their names. */
export function fixtureCases(): FixtureCase[] {
  return readdirSync(FIXTURES)
    .filter(
      (transform) => !OTHER.has(transform) && statSync(join(FIXTURES, transform)).isDirectory(),
    )
    .flatMap((transform) =>
      readdirSync(join(FIXTURES, transform)).map((name) => `${transform}/${name}`),
    )
    .sort()
    .map(readCase);
}

function readCase(name: string): FixtureCase {
  const folder = join(FIXTURES, ...name.split('/'));
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
  const before = readSide(folder, 'before');
  if (before.size === 0) throw new Error(`${name}: there is no before.py and no before/`);
  const after = readSide(folder, 'after');
  const fixture: FixtureCase = { name, expected, before, after, main: expected.main ?? 'case.py' };
  const naive = readSide(folder, 'naive');
  if (naive.size > 0) fixture.naive = new Map([...before, ...naive]);
  else if (expected.naive) fixture.naive = replaceAll(before);
  return fixture;
}

/** Every `asyncio.Lock` and its like becomes `anyio.Lock`, as an editor would have it. */
function replaceAll(texts: ReadonlyMap<string, string>): Map<string, string> {
  const names = 'run|sleep|Lock|Event|Semaphore|BoundedSemaphore|Condition';
  const replaced = (text: string) =>
    text
      .replaceAll('mark.asyncio', 'mark.anyio')
      .replaceAll('pytest_asyncio.fixture', 'pytest.fixture')
      .replaceAll('asyncio_mode', 'anyio_mode')
      .replaceAll(new RegExp(`\\basyncio\\.(${names})\\b`, 'g'), 'anyio.$1')
      .replaceAll(/\banyio\.run\((\w+)\(\)\)/g, 'anyio.run($1)')
      .replaceAll(/^import asyncio$/gm, 'import anyio\nimport asyncio');
  return new Map([...texts].map(([path, text]) => [path, replaced(text)]));
}

/** `before.py` as `case.py`, `before.ipynb` as `case.ipynb`, or all that lies in `before/`. */
function readSide(folder: string, side: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const suffix of ['py', 'ipynb']) {
    const single = join(folder, `${side}.${suffix}`);
    if (existsSync(single)) files.set(`case.${suffix}`, readFileSync(single, 'utf8'));
  }
  const several = join(folder, side);
  if (existsSync(several)) {
    for (const path of readdirSync(several, { recursive: true }) as string[]) {
      const full = join(several, path);
      if (statSync(full).isFile()) files.set(path.split(sep).join('/'), readFileSync(full, 'utf8'));
    }
  }
  return files;
}

/** What the case's files should be afterwards. */
export function expectedTexts({ before, after }: FixtureCase): Map<string, string> {
  return new Map([...before].map(([path, text]) => [path, after.get(path) ?? text]));
}

/** A temporary folder that holds the texts. The caller removes it. */
export function layOut(texts: ReadonlyMap<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'anyio-codemod-fixture-'));
  for (const [path, text] of texts) {
    const full = join(folder, ...path.split('/'));
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  }
  return folder;
}

export interface Outcome {
  migration: Migration;
  texts: Map<string, string>;
}

/** What the engine is asked for a case that lies in `cwd`. */
export function optionsOf(cwd: string, { options = {} }: Expected): MigrateOptions {
  const chosen =
    options.transforms ?? transforms.filter(({ phase }) => phase <= 2).map(({ id }) => id);
  return {
    cwd,
    paths: options.paths ?? [],
    exclude: [],
    selection: { phases: [1, 2], transforms: new Set(chosen) },
    includeReview: options.includeReview ?? false,
    importStyle: options.importStyle ?? 'keep',
    fastAcquire: options.fastAcquire ?? false,
    testBackends: options.testBackends ?? 'asyncio',
    wrapTimeouts: options.wrapTimeouts ?? false,
    ...(options.idiom ? { idiom: options.idiom } : {}),
    ...(options.targetAnyio ? { targetAnyio: options.targetAnyio } : {}),
  };
}

/** Runs the engine over the texts, on disk, with the case's options. */
export async function migrateTexts(
  texts: ReadonlyMap<string, string>,
  expected: Expected,
): Promise<Outcome> {
  const cwd = layOut(texts);
  try {
    const migration = await migrate(optionsOf(cwd, expected));
    const changed = new Map(
      migration.changes.map(({ path, after }) => [relative(cwd, path).split(sep).join('/'), after]),
    );
    return {
      migration,
      texts: new Map([...texts].map(([path, text]) => [path, changed.get(path) ?? text])),
    };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** A use as `expected.json` writes it; undefined for one that is rewritten and safe. */
export function describeOther(item: Judged, root: string, several: boolean): string | undefined {
  const { verdict, use, position } = item;
  if (verdict.kind === 'rewrite' && verdict.safety === 'safe') return undefined;
  const file = several ? `${relative(root, use.file.path).split(sep).join('/')}:` : '';
  const detail =
    verdict.kind === 'rewrite'
      ? ' review'
      : verdict.kind === 'refuse'
        ? ` ${verdict.diagnostic.code}`
        : '';
  const cell = position.cell === undefined ? '' : `cell ${position.cell}:`;
  return `${file}${cell}${position.line} ${use.name} ${verdict.kind}${detail}`;
}
