import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Other packages' own test suites take minutes: they are run by hand, by name or `all`.
    exclude: process.env.ANYIO_CODEMOD_SUITES ? [] : ['tests/suites.test.ts'],
    // Many tests start Python, git or the packed tool.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', new URL('./count-reporter.ts', import.meta.url).pathname],
  },
});
