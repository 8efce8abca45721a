import { spawnSync } from 'node:child_process';
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
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeWithPython, newestPython, runPython } from './python/env.ts';
import { census, compileFailures, runCase } from './python/tools.ts';

const PROJECT = join(import.meta.dirname, '..');
const PYTHON = join(import.meta.dirname, 'python');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyio-codemod-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('a missing environment', () => {
  /** Runs a test file of its own, which asks for Python where there are no libraries. */
  const runProbe = (more: NodeJS.ProcessEnv) => {
    // Inside the project, where the file finds vitest.
    mkdirSync(join(PROJECT, '.cache'), { recursive: true });
    const root = mkdtempSync(join(PROJECT, '.cache', 'probe-'));
    try {
      const tests = `import { it } from 'vitest';
import { describeWithPython } from ${JSON.stringify(join(PYTHON, 'env.ts'))};
describeWithPython('one', () => { it('runs', () => { console.log('I RAN'); }); });
describeWithPython('two', () => { it('runs', () => { console.log('I RAN'); }); });
`;
      writeFileSync(join(root, 'probe.test.ts'), tests);
      const { CI: _, ...inherited } = process.env;
      const vitest = join(PROJECT, 'node_modules', 'vitest', 'vitest.mjs');
      const done = spawnSync(process.execPath, [vitest, 'run', '--root', root], {
        encoding: 'utf8',
        env: { ...inherited, ANYIO_CODEMOD_TEST_CACHE: folder, NO_COLOR: '1', ...more },
      });
      return { code: done.status, output: done.stdout + done.stderr };
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  };

  it('skips, and says so once and loudly', () => {
    mkdirSync(join(folder, 'python'));
    write(join('python', 'SKIPPED'), 'no dpkg here\n');
    const { code, output } = runProbe({});
    expect(output).toMatch(/Tests {2}2 skipped/);
    expect(output).not.toContain('I RAN');
    expect(output.match(/SKIPPED: TESTS THAT RUN PYTHON: .*no dpkg here/g)).toHaveLength(1);
    expect(code).toBe(0);
  }, 60_000);

  it('fails in CI', () => {
    const { code, output } = runProbe({ CI: 'true' });
    expect(output).toMatch(/Tests {2}2 failed/);
    expect(output).toContain('run `node tests/python/fetch.mjs`');
    expect(code).toBe(1);
  }, 60_000);
});

describeWithPython('the Python environment', (env) => {
  const python = newestPython(env);
  const latest = env.anyio.at(-1);

  it('has one interpreter a minor version, and two releases of anyio', () => {
    const minors = env.interpreters.map(({ version }) => Number(version.split('.')[1]));
    expect(minors).toEqual([...new Set(minors)].sort((a, b) => a - b));
    expect(minors.every((minor) => minor >= 10)).toBe(true);
    const [old, recent] = env.anyio.map(({ version }) => version.split('.').map(Number));
    expect(old?.slice(0, 2)).toEqual([4, 8]);
    expect(recent?.[0]).toBe(4);
    expect(recent?.[1]).toBeGreaterThanOrEqual(15);
  });

  it('has a corpus that uses asyncio', () => {
    const counts = new Map<string, number>();
    for (const { name, path } of env.corpus) {
      const files = census(python, pythonFiles(path));
      expect(files.filter((file) => file.error)).toEqual([]);
      counts.set(
        name,
        files.map((file) => file.uses.length).reduce((a, b) => a + b, 0),
      );
    }
    const names = ['aiohttp', 'aiosqlite', 'asyncssh', 'slixmpp', 'telethon', 'zeroconf'];
    expect([...counts.keys()].sort()).toEqual(names);
    for (const name of names) expect(counts.get(name), name).toBeGreaterThan(5);
  }, 120_000);

  const backends = `
import sys, anyio
async def main(library):
    if library == 'trio':
        import trio; trio.lowlevel.current_task()
    else:
        import asyncio; asyncio.current_task().get_name()
    await anyio.sleep(0)
    return library
print([anyio.run(main, library, backend=library) for library in ('asyncio', 'trio')])
from importlib.metadata import version
print(version('anyio'), '.'.join(map(str, sys.version_info[:3])))
`;
  for (const interpreter of env.interpreters) {
    for (const anyio of env.anyio) {
      it(`runs anyio ${anyio.version} on both backends, Python ${interpreter.version}`, () => {
        const result = runPython(interpreter, { script: backends, anyio });
        expect(result).toEqual({
          stdout: `['asyncio', 'trio']\n${anyio.version} ${interpreter.version}\n`,
          stderr: '',
          code: 0,
          timedOut: false,
        });
      }, 60_000);
    }
  }

  it('keeps the settings of the surrounding process out of a run', () => {
    process.env.PYTHONASYNCIODEBUG = '1';
    try {
      const script =
        'import os, site; print([n for n in ("PYTHONASYNCIODEBUG", "EXTRA", "PYTHONPATH") ' +
        'if n in os.environ], site.ENABLE_USER_SITE)';
      const result = runPython(python, { script, env: { EXTRA: '1' } });
      expect(result.stdout).toBe("['EXTRA'] False\n");
    } finally {
      delete process.env.PYTHONASYNCIODEBUG;
    }
  });

  it('ends a run that takes too long', () => {
    const script = 'import time; print("begun", flush=True); time.sleep(60)';
    const result = runPython(python, { script, timeoutMs: 2_000 });
    expect(result).toMatchObject({ stdout: 'begun\n', code: null, timedOut: true });
  });

  it('gives stdin, arguments and the exit code', () => {
    const script = 'import sys; print(sys.argv[1:], sys.stdin.read()); sys.exit(7)';
    const result = runPython(python, { script, args: ['é', '--x'], input: 'ü' });
    expect(result).toMatchObject({ stdout: "['é', '--x'] ü\n", code: 7 });
  });

  describe('run_case', () => {
    it('runs a program as Python would', () => {
      write('beside.py', 'NAME = "beside"\n');
      const text =
        'import beside, sys\nprint(beside.NAME, __name__, sys.argv[1:])\n' +
        'print("!", file=sys.stderr)\n';
      const result = runCase(python, write('program.py', text), { args: ['--backend', 'x'] });
      expect(result).toEqual({
        stdout: "beside __main__ ['--backend', 'x']\n",
        stderr: '!\n',
        exception: null,
        code: 0,
        timedOut: false,
      });
    });

    it('tells what was raised', () => {
      const raised = (line: string) => runCase(python, write('program.py', `${line}\n`));
      const key = { type: 'KeyError', message: "'k'", exceptions: [] };
      expect(raised('print(1); {}["k"]')).toMatchObject({ stdout: '1\n', exception: key, code: 1 });
      expect(raised('import sys; sys.exit(3)')).toMatchObject({
        exception: { type: 'SystemExit', message: '3' },
        code: 3,
        stderr: '',
      });
      expect(raised('import asyncio; raise asyncio.CancelledError')).toMatchObject({
        exception: { type: 'asyncio.exceptions.CancelledError', message: '' },
      });
      expect(raised('import os; os._exit(9)')).toMatchObject({ exception: null, code: 9 });
      expect(raised('x = = 1')).toMatchObject({ exception: { type: 'SyntaxError' }, code: 1 });
    });

    it('tells the members of an exception group, on every Python', () => {
      const text = `import anyio
async def fail(): raise ValueError('v')
async def main():
    async with anyio.create_task_group() as group:
        group.start_soon(fail)
anyio.run(main)
`;
      const program = write('program.py', text);
      for (const interpreter of [env.interpreters[0] ?? python, python]) {
        const { exception } = runCase(interpreter, program, { anyio: latest });
        expect(exception?.type).toBe('ExceptionGroup');
        expect(exception?.exceptions).toEqual([
          { type: 'ValueError', message: 'v', exceptions: [] },
        ]);
      }
    }, 30_000);

    it('runs on trio where the program names no backend', () => {
      const text = `import anyio
from anyio import run
def library():
    try:
        import trio; trio.lowlevel.current_task(); return 'trio'
    except RuntimeError:
        import asyncio; asyncio.current_task(); return 'asyncio'
async def main(a, b): return library(), a, b
print(anyio.run(main, 1, 2), run(main, 3, 4), run(main, 5, 6, backend='asyncio'))
`;
      const program = write('program.py', text);
      const on = (backend: 'asyncio' | 'trio') =>
        env.anyio.map((anyio) => runCase(python, program, { anyio, backend }).stdout);
      const trio = "('trio', 1, 2) ('trio', 3, 4) ('asyncio', 5, 6)\n";
      const asyncio = "('asyncio', 1, 2) ('asyncio', 3, 4) ('asyncio', 5, 6)\n";
      expect(on('trio')).toEqual([trio, trio]);
      expect(on('asyncio')).toEqual([asyncio, asyncio]);
    }, 30_000);

    it('ends a program that takes too long, with all that it started', () => {
      const text = `import subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
print(child.pid, flush=True)
time.sleep(60)
`;
      const result = runCase(python, write('program.py', text), { timeoutMs: 2_000 });
      expect(result).toMatchObject({ exception: null, code: null, timedOut: true });
      expect(isRunning(Number(result.stdout))).toBe(false);
    }, 30_000);

    it('names the files that do not compile', () => {
      const good = write('good file\nü.py', 'x = "\\d"\n');
      const unparsed = write('a.py', 'x = 1\nx = = 1\n');
      const misplaced = write('b.py', 'def f():\n    x = 1\nreturn x\n');
      const failures = compileFailures(python, [good, unparsed, misplaced, join(folder, 'no.py')]);
      expect(failures).toEqual([
        { path: unparsed, line: 2, message: 'invalid syntax' },
        { path: misplaced, line: 3, message: "'return' outside function" },
        {
          path: join(folder, 'no.py'),
          line: null,
          message: expect.stringContaining('FileNotFound'),
        },
      ]);
    });
  });

  describe('census', () => {
    it('counts the given files in their order', () => {
      const first = write('b.py', 'import asyncio\nx = "🐍", asyncio.sleep(1)\n');
      const second = write('a.py', 'import asyncio\nx = = 1\n');
      expect(census(python, [first, second])).toEqual([
        {
          path: first,
          uses: [{ line: 2, column: 11, name: 'asyncio.sleep', kind: 'name', doubt: false }],
          error: null,
        },
        { path: second, uses: [], error: expect.stringMatching(/^SyntaxError: .*line 2/) },
      ]);
    });

    it('passes its own tests, on the oldest Python and the newest', () => {
      for (const interpreter of [env.interpreters[0] ?? python, python]) {
        for (const file of ['test_census.py', 'test_scopes.py']) {
          const result = runPython(interpreter, { file: join(PYTHON, file) });
          expect(result.stderr).toMatch(/Ran \d\d tests(.|\n)*\nOK/);
          expect(result.code).toBe(0);
        }
      }
    }, 60_000);
  });
});

function pythonFiles(path: string): string[] {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.py')).map((name) => join(path, name));
}

function isRunning(pid: number): boolean {
  // A process that has ended stays in the table until its parent looks; field 3 of stat tells.
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
}
