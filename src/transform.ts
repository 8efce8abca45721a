/**
 * The central types: what a use of asyncio is, what can become of it, and what a transform is.
 *
 * Every offset here is a UTF-16 code unit index into the decoded text of a file (what JavaScript
 * strings, web-tree-sitter and magic-string count). Lines and columns are 1-based, columns too in
 * UTF-16 code units. Anyio versions are strings such as "4.7".
 */

import type { Node } from 'web-tree-sitter';
import type { Binding, Through } from './analysis/bindings.ts';
import type { Definitions } from './analysis/definitions.ts';
import type { FamilyIndex } from './analysis/family-index.ts';
import type { PythonFile } from './analysis/file.ts';
import type { PatchIndex } from './analysis/patches.ts';
import type { TestGroups } from './test-groups.ts';

/** A half-open range of text, `[start, end)`, in UTF-16 code units. */
export interface Span {
  start: number;
  end: number;
}

/** Where a span lies for a person: 1-based lines and columns, the end exclusive. */
export interface Position {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  /** In a notebook, the number of the cell that the lines are counted in; 1-based, among all cells. */
  cell?: number;
  /** In a notebook, the line of its file in which the line of the cell is written; 1-based. */
  fileLine?: number;
}

/** The part that a name plays where it stands. `plan --json` prints it. */
export type Role =
  | 'call'
  | 'annotation'
  | 'base-class'
  | 'default-factory'
  | 'partial'
  | 'isinstance'
  | 'except'
  | 'raise'
  | 'decorator'
  | 'argument'
  | 'patch-target'
  | 'getattr'
  | 'module'
  | 'import'
  | 'reference';

/** One reference to an asyncio name in one file. */
export interface Use {
  file: PythonFile;
  /** The canonical dotted name: `asyncio.Lock`, also for `asyncio.locks.Lock`; `asyncio` for the bare module. */
  name: string;
  role: Role;
  /** The reference itself (`asyncio.Lock`, `Lock`), without call parentheses. */
  span: Span;
  /**
   * The node of the reference. For a name inside a string (annotation, patch target) it is the
   * string's node, and `span` lies inside it.
   */
  node: Node;
  /** The import that the name comes through; none for patch targets and other string forms. */
  binding?: Binding;
  /** How the name is written: through the module (`asyncio.sleep`), or alone (`sleep`). */
  spelling: 'module' | 'from' | 'star' | 'string';
  /** Why the name may not mean asyncio at all (rebound in an `except ImportError`, shadowed …), if so. */
  doubt?: string;
  /** The name of another project module that it is reached through, if it is. */
  through?: Through;
}

/** A name that new code needs. The edit room decides how it is spelled and imported; a transform never does. */
export interface NeededName {
  module: string;
  /** Undefined for the module itself, as `patch.object(anyio, "sleep")` wants it. */
  name?: string;
  /** Whether it is imported by its own name in any style: its module is too long to be written out. */
  own?: boolean;
}

/** Text of the file that moves elsewhere, with what other edits make of it. Its old place goes. */
export interface MovedText {
  from: number;
  to: number;
}

/** New text: literal pieces, names whose spelling is decided later, and text that moves. */
export type Piece = string | NeededName | MovedText;

/** One replacement. Edits of one file never overlap; `start === end` inserts. */
export interface Edit {
  start: number;
  end: number;
  pieces: Piece[];
  /**
   * Set for a range that moves to the right by the blanks in `pieces`: the offsets at which its lines
   * begin, those inside of strings left out. Other edits may lie in it, and what they write on
   * lines of its own moves along.
   */
  lines?: readonly number[];
  /** Whether other uses may ask for the very same edit, which is then made once. */
  once?: boolean;
}

/** `safe`: behaviour is kept. `review`: right in most code, applied only with `--include-review`. */
export type Safety = 'safe' | 'review';

/** Why something was not rewritten, for a person. */
export interface Diagnostic {
  /** A stable, kebab-case name: `event-clear`. `explain` knows each. */
  code: string;
  /** What would go wrong, one sentence, no trailing full stop. */
  message: string;
  /** What a person can do, one sentence, no trailing full stop. */
  help: string;
  /** The place that stands in the way, when it is not the use itself. */
  blocker?: Place;
}

/** A place in the project, for messages. */
export interface Place {
  /** Absolute path. */
  file: string;
  line: number;
  column: number;
  /** As in `Position`. */
  cell?: number;
  fileLine?: number;
}

/** An edit of another use, by where it begins. */
export interface NeededEdit {
  use: Use;
  at: number;
}

/** What becomes of a use. */
export type Verdict =
  | {
      kind: 'rewrite';
      safety: Safety;
      edits: Edit[];
      /** The lowest anyio that has what is written. */
      minAnyio: string;
      /** For `review`: what to look at. For `safe`: what changes unseen, if worth saying. */
      note?: string;
      /** The place of doubt that `note` speaks of. */
      blocker?: Place;
      /** Uses that carry the same object: all are applied, or none. */
      family?: string;
      /** Uses whose edits are one change, this one among them: all are applied, or none. */
      together?: readonly Use[];
      /** Uses without whose rewrite this one would be wrong: it is refused when one of them is. */
      follows?: readonly Use[];
      /** Edits of other uses without which this one would break: they are made, or it is not. */
      needs?: readonly NeededEdit[];
    }
  | { kind: 'refuse'; diagnostic: Diagnostic }
  | { kind: 'defer'; note?: string }
  | { kind: 'leave'; reason: string };

/** A use with its verdict, and what was made of it. */
export interface Judged {
  use: Use;
  position: Position;
  /** The phase that the name belongs to; undefined when it belongs to none. */
  phase: number | undefined;
  /** The id of the transform that judged it; undefined when none owns the name. */
  transform: string | undefined;
  verdict: Verdict;
  /** Whether the rewrite is in the new text (`review` rewrites are not, unless asked for). */
  applied: boolean;
}

/** What a transform may ask while it judges. It reads no file, prints nothing and knows no flag. */
export interface JudgeContext {
  definitions: Definitions;
  families: FamilyIndex;
  patches: PatchIndex;
  /** What the project runs on. */
  target: Target;
  /** How the tests hang together; set when the transform `pytest` is selected. */
  tests?: TestGroups;
  /** The ids of the transforms of this run: one may count on what another does beside it. */
  selected: ReadonlySet<string>;
  /** How long a line may be, in columns, as the project's formatter is told. */
  lineLength: number;
  /** What a timeout whose handler only goes on becomes. */
  idiom?: 'fail-after' | 'move-on-after';
  /** Whether a wait that no block can stand for becomes a call of a function with a block in it. */
  wrapTimeouts?: boolean;
  /** What becomes of another use, by its own transform: two that change one statement have to agree. */
  verdictOn?(use: Use): Verdict | undefined;
  /** Whether uncontended `acquire` should keep asyncio's order and cost (`--fast-acquire`). */
  fastAcquire: boolean;
}

/** The versions that the project allows. */
export interface Target {
  /** The lowest anyio that rewrites may count on; undefined when nothing bounds it. */
  anyio: string | undefined;
  /** Where the bound comes from, for messages: `pyproject.toml`, `--target-anyio`. */
  anyioSource: string | undefined;
  /** The lowest Python that the project says it runs on ("3.10"); undefined when it says nothing. */
  python: string | undefined;
}

/** One diagnostic that a transform can give, for `explain` and the docs. */
export interface DiagnosticInfo {
  code: string;
  /** One line: what is refused. */
  title: string;
  /** Why the rewrite would break, and what a person can do. Plain prose. */
  why: string;
  /** A better program, where one is known: Python source. */
  instead?: string;
}

/** A before/after pair for `explain` and the docs. A test runs the tool on each. */
export interface Example {
  before: string;
  after: string;
  /** Set for a rewrite that is made only with `--include-review`. */
  review?: true;
}

/** One primitive. A file in `transforms/` exports one. */
export interface Transform {
  /** Kebab-case; the file's name, the fixture folder's name and the `--transform` value. */
  id: string;
  phase: number;
  /** Canonical names it owns: `asyncio.Lock`. No two transforms own the same, but for `owns`. */
  names: readonly string[];
  /** The uses of its names that are its own, where another transform owns the rest. All, unless told. */
  owns?(use: Use): boolean;
  summary: string;
  examples: readonly Example[];
  /** What makes the rewrite safe, and what may differ all the same. */
  safety: string;
  diagnostics: readonly DiagnosticInfo[];
  judge(use: Use, context: JudgeContext): Verdict;
}
