import { describe, expect, test } from 'vitest';
import { change, cli, migration, SAFE, sample, use } from './cli-harness.ts';

describe('diff', () => {
  test('has the diff on stdout and the sums on stderr', async () => {
    const { code, stdout, stderr } = await cli(['diff']);
    expect(code).toBe(0);
    expect(stdout.text.match(/^diff --git .*$/gm)).toEqual([
      'diff --git a/app/main.py b/app/main.py',
      'diff --git a/app/worker.py b/app/worker.py',
      'diff --git a/pyproject.toml b/pyproject.toml',
    ]);
    expect(stderr.text).toBe(
      [
        'would rewrite app/main.py (run x1)',
        'would rewrite app/worker.py (sleep x2)',
        'would rewrite pyproject.toml (anyio>=4.7 added to [project] dependencies)',
        '3 files would change: 3 uses rewritten, 2 refused, 4 deferred, 1 left.',
        '2 more to review: see the plan, then add --include-review.',
        'Refused: event-clear x2.',
        'Where and why: anyio-codemod plan',
        'Next:',
        '  anyio-codemod apply   write it',
        '  anyio-codemod review  or take it change by change',
        '',
      ].join('\n'),
    );
  });

  test('is what apply --dry-run prints', async () => {
    const diff = await cli(['diff', 'app']);
    const dry = await cli(['apply', 'app', '--dry-run']);
    expect(diff.stderr.text).toContain('anyio-codemod apply app');
    expect([dry.code, dry.stdout.text, dry.stderr.text]).toEqual([
      diff.code,
      diff.stdout.text,
      diff.stderr.text,
    ]);
  });

  test('exits with 1 only when asked to and something would change', async () => {
    const codeOf = async (words: string[], given = sample()) =>
      (await cli(['diff', ...words], { migration: given })).code;
    expect(await codeOf([])).toBe(0);
    expect(await codeOf(['--exit-code'])).toBe(1);
    expect(await codeOf(['--exit-code', '--json'])).toBe(1);
    expect(await codeOf(['--exit-code'], migration())).toBe(0);
    const problem = { path: '/project/x.py', code: 'syntax', message: 'no' } as const;
    expect(await codeOf(['--exit-code'], { ...sample(), problems: [problem] })).toBe(2);
  });

  test('says so when nothing would change', async () => {
    const { stdout, stderr } = await cli(['diff'], { migration: migration() });
    expect(stdout.text).toBe('');
    expect(stderr.text).toBe(
      'No file would change: 0 uses rewritten, 0 refused, 0 deferred, 0 left.\n',
    );
  });

  test('only counts many files, and names them with --verbose', async () => {
    const many = migration({
      judged: Array.from({ length: 21 }, (_, i) =>
        use(`f${i}.py:1`, 'asyncio.sleep', SAFE, { phase: 2, transform: 'sleep' }),
      ),
      changes: Array.from({ length: 21 }, (_, i) => change(`f${i}.py`, 'a\n', 'b\n')),
    });
    const brief = await cli(['diff'], { migration: many });
    expect(brief.stderr.text).toMatch(/^21 files would change: 21 uses rewritten/);
    const long = await cli(['diff', '--verbose'], { migration: many });
    expect(long.stderr.text.match(/would rewrite f\d+\.py \(sleep x1\)/g)).toHaveLength(21);
  });
});

describe('names in the diff', () => {
  const namesFrom = async (cwd: string) => {
    const { stdout, stderr } = await cli(['diff'], { cwd });
    return [stdout.text.match(/^\+\+\+ .*$/gm), stderr.text.split('\n')[0]];
  };

  test('are relative to the current folder when all files are below it', async () => {
    const given = sample();
    const below = { ...given, changes: given.changes.slice(0, 2) };
    const { stdout } = await cli(['diff'], { cwd: '/project/app', migration: below });
    expect(stdout.text.match(/^\+\+\+ .*$/gm)).toEqual(['+++ b/main.py', '+++ b/worker.py']);
  });

  test('else to the root, which is said', async () => {
    expect(await namesFrom('/project/app')).toEqual([
      ['+++ b/app/main.py', '+++ b/app/worker.py', '+++ b/pyproject.toml'],
      'The names in this diff are relative to /project: apply it there.',
    ]);
  });

  test('else to the folder above all files', async () => {
    const outside = migration({ changes: [change('../other/x.py', 'a\n', 'b\n')] });
    const { stdout, stderr } = await cli(['diff'], { migration: outside });
    expect(stdout.text).toContain('+++ b/other/x.py\n');
    expect(stderr.text).toContain('relative to /:');
  });
});

describe('a file that is not UTF-8', () => {
  const latin = migration({
    changes: [change('café.py', '# é\nasyncio\n', '# é\nanyio\n', 'iso88591')],
  });

  test('keeps its bytes in a pipe', async () => {
    const { stdout } = await cli(['diff'], { migration: latin });
    expect(stdout.bytes.includes(Buffer.from([0x20, 0x23, 0x20, 0xe9, 0x0a]))).toBe(true);
    expect(stdout.text).toContain('+++ "b/caf\\303\\251.py"\n');
  });

  test('is readable on a terminal', async () => {
    const { stdout } = await cli(['diff'], { migration: latin, tty: true });
    expect(stdout.text).toContain(' # é\n');
  });
});

test('colour is for terminals, or where it is forced', async () => {
  const sequence = '\u001b[';
  expect((await cli(['diff'])).stdout.text).not.toContain(sequence);
  expect((await cli(['diff'], { tty: true })).stdout.text).toContain(`${sequence}32m+import anyio`);
  expect((await cli(['diff'], { env: { FORCE_COLOR: '1' } })).stdout.text).toContain(sequence);
  expect((await cli(['diff'], { tty: true, env: { NO_COLOR: '1' } })).stdout.text).not.toContain(
    sequence,
  );
});
