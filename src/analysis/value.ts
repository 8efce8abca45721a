/** What is followed, and what following it reports: the words that flow.ts and its helpers share. */

import type { Node } from 'web-tree-sitter';
import type { Definitions } from './definitions.ts';
import type { Operation, Slot } from './families.ts';
import type { PythonFile } from './file.ts';
import type { Path, Taken } from './paths.ts';
import type { FunctionInfo } from './types.ts';

/** An expression that is the object (an empty path), or a container that holds it at the path. */
export interface Value {
  node: Node;
  file: PythonFile;
  path: Path;
  /** False when it may be another object that only looks alike. */
  certain: boolean;
}

/** What a value flows into. */
export interface Sink {
  /** The value is kept here. */
  slot(slot: Slot, path: Path, certain: boolean): void;
  /** The value goes on as this expression. */
  value(value: Value): void;
  operation(kind: Operation['kind'], name: string, node: Node, from: Value): void;
}

/** What the helpers of the flow ask of it. */
export interface Follower {
  readonly definitions: Definitions;
  /** The value is that of another expression too. */
  on(node: Node, from: Value): void;
  /** What was taken out of the value is that of another expression. */
  onTaken(node: Node, taken: Taken | undefined, from: Value): void;
  /** The value is assigned to a target. */
  into(target: Node | null | undefined, from: Value): void;
  /** The value becomes an attribute of what an expression means. */
  intoAttribute(object: Node | null, name: string, from: Value): void;
  /** The value, a container at its path, is merged into the one that an expression names. */
  intoContainer(container: Node, from: Value): void;
  /** The value is an argument of a function or lambda that is handed over, to be called. */
  intoCallable(callable: Node, index: number, from: Value): void;
  /** The value is assigned to an attribute that has a setter. */
  intoSetter(setter: FunctionInfo, from: Value): void;
  slot(slot: Slot, from: Value): void;
  operation(kind: Operation['kind'], name: string, node: Node, from: Value): void;
  /** Following ends here. */
  escape(how: string, from: Value): void;
}

/** The value, with what was taken out of it. */
export function after(from: Value, taken: Taken): Value {
  return { ...from, path: taken.path, certain: from.certain && taken.certain };
}

/** The value one container deeper. */
export function within(from: Value, step: string): Value {
  return { ...from, path: [step, ...from.path] };
}
