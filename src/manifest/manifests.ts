/** The manifests of a project, as they were read. */

import type { FileProblem } from '../result.ts';
import type { Lock } from './lock.ts';
import type { ManifestText } from './text.ts';
import type { TomlText } from './toml-lists.ts';

/** What was found in the project's root. */
export interface Manifests {
  /** Absolute path. */
  root: string;
  pyproject?: TomlText;
  pipfile?: TomlText;
  /**
   * The requirements files to choose from, first choice first. Where pyproject.toml or setup.cfg
   * name files for their dependencies, these; else those of `REQUIREMENTS` and what they include.
   */
  requirements: ManifestText[];
  setupCfg?: ManifestText;
  /** Absolute path; never read, since it is a program. */
  setupPy?: string;
  lock?: Lock;
  /** Files that are there but could not be read. */
  problems: FileProblem[];
}
