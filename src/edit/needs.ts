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

/** Whether a name is anyio's: `anyio`, `anyio.abc`. */
export function isAnyio(module: string): boolean {
  return module === 'anyio' || module.startsWith('anyio.');
}
