import { describe, expect, test } from 'vitest';
import { engine } from '../src/cli/engine.ts';
import { GENERAL_DIAGNOSTICS } from '../src/cli/general-diagnostics.ts';
import { explainTransform, NOTES, PROBLEMS, type TransformInfo } from '../src/report/explain.ts';
import { styleFor } from '../src/report/style.ts';
import { CATALOG, cli, Sink } from './cli-harness.ts';
import { codesInSources } from './given-codes.ts';

async function explain(...topic: string[]): Promise<string> {
  const { code, stdout } = await cli(['explain', ...topic]);
  expect(code).toBe(0);
  for (const line of stdout.text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  return stdout.text;
}

describe('explain', () => {
  test('of a transform: names, before and after, safety, refusals', async () => {
    const text = await explain('event');
    expect(text).toMatch(/^event {2}transform, phase 2 primitives\n/);
    expect(text).toContain('Names: asyncio.Event');
    expect(text).toContain('Before\n    e = asyncio.Event()\n\nAfter\n    e = anyio.Event()\n');
    expect(text).toContain('What makes it safe\n  Why event is safe.');
    expect(text).toContain('event-clear  an event that is cleared');
    expect(text).toContain('anyio-codemod explain event-clear');
  });

  test('by an asyncio name', async () => {
    expect(await explain('asyncio.Event')).toBe(await explain('event'));
  });

  test('of a diagnostic: title, why, instead', async () => {
    const text = await explain('event-clear');
    expect(text).toMatch(
      /^event-clear {2}refused by event, phase 2\n\n {2}an event that is cleared\n/,
    );
    expect(text).toContain('set once and for all.');
    expect(text).toContain('Instead\n    if done:\n        event = anyio.Event()\n');
  });

  test('of a phase, by number and name', async () => {
    const text = await explain('2');
    expect(text).toContain('phase 2  primitives  in hybrid and full');
    expect(text).toMatch(/ {2}sleep .*\n {2}lock .*\n {2}event /);
    expect(text).toContain('anyio-codemod diff --phase 2');
    expect(await explain('phase', '2')).toBe(text);
    expect(await explain('Primitives')).toBe(text);
    expect(await explain('queues')).toContain('no transform yet');
  });

  test('of a plan and of a file problem', async () => {
    expect(await explain('hybrid')).toMatch(/0 dependency.*\n {2}1 scripts.*\n {2}2 primitives/);
    expect(await explain('encoding')).toContain('PEP 263');
  });
});

test('an example says that it needs the flag', async () => {
  const [transform] = CATALOG;
  const examples = [{ before: 'old()', after: 'new()', review: true as const }];
  const page = { width: 80, style: styleFor(new Sink(), {}) };
  const text = explainTransform({ ...transform, examples } as TransformInfo, page).join('\n');
  expect(text).toContain('Before\n    old()\n\nAfter, with --include-review\n    new()\n');
});

test('list has every phase with its transforms, and the plans', async () => {
  const { code, stdout } = await cli(['list']);
  expect(code).toBe(0);
  for (const { id, summary } of CATALOG)
    expect(stdout.text).toContain(`  ${id.padEnd(20)}${summary}`);
  expect(stdout.text).toContain('phase 3  timeouts\n  no transform yet\n');
  expect(stdout.text).toMatch(/ {2}hybrid +phases 0, 1, 2\n/);
});

test('explain knows every diagnostic that the program can give', async () => {
  const given = codesInSources();
  expect(given.size).toBeGreaterThan(100);
  const fileProblems = new Set([...Object.keys(PROBLEMS), ...Object.keys(NOTES)]);
  const catalog = await engine.catalog();
  const known = new Set([
    ...[...catalog.flatMap((each) => each.diagnostics), ...GENERAL_DIAGNOSTICS].map(
      ({ code }) => code,
    ),
  ]);
  const unknown = [...given].filter((code) => !known.has(code) && !fileProblems.has(code));
  expect(unknown).toEqual([]);
});
