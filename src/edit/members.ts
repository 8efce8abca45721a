/**
 * How a file writes its from-imports, and how such a statement is written or extended in that
 * style. The orders are those of isort and ruff.
 */

import { hasOwnLine, type ImportItem, type ImportStatement, trailing } from './import-statement.ts';
import type { TextLines } from './lines.ts';
import type { Replacements } from './replacements.ts';

/** A name in a from-import to be written. */
export interface Member {
  name: string;
  alias?: string;
  /** With its `#`. */
  comment?: string;
}

/** The habits of one file. */
export interface ImportHabits {
  /** The width that a one-line import may have: 88, or more when the file has wider ones. */
  width: number;
  /** Whether `import a as b, c` stands in one statement. */
  combinesAliases: boolean;
  /** Whether every name has a statement of its own. */
  singleLine: boolean;
  order: MemberOrder;
}

/** `type`: CONSTANTS, Classes, functions, each by the alphabet. */
export type MemberOrder = 'type' | 'alphabet' | 'none';

const DEFAULT_WIDTH = 88;
const INDENT = '    ';

/** Reads the habits off the import statements at module level. */
export function readHabits(statements: readonly ImportStatement[]): ImportHabits {
  const froms = statements.filter(({ from }) => from !== undefined && from !== '__future__');
  const several = froms.filter(({ items }) => items.length > 1);
  const widths = several
    .filter(({ node }) => !node.text.includes('\n'))
    .map(({ node }) => node.endIndex - node.startIndex);
  const orders = several.map(orderOf).filter((order) => order !== 'both');
  return {
    width: Math.max(DEFAULT_WIDTH, ...widths),
    combinesAliases: several.some(({ items }) => items.some(({ alias }) => alias !== undefined)),
    singleLine: several.length === 0 && hasRepeatedModule(froms),
    order: orders.length > 0 && orders.every((order) => order === 'alphabet') ? 'alphabet' : 'type',
  };
}

function hasRepeatedModule(froms: readonly ImportStatement[]): boolean {
  const plain = froms.filter(({ items }) => items.every(({ alias }) => alias === undefined));
  return new Set(plain.map(({ from }) => from)).size < plain.length;
}

function orderOf({ items }: ImportStatement): MemberOrder | 'both' {
  const type = isSorted(items, 'type');
  const alphabet = isSorted(items, 'alphabet');
  if (type && alphabet) return 'both';
  if (type) return 'type';
  return alphabet ? 'alphabet' : 'none';
}

function isSorted(items: readonly Member[], order: MemberOrder): boolean {
  return items.every((item, at) => {
    const previous = items[at - 1];
    return !previous || compareMembers(previous, item, order) <= 0;
  });
}

export function compareMembers(a: Member, b: Member, order: MemberOrder): number {
  const left = memberKey(a, order);
  const right = memberKey(b, order);
  return left < right ? -1 : left > right ? 1 : 0;
}

function memberKey({ name, alias = '' }: Member, order: MemberOrder): string {
  const rank = order === 'type' ? memberRank(name) : '';
  return `${rank} ${name.toLowerCase()} ${name} ${alias}`;
}

function memberRank(name: string): string {
  if (name.length > 1 && name === name.toUpperCase()) return '0';
  return /^_*[A-Z]/.test(name) ? '1' : '2';
}

/** Splits names over statements as the file does: aliases apart, or every name apart. */
export function groupMembers(members: readonly Member[], habits: ImportHabits): Member[][] {
  const order = habits.order === 'none' ? 'type' : habits.order;
  const sorted = [...members].sort((a, b) => compareMembers(a, b, order));
  const together = sorted.filter(
    ({ alias }) => !habits.singleLine && (habits.combinesAliases || alias === undefined),
  );
  const apart = sorted.filter((member) => !together.includes(member)).map((member) => [member]);
  return together.length > 0 ? [together, ...apart] : apart;
}

/** A whole from-import, without the last newline. `indent` is for all lines but the first. */
export function writeFrom(
  module: string,
  members: readonly Member[],
  habits: ImportHabits,
  newline: string,
  indent = '',
): string {
  const [only] = members;
  const comments = members.some(({ comment }) => comment !== undefined);
  const oneLine = `from ${module} import ${members.map(memberText).join(', ')}`;
  if (members.length === 1 && only?.comment) return `${oneLine}  ${only.comment}`;
  if (!comments && indent.length + oneLine.length <= habits.width) return oneLine;
  const rows = members.map(
    (member) =>
      `${indent}${INDENT}${memberText(member)},${member.comment ? `  ${member.comment}` : ''}`,
  );
  return [`from ${module} import (`, ...rows, `${indent})`].join(newline);
}

function memberText({ name, alias }: Member): string {
  return alias === undefined ? name : `${name} as ${alias}`;
}

/** Adds names to a statement, in its order and form. Names that it has already are passed over. */
export function addMembers(
  lines: TextLines,
  statement: ImportStatement,
  members: readonly Member[],
  habits: ImportHabits,
  replacements: Replacements,
): void {
  const fresh = members.filter(
    (member) => !statement.items.some((item) => memberText(item) === memberText(member)),
  );
  if (fresh.length === 0) return;
  const order = statementOrder(statement, habits);
  if (mustBreak(lines, statement, fresh, habits)) {
    const all = [...statement.items.map(({ name, alias }) => ({ name, alias })), ...fresh];
    if (order !== 'none') all.sort((a, b) => compareMembers(a, b, order));
    const { node, from = '' } = statement;
    const newline = lines.newline(node.startIndex);
    const text = writeFrom(from, all, { ...habits, width: 0 }, newline);
    replacements.replace(node.startIndex, node.endIndex, text);
    return;
  }
  const last: Member[] = [];
  for (const member of fresh) {
    const next = statement.items.find(
      (item) => order !== 'none' && compareMembers(member, item, order) < 0,
    );
    if (next) insertBefore(lines, statement, next, member, replacements);
    else last.push(member);
  }
  append(lines, statement, last, replacements);
}

function statementOrder(statement: ImportStatement, habits: ImportHabits): MemberOrder {
  const own = orderOf(statement);
  return own === 'both' ? habits.order : own;
}

/** Whether a one-line statement gets too long for its line and has to become a vertical list. */
function mustBreak(
  lines: TextLines,
  { node, comments }: ImportStatement,
  fresh: readonly Member[],
  habits: ImportHabits,
): boolean {
  if (node.text.includes('\n') || comments.length > 0) return false;
  const added = fresh.reduce((sum, member) => sum + memberText(member).length + 2, 0);
  const length = lines.before(node.endIndex).length + added;
  return length > habits.width || fresh.some(({ comment }) => comment !== undefined);
}

function insertBefore(
  lines: TextLines,
  statement: ImportStatement,
  next: ImportItem,
  member: Member,
  replacements: Replacements,
): void {
  const at = next.node.startIndex;
  if (hasOwnLine(lines, statement, next)) {
    const row = `${lines.before(at)}${memberText(member)},${commentText(member)}`;
    replacements.insert(aboveComments(lines, lines.start(at)), row + lines.newline(at));
  } else {
    replacements.insert(at, `${memberText(member)}, `);
  }
}

/** The start of the comment lines directly above a line, which belong to what it holds. */
export function aboveComments(lines: TextLines, start: number): number {
  let at = start;
  for (let up = lines.previous(at); up !== undefined; up = lines.previous(at)) {
    if (!/^[ \t]*#/.test(lines.after(up))) break;
    at = up;
  }
  return at;
}

function append(
  lines: TextLines,
  statement: ImportStatement,
  members: readonly Member[],
  replacements: Replacements,
): void {
  const last = statement.items.at(-1);
  if (!last || members.length === 0) return;
  const end = (last.comma ?? last.node).endIndex;
  if (!hasOwnLine(lines, statement, last)) {
    const texts = members.map(memberText).join(', ');
    replacements.insert(end, last.comma ? ` ${texts},` : `, ${texts}`);
    return;
  }
  if (!last.comma) replacements.insert(end, ',');
  const newline = lines.newline(end);
  const rows = members.map((member, at) => {
    const comma = last.comma || at < members.length - 1 ? ',' : '';
    return `${lines.before(last.node.startIndex)}${memberText(member)}${comma}${commentText(member)}`;
  });
  replacements.insert(lines.next(end), rows.join(newline) + newline);
}

function commentText({ comment }: Member): string {
  return comment === undefined ? '' : `  ${comment}`;
}

/** Adds a comment to the line on which a statement ends, unless it has one. */
export function addComment(
  lines: TextLines,
  statement: ImportStatement,
  comment: string,
  replacements: Replacements,
): boolean {
  if (trailing(lines, statement.node).trim() !== '') return false;
  replacements.insert(statement.node.endIndex, comment);
  return true;
}
