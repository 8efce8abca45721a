/**
 * What fits where the cursor stands, for the completion of the shells.
 *
 * yargs has a completion too. It takes no notice of the cursor, of comma lists and of `--flag=`,
 * offers flags where a path is due, and its scripts want a bash newer than macOS has, and never
 * complete a path in fish. So this reads the tables that the help pages are made from.
 */

import { PHASES, PLANS } from '../phases.ts';
import type { TransformInfo } from '../report/explain.ts';
import { COMMANDS, type Command } from './commands.ts';
import { type Flag, GENERAL, namesOf } from './flags.ts';
import { SHELLS } from './shells.ts';

/** A word that may stand there, whole; it begins with what was typed of it. */
export interface Fit {
  word: string;
  about?: string;
}

/** The words that fit; or `files`, when the shell is to complete a path. */
export type Fits = readonly Fit[] | 'files';

type Catalog = () => Promise<readonly TransformInfo[]>;

const ANYTHING = 'files' as const;
const NOTHING: Fits = [];

/**
 * @param words what stands behind the program's name, the last one up to the cursor; it may be empty
 * @param catalog asked only where a transform may stand
 */
export async function fitsAt(words: readonly string[], catalog: Catalog): Promise<Fits> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const at = before.findIndex((word) => !word.startsWith('-'));
  if (at < 0)
    return matching(typed.startsWith('-') ? flagFits([], GENERAL.flags, typed) : commands(), typed);
  if (before[at] === 'help') return matching(at === before.length - 1 ? commands() : [], typed);
  const command = COMMANDS.find(({ name }) => name === before[at]);
  return command ? within(command, before.slice(at + 1), typed, catalog) : NOTHING;
}

async function within(
  command: Command,
  before: readonly string[],
  typed: string,
  catalog: Catalog,
): Promise<Fits> {
  if (before.includes('--')) return ANYTHING;
  const flags = [...new Set([...command.groups, GENERAL])].flatMap((group) => group.flags);
  const pending = flags.find((flag) => flag.value && isTyped(flag, before.at(-1)));
  if (pending) {
    const fits = await valueFits(pending, '', typed, catalog);
    const isOptional = pending.value?.startsWith('[');
    if (!isOptional || (fits.length > 0 && !typed.startsWith('-'))) return fits;
  }
  const [, start, name, value = ''] = /^(--([\w-]+)=)(.*)$/.exec(typed) ?? [];
  const assigned = flags.find((flag) => flag.value && flag.name === name);
  if (start !== undefined) {
    return assigned ? valueFits(assigned, start, value, catalog) : NOTHING;
  }
  if (typed.startsWith('-')) return matching(flagFits(before, flags, typed), typed);
  return positionalFits(command, before, typed, catalog);
}

function isTyped(flag: Flag, word: string | undefined): boolean {
  return word === `--${flag.name}` || (flag.short !== undefined && word === `-${flag.short}`);
}

/** A switch is offered once, what turns it off to who begins to say no; a value may be repeated. */
function flagFits(before: readonly string[], flags: readonly Flag[], typed: string): Fit[] {
  return flags
    .filter((flag) => flag.value || !before.some((word) => isTyped(flag, word)))
    .flatMap((flag) =>
      (typed.startsWith('--n') ? namesOf(flag) : [flag.name]).map((name) => ({
        word: `--${name}`,
        about: name === flag.name ? flag.about : `turns --${flag.name} off`,
      })),
    );
}

/** @param start what stands in the same word before the value: `--phase=`, or nothing */
async function valueFits(
  flag: Flag,
  start: string,
  typed: string,
  catalog: Catalog,
): Promise<Fits> {
  if (flag.choices) {
    return matching(
      flag.choices.map((choice) => ({ word: start + choice })),
      start + typed,
    );
  }
  if (flag.value === 'PHASES') return listFits(phases(), start, typed);
  if (flag.value === 'NAMES') return listFits(await transforms(catalog), start, typed);
  return PATHS.includes(flag.value ?? '') ? ANYTHING : NOTHING;
}

/** Placeholders of the help pages that stand for a path. */
const PATHS = ['FILE', 'FILES', 'FOLDER', 'PATH', 'PATTERNS'];

/** What may come last in a comma list: not again what the list has already. */
function listFits(all: readonly Fit[], start: string, typed: string): Fits {
  const chosen = typed.split(',').slice(0, -1);
  const head = start + chosen.map((word) => `${word},`).join('');
  const free = all.filter(({ word }) => !chosen.includes(word));
  return matching(
    free.map(({ word, about }) => ({ word: head + word, about })),
    start + typed,
  );
}

async function positionalFits(
  command: Command,
  before: readonly string[],
  typed: string,
  catalog: Catalog,
): Promise<Fits> {
  const name = /[a-z]+/.exec(command.positional)?.[0];
  if (name === undefined) return NOTHING;
  if (name === 'shell') {
    const isFirst = before.every((word) => word.startsWith('-'));
    return isFirst
      ? matching(
          SHELLS.map((word) => ({ word })),
          typed,
        )
      : NOTHING;
  }
  if (name !== 'topic') return ANYTHING;
  const fits = matching(await topics(typed, catalog), typed);
  return fits.length > 0 ? fits : ANYTHING;
}

/** The hundreds of codes and names are offered to one who has begun to type one. */
async function topics(typed: string, catalog: Catalog): Promise<Fit[]> {
  const known = [...(await transforms(catalog)), ...phases().filter(({ word }) => /\D/.test(word))];
  if (typed === '') return known;
  const { allTopics } = await import('./explain.ts');
  const more = allTopics(await catalog()).filter(
    (word) => !known.some((each) => each.word === word),
  );
  return [...known, ...more.map((word) => ({ word }))];
}

function commands(): Fit[] {
  return COMMANDS.map(({ name, summary }) => ({ word: name, about: summary }));
}

function phases(): Fit[] {
  return [
    ...PHASES.map(({ number, name }) => ({ word: String(number), about: name })),
    ...PHASES.map(({ name, summary }) => ({ word: name, about: summary })),
    ...Object.entries(PLANS).map(([name, numbers]) => ({
      word: name,
      about: `phases ${numbers[0]} to ${numbers.at(-1)}`,
    })),
  ];
}

async function transforms(catalog: Catalog): Promise<Fit[]> {
  return (await catalog()).map(({ id, summary }) => ({ word: id, about: summary }));
}

function matching(fits: readonly Fit[], typed: string): readonly Fit[] {
  return fits.filter(({ word }) => word.startsWith(typed));
}
