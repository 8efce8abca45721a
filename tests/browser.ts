/** A browser for the tests of the page: Chromium, where this machine has it. */

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** It says nothing to anybody, and needs no graphics. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
  '--disable-sync',
  '--disable-component-update',
];

/**
 * A `describe` that needs a browser. Without one its tests are skipped, with a warning; where `CI` is
 * set, they fail. The environment variable ANYIO_CODEMOD_TEST_BROWSER names another one.
 */
export function describeWithBrowser(name: string, tests: (browser: () => Browser) => void): void {
  const path = [process.env.ANYIO_CODEMOD_TEST_BROWSER, ...PATHS].find(
    (each) => each && existsSync(each),
  );
  if (path !== undefined) {
    describe(name, () => {
      let browser: Browser;
      beforeAll(async () => {
        browser = await chromium.launch({ executablePath: path, args: QUIET });
      });
      afterAll(() => browser.close());
      tests(() => browser);
    });
    return;
  }
  const missing = 'no Chromium on this machine (Debian: apt-get install chromium)';
  if (process.env.CI) {
    describe(name, () => {
      it('needs a browser', () => {
        throw new Error(missing);
      });
    });
  } else {
    console.warn(`\nSKIPPED: TESTS IN A BROWSER: ${missing}\n`);
    describe(name, () => it.skip(`needs a browser: ${missing}`));
  }
}
