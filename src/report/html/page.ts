/** The report as one HTML file, that asks for nothing and shows nobody's text as anything but text. */

import { createHash } from 'node:crypto';
import { count, plural } from '../layout.ts';
import { asset, SCRIPTS, STYLES } from './assets.ts';
import { pageData } from './data.ts';
import type { HtmlInput } from './input.ts';
import { html, jsonText, Markup } from './markup.ts';
import { others, problems, reviews, target } from './rest.ts';
import { progressRows, refusals, tiles } from './sections.ts';
import { Sources } from './snippet.ts';

/** The whole page; ends in a line feed. */
export function htmlReport(input: HtmlInput): string {
  const style = STYLES.map(asset).join('');
  const scripts = SCRIPTS.map(asset);
  const data = pageData(input);
  const hunks = data.diff.reduce((n, file) => n + file.hunks.length, 0);
  const sources = sourcesOf(input);
  const { account } = input.plan;
  const rest = account.deferred + account.left;
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(style, scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${input.name}: from asyncio to anyio</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<div class="masthead"><p class="brand">anyio-codemod</p>
<button type="button" id="theme" aria-label="Colours: as the system has them">Auto</button></div>
<h1>${input.name} <span>from asyncio to anyio</span></h1>
<p class="made">${target(input)} Made ${when(input.made)} by <code>${input.commands.self}</code></p>
</header>
<nav aria-label="Parts of the report"><ul>
<li><a href="#progress">Progress</a></li>
<li><a href="#files">Files</a></li>
<li><a href="#refused">Refused <span class="n">${count(account.refused)}</span></a></li>
<li><a href="#review">Review <span class="n">${count(account.review)}</span></a></li>
<li><a href="#others">Waits or stays <span class="n">${count(rest)}</span></a></li>
<li><a href="#diff">Changes <span class="n">${count(hunks)}</span></a></li>
</ul></nav>
<main id="main">
<section id="progress"><h2>Progress</h2>${tiles(input)}${progressRows(input)}${nextSteps(input)}</section>
${problems(input)}
<section id="files"><h2>Packages and files</h2>
<div class="tools"><button type="button" id="flat" aria-pressed="false">Show as a flat list</button></div>
<div id="file-table"></div></section>
<section id="refused"><h2>Refused</h2>
<p>${plural(account.refused, 'use')} left as ${account.refused === 1 ? 'it is' : 'they are'}, by the reason.</p>
${refusals(input, sources)}</section>
<section id="review"><h2>To review</h2>
<p>${plural(account.review, 'rewrite')}, right in most code, made only with <code>--include-review</code>.</p>
${reviews(input)}</section>
<section id="others"><h2>Waits or stays</h2>${rest > 0 ? others(input) : html`<p>Nothing.</p>`}</section>
<section id="diff"><h2>Changes</h2>
<div id="filter"></div><div id="hunks"></div>
<noscript><p>The changes are drawn by a script of this page; without it, <code>anyio-codemod diff</code>
prints them.</p></noscript></section>
</main>
<script type="application/json" id="data">${new Markup(jsonText(data))}</script>
${scripts.map(
  (script) => html`<script>${new Markup(script)}</script>
`,
)}</body>
</html>`.text
  }\n`;
}

/**
 * Nothing is fetched, sent, framed or run but what the page was made with: scripts and style are let
 * in by their hashes, so that an attribute such as `onerror` in somebody's text would do nothing
 * even if it were ever taken for one.
 */
function policy(style: string, scripts: readonly string[]): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${scripts.map(hash).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function sourcesOf({ plan, full }: HtmlInput): Sources {
  const texts = new Map(full.changes.map(({ path, before }) => [path, before]));
  for (const { use } of plan.judged) {
    texts.set(use.file.path, use.file.info?.notebook?.raw ?? use.file.text);
  }
  return new Sources(texts);
}

/** To the minute, in the time of whoever made it. */
function when(made: Date): Markup {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [made.getFullYear(), two(made.getMonth() + 1), two(made.getDate())].join('-');
  const text = `${day} ${two(made.getHours())}:${two(made.getMinutes())}`;
  return html`<time datetime="${made.toISOString()}">${text}</time>`;
}

function nextSteps({ commands }: HtmlInput): Markup | undefined {
  if (commands.next.length === 0) return undefined;
  return html`<h3>Next</h3>${commands.next.map(commandBox)}`;
}

/** A command with a button that copies it. */
function commandBox(command: string): Markup {
  return html`<div class="command"><code tabindex="0">${command}</code><button type="button" data-copy>Copy</button></div>`;
}
