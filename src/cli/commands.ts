/** The commands: what the help says of each, and where its code is. */

import type { ParsedArgs } from './argv.ts';
import {
  BASELINE,
  CHECK_OUTPUT,
  CHECKED,
  CHOICE,
  CONFIG,
  DETAIL,
  DIFF,
  type FlagGroup,
  GENERAL,
  INPUT,
  MANNER,
  OUTPUT,
  PLAN,
  REVIEW,
  UNDOING,
  VERIFYING,
  WRITING,
} from './flags.ts';

import type { Terminal } from './terminal.ts';

export interface Command {
  name: string;
  /** What follows the name, as yargs reads it: `[paths..]`. */
  positional: string;
  /** One line, for the overview. */
  summary: string;
  /** Paragraphs, for the command's own help. */
  details: string;
  groups: readonly FlagGroup[];
  examples: readonly (readonly [command: string, about: string])[];
  exitCodes: readonly (readonly [code: number, about: string])[];
  /** Loads the code; only the chosen command's is. */
  load(): Promise<{ run(argv: ParsedArgs, terminal: Terminal): Promise<number> }>;
}

const OK = [0, 'done'] as const;
const BAD = [2, 'wrong usage, or a file could not be taken along (the others were)'] as const;

export const COMMANDS: readonly Command[] = [
  {
    name: 'plan',
    positional: '[paths..]',
    summary: 'show what each phase would rewrite, what not, and why',
    details:
      'Reads the Python files below the paths (the current folder if none is given) and shows, ' +
      'for each phase, how many uses of asyncio would be rewritten, which are refused and why, ' +
      'what belongs to later phases and what stays. Without --phase or --transform it shows all ' +
      'phases. It never touches the code.',
    groups: [CHOICE, INPUT, MANNER, CONFIG, OUTPUT, PLAN, GENERAL],
    examples: [
      ['anyio-codemod plan', 'the whole project'],
      ['anyio-codemod plan app tests --phase hybrid', 'two folders, phases 0 to 2'],
      ['anyio-codemod plan --report plan.html', 'a page to show around'],
      ['anyio-codemod plan --json > plan.json', 'for a program to read'],
    ],
    exitCodes: [OK, BAD],
    load: () => import('./plan.ts'),
  },
  {
    name: 'diff',
    positional: '[paths..]',
    summary: 'print what apply would write, as a unified diff',
    details:
      'Prints a diff that git apply and patch -p1 take on stdout, and a summary on stderr. ' +
      'Without --phase or --transform it means the phases 0 to 2 (hybrid). It never touches the ' +
      'code.',
    groups: [CHOICE, INPUT, MANNER, CONFIG, DIFF, OUTPUT, GENERAL],
    examples: [
      ['anyio-codemod diff --phase 1', 'the scripts of the whole project'],
      ['anyio-codemod diff -t sleep app/worker.py', 'one transform on one file'],
      ['anyio-codemod diff | git apply', 'what apply does, by hand'],
      ['anyio-codemod diff --exit-code > /dev/null', 'is there something left to do?'],
    ],
    exitCodes: [OK, [1, 'with --exit-code: something would change'], BAD],
    load: () => import('./diff.ts'),
  },
  {
    name: 'apply',
    positional: '[paths..]',
    summary: 'write the new code',
    details:
      'Rewrites the files. Without --phase or --transform it means the phases 0 to 2 (hybrid). ' +
      'In a git checkout it refuses when a file that it would rewrite has uncommitted changes. ' +
      'Where a Python is at hand, the new code is compiled before anything is written. The ' +
      'last runs can be taken back (undo).',
    groups: [CHOICE, INPUT, MANNER, CONFIG, WRITING, OUTPUT, GENERAL],
    examples: [
      ['anyio-codemod apply --phase 1', 'the scripts of the whole project'],
      ['anyio-codemod apply -p 1 -b anyio-1 --commit', 'the same on a branch of its own'],
      ['anyio-codemod apply -b anyio --commit per-phase', 'a branch with a commit a phase'],
      ['anyio-codemod apply -t sleep app/worker.py', 'one transform on one file'],
      ['anyio-codemod apply --dry-run', 'the same as diff'],
      ['anyio-codemod apply - --stdin-filename app/a.py', 'from stdin to stdout'],
    ],
    exitCodes: [OK, BAD],
    load: () => import('./apply.ts'),
  },
  {
    name: 'review',
    positional: '[paths..]',
    summary: 'go through the changes one by one, and write those you take',
    details:
      'Shows each change and waits for a key: yes, no, all of this transform, the rest of this ' +
      'file, split, edit, explain, back, quit. What moves together is one question. Rewrites that ' +
      'need a look are among them, with what to look at (--no-include-review: they are not). The answers are kept: the next review ' +
      'goes on where this one stopped, and asks anew only where the code has changed. Nothing is ' +
      'written before the last question. Without --phase or --transform it means the phases 0 to ' +
      '2 (hybrid).',
    groups: [CHOICE, MANNER, REVIEW, CONFIG, WRITING, DETAIL, GENERAL],
    examples: [
      ['anyio-codemod review', 'the whole project; again to go on'],
      ['anyio-codemod review -t lock app', 'one transform in one folder'],
      ['anyio-codemod review --accepted', 'write what was taken so far'],
      ['anyio-codemod review --accepted -n', 'print it as a diff'],
    ],
    exitCodes: [OK, BAD, [130, 'left with Ctrl-C; the answers are kept']],
    load: () => import('./review.ts'),
  },
  {
    name: 'undo',
    positional: '[folder]',
    summary: 'take the last apply back',
    details:
      'Gives every file that the last apply wrote its old content again, byte for byte, with or ' +
      'without git, also when that run was killed half-way. Files that have changed since are ' +
      'left, and named. Run again, it takes back the apply before. The last ten can be undone. ' +
      'Commits stay: it says how to drop them. The project is that of the folder (the current ' +
      'one if none is given).',
    groups: [UNDOING, DETAIL, GENERAL],
    examples: [
      ['anyio-codemod undo', 'the last apply'],
      ['anyio-codemod undo --dry-run', 'see what it would restore'],
      ['anyio-codemod undo --list', 'what can be undone'],
    ],
    exitCodes: [
      OK,
      [2, 'wrong usage, nothing to undo, or files were left since they have changed'],
    ],
    load: () => import('./undo.ts'),
  },
  {
    name: 'check',
    positional: '[paths..]',
    summary: 'fail on asyncio that the baseline does not let pass',
    details:
      'For CI and pre-commit: counts the uses of asyncio that the chosen phases cover (0 to 2, ' +
      'hybrid, without --phase), at each function or class, and fails where there are more than ' +
      'the baseline lets pass. Lines may move freely. --update-baseline makes the baseline when ' +
      'there is none, and afterwards only takes out what is gone. With paths, only those files ' +
      'are held against it.',
    groups: [CHECKED, INPUT, BASELINE, CONFIG, CHECK_OUTPUT, GENERAL],
    examples: [
      ['anyio-codemod check --update-baseline', 'let pass what is there today'],
      ['anyio-codemod check', 'is there more than that?'],
      ['anyio-codemod check --phase full app', 'all phases, one folder'],
      ['git diff --name-only | anyio-codemod check --files-from -', 'what was changed'],
      ['anyio-codemod check --format sarif > asyncio.sarif', 'for code scanning'],
    ],
    exitCodes: [[0, 'nothing beyond the baseline'], [1, 'some use is'], BAD],
    load: () => import('./check.ts'),
  },
  {
    name: 'verify',
    positional: '[paths..]',
    summary: 'run your tests before and after, and find what breaks them',
    details:
      'Runs a test command on the code as it is and as it would be, in a throw-away git worktree: ' +
      'your checkout is not touched. What follows -- is the command. Tests of pytest are compared ' +
      'one by one, anything else by its exit status. When something breaks, the smallest set of ' +
      'rewrites that breaks it is searched for, and can be left out from then on. Files that git ' +
      'ignores are not there, but for virtual environments; --link shares others.',
    groups: [CHOICE, MANNER, VERIFYING, CONFIG, OUTPUT, GENERAL],
    examples: [
      ['anyio-codemod verify -- pytest -q', 'phases 0 to 2, the whole project'],
      ['anyio-codemod verify -p 0-3 -- make test', 'whatever runs the tests'],
      ['anyio-codemod verify -p full --backend trio -- pytest', 'do they pass on trio, too?'],
    ],
    exitCodes: [
      [0, 'nothing broke'],
      [1, 'something broke'],
      [2, 'wrong usage, or the tests do not run'],
    ],
    load: () => import('./verify.ts'),
  },
  {
    name: 'list',
    positional: '',
    summary: 'list the phases and their transforms',
    details: 'Lists the phases of the plan with their transforms.',
    groups: [GENERAL],
    examples: [['anyio-codemod list', '']],
    exitCodes: [OK, [2, 'wrong usage']],
    load: () => import('./list.ts'),
  },
  {
    name: 'explain',
    positional: '[topic..]',
    summary: 'explain a transform, a diagnostic, a phase, or a line of code',
    details:
      'Of a transform: what it does, before and after, what makes it safe, what it refuses. Of a ' +
      'diagnostic: why the rewrite would break, and what to do instead. Of a phase: what it ' +
      'moves. An asyncio name leads to its transform. Of FILE:LINE: how each name was read there, ' +
      'the verdict and the rule behind it, what goes with it, what it becomes, and what would ' +
      'change that; the line of `x.clear()` leads to the object. `schema` prints the JSON schema of --json, ' +
      'and `licences` those of all that the program is made of.',
    groups: [CHOICE, MANNER, CONFIG, GENERAL],
    examples: [
      ['anyio-codemod explain app/worker.py:12', 'a line of the project'],
      ['anyio-codemod explain lock', 'a transform'],
      ['anyio-codemod explain event-clear', 'a diagnostic that plan shows'],
      ['anyio-codemod explain phase 1', 'a phase; also by name: scripts'],
      ['anyio-codemod explain asyncio.Event', 'the transform that owns the name'],
    ],
    exitCodes: [OK, [2, 'wrong usage, or nothing has this name']],
    load: () => import('./explain.ts'),
  },
  {
    name: 'completion',
    positional: '[shell]',
    summary: 'print what completes commands and flags in a shell',
    details:
      'Prints a script for bash, zsh or fish. With it, the tab key completes commands, flags, ' +
      'phases, transforms, topics and paths. In ~/.zshrc it comes after compinit. The script asks ' +
      'the program, and need not be made again for a newer one.',
    groups: [GENERAL],
    examples: [
      ['anyio-codemod completion bash >> ~/.bashrc', ''],
      ['anyio-codemod completion zsh >> ~/.zshrc', ''],
      ['anyio-codemod completion fish > ~/.config/fish/completions/anyio-codemod.fish', ''],
    ],
    exitCodes: [OK, [2, 'wrong usage']],
    load: () => import('./completion.ts'),
  },
];
