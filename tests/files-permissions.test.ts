import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  asOrdinaryUser,
  giveToOrdinaryUser,
  HAS_ORDINARY_USER,
  isolateGit,
  makeRepository,
  temporaryDirectory,
  writeTree,
} from './files-temporary.ts';

beforeEach(isolateGit);
afterEach(() => {
  vi.unstubAllEnvs();
});

describe.skipIf(!HAS_ORDINARY_USER)('discover as a user without all rights', () => {
  function searchAsUser(top: string): unknown {
    const driver = `
      import { discover } from '../src/files/discover.ts';
      const cwd = ${JSON.stringify(top)};
      report(discover(['.'], { cwd, root: cwd, exclude: [] }));`;
    return asOrdinaryUser(driver);
  }

  const closed = (top: string) => ({
    files: [join(top, 'a.py')],
    problems: [{ path: join(top, 'closed'), code: 'unreadable', message: 'permission denied' }],
  });

  it.each([
    ['outside of git', () => {}],
    ['in a checkout', (top: string) => void makeRepository(top, {})],
  ])('tells which directory cannot be read, %s', (_, surround) => {
    const top = temporaryDirectory();
    writeTree(top, { 'a.py': '', 'closed/b.py': '' });
    surround(top);
    // Untracked again, since git does not open the directory of a file that it tracks.
    rmSync(join(top, '.git/index'), { force: true });
    giveToOrdinaryUser(top);
    chmodSync(join(top, 'closed'), 0);
    expect(searchAsUser(top)).toEqual(closed(top));
    chmodSync(join(top, 'closed'), 0o755);
  });

  it('tells which files are out of reach in a directory that can only be listed', () => {
    const top = temporaryDirectory();
    writeTree(top, { 'a.py': '', 'listed/b.py': '' });
    giveToOrdinaryUser(top);
    chmodSync(join(top, 'listed'), 0o444);
    expect(searchAsUser(top)).toMatchObject({
      files: [join(top, 'a.py')],
      problems: [{ path: join(top, 'listed/b.py'), code: 'unreadable' }],
    });
    chmodSync(join(top, 'listed'), 0o755);
  });

  it("walks another user's checkout, which git refuses", (context) => {
    if (process.getuid?.() !== 0) {
      console.warn("SKIPPED: another user's checkout needs root to make one");
      return context.skip();
    }
    const files = { 'a.py': '', '.gitignore': 'out\n', 'out/b.py': '' };
    const top = makeRepository(temporaryDirectory(), files);
    expect(readdirSync(top)).toContain('.git');
    expect(searchAsUser(top)).toEqual({ files: [join(top, 'a.py')], problems: [] });
  });
});
