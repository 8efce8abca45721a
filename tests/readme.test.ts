/** README says what the program does today. `npm run docs` writes its sections anew. */

import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engine } from '../src/cli/engine.ts';
import { run } from '../src/cli/run.ts';
import { README, section, writeReadme } from './readme.ts';
import { review } from './review-harness.ts';

const SAMPLE = join(resolve(import.meta.dirname, '..'), 'fixtures', 'sample');

describe('README', () => {
  let cwd: string;
  const texts: Record<string, string> = {};

  /** What a command prints on the sample project, as a terminal of 80 columns shows it. */
  async function printed(...words: string[]): Promise<string> {
    let text = '';
    const stream = { write: (part: string | Uint8Array) => (text += Buffer.from(part).toString()) };
    const out = { ...stream, isTTY: false, columns: 80 };
    const terminal = {
      cwd,
      env: { LANG: 'C.UTF-8' },
      stdout: out,
      stderr: out,
      engine,
      uninterrupted,
    };
    await run(words, terminal as unknown as Parameters<typeof run>[1]);
    return text.trimEnd();
  }
  /** The first step of a review of the announcer, below the greeting. */
  async function firstQuestion(): Promise<string> {
    const { asked } = await review(cwd, ['mud/announcer.py'], () => 'q');
    const [{ seen = '', question = '', keys = [] } = {}] = asked;
    const [, ...step] = seen.trimEnd().split('\n\n');
    return `${step.join('\n\n')}\n${question} [${keys.join(',')},?]`;
  }
  const uninterrupted = <T>(work: () => T) => work();

  beforeAll(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'anyio-codemod-readme-'));
    cpSync(SAMPLE, cwd, { recursive: true });
    texts.plan = `\`\`\`\n${await printed('plan')}\n\`\`\``;
    texts.list = `\`\`\`\n${await printed('list')}\n\`\`\``;
    texts.review = `\`\`\`\n${await firstQuestion()}\n\`\`\``;
    if (process.env.UPDATE_README) writeReadme(texts);
  });
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  it.each(['plan', 'list', 'review'])('has %s as it is today', (name) => {
    const there = section(readFileSync(README, 'utf8'), name);
    expect(there, 'README.md is not what the program says: run `npm run docs`').toBe(texts[name]);
  });
});
