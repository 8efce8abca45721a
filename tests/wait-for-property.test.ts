/**
 * Programs with `wait_for` in random places, at random depth, with side effects, comments, strings
 * and other things that move around it: before and after print the same.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { transforms } from '../transforms/index.ts';
import { layOut, migrateTexts } from './fixture-cases.ts';
import { describeWithPython, newestPython, type PythonEnv, runPython } from './python/env.ts';

/** All that phases 1 to 3 move, beside each other. */
const chosen = transforms.filter(({ phase }) => phase <= 3).map(({ id }) => id);

/** So many programs are one file, and so many files one run: a thousand programs. */
const PROGRAMS = 100;
const FILES = 10;
const LIMIT = 300_000;
/** CI fails for what a change broke, so its programs are the same ones; elsewhere each run has new ones. */
const SEED = process.env.CI ? { seed: 2026 } : {};

// -- the generator -------------------------------------------------------------------------------

const word = fc.constantFrom('one', 'two', 'three');
const number = fc.integer({ min: 1, max: 9 });
/** An expression with or without an effect that is printed. */
const value: fc.Arbitrary<string> = fc.oneof(
  number.map(String),
  number.map((n) => `say(${n})`),
  fc.constantFrom('x', 'desk.number', 'len("a\\nb")', 'numbers[0]'),
  number.map((n) => `await ask(${n})`),
  number.map((n) => `await asyncio.to_thread(say, ${n})`),
  number.map((n) => `await asyncio.get_running_loop().run_in_executor(None, say, ${n})`),
  number.map((n) => `await asyncio.shield(ask(${n}))`),
  fc.constantFrom(
    '(asyncio.get_running_loop().time() > 0)',
    'asyncio.iscoroutinefunction(ask)',
    'len(asyncio.current_task().get_name()[:1])',
  ),
);
const timeout = fc.oneof(
  fc.constantFrom('5', '2.5', 'limit', 'desk.limit', 'max(1, limit)', 'None', '0'),
  number.map((n) => `say(${n})`),
);
const called = fc
  .tuple(value, fc.array(value, { maxLength: 2 }))
  .map(([first, more]) => [first, ...more]);

/** `await asyncio.wait_for(…)` on one line or on several, with comments in it. */
const wait = fc
  .record({ args: called, timeout, keyword: fc.boolean(), style: fc.nat({ max: 5 }), word })
  .map(({ args, timeout: time, keyword, style, word: comment }) => {
    const limit = `${keyword ? 'timeout=' : ''}${time}`;
    const flat = `ask(${args.join(', ')})`;
    const deep = `ask(\n        ${args.join(',\n        ')},\n    )`;
    switch (style) {
      case 0:
        return `await asyncio.wait_for(\n    ${flat},\n    ${limit},\n)`;
      case 1:
        return `await asyncio.wait_for(\n    ${deep},  # ${comment}\n    ${limit},\n)`;
      case 2:
        return `await asyncio.wait_for(\n    # ${comment}\n    ${flat}, ${limit}  # seconds\n)`;
      case 3:
        return `await (asyncio.wait_for(${flat}, ${limit}))`;
      default:
        return `await asyncio.wait_for(${flat}, ${limit})`;
    }
  });

/** Statements; `W` stands for the wait, `V` for a value, `B` for a block. */
const TEMPLATES = [
  'W',
  'W  # done',
  'x = W',
  'x: int = W',
  'x += W',
  'x = y = W',
  'table[V] = W',
  'table["k"], x = W, V',
  'x = V + W',
  'x = W + V',
  'x = (W)',
  'print(W)',
  'print(V, W)',
  'print(W, V)',
  'print("text", W, sep="-")',
  'print(f"<{W}>")',
  'desk.take(W)',
  'desk.number = W',
  'x = [W, V]',
  'x = {V: W}',
  'x = W if V else V',
  'x = V and W',
  'x = W or V',
  'x = [W for _ in range(2)]',
  'x = -W',
  'x = 1 < W < 9',
  'x = str(W).zfill(V)',
  'return W',
  'return V, W',
  'assert W',
  'assert W, V',
  'if W:\nB',
  'if W > V:\nB',
  'if not W:\nB\nelse:\nB',
  'if x:\nB\nelif W:\nB',
  'if x: W',
  'if x: print("x"); W; print("y")',
  'print("a"); W',
  'W; print("b")',
  'for x in range(W):\n    break',
  'while W:\n    break',
  'with desk.held(W) as x:\nB',
  'with desk.held(V), desk.held(W):\nB',
  'match W:\n    case 1:\n        print("one")\n    case other:\n        print(other)',
  'try: W\nfinally: print("finally")',
  'try:\n    raise KeyError(W)\nexcept KeyError as error:\n    print(repr(error))',
  'text = """\n  kept\n"""; x = W',
  'x = await ask(W)',
  'x = numbers[W - 1:]',
  'del table[W], x',
  'print(W, W)',
  'V, W',
  'W, V, W',
  'try:\n    raise KeyError(V) from KeyError(W)\nexcept KeyError as error:\n    print(repr(error))',
  'match V, W:\n    case x, y:\n        print(x, y)',
  'match W, W:\n    case x, y:\n        print(x, y)',
  'x = {W: W}',
  'x = W < W',
  'x = [*numbers, W, *numbers[W:]]',
  'print(V, W, V, W)',
  'x = W + W',
  'table[W] = W',
  'assert W, W',
  'return W, W',
  'if (x := W):\nB',
  'if (x := W) > 3:\nB\nelse:\nB',
  'print((x := W), V)',
  'while x and W:\n    x = 0',
  'while x and not W:\n    x = 0',
  'while (x := W) > 100:  # A comment.\n    break',
  'while not W:\n    break',
  'while W > 100:\n    break\nelse:\n    print("else")',
  'while W == 100 or x > 100:\n    break',
  'if x == 0:\nB\nelif W:\nB\nelif W:\nB\nelse:\nB',
  'if W:\nB\nelif W > V:\nB',
  'if x == 0: print("no")\nelif W: print("yes")',
  'W; W',
  'W; x = V + W; print(x)',
  'if W: W',
  'x = await asyncio.wait_for(asyncio.wait_for(ask(V), 5), 4)',
  'x = await asyncio.wait_for(ask(W), 5)',
  'await asyncio.wait_for(ask(V, W, W), say(5))',
  'print(await asyncio.wait_for(ask(V, W), say(5)), W)',
  'x = await asyncio.gather(asyncio.wait_for(ask(V), 5), ask(V))',
];

const BLOCKS = [
  'if True:\nB',
  'for _ in range(2):\nB',
  'try:\nB\nfinally:\n    print("cleaned")',
  'try:\nB\nexcept ValueError:\nB',
  'with desk.held(1):\nB',
  'async with desk:\n\n    # A comment.\nB',
  'async with asyncio.timeout(5):\nB',
  'async with asyncio.timeout(say(5)), desk:\nB',
  'async with desk, asyncio.timeout(5), desk:\nB',
  'async with (\n    desk,\n    asyncio.timeout(5),\n):\nB',
  'loop = asyncio.get_running_loop()\nx = await loop.run_in_executor(None, say, 4)\nif x:\nB',
  'try:\nB\nexcept asyncio.CancelledError:\n    raise\nexcept (asyncio.TimeoutError, KeyError):\nB',
  'process = await asyncio.create_subprocess_exec("true")\nprint(await process.wait())\nif True:\nB',
  'if x == 0:\nB\nelse:\nB',
];

interface Filled {
  template: string;
  waits: string[];
  values: string[];
  blocks: string[];
}

const simple = fc.constantFrom('pass', 'print("here")', 'x = 3', '# Only a comment.\npass');

function statement(depth: number): fc.Arbitrary<string> {
  const inner = depth > 0 ? fc.oneof(statement(depth - 1), simple) : simple;
  const filled = (templates: readonly string[]) =>
    fc
      .record({
        template: fc.constantFrom(...templates),
        waits: fc.array(wait, { minLength: 2, maxLength: 2 }),
        values: fc.array(value, { minLength: 3, maxLength: 3 }),
        blocks: fc.array(inner, { minLength: 2, maxLength: 2 }),
      })
      .map(fill);
  return depth > 0 ? fc.oneof(filled(TEMPLATES), filled(BLOCKS)) : filled(TEMPLATES);
}

function fill({ template, waits, values, blocks }: Filled): string {
  const [left, right] = [[...waits], [...values]];
  return template
    .split('\n')
    .map((line) => (line === 'B' ? indented(blocks.pop() ?? 'pass') : line))
    .join('\n')
    .replaceAll(/\bW\b/g, () => left.pop() ?? '1')
    .replaceAll(/\bV\b/g, () => right.pop() ?? '1');
}

/** Lines moved to the right; those of a string over lines as well, which is the same before and after. */
function indented(text: string, by = '    '): string {
  return text.replaceAll(/^(?=.)/gm, by);
}

const program = fc
  .array(statement(2), { minLength: 1, maxLength: 3 })
  .map((statements) => statements.join('\n'));

// -- the file ------------------------------------------------------------------------------------

const HEAD = `import asyncio
import contextlib


def say(n):
    print("say", n)
    return n


async def ask(n, *more):
    print("ask", n, *more)
    await asyncio.sleep(0)
    return n


class Desk:
    limit = 4
    number = 2

    def take(self, n):
        print("take", n)

    @contextlib.contextmanager
    def held(self, n):
        print("held", n)
        yield n
        print("left", n)

    async def __aenter__(self):
        print("in")

    async def __aexit__(self, *exc):
        print("out")


desk = Desk()
limit = 3
`;

const TAIL = `

async def main():
    for name, case in sorted(globals().items()):
        if not name.startswith("case_"):
            continue
        try:
            print(name, "->", await case())
        except Exception as error:
            print(name, "raised", type(error).__name__, error)


asyncio.run(main())
`;

function fileOf(programs: readonly string[]): string {
  const cases = programs.map((body, at) => {
    const name = `case_${String(at).padStart(3, '0')}`;
    const start = 'x, y, numbers, table = 1, 2, [1, 2, 3], {1: 1}';
    return `\n\nasync def ${name}():\n    ${start}\n${indented(body)}\n`;
  });
  return HEAD + cases.join('') + TAIL;
}

describeWithPython('random programs', (env: PythonEnv) => {
  const anyio = env.anyio.at(-1);

  /** What a file prints, case by case. */
  function output(text: string): string[] {
    const cwd = layOut(new Map([['case.py', text]]));
    try {
      const options = { file: join(cwd, 'case.py'), cwd, timeoutMs: 60_000 };
      const { stdout, stderr, code } = runPython(
        newestPython(env),
        anyio ? { ...options, anyio } : options,
      );
      return [...stdout.split(/^(?=case_)/m), code === 0 ? '' : stderr];
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  }

  it(
    'print the same before and after, and a second run changes nothing',
    async () => {
      let rewritten = 0;
      let found = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(program, { minLength: PROGRAMS, maxLength: PROGRAMS }),
          fc.boolean(),
          async (programs, wrapTimeouts) => {
            const before = new Map([['case.py', fileOf(programs)]]);
            const expected = {
              about: '',
              safe: 0,
              run: 'asyncio',
              options: { transforms: chosen, includeReview: true, wrapTimeouts },
            };
            const { migration, texts } = await migrateTexts(before, expected);
            expect(migration.problems).toEqual([]);
            const waits = migration.judged.filter(({ use }) => use.name === 'asyncio.wait_for');
            found += waits.length;
            rewritten += waits.filter(({ applied }) => applied).length;
            const after = texts.get('case.py') ?? '';
            const [printed, now] = [output(before.get('case.py') ?? ''), output(after)];
            expect(printed.at(-1)).toBe('');
            expect(now).toEqual(printed);
            const second = await migrateTexts(texts, expected);
            expect(second.migration.changes).toEqual([]);
          },
        ),
        { numRuns: FILES, interruptAfterTimeLimit: LIMIT / 2, ...SEED },
      );
      // Else the programs would show nothing.
      expect(rewritten / found).toBeGreaterThan(0.4);
    },
    LIMIT,
  );
});
