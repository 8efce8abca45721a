import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { manifestHome } from '../src/manifest/home.ts';

describe('the manifest that speaks for the chosen files', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'anyio-codemod-home-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function lay(...paths: string[]): string[] {
    for (const path of paths) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), '');
    }
    return paths.filter((path) => path.endsWith('.py')).map((path) => join(root, path));
  }

  test("is the root's, for files all over it", () => {
    expect(manifestHome(root, lay('pyproject.toml', 'app/a.py', 'scripts/b.py'))).toBe(root);
  });

  test('is the nearest one above files of one folder', () => {
    const files = lay('pyproject.toml', 'tools/requirements.txt', 'tools/x/a.py', 'tools/x/b.py');
    expect(manifestHome(root, files)).toBe(join(root, 'tools'));
  });

  test("is that of the repository's only Python folder, where the root has none", () => {
    const files = lay('backend/pyproject.toml', 'backend/app/a.py', 'docs/conf.py');
    expect(manifestHome(root, files)).toBe(join(root, 'backend'));
  });

  test('stays undecided, at the root, between two projects', () => {
    const files = lay('api/pyproject.toml', 'api/a.py', 'worker/setup.cfg', 'worker/b.py');
    expect(manifestHome(root, files)).toBe(root);
  });

  test('does not take a neighbour whose name begins the same', () => {
    const files = lay('app/pyproject.toml', 'app/a.py', 'app2/b.py');
    expect(manifestHome(root, files)).toBe(join(root, 'app'));
    expect(manifestHome(root, lay('app2/setup.cfg', 'app2/c.py', 'app2/b.py'))).toBe(
      join(root, 'app2'),
    );
  });

  test('is the root without files', () => {
    expect(manifestHome(root, [])).toBe(root);
  });
});
