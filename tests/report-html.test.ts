/** The page as text: what is in it, and that nobody's text is anything but text. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PageData } from '../src/report/html/data.ts';
import { markedFiles } from '../src/report/html/hunks.ts';
import { html, jsonText, prose } from '../src/report/html/markup.ts';
import { htmlReport } from '../src/report/html/page.ts';
import { Sources } from '../src/report/html/snippet.ts';
import type { Migration } from '../src/result.ts';
import type { Edit, Verdict } from '../src/transform.ts';
import { change, cli, migration, place, review, sample, use } from './cli-harness.ts';
import { temporaryDirectory } from './files-temporary.ts';
import { EVIL, madeInput } from './report-html-made.ts';

/** What scripts of the page read. */
function dataOf(page: string): PageData {
  const [, text = ''] =
    /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page) ?? [];
  return JSON.parse(text);
}

describe('the page', () => {
  const page = htmlReport(madeInput(4, 5));

  test('names no other place that it could ask for anything', () => {
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect(page).not.toMatch(/<(link|iframe|object|embed|base|form|img|video|audio)\b/i);
    expect(page).not.toMatch(/@import|url\(/);
  });

  test('lets in its own style and scripts, and nothing else', () => {
    const [, policy = ''] =
      /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const allowed = new Map(
      policy
        .replaceAll('&#39;', "'")
        .split('; ')
        .map((part) => [part.split(' ')[0] ?? '', part.split(' ').slice(1)]),
    );
    const hashes = (pattern: RegExp) =>
      [...page.matchAll(pattern)].map(
        ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
      );
    expect(allowed.get('default-src')).toEqual(["'none'"]);
    expect(allowed.get('style-src')).toEqual(hashes(/<style>(.*?)<\/style>/gs));
    expect(allowed.get('script-src')).toEqual(hashes(/<script>(.*?)<\/script>/gs));
    expect(policy).not.toContain('unsafe');
    // An attribute would need what the policy does not allow.
    expect(page).not.toMatch(/<[^>]*\s(style|on\w+)="/);
  });

  test('keeps what people wrote out of its markup', () => {
    const outside = page.replace(/<script.*?<\/script>|<style>.*?<\/style>/gs, '');
    expect(outside).not.toContain('<img');
    expect(outside).not.toContain('</script');
    expect(outside).toContain('&lt;/script&gt;&lt;/style&gt;&lt;img src=x onerror=&quot;');
    expect(page.match(/<script\b/g)?.length).toBe(page.match(/<\/script>/g)?.length);
  });

  test('holds each hunk of the diff as it is', () => {
    const { diff, marks } = dataOf(page);
    const { full } = madeInput(4, 5);
    expect(diff.map(({ hunks }) => hunks.length)).toEqual(full.changes.map(() => 5));
    const lines = diff.flatMap(({ hunks }) => hunks.flatMap(([, , text]) => text));
    expect(lines.some((line) => line.includes(EVIL))).toBe(true);
    for (const { hunks } of diff)
      for (const [, , , numbers] of hunks) expect(numbers.length).toBe(1);
    expect(new Set(marks.map(({ transform }) => transform))).toEqual(
      new Set(['run', 'sleep', 'lock', 'event', 'wait-for']),
    );
  });

  test('has the counts of the plan, also where files are summed up', () => {
    const { files } = dataOf(page);
    const { account } = madeInput(4, 5).plan;
    const sums = [0, 1, 2, 3, 4, 5].map((at) =>
      files.reduce((sum, [, counts]) => sum + (counts[at] ?? 0), 0),
    );
    const { safe, review: looks, refused, deferred, left } = account;
    expect(sums).toEqual([12, safe, looks, refused, deferred, left]);
  });
});

describe('a hunk is marked with the rewrites whose edits lie in it', () => {
  const lines = Array.from({ length: 40 }, (_, at) => `line${at + 1}`);
  const before = `${lines.join('\n')}\n`;
  const at = (line: number): Edit => {
    const start = lines.slice(0, line - 1).join('\n').length + 1;
    return { start, end: start + 4, pieces: [] };
  };
  const rewrite = (safety: 'safe' | 'review', edits: Edit[], note?: string): Verdict => ({
    kind: 'rewrite',
    safety,
    edits,
    minAnyio: '4.0',
    ...(note ? { note } : {}),
  });
  const changed = (...numbers: number[]) =>
    change(
      'a.py',
      before,
      `${lines.map((text, i) => (numbers.includes(i + 1) ? 'new' : text)).join('\n')}\n`,
    );

  function marksOf(parts: Partial<Migration>): string[][] {
    const [file] = markedFiles(migration(parts));
    return (file?.hunks ?? []).map(({ marks }) =>
      marks.map(({ transform, phase, safety, note }) =>
        [transform, phase, safety, note].filter(Boolean).join(' '),
      ),
    );
  }

  test('also where they stand in another line, in several, or beside each other', () => {
    const judged = [
      use('a.py:20', 'asyncio.Lock', rewrite('review', [at(20), at(38)], 'look'), {
        phase: 2,
        transform: 'lock',
        applied: true,
      }),
      use('a.py:21', 'asyncio.sleep', rewrite('safe', [at(21)]), { phase: 2, transform: 'sleep' }),
      use('a.py:21', 'asyncio.sleep', rewrite('safe', [at(21)]), { phase: 2, transform: 'sleep' }),
      use('a.py:38', 'asyncio.run', rewrite('safe', [at(38)]), {
        phase: 1,
        transform: 'run',
        applied: false,
      }),
    ];
    expect(marksOf({ judged, changes: [changed(2, 20, 21, 38)] })).toEqual([
      // Of imports, which stand above: all that the file has.
      ['lock 2 review look', 'sleep 2 safe'],
      ['lock 2 review look', 'sleep 2 safe'],
      ['lock 2 review look'],
    ]);
  });

  test('what no use stands for is of the dependency, or of the tests', () => {
    const manifest = {
      verdict: 'rewrite' as const,
      file: '/project/a.py',
      needed: '4',
      message: '',
    };
    expect(marksOf({ changes: [changed(2)], dependency: manifest })).toEqual([['dependency safe']]);
    expect(marksOf({ changes: [{ ...changed(2), note: 'anyio_mode' }] })).toEqual([
      ['pytest 6 safe'],
    ]);
  });
});

describe('the code around a place', () => {
  const sources = new Sources(new Map([['/a.py', 'one\r\ntwo <b>\nthree\nfour\nfive\n']]));

  test('has its line and its name marked', () => {
    const { text = '' } =
      sources.around('/a.py', { line: 2, column: 5, endLine: 2, endColumn: 8 }) ?? {};
    expect(text).toContain('<span class="row here" data-n="2">two <mark>&lt;b&gt;</mark>\n</span>');
    expect(text.match(/data-n="\d+"/g)).toEqual([1, 2, 3, 4].map((n) => `data-n="${n}"`));
  });

  test('is not there where the text is not, or not so long', () => {
    expect(sources.around('/b.py', { line: 1 })).toBe(undefined);
    expect(sources.around('/a.py', { line: 99 })).toBe(undefined);
  });

  test('a line of any length does not fill the page', () => {
    const long = new Sources(new Map([['/a.py', 'x'.repeat(100_000)]]));
    expect(long.around('/a.py', { line: 1 })?.text.length).toBeLessThan(1000);
  });
});

test('text is escaped wherever it is put', () => {
  expect(
    html`<p title="${'"<&'}">${['a<b'].map((each) => html`${each}`)}${undefined}</p>`.text,
  ).toBe('<p title="&quot;&lt;&amp;">a&lt;b</p>');
  expect(prose('use `<x>` here').text).toBe('use <code>&lt;x&gt;</code> here');
  expect(jsonText(['</script><!--'])).toBe('["\\u003c/script>\\u003c!--"]');
  expect(JSON.parse(jsonText(['</script><!--']))).toEqual(['</script><!--']);
});

describe('plan --report', () => {
  test('writes the page, beside the plan on stdout', async () => {
    const folder = temporaryDirectory();
    const asked: boolean[] = [];
    const given = (request: { includeReview: boolean }) => {
      asked.push(request.includeReview);
      return { ...sample(), root: folder };
    };
    const words = ['plan', 'app', '-t', 'sleep', '--report', 'my plan.html'];
    const { code, stdout, stderr } = await cli(words, { migration: given, cwd: folder });
    expect([code, stderr.text]).toEqual([0, 'Wrote my plan.html.\n']);
    expect(stdout.text).toContain('12 Python files');
    // The plan as asked for, and once more with what needs a look.
    expect(asked).toEqual([false, true]);
    const page = readFileSync(join(folder, 'my plan.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain(
      'anyio-codemod plan app --transform sleep --report &#39;my plan.html&#39;',
    );
    expect(dataOf(page).commands).toEqual({
      apply: 'anyio-codemod apply @PATHS@ @SELECTORS@',
      paths: 'app',
      selectors: '--transform sleep',
    });
  });

  test('explains a refusal with what its transform says of it', async () => {
    const folder = temporaryDirectory();
    await cli(['plan', '--report', 'x.html'], { cwd: folder });
    const page = readFileSync(join(folder, 'x.html'), 'utf8');
    expect(page).toContain('an event that is cleared');
    expect(page).toContain('An anyio event is set once and for all.');
    expect(page).toContain('event = anyio.Event()');
    expect(page).toContain('<b>Do:</b> put a new Event where the old one is cleared');
  });

  test('to a folder that is not there is refused before anything is read', async () => {
    const folder = temporaryDirectory();
    const { code, stderr, asked } = await cli(['plan', '--report', 'no/x.html'], { cwd: folder });
    expect([code, asked]).toEqual([2, undefined]);
    expect(stderr.text).toBe('anyio-codemod: --report: there is no folder for no/x.html\n');
  });
});

test('what needs a look is linked to its changes, with its note', () => {
  const judged = [
    use('a.py:1', 'asyncio.Lock', review('see `locked()`', place('b.py', 2)), {
      phase: 2,
      transform: 'lock',
    }),
  ];
  const plan = migration({ judged });
  const page = htmlReport({ ...madeInput(1, 1), plan, full: plan });
  expect(page).toContain('href="#transform=lock&amp;safety=review"');
  expect(page).toContain('see <code>locked()</code>');
});
