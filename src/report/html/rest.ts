/** The parts of the page for what needs a look, what waits, what stays, and what failed. */

import { PHASES } from '../../phases.ts';
import type { Migration } from '../../result.ts';
import type { Judged } from '../../transform.ts';
import { heldBack, isDeferred, isLeft, isRewritten } from '../counts.ts';
import { count, groupBy, relativePath, tally } from '../layout.ts';
import type { HtmlInput } from './input.ts';
import { html, type Markup, prose } from './markup.ts';
import { placeList } from './sections.ts';

/** What to look at, by transform; the code is in the diff. */
export function reviews({ plan, cwd }: HtmlInput): Markup {
  const review = plan.judged.filter(isRewritten).filter((use) => use.verdict.safety === 'review');
  if (review.length === 0) return html`<p>Nothing needs a look.</p>`;
  const groups = [...groupBy(review, (use) => use.transform ?? '')];
  groups.sort(([, a], [, b]) => b.length - a.length);
  return html`${groups.map(([transform, uses]) => {
    const notes = [...groupBy(uses, (use) => use.verdict.note ?? '')];
    return html`
<details class="group"><summary><h3><code>${transform}</code></h3> <span class="badge review">${count(uses.length)}</span></summary>
<p><a href="#transform=${transform}&amp;safety=review">Show these changes</a></p>
${notes.map(([note, same]) => html`<div class="message"><p>${prose(note)}</p>${placeList(same, cwd)}</div>`)}
</details>`;
  })}`;
}

/** What is not rewritten though nothing is wrong with it, by the reason. */
export function others({ plan, cwd }: HtmlInput): Markup {
  return html`${[heldBackGroup(plan, cwd), ...deferredGroups(plan, cwd), ...leftGroups(plan, cwd)]}`;
}

function heldBackGroup(plan: Migration, cwd: string): Markup {
  const back = heldBack(plan);
  if (back.length === 0) return html``;
  const title =
    'Held back: their object has another use that is not written, or their file failed a check';
  return group(title, 'safe', back, cwd);
}

function deferredGroups(plan: Migration, cwd: string): Markup[] {
  const byPhase = groupBy(plan.judged.filter(isDeferred), (use) => use.phase);
  return [...byPhase].map(([number, uses]) => {
    const phase = PHASES.find((each) => each.number === number);
    const title = phase ? `Waits for phase ${number}, ${phase.name}` : 'Waits for another phase';
    return group(title, 'deferred', uses, cwd);
  });
}

function leftGroups(plan: Migration, cwd: string): Markup[] {
  const byReason = [...groupBy(plan.judged.filter(isLeft), (use) => use.verdict.reason)];
  byReason.sort(([, a], [, b]) => b.length - a.length);
  return byReason.map(([reason, uses]) => group(`Can stay: ${reason}`, 'left', uses, cwd));
}

function group(title: string, state: string, uses: readonly Judged[], cwd: string): Markup {
  const names = tally(uses.map((use) => use.use.name));
  const byName = groupBy(uses, (use) => use.use.name);
  return html`
<details class="group"><summary><h3>${prose(title)}</h3> <span class="badge ${state}">${count(uses.length)}</span></summary>
${names.map(([name, times]) => html`<p class="label"><code>${name}</code> ${count(times)}</p>${placeList(byName.get(name) ?? [], cwd)}`)}
</details>`;
}

/** Files that could not be taken along, and comments and entries that do nothing; none, mostly. */
export function problems({ plan, cwd }: HtmlInput): Markup | undefined {
  const all = [...plan.problems, ...plan.notes];
  if (all.length === 0) return undefined;
  const items = all.map(({ path, line, message }) => {
    const place = `${relativePath(cwd, path) || '.'}${line === undefined ? '' : `:${line}`}`;
    return html`<li><span class="path">${place}</span>: ${message}</li>`;
  });
  const title = plan.problems.length > 0 ? 'Not taken along' : 'Notes';
  return html`
<section id="problems"><h2>${title}</h2><ul class="places">${items}</ul></section>`;
}

/** `For anyio 4.7 or later, on Python 3.10 or later.` */
export function target({ plan }: HtmlInput): string {
  const { anyio, python } = plan.target;
  const version = anyio ? `anyio ${anyio} or later` : 'any anyio from 4.0';
  return `For ${version}${python ? `, on Python ${python} or later` : ''}.`;
}
