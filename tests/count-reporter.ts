/** Closes a run with one plain line that any CI can read: `N passed, N failed`. */

import type { Reporter, TestModule } from 'vitest/node';

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
      // A file that cannot be loaded has no tests to fail.
      if (module.state() === 'failed' && module.errors().length > 0) counts.failed += 1;
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    // Behind vitest's own summary, which it prints in the same event.
    process.on('exit', () =>
      console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`),
    );
  }
}
