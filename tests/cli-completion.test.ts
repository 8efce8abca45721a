/** The completion of the shells: what fits where, and the scripts in the shells themselves. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../src/cli/commands.ts';
import { ALL_FLAGS } from '../src/cli/flags.ts';
import { SHELLS } from '../src/cli/shells.ts';
import { PHASES } from '../src/phases.ts';
import { transforms } from '../transforms/index.ts';
import { CATALOG, cli } from './cli-harness.ts';

const { build } = (await import('../src/build.mjs' as string)) as {
  build(outdir: string): Promise<void>;
};

/** The words that fit at the end of a command line; `files` when a path is due. */
async function fits(line: string): Promise<string[] | 'files'> {
  const { code, stdout, stderr } = await cli(['completion', '--words', 'fish', ...line.split(' ')]);
  expect([code, stderr.text]).toEqual([0, '']);
  if (stdout.text === '') return 'files';
  if (stdout.text === ':\n') return [];
  return stdout.text
    .trimEnd()
    .split('\n')
    .map((each) => each.replace(/\t.*/, ''));
}

function summaryOf(command: string): string | undefined {
  return COMMANDS.find(({ name }) => name === command)?.summary;
}

describe('what fits', () => {
  test('first: a command, or one of the few flags that need none', async () => {
    expect(await fits('')).toEqual(COMMANDS.map(({ name }) => name));
    expect(await fits('ap')).toEqual(['apply']);
    expect(await fits('help ex')).toEqual(['explain']);
    expect(await fits('-')).toEqual(['--help', '--version']);
    expect(await fits('no-such-command ')).toEqual([]);
  });

  test('a flag: of this command alone, and a switch only once', async () => {
    expect(await fits('plan --b')).toEqual([]);
    expect(await fits('apply --b')).toEqual(['--branch']);
    expect(await fits('list --')).toEqual(['--help', '--version']);
    expect(await fits('apply --fast')).toEqual(['--fast-acquire']);
    expect(await fits('apply --fast-acquire --fast')).toEqual([]);
    expect(await fits('apply -n --dry')).toEqual([]);
    expect(await fits('plan --no-f')).toEqual(['--no-fast-acquire']);
    expect(await fits('plan -')).not.toContain('--no-fast-acquire');
    expect(await fits('apply -x a --excl')).toEqual(['--exclude']);
  });

  test('a value: what the flag takes', async () => {
    expect(await fits('diff --import-style ')).toEqual(['keep', 'module', 'from']);
    expect(await fits('diff --idiom=f')).toEqual(['--idiom=fail-after']);
    expect(await fits('diff --no-such=f')).toEqual([]);
    expect(await fits('apply --commit ')).toEqual(['once', 'per-phase', 'per-transform']);
    expect(await fits('apply -c per-t')).toEqual(['per-transform']);
    expect(await fits('apply --commit app/')).toBe('files');
    expect(await fits('diff -p s')).toEqual(['scripts']);
    expect(await fits('diff --phase ')).toEqual([
      ...PHASES.map(({ number }) => String(number)),
      ...PHASES.map(({ name }) => name),
      'hybrid',
      'full',
    ]);
    expect(await fits('diff -t ')).toEqual(CATALOG.map(({ id }) => id));
    expect(await fits('apply --message ')).toEqual([]);
    expect(await fits('diff --patch ')).toBe('files');
    expect(await fits('diff --patch=a')).toBe('files');
  });

  test('a list: what it does not have yet', async () => {
    expect(await fits('diff -t sleep,l')).toEqual(['sleep,lock']);
    expect(await fits('diff -t sleep,lock,')).toEqual(
      ['dependency', 'run', 'event'].map((id) => `sleep,lock,${id}`),
    );
    expect(await fits('diff --phase=scripts,pr')).toEqual(['--phase=scripts,primitives']);
  });

  test('else a path, a topic or a shell', async () => {
    expect(await fits('plan ')).toBe('files');
    expect(await fits('plan --verbose mud/r')).toBe('files');
    expect(await fits('apply -- --b')).toBe('files');
    expect(await fits('list ')).toEqual([]);
    expect(await fits('explain ev')).toEqual(['event', 'event-clear']);
    expect(await fits('explain asyncio.L')).toEqual(['asyncio.Lock']);
    expect(await fits('explain ')).toContain('primitives');
    expect(await fits('explain ')).not.toContain('event-clear');
    expect(await fits('explain mud/rooms.py')).toBe('files');
    expect(await fits('completion ')).toEqual([...SHELLS]);
    expect(await fits('completion zsh ')).toEqual([]);
  });

  test('each shell gets it in its own form', async () => {
    const answer = async (...words: string[]) =>
      (await cli(['completion', '--words', ...words])).stdout.text;
    expect(await answer('fish', 'lis')).toBe(`list\t${summaryOf('list')}\n`);
    expect(await answer('zsh', 'lis')).toBe(`list:${summaryOf('list')}\n`);
    expect(await answer('zsh', 'diff', '--idiom=fail-')).toBe('--idiom=fail-after\n');
    expect(await answer('bash', 'lis')).toBe('list\n');
    // As bash takes it apart, and as far as it replaces it.
    expect(await answer('bash', 'diff', '--idiom', '=', 'f')).toBe('fail-after\n');
    expect(await answer('bash', 'diff', '--phase', '=')).toMatch(/^0\n[^=]+\nfull\n$/);
  });
});

describe('the flags', () => {
  test('every value that is offered is taken', async () => {
    for (const { name, choices = [] } of ALL_FLAGS) {
      const said = async (command: string, value: string) =>
        (await cli([command, `--${name}=${value}`, '--', '.'])).stderr.text;
      const refused = new RegExp(`^anyio-codemod: --${name} is `);
      let tried = 0;
      for (const { name: command, groups } of choices.length > 0 ? COMMANDS : []) {
        const takes = groups.some(({ flags }) => flags.some((flag) => flag.name === name));
        // Some need more than this before they look at the value.
        if (!takes || !refused.test(await said(command, 'another'))) continue;
        tried += 1;
        for (const choice of choices) expect(await said(command, choice)).not.toMatch(refused);
      }
      expect(tried > 0, `--${name} has its choices checked`).toBe(choices.length > 0);
    }
  });

  test('the placeholder of every other value is one that the completion knows, or means a text', () => {
    const known = ['PHASES', 'NAMES', 'PATTERNS', 'FILE', 'FILES'];
    const texts = ['VERSION', 'N', 'NAME', 'TEXT', 'SECONDS'];
    for (const { name, value } of ALL_FLAGS.filter(({ choices }) => !choices)) {
      if (value) expect([...known, ...texts], `--${name} (else give it choices)`).toContain(value);
    }
  });
});

test('the command prints a script, and says which there are', async () => {
  for (const shell of SHELLS) {
    const { code, stdout } = await cli(['completion', shell]);
    expect([code, stdout.text.includes(`--words ${shell} `)]).toEqual([0, true]);
  }
  const said = async (...words: string[]) => (await cli(['completion', ...words])).stderr.text;
  expect(await said()).toBe('anyio-codemod: completion for which shell? bash, zsh or fish\n');
  expect(await said('fisch')).toContain("did you mean 'fish'?");
  expect(await said('bash', 'zsh')).toContain("got 'zsh'");
});

let folder = '';

beforeAll(async () => {
  // The name is one that a careless script would take apart.
  folder = mkdtempSync(join(tmpdir(), 'completion of '));
  mkdirSync(join(folder, 'bin'));
  await build(join(folder, 'dist'));
  symlinkSync(join(folder, 'dist', 'main.js'), join(folder, 'bin', 'anyio-codemod'));
  for (const shell of SHELLS) writeFileSync(join(folder, shell), script(shell));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function script(shell: string): string {
  const main = join(folder, 'dist', 'main.js');
  return execFileSync(process.execPath, [main, 'completion', shell], { encoding: 'utf8' });
}

/** Runs a script in a shell that reads nothing of the person who runs the tests. */
function inShell(words: [string, ...string[]]): string {
  const [program, ...rest] = words;
  const PATH = `${join(folder, 'bin')}:${process.env.PATH}`;
  const { stdout, stderr, error } = spawnSync(program, rest, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH, HOME: folder },
  });
  if (error) throw error;
  expect(stderr).toBe('');
  return stdout;
}

/** zsh and fish are tried where they are; bash is everywhere. */
function has(shell: string): boolean {
  const isThere = spawnSync(shell, ['-c', 'true']).status === 0;
  if (!isThere) console.warn(`SKIPPED: the completion in ${shell}, which is not there`);
  return isThere;
}

const LINES = {
  command: ['ex'],
  list: ['diff', '-t', 'sleep,wait-'],
  path: ['plan', 'di'],
  nothing: ['apply', '--message', 'di'],
};

test('in bash', () => {
  /** Sets what bash sets, asks for what bash asks, and prints what bash reads. */
  const asked = (words: string[], program = 'anyio-codemod') =>
    inShell([
      'bash',
      '--norc',
      '-c',
      `compopt() { echo "compopt $*"; }
       source ./bash
       COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
       definition=($(complete -p anyio-codemod))
       "\${definition[-2]}" "$1"
       printf '%s\\n' "\${COMPREPLY[@]}"`,
      'bash',
      program,
      ...words,
    ]);
  expect(asked(LINES.command)).toBe('explain\n');
  expect(asked(LINES.list)).toBe('sleep,wait-for\n');
  expect(asked(['diff', '-t', ''])).toBe(
    `${['dependency', ...transforms.map(({ id }) => id)].join('\n')}\n`,
  );
  expect(asked(['diff', '--phase', '=', 'hyb'])).toBe('hybrid\n');
  expect(asked(LINES.path)).toBe('\n');
  expect(asked(LINES.nothing)).toBe('compopt +o default\n\n');
  expect(asked(LINES.command, '~/bin/anyio-codemod')).toBe('explain\n');
  expect(inShell(['bash', '--norc', '-c', 'source ./bash; complete -p'])).toBe(
    'complete -o default -F _anyio_codemod anyio-codemod\n',
  );
});

test.runIf(has('zsh'))('in zsh', () => {
  /** Runs the function that zsh calls, over stand-ins for those that it calls in turn. */
  const asked = (words: string[]) =>
    inShell([
      'zsh',
      '-f',
      '-c',
      `compdef() { [[ $1 == _anyio_codemod && $2 == anyio-codemod ]] || print wrong }
       _describe() { print -rl -- "\${(@P)\${@[-1]}}" }
       _files() { print files }
       source ./zsh
       words=("$@") CURRENT=$# PREFIX=$@[-1]
       _anyio_codemod || print nothing`,
      'zsh',
      'anyio-codemod',
      ...words,
    ]);
  expect(asked(LINES.command)).toBe(`explain:${summaryOf('explain')}\n`);
  expect(asked(LINES.list)).toMatch(/^sleep,wait-for:.+\n$/);
  expect(asked(LINES.path)).toBe('files\n');
  expect(asked(LINES.nothing)).toBe('nothing\n');
});

test.runIf(has('fish'))('in fish', () => {
  const asked = (words: string[]) =>
    inShell([
      'fish',
      '--no-config',
      '-c',
      `source fish; complete -C 'anyio-codemod ${words.join(' ')}'`,
    ]);
  expect(asked(LINES.command)).toBe(`explain\t${summaryOf('explain')}\n`);
  expect(asked(LINES.list)).toMatch(/^sleep,wait-for\t.+\n$/);
  expect(asked(LINES.path)).toBe('dist/\n');
  expect(asked(LINES.nothing)).toBe('');
});
