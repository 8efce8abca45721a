/** Which of a project's manifests lists what it needs at run time. */

import { basename } from 'node:path';
import { requirementsList, setupCfgList } from './line-lists.ts';
import { anyioEntries, type DependencyList } from './list.ts';
import { LOCK_FILES } from './lock.ts';
import type { Manifests } from './manifests.ts';
import { cfgOption, cfgValue, hasCfgSection } from './setup-cfg.ts';
import { asTable, dataAt } from './toml.ts';
import { pep621List, tableList } from './toml-lists.ts';

/** Why no manifest can be edited. */
export interface Refusal {
  code: string;
  /** One sentence, no full stop. */
  message: string;
  help: string;
  /** Absolute path of the file that stands in the way. */
  file?: string;
}

export type Choice =
  | { list: DependencyList; refusal?: undefined }
  | { list?: undefined; refusal: Refusal };

const POETRY = ['tool', 'poetry', 'dependencies'];

/**
 * Chooses the list, in this order:
 *
 * 1. pyproject.toml: `[project] dependencies`; else Poetry's table; else, where the key is declared
 *    `dynamic`, the requirements files or the setup.cfg that it is taken from; else the `[project]`
 *    table, which gets the key;
 * 2. Pipfile, the requirements files in the order of `REQUIREMENTS`, setup.cfg: the first of them
 *    that names anyio, else the first of them;
 * 3. nothing: refused, with another reason where there is a setup.py.
 */
export function chooseList(manifests: Manifests): Choice {
  const broken = manifests.problems.find(({ path }) => !(basename(path) in LOCK_FILES));
  if (broken) return { refusal: unreadable(broken.path, broken.message) };
  const { pyproject } = manifests;
  if (pyproject && isPackage(manifests)) {
    const list = staticList(manifests);
    if (list) return { list };
    return isDynamic(manifests) ? chooseDynamic(manifests) : { list: pep621List(pyproject) };
  }
  const list = preferred([pipfileList(manifests), ...requirementsLists(manifests), cfg(manifests)]);
  return list ? { list } : { refusal: nothingFound(manifests) };
}

/** Whether pyproject.toml alone says what the dependencies are. */
export function isStatic(manifests: Manifests): boolean {
  return isPackage(manifests) && !(isDynamic(manifests) && !staticList(manifests));
}

/**
 * The files that the dependencies are taken from, relative to the root, as setuptools
 * (`file = […]` in `[tool.setuptools.dynamic]`, `file:` in setup.cfg) and hatch-requirements-txt
 * name them.
 *
 * Source: https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html#dynamic-metadata
 *
 * @returns undefined when none are named
 */
export function dynamicFileNames({ pyproject, setupCfg }: Manifests): string[] | undefined {
  const data = pyproject?.view.data;
  const named = isDynamic({ pyproject })
    ? [
        dataAt(data, ['tool', 'setuptools', 'dynamic', 'dependencies', 'file']),
        dataAt(data, ['tool', 'hatch', 'metadata', 'hooks', 'requirements_txt', 'files']),
      ]
    : [];
  const option = setupCfg && cfgValue(setupCfg.text, 'options', 'install_requires');
  const directive = option?.startsWith('file:') ? option.slice(5).split(/[,\n]/) : [];
  const names = [...named.flat(), ...directive].flatMap((name) =>
    typeof name === 'string' && name.trim() !== '' ? [name.trim()] : [],
  );
  return names.length === 0 ? undefined : names;
}

function isPackage({ pyproject }: Manifests): boolean {
  const data = pyproject?.view.data;
  return asTable(data?.project) !== undefined || asTable(dataAt(data, POETRY)) !== undefined;
}

function isDynamic({ pyproject }: Pick<Manifests, 'pyproject'>): boolean {
  const dynamic = dataAt(pyproject?.view.data, ['project', 'dynamic']);
  return Array.isArray(dynamic) && dynamic.includes('dependencies');
}

/** Poetry reads its own table only where `[project]` has no dependencies. */
function staticList({ pyproject }: Manifests): DependencyList | undefined {
  if (!pyproject) return undefined;
  const project = asTable(pyproject.view.data.project);
  return project && 'dependencies' in project
    ? pep621List(pyproject)
    : tableList(pyproject, POETRY);
}

function chooseDynamic(manifests: Manifests): Choice {
  const list = preferred([...requirementsLists(manifests, true), cfg(manifests)]);
  return list ? { list } : { refusal: dynamic(manifests) };
}

function preferred(lists: readonly (DependencyList | undefined)[]): DependencyList | undefined {
  const found = lists.filter((list) => list !== undefined);
  const written = found.filter(({ locked }) => locked !== 'generated');
  const candidates = written.length > 0 ? written : found;
  return candidates.find((list) => anyioEntries(list).length > 0) ?? candidates[0];
}

/** @param named only where a manifest names the files itself */
function requirementsLists(manifests: Manifests, named = false): DependencyList[] {
  if (named && !dynamicFileNames(manifests)) return [];
  return manifests.requirements.map(requirementsList);
}

function pipfileList({ pipfile }: Manifests): DependencyList | undefined {
  return pipfile && tableList(pipfile, ['packages']);
}

/** setup.cfg, where it lists dependencies, or could and no setup.py does in its place. */
function cfg({ setupCfg, setupPy }: Manifests): DependencyList | undefined {
  if (!setupCfg) return undefined;
  const listed = cfgOption(setupCfg.text, 'options', 'install_requires') !== undefined;
  const could = setupPy === undefined && hasCfgSection(setupCfg.text, 'options');
  return listed || could ? setupCfgList(setupCfg) : undefined;
}

function unreadable(file: string, message: string): Refusal {
  return {
    code: 'dependency-unreadable',
    message: `the manifest cannot be read: ${message}`,
    help: 'mend the file and run again',
    file,
  };
}

function dynamic(manifests: Manifests): Refusal {
  const names = dynamicFileNames(manifests);
  const fault = names ? `names ${names.join(', ')}, which is not there` : 'names no file for them';
  return {
    code: 'dependency-dynamic',
    message: `pyproject.toml leaves the dependencies to the build, and ${fault}`,
    help: 'add anyio where the build takes the dependencies from (see `dynamic`)',
    ...(manifests.pyproject ? { file: manifests.pyproject.path } : {}),
  };
}

function nothingFound({ setupPy }: Manifests): Refusal {
  if (setupPy) {
    return {
      code: 'dependency-setup-py',
      message: 'the dependencies are in setup.py, which is a program and not edited',
      help: 'add anyio to install_requires in setup.py by hand',
      file: setupPy,
    };
  }
  return {
    code: 'dependency-no-manifest',
    message: 'no pyproject.toml, Pipfile, requirements.txt or setup.cfg lists dependencies',
    help: 'add anyio to the file that the project is installed from, or begin a requirements.txt',
  };
}
