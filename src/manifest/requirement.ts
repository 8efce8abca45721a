/**
 * One requirement as PEP 508 writes it: `anyio[trio]>=4.0,<5 ; python_version >= "3.9"`.
 *
 * Source: https://packaging.python.org/en/latest/specifications/dependency-specifiers/
 */

import { type Constraint, readSpecifiers, type SpecifierStyle } from './specifier.ts';

/** Offsets are UTF-16 code units in the text that was read. */
export interface Requirement {
  /** As PEP 503 normalises it. */
  name: string;
  /** In the order and spelling of the text. */
  extras: string[];
  /** What the versions are; for a URL there is one empty list. */
  constraint: Constraint;
  /** `anyio @ https://…`: the part after the `@`. */
  url?: string;
  /** The part after the `;`, without a comment. */
  marker?: string;
  /** How this requirement writes its specifiers; undefined when it has none. */
  style?: SpecifierStyle;
  /** The requirement without a comment and outer blanks: for messages. */
  text: string;
  /** The same without its specifiers: what must stay when they change. */
  withoutVersion: string;
}

const NAME = /^(?<lead>\s*)(?<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)/;
const EXTRAS = /^\s*\[(?<extras>[^\]]*)\]/;

/** A project's name as PEP 503 compares it: `Typing_Extensions` is `typing-extensions`. */
export function normaliseName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/**
 * Reads one requirement; a comment (` # …`) at its end is not part of it.
 *
 * @param line one line, or the content of one string of a TOML array
 * @param offset where the first character of `line` stands in the file: spans are given from there
 * @returns undefined when the line does not begin with a name, or goes on with something else
 */
export function parseRequirement(line: string, offset = 0): Requirement | undefined {
  const body = withoutComment(line);
  const head = NAME.exec(body);
  if (!head?.groups) return undefined;
  const afterName = head[0].length;
  const extras = EXTRAS.exec(body.slice(afterName));
  const insertAt = afterName + (extras?.[0].length ?? 0);
  const rest = body.slice(insertAt);
  const common = {
    name: normaliseName(head.groups.name as string),
    extras: splitList(extras?.groups?.extras ?? ''),
    text: body.trim(),
  };

  const url = /^\s*@\s*(?<url>\S+)/.exec(rest)?.groups?.url;
  if (url !== undefined) {
    const constraint = { alternatives: [[]], insertAt: offset + insertAt };
    return { ...common, constraint, url, withoutVersion: common.text };
  }

  const [versions = '', ...markers] = rest.split(';');
  if (!isSpecifierList(versions)) return undefined;
  const marker = markers.join(';').trim();
  const specifiers = readSpecifiers(versions, offset + insertAt);
  return {
    ...common,
    constraint: { alternatives: [specifiers], insertAt: offset + insertAt },
    withoutVersion: `${body.slice(0, insertAt).trim()};${marker}`,
    ...(marker ? { marker } : {}),
    ...(specifiers.length > 0 ? { style: styleOf(versions) } : {}),
  };
}

/** pip's rule: a `#` begins a comment at the start of a line or after a blank. */
function withoutComment(line: string): string {
  const comment = /(?:^|\s)#/.exec(line);
  return comment ? line.slice(0, comment.index) : line;
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Whether `text` is nothing but specifiers, commas, blanks and one pair of parentheses. */
function isSpecifierList(text: string): boolean {
  const inner = /^\s*\((?<inner>[^()]*)\)\s*$/.exec(text)?.groups?.inner ?? text;
  return splitList(inner).every((part) =>
    /^(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9][^\s()]*$/.test(part),
  );
}

function styleOf(versions: string): SpecifierStyle {
  const [, before = '', parenthesis, after = ''] =
    /^(\s*)(\()?\s*(?:===|==|~=|!=|<=|>=|<|>)(\s*)/.exec(versions) ?? [];
  return {
    beforeOperator: before === '' ? '' : ' ',
    afterOperator: after === '' ? '' : ' ',
    parentheses: parenthesis !== undefined,
  };
}

/** The style that most of a list's entries share; plain `anyio>=4` when there is nothing to see. */
export function commonStyle(styles: readonly (SpecifierStyle | undefined)[]): SpecifierStyle {
  const seen = styles.filter((style) => style !== undefined);
  const most = (holds: (style: SpecifierStyle) => boolean) =>
    seen.filter(holds).length * 2 > seen.length;
  return {
    beforeOperator: most((style) => style.beforeOperator !== '') ? ' ' : '',
    afterOperator: most((style) => style.afterOperator !== '') ? ' ' : '',
    parentheses: most((style) => style.parentheses),
  };
}
