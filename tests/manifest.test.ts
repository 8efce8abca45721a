import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from '@decimalturn/toml-patch';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { checkEdit } from '../src/manifest/check.ts';
import { requirementsList } from '../src/manifest/line-lists.ts';
import { readManifests, targetOf } from '../src/manifest/read.ts';
import { normaliseName, parseRequirement } from '../src/manifest/requirement.ts';
import { fitOf, lowerBound, readPoetryConstraint } from '../src/manifest/specifier.ts';
import { applyEdits } from '../src/manifest/text.ts';
import { viewToml } from '../src/manifest/toml.ts';
import { compareVersions, isVersion } from '../src/manifest/version.ts';
import { UsageError } from '../src/usage.ts';
import { declareAnyio } from '../transforms/dependency.ts';

const PLAIN = { beforeOperator: '', afterOperator: '', parentheses: false };
const temporary: string[] = [];

afterEach(() => {
  for (const directory of temporary.splice(0)) rmSync(directory, { recursive: true });
});

/** A directory with these files, gone after the test. */
function project(files: Record<string, string | Uint8Array>): string {
  const root = mkdtempSync(join(tmpdir(), 'manifest-'));
  temporary.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

describe('compareVersions', () => {
  const ascending = [
    '1.dev1',
    '1a1',
    '1b2.dev3',
    '1b2',
    '1rc1',
    '1',
    '1.post1.dev2',
    '1.post1',
    '1.0.1',
    '4.2',
    '4.9.1',
    '4.10',
    '10',
    '1!0.1',
  ];

  it('orders as PEP 440 does', () => {
    for (let index = 1; index < ascending.length; index++) {
      const pair = [ascending[index - 1], ascending[index]] as [string, string];
      expect(compareVersions(...pair), pair.join(' < ')).toBeLessThan(0);
      expect(compareVersions(pair[1], pair[0]), pair.join(' < ')).toBeGreaterThan(0);
    }
  });

  it.each([
    ['4', '4.0.0'],
    ['v4.2', '4.2'],
    ['4.0c1', '4.0-rc.1'],
    ['4.0-1', '4.0.post1'],
    ['4.0+cu118', '4.0'],
  ])('takes %s and %s for the same', (a, b) => {
    expect(compareVersions(a, b)).toBe(0);
  });

  it('throws for what is no version', () => {
    expect(() => compareVersions('4.0', 'latest')).toThrow(RangeError);
    for (const text of ['4.*', '', '>=4', '4..1', 'x']) expect(isVersion(text), text).toBe(false);
  });
});

describe('parseRequirement', () => {
  it('takes a line apart', () => {
    const line = 'AnyIO[trio, test]>=4.0,<5 ; python_version >= "3.9"  # comment';
    const requirement = parseRequirement(line);
    expect(requirement).toMatchObject({
      name: 'anyio',
      extras: ['trio', 'test'],
      marker: 'python_version >= "3.9"',
      text: 'AnyIO[trio, test]>=4.0,<5 ; python_version >= "3.9"',
    });
    expect(requirement?.url).toBeUndefined();
    const [specifiers = []] = requirement?.constraint.alternatives ?? [];
    expect(specifiers.map(({ start, end }) => line.slice(start, end))).toEqual(['>=4.0', '<5']);
  });

  it('gives spans from the offset on', () => {
    const [specifiers = []] =
      parseRequirement('anyio == 4.3.0', 100)?.constraint.alternatives ?? [];
    expect(specifiers).toEqual([
      { operator: '==', version: '4.3.0', start: 106, versionStart: 109, end: 114 },
    ]);
  });

  it('knows a URL, whose # is no comment', () => {
    expect(parseRequirement('anyio @ git+https://example.org/a.git#main # ours')).toMatchObject({
      name: 'anyio',
      url: 'git+https://example.org/a.git#main',
    });
  });

  it.each([
    '',
    '# anyio',
    '-e .',
    'https://example.org/a.whl',
    'anyio 4',
    'anyio>=4 <5',
    'anyio>=',
  ])('does not take %j for a requirement', (line) => {
    expect(parseRequirement(line)).toBeUndefined();
  });

  it('normalises names as PEP 503 does', () => {
    expect(normaliseName('Typing__Ext.-Plus')).toBe('typing-ext-plus');
  });
});

describe('lowerBound', () => {
  it.each([
    ['>=3.10,<4', '3.10'],
    ['~=3.11', '3.11'],
    ['==3.12.*', '3.12'],
    ['^3.11', '3.11'],
    ['~3.9', '3.9'],
    ['3.11', '3.11'],
    ['4.*', '4'],
    ['>3.8', '3.8'],
    ['>=3.8 >=3.10 <4', '3.10'],
    ['>=3.10, !=3.11.*', '3.10'],
    ['^3.11 || ~3.9', '3.9'],
    ['*', undefined],
    ['<4', undefined],
    ['!=3.9', undefined],
    ['^3.11 || *', undefined],
  ])('of %s is %s', (text, bound) => {
    const constraint = readPoetryConstraint(text, 0);
    expect(constraint && lowerBound(constraint)).toBe(bound);
  });

  it.each(['latest', '', '>=3.x.y z', '^'])('is not asked of %j', (text) => {
    expect(readPoetryConstraint(text, 0)).toBeUndefined();
  });
});

describe('fitOf', () => {
  /** `enough`, `conflict`, or the text that the edits give. */
  function fitted(text: string, needed: string): string {
    const constraint = readPoetryConstraint(text, 0);
    if (!constraint) return 'unread';
    const result = fitOf(constraint, needed, PLAIN);
    return result.kind === 'low' ? applyEdits(text, result.edits) : result.kind;
  }

  it.each([
    ['>=4', '4.0.0', 'enough'],
    ['>=4.10', '4.9', 'enough'],
    ['==4.8.0', '4.7', 'enough'],
    ['4.8', '4.7', 'enough'],
    ['>=4.0rc1', '4.0', '>=4.0'],
    ['>=3, <5', '4.7', '>=4.7, <5'],
    ['> 3', '4.0.0', '>= 4.0.0'],
    ['<5', '4.7', '>=4.7,<5'],
    ['< 5', '4.7', '>= 4.7, < 5'],
    ['!=4.1', '4.7', '>=4.7,!=4.1'],
    ['*', '4.0.0', '>=4.0.0'],
    ['^4.2', '4.7', '^4.7'],
    ['~4', '4.7', '~4,>=4.7'],
    ['~4.2', '4.2.3', '~4.2.3'],
    ['~=4.2.1', '4.2.3', '~=4.2.3'],
    ['>=3,>=3.6', '4.7', '>=3,>=4.7'],
    ['<=4.7', '4.7.0', '>=4.7.0,<=4.7'],
    ['<4.7', '4.7.0', 'conflict'],
    ['<=4.6', '4.7', 'conflict'],
    ['~4.2', '4.7', 'conflict'],
    ['^3.6', '4.0.0', 'conflict'],
    ['^0.2.3', '0.3', 'conflict'],
    ['3.7.1', '4.0.0', 'conflict'],
    ['^3.6 || ^4.8', '4.7', 'conflict'],
    ['^4.8 || ^5', '4.7', 'enough'],
  ])('%s with %s needed: %s', (text, needed, result) => {
    expect(fitted(text, needed)).toBe(result);
  });
});

describe('viewToml', () => {
  it('gives offsets of the whole text, past a byte order mark and characters of two units', () => {
    const text = '\ufeffa = "💡" # é\r\n[b.c]\r\n"d".e = { f = [\'g\'] }\r\n';
    const view = viewToml(text);
    const sources = view.rows.map(({ start, end }) => text.slice(start, end));
    expect(sources).toEqual(['a = "💡"', '"d".e = { f = [\'g\'] }']);
    expect(view.rows.map(({ path }) => path)).toEqual([['a'], ['b', 'c', 'd', 'e']]);
    expect(view.headers.map(({ start, end }) => text.slice(start, end))).toEqual(['[b.c]']);
  });
});

describe('readManifests', () => {
  it('reports malformed TOML with its line, and does not throw', () => {
    const root = project({ 'pyproject.toml': '[project]\nname = "lamp"\ndependencies = [,]\n' });
    const { problems, pyproject } = readManifests(root);
    expect(pyproject).toBeUndefined();
    expect(problems).toEqual([
      {
        path: join(root, 'pyproject.toml'),
        code: 'syntax',
        line: 3,
        message: expect.stringMatching(/^not valid TOML: [^\n]+$/),
      },
    ]);
  });

  it('reports bytes that are no text, in a file that counts', () => {
    const latin1 = Uint8Array.from([0x23, 0xe9, 0x0a]);
    const root = project({ 'requirements.txt': latin1 });
    expect(readManifests(root).problems).toMatchObject([{ code: 'encoding' }]);
    writeFileSync(join(root, 'pyproject.toml'), '[project]\ndependencies = []\n');
    expect(readManifests(root).problems).toEqual([]);
  });

  it('reports a broken lock file and goes on without it', () => {
    const root = project({ 'requirements.txt': 'httpx\n', 'Pipfile.lock': '{' });
    const manifests = readManifests(root);
    expect(manifests.problems).toMatchObject([{ code: 'syntax' }]);
    expect(declareAnyio(manifests, '4.0.0').outcome.verdict).toBe('rewrite');
  });

  it('follows -r in a circle once, and never out of the project', () => {
    const root = project({
      'requirements.txt': '-r more.txt\n-r ../outside.txt\n',
      'more.txt': '-r requirements.txt\n',
    });
    const names = readManifests(root).requirements.map(({ name }) => name);
    expect(names).toEqual(['requirements.txt', 'more.txt']);
  });
});

describe('targetOf', () => {
  function target(files: Record<string, string>, override?: string) {
    return targetOf(readManifests(project(files)), override);
  }

  const locked = '[[package]]\nname = "aiohttp"\nversion = "3.9"\n\n[[package]]\nname = "anyio"\n';

  it('takes the bound of the manifest before the lock file', () => {
    expect(
      target({
        'pyproject.toml':
          '[project]\nrequires-python = ">=3.10.2"\ndependencies = ["anyio~=4.2"]\n',
        'uv.lock': `version = 1\n\n${locked}version = "4.11.0"\n`,
      }),
    ).toEqual({ anyio: '4.2', anyioSource: 'pyproject.toml', python: '3.10' });
  });

  it('takes the lowest of several entries, and none when one is unbounded', () => {
    const both = (first: string) => `${first}; python_version<"3.9"\nanyio>=4.6\n`;
    expect(target({ 'requirements.txt': both('anyio>=4.5') }).anyio).toBe('4.5');
    expect(target({ 'requirements.txt': both('anyio') }).anyio).toBeUndefined();
  });

  it('takes the lowest version of the lock file when the manifest has no bound', () => {
    expect(
      target({
        'pyproject.toml': '[project]\ndependencies = ["anyio", "httpx"]\n',
        'poetry.lock': `${locked}version = "4.10.0"\n\n[[package]]\nname = "anyio"\nversion = "4.9.0"\n`,
      }),
    ).toEqual({ anyio: '4.9.0', anyioSource: 'poetry.lock', python: undefined });
  });

  it('reads Pipfile and Pipfile.lock', () => {
    expect(
      target({
        Pipfile: '[packages]\nhttpx = "*"\n\n[requires]\npython_version = "3.11"\n',
        'Pipfile.lock': '{"default": {"anyio": {"version": "==4.8.0"}}}',
      }),
    ).toEqual({ anyio: '4.8.0', anyioSource: 'Pipfile.lock', python: '3.11' });
  });

  it.each([
    ['[tool.poetry.dependencies]\npython = "^3.11"\n', '3.11'],
    ['[tool.poetry.dependencies]\npython = { version = ">=3.9,<4" }\n', '3.9'],
    ['[project]\nrequires-python = "==3.12.*"\n', '3.12'],
    ['[project]\nrequires-python = "<4"\n', undefined],
  ])('reads the Python of %j', (text, python) => {
    expect(target({ 'pyproject.toml': text }).python).toBe(python);
  });

  it('reads python_requires of setup.cfg', () => {
    expect(target({ 'setup.cfg': '[options]\npython_requires = >= 3.8\n' }).python).toBe('3.8');
  });

  it('lets --target-anyio win, and wants a version there', () => {
    const files = { 'requirements.txt': 'anyio>=4.2\n' };
    expect(target(files, '4.15')).toEqual({
      anyio: '4.15',
      anyioSource: '--target-anyio',
      python: undefined,
    });
    expect(() => target(files, 'newest')).toThrow(UsageError);
  });

  it('knows nothing of a project without manifests', () => {
    expect(target({})).toEqual({ anyio: undefined, anyioSource: undefined, python: undefined });
  });
});

describe('checkEdit', () => {
  const file = (text: string) => ({
    path: '/lamp/reqs.txt',
    name: 'reqs.txt',
    text,
    encoding: 'utf8',
  });
  const before = requirementsList(file('-e .\nhttpx\nanyio[trio]>=3\n'));

  it('takes a raised bound', () => {
    expect(() => checkEdit(before, '-e .\nhttpx\nanyio[trio]>=4.0.0\n', '4.0.0')).not.toThrow();
  });

  it.each([
    ['-e .\nhttpx\nanyio>=4.0.0\n', 'extras'],
    ['-e .\nhttpx\nanyio[trio]>=3.9\n', 'too low'],
    ['-e .\nanyio[trio]>=4.0.0\n', 'other dependencies'],
    ['httpx\nanyio[trio]>=4.0.0\n', 'other data'],
    ['-e .\nhttpx\nanyio[trio]>=4.0.0\nanyio\n', 'number of entries'],
  ])('does not take %j', (after, fault) => {
    expect(() => checkEdit(before, after, '4.0.0')).toThrow(fault);
  });
});

describe('declareAnyio in a PEP 621 array of any layout', () => {
  const layout = fc.record({
    names: fc.uniqueArray(fc.constantFrom('aiohttp', 'any', 'anyio2', 'Attrs', 'httpx', 'uvloop')),
    quote: fc.constantFrom('"', "'"),
    newline: fc.constantFrom('\n', '\r\n'),
    breaks: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    comments: fc.array(fc.constantFrom('none', 'behind', 'above'), { minLength: 8, maxLength: 8 }),
    commas: fc.constantFrom('trailing', 'between', 'leading'),
    indent: fc.constantFrom('  ', '\t', '    '),
  });

  /** An array as a person might write it; a comment is always followed by a line end. */
  function source(shape: typeof layout extends fc.Arbitrary<infer T> ? T : never): string {
    const { names, quote, newline, breaks, comments, commas, indent } = shape;
    const line = newline + indent;
    const items = names.map((name, index) => {
      const last = index === names.length - 1;
      const leading = commas === 'leading' && index > 0 ? ', ' : '';
      const comma = commas === 'leading' || (last && commas === 'between') ? '' : ',';
      const above = comments[index] === 'above' ? `${line}# on ${name}` : '';
      const start = above !== '' || breaks[index] ? line : ' ';
      const behind = comments[index] === 'behind' ? `  # of ${name}${newline}${indent}` : '';
      return `${above}${start}${leading}${quote}${name}${quote}${comma}${behind}`;
    });
    const list = `[${items.join('')}${breaks[7] ? newline : ' '}]`;
    return `[project]${newline}dependencies = ${list} # end${newline}name = 'lamp'${newline}`;
  }

  const dependenciesOf = (text: string): string[] => parse(text).project.dependencies;
  const commentsOf = (text: string) => text.match(/#[^\r\n]*/g);
  const isSorted = (names: string[]) =>
    names.every(
      (name, index) => index === 0 || (names[index - 1] ?? '').toLowerCase() <= name.toLowerCase(),
    );

  it('adds one entry, in order, and keeps the others, the comments and the line ends', () => {
    const root = project({});
    fc.assert(
      fc.property(layout, (shape) => {
        const before = source(shape);
        writeFileSync(join(root, 'pyproject.toml'), before);
        const { change } = declareAnyio(readManifests(root), '4.0.0');
        const after = change?.after ?? '';
        const dependencies = dependenciesOf(after);

        expect(dependencies.filter((each) => each !== 'anyio>=4.0.0')).toEqual(shape.names);
        expect(dependencies).toHaveLength(shape.names.length + 1);
        const names = dependencies.map((each) => each.replace(/>=.*/, ''));
        if (isSorted(shape.names)) expect(isSorted(names)).toBe(true);
        else expect(names.at(-1)).toBe('anyio');
        expect(commentsOf(after)).toEqual(commentsOf(before));
        expect(/(^|[^\r])\n/.test(after)).toBe(shape.newline === '\n');
        for (const name of shape.names) {
          const own = new RegExp(`# on ${name}\\r?\\n\\s*(, )?["']${name}["']`);
          expect(own.test(after)).toBe(own.test(before));
        }
      }),
      { numRuns: 300 },
    );
  });
});
