/** The pages in `docs/` say what the program does today. `npm run docs` writes them anew. */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { NOTES, PROBLEMS } from '../src/report/explain.ts';
import { loadParser, parse } from '../src/syntax/parser.ts';
import { FRAMES, type Frame } from './docs/example-frames.ts';
import { depthOf, framed, indented, rewritten } from './docs/examples.ts';
import { AUTHOR, withOutput } from './docs/guide.ts';
import { anchorOf } from './docs/markdown.ts';
import { CATALOG, explained, referencePages } from './docs/pages.ts';
import { type Played, play } from './docs/play.ts';
import { isolateGit } from './files-temporary.ts';
import { codesInFixtures, codesInSources } from './given-codes.ts';
import { describeWithPython, pythonEnv } from './python/env.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DOCS = join(ROOT, 'docs');
const HOW = 'the pages in docs/ are not what the program says: run `npm run docs`';

/** The files below `docs/`, with forward slashes. */
function filesThere(): string[] {
  const all = readdirSync(DOCS, { recursive: true }) as string[];
  const files = all.filter((path) => statSync(join(DOCS, path)).isFile());
  return files.map((path) => path.split(sep).join('/')).sort();
}

/** Writes the pages, and takes away those that should not be. */
function write(pages: ReadonlyMap<string, string>): void {
  const left = existsSync(DOCS) ? filesThere().filter((path) => !pages.has(path)) : [];
  for (const path of left) rmSync(join(DOCS, path));
  for (const [path, text] of pages) {
    mkdirSync(dirname(join(DOCS, path)), { recursive: true });
    writeFileSync(join(DOCS, path), text);
  }
}

let pages: Map<string, string>;
/** What the sample's game and its tests said after each step of the guide, where Python is at hand. */
const played: Played[] = [];

beforeAll(async () => {
  pages = referencePages();
  isolateGit();
  for (const [name, value] of Object.entries(AUTHOR)) vi.stubEnv(name, value);
  const env = pythonEnv();
  pages.set(
    'guide.md',
    await withOutput(readFileSync(join(DOCS, 'guide.md'), 'utf8'), (command, cwd) => {
      if (env.missing === undefined) played.push(play(env, command, cwd));
    }),
  );
  vi.unstubAllEnvs();
  if (process.env.UPDATE_DOCS) write(pages);
  // The guide runs tests again and again, and this machine may be a slow one.
}, 300_000);

describe('docs', () => {
  it('has the pages that there should be, and no other', () => {
    expect(filesThere(), HOW).toEqual([...pages.keys()].sort());
  });

  it('has each page as it is today', () => {
    const there = filesThere().filter((path) => pages.has(path));
    const stale = there.filter(
      (path) => readFileSync(join(DOCS, path), 'utf8') !== pages.get(path),
    );
    expect(stale, HOW).toEqual([]);
  });

  it('has a page for every diagnostic that the program can give', () => {
    const given = [...codesInSources(), ...codesInFixtures()];
    expect(codesInFixtures().size).toBeGreaterThan(100);
    const known = (code: string) =>
      pages.has(`diagnostics/${code}.md`) || code in PROBLEMS || code in NOTES;
    expect(given.filter((code) => !known(code))).toEqual([]);
  });

  it('says one thing of a diagnostic that several transforms give', () => {
    const contradicted = [...explained()].filter(([code, { info, owners }]) =>
      owners.some(({ diagnostics }) => {
        const own = diagnostics.find((each) => each.code === code);
        return JSON.stringify(own) !== JSON.stringify(info);
      }),
    );
    expect(contradicted.map(([code]) => code)).toEqual([]);
  });

  it('shows a better program that is Python', async () => {
    await loadParser();
    const broken = [...explained().values()].filter(({ info }) => {
      const tree = parse(info.instead ?? '');
      const { hasError } = tree.rootNode;
      tree.delete();
      return hasError;
    });
    expect(broken.map(({ info }) => info.code)).toEqual([]);
  });

  it.each(['docs', 'README.md'])('has no link in %s that leads nowhere', (from) => {
    const files = from === 'docs' ? filesThere().map((path) => `docs/${path}`) : [from];
    const broken = files.flatMap((file) => brokenLinks(file).map((link) => `${file}: ${link}`));
    expect(broken).toEqual([]);
  });
});

describeWithPython('the guide', () => {
  it('leaves a game that plays the same after each step, and tests that pass', () => {
    const transcript = readFileSync(join(ROOT, 'fixtures', 'sample', 'transcript.txt'), 'utf8');
    expect(played.length).toBeGreaterThanOrEqual(4);
    for (const { after, game, tests } of played)
      expect({ after, game, tests }).toEqual({ after, game: transcript, tests: 'OK' });
  });
});

/** The relative links of a file, from the root, that have no file or no heading at their end. */
function brokenLinks(file: string): string[] {
  return linksOf(readFileSync(join(ROOT, file), 'utf8')).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? join(ROOT, file) : join(ROOT, dirname(file), path);
    const entry = statSync(target, { throwIfNoEntry: false });
    if (!entry) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
  });
}

/** Where the links of a Markdown text lead, those to other places left out. */
function linksOf(text: string): string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

function anchorsOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, title]) => anchorOf(title ?? ''));
}

function withoutCode(text: string): string {
  return text.replaceAll(/^(`{3,})[^`]*\n[\s\S]*?^\1$/gm, '').replaceAll(/`[^`\n]*`/g, '``');
}

describe('the examples of', () => {
  // Phase 0 writes no Python; `dependency.test.ts` holds it to its examples.
  const judging = CATALOG.filter(({ id }) => id !== 'dependency');

  it.each(judging)('$id are what the tool does', async ({ id, examples }) => {
    const frames = FRAMES[id] ?? [];
    expect(frames.length, 'each example needs a frame in tests/docs/example-frames.ts').toBe(
      examples.length,
    );
    for (const [at, example] of examples.entries()) {
      const frame = frames[at] as Frame;
      const plain = await rewritten(frame, example.before, false);
      const asked = example.review ? await rewritten(frame, example.before, true) : plain;
      expect(asked).toContain(indented(example.after, depthOf(frame)));
      expect(besideImports(asked)).toBe(besideImports(framed(frame, example.after)));
      // What is said to need the flag does need it.
      if (example.review) expect(plain).not.toContain(indented(example.after, depthOf(frame)));
    }
  });
});

/** A program without its import statements, which follow from the rest, and the lines around them. */
function besideImports(text: string): string {
  const kept = text.split('\n').filter((line) => !/^(?:import|from) /.test(line));
  return kept.join('\n').trim();
}
