/** Results of an experiment: a table, charts and galleries. */
import { barChart, type BarChart } from './bar-chart.js';
import type { Html } from './html.js';
import { html } from './html.js';
import { lineChart, type LineChart } from './line-chart.js';
import { picture, renderPage, type Page } from './page.js';

export interface ExperimentPage extends Pick<Page, 'title' | 'settings' | 'commands'> {
  readonly question: string;
  readonly table: ResultTable;
  readonly charts: readonly ExperimentChartData[];
  readonly galleries: readonly Gallery[];
}

export type ExperimentChartData =
  | { readonly type: 'bars'; readonly chart: BarChart }
  | { readonly type: 'lines'; readonly chart: LineChart };

/** Texts; the first `names` columns tell the cells apart, the others hold numbers. */
export interface ResultTable {
  readonly caption: string;
  readonly names: number;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Gallery {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly name: string;
    readonly pictures: readonly (GalleryPicture | undefined)[];
  }[];
}

export interface GalleryPicture {
  readonly png: Uint8Array;
  readonly caption: string;
}

export function renderExperimentPage(page: ExperimentPage): string {
  const { title, question, table, charts, galleries, settings, commands } = page;
  const header = html`<h1>${title}</h1>
    <p class="lead">${question}</p>`;
  const main = html`${charts.length > 0 ? section('charts', 'Charts', chartList(charts)) : undefined}
  ${galleries.map((gallery, i) => section(`gallery-${i}`, gallery.title, matrix(gallery)))}
  ${section('numbers', 'All numbers', numbers(table))}`;
  return renderPage({ title, header, main, settings, commands });
}

const section = (id: string, heading: string, content: Html): Html =>
  html`<section aria-labelledby="${id}">
    <h2 id="${id}">${heading}</h2>
    ${content}
  </section>`;

const chartList = (charts: readonly ExperimentChartData[]): Html =>
  html`<div class="charts">
    ${charts.map((each) => (each.type === 'bars' ? barChart(each.chart) : lineChart(each.chart)))}
  </div>`;

function matrix({ title, columns, rows }: Gallery): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${title}">
    <table class="matrix gallery">
      <thead>
        <tr>
          <td></td>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, pictures }) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${pictures.map((each, i) => html`<td>${each && figure(name, columns[i]!, each)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const figure = (name: string, column: string, { png, caption }: GalleryPicture): Html =>
  html`<figure>
    ${picture(png, `${name}, ${column}`)}
    <figcaption>${caption}</figcaption>
  </figure>`;

function numbers({ caption, names, columns, rows }: ResultTable): Html {
  const kind = (i: number): string | undefined => (i < names ? undefined : 'number');
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="numbers">
    <table class="results">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column, i) => html`<th scope="col" class="${kind(i)}">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr class="first">
              ${row.map((text, i) =>
                i === 0
                  ? html`<th scope="row">${text}</th>`
                  : html`<td class="${kind(i)}">${text}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
