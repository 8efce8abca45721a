/** A migration for the page's tests: many hunks of all kinds, and code that would break out of a page. */

import { join } from 'node:path';
import type { PythonFile } from '../src/analysis/file.ts';
import type { HtmlInput } from '../src/report/html/input.ts';
import type { Migration } from '../src/result.ts';
import type { Judged, Verdict } from '../src/transform.ts';
import { CATALOG, change, DEFER, leave, migration, place, ROOT, refuse } from './cli-harness.ts';

/** Ends a script, a style or an attribute, if anything lets it. */
export const EVIL = `</script></style><img src=x onerror="window.broken = 1">'"`;
export const EVIL_NAME = `app/<img src=x onerror=window.broken=1>.py`;

const KINDS = [
  { name: 'asyncio.run', phase: 1, transform: 'run', safety: 'safe' },
  { name: 'asyncio.sleep', phase: 2, transform: 'sleep', safety: 'safe' },
  { name: 'asyncio.Lock', phase: 2, transform: 'lock', safety: 'review' },
  { name: 'asyncio.Event', phase: 2, transform: 'event', safety: 'safe' },
  { name: 'asyncio.wait_for', phase: 3, transform: 'wait-for', safety: 'review' },
] as const;
/** So far apart that each change is a hunk of its own. */
const GAP = 10;

/** A file whose uses stand on lines of their own, and what it becomes. */
function madeFile(name: string, uses: readonly number[]) {
  const lines: string[] = [];
  const rows: { kind: (typeof KINDS)[number]; line: number; start: number }[] = [];
  let offset = 0;
  const add = (text: string) => {
    lines.push(text);
    offset += text.length + 1;
  };
  for (const [at, which] of uses.entries()) {
    const kind = KINDS[which % KINDS.length] ?? KINDS[0];
    rows.push({ kind, line: lines.length + 1, start: offset });
    add(`${kind.name}(${at}, "${EVIL}")`);
    for (let i = 1; i < GAP; i++) add(`line_${at}_${i} = ${'x'.repeat((i * 37) % 120)}`);
  }
  const before = `${lines.join('\n')}\n`;
  const file = { path: join(ROOT, name), text: before } as PythonFile;
  const judged = rows.map(({ kind, line, start }): Judged => {
    const edit = { start, end: start + kind.name.length, pieces: [] };
    const verdict: Verdict = {
      kind: 'rewrite',
      safety: kind.safety,
      edits: [edit],
      minAnyio: '4.0',
      ...(kind.safety === 'review' ? { note: `look at ${kind.transform} ${EVIL}` } : {}),
    };
    return judgedAt(file, kind, line, verdict);
  });
  return { judged, change: change(name, before, before.replaceAll('asyncio.', 'anyio.')) };
}

function judgedAt(
  file: PythonFile,
  { name, phase, transform }: { name: string; phase: number; transform?: string },
  line: number,
  verdict: Verdict,
): Judged {
  const safe = verdict.kind === 'rewrite' && verdict.safety === 'safe';
  return {
    use: {
      file,
      name,
      role: 'call',
      span: { start: 0, end: 1 },
      node: undefined as never,
      spelling: 'module',
    },
    position: { line, column: 1, endLine: line, endColumn: 1 + name.length },
    phase,
    transform,
    verdict,
    applied: safe,
  };
}

/** @param files so many files of `each` hunks, in folders, the last with an evil name */
export function madeInput(files: number, each: number): HtmlInput {
  const names = Array.from({ length: files }, (_, at) =>
    at === files - 1 ? EVIL_NAME : `${at % 3 ? 'app' : 'tests/unit'}/part${at % 4}/module_${at}.py`,
  );
  const made = names.map((name, at) =>
    // Each file has another mixture.
    madeFile(
      name,
      Array.from({ length: each }, (_, i) => i * (1 + (at % 3)) + at),
    ),
  );
  const first = made[0]?.judged[0]?.use.file as PythonFile;
  const others = [
    judgedAt(
      first,
      { name: 'asyncio.Event', phase: 2, transform: 'event' },
      3,
      refuse('event-clear', EVIL, EVIL, place(EVIL_NAME, 2)),
    ),
    judgedAt(first, { name: EVIL, phase: 4 }, 5, DEFER),
    judgedAt(first, { name: 'asyncio.Task', phase: 5 }, 6, leave(EVIL)),
  ];
  const judged = [...made.flatMap((file) => file.judged), ...others];
  const plan = migration({
    judged,
    changes: made.map((file) => file.change),
    problems: [{ path: join(ROOT, EVIL_NAME), code: 'syntax', message: EVIL, line: 1 }],
    dependency: {
      verdict: 'rewrite',
      file: join(ROOT, 'pyproject.toml'),
      needed: '4.0',
      message: EVIL,
    },
    arrived: [{ path: join(ROOT, 'app/done.py'), phase: 2, uses: 12 }],
  });
  const full: Migration = {
    ...plan,
    judged: judged.map((item) => ({ ...item, applied: item.verdict.kind === 'rewrite' })),
  };
  return {
    plan,
    full,
    catalog: CATALOG,
    diagnostics: [],
    cwd: ROOT,
    name: `project ${EVIL}`,
    commands: {
      self: `anyio-codemod plan '${EVIL}'`,
      next: [`anyio-codemod diff '${EVIL}'`],
      apply: 'anyio-codemod apply @PATHS@ @SELECTORS@ --import-style from',
      paths: '',
      selectors: '--phase full',
    },
    made: new Date('2026-01-02T03:04:05Z'),
  };
}
