/** Every flag of every command: what the help and the completion say of it. */

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

/** How most commands write their product. */
export const FORMATS = ['text', 'json'] as const;
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
