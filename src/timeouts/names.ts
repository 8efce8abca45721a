/** Names for values that get a line of their own. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import { argumentsOf, lastName } from '../syntax/nodes.ts';

const KEYWORDS: ReadonlySet<string> = new Set(
  `and as assert async await break class continue def del elif else except finally for from global
   if import in is lambda nonlocal not or pass raise return try while with yield match case type`
    .trim()
    .split(/\s+/),
);

/**
 * A name that nothing in the file has, made of what the call is called: `fetch_user` gives
 * `fetch_user_result`, `Client.connect` gives `connect_result`.
 *
 * @param suffix what the value is: `result`, `call`
 * @param used names that were given to other values already
 */
export function freeName(
  file: PythonFile,
  value: Node,
  suffix: string,
  used: ReadonlySet<string> = new Set(),
): string {
  const called = value.type === 'call' ? whatIsCalled(value) : undefined;
  const stem = called?.replace(/^_+|_+$/g, '') ?? '';
  const base = /^[A-Za-z]\w{0,30}$/.test(stem) ? `${snake(stem)}_${suffix}` : suffix;
  const taken = (name: string) =>
    used.has(name) || KEYWORDS.has(name) || new RegExp(`\\b${name}\\b`).test(file.text);
  let name = base;
  for (let n = 2; taken(name); n++) name = `${base}_${n}`;
  return name;
}

/** The function that a call calls, or has called in a thread. */
function whatIsCalled(call: Node): string | undefined {
  const name = lastName(call.childForFieldName('function'));
  const { positional } = argumentsOf(call);
  const inThread =
    name === 'to_thread' ? positional[0] : name === 'run_in_executor' ? positional[1] : undefined;
  return lastName(inThread) ?? name;
}

function snake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
