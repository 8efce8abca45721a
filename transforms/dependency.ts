/**
 * Phase 0: declares anyio, in the version that the rewritten code needs, where the project lists
 * what it needs at run time. Which file that is: `src/manifest/choose.ts`.
 *
 * Safe because the edit is one entry, laid out like its neighbours, and the new text is read again:
 * all data but that entry must be as it was. Refuses where the project itself excludes the version,
 * takes anyio from elsewhere than an index, or where the file is not written by hand.
 */

import { checkEdit } from '../src/manifest/check.ts';
import { chooseList, type Refusal } from '../src/manifest/choose.ts';
import { anyioEntries, type DependencyEntry, type DependencyList } from '../src/manifest/list.ts';
import type { Manifests } from '../src/manifest/manifests.ts';
import { fitOf } from '../src/manifest/specifier.ts';
import { applyEdits, type TextEdit } from '../src/manifest/text.ts';
import type { DependencyOutcome, FileChange } from '../src/result.ts';
import type { Transform } from '../src/transform.ts';

/** What `declareAnyio` would do, and the change if there is one. */
export interface Declaration {
  outcome: DependencyOutcome;
  change?: FileChange;
}

export const dependency: Omit<Transform, 'judge'> = {
  id: 'dependency',
  phase: 0,
  names: [],
  summary: 'declare anyio in pyproject.toml, Pipfile, requirements.txt or setup.cfg',
  examples: [
    {
      before: '[project]\ndependencies = [\n    "httpx>=0.27",\n]\n',
      after: '[project]\ndependencies = [\n    "anyio>=4.0.0",\n    "httpx>=0.27",\n]\n',
    },
    { before: 'anyio[trio]>=3.6,<5\n', after: 'anyio[trio]>=4.0.0,<5\n' },
  ],
  safety:
    'One entry is added, or its lower bound raised to what the rewritten code needs; extras, ' +
    'markers, other bounds, comments and layout stay, and the new file is read again and compared ' +
    'with the old. Development groups and extras are not looked at: the code needs anyio whenever ' +
    'it runs. A lock file is not touched, and has to be renewed.',
  diagnostics: [
    {
      code: 'dependency-conflict',
      title: 'the manifest excludes the anyio that is needed',
      why:
        'An upper bound or a pin (anyio<4, anyio==3.7.1, ^3.6) says that the project does not ' +
        'run with a newer anyio, or two ranges are allowed of which one is too low. Whether ' +
        'that still holds only its people know: change the range by hand, then run again.',
    },
    {
      code: 'dependency-url',
      title: 'anyio comes from a URL, a path or a repository',
      why:
        'Which version is there cannot be read from the manifest. See that it is new enough; ' +
        'phases 1 and 2 can be applied without phase 0.',
    },
    {
      code: 'dependency-hashes',
      title: 'the requirements are pinned with hashes',
      why:
        'pip takes no requirement without a hash where one has a hash. Add anyio where the file ' +
        'is made from, and make it again.',
    },
    {
      code: 'dependency-generated',
      title: 'the requirements file is made by pip-compile or uv',
      why:
        'An edit would be lost the next time. Add anyio to the file that it is compiled from ' +
        '(its first lines name the command), and compile it again.',
    },
    {
      code: 'dependency-dynamic',
      title: 'the dependencies are worked out by the build',
      why:
        'pyproject.toml lists them as dynamic, and neither setuptools nor the hook ' +
        'hatch-requirements-txt is told a file that is there. Add anyio where the build takes ' +
        'them from.',
    },
    {
      code: 'dependency-setup-py',
      title: 'the dependencies are in setup.py',
      why:
        'setup.py is a program; what it hands to setup() cannot be edited with certainty. Add ' +
        'anyio to install_requires by hand.',
    },
    {
      code: 'dependency-no-manifest',
      title: 'nothing lists the dependencies',
      why:
        'There is no pyproject.toml, Pipfile, requirements file or setup.cfg with dependencies ' +
        'in the project root. Folders below it are not searched, since their manifests may belong ' +
        'to other projects: declare anyio there by hand.',
    },
    {
      code: 'dependency-unreadable',
      title: 'a manifest cannot be read',
      why:
        'The file is not valid TOML, is not text, or may not be read. Nothing is guessed from ' +
        'the others.',
    },
    {
      code: 'dependency-layout',
      title: 'the manifest is written in a way that is not edited',
      why:
        'The list is there in a form that has no clear place for one more entry: a ' +
        '`dependencies` that is no list of strings, or Poetry dependencies that each have a ' +
        'table of their own. Add anyio by hand.',
    },
  ],
};

/**
 * Declares `anyio>=<needed>`.
 *
 * @param manifests what `readManifests` gives
 * @param needed the lowest anyio that the rewritten code runs on, "4.0.0" or above
 * @throws {RangeError} when `needed` is no version
 * @throws {Error} when the edited manifest does not say what it should: a fault of ours
 */
export function declareAnyio(manifests: Manifests, needed: string): Declaration {
  const { list, refusal } = chooseList(manifests);
  if (refusal) return { outcome: { verdict: 'refuse', needed, ...refusal } };

  const entries = anyioEntries(list);
  const edits = entries.length > 0 ? raiseEntries(list, entries, needed) : addEntry(list, needed);
  const common = {
    file: list.file.path,
    needed,
    ...(entries.length > 0 ? { declared: textsOf(entries) } : {}),
  };
  if (!Array.isArray(edits)) return { outcome: { verdict: 'refuse', ...common, ...edits } };
  if (edits.length === 0) {
    const message = `${textsOf(entries)} in ${list.place} is high enough${limits(entries)}`;
    return { outcome: { verdict: 'leave', ...common, message } };
  }

  const { path, text: before, encoding } = list.file;
  const after = applyEdits(before, edits);
  checkEdit(list, after, needed);
  const message = done(manifests, list, entries, after);
  return {
    outcome: { verdict: 'rewrite', ...common, message },
    change: { path, before, after, encoding, note: message },
  };
}

function raiseEntries(
  list: DependencyList,
  entries: readonly DependencyEntry[],
  needed: string,
): TextEdit[] | Refusal {
  const edits: TextEdit[] = [];
  for (const entry of entries) {
    if (entry.url) return fromElsewhere(list, entry, needed);
    const verdict = entry.constraint && fitOf(entry.constraint, needed, list.style);
    if (!verdict || verdict.kind === 'conflict') return conflict(list, entry, needed);
    if (entry.optional) return optional(list, entry);
    if (verdict.kind === 'low') edits.push(...verdict.edits);
  }
  return edits.length > 0 ? (locked(list) ?? edits) : edits;
}

function addEntry(list: DependencyList, needed: string): TextEdit[] | Refusal {
  return (
    locked(list) ??
    list.add(needed) ?? {
      code: 'dependency-layout',
      message: `${list.place} in ${list.file.name} is written in a way that is not edited`,
      help: `add anyio>=${needed} by hand`,
    }
  );
}

function conflict(list: DependencyList, { text }: DependencyEntry, needed: string): Refusal {
  return {
    code: 'dependency-conflict',
    message: `${text} in ${list.place} does not go with anyio>=${needed}`,
    help: `let it allow anyio>=${needed} and nothing lower, test with that, then run again`,
  };
}

function optional(list: DependencyList, { text }: DependencyEntry): Refusal {
  return {
    code: 'dependency-conflict',
    message: `${text} in ${list.place} is optional, but the code will need anyio always`,
    help: 'take `optional` away and anyio out of the extras, then run again',
  };
}

function fromElsewhere(list: DependencyList, { text }: DependencyEntry, needed: string): Refusal {
  return {
    code: 'dependency-url',
    message: `${text} in ${list.place} does not say which version it is`,
    help: `see that it is at least ${needed}, or take anyio>=${needed} from the index`,
  };
}

function locked(list: DependencyList): Refusal | undefined {
  const { name } = list.file;
  if (list.locked === 'generated') {
    return {
      code: 'dependency-generated',
      message: `${name} is generated, so an edit would be lost`,
      help: 'add anyio to the file that it is compiled from (its first lines name it), and compile',
    };
  }
  if (list.locked === 'hashes') {
    return {
      code: 'dependency-hashes',
      message: `${name} is pinned with hashes, and anyio without one would break it`,
      help: 'add anyio where the file is made from, and make it again',
    };
  }
  return undefined;
}

function textsOf(entries: readonly DependencyEntry[]): string {
  return entries.map(({ text }) => text).join(', ');
}

function limits(entries: readonly DependencyEntry[]): string {
  const markers = entries.map(({ marker }) => marker);
  return entries.length === 1 && markers[0] ? `, but only installed where ${markers[0]}` : '';
}

/** "anyio>=4.0.0 added to [project] dependencies; renew uv.lock with `uv lock`" */
function done(
  manifests: Manifests,
  list: DependencyList,
  old: readonly DependencyEntry[],
  after: string,
): string {
  const again = list.reread(after);
  const now = again ? textsOf(anyioEntries(again)) : '';
  const what =
    old.length > 0
      ? `${textsOf(old)} raised to ${now} in ${list.place}`
      : `${now} added to ${list.place}`;
  return [what, ...followUps(manifests, list)].join('; ');
}

function followUps({ lock, setupPy }: Manifests, { file }: DependencyList): string[] {
  const steps: string[] = [];
  if (lock) steps.push(`renew ${lock.name} with \`${lock.command}\``);
  if (file.name.endsWith('.in')) steps.push(`compile ${file.name} again`);
  if (setupPy && !file.name.endsWith('.toml')) {
    steps.push('setup.py is not edited: see whether it lists dependencies too');
  }
  return steps;
}
