/**
 * Access paths: where an object lies within a value. The empty path is the object itself; each step
 * leads one container deeper. `{"a": [lock]}` holds the lock under the path `{'a'}`, `*`.
 */

import type { Node } from 'web-tree-sitter';
import { plainString, stripParens } from '../syntax/nodes.ts';

/**
 * `*` is any element of a sequence, `{*}` any value of a mapping, `?` either, of a container whose
 * kind is not known. `0` is an index of a tuple, `0.lock` that of a named tuple, `{'name'}` a key of
 * a mapping.
 */
export type Step = string;
export type Path = readonly Step[];

export const ELEMENT: Step = '*';
export const VALUE: Step = '{*}';
export const EITHER: Step = '?';

/** Longer paths are not followed: `x = [x]` would make them without end. */
export const MAX_PATH = 4;

/** What taking from a container gives: the rest of the path, or nothing of the object. */
export interface Taken {
  path: Path;
  /** Whether it is an object that we follow for certain, and no neighbour of it. */
  certain: boolean;
}

/** The step under which a mapping holds what it has under a key; `key` as of `keyOf`. */
export function mappingStep(key: string | undefined): Step {
  return key === undefined ? VALUE : `{${key}}`;
}

/** The step of `x[key] = …`, by what is known of `x`. */
export function storedStep(
  key: string | undefined,
  kind: 'mapping' | 'sequence' | undefined,
): Step {
  if (kind) return kind === 'mapping' ? mappingStep(key) : ELEMENT;
  return key === undefined || /^\d/.test(key) ? EITHER : mappingStep(key);
}

/** The text of a literal key or index: `'name'`, `0`; undefined for one that is computed. */
export function keyOf(node: Node | null | undefined): string | undefined {
  if (!node) return undefined;
  const inner = stripParens(node);
  if (inner.type === 'integer') return inner.text;
  const literal = plainString(inner);
  return literal && `'${literal.content}'`;
}

/** `x[key]`, `x.get(key)`, `x.pop()`; `key` undefined for one that is computed. */
export function taken(path: Path, key: string | undefined): Taken | undefined {
  const [first, ...rest] = path;
  if (first === undefined) return undefined;
  if (first === EITHER) return { path: rest, certain: key === undefined };
  if (isOpen(first)) return { path: rest, certain: true };
  if (key === undefined) return { path: rest, certain: false };
  const [index] = first.split('.');
  return index === key || first === mappingStep(key) ? { path: rest, certain: true } : undefined;
}

/** The index in a tuple that a step stands for; undefined for other steps. */
export function tupleIndex(step: Step | undefined): number | undefined {
  return step && /^\d/.test(step) ? Number.parseInt(step, 10) : undefined;
}

/** The name of a named tuple's field that a step stands for. */
export function fieldName(step: Step | undefined): string | undefined {
  return step && /^\d+\./.test(step) ? step.slice(step.indexOf('.') + 1) : undefined;
}

/** `for … in x`: the elements of a sequence; a mapping gives its keys, which hold nothing of ours. */
export function iterated(path: Path): Taken | undefined {
  const [first, ...rest] = path;
  if (first === undefined || isMapping(first)) return undefined;
  return { path: rest, certain: first === ELEMENT };
}

/** `x.values()`, an iterable. */
export function valuesOf(path: Path): Taken {
  const [first = ELEMENT, ...rest] = path;
  return { path: [ELEMENT, ...rest], certain: isOpen(first) };
}

/** `x.items()`, an iterable of pairs. */
export function itemsOf(path: Path): Taken {
  const [first = ELEMENT, ...rest] = path;
  return { path: [ELEMENT, '1', ...rest], certain: isOpen(first) };
}

/** What a slice, a sum or a repetition holds: no element keeps its index. */
export function loosened(path: Path): Path {
  const [first, ...rest] = path;
  if (first === undefined || isMapping(first) || isOpen(first)) return path;
  return [ELEMENT, ...rest];
}

/** Whether two paths may lead to one object. */
export function overlap(a: Path, b: Path): boolean {
  return (
    a.length === b.length && a.every((step, at) => step === b[at] || isOpen(step) || isOpen(b[at]))
  );
}

function isOpen(step: Step | undefined): boolean {
  return step === ELEMENT || step === VALUE || step === EITHER;
}

function isMapping(step: Step): boolean {
  return step.startsWith('{');
}
