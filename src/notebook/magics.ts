/**
 * What IPython takes in a cell besides Python: `%magic`, `!command`, `help?`, and cells that begin
 * with `%%magic`. Which of them run Python, and which names of the notebook they may reach.
 */

/** Cell magics whose body is plain Python, run here. */
const PYTHON_CELLS = new Set(['time', 'timeit', 'capture', 'prun', 'memit', 'debug', 'notest']);

/** Cell magics whose body is another language, a file, or another process: no name of ours is in it. */
const FOREIGN_CELLS = new Set(
  `! bash sh script sx system cmd html HTML javascript js css latex markdown svg SVG mermaid perl ruby
  pypy python python2 python3 writefile file sql bigquery R julia cython ai`.split(/\s+/),
);

/** Line magics that take words and no Python. */
const WORD_MAGICS = new Set(
  `pip conda mamba micromamba uv matplotlib pylab gui autoawait load_ext reload_ext unload_ext
  autoreload aimport cd ls ll pwd mkdir rmdir cat less more env set_env config colors xmode precision
  who who_ls whos history hist logstart lsmagic magic quickref pinfo pinfo2 psource pdoc pfile pdef
  bookmark alias unalias run load pycat sx system`.split(/\s+/),
);

/** A statement that can share its line with another. */
const SIMPLE = /^(?!(?:async|class|def|for|if|try|while|with|match)\b)[^\s%!?@]/;
const TIMED = /^%(?:time|timeit)(?:[ \t]+--?[a-zA-Z][\w-]*(?:[ \t]+\d+)?)*[ \t]+/;
const ASSIGNED = /^[^=!%'"#()?]+=[ \t]*(?=[!%])/;

/** A stretch that is no Python. */
export interface Magic {
  /**
   * `line`: all of a logical line; `value`: the right side of an assignment; `prefix`: the beginning
   * of a line that goes on as Python; `cell`: a whole cell.
   */
  kind: 'line' | 'value' | 'prefix' | 'cell';
  /** Half-open, in UTF-16 code units of the cell; without the indent and the line's end. */
  start: number;
  end: number;
  /** Names of the notebook that it may reach. */
  names: string[];
}

/** The magic that a whole cell is, or that its first line is; undefined for a plain cell. */
export function cellMagic(source: string): Magic | undefined {
  const start = /^(?:[ \t]*\r?\n)*/.exec(source)?.[0].length ?? 0;
  const head = /^%%(!|\w+)?[^\r\n]*/.exec(source.slice(start));
  if (!head || /\?[ \t]*$/.test(head[0])) return undefined;
  const [line, name = ''] = head;
  if (PYTHON_CELLS.has(name)) {
    const options = line.slice(2 + name.length);
    return { kind: 'line', start, end: start + line.length, names: namesIn(options) };
  }
  const body = source.slice(start + 2 + name.length);
  const names = FOREIGN_CELLS.has(name) ? interpolatedNames(body) : namesIn(body);
  return { kind: 'cell', start: 0, end: source.length, names };
}

/** The magic at the beginning of a logical line; undefined where the line is Python. */
export function lineMagic(source: string, lineStart: number): Magic | undefined {
  const first = source.slice(lineStart, source.indexOf('\n', lineStart) + 1 || undefined);
  const indent = /^[ \t]*/.exec(first)?.[0].length ?? 0;
  const start = lineStart + indent;
  const text = first.slice(indent).trimEnd();
  const timed = TIMED.exec(text)?.[0];
  if (timed !== undefined && SIMPLE.test(text.slice(timed.length))) {
    return { kind: 'prefix', start, end: start + timed.length, names: [] };
  }
  if (/^[%!?,;/]/.test(text)) return { kind: 'line', ...commandAt(source, start) };
  const assigned = ASSIGNED.exec(text)?.[0];
  if (assigned !== undefined) {
    return { kind: 'value', ...commandAt(source, start + assigned.length) };
  }
  if (!/^[^'"#]*\?$/.test(text)) return undefined;
  return { kind: 'line', start, end: start + text.length, names: [] };
}

/** A command to the end of its line, or of the last of its lines: a backslash goes on. */
function commandAt(source: string, start: number): Pick<Magic, 'start' | 'end' | 'names'> {
  const text = /^(?:[^\n]*\\\r?\n)*[^\n]*/.exec(source.slice(start))?.[0].trimEnd() ?? '';
  return { start, end: start + text.length, names: namesOf(text) };
}

function namesOf(command: string): string[] {
  if (/^[?]|[?]$/.test(command)) return [];
  const magic = /^%+(\w+)/.exec(command)?.[1];
  const isWords = command.startsWith('!') || (magic !== undefined && WORD_MAGICS.has(magic));
  return isWords ? interpolatedNames(command) : namesIn(command.replace(/^%+\w*/, ''));
}

/** Names in `{expression}` and `$name`, which IPython fills in before a command runs. */
function interpolatedNames(text: string): string[] {
  const parts = [...text.matchAll(/\{([^{}]*)\}|\$(\w+)/g)];
  return namesIn(parts.map(([, expression = '', name = '']) => `${expression} ${name}`).join(' '));
}

/** All words of a text that could be names, each once. Attributes hang on their objects. */
function namesIn(text: string): string[] {
  const words = text.match(/(?<![\w.])[A-Za-z_]\w*/g) ?? [];
  return [...new Set(words)].filter((word) => !KEYWORDS.has(word));
}

const KEYWORDS = new Set(
  `False None True and as assert async await break class continue def del elif else except finally for
  from global if import in is lambda nonlocal not or pass raise return try while with yield`.split(
    /\s+/,
  ),
);
