import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Many tests start Python, git or the packed tool.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', new URL('./count-reporter.ts', import.meta.url).pathname],
  },
});
