/** The keys of `[tool.anyio-codemod]`, and what a value of each may be. */

/** The table of pyproject.toml. */
export const TABLE = ['tool', 'anyio-codemod'] as const;

/** The keys that are flags as well, under the same name. */
export type SettingKey =
  | 'phase'
  | 'transform'
  | 'exclude'
  | 'include-review'
  | 'import-style'
  | 'target-anyio'
  | 'fast-acquire'
  | 'idiom'
  | 'wrap-timeouts'
  | 'test-backends';

interface Kind {
  /** What the value has to be, for the message when it is not. */
  expected: string;
  /** The value as the command line would have it; undefined when it is of another type. */
  read(value: unknown): boolean | string[] | undefined;
}

const SWITCH: Kind = {
  expected: 'true or false',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
};

export const SETTINGS: Readonly<Record<SettingKey, Kind>> = {
  phase: {
    expected: 'a string such as "hybrid", a number, or an array of these',
    read: list((value) => isText(value) || Number.isInteger(value)),
  },
  transform: { expected: 'a string, or an array of strings', read: list(isText) },
  exclude: { expected: 'a string, or an array of strings', read: list(isText) },
  'include-review': SWITCH,
  'import-style': text('"keep", "module" or "from"'),
  'target-anyio': text('a string such as "4.8"'),
  'fast-acquire': SWITCH,
  idiom: text('"move-on-after" or "fail-after"'),
  'wrap-timeouts': SWITCH,
  'test-backends': text('"asyncio" or "both"'),
};

/** Every key there is. */
export const KEYS: readonly string[] = [...Object.keys(SETTINGS), 'baseline', 'leave-out'];

function text(expected: string): Kind {
  return { expected, read: (value) => (isText(value) ? [value] : undefined) };
}

function list(isItem: (value: unknown) => boolean): (value: unknown) => string[] | undefined {
  return (value) => {
    const items = Array.isArray(value) ? value : [value];
    return items.every(isItem) ? items.map(String) : undefined;
  };
}

/** Whether a value is a string that says something. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
