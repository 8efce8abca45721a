/** What the edits of this folder share. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import type { Edit } from '../transform.ts';
import { replace } from '../verdicts.ts';
import { type Refusal, refuseAt } from './connection.ts';

/** How the two names are written from now on. */
export interface Names {
  stream: string;
  /** The stream itself where it is not buffered. */
  reader: string;
}

/** Another name for the method of a call. */
export function method(call: Node, name: string): Edit {
  const attribute = call.childForFieldName('function')?.childForFieldName('attribute');
  return replace(attribute?.startIndex ?? 0, attribute?.endIndex ?? 0, name);
}

export function refuseLine(file: PythonFile, statement: Node): Refusal {
  return refuseAt(
    file,
    statement,
    'this takes lines of its own, and other statements share its line',
    'give each statement a line of its own',
  );
}
