/**
 * Versions as PEP 440 orders them. Only what manifests need: no local versions (`+cu118` is read
 * and does not count), no legacy versions.
 *
 * Source: https://packaging.python.org/en/latest/specifications/version-specifiers/
 */

interface Version {
  epoch: number;
  release: number[];
  /** Pre-release, post-release and development parts, ready to compare from left to right. */
  suffix: number[];
}

const VERSION = new RegExp(
  [
    /^\s*v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)/,
    /(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>\d*))?/,
    /(?<post>-(?<implicit>\d+)|[-_.]?(?:post|rev|r)[-_.]?(?<postNumber>\d*))?/,
    /(?<dev>[-_.]?dev[-_.]?(?<devNumber>\d*))?/,
    /(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?\s*$/,
  ]
    .map((part) => part.source)
    .join(''),
  'i',
);

const NO_PRE = 3;

function parse(text: string): Version | undefined {
  const parts = VERSION.exec(text)?.groups;
  if (!parts) return undefined;
  return {
    epoch: Number(parts.epoch ?? 0),
    release: (parts.release as string).split('.').map(Number),
    suffix: suffixKey(parts),
  };
}

/** The sort key of packaging's `_cmpkey`: 1.dev1 < 1a1 < 1b1 < 1rc1 < 1 < 1.post1. */
function suffixKey(parts: Record<string, string | undefined>): number[] {
  const { pre, post, dev } = parts;
  const onlyDev = !pre && !post && dev !== undefined;
  return [
    pre ? preRank(pre) : onlyDev ? -1 : NO_PRE,
    Number(parts.preNumber || 0),
    post === undefined ? -1 : Number(parts.implicit ?? (parts.postNumber || 0)),
    dev === undefined ? Number.POSITIVE_INFINITY : Number(parts.devNumber || 0),
  ];
}

function preRank(pre: string): number {
  const letter = pre.toLowerCase();
  if (letter.startsWith('a')) return 0;
  if (letter.startsWith('b')) return 1;
  return 2;
}

/** Whether `text` is a PEP 440 version: `4.7`, `4.0.0rc1`, not `4.*` or `latest`. */
export function isVersion(text: string): boolean {
  return parse(text) !== undefined;
}

/**
 * Orders two versions: `4.10` > `4.9`, `4` = `4.0.0`, `4.0rc1` < `4.0`.
 *
 * @returns below 0, 0 or above 0
 * @throws {RangeError} when one of them is no version; ask `isVersion` first
 */
export function compareVersions(a: string, b: string): number {
  const left = parse(a);
  const right = parse(b);
  if (!left || !right) throw new RangeError(`not a version: "${left ? b : a}"`);
  return (
    left.epoch - right.epoch ||
    compareNumbers(left.release, right.release) ||
    compareNumbers(left.suffix, right.suffix)
  );
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const left = a[index] ?? 0;
    const right = b[index] ?? 0;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/**
 * The numbers of a version's release: `4.2.0rc1` gives [4, 2, 0].
 *
 * @throws {RangeError} when `text` is no version
 */
export function releaseOf(text: string): number[] {
  const version = parse(text);
  if (!version) throw new RangeError(`not a version: "${text}"`);
  return version.release;
}
