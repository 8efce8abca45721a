/** `completion`: prints the script that completes command lines in a shell. */

import { packaged } from '../packaged.ts';
import { UsageError } from '../usage.ts';
import type { ParsedArgs } from './argv.ts';
import { DONE } from './problems.ts';
import { shellNamed } from './shells.ts';
import type { Terminal } from './terminal.ts';

/**
 * @returns the exit code
 * @throws UsageError when no shell is named, or one that we have no script for
 */
export async function run(argv: ParsedArgs, terminal: Terminal): Promise<number> {
  const [shell] = [argv.shell].flat();
  if (shell === undefined) throw new UsageError('completion for which shell? bash, zsh or fish');
  const script = `completion.${shellNamed(String(shell))}`;
  terminal.stdout.write(packaged(script, `./cli/${script}`));
  return DONE;
}
