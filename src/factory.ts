/** A class that is handed over to be called later: `defaultdict(asyncio.Lock)`. */

import { withParens } from './syntax/nodes.ts';
import type { Edit, Use } from './transform.ts';
import { anyio } from './verdicts.ts';

/**
 * Whether a use is the whole of a default factory, so that a lambda may take its place. A lambda
 * cannot see a name that is imported in the body of the class around it.
 */
export function isLoneFactory({ role, node, binding }: Use): boolean {
  const holder = withParens(node).parent?.type;
  const alone = holder === 'argument_list' || holder === 'keyword_argument';
  return role === 'default-factory' && alone && binding?.scope.kind !== 'class';
}

/**
 * `defaultdict(asyncio.Lock)` as `defaultdict(lambda: anyio.Lock(fast_acquire=True))`.
 * @param target the class in anyio.
 * @param written what stands between the parentheses.
 */
export function factoryWith({ span }: Use, target: string, written: string): Edit {
  return { ...span, pieces: ['lambda: ', anyio(target), `(${written})`] };
}
