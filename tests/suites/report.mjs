/** A trial, for a person. */

/** @typedef {import('./trial.mjs').Trial} Trial */
/** @typedef {import('./trial.mjs').Rewritten} Rewritten */

/** @param {Trial} trial @returns {string} some lines */
export function describeTrial({ name, version, before, uncollected, seconds, rewrites }) {
  const lines = [`${name} ${version}`, `  before   ${counts(before)}   ${seconds.toFixed(1)} s`];
  if (uncollected.length > 0) lines.push(`           not collected: ${uncollected.join(', ')}`);
  for (const [label, done] of Object.entries(rewrites)) lines.push(...describeRewrite(label, done));
  return lines.join('\n');
}

/** @param {string} label @param {Rewritten} done @returns {string[]} */
function describeRewrite(label, done) {
  const { found, rewritten, refused, deferred, left } = done.account;
  return [
    `  ${label.padEnd(8)} ${counts(done.outcomes)}   ${done.seconds.toFixed(1)} s`,
    `           ${found} uses = ${rewritten} rewritten + ${refused} refused + ${deferred} deferred + ${left} left`,
    `           applied: ${counts(done.transforms) || 'nothing'}; refused: ${counts(done.refusals) || 'nothing'}`,
    `           of ${done.lines} rewritten lines, the suite runs ${done.executed}`,
    ...done.broken.map(
      ({ test, after, verdict }) => `  ${verdict.toUpperCase()}   ${test}: ${after}`,
    ),
  ];
}

/** @param {Record<string, number>} numbers @returns {string} `3 passed, 1 failed` */
function counts(numbers) {
  return Object.entries(numbers)
    .map(([word, number]) => `${number} ${word}`)
    .join(', ');
}
