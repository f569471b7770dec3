import type { ClassProbability } from './demo-page-data.js';
import type { Html } from './html.js';
import { html } from './html.js';

const check = html`<span title="the photograph’s first class">
  ✓<span class="unseen"> the photograph’s first class</span>
</span>`;

/** The likeliest classes as bars; `marked` is the label that a check mark points out, `level` that of the heading. */
export function top5Bars(
  heading: string,
  classes: readonly ClassProbability[],
  marked: string | undefined,
  level: 3 | 4 = 4,
): Html {
  const rows = classes.map(({ label, probability }) => {
    const percent = 100 * probability;
    const isMarked = label === marked;
    const bar = html`<span style="width: ${Math.max(0.5, percent).toFixed(1)}%"></span>`;
    return html`<li class="${isMarked ? 'marked' : undefined}">
      <span class="name">${label} ${isMarked ? check : undefined}</span>
      <span class="track" aria-hidden="true">${bar}</span>
      <span class="percent">${formatPercent(percent)}</span>
    </li>`;
  });
  return html`<section class="bars">
    ${level === 3 ? html`<h3>${heading}</h3>` : html`<h4>${heading}</h4>`}
    <ol>
      ${rows}
    </ol>
  </section>`;
}

function formatPercent(percent: number): string {
  return percent > 0 && percent < 1 ? '<1 %' : `${Math.round(percent)} %`;
}
