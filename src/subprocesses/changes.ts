/** What a read of a process becomes. */

import type { Node } from 'web-tree-sitter';
import type { Edit } from '../transform.ts';

/** Edits on the text, and statements that go with their lines. */
export interface Changes {
  edits: Edit[];
  removed: Node[];
  /** What a person has to look at. */
  notes: string[];
}

export function nothing(): Changes {
  return { edits: [], removed: [], notes: [] };
}

/** All of them as one. */
export function merged(parts: readonly Changes[]): Changes {
  return {
    edits: parts.flatMap(({ edits }) => edits),
    removed: parts.flatMap(({ removed }) => removed),
    notes: [...new Set(parts.flatMap(({ notes }) => notes))],
  };
}
