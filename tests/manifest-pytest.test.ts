/** pytest's settings: where they are found, what they say, and what becomes of them. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { movedSettings, readPytestSettings } from '../src/manifest/pytest-settings.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The settings of a project with these files, whose tests lie in `a/tests`. */
function settingsOf(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'anyio-codemod-settings-'));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return readPytestSettings(root, [join(root, 'a', 'tests', 'test_x.py')]);
}

/** The texts after the move, by name. */
function moved(files: Record<string, string>) {
  const settings = settingsOf(files);
  const names = new Map(settings.files.map(({ path, name }) => [path, name]));
  return Object.fromEntries(
    movedSettings(settings).map(({ path, after }) => [names.get(path), after]),
  );
}

describe('the auto mode', () => {
  it.each([
    ['pytest.ini', '[pytest]\nasyncio_mode=auto\n', '[pytest]\nanyio_mode=auto\n'],
    ['a/.pytest.ini', '[pytest]\nasyncio_mode: auto\n', '[pytest]\nanyio_mode: auto\n'],
    [
      'tox.ini',
      '[tox]\n\n[pytest]\nasyncio_mode =\n  auto\n',
      '[tox]\n\n[pytest]\nanyio_mode =\n  auto\n',
    ],
    [
      'a/tests/setup.cfg',
      '[tool:pytest]\r\nasyncio_mode = auto\r\n',
      '[tool:pytest]\r\nanyio_mode = auto\r\n',
    ],
    ['pytest.toml', '[pytest]\nasyncio_mode = "auto"\n', '[pytest]\nanyio_mode = "auto"\n'],
    [
      'pyproject.toml',
      "[tool.pytest.ini_options]\nasyncio_mode = 'auto' # all\n",
      "[tool.pytest.ini_options]\nanyio_mode = 'auto' # all\n",
    ],
    [
      'pyproject.toml',
      '[tool]\npytest.ini_options.asyncio_mode = "auto"\n',
      '[tool]\npytest.ini_options.anyio_mode = "auto"\n',
    ],
  ])('of %s becomes that of anyio', (name, before, after) => {
    expect(settingsOf({ [name]: before }).auto).toBe(true);
    expect(moved({ [name]: before })).toEqual({ [name]: after });
  });

  it('is not read from other sections or folders', () => {
    const files = {
      'tox.ini': '[testenv]\nasyncio_mode = auto\n',
      'b/pytest.ini': '[pytest]\nasyncio_mode = auto\n',
      'pyproject.toml': '[tool.other]\nasyncio_mode = "auto"\n',
    };
    expect(settingsOf(files).auto).toBe(false);
    expect(moved(files)).toEqual({});
  });

  it('is taken from every file that says so', () => {
    const files = {
      'pytest.ini': '[pytest]\n# all\nasyncio_mode = auto\n',
      'a/pytest.ini': '[pytest]\nasyncio_mode = auto',
    };
    expect(moved(files)).toEqual({
      'pytest.ini': '[pytest]\n# all\nanyio_mode = auto\n',
      'a/pytest.ini': '[pytest]\nanyio_mode = auto',
    });
  });
});

it('drops what speaks of the loops of pytest-asyncio, line by line', () => {
  const before = [
    '[pytest]',
    'asyncio_mode = strict',
    'addopts = -ra',
    'asyncio_default_fixture_loop_scope = function',
    'asyncio_default_test_loop_scope =',
    '    function',
    'testpaths = tests',
    '',
  ].join('\n');
  expect(moved({ 'pytest.ini': before })).toEqual({
    'pytest.ini': '[pytest]\naddopts = -ra\ntestpaths = tests\n',
  });
});

describe('in the way', () => {
  it.each([
    ['[pytest]\nasyncio_default_test_loop_scope = session\n', 'asyncio_default_test_loop_scope'],
    ['[pytest]\nasyncio_default_fixture_loop_scope = module\n', 'to module'],
    ['[pytest]\naddopts = -ra -p no:anyio\n', '-p no:anyio'],
    ['[pytest]\naddopts =\n  -ra\n  --asyncio-mode=auto\n', '--asyncio-mode'],
  ])('stands %j', (text, words) => {
    expect(settingsOf({ 'pytest.ini': text }).obstacle?.message).toContain(words);
  });

  it('stands a file that is not read as what it is', () => {
    expect(settingsOf({ 'pyproject.toml': '[tool.pytest\n' }).obstacle?.message).toContain(
      'pyproject.toml',
    );
  });

  it('stands nothing where nothing is said', () => {
    expect(settingsOf({ 'pytest.ini': '[pytest]\naddopts = -p no:cacheprovider\n' })).toMatchObject(
      { auto: false },
    );
    expect(settingsOf({})).toEqual({ files: [], auto: false });
  });
});

it('shares a file with another change of the run', () => {
  const settings = settingsOf({
    'pyproject.toml': '[tool.pytest.ini_options]\nasyncio_mode = "auto"\n',
  });
  const [{ path, text } = { path: '', text: '' }] = settings.files;
  const other = {
    path,
    before: text,
    after: `# declared\n${text}`,
    encoding: 'utf8',
    note: 'declared',
  };
  expect(movedSettings(settings, [other])).toEqual([
    {
      path,
      before: text,
      after: '# declared\n[tool.pytest.ini_options]\nanyio_mode = "auto"\n',
      encoding: 'utf8',
      note: 'declared; asyncio_mode becomes anyio_mode',
    },
  ]);
});
