/** From the words of a command line to an exit code. */

import yargs, { type Argv } from 'yargs';
import { didYouMean, nearest, UsageError } from '../usage.ts';
import { checkFlags, isFromStdin, isOn, type ParsedArgs } from './argv.ts';
import { COMMANDS, type Command } from './commands.ts';
import { ALL_FLAGS, INPUT, namesOf } from './flags.ts';
import { commandHelp, overview } from './help.ts';
import { DONE, FAILED } from './problems.ts';
import { progressOn, SILENT, showing } from './progress.ts';
import { type Terminal, widthOf, writeLines } from './terminal.ts';
import { version } from './version.ts';
import { withValues } from './words.ts';

/**
 * Runs one command. Whatever goes wrong is one line on stderr; ANYIO_CODEMOD_DEBUG in the
 * environment adds the stack.
 *
 * @param words the command line without the program's name
 * @returns the exit code: 0 done, 1 where a flag asks for it, 2 wrong usage or a failure
 */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(words, terminal);
  } catch (error) {
    terminal.stderr.write(`${describe(error, terminal.env)}\n`);
    return FAILED;
  }
}

async function dispatch(words: readonly string[], terminal: Terminal): Promise<number> {
  if (words[0] === 'completion' && words[1] === '--words') {
    return (await import('./completion-answer.ts')).answer(words.slice(2), terminal);
  }
  let code = DONE;
  let parser = base(terminal);
  for (const command of COMMANDS) {
    const usage = `${command.name} ${command.positional}`.trimEnd();
    parser = parser.command(usage, command.summary, declarePositional(command), async (argv) => {
      code = await runCommand(command, withDashes(argv), terminal);
    });
  }
  parser = parser.command('$0', false, {}, (argv) => {
    code = runNone(withDashes(argv), terminal);
  });
  const typed = withValues(words, terminal.cwd);
  await parser.parseAsync(typed.map((word) => (word === '-' ? DASH : word)));
  return code;
}

/** Stands for a lone `-`, which the parser drops. */
const DASH = '\0-';

function withDashes(argv: ParsedArgs): ParsedArgs {
  const back = (value: unknown) => (value === DASH ? '-' : value);
  return Object.fromEntries(
    Object.entries(argv).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(back) : back(value),
    ]),
  );
}

/** Parsing and routing only: the help, the checks and the messages are our own. */
function base(terminal: Terminal): Argv {
  const parser = yargs([], terminal.cwd)
    .scriptName('anyio-codemod')
    .locale('en')
    .help(false)
    .version(false)
    .exitProcess(false)
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-positional-numbers': false,
      'populate--': true,
    })
    .fail((message, error) => {
      throw error ?? new UsageError(message);
    });
  for (const flag of ALL_FLAGS) {
    const type = flag.value ? 'string' : 'boolean';
    for (const name of namesOf(flag)) parser.option(name, { type });
    if (flag.short) parser.alias(flag.name, flag.short);
  }
  return parser;
}

function declarePositional(command: Command): (parser: Argv) => Argv {
  const name = /[a-z]+/.exec(command.positional)?.[0];
  return (parser) => (name ? parser.positional(name, { type: 'string', array: true }) : parser);
}

async function runCommand(command: Command, argv: ParsedArgs, terminal: Terminal): Promise<number> {
  if (isOn(argv, 'help')) return showHelp(command, terminal);
  if (isOn(argv, 'version')) return showVersion(terminal);
  checkFlags(argv, command.name, command.groups);
  refuseExtraWords(command, argv);
  if (isFromStdin(argv) && !command.groups.includes(INPUT)) {
    throw new UsageError(`${command.name} does not read stdin`);
  }
  const progress = isForPeople(argv) ? progressOn(terminal) : SILENT;
  try {
    const engine = showing(terminal.engine, progress);
    return await (await command.load()).run(argv, { ...terminal, engine });
  } finally {
    progress.done();
  }
}

/** A format that a program reads comes without talk. */
function isForPeople(argv: ParsedArgs): boolean {
  return !isOn(argv, 'json') && (argv.format === undefined || argv.format === 'text');
}

function refuseExtraWords(command: Command, argv: ParsedArgs): void {
  const [, ...extra] = wordsOf(argv._);
  if (command.positional === '') extra.push(...wordsOf(argv['--']));
  if (extra.length > 0) {
    throw new UsageError(
      `${command.name} takes no ${command.positional && 'further '}argument, and got '${extra.join(' ')}'`,
    );
  }
}

function wordsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** No command was given, or one that there is not. */
function runNone(argv: ParsedArgs, terminal: Terminal): number {
  const [word, topic] = wordsOf(argv._);
  const asked = word === 'help' ? COMMANDS.find((each) => each.name === topic) : undefined;
  if (isOn(argv, 'help') || word === 'help') return showHelp(asked, terminal);
  if (isOn(argv, 'version')) return showVersion(terminal);
  if (word !== undefined) throw new UsageError(unknownCommand(word));
  checkFlags(argv, 'anyio-codemod', []);
  writeLines(terminal.stderr, overview(widthOf(terminal.stderr)));
  return FAILED;
}

function unknownCommand(word: string): string {
  const names = COMMANDS.map((command) => command.name);
  const path = nearest(word, names) === undefined && /[./\\]/.test(word);
  const hint = path ? `; did you mean 'anyio-codemod plan ${word}'?` : didYouMean(word, names);
  return `unknown command '${word}'${hint} (commands: ${names.join(', ')})`;
}

function showHelp(command: Command | undefined, { stdout }: Terminal): number {
  const width = widthOf(stdout);
  writeLines(stdout, command ? commandHelp(command, width) : overview(width));
  return DONE;
}

function showVersion({ stdout }: Terminal): number {
  stdout.write(`${version()}\n`);
  return DONE;
}

/** What to tell: our own errors speak for themselves, any other is a fault of ours. */
function describe(error: unknown, env: NodeJS.ProcessEnv): string {
  if (!(error instanceof Error)) return `anyio-codemod: ${String(error)}`;
  if (env.ANYIO_CODEMOD_DEBUG) return `anyio-codemod: ${error.stack ?? error.message}`;
  if (error.name === 'UsageError' || error.name === 'GitError') {
    return `anyio-codemod: ${error.message.trimEnd()}`;
  }
  const [first] = error.message.split('\n');
  return `anyio-codemod: internal error: ${first} (ANYIO_CODEMOD_DEBUG=1 shows where)`;
}
