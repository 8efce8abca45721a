/** The page in a browser, with a thousand hunks and with code that would break out of it. */

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { markedFiles } from '../src/report/html/hunks.ts';
import { htmlReport } from '../src/report/html/page.ts';
import { describeWithBrowser } from './browser.ts';
import { temporaryDirectory } from './files-temporary.ts';
import { EVIL_NAME, madeInput } from './report-html-made.ts';

const INPUT = madeInput(25, 40);
const HTML = htmlReport(INPUT);
/** What the page has to count: one hunk each, with the kind of rewrite in it and its file. */
const HUNKS = markedFiles(INPUT.full).flatMap(({ path, hunks }) =>
  hunks.map(({ marks }) => ({ name: path.replace('/project/', ''), ...marks[0] })),
);

test('the migration has a thousand hunks of all kinds', () => {
  expect(HUNKS).toHaveLength(1000);
  expect(new Set(HUNKS.map(({ transform }) => transform)).size).toBe(5);
});

describeWithBrowser('the page', (browser) => {
  let page: Page;
  let url: string;
  /** Everything that the page asked for, or said, that it should not. */
  let noise: string[];

  async function open(hash = '', options: BrowserContextOptions = {}): Promise<void> {
    const context = await browser().newContext({
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    await context.addInitScript({ path: join(import.meta.dirname, 'report-browser-page.js') });
    page = await context.newPage();
    page.on('request', (request) => {
      if (request.url().split('#')[0] !== url) noise.push(`asked for ${request.url()}`);
    });
    page.on('requestfailed', (request) => noise.push(`failed: ${request.url()}`));
    page.on('pageerror', (error) => noise.push(error.message));
    page.on('console', (message) => noise.push(message.text()));
    await page.goto(url + hash);
  }

  beforeEach(() => {
    const path = join(temporaryDirectory(), 'plan.html');
    writeFileSync(path, HTML);
    url = pathToFileURL(path).href;
    noise = [];
  });

  afterEach(async () => {
    await page.context().close();
    expect(noise).toEqual([]);
  });

  /** Asks what `report-browser-page.js` answers in the page. */
  const ask = <Answer = unknown>(what: string, given?: unknown): Promise<Answer> =>
    page.evaluate(`probe.${what}(${given === undefined ? '' : JSON.stringify(given)})`);
  const chip = (value: string) => page.locator(`[data-value="${value}"]`);
  const result = () => page.locator('.result').textContent();
  const numberIn = (text: string | null) => Number(/[\d,]+/.exec(text ?? '')?.[0].replace(',', ''));
  const shown = async () => numberIn(await result());
  /** Sums what the files say of themselves: `3 of 40 changes`. */
  const inFiles = async () => {
    const texts = await page.locator('.patch:not([hidden]) > header .n').allTextContents();
    return texts.reduce((sum, text) => sum + numberIn(text), 0);
  };
  const press = (value: string) => chip(value).click();

  describe('the filter', () => {
    test('shows for each value as many hunks as it says', async () => {
      await open();
      expect(await result()).toBe('All 1,000 changes in 25 files.');
      const values = await page
        .locator('.chip')
        .evaluateAll((all) => all.map((each) => each.dataset.value ?? ''));
      expect(values.length).toBe(3 + 2 + 5);
      for (const value of values) {
        const [key = '', wanted] = value.split('=');
        const expected = HUNKS.filter((hunk) => String(hunk[key as keyof typeof hunk]) === wanted);
        expect(numberIn(await chip(value).locator('.n').textContent())).toBe(expected.length);
        await press(value);
        expect([await shown(), await inFiles()]).toEqual([expected.length, expected.length]);
        await press(value);
      }
      expect(await result()).toBe('All 1,000 changes in 25 files.');
    });

    test('narrows with each choice, and the other counts with it', async () => {
      await open();
      await press('phase=2');
      await press('safety=review');
      await page.locator('#file-filter').fill('tests/');
      const left = HUNKS.filter(
        ({ phase, safety, name }) =>
          phase === 2 && safety === 'review' && name.startsWith('tests/'),
      );
      expect(left.length).toBeGreaterThan(0);
      expect([await shown(), await inFiles()]).toEqual([left.length, left.length]);
      // What else there is to choose: of the other safety in this phase and folder.
      const safe = HUNKS.filter(
        ({ phase, safety, name }) => phase === 2 && safety === 'safe' && name.startsWith('tests/'),
      );
      expect(numberIn(await chip('safety=safe').locator('.n').textContent())).toBe(safe.length);
      expect(await chip('transform=run').isDisabled()).toBe(true);
      await press('safety=safe');
      expect(await shown()).toBe(left.length + safe.length);
      await page.locator('#clear').click();
      expect(await shown()).toBe(1000);
      expect(await page.locator('#file-filter').inputValue()).toBe('');
    });

    test('draws the hunks that it shows, and no other', async () => {
      await open();
      const name = HUNKS[0]?.name ?? '';
      await page.locator('#file-filter').fill(name);
      await press('transform=lock');
      const mine = HUNKS.filter((hunk) => hunk.name === name && hunk.transform === 'lock');
      await page.locator('.patch:not([hidden]) .hunk').first().waitFor();
      expect(await page.locator('.hunk').count()).toBe(mine.length);
      const rows = await page.locator('.row.add').allTextContents();
      expect(rows).toHaveLength(mine.length);
      for (const row of rows) expect(row).toContain('anyio.Lock(');
      expect(await page.locator('.row.add b').first().textContent()).toBe('anyio');
    });

    test('is in the address, and comes back with it', async () => {
      await open();
      await press('phase=3');
      await page.locator('#file-filter').fill('part1/module');
      const count = await shown();
      expect(new URL(page.url()).hash).toBe('#phase=3&file=part1%2Fmodule');
      await page.reload();
      expect([await shown(), await chip('phase=3').getAttribute('aria-pressed')]).toEqual([
        count,
        'true',
      ]);
      expect(await page.locator('#file-filter').inputValue()).toBe('part1/module');
      // A link of the page sets another one.
      await page.locator('#progress a[href="#phase=1"]').click();
      await expect.poll(shown).toBe(HUNKS.filter(({ phase }) => phase === 1).length);
      await page.goto(`${url}#phase=9&nonsense=%E0%A4%A&file=%`);
      await page.reload();
      expect(await shown()).toBe(0);
    });

    test('names the command that writes what is shown', async () => {
      await open();
      const command = () => page.locator('#filter .command code').textContent();
      expect(await command()).toBe('anyio-codemod apply --phase full --import-style from');
      await press('phase=2');
      await page.locator('#file-filter').fill('tests/unit/');
      expect(await command()).toBe(
        'anyio-codemod apply tests/unit/ --phase 0,2 --import-style from',
      );
      await press('transform=sleep');
      await press('transform=lock');
      await press('safety=review');
      expect(await command()).toBe(
        'anyio-codemod apply tests/unit/ --transform lock,sleep --import-style from --include-review',
      );
      await page.locator('#file-filter').fill('onerror');
      expect(await command()).toContain(`apply '${EVIL_NAME}' --transform lock,sleep`);
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.locator('#filter [data-copy]').click();
      await expect.poll(() => ask('clipboard')).toBe(await command());
    });
  });

  test('draws what is near the window, and the rest when one comes to it', async () => {
    await open();
    expect(await page.locator('.hunk').count()).toBe(0);
    await page.locator('nav a[href="#diff"]').click();
    await page.locator('.patch .hunk').first().waitFor();
    expect(await page.locator('.hunk').count()).toBeLessThan(500);
    expect(await page.locator('.patch').last().locator('.hunk').count()).toBe(0);
    await page.locator('.patch').last().scrollIntoViewIfNeeded();
    await page.locator('.patch').last().locator('.hunk').first().waitFor();
    await page.getByRole('button', { name: 'Close all' }).click();
    expect(await page.locator('.patch .body:visible').count()).toBe(0);
  });

  test.each([
    [1280, 'light'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)(
    'is no wider than a window of %i pixels, all opened, %s',
    async (width, colorScheme) => {
      await open('', { viewport: { width, height: 844 }, colorScheme });
      await ask('openAll');
      const widest = () => ask<number>('width');
      expect(await widest()).toBeLessThanOrEqual(width);
      await page.locator('#flat').click();
      expect(await widest()).toBeLessThanOrEqual(width);
      for (const at of [0, 5, 24]) {
        await page.locator('.patch').nth(at).scrollIntoViewIfNeeded();
        await page.locator('.patch').nth(at).locator('.hunk').first().waitFor();
        expect(await widest()).toBeLessThanOrEqual(width);
      }
    },
  );

  test('is light or dark as the system is, or as one chooses', async () => {
    const behind = () => ask('background');
    await open('', { colorScheme: 'light' });
    const light = await behind();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await behind();
    expect(dark).not.toBe(light);
    const theme = page.locator('#theme');
    await theme.click();
    expect([await behind(), await theme.textContent()]).toEqual([light, 'Light']);
    await page.reload();
    expect(await behind()).toBe(light);
    await theme.click();
    await page.emulateMedia({ colorScheme: 'light' });
    expect([await behind(), await theme.textContent()]).toEqual([dark, 'Dark']);
    await theme.click();
    expect(await behind()).toBe(light);
  });

  test.each(['light', 'dark'] as const)(
    'can be read: its %s texts stand out',
    async (colorScheme) => {
      await open('#transform=lock', { colorScheme });
      await page.locator('.hunk').first().waitFor();
      await ask('openAll');
      const texts = [
        'h1',
        'h1 span',
        '.made',
        '.lead',
        'nav a',
        'nav .n',
        '.tile span',
        '.phases p',
        '.phases a',
        '.badge.refused',
        '.badge.review',
        '.message p',
        'mark',
        '.group .title',
        'thead button',
        'td.todo',
        'th.name a',
        '.chip .n',
        '.chip.safe',
        '.chip.review',
        '[aria-pressed="true"] .n',
        '.result',
        '.remark',
        '.patch .path',
        '.tag',
        '.tag.review',
        '.note',
        '.row.add',
        '.row.del',
        '.row.add b',
        '.row.del b',
        '.hunk-head',
      ];
      for (const [selector, contrast] of await ask<[string, number][]>('contrasts', texts)) {
        expect(contrast, selector).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  test('is used by the keyboard', async () => {
    await open();
    await page.keyboard.press('Tab');
    expect(await ask('hasFocus', '.skip')).toBe(true);
    await chip('phase=2').focus();
    await page.keyboard.press('Enter');
    expect(await shown()).toBe(HUNKS.filter(({ phase }) => phase === 2).length);
    // The chip is drawn anew with its count, and keeps the focus.
    expect(await ask('hasFocus', '[data-value="phase=2"]')).toBe(true);
    await page.keyboard.press('Space');
    expect(await shown()).toBe(1000);
    const fold = page.locator('.patch .fold').first();
    await fold.focus();
    await page.keyboard.press('Enter');
    expect(await fold.getAttribute('aria-expanded')).toBe('false');
  });

  test('has headings in order, and a name for all that can be pressed', async () => {
    await open();
    const levels = await page
      .locator('h1, h2, h3, h4')
      .evaluateAll((all) => all.map((each) => Number(each.tagName.slice(1))));
    expect(levels[0]).toBe(1);
    for (const [at, level] of levels.entries())
      expect(level - (levels[at - 1] ?? 0)).toBeLessThanOrEqual(1);
    const nameless = await page
      .locator('button, a, summary, input')
      .evaluateAll(
        (all) => all.filter((each) => !each.textContent?.trim() && !each.labels?.length).length,
      );
    expect(nameless).toBe(0);
  });

  test('sorts packages and files by any column, as a tree and flat', async () => {
    await open();
    const names = () => page.locator('#file-table tbody th').allTextContents();
    expect((await names())[0]).toMatch(/^app\//);
    const toDo = page.locator('[data-sort="todo"]');
    await page.locator('#flat').click();
    expect(await names()).toHaveLength(26);
    const column = async () =>
      (await page.locator('td.todo').allTextContents()).map((text) =>
        text === '–' ? 0 : Number(text),
      );
    await toDo.click();
    const down = await column();
    expect(down).toEqual([...down].sort((a, b) => b - a));
    expect(await page.locator('[aria-sort]').getAttribute('aria-sort')).toBe('descending');
    await toDo.click();
    expect(await column()).toEqual([...down].sort((a, b) => a - b));
    await page.locator('#flat').click();
    await page.locator('[data-sort="name"]').click();
    const fold = page.locator('#file-table .fold').first();
    const before = (await names()).length;
    await fold.click();
    expect((await names()).length).not.toBe(before);
    await fold.click();
    expect((await names()).length).toBe(before);
    await page.locator('#file-table .file a').first().click();
    const file = decodeURIComponent(new URL(page.url()).hash.slice('#file='.length));
    await expect.poll(shown).toBe(HUNKS.filter(({ name }) => name === file).length);
  });

  test('runs nothing that stands in code or in a name, and sends nothing anywhere', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      response.end();
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const there = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      await open();
      await page.locator('#file-filter').fill('onerror');
      await page.locator('.hunk').first().waitFor();
      await ask('openAll');
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.locator('.patch:not([hidden]) .path').textContent()).toBe(EVIL_NAME);
      expect(await page.title()).toContain('</script></style><img src=x');
      expect(await ask('isBroken')).toBe(false);

      // Even if it came to be markup, the page's policy would not let it do anything.
      expect(noise).toEqual([]);
      expect([await ask('attack', there), await ask('isBroken')]).toEqual(['stopped', false]);
      expect(asked).toBe(0);
      noise = [];
    } finally {
      server.close();
    }
  });
});
