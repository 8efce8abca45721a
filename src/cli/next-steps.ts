/** What a person may want to do next, as command lines. */

import { entry } from '../report/layout.ts';

/** A command line, and what it is for. */
export type NextStep = readonly [command: string, about: string];

/** A command line that is longer has a line to itself. */
const WIDEST = 44;

/** `Next:` and a line for each step, at most `width` columns wide where the command lines are. */
export function nextSteps(steps: readonly NextStep[], width: number, title = 'Next:'): string[] {
  if (steps.length === 0) return [];
  const lengths = steps.map(([command]) => command.length).filter((length) => length <= WIDEST);
  const column = Math.max(...lengths, 0) + 4;
  return [
    title,
    ...steps.flatMap(([command, about]) => entry(`  ${command}`, about, column, width)),
  ];
}
