/** The parts of the page that need no script: the head, the progress, what is not rewritten. */

import type { Migration } from '../../result.ts';
import type { Judged, Position } from '../../transform.ts';
import { isRefused, type Refused } from '../counts.ts';
import { count, groupBy, plural, relativePath } from '../layout.ts';
import { blockerOf, inCell, placeText } from '../places.ts';
import {
  countsOf,
  dependencyState,
  noCounts,
  progressOf,
  STATES,
  type State,
  shareDone,
} from '../progress.ts';
import type { HtmlInput } from './input.ts';
import { bar, html, inWords, type Markup, prose, STATE_WORDS } from './markup.ts';
import type { Sources } from './snippet.ts';

/** So many places of one message have their code around them; the rest are named. */
const WITH_CODE = 100;

export function percent(share: number): string {
  // All but done is not done, and a beginning is more than nothing.
  const rounded = Math.round(share * 100);
  return `${share < 1 ? Math.min(99, share > 0 ? Math.max(1, rounded) : 0) : 100}%`;
}

/** Big numbers: what there is, and what becomes of it. */
export function tiles({ plan }: HtmlInput): Markup {
  const counts = countsOf(plan.judged, plan.arrived);
  const tile = (state: State) =>
    html`<li class="tile ${state}"><b>${count(counts[state])}</b> <span>${STATE_WORDS[state]}</span></li>`;
  return html`
<p class="lead">${plural(plan.filesSeen, 'Python file')}, ${count(plan.filesWithUses)} with asyncio:
${plural(plan.account.found, 'use')}.</p>
<div class="whole">${bar(counts)}<p><b>${percent(shareDone(counts))}</b> of what is to move is on anyio.</p></div>
<ul class="tiles">${STATES.map(tile)}</ul>`;
}

/** A row for each phase, which leads to its part of the diff. */
export function progressRows({ plan, cwd }: HtmlInput): Markup {
  const rows = progressOf(plan).map(({ number, name, counts }) => {
    const title =
      number === undefined ? html`${name}` : html`<span class="num">${number}</span> ${name}`;
    const canShow = number !== undefined && counts.safe + counts.review > 0;
    const link = canShow ? html`<a href="#phase=${number}">changes</a>` : undefined;
    const words = inWords(counts) || 'not used here';
    return html`<li><h3>${title}</h3>${bar(counts)}<p>${words} ${link}</p></li>`;
  });
  return html`<ul class="phases">${dependencyRow(plan, cwd)}${rows}</ul>`;
}

function dependencyRow({ dependency }: Migration, cwd: string): Markup | undefined {
  if (!dependency) return undefined;
  const counts = { ...noCounts(), [dependencyState(dependency)]: 1 };
  const where = dependency.file ? `${relativePath(cwd, dependency.file)}: ` : '';
  return html`<li><h3><span class="num">0</span> dependency</h3>${bar(counts)}
<p>${where}${dependency.message}${dependency.help ? html`. ${prose(dependency.help)}` : undefined}
${dependency.verdict === 'rewrite' ? html`<a href="#phase=0">changes</a>` : undefined}</p></li>`;
}

/** Refusals by their code, the most frequent first: what, why, what to do, and where. */
export function refusals(input: HtmlInput, sources: Sources): Markup {
  const refused = input.plan.judged.filter(isRefused);
  if (refused.length === 0) return html`<p>Nothing is refused.</p>`;
  const groups = [...groupBy(refused, (use) => use.verdict.diagnostic.code)];
  groups.sort(([, a], [, b]) => b.length - a.length);
  return html`${groups.map(([code, uses]) => refusalGroup(code, uses, input, sources))}`;
}

function refusalGroup(
  code: string,
  uses: readonly Refused[],
  { catalog, diagnostics, cwd }: HtmlInput,
  sources: Sources,
): Markup {
  const known = [...catalog.flatMap((each) => each.diagnostics), ...diagnostics];
  const info = known.find((each) => each.code === code);
  const messages = groupBy(uses, ({ verdict: { diagnostic } }) =>
    JSON.stringify([diagnostic.message, diagnostic.help]),
  );
  return html`
<details class="group" id="refused-${code}">
<summary><h3><code>${code}</code> <span class="title">${prose(info?.title ?? '')}</span></h3> <span class="badge refused">${count(uses.length)}</span></summary>
${info ? html`<p>${prose(info.why)}</p>` : undefined}
${info?.instead === undefined ? undefined : html`<p class="label">Instead</p><pre class="code plain" tabindex="0"><code>${info.instead.trim()}</code></pre>`}
${[...messages.values()].map((same) => message(same, cwd, sources))}
</details>`;
}

function message(uses: readonly Refused[], cwd: string, sources: Sources): Markup | undefined {
  const diagnostic = uses[0]?.verdict.diagnostic;
  if (!diagnostic) return undefined;
  const [shown, rest] = [uses.slice(0, WITH_CODE), uses.slice(WITH_CODE)];
  return html`
<div class="message"><p>${prose(diagnostic.message)}.</p><p><b>Do:</b> ${prose(diagnostic.help)}.</p>
${shown.map((use) => placeWithCode(use, cwd, sources))}
${rest.length > 0 ? html`<p class="label">And without their code</p>${placeList(rest, cwd)}` : undefined}
</div>`;
}

function placeWithCode(use: Judged, cwd: string, sources: Sources): Markup {
  const { path } = use.use.file;
  const blocker = blockerOf(use);
  const { position } = use;
  const isElsewhere =
    blocker &&
    (blocker.file !== path || blocker.line !== position.line || blocker.cell !== position.cell);
  return html`
<figure><figcaption><span class="path">${placeText(path, position, cwd)}</span></figcaption>
${sources.around(path, inFile(position))}
${
  isElsewhere
    ? html`<p class="blocker">In the way: <span class="path">${placeText(blocker.file, blocker, cwd)}</span></p>
${sources.around(blocker.file, { line: blocker.fileLine ?? blocker.line })}`
    : undefined
}</figure>`;
}

/** The file of a notebook is shown as it is, in which the columns are others. */
function inFile(position: Position): Pick<Position, 'line'> & Partial<Position> {
  return position.fileLine === undefined ? position : { line: position.fileLine };
}

/** `app/a.py: 3, 8 ×2`, a file a line. */
export function placeList(uses: readonly Judged[], cwd: string): Markup {
  const files = groupBy(uses, (use) => use.use.file.path);
  const items = [...files].map(([path, mine]) => {
    const lines = [...groupBy(mine, ({ position }) => `${inCell(position)}${position.line}`)];
    const numbers = lines.map(([line, same]) =>
      same.length > 1 ? `${line} ×${same.length}` : line,
    );
    return html`<li><span class="path">${relativePath(cwd, path)}</span>: ${numbers.join(', ')}</li>`;
  });
  return html`<ul class="places">${items}</ul>`;
}
