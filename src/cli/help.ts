/** The help pages, laid out for a width: yargs shows no placeholder for a flag's value. */

import { entry, paragraph } from '../report/layout.ts';
import { COMMANDS, type Command } from './commands.ts';
import type { Flag, FlagGroup } from './flags.ts';

const FLAG_COLUMN = 30;

/** The page of `anyio-codemod --help`. */
export function overview(width: number): string[] {
  return [
    'Usage: anyio-codemod COMMAND [PATHS..] [FLAGS]',
    '',
    ...paragraph(
      'Moves a Python code base from asyncio to anyio, phase by phase. Every use of asyncio is ' +
        'rewritten, or listed with the reason why not.',
      width,
    ),
    '',
    'Commands:',
    ...COMMANDS.flatMap((command) => entry(`  ${command.name}`, command.summary, 14, width)),
    '',
    'Begin with:',
    ...rows(
      [
        ['anyio-codemod plan', 'what is there to do?'],
        ['anyio-codemod diff --phase 1', 'how would phase 1 look?'],
        ['anyio-codemod apply --phase 1', 'write it'],
      ],
      width,
    ),
    '',
    'More of a command: anyio-codemod COMMAND --help',
    'Exit codes: 0 done, 1 check, verify or --exit-code found something, 2 a failure',
  ];
}

/** The page of `anyio-codemod COMMAND --help`. */
export function commandHelp(command: Command, width: number): string[] {
  const positional = command.positional.replace(/[a-z]+/, (word) => word.toUpperCase());
  const usage = ['anyio-codemod', command.name, positional, '[FLAGS]'].filter(Boolean).join(' ');
  const column = Math.max(...command.exitCodes.map(([code]) => `${code}`.length)) + 4;
  return [
    `Usage: ${usage}`,
    '',
    ...paragraph(command.details, width),
    ...command.groups.flatMap((group) => flagLines(group, width)),
    '',
    'Examples:',
    ...rows(command.examples, width),
    '',
    'Exit codes:',
    ...command.exitCodes.flatMap(([code, about]) => entry(`  ${code}`, about, column, width)),
  ];
}

function flagLines(group: FlagGroup, width: number): string[] {
  const lines = group.flags.flatMap((flag) =>
    entry(flagName(flag), flag.about, FLAG_COLUMN, width),
  );
  const note = group.note === undefined ? [] : paragraph(group.note, width, 2);
  return ['', `${group.title}:`, ...lines, ...note];
}

function flagName(flag: Flag): string {
  const short = flag.short ? `-${flag.short}, ` : '    ';
  return `  ${short}--${flag.name}${flag.value ? ` ${flag.value}` : ''}`;
}

function rows(examples: readonly (readonly [string, string])[], width: number): string[] {
  const column = Math.max(...examples.map(([command]) => command.length)) + 4;
  return examples.flatMap(([command, about]) => entry(`  ${command}`, about, column, width));
}
