/** Asking at a real terminal: single keys, as `git add -p` takes them, and the person's editor. */

import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  createPrompt,
  ExitPromptError,
  type KeypressEvent,
  useKeypress,
  useState,
} from '@inquirer/core';
import { entry } from '../report/layout.ts';
import { styleFor } from '../report/style.ts';
import type { Choice, Edited, Prompter } from './prompter.ts';
import { type Terminal, widthOf } from './terminal.ts';

type Outside = Pick<Terminal, 'stdout' | 'env'>;

/** The prompter of this process: it reads from stdin, and writes to stdout. */
export function prompter({ stdout, env }: Outside): Prompter {
  const style = styleFor(stdout, env);
  return {
    async ask(question, choices) {
      const width = widthOf(stdout);
      return unlessLeft(askKey({ question: style.heading(question), choices, width }));
    },
    async line(question, fallback) {
      const { input } = await import('@inquirer/prompts');
      const message = `${question} (${fallback})`;
      const theme = { prefix: '', style: { message: style.heading } };
      const typed = await unlessLeft(input({ message, theme }));
      return typed === undefined ? undefined : typed.trim() || fallback;
    },
    edit: (path, text) => edit(path, text, env),
  };
}

async function unlessLeft<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ExitPromptError) return undefined;
    throw error;
  }
}

interface Question {
  question: string;
  choices: readonly Choice[];
  width: number;
}

/** Inquirer's own prompts want Return after each key. `?` lists the keys, here as everywhere. */
const askKey = createPrompt<string | undefined, Question>(({ question, choices, width }, done) => {
  const [chosen, setChosen] = useState<Choice | undefined>(undefined);
  const [below, setBelow] = useState('');
  useKeypress((event, readline) => {
    readline.clearLine(0);
    if (chosen) return;
    const key = keyOf(event);
    if (event.ctrl) {
      if (key === 'd') done(undefined);
      return;
    }
    const choice = choices.find((each) => each.key === key);
    if (choice) {
      setChosen(choice);
      setBelow('');
      done(choice.key);
    } else {
      setBelow(
        key === '?' ? keyList(choices, width) : 'Press one of these keys; ? says what they do.',
      );
    }
  });
  const keys = [...choices.map(({ key }) => key), '?'].join(',');
  return [`${question} ${chosen ? chosen.name : `[${keys}] `}`, below];
});

/** Inquirer names only the keys that have a name; the character itself is in the sequence. */
function keyOf(event: KeypressEvent & { sequence?: string }): string {
  return (event.ctrl ? event.name : (event.sequence ?? event.name))?.toLowerCase() ?? '';
}

function keyList(choices: readonly Choice[], width: number): string {
  return choices.flatMap(({ key, about }) => entry(`  ${key}`, about, 5, width)).join('\n');
}

/** As git does it: the editor is a command for the shell, and the file comes after it. */
async function edit(path: string, text: string, env: NodeJS.ProcessEnv): Promise<Edited> {
  const editor = env.VISUAL || env.EDITOR;
  if (!editor) return { problem: 'no editor is set: put its command into VISUAL or EDITOR' };
  writeFileSync(path, text);
  try {
    const problem = await open(editor, path, env);
    return problem === undefined ? { text: readFileSync(path, 'utf8') } : { problem };
  } finally {
    rmSync(path, { force: true });
  }
}

/** Gives a reason when the editor could not be started, or says that it failed. */
function open(editor: string, path: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { stdio: 'inherit', env } as const;
    const child =
      process.platform === 'win32'
        ? spawn(`${editor} "${path}"`, { ...options, shell: true })
        : spawn('sh', ['-c', `${editor} "$@"`, editor, path], options);
    child.on('error', (error) => resolve(`the editor could not be started: ${error.message}`));
    child.on('close', (code) =>
      resolve(code === 0 ? undefined : `the editor '${editor}' ended with ${code ?? 'a signal'}`),
    );
  });
}
