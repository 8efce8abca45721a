/** The code around a place, as it is before anything is written. */

import type { Position } from '../../transform.ts';
import { html, type Markup } from './markup.ts';

/** Lines before and after the place. */
const AROUND = 2;
/** A line longer than this is cut: generated code may have lines of any length. */
const LONGEST = 400;

/** The texts of files, parted into lines once. */
export class Sources {
  private readonly lines = new Map<string, readonly string[]>();

  constructor(private readonly texts: ReadonlyMap<string, string>) {}

  /**
   * The lines around a place with its own marked; nothing for a file whose text is not at hand.
   *
   * @param path absolute
   * @param at the end is needed only to mark the name itself
   */
  around(path: string, at: Pick<Position, 'line'> & Partial<Position>): Markup | undefined {
    const lines = this.of(path);
    if (!lines || at.line > lines.length) return undefined;
    const first = Math.max(1, at.line - AROUND);
    const shown = lines.slice(first - 1, at.line + AROUND);
    const rows = shown.map((text, i) => row(text, first + i, at));
    return html`<pre class="code" tabindex="0"><code>${rows}</code></pre>`;
  }

  private of(path: string): readonly string[] | undefined {
    const text = this.texts.get(path);
    if (text === undefined) return undefined;
    let lines = this.lines.get(path);
    if (!lines) {
      lines = text.split(/\r\n|\r|\n/);
      this.lines.set(path, lines);
    }
    return lines;
  }
}

function row(text: string, line: number, at: Pick<Position, 'line'> & Partial<Position>): Markup {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
  const isHere = line === at.line;
  return html`<span class="row${isHere ? ' here' : ''}" data-n="${line}">${isHere ? marked(cut, at) : cut}
</span>`;
}

/** Columns are 1-based, the end exclusive; a name may go on in the next line. */
function marked(text: string, { line, column, endLine, endColumn }: Partial<Position>): Markup {
  if (column === undefined || endColumn === undefined) return html`${text}`;
  const end = endLine === line ? endColumn - 1 : text.length;
  return html`${text.slice(0, column - 1)}<mark>${text.slice(column - 1, end)}</mark>${text.slice(end)}`;
}
