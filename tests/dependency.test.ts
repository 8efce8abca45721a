import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import iconv from 'iconv-lite';
import { afterEach, describe, expect, it } from 'vitest';
import { readManifests } from '../src/manifest/read.ts';
import type { FileChange } from '../src/result.ts';
import { declareAnyio, dependency } from '../transforms/dependency.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/dependency/', import.meta.url));

interface Expected {
  needed: string;
  verdict: 'rewrite' | 'refuse' | 'leave';
  code?: string;
}

const temporary: string[] = [];

afterEach(() => {
  for (const directory of temporary.splice(0)) rmSync(directory, { recursive: true });
});

/** A directory with these files, gone after the test. */
function project(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'dependency-'));
  temporary.push(root);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return root;
}

function filesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}

function bytesOf(change: FileChange): Buffer {
  return iconv.encode(change.after, change.encoding);
}

describe('the dependency fixtures', () => {
  for (const name of readdirSync(FIXTURES)) {
    const directory = join(FIXTURES, name);
    const expected: Expected = JSON.parse(readFileSync(join(directory, 'expected.json'), 'utf8'));

    it(`${name}: ${expected.verdict}`, () => {
      const root = join(directory, 'before');
      const { outcome, change } = declareAnyio(readManifests(root), expected.needed);
      const after = filesIn(join(directory, 'after'));

      expect({ verdict: outcome.verdict, code: outcome.code }).toEqual({
        verdict: expected.verdict,
        code: expected.code,
      });
      expect(change ? [relative(root, change.path)] : []).toEqual(after);
      if (!change) return;
      const wanted = readFileSync(join(directory, 'after', after[0] as string));
      expect(change.after).toBe(iconv.decode(wanted, change.encoding, { stripBOM: false }));
      expect(bytesOf(change).equals(wanted)).toBe(true);
    });

    if (expected.verdict === 'rewrite') {
      it(`${name}: nothing is left to do the second time`, () => {
        const root = project({});
        cpSync(join(directory, 'before'), root, { recursive: true });
        const { change } = declareAnyio(readManifests(root), expected.needed);
        writeFileSync((change as FileChange).path, bytesOf(change as FileChange));

        const again = declareAnyio(readManifests(root), expected.needed);

        expect(again.outcome.verdict).toBe('leave');
        expect(again.change).toBeUndefined();
      });
    }
  }
});

describe('what dependency says of itself', () => {
  it('explains each refusal that a fixture meets', () => {
    const met = readdirSync(FIXTURES).flatMap((name) => {
      const text = readFileSync(join(FIXTURES, name, 'expected.json'), 'utf8');
      return (JSON.parse(text) as Expected).code ?? [];
    });
    const explained = dependency.diagnostics.map(({ code }) => code);
    expect([...new Set(met)].sort()).toEqual([...explained].sort());
  });

  it('does what its examples show', () => {
    for (const { before, after } of dependency.examples) {
      const name = before.startsWith('[project]') ? 'pyproject.toml' : 'requirements.txt';
      const { change } = declareAnyio(readManifests(project({ [name]: before })), '4.0.0');
      expect(change?.after).toBe(after);
    }
  });
});

describe('the message', () => {
  function outcome(files: Record<string, string>, needed = '4.0.0') {
    return declareAnyio(readManifests(project(files)), needed).outcome;
  }

  it('says what is added where, and what a person does next', () => {
    const files = {
      'pyproject.toml': '[project]\ndependencies = []\n',
      'uv.lock': 'version = 1\n',
    };
    expect(outcome(files)).toMatchObject({
      needed: '4.0.0',
      message: 'anyio>=4.0.0 added to [project] dependencies; renew uv.lock with `uv lock`',
    });
    expect(outcome(files).declared).toBeUndefined();
  });

  it('says what is raised', () => {
    const found = outcome({ 'requirements.in': 'anyio>=3\n', 'requirements.txt': '' }, '4.7');
    expect(found.declared).toBe('anyio>=3');
    expect(found.message).toBe(
      'anyio>=3 raised to anyio>=4.7 in requirements.in; compile requirements.in again',
    );
  });

  it('warns of a marker', () => {
    expect(outcome({ 'requirements.txt': "anyio>=4; os_name == 'nt'\n" }).message).toBe(
      "anyio>=4; os_name == 'nt' in requirements.txt is high enough, but only installed where os_name == 'nt'",
    );
  });

  it('names the way out of a conflict', () => {
    expect(outcome({ Pipfile: '[packages]\nanyio = "<4"\n' })).toMatchObject({
      verdict: 'refuse',
      declared: 'anyio = "<4"',
      message: 'anyio = "<4" in [packages] does not go with anyio>=4.0.0',
      help: expect.stringContaining('anyio>=4.0.0'),
    });
  });
});
