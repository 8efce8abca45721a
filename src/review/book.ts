/** The answers of a review, as they are kept between two runs of it. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FOLDER, stateFolder } from '../files/state.ts';
import { UsageError } from '../usage.ts';

export type Answer = 'yes' | 'no';

/** What a person wrote in the place of what the tool writes. */
export interface HandEdit {
  /** The keys of the items that were taken with it; it stands only with all of them. */
  keys: readonly string[];
  /** For each file, by its path from the root with slashes, what to change in the tool's text. */
  patches: readonly { path: string; patch: string }[];
}

export interface Book {
  /** By the key of the item. */
  answers: Map<string, Answer>;
  edits: HandEdit[];
}

const NAME = 'review.json';
const VERSION = 1;

/**
 * What was answered before; nothing when nothing was.
 *
 * @param root absolute path of the project's root
 * @throws UsageError when the file is there and cannot be understood
 */
export function readBook(root: string): Book {
  const path = join(root, STATE_FOLDER, NAME);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { answers: new Map(), edits: [] };
  }
  const book = parse(text);
  if (book) return book;
  throw new UsageError(
    `${STATE_FOLDER}/${NAME} holds no answers that this version can read; --restart forgets them`,
  );
}

function parse(text: string): Book | undefined {
  try {
    const { version, answers, edits } = JSON.parse(text);
    if (version !== VERSION || !Array.isArray(edits)) return undefined;
    const entries: [string, unknown][] = Object.entries(answers);
    const known = entries.filter((each): each is [string, Answer] =>
      ['yes', 'no'].includes(String(each[1])),
    );
    return { answers: new Map(known), edits };
  } catch {
    return undefined;
  }
}

/**
 * Keeps the answers; an interrupt at any moment leaves the old ones or the new ones.
 *
 * @param root absolute path of the project's root
 * @throws {Error} of Node's fs when the file cannot be written
 */
export function writeBook(root: string, { answers, edits }: Book): void {
  const path = join(stateFolder(root), NAME);
  const json = { version: VERSION, answers: Object.fromEntries(answers), edits };
  writeFileSync(`${path}.tmp`, `${JSON.stringify(json, null, 2)}\n`);
  renameSync(`${path}.tmp`, path);
}
