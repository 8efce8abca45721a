/** What `list` shows: the phases, their transforms, and the plans. */

import { PHASES, PLANS } from '../phases.ts';
import { type Page, type TransformInfo, transformRows } from './explain.ts';
import { entry } from './layout.ts';

/** Every phase with its transforms, then the plans that `--phase` takes. */
export function listReport(catalog: readonly TransformInfo[], { style, width }: Page): string[] {
  return [
    ...PHASES.flatMap((phase) => [
      `${style.heading(`phase ${phase.number}  ${phase.name}`)}`,
      ...transformRows(
        catalog.filter((each) => each.phase === phase.number),
        width,
      ),
      '',
    ]),
    style.heading('plans'),
    ...Object.entries(PLANS).flatMap(([name, phases]) =>
      entry(`  ${name}`, `phases ${phases.join(', ')}`, 22, width),
    ),
    '',
    'anyio-codemod explain NAME tells more of a phase, a plan or a transform.',
  ];
}
