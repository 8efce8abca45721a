/** Every flag of every command, and reading their values. */

import { didYouMean, UsageError } from '../usage.ts';

export interface Flag {
  name: string;
  /** One letter. */
  short?: string;
  /** What stands for the value in the help; a flag without it is on or off. */
  value?: string;
  /** The values that there are, when they can be listed; for the shells' completion. */
  choices?: readonly string[];
  /** Of a flag that may stand without its value, one of `choices`: what it then means. */
  alone?: string;
  /** Whether it may be on by the configuration, so that `--no-` turns it off. */
  configurable?: boolean;
  about: string;
}

/** A heading in the help, and the flags below it. */
export interface FlagGroup {
  title: string;
  flags: readonly Flag[];
  /** A sentence below them. */
  note?: string;
}

/** What the parser makes of the command line: flags by name, positionals by name, `_` and `--`. */
export type ParsedArgs = Readonly<Record<string, unknown>>;

export const CHOICE: FlagGroup = {
  title: 'What to rewrite',
  flags: [
    {
      name: 'phase',
      short: 'p',
      value: 'PHASES',
      about: '1 | 1,2 | 0-2 | scripts | hybrid | full',
    },
    {
      name: 'transform',
      short: 't',
      value: 'NAMES',
      about: 'such as sleep,lock (instead of --phase)',
    },
    {
      name: 'exclude',
      short: 'x',
      value: 'PATTERNS',
      about: 'files to leave out, as in .gitignore',
    },
    { name: 'force-exclude', about: 'also files that are named outright' },
    {
      name: 'include-review',
      configurable: true,
      about: 'also rewrites that need a look (see plan)',
    },
  ],
};

export const INPUT: FlagGroup = {
  title: 'Where it comes from',
  flags: [
    {
      name: 'files-from',
      value: 'FILE',
      about: "a list of files, a line each or NUL-ended; '-' is stdin",
    },
    {
      name: 'stdin-filename',
      value: 'FILE',
      about: "the file that the text on stdin (path '-') stands for",
    },
  ],
};

export const MANNER: FlagGroup = {
  title: 'How to write it',
  flags: [
    {
      name: 'import-style',
      value: 'STYLE',
      choices: ['keep', 'module', 'from'],
      about: 'keep (as each file does; default), module, from',
    },
    {
      name: 'target-anyio',
      value: 'VERSION',
      about: 'lowest anyio to run on (the project says)',
    },
    {
      name: 'fast-acquire',
      configurable: true,
      about: 'write Lock(fast_acquire=True), of anyio 4.5',
    },
    {
      name: 'idiom',
      value: 'WHICH',
      choices: ['move-on-after', 'fail-after'],
      about: 'of a timeout to go on after: move-on-after (default), fail-after',
    },
    {
      name: 'wrap-timeouts',
      configurable: true,
      about: 'put a wait_for that is handed on into a small function of its own',
    },
    {
      name: 'test-backends',
      value: 'WHICH',
      choices: ['asyncio', 'both'],
      about: 'of a new anyio_backend: asyncio (default), both',
    },
  ],
};

const FORMATS = ['text', 'json'] as const;
const VERBOSE: Flag = { name: 'verbose', short: 'v', about: 'name also what is only counted' };

/** Where the flags' values come from when they are not given. */
export const CONFIG: FlagGroup = {
  title: 'Configuration',
  flags: [
    {
      name: 'config',
      value: 'FILE',
      about: 'with [tool.anyio-codemod] (the nearest pyproject.toml that has it)',
    },
    { name: 'no-config', about: 'read none' },
  ],
  note: 'A flag comes before the configuration; --no-include-review and the like turn off what it turns on.',
};

export const OUTPUT: FlagGroup = {
  title: 'Output',
  flags: [
    {
      name: 'format',
      value: 'HOW',
      choices: FORMATS,
      about: 'text (default), or json (see schema.json)',
    },
    { name: 'json', about: 'short for --format json' },
    VERBOSE,
  ],
};

export const PATCH: Flag = {
  name: 'patch',
  value: 'FILE',
  about: 'write the diff to FILE, as git apply takes it',
};

export const PLAN: FlagGroup = {
  title: 'Files to write',
  flags: [
    { name: 'report', value: 'FILE', about: 'write the plan and all changes as an HTML page' },
    PATCH,
  ],
};

/** The output of commands that print no JSON. */
export const DETAIL: FlagGroup = { title: 'Output', flags: [VERBOSE] };

export const DIFF: FlagGroup = {
  title: 'The diff',
  flags: [
    { name: 'unified', short: 'U', value: 'N', about: 'unchanged lines around each change (3)' },
    { name: 'exit-code', about: 'exit with 1 when something would change' },
    PATCH,
  ],
};

const DRY_RUN: Flag = { name: 'dry-run', short: 'n', about: 'write nothing, print the diff' };

export const COMMIT_MODES = ['once', 'per-phase', 'per-transform'] as const;

export const WRITING: FlagGroup = {
  title: 'Writing',
  flags: [
    DRY_RUN,
    { name: 'branch', short: 'b', value: 'NAME', about: 'make this git branch first' },
    {
      name: 'commit',
      short: 'c',
      value: '[HOW]',
      choices: COMMIT_MODES,
      alone: 'once',
      about: 'commit, saying what was done: once (default), per-phase, per-transform',
    },
    { name: 'message', short: 'm', value: 'TEXT', about: 'the first line of the commit message' },
    { name: 'allow-dirty', about: 'write also to files with uncommitted changes' },
    { name: 'no-compile-check', about: 'do not have Python compile the new code' },
    { name: 'no-undo', about: 'keep no old files for undo' },
  ],
};

export const UNDOING: FlagGroup = {
  title: 'What to undo',
  flags: [
    { name: 'list', short: 'l', about: 'show what can be undone, the newest first' },
    { name: 'number', value: 'N', about: 'this one of the list, instead of the newest' },
    {
      name: 'force',
      short: 'f',
      about: 'also files that have changed since; the changes are lost',
    },
    DRY_RUN,
  ],
};

const isChoice = ({ name }: Flag) => name !== 'include-review';

/** What `check` looks at. */
export const CHECKED: FlagGroup = {
  title: 'What to check',
  flags: CHOICE.flags.filter(isChoice),
};

export const BASELINE: FlagGroup = {
  title: 'The baseline',
  flags: [
    {
      name: 'baseline',
      value: 'FILE',
      about: 'the file (.anyio-codemod-baseline.json in the root)',
    },
    { name: 'update-baseline', about: 'take out what is gone; make the file if there is none' },
    { name: 'allow-moved', about: 'with it: also let code move to another function or file' },
    { name: 'allow-new', about: 'with it: also let everything pass that is there' },
  ],
};

/** Output of `check`, which has more formats than other commands. */
export const CHECK_OUTPUT: FlagGroup = {
  title: 'Output',
  flags: [
    {
      name: 'format',
      value: 'HOW',
      choices: ['text', 'json', 'github', 'sarif'],
      about: 'text (default), json, github (annotations), sarif',
    },
    { name: 'json', about: 'short for --format json' },
  ],
};

export const VERIFYING: FlagGroup = {
  title: 'Verifying',
  flags: [
    {
      name: 'backend',
      value: 'WHICH',
      choices: ['asyncio', 'trio'],
      about: 'also run the new code on it: trio',
    },
    { name: 'link', value: 'FILES', about: 'ignored files that the tests need, such as .env' },
    { name: 'timeout', value: 'SECONDS', about: 'how long one run of the tests may take' },
    { name: 'no-bisect', about: 'do not look for the rewrites at fault' },
    { name: 'leave-out', about: 'write the rewrites at fault to leave-out in pyproject.toml' },
  ],
};

export const REVIEW: FlagGroup = {
  title: 'The review',
  flags: [
    { name: 'restart', about: 'forget all answers that were kept, and ask anew' },
    { name: 'accepted', about: 'ask nothing: write what was answered with yes so far' },
  ],
};

export const GENERAL: FlagGroup = {
  title: 'General',
  flags: [
    { name: 'help', short: 'h', about: 'show this' },
    { name: 'version', short: 'V', about: 'show the version' },
  ],
};

/** Every flag there is; each has one meaning in all commands that take it. */
export const ALL_FLAGS: readonly Flag[] = [
  CHOICE,
  INPUT,
  MANNER,
  CONFIG,
  OUTPUT,
  PLAN,
  DIFF,
  WRITING,
  BASELINE,
  UNDOING,
  VERIFYING,
  REVIEW,
  GENERAL,
].flatMap((group) => group.flags);

/** The names under which a flag may be typed, without its dashes and its letter. */
export function namesOf({ name, configurable }: Flag): string[] {
  return configurable ? [name, `no-${name}`] : [name];
}

const NOT_FLAGS = ['_', '$0', '--', 'paths', 'topic', 'shell', 'folder'];

/**
 * Holds what was typed against the flags that a command takes.
 *
 * @throws UsageError for an unknown flag, naming the nearest, or one that belongs elsewhere
 */
export function checkFlags(argv: ParsedArgs, command: string, groups: readonly FlagGroup[]): void {
  const known = [...groups, GENERAL].flatMap((group) => group.flags);
  for (const name of Object.keys(argv)) {
    if (NOT_FLAGS.includes(name)) continue;
    if (known.some((flag) => isCalled(flag, name))) continue;
    throw new UsageError(unknownFlag(name, command, known));
  }
}

function unknownFlag(name: string, command: string, known: readonly Flag[]): string {
  const typed = name.length === 1 ? `-${name}` : `--${name}`;
  const elsewhere = ALL_FLAGS.some((flag) => isCalled(flag, name));
  if (elsewhere) return `${command} takes no ${typed} (see 'anyio-codemod ${command} --help')`;
  return `unknown flag ${typed}${didYouMean(name, known.flatMap(namesOf), '--')}`;
}

function isCalled(flag: Flag, name: string): boolean {
  return flag.short === name || namesOf(flag).includes(name);
}

/** Whether an on-or-off flag is on. */
export function isOn(argv: ParsedArgs, name: string): boolean {
  return typedSwitch(argv, name) === true;
}

/**
 * What was said of a flag that the configuration may set: `--name`, `--no-name` or `--name=false`;
 * undefined when nothing was.
 *
 * @throws UsageError when it is turned both on and off
 */
export function switchOf(argv: ParsedArgs, name: string): boolean | undefined {
  const off = typedSwitch(argv, `no-${name}`);
  const on = typedSwitch(argv, name);
  if (off === undefined) return on;
  if (on !== undefined) throw new UsageError(`--${name} and --no-${name} exclude each other`);
  return !off;
}

function typedSwitch(argv: ParsedArgs, name: string): boolean | undefined {
  const value = argv[name];
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === 'boolean' ? last : undefined;
}

/**
 * The values of a flag in the order in which they were typed.
 *
 * @throws UsageError when one is empty
 */
export function allValues(argv: ParsedArgs, name: string): string[] {
  const value = argv[name];
  if (value === undefined) return [];
  const values = (Array.isArray(value) ? value : [value]).map(String);
  if (values.some((each) => each.trim() === '')) throw new UsageError(`--${name} needs a value`);
  return values;
}

/** The last value of a flag that may stand without one, which is then empty. */
export function lastRaw(argv: ParsedArgs, name: string): string | undefined {
  const value: unknown = [argv[name]].flat().at(-1);
  return value === undefined ? undefined : String(value);
}

/** The value of a flag; the last one counts. Throws as `allValues` does. */
export function lastValue(argv: ParsedArgs, name: string): string | undefined {
  return allValues(argv, name).at(-1);
}

/**
 * How the product is written to stdout: `--format`, for which `--json` is short.
 *
 * @param formats those that the command has, the default first
 * @throws UsageError for one that it does not have, or two at once
 */
export function formatOf<Format extends string = (typeof FORMATS)[number]>(
  argv: ParsedArgs,
  formats: readonly Format[] = FORMATS as readonly string[] as readonly Format[],
): Format {
  const typed = lastValue(argv, 'format');
  const value = typed ?? (isOn(argv, 'json') ? 'json' : formats[0]);
  if (isOn(argv, 'json') && value !== 'json') {
    throw new UsageError(`--json and --format ${value} exclude each other`);
  }
  const format = formats.find((each) => each === value);
  if (format !== undefined) return format;
  const known = `${formats.slice(0, -1).join(', ')} or ${formats.at(-1)}`;
  throw new UsageError(`--format is ${known}, not '${value}'${didYouMean(value ?? '', formats)}`);
}

/** The paths that were given, those after `--` too. */
export function pathsOf(argv: ParsedArgs): string[] {
  return [argv.paths, argv['--']].flatMap((paths) =>
    Array.isArray(paths) ? paths.map(String) : [],
  );
}

/** Stands for stdin, as a path and as the file of a list. */
export const STDIN = '-';

/** Whether the text on stdin is the file that a command is about; behind `--` it is another `-`. */
export function isFromStdin({ paths }: ParsedArgs): boolean {
  return Array.isArray(paths) && paths.includes(STDIN);
}
