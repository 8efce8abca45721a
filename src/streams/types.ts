/** A connection, as the rooms of this folder hand it on. */

import type { Node } from 'web-tree-sitter';
import type { PythonFile } from '../analysis/file.ts';
import type { Use } from '../transform.ts';
import type { Open } from './connection.ts';
import type { Additions } from './handlers.ts';
import type { Holder } from './holders.ts';
import type { Operation } from './operations.ts';

/** A reader and a writer, all that they are bound to, and all that is done with them. */
export interface Connection {
  file: PythonFile;
  /** The function that holds it. */
  home: Node;
  opens: Open[];
  reader: string;
  writer: string;
  operations: Operation[];
  /** Where the names are declared or set to None. */
  holders: Holder[];
  /** Whether it is read by lines or by exact sizes, which takes a buffer around the stream. */
  isBuffered: boolean;
  additions: Additions[];
  /** Asyncio's exceptions that are named for it, and what each becomes. */
  renamed: Map<Use, string>;
}
