/** A film strip of composed maps, with what each picture shares with its parents. */
import type { Html } from './html.js';
import { html } from './html.js';
import { lineChart, type ChartLine } from './line-chart.js';
import { picture, renderPage, type Page } from './page.js';

export interface MixPage extends Pick<Page, 'title' | 'settings' | 'commands'> {
  /** The operation as a formula or in words. */
  readonly operation: string;
  readonly parents: readonly { readonly name: string; readonly png: Uint8Array }[];
  readonly alphas: readonly number[];
  /** A row for each seed, a picture for each weight. */
  readonly rows: readonly { readonly seed: number; readonly pngs: readonly Uint8Array[] }[];
  readonly cosines: readonly ChartLine[];
  /** Probabilities that the rest of the classifier predicts from the maps, then those of the pictures. */
  readonly predicted: readonly ChartLine[];
  readonly measured: readonly ChartLine[];
}

export function renderMixPage(page: MixPage): string {
  const { title, operation, parents, alphas, settings, commands } = page;
  const header = html`<h1>${title}</h1>
    <p class="lead">
      Feature maps were composed (${operation}) and pictures drawn from the results: not the
      photographs are mixed, but what the classifier saw in them.
    </p>`;
  const chart = (name: string, lines: readonly ChartLine[]): Html =>
    lineChart({ title: name, places: alphas, along: 'α', lines, range: [0, 1] });
  const main = html`<section aria-labelledby="parents">
      <h2 id="parents">The photographs</h2>
      <div class="parents">
        ${parents.map(
          ({ name, png }) =>
            html`<figure>
              ${picture(png, `Photograph: ${name}`)}
              <figcaption>${name}</figcaption>
            </figure>`,
        )}
      </div>
    </section>
    <section aria-labelledby="film">
      <h2 id="film">From one to the other</h2>
      <div class="scroll">${page.rows.map((row) => filmRow(row, alphas))}</div>
    </section>
    <section aria-labelledby="numbers">
      <h2 id="numbers">Along the way</h2>
      <div class="charts">
        ${chart('Cosine of the picture’s own map', page.cosines)}
        ${page.predicted.length > 0 ? chart('Classes predicted from the map', page.predicted) : undefined}
        ${chart('Classes seen in the picture', page.measured)}
      </div>
    </section>`;
  return renderPage({ title, header, main, settings, commands });
}

function filmRow({ seed, pngs }: MixPage['rows'][number], alphas: readonly number[]): Html {
  return html`<div class="film">
    ${pngs.map((png, i) => {
      const alpha = Number(alphas[i]!.toFixed(3));
      return html`<figure>
        ${picture(png, `α ${alpha}, seed ${seed}`)}
        <figcaption>${alpha}</figcaption>
      </figure>`;
    })}
  </div>`;
}
