import type { MovedText, NeededName, Piece } from '../transform.ts';

/** An import that rewritten code needs, before its place is known. */
export interface NewImport {
  /** Dotted: `anyio`, `functools`. */
  module: string;
  /** The name taken from the module; undefined for `import module`. */
  name?: string;
  alias?: string;
}

/** One text for each different import. */
export function importKey({ module, name, alias }: NewImport): string {
  return [module, name ?? '', alias ?? ''].join(' ');
}

/** Whether a piece of new text is a name that has to be spelled. */
export function isNeededName(piece: Piece): piece is NeededName {
  return typeof piece !== 'string' && 'module' in piece;
}

/** Whether a piece of new text is text of the file that moves. */
export function isMovedText(piece: Piece): piece is MovedText {
  return typeof piece !== 'string' && 'from' in piece;
}

/** Whether a name is anyio's: `anyio`, `anyio.abc`. */
export function isAnyio(module: string): boolean {
  return module === 'anyio' || module.startsWith('anyio.');
}

/**
 * What a from-import takes of a needed name, and what is read from that: of `to_thread.run_sync` the
 * module `to_thread`, and `.run_sync`.
 */
export function splitMember(needed: NeededName): { imported: NeededName; rest: string } {
  const dot = needed.name?.indexOf('.') ?? -1;
  if (needed.name === undefined || dot < 0) return { imported: needed, rest: '' };
  return {
    imported: { module: needed.module, name: needed.name.slice(0, dot) },
    rest: needed.name.slice(dot),
  };
}
