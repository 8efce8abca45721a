import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { applyJson, diffJson, planJson } from '../src/report/json.ts';
import { cli, migration, sample } from './cli-harness.ts';

let validate: ValidateFunction;

beforeAll(() => {
  const text = readFileSync(new URL('../src/report/schema.json', import.meta.url), 'utf8');
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
  });
  validate = ajv.compile(JSON.parse(text));
});

function errorsOf(report: unknown): unknown {
  return validate(JSON.parse(JSON.stringify(report))) ? [] : validate.errors;
}

const problem = { path: '/project/x.py', code: 'syntax', message: 'not Python' } as const;

describe('the schema takes', () => {
  test('what plan, diff and apply print', () => {
    const full = { ...sample(), problems: [problem, { ...problem, line: 3 }] };
    const done = {
      written: ['/project/app/main.py'],
      branch: 'b',
      commits: [{ hash: 'abc', subject: 'Move' }],
    };
    expect(errorsOf(planJson(full))).toEqual([]);
    expect(errorsOf(diffJson(full))).toEqual([]);
    expect(errorsOf(applyJson(full, done))).toEqual([]);
  });

  test('what there is when there is nothing', () => {
    const target = { anyio: undefined, anyioSource: undefined, python: undefined };
    const empty = migration({ target, phases: [], transforms: [] });
    const nothing = { written: [], commits: [] };
    expect(errorsOf(planJson(empty))).toEqual([]);
    expect(errorsOf(diffJson(empty))).toEqual([]);
    expect(errorsOf(applyJson(empty, nothing))).toEqual([]);
  });

  test('no report that lacks a key, or has another', () => {
    const report = JSON.parse(JSON.stringify(diffJson(sample())));
    for (const key of Object.keys(report)) {
      const { [key]: _gone, ...rest } = report;
      expect(errorsOf(rest), key).not.toEqual([]);
    }
    for (const key of Object.keys(report.uses[0])) {
      const { [key]: _gone, ...rest } = report.uses[0];
      expect(errorsOf({ ...report, uses: [rest] }), key).not.toEqual([]);
    }
    expect(errorsOf({ ...report, more: 1 })).not.toEqual([]);
    expect(errorsOf({ ...report, written: [] })).not.toEqual([]);
    expect(errorsOf({ ...report, schema: 2 })).not.toEqual([]);
  });
});

describe('the report', () => {
  test('of a refusal', () => {
    const report = JSON.parse(JSON.stringify(planJson(sample())));
    expect(report.uses[1]).toEqual({
      file: 'app/state.py',
      cell: null,
      line: 4,
      column: 5,
      endLine: 4,
      endColumn: 18,
      use: 'asyncio.Event',
      role: 'call',
      phase: 2,
      transform: 'event',
      verdict: 'refuse',
      safety: null,
      applied: false,
      note: null,
      reason: null,
      code: 'event-clear',
      message: 'the event is cleared, and an anyio event cannot be',
      help: 'put a new Event where the old one is cleared, when nobody waits on the old one',
      blocker: { file: 'app/state.py', cell: null, line: 40, column: 1 },
    });
  });

  test('of a rewrite to review, a deferred use and one that is left', () => {
    const { uses } = JSON.parse(JSON.stringify(planJson(sample())));
    expect(uses[5]).toMatchObject({ verdict: 'rewrite', safety: 'review', applied: false });
    expect(uses[5].note).toContain('look at who');
    expect(uses[7]).toMatchObject({ verdict: 'defer', phase: 3, transform: null, safety: null });
    expect(uses[11]).toMatchObject({ verdict: 'leave', reason: 'annotates a task that stays' });
    expect(uses[11]).toMatchObject({ phase: null, role: 'annotation' });
  });

  test('of a use that is left: it belongs to no phase, whoever owns the name', () => {
    const base = sample();
    const [run] = base.judged;
    if (!run) throw new Error('the sample has no use');
    const verdict = { kind: 'leave' as const, reason: 'nothing in this file refers to it' };
    const { uses } = JSON.parse(
      JSON.stringify(planJson({ ...base, judged: [{ ...run, verdict }] })),
    );
    expect(uses[0]).toMatchObject({ use: 'asyncio.run', phase: null, transform: null });
  });

  test('has totals that balance, and files', () => {
    const { totals } = JSON.parse(JSON.stringify(planJson(sample())));
    expect(totals).toEqual({
      found: 12,
      rewritten: 5,
      safe: 3,
      review: 2,
      refused: 2,
      deferred: 4,
      left: 1,
      filesSeen: 12,
      filesWithUses: 3,
      filesChanged: 3,
    });
  });

  test('of a diff has the hunks, with as many unchanged lines as asked', async () => {
    const { stdout } = await cli(['diff', '--json', '-U0']);
    const { changes } = JSON.parse(stdout.text);
    expect(changes[1]).toEqual({
      file: 'app/worker.py',
      hunks: [
        {
          oldStart: 1,
          oldLines: 1,
          newStart: 1,
          newLines: 1,
          lines: ['-import asyncio', '+import anyio'],
        },
        {
          oldStart: 3,
          oldLines: 2,
          newStart: 3,
          newLines: 2,
          lines: [
            '-await asyncio.sleep(1)',
            '-await asyncio.sleep(2)',
            '+await anyio.sleep(1)',
            '+await anyio.sleep(2)',
          ],
        },
      ],
    });
  });

  test('is alone on stdout, and nothing is said beside it', async () => {
    for (const command of ['plan', 'diff']) {
      const { stdout, stderr } = await cli([command, '--json'], { tty: true });
      expect(JSON.parse(stdout.text)).toMatchObject({ schema: 1, command });
      expect(stderr.text).toBe('');
    }
  });
});
