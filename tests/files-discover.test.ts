import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { discover } from '../src/files/discover.ts';
import {
  git,
  isolateGit,
  makeRepository,
  temporaryDirectory,
  writeTree,
} from './files-temporary.ts';

beforeEach(isolateGit);
afterEach(() => {
  vi.unstubAllEnvs();
});

interface Shown {
  files: string[];
  problems: string[];
}

/** Discovers, and shows paths relative to the directory, problems as `path: code: message`. */
function search(cwd: string, paths: string[] = [], exclude: string[] = [], root = cwd): Shown {
  const { files, problems } = discover(paths, { cwd, root, exclude });
  return {
    files: files.map((file) => relative(cwd, file)),
    problems: problems.map(
      ({ path, code, message }) => `${relative(cwd, path)}: ${code}: ${message}`,
    ),
  };
}

function found(cwd: string, paths: string[] = [], exclude: string[] = []): string[] {
  const { files, problems } = search(cwd, paths, exclude);
  expect(problems).toEqual([]);
  return files;
}

/** Makes a PATH on which there is no git. */
function hideGit(): void {
  vi.stubEnv('PATH', temporaryDirectory());
  expect(spawnSync('git', ['--version']).error).toMatchObject({ code: 'ENOENT' });
}

/** The same tree is searched in a checkout by git, in one without git, and outside of any. */
const SURROUNDINGS: [string, (top: string) => void][] = [
  ['in a git checkout', (top) => makeRepository(top, {})],
  [
    'in a checkout where git is missing',
    (top) => {
      makeRepository(top, {});
      hideGit();
    },
  ],
  ['outside of git', () => {}],
];

describe.each(SURROUNDINGS)('discover %s', (_, surround) => {
  it('finds Python files and stubs, sorted, whatever their names', () => {
    const top = temporaryDirectory();
    const names = [
      'b.py',
      'a/ü.py',
      'a/new\nline.py',
      'a/ lead.py',
      'a-b/c.pyi',
      '-x.py',
      '[a].py',
    ];
    writeTree(top, Object.fromEntries(names.map((name) => [name, ''])));
    writeTree(top, { 'a/x.txt': '', 'a/x.pyc': '', 'y.py.bak': '', 'd.py/e.txt': '' });
    surround(top);
    expect(found(top)).toEqual([
      '-x.py',
      '[a].py',
      'a-b/c.pyi',
      'a/ lead.py',
      'a/new\nline.py',
      'a/ü.py',
      'b.py',
    ]);
    expect(found(top, ['a-b', 'b.py', '.', join(top, 'a-b')])).toEqual(found(top));
    expect(found(join(top, 'a-b'))).toEqual(['c.pyi']);
  });

  it('honours .gitignore files, nested and negated ones too', () => {
    const top = temporaryDirectory();
    writeTree(top, {
      '.gitignore': '/build/\n*_pb2.py\nlocal.py\n!kept_pb2.py\n',
      'a.py': '',
      'x_pb2.py': '',
      'kept_pb2.py': '',
      'build/b.py': '',
      'src/build/b.py': '',
      'src/.gitignore': '!local.py\n/gen/*\n!/gen/hand.py\n',
      'src/local.py': '',
      'src/gen/auto.py': '',
      'src/gen/hand.py': '',
      'other/local.py': '',
      'other/gen/auto.py': '',
    });
    surround(top);
    const all = [
      'a.py',
      'kept_pb2.py',
      'other/gen/auto.py',
      'src/build/b.py',
      'src/gen/hand.py',
      'src/local.py',
    ];
    expect(found(top)).toEqual(all);
    // The rules above a named directory hold as well.
    expect(found(top, ['src/gen', 'other', 'src/build'])).toEqual([
      'other/gen/auto.py',
      'src/build/b.py',
      'src/gen/hand.py',
    ]);
  });

  it.skipIf(process.platform !== 'linux')('tells upper from lower case', () => {
    const top = temporaryDirectory();
    writeTree(top, { '.gitignore': '\uFEFFOut\n', 'Out/a.py': '', 'out/b.py': '', 'T.py': '' });
    surround(top);
    expect(found(top, [], ['t.py'])).toEqual(['T.py', 'out/b.py']);
  });

  it('takes what is named outright, though it is ignored or excluded', () => {
    const top = temporaryDirectory();
    writeTree(top, {
      '.gitignore': 'build\n*.gen.py\nscript\n',
      'a.py': '',
      'x.gen.py': '',
      script: '',
      'build/b.py': '',
      'build/deep/c.py': '',
      'build/deep/d.gen.py': '',
    });
    surround(top);
    expect(found(top, ['x.gen.py', 'script', 'a.py'], ['a.py', '*.gen.py'])).toEqual([
      'a.py',
      'script',
      'x.gen.py',
    ]);
    expect(found(top, ['build/b.py'])).toEqual(['build/b.py']);
    expect(found(top, ['build/deep'])).toContain('build/deep/c.py');
    expect(found(top, ['build'])).toEqual(expect.arrayContaining(['build/b.py']));
  });

  it('leaves out what is excluded and named outright only where it is told to', () => {
    const top = temporaryDirectory();
    writeTree(top, { 'a.py': '', 'b.gen.py': '', 'ignored.py': '', '.gitignore': 'ignored.py\n' });
    surround(top);
    const named = ['a.py', 'b.gen.py', 'ignored.py'];
    const options = { cwd: top, root: top, exclude: ['*.gen.py'] };
    const names = (forceExclude: boolean) =>
      discover(named, { ...options, forceExclude }).files.map((file) => relative(top, file));
    expect(names(false)).toEqual(['a.py', 'b.gen.py', 'ignored.py']);
    expect(names(true)).toEqual(['a.py', 'ignored.py']);
    expect(discover(['b.gen.py'], { ...options, forceExclude: true })).toEqual({
      files: [],
      problems: [],
    });
  });

  it('skips caches, installed packages and virtual environments, unless named', () => {
    const top = temporaryDirectory();
    const skipped = [
      ...['node_modules/n.py', '__pycache__/c.py', '.venv/lib/v.py', '.tox/t.py', '.nox/t.py'],
      ...['.mypy_cache/m.py', '.eggs/e.py', 'lib/site-packages/s.py', 'a/env/lib/x.py'],
    ];
    writeTree(top, Object.fromEntries(skipped.map((name) => [name, ''])));
    writeTree(top, { 'a/env/pyvenv.cfg': '', 'a/b.py': '', 'venv/__init__.py': '' });
    surround(top);
    expect(found(top)).toEqual(['a/b.py', 'venv/__init__.py']);
    expect(found(top, ['a/env', 'lib/site-packages', '.tox'])).toEqual([
      '.tox/t.py',
      'a/env/lib/x.py',
      'lib/site-packages/s.py',
    ]);
  });

  it('excludes by patterns relative to the working directory', () => {
    const top = temporaryDirectory();
    writeTree(top, {
      'app/tests/t.py': '',
      'app/main.py': '',
      'app/gen/a.py': '',
      'app/gen/b.py': '',
      'gen/c.py': '',
      'tests/t.py': '',
    });
    surround(top);
    expect(found(top, [], ['tests', '/gen/'])).toEqual([
      'app/gen/a.py',
      'app/gen/b.py',
      'app/main.py',
    ]);
    expect(found(top, ['app'], ['app/gen/*', '!app/gen/b.py', 't.py'])).toEqual([
      'app/gen/b.py',
      'app/main.py',
    ]);
    const app = join(top, 'app');
    expect(search(app, ['..'], ['gen', 'tests'], top).files).toEqual(['main.py']);
    expect(search(app, [], ['/gen', 'tests'], top).files).toEqual(['main.py']);
  });

  it('follows no link twice and no loop', () => {
    const top = temporaryDirectory();
    const outside = temporaryDirectory();
    writeTree(outside, { 'o.py': '' });
    writeTree(top, { 'real/x.py': '', 'real/script': '', 'b/y.py': '', 'node_modules/n.py': '' });
    symlinkSync('../real/x.py', join(top, 'b/x.py'));
    symlinkSync('../real/script', join(top, 'b/script.py'));
    symlinkSync('../node_modules/n.py', join(top, 'b/n.py'));
    symlinkSync('..', join(top, 'b/loop'));
    symlinkSync('real', join(top, 'linked'));
    symlinkSync('nowhere', join(top, '.#lock.py'));
    symlinkSync('self.py', join(top, 'self.py'));
    symlinkSync('../real', join(top, 'b/dir.py'));
    symlinkSync(join(outside, 'o.py'), join(top, 'b/o.py'));
    surround(top);
    expect(found(top)).toEqual(['b/y.py', 'real/script', 'real/x.py']);
    expect(found(top, ['b'])).toEqual(['b/y.py', 'real/script', 'real/x.py']);
    expect(found(top, ['linked', 'b/x.py', 'linked/x.py'])).toEqual(['real/x.py']);
    expect(found(top, ['b/o.py'])).toEqual([relative(top, join(outside, 'o.py'))]);
  });

  it('spells paths from a root that was reached through a link', () => {
    const directory = temporaryDirectory();
    const top = join(directory, 'top');
    writeTree(top, { 'a/x.py': '', 'y.py': '' });
    surround(top);
    symlinkSync('top', join(directory, 'way'));
    const way = join(directory, 'way');
    expect(discover(['a', 'y.py'], { cwd: way, root: way, exclude: [] }).files).toEqual([
      join(way, 'a/x.py'),
      join(way, 'y.py'),
    ]);
  });

  it('tells what cannot be searched and does the rest', () => {
    const top = temporaryDirectory();
    writeTree(top, { 'a.py': '', 'docs/x.md': '', 'all/x.py': '' });
    surround(top);
    expect(
      search(top, ['none.py', 'docs', 'a.py', 'a.py/b.py', '', 'none.py', 'all'], ['all']),
    ).toEqual({
      files: ['a.py'],
      problems: [
        'none.py: not-found: no such file or directory',
        'docs: no-python: no Python files found here',
        'a.py/b.py: not-found: not a directory',
        ': not-found: the path is empty',
        'all: no-python: no Python files found here',
      ],
    });
  });

  it('does not take a pipe for a file', () => {
    const top = temporaryDirectory();
    writeTree(top, { 'a.py': '' });
    expect(spawnSync('/usr/bin/env', ['mkfifo', join(top, 'p.py')]).status).toBe(0);
    surround(top);
    expect(found(top)).toEqual(['a.py']);
    expect(search(top, ['p.py']).problems).toEqual(['p.py: unreadable: not a regular file']);
  });

  it('reports a name that is not UTF-8', (context) => {
    const top = temporaryDirectory();
    writeTree(top, { 'a.py': '' });
    const badly = (end: string): Buffer =>
      Buffer.concat([Buffer.from(`${top}/caf`), Buffer.from([0xe9]), Buffer.from(end)]);
    try {
      mkdirSync(badly(''));
    } catch {
      console.warn('SKIPPED: this file system takes only names in UTF-8');
      return context.skip();
    }
    writeFileSync(badly('/in.py'), '');
    renameSync(join(top, 'a.py'), badly('.py'));
    surround(top);
    const { files, problems } = search(top);
    expect(files).toEqual([]);
    expect(problems).toHaveLength(2);
    expect(problems).toContain('caf\uFFFD.py: unreadable: the name is not valid UTF-8');
    // Git names the file inside, the walk the directory that it cannot enter.
    const inside = /^caf\uFFFD(\/in\.py)?: unreadable: the name is not valid UTF-8$/;
    expect(problems).toContainEqual(expect.stringMatching(inside));
  });
});

describe('discover in a git checkout', () => {
  it('lists tracked and new files, without those that are gone', () => {
    const top = makeRepository(temporaryDirectory(), { 'a.py': '', 'gone.py': '', 'd/x.py': '' });
    writeTree(top, { 'new.py': '' });
    rmSync(join(top, 'gone.py'));
    expect(found(top)).toEqual(['a.py', 'd/x.py', 'new.py']);
  });

  it('lists a tracked file although a rule ignores it', () => {
    const top = makeRepository(temporaryDirectory(), { 'a.py': '' });
    writeTree(top, { '.gitignore': '*.py\n', 'b.py': '' });
    expect(found(top)).toEqual(['a.py']);
  });

  it("honours .git/info/exclude, with and without git, and the user's own rules", () => {
    const top = makeRepository(join(temporaryDirectory(), 'top'), { 'a.py': '' });
    writeTree(top, { '.git/info/exclude': 'mine.py\n', 'mine.py': '', 'theirs.py': '' });
    writeTree(top, { '../rules': 'theirs.py\n' });
    expect(found(top)).toEqual(['a.py', 'theirs.py']);
    git(top, 'config', 'core.excludesFile', join(top, '../rules'));
    expect(found(top)).toEqual(['a.py']);
    rmSync(join(top, '../rules'));
    hideGit();
    expect(found(top)).toEqual(['a.py', 'theirs.py']);
    vi.unstubAllEnvs();
    isolateGit();
    writeTree(top, { '.gitignore': '!mine.py\n' });
    expect(found(top)).toEqual(['a.py', 'mine.py', 'theirs.py']);
    hideGit();
    expect(found(top)).toEqual(['a.py', 'mine.py', 'theirs.py']);
  });

  it('leaves submodules, worktrees and other repositories below to themselves', () => {
    const directory = temporaryDirectory();
    const library = makeRepository(join(directory, 'library'), { 'l.py': '' });
    const top = makeRepository(join(directory, 'top'), { 'a.py': '' });
    git(top, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library, 'sub');
    git(top, 'worktree', 'add', '--quiet', 'tree');
    makeRepository(join(top, 'nested'), { 'n.py': '', '.gitignore': 'out\n', 'out/o.py': '' });
    expect(found(top)).toEqual(['a.py']);
    expect(found(top, ['sub', 'tree', 'nested'])).toEqual(['nested/n.py', 'sub/l.py', 'tree/a.py']);
    // Above all checkouts each is searched by its own rules.
    expect(found(directory)).toEqual(['library/l.py', 'top/a.py']);
    hideGit();
    expect(found(top)).toEqual(['a.py']);
    expect(found(top, ['sub', 'tree', 'nested'])).toEqual(['nested/n.py', 'sub/l.py', 'tree/a.py']);
  });

  it('is not led astray by the variables of a surrounding git hook', () => {
    const other = makeRepository(temporaryDirectory(), { 'other.py': '' });
    const top = makeRepository(temporaryDirectory(), { 'a/x.py': '' });
    vi.stubEnv('GIT_DIR', join(other, '.git'));
    vi.stubEnv('GIT_WORK_TREE', other);
    vi.stubEnv('GIT_INDEX_FILE', join(other, '.git/index'));
    vi.stubEnv('GIT_LITERAL_PATHSPECS', '1');
    expect(found(join(top, 'a'))).toEqual(['x.py']);
  });

  it('searches a named directory that git ignores by its own rules only', () => {
    const top = makeRepository(temporaryDirectory(), {
      '.gitignore': '*\n',
      'out/.gitignore': 'skip.py\n',
      'out/a.py': '',
      'out/skip.py': '',
    });
    expect(found(top, ['out'])).toEqual(['out/a.py']);
  });
});
