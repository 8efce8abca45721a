/** Which threads `asyncio.to_thread` and `run_in_executor(None, …)` run in. */

import type { Definitions } from '../analysis/definitions.ts';
import type { Place } from '../transform.ts';

/** Where the project gives the loop a default executor of its own, if it does. */
export function ownExecutor({ project }: Definitions): Place | undefined {
  for (const file of project.filesMentioning('.set_default_executor')) {
    const [node] = file.attributes('set_default_executor');
    if (node) return file.place(node);
  }
  return undefined;
}
