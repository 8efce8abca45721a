import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeApt } from './fake-apt.ts';

const FETCH = join(import.meta.dirname, 'fetch.mjs');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyio-codemod-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('fetch', () => {
  let apt: FakeApt;
  let cache: string;

  beforeEach(() => {
    mkdirSync(join(folder, 'bin'));
    apt = new FakeApt(join(folder, 'bin'));
    cache = join(folder, 'cache');
  });

  const environment = (more: NodeJS.ProcessEnv = {}) => {
    const { CI: _, ...inherited } = process.env;
    return { ...inherited, ...apt.environment, ANYIO_CODEMOD_TEST_CACHE: cache, ...more };
  };
  const run = (more?: NodeJS.ProcessEnv) =>
    spawnSync(process.execPath, [FETCH], { encoding: 'utf8', env: environment(more) });
  const start = () =>
    spawn(process.execPath, [FETCH], { env: environment(), detached: true, stdio: 'ignore' });
  const inHome = (...parts: string[]) => join(cache, 'python', ...parts);

  it('unpacks anyio twice, pytest, the corpus and a library, from the mirror that apt uses', () => {
    expect(run()).toMatchObject({ status: 0, stderr: '' });
    const stamp = JSON.parse(readFileSync(inHome('stamp.json'), 'utf8'));
    const [first, second, pytest, ...corpus] = stamp.folders;
    expect(first).toMatchObject({ kind: 'anyio', folder: 'anyio-4.8', version: '4.8.0' });
    expect(second).toMatchObject({ kind: 'anyio', folder: 'anyio-4.15', version: '4.15.1' });
    expect(pytest).toMatchObject({ kind: 'pytest', folder: 'pytest-4.8' });
    expect(corpus.map((one: { folder: string }) => one.folder)).toContain('corpus/slixmpp');
    const stdlib = corpus.at(-1);
    expect(stdlib).toMatchObject({ kind: 'stdlib', folder: 'stdlib-4.15' });
    expect(Object.keys(stdlib.packages)).toEqual(['libpython3.15-stdlib']);
    for (const one of stamp.folders) expect(readdirSync(inHome(one.folder))).toEqual(['usr']);
    expect(readdirSync(inHome()).sort()).toEqual([
      'anyio-4.15',
      'anyio-4.8',
      'corpus',
      'pytest-4.8',
      'stamp.json',
      'stdlib-4.15',
    ]);
    expect(readFileSync(join(cache, 'apt', 'forky', 'debian.sources'), 'utf8')).toBe(
      'Types: deb\nURIs: http://mirror.example/debian\nSuites: forky\nComponents: main\n' +
        'Targets: Packages\nSigned-By: /keys.gpg\n',
    );
  });

  it('needs no tool when all is there', () => {
    run();
    const asked = apt.log;
    expect(run({ PATH: folder })).toMatchObject({ status: 0, stderr: '' });
    expect(apt.log).toEqual(asked);
  });

  it('fetches what an earlier run had and someone removed', () => {
    run();
    rmSync(inHome('corpus', 'aiohttp'), { recursive: true });
    expect(run().status).toBe(0);
    expect(existsSync(inHome('corpus', 'aiohttp'))).toBe(true);
  });

  it('starts over after a run that was killed halfway', async () => {
    writeFileSync(join(apt.folder, 'slow'), '');
    const halfway = start();
    await until(() => apt.log.some((line) => line.startsWith('download')));
    process.kill(-(halfway.pid ?? 0), 'SIGKILL');
    await exitOf(halfway);
    expect(existsSync(inHome('stamp.json'))).toBe(false);
    expect(existsSync(inHome('.partial'))).toBe(true);

    rmSync(join(apt.folder, 'slow'));
    expect(run().status).toBe(0);
    expect(existsSync(inHome('stamp.json'))).toBe(true);
    expect(existsSync(inHome('.partial'))).toBe(false);
  });

  it('fetches once when two run at once', async () => {
    const codes = await Promise.all([exitOf(start()), exitOf(start())]);
    expect(codes).toEqual([0, 0]);
    const updates = apt.log.filter((line) => line.startsWith('update'));
    expect(updates).toEqual(['update trixie', 'update forky']);
  });

  it('says loudly that there is no network, and fails for it in CI alone', () => {
    writeFileSync(join(apt.folder, 'offline'), '');
    const skipped = run();
    expect(skipped.status).toBe(0);
    expect(skipped.stderr).toBe(
      'NO PYTHON LIBRARIES: tests that run Python will be skipped: no package lists of Debian ' +
        'trixie: apt-get: E: the mirror does not answer\n',
    );
    expect(readFileSync(inHome('SKIPPED'), 'utf8')).toContain('the mirror does not answer');
    expect(run({ CI: 'true' }).status).toBe(1);

    rmSync(join(apt.folder, 'offline'));
    expect(run().status).toBe(0);
    expect(existsSync(inHome('SKIPPED'))).toBe(false);
  });

  it('says loudly that this is no Debian', () => {
    const bare = run({ PATH: folder });
    expect(bare.status).toBe(0);
    expect(bare.stderr).toMatch(/^NO PYTHON LIBRARIES: .*flock.*ENOENT\n$/);

    writeFileSync(join(apt.folder, 'parts', 'debian.sources'), '');
    expect(run().stderr).toContain("apt's sources name no mirror of the Debian archive");
  });
});

describe('the mirrors in apt sources', () => {
  const mirrors = async (file: string, text: string) => {
    const { mirrorsIn } = await import(pathToFileURL(join(import.meta.dirname, 'apt.mjs')).href);
    return mirrorsIn(file, text);
  };

  it('are read from deb822 stanzas', async () => {
    const text = `# A comment
Types: deb deb-src
# URIs: http://old.example/debian
URIs: http://a.example/debian http://b.example/debian/
Suites: bookworm bookworm-updates
Components: contrib main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

Types: deb
URIs: http://other.example/node
Suites: nodistro
Components: main
`;
    const signedBy = '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc';
    expect(await mirrors('debian.sources', text)).toEqual([
      { uri: 'http://a.example/debian', signedBy },
      { uri: 'http://b.example/debian/', signedBy },
    ]);
  });

  it('are read from one-line entries', async () => {
    const text = `# deb http://old.example/debian trixie main
deb [arch=amd64 signed-by=/keys.gpg] http://a.example/debian trixie main contrib
deb http://b.example/debian sid main # ours
deb-src http://c.example/debian trixie main
deb http://d.example/docker trixie stable
deb http://e.example/ubuntu noble main
`;
    expect(await mirrors('sources.list', text)).toEqual([
      { uri: 'http://a.example/debian', signedBy: '/keys.gpg' },
      { uri: 'http://b.example/debian', signedBy: '' },
    ]);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function exitOf(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve) => child.on('exit', resolve));
}
