/** What a lock file says: the version of anyio that is installed, and which command renews it. */

import { normaliseName } from './requirement.ts';
import { asTable, dataAt, parseToml } from './toml.ts';
import { compareVersions, isVersion } from './version.ts';

/** Lock files in the order in which they are looked for, with the command that renews each. */
export const LOCK_FILES: Readonly<Record<string, string>> = {
  'uv.lock': 'uv lock',
  'poetry.lock': 'poetry lock',
  'pdm.lock': 'pdm lock',
  'pylock.toml': 'your locker',
  'Pipfile.lock': 'pipenv lock',
};

export interface Lock {
  /** `uv.lock`. */
  name: string;
  /** `uv lock`. */
  command: string;
  /** The lowest version of anyio in it, if there is one. */
  anyio?: string;
}

/**
 * Reads a lock file.
 *
 * @throws {TomlSyntaxError | SyntaxError} when what is read is no TOML, or Pipfile.lock no JSON
 */
export function readLock(name: string, text: string): Lock {
  const versions = name === 'Pipfile.lock' ? pipfileLocked(text) : tomlLocked(text);
  const [lowest] = versions.filter(isVersion).sort(compareVersions);
  const command = LOCK_FILES[name] ?? name;
  return { name, command, ...(lowest === undefined ? {} : { anyio: lowest }) };
}

/**
 * Only the `[[package]]` blocks that name anyio are parsed: lock files run to megabytes. A fork of
 * the resolution (other Pythons, other platforms) may lock more than one version.
 */
function tomlLocked(text: string): string[] {
  return text
    .split(/^(?=\[\[packages?\]\])/m)
    .filter((block) => /^name = "anyio"/im.test(block))
    .flatMap((block) => {
      const data = parseToml(block);
      const [found] = [data.package, data.packages].flatMap((list) =>
        Array.isArray(list) ? list : [],
      );
      const { name, version } = asTable(found) ?? {};
      return typeof version === 'string' && normaliseName(String(name)) === 'anyio'
        ? [version]
        : [];
    });
}

function pipfileLocked(text: string): string[] {
  const version = dataAt(JSON.parse(text), ['default', 'anyio', 'version']);
  return typeof version === 'string' ? [version.replace(/^==/, '')] : [];
}
