/** Text as HTML: whatever comes from code or from a file name goes through here. */

import { count } from '../layout.ts';
import { type Counts, STATES, type State, totalOf } from '../progress.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

/** HTML as such, which `html` leaves alone. */
export class Markup {
  constructor(readonly text: string) {}
}

type Value = string | number | Markup | readonly (Markup | undefined)[] | undefined;

/** A template whose values are escaped, but for Markup; undefined is nothing. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Markup {
  let text = parts[0] ?? '';
  values.forEach((value, at) => {
    text += written(value) + (parts[at + 1] ?? '');
  });
  return new Markup(text);
}

function written(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  return typeof value === 'object' ? value.map(written).join('') : escapeHtml(String(value));
}

/**
 * JSON for a script element of type application/json. No `<` is left in it, so that neither
 * `</script>` nor `<!--` in somebody's code can end the element.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** Text with what stands between backticks as code. */
export function prose(text: string): Markup {
  const parts = text
    .split('`')
    .map((part, at) => (at % 2 ? html`<code>${part}</code>` : html`${part}`));
  return html`${parts}`;
}

export const STATE_WORDS: Readonly<Record<State, string>> = {
  arrived: 'on anyio',
  safe: 'safe',
  review: 'to review',
  refused: 'refused',
  deferred: 'deferred',
  left: 'can stay',
};

/** `29 on anyio, 8 to review`; what is zero is not said. */
export function inWords(counts: Counts): string {
  const said = STATES.filter((state) => counts[state] > 0);
  return said.map((state) => `${count(counts[state])} ${STATE_WORDS[state]}`).join(', ');
}

/** A bar; `style` attributes are not for a page with this policy, those of a drawing are. */
export function bar(counts: Counts): Markup {
  const total = totalOf(counts);
  let x = 0;
  const parts = STATES.filter((state) => counts[state] > 0).map((state) => {
    const width = (counts[state] / total) * 1000;
    const part = html`<rect class="${state}" x="${x.toFixed(1)}" width="${width.toFixed(1)}" height="10"/>`;
    x += width;
    return part;
  });
  return html`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="${inWords(counts) || 'nothing'}">${parts}</svg>`;
}
