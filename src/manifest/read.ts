/** Reads a project's manifests, and what they say about the versions that it runs on. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Target } from '../transform.ts';
import { UsageError } from '../usage.ts';
import { chooseList, dynamicFileNames, isStatic } from './choose.ts';
import { includedFiles } from './line-lists.ts';
import { anyioEntries } from './list.ts';
import { LOCK_FILES, type Lock, readLock } from './lock.ts';
import type { Manifests } from './manifests.ts';
import { cfgValue } from './setup-cfg.ts';
import { lowerBound, readPoetryConstraint } from './specifier.ts';
import type { ManifestText } from './text.ts';
import { dataAt, TomlSyntaxError } from './toml.ts';
import { type TomlText, tomlText } from './toml-lists.ts';
import { compareVersions, isVersion } from './version.ts';

export type { Manifests };

/**
 * Requirements files in the order of choice. Where a `.in` file of the same name lies beside one,
 * it is taken instead: the `.txt` is compiled from it.
 */
export const REQUIREMENTS: readonly string[] = [
  'requirements.txt',
  'requirements/base.txt',
  'requirements/main.txt',
  'requirements/requirements.txt',
];

/**
 * Reads the manifests in a project's root; those in directories below are other projects' and are
 * left alone. A file that is malformed or not text is reported in `problems`; nothing is thrown
 * for it.
 *
 * @param root absolute path of a directory
 */
export function readManifests(root: string): Manifests {
  const manifests: Manifests = { root, requirements: [], problems: [] };
  const pyproject = readToml(manifests, 'pyproject.toml');
  if (pyproject) manifests.pyproject = pyproject;
  if (existsSync(join(root, 'setup.py'))) manifests.setupPy = join(root, 'setup.py');
  if (!isStatic(manifests)) readOthers(manifests);
  const lock = readLockFile(manifests);
  if (lock) manifests.lock = lock;
  return manifests;
}

/** The manifests that only count where pyproject.toml does not list the dependencies itself. */
function readOthers(manifests: Manifests): void {
  const pipfile = readToml(manifests, 'Pipfile');
  if (pipfile) manifests.pipfile = pipfile;
  const setupCfg = readText(manifests, 'setup.cfg');
  if (setupCfg) manifests.setupCfg = setupCfg;
  const named = dynamicFileNames(manifests);
  for (const name of named ?? REQUIREMENTS) readRequirements(manifests, name);
}

function readRequirements(manifests: Manifests, name: string): void {
  const source = name.replace(/\.txt$/, '.in');
  const chosen = existsSync(join(manifests.root, source)) ? source : name;
  if (manifests.requirements.some((file) => file.name === chosen)) return;
  const file = readText(manifests, chosen);
  if (!file) return;
  manifests.requirements.push(file);
  for (const included of includedFiles(file.text)) {
    const path = resolve(dirname(file.path), included);
    const inner = relative(manifests.root, path).split(sep).join('/');
    if (!inner.startsWith('../')) readRequirements(manifests, inner);
  }
}

function readToml(manifests: Manifests, name: string): TomlText | undefined {
  const file = readText(manifests, name);
  if (!file) return undefined;
  try {
    return tomlText(file);
  } catch (error) {
    if (!(error instanceof TomlSyntaxError)) throw error;
    const { line } = error;
    const message = `not valid TOML: ${error.message}`;
    manifests.problems.push({
      path: file.path,
      code: 'syntax',
      message,
      ...(line ? { line } : {}),
    });
    return undefined;
  }
}

function readLockFile(manifests: Manifests): Lock | undefined {
  const name = Object.keys(LOCK_FILES).find((each) => existsSync(join(manifests.root, each)));
  const file = name === undefined ? undefined : readText(manifests, name);
  if (!file) return undefined;
  try {
    return readLock(file.name, file.text);
  } catch (error) {
    const message = `not a valid lock file: ${(error as Error).message}`;
    manifests.problems.push({ path: file.path, code: 'syntax', message });
    return undefined;
  }
}

/** A file's text; undefined when it is not there, or (with a problem) not readable as text. */
function readText(manifests: Manifests, name: string): ManifestText | undefined {
  const path = join(manifests.root, name);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      manifests.problems.push({ path, code: 'unreadable', message });
    }
    return undefined;
  }
  const encoding = encodingOf(bytes);
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    return { path, name, text, encoding };
  } catch {
    const message = `not text in ${encoding}`;
    manifests.problems.push({ path, code: 'encoding', message });
    return undefined;
  }
}

/** By the byte order mark: `pip freeze >` in older PowerShells writes UTF-16. */
function encodingOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return 'utf8';
}

/**
 * The versions that the project allows. For anyio: `override`, else the lowest that the run-time
 * dependencies allow, else the one that the lock file has. For Python: what the manifest says.
 *
 * @param override the value of `--target-anyio`
 * @throws {UsageError} when `override` is no version
 */
export function targetOf(manifests: Manifests, override?: string): Target {
  const python = pythonBound(manifests);
  if (override !== undefined) {
    if (!isVersion(override)) {
      throw new UsageError(`--target-anyio: '${override}' is not a version such as 4.7`);
    }
    return { anyio: override, anyioSource: '--target-anyio', python };
  }
  const declared = declaredAnyio(manifests);
  if (declared) return { ...declared, python };
  const { lock } = manifests;
  return { anyio: lock?.anyio, anyioSource: lock?.anyio && lock.name, python };
}

function declaredAnyio(manifests: Manifests): Pick<Target, 'anyio' | 'anyioSource'> | undefined {
  const choice = chooseList(manifests);
  if (!choice.list) return undefined;
  const bounds = anyioEntries(choice.list).map(
    ({ constraint }) => constraint && lowerBound(constraint),
  );
  if (bounds.length === 0 || bounds.includes(undefined)) return undefined;
  const [lowest] = (bounds as string[]).sort(compareVersions);
  return { anyio: lowest, anyioSource: choice.list.file.name };
}

/** "3.10" of `requires-python = ">=3.10.2,<4"`: the minor version is what the language hangs on. */
function pythonBound(manifests: Manifests): string | undefined {
  const { pyproject, pipfile, setupCfg } = manifests;
  const stated =
    dataAt(pyproject?.view.data, ['project', 'requires-python']) ??
    poetryPython(dataAt(pyproject?.view.data, ['tool', 'poetry', 'dependencies', 'python'])) ??
    dataAt(pipfile?.view.data, ['requires', 'python_version']) ??
    (setupCfg && cfgValue(setupCfg.text, 'options', 'python_requires'));
  if (typeof stated !== 'string') return undefined;
  const constraint = readPoetryConstraint(stated, 0);
  return (constraint && lowerBound(constraint))?.split('.').slice(0, 2).join('.');
}

function poetryPython(stated: unknown): unknown {
  return typeof stated === 'string' ? stated : dataAt(stated, ['version']);
}
