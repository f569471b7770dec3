import { heatMap, heatMapLegend } from './heat-map.js';
import type { Html } from './html.js';
import { html } from './html.js';
import { picture, renderPage, type Page } from './page.js';
import { top5Bars } from './top5-bars.js';
import type { ClassProbability } from './demo-page-data.js';

/** One result with everything that belongs to it, as plain data. */
export interface ResultPage extends Pick<Page, 'title' | 'settings' | 'commands'> {
  readonly lead: string;
  readonly sections: readonly ResultSection[];
}

export interface ResultSection {
  readonly title: string;
  readonly note?: string;
  readonly figures?: readonly ResultFigure[];
  readonly classes?: readonly ResultClasses[];
  readonly table?: ResultTable;
}

/** A picture as PNG, or values of positions from 0 to 1, rows from top to bottom. */
export type ResultFigure = { readonly caption: string } & (
  { readonly png: Uint8Array } | { readonly map: readonly (readonly number[])[] }
);

export interface ResultClasses {
  readonly heading: string;
  readonly classes: readonly ClassProbability[];
  /** Label that stands out. */
  readonly marked?: string | undefined;
}

export interface ResultTable {
  /** The first one names the rows; the others are numbers. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The page of one result: pictures, maps, classes and numbers, with what makes it again. */
export function renderResultPage({
  title,
  lead,
  sections,
  settings,
  commands,
}: ResultPage): string {
  const header = html`<h1>${title}</h1>
    <p class="lead">${lead}</p>`;
  const main = html`${sections.map(section)}`;
  return renderPage({ title, header, main, settings, commands });
}

function section(given: ResultSection, index: number): Html {
  const { title, note, figures = [], classes = [], table } = given;
  const id = `section-${index}`;
  const hasMaps = figures.some((one) => 'map' in one);
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${note === undefined ? undefined : html`<p class="note">${note}</p>`}
    ${hasMaps ? html`<p>${heatMapLegend()}</p>` : undefined}
    ${figures.length === 0 ? undefined : html`<div class="parents">${figures.map(figure)}</div>`}
    ${
      classes.length === 0
        ? undefined
        : html`<div class="charts">
            ${classes.map((one) => top5Bars(one.heading, one.classes, one.marked, 3))}
          </div>`
    }
    ${table && numbers(table, title)}
  </section>`;
}

function figure(given: ResultFigure): Html {
  const shown =
    'png' in given ? picture(given.png, given.caption) : heatMap(given.map, given.caption);
  return html`<figure>
    ${shown}
    <figcaption>${given.caption}</figcaption>
  </figure>`;
}

function numbers({ columns, rows }: ResultTable, title: string): Html {
  const [name, ...others] = columns;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${title}, numbers">
    <table>
      <thead>
        <tr>
          <th scope="col">${name}</th>
          ${others.map((column) => html`<th scope="col" class="number">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([label, ...values]) =>
            html`<tr>
              <th scope="row">${label}</th>
              ${values.map((value) => html`<td class="number">${value}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
